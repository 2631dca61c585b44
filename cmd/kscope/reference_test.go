package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"kinetoscope/datasets"
	"kinetoscope/scenarios"
)

// TestCommandsPage keeps docs/reference/commands.md what --help prints.
func TestCommandsPage(t *testing.T) {
	const name = "docs/reference/commands.md"
	var page bytes.Buffer
	page.WriteString("<!-- Generated from the program by: go test ./cmd/kscope -update -->\n# Commands\n\n" +
		"What `kscope COMMAND --help` prints, for every command. [Exit codes](exit-codes.md) say\nhow each ends. " +
		"Colour and progress appear on a terminal only; `NO_COLOR` switches colour off.\n")
	helpBelow(&page, newRoot(&page, &page))
	if *update {
		if err := os.WriteFile(abs(t, name), page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(read(t, name), "\n"); got != page.String() {
		t.Errorf("%s is not what the program prints: run go test ./cmd/kscope -update", name)
	}
}

// helpBelow writes the help of c and of the commands below it.
func helpBelow(page *bytes.Buffer, c *cobra.Command) {
	c.InitDefaultHelpFlag()
	fmt.Fprintf(page, "\n## %s\n\n```text\n", c.CommandPath())
	text := bytes.TrimSpace(helpOf(c))
	page.Write(regexp.MustCompile(`(?m) +$`).ReplaceAll(text, nil))
	page.WriteString("\n```\n")
	for _, sub := range c.Commands() {
		if sub.Name() != "completion" && sub.IsAvailableCommand() {
			helpBelow(page, sub)
		}
	}
}

func helpOf(c *cobra.Command) []byte {
	var b bytes.Buffer
	c.SetOut(&b)
	_ = c.Help()
	return b.Bytes()
}

// A stranger understands each command: a purpose, an example, and a word on
// each flag.
func TestHelpIsComplete(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if sub.Name() != "completion" && sub.IsAvailableCommand() {
				visit(sub)
			}
		}
		if len(c.Short) < 20 || c.Example == "" {
			t.Errorf("%s: no purpose or no example", c.CommandPath())
		}
		for _, l := range strings.Split(c.Example, "\n") {
			if !strings.HasPrefix(l, "  kscope ") {
				t.Errorf("%s: example %q", c.CommandPath(), l)
			}
		}
	}
	visit(newRoot(&bytes.Buffer{}, &bytes.Buffer{}))
}

// Commands named in running text and in the examples of help, which nobody
// types, have a verb, flags and a built-in scenario that there are.
func TestCommandsNamedExist(t *testing.T) {
	root := newRoot(&bytes.Buffer{}, &bytes.Buffer{})
	var lines []string
	inline := regexp.MustCompile("`kscope ([a-z][^`]*)`")
	for _, name := range documents(t) {
		for _, m := range inline.FindAllStringSubmatch(strings.Join(read(t, name), " "), -1) {
			lines = append(lines, m[1])
		}
	}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for l := range strings.Lines(c.Example) {
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(l), "kscope "))
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
	if len(lines) < 100 {
		t.Errorf("only %d commands are named", len(lines))
	}
	for _, l := range lines {
		if err := there(root, strings.Fields(l)); err != nil {
			t.Errorf("kscope %s: %v", l, err)
		}
	}
}

// there says what of a command line does not exist.
func there(root *cobra.Command, words []string) error {
	c, rest, err := root.Find(words)
	if err != nil || c == root {
		return fmt.Errorf("no such verb (%v)", err)
	}
	for i, w := range rest {
		if i > 0 && rest[i-1] == "--sbatch" {
			continue // a flag of Slurm's
		}
		name, _, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
		if strings.HasPrefix(w, "--") && name != "help" && c.Flags().Lookup(name) == nil {
			return fmt.Errorf("no flag --%s", name)
		}
	}
	if c.Name() == "run" && c.Parent() == root && len(rest) > 0 {
		if _, ok := scenarios.Builtin(rest[0]); !ok && regexp.MustCompile(`^[a-z-]+$`).MatchString(rest[0]) && rest[0][0] != '-' {
			return fmt.Errorf("no scenario %s", rest[0])
		}
	}
	return nil
}

// TestExitCodesPage holds that the page lists the codes that the program has.
func TestExitCodesPage(t *testing.T) {
	var listed []string
	for _, l := range read(t, "docs/reference/exit-codes.md") {
		if m := regexp.MustCompile("^\\| `(\\d+)` \\|").FindStringSubmatch(l); m != nil {
			listed = append(listed, m[1])
		}
	}
	var want []string
	for _, code := range []int{exitPass, exitVerdict, exitInput, exitOurs, exitIncomplete, exitRetry, exitInterrupted} {
		want = append(want, fmt.Sprint(code))
	}
	if !slices.Equal(listed, want) {
		t.Errorf("docs/reference/exit-codes.md lists %q, the program has %q", listed, want)
	}
}

// TestDatasetsPage keeps docs/reference/datasets.md what the tables of formats
// and rules say.
func TestDatasetsPage(t *testing.T) {
	const name = "docs/reference/datasets.md"
	var page bytes.Buffer
	page.WriteString("<!-- Generated from the program by: go test ./cmd/kscope -update -->\n# Formats of data and rules of repair\n\n" +
		"What `kscope datasets inspect` and `import` read: files, folders, and archives (zip, tar, gzip, bzip2), in each other too.\n" +
		"[Bring your own data](../how-to/bring-your-own-data.md) shows them at work.\n\n" +
		"A format is recognised by content, and the output says why. A unit comes from the format, from the header or from `--unit`, never from the size of numbers.\n" +
		"Where a file fits more than one format, or states no unit, it is refused with what to say.\n")
	for _, kind := range datasets.Kind("").Names() {
		fmt.Fprintf(&page, "\n## %s\n\n| format | what it is |\n|---|---|\n", strings.ToUpper(kind[:1])+kind[1:])
		for _, f := range datasets.Formats() {
			if string(f.Kind) == kind {
				fmt.Fprintf(&page, "| `%s` | %s |\n", f.Name, cellOf(f.Doc))
			}
		}
	}
	page.WriteString("\n## Plain tables\n\nThe formats that end in `-csv` find their columns by the words of the header, its unit left out, or by `--column what=name`. These are what they look for.\n\n" +
		"| format | what | is a | headers that mean it |\n|---|---|---|---|\n")
	for _, f := range datasets.Formats() {
		for _, c := range f.Roles() {
			fmt.Fprintf(&page, "| `%s` | `%s` | %s | %s |\n", f.Name, c.Role, c.Quantity, strings.Join(c.Names, ", "))
		}
	}
	page.WriteString("\n## Units\n\nOnly these names are units, in brackets at the end of a header, as its last word, beside a number, or after `--unit`.\n\n| quantity | unit | written also |\n|---|---|---|\n")
	for _, u := range datasets.Units() {
		fmt.Fprintf(&page, "| %s | `%s` | %s |\n", u.Quantity, u.Name, cellOf(strings.Join(u.Also, ", ")))
	}
	page.WriteString("\nTimes are also read as text: ISO 8601 anywhere, and where the format or `--unit time=` says so: " + datasets.TimeForms() + ".\n")
	page.WriteString("\n## Rules\n\nRows read are always rows kept, repaired and dropped, together; a row that several rules met counts once, for the gravest. `--strict` refuses all but what is only noted.\n\n| rule | what is done | what is found |\n|---|---|---|\n")
	for _, r := range datasets.Rules() {
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", r.Name, r.Act, cellOf(r.Doc))
	}
	if *update {
		if err := os.WriteFile(abs(t, name), page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(read(t, name), "\n"); got != page.String() {
		t.Errorf("%s is not what the program says: run go test ./cmd/kscope -update", name)
	}
}

// cellOf is a text as a cell of a Markdown table.
func cellOf(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
