package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// top is the folder of the project, seen from here.
const top = "../.."

// documents are the project's Markdown files, below top.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name, _ := filepath.Rel(top, f)
			all = append(all, filepath.ToSlash(name))
		}
	}
	if len(all) < 10 {
		t.Fatalf("only %d documents: %q", len(all), all)
	}
	return all
}

// A block is one fenced block of a document, with the comments right above it.
type block struct {
	line     int // of the fence, from 0
	language string
	text     []string
	marks    map[string][]string
}

// mark is the last value of a mark, and whether there is one.
func (b block) mark(name string) (string, bool) {
	v := b.marks[name]
	if len(v) == 0 {
		return "", false
	}
	return v[len(v)-1], true
}

var comment = regexp.MustCompile(`^<!-- ([a-z ]+)(?:: (.*))? -->$`)

// blocks finds the fenced blocks of a document.
func blocks(lines []string) (all []block) {
	marks := map[string][]string{}
	for i := 0; i < len(lines); i++ {
		if m := comment.FindStringSubmatch(lines[i]); m != nil {
			marks[m[1]] = append(marks[m[1]], m[2])
			continue
		}
		if lang, ok := strings.CutPrefix(lines[i], "```"); ok {
			b := block{line: i, language: lang, marks: marks}
			for i++; i < len(lines) && lines[i] != "```"; i++ {
				b.text = append(b.text, lines[i])
			}
			all = append(all, b)
		}
		if lines[i] != "" {
			marks = map[string][]string{}
		}
	}
	return all
}

// A shown command is what a reader types, and what the document says comes of it.
type shown struct {
	line    int // of its first line of output, within the block
	command string
	output  []string
}

// commands splits a block at its lines that start with a dollar.
func (b block) commands() (all []shown) {
	for i, l := range b.text {
		if c, ok := strings.CutPrefix(l, "$ "); ok {
			all = append(all, shown{line: i + 1, command: c})
		} else if n := len(all); n > 0 {
			all[n-1].output = append(all[n-1].output, l)
		}
	}
	return all
}

// TestDocsRun types every command that a document shows in a console or sh
// block, in a folder of its own for each document, from top to bottom.
//
// What a document shows of the output is compared by its words. Numbers with
// their units, signs of uncertainty, paths with a time of day and the width of
// columns may differ; every other word must be there, line by line. A line of
// three dots stands for any lines. With -update the numbers are written anew.
//
// Comments above a block say what is special about it:
//
//	<!-- file: NAME -->         the block is a file that later commands read
//	<!-- copy: NAME PATH -->    a file of the project is needed under that name
//	<!-- faster: FLAGS -->      the test adds these flags to save time
//	<!-- exit: CODE -->         the last command ends with this code, not 0
//	<!-- not run: REASON -->    nobody types this
func TestDocsRun(t *testing.T) {
	for _, name := range documents(t) {
		lines := read(t, name)
		all := blocks(lines)
		if !slices.ContainsFunc(all, func(b block) bool { return b.typed() }) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, b := range all {
				b.follow(t, name, dir, lines)
			}
			if *update && !t.Failed() {
				write(t, name, lines)
			}
		})
	}
}

func (b block) typed() bool { return b.language == "console" || b.language == "sh" }

// follow does what a reader does who meets the block.
func (b block) follow(t *testing.T, doc, dir string, lines []string) {
	t.Helper()
	if name, ok := b.mark("file"); ok {
		text := strings.Join(b.text, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range b.marks["copy"] {
		to, from, _ := strings.Cut(c, " ")
		to = filepath.Join(dir, to)
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.Symlink(abs(t, from), to)); err != nil {
			t.Fatal(err)
		}
	}
	if _, no := b.mark("not run"); no || !b.typed() {
		return
	}
	typed := b.commands()
	if len(typed) == 0 {
		t.Errorf("%s:%d: a %s block without a line that starts with $", doc, b.line+1, b.language)
	}
	for i, c := range typed {
		want := "0"
		if code, ok := b.mark("exit"); ok && i == len(typed)-1 {
			want = code
		}
		at := fmt.Sprintf("%s:%d", doc, b.line+1+c.line)
		out, code := b.enter(t, at, dir, c.command)
		if fmt.Sprint(code) != want {
			t.Fatalf("%s: %s ends with %d, not %s\n%s", at, c.command, code, want, out)
		}
		matched, err := align(c.output, strings.Split(strings.TrimRight(out, "\n"), "\n"))
		if err != nil {
			t.Errorf("%s: %s: %v\nThe command prints:\n%s", at, c.command, err, out)
			continue
		}
		copy(lines[b.line+1+c.line:], matched)
	}
}

// enter runs one command as a shell would and gives what appears on the screen.
func (b block) enter(t *testing.T, at, dir, command string) (out string, code int) {
	t.Helper()
	if target, ok := strings.CutPrefix(command, "make"); ok { // the test is part of what make runs
		makefile := strings.Join(read(t, "Makefile"), "\n")
		if target = strings.TrimSpace(target); target != "" && !strings.Contains(makefile, "\n"+target+":") {
			t.Errorf("%s: there is no target %s", at, target)
		}
		return "", 0
	}
	command = strings.Replace(command, "go run ./cmd/kscope", "kscope", 1)
	if faster, ok := b.mark("faster"); ok && !*update && strings.HasPrefix(command, "kscope run") {
		command += " " + faster
	}
	c := exec.Command("sh", "-c", command)
	c.Dir = dir
	printed, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", at, err)
	}
	return string(printed), c.ProcessState.ExitCode()
}

// align finds the lines of a document in an output, in order and without a gap
// but for lines of three dots. It gives the lines with the output's numbers.
func align(doc, out []string) ([]string, error) {
	matched := slices.Clone(doc)
	at, free := 0, false
	for i, l := range doc {
		if l == "..." {
			free = true
			continue
		}
		k := at
		for free && k < len(out) && words(out[k]) != words(l) {
			k++
		}
		if k >= len(out) || words(out[k]) != words(l) {
			return nil, fmt.Errorf("it does not print %q where the document says so", l)
		}
		matched[i] = strings.TrimRightFunc(out[k], unicode.IsSpace)
		at, free = k+1, false
	}
	if len(doc) > 0 && !free && at < len(out) {
		return nil, fmt.Errorf("it goes on after %q: end with a line of three dots", doc[len(doc)-1])
	}
	return matched, nil
}

// What words leaves out: a time of day in a path, a digest, a number with its
// sign and unit, marks of uncertainty, rules and blanks.
var (
	digest   = regexp.MustCompile(`\b[0-9a-f]{32,}\b`)
	stamped1 = regexp.MustCompile(`-\d{8}-\d{6}(-\d+)?`)
	number   = regexp.MustCompile(`[-+<~$]*\b\d[\d.,]*(e[-+]?\d+)?( ?(%|pp|[mnµ]?s|h|[kKMG]i?B|B|[kMG]?bit/s|x|/min)(\W|$))?`)
	unsure   = regexp.MustCompile(`[±~─│\s]+`)
)

// words is what has to be the same in a document and an output.
func words(line string) string {
	line = digest.ReplaceAllString(line, "#")
	line = stamped1.ReplaceAllString(line, "")
	line = number.ReplaceAllString(line, "# ")
	line = unsure.ReplaceAllString(line, " ")
	for strings.Contains(line, "# #") {
		line = strings.ReplaceAll(line, "# #", "#")
	}
	return strings.TrimSpace(line)
}

func abs(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(abs(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(b), "\n")
}

func write(t *testing.T, name string, lines []string) {
	t.Helper()
	if err := os.WriteFile(abs(t, name), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The comparison lets numbers float and nothing else.
func TestAlign(t *testing.T) {
	out := []string{"✓ crowd: 3 of 3 met", "", "  startup-p95   588 ± 30 ms (n=5)", "  bitrate  1.2 Mbit/s  ~ +3 ± 75 kbit/s", "Report: out/crowd-20260101-101010-2/report.html"}
	for _, c := range []struct {
		doc  []string
		good bool
	}{
		{nil, true},
		{out, true},
		{[]string{"✓ crowd: 2 of 2 met", "..."}, true},
		{[]string{"✗ crowd: 3 of 3 met", "..."}, false},
		{[]string{"✓ crowd: 3 of 3 met"}, false},
		{[]string{"...", "  startup-p95  1.2 s (n=2)", "..."}, true},
		{[]string{"...", "  startup-p99  1.2 s (n=2)", "..."}, false},
		{[]string{"...", "  bitrate 830 kbit/s +12 bit/s", "..."}, true},
		{[]string{"  bitrate 830 kbit/s +12 bit/s", "..."}, false},
		{[]string{"...", "  bitrate 830 kbit/s +12 bit/s", "  startup-p95  1.2 s (n=2)", "..."}, false},
		{[]string{"...", "Report: out/crowd-20270202-111111/report.html"}, true},
		{[]string{"...", "Report: out/crowds-20270202-111111/report.html"}, false},
	} {
		got, err := align(c.doc, out)
		if (err == nil) != c.good {
			t.Errorf("%q: %v", c.doc, err)
		}
		if len(c.doc) == 3 && c.good && got[1] != out[2] && got[1] != out[3] {
			t.Errorf("%q is not brought up to date: %q", c.doc[1], got[1])
		}
	}
}

func TestBlocks(t *testing.T) {
	doc := "text\n\n<!-- faster: --set seeds=1 -->\n<!-- exit: 1 -->\n```console\n$ kscope run x\nout\n$ ls\n```\n<!-- exit: 2 -->\ntext\n```yaml\na: 1\n```\n"
	all := blocks(strings.Split(doc, "\n"))
	if len(all) != 2 || !slices.Equal(all[0].marks["faster"], []string{"--set seeds=1"}) || !slices.Equal(all[0].marks["exit"], []string{"1"}) || len(all[1].marks) != 0 || all[1].typed() {
		t.Fatalf("%+v", all)
	}
	c := all[0].commands()
	if len(c) != 2 || c[0].command != "kscope run x" || !slices.Equal(c[0].output, []string{"out"}) || c[1].command != "ls" {
		t.Errorf("%+v", c)
	}
}
