package tidy

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// unwanted is text that has no place in any file. Each pattern is written so
// that it does not match itself.
var unwanted = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`\b(TO[D]O|FIX[M]E|XX[X])\b`), "unfinished: do it, or open a ticket and say what holds today"},
	{regexp.MustCompile(`/wor[k]/|/roo[t]/|/hom[e]/[a-z]`), "a path of somebody's machine"},
	{regexp.MustCompile(`\.\./share[d]`), "a folder that is not part of the project"},
	{regexp.MustCompile(`(?i)\bissu[e] #?\d`), "a ticket number: say what it said"},
	{regexp.MustCompile(`far[m]-(studio|bench)`), "a tool of somebody's workplace"},
	{regexp.MustCompile(`(?i)\b(helper|coding) agen[t]|\bsub-?agen[t]`), "who wrote it: say what it does"},
	{regexp.MustCompile(`proxy\.golan[g]\.org|registry\.npmj[s]\.org|GOPROX[Y]=|https?://(localhost|127\.0\.0\.1|10\.\d+\.\d+\.\d+)\b`), "where somebody downloads from"},
	{regexp.MustCompile(`(?m)^(<<<<<<<|>>>>>>>) `), "an unfinished merge"},
}

// mentions finds unwanted text.
func mentions(text []byte) (found []string) {
	for _, u := range unwanted {
		if at := u.pattern.FindIndex(text); at != nil {
			line := 1 + bytes.Count(text[:at[0]], []byte("\n"))
			found = append(found, fmt.Sprintf("%s: %s in line %d", u.why, text[at[0]:at[1]], line))
		}
	}
	return found
}

// texts are the files of the project that are not pictures or video, by their
// path below the top folder, in order. What .gitignore names is left out.
func texts(t *testing.T) map[string][]byte {
	t.Helper()
	top := "../.."
	ignored := ignores(t, filepath.Join(top, ".gitignore"))
	files := map[string][]byte{}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil || d.IsDir() && (d.Name() == ".git" || ignored(rel)) {
			return cmp.Or(err, filepath.SkipDir)
		}
		if !d.Type().IsRegular() || ignored(rel) {
			return nil
		}
		b, err := os.ReadFile(path)
		if err == nil && utf8.Valid(b) {
			files[filepath.ToSlash(rel)] = b
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files: the walk went wrong", len(files))
	}
	return files
}

// ignores reads a .gitignore of names and patterns like *.prof, with a slash in
// front where only the top folder is meant.
func ignores(t *testing.T, path string) func(rel string) bool {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	patterns := strings.Fields(string(b))
	return func(rel string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			name := filepath.Base(rel)
			if strings.HasPrefix(p, "/") {
				name = rel
			}
			ok, _ := filepath.Match(strings.Trim(p, "/"), name)
			return ok
		})
	}
}

func TestWords(t *testing.T) {
	for path, text := range texts(t) {
		for _, m := range mentions(text) {
			t.Errorf("%s: %s", path, m)
		}
	}
}

func TestWordsCatch(t *testing.T) {
	for _, bad := range []string{"// TO" + "DO: later", "see /wor" + "k/main", "../share" + "d/x", "issue " + "#12", "far" + "m-bench",
		"a helper age" + "nt wrote it", "https://proxy.golan" + "g.org", "http://local" + "host:8080", "<<<<<<" + "< HEAD\n"} {
		if got := mentions([]byte("fine\n" + bad)); len(got) != 1 || !strings.HasSuffix(got[0], "in line 2") {
			t.Errorf("%q: %q", bad, got)
		}
	}
	for _, good := range []string{"methodology", "homework/", "the issue is this", "shared/", "an agent-based model", "https://example.org/10.1.2.3"} {
		if got := mentions([]byte(good)); len(got) != 0 {
			t.Errorf("%q is blamed: %q", good, got)
		}
	}
}

// unformatted says whether gofmt would change a Go file.
func unformatted(text []byte) bool {
	want, err := format.Source(text)
	return err != nil || !bytes.Equal(want, text)
}

func TestFormat(t *testing.T) {
	for path, text := range texts(t) {
		if strings.HasSuffix(path, ".go") && unformatted(text) {
			t.Errorf("%s: run gofmt", path)
		}
		if trailing := regexp.MustCompile(`(?m)[ \t]+$`); strings.HasSuffix(path, ".md") && trailing.Match(text) {
			t.Errorf("%s: blanks at the end of line %q", path, trailing.FindString(string(text)))
		}
	}
}

func TestFormatCatches(t *testing.T) {
	if unformatted([]byte("package a\n\nvar x = 1\n")) {
		t.Error("good code is blamed")
	}
	for _, bad := range []string{"package a\nvar  x = 1\n", "package a\n func f() {}\n", "package"} {
		if !unformatted([]byte(bad)) {
			t.Errorf("%q passes", bad)
		}
	}
}
