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

// TestExitCodesPage holds that the page lists the codes that the program has.
func TestExitCodesPage(t *testing.T) {
	var listed []string
	for _, l := range read(t, "docs/reference/exit-codes.md") {
		if m := regexp.MustCompile("^\\| `(\\d+)` \\|").FindStringSubmatch(l); m != nil {
			listed = append(listed, m[1])
		}
	}
	var want []string
	for _, code := range []int{exitPass, exitVerdict, exitInput, exitOurs, exitInterrupted} {
		want = append(want, fmt.Sprint(code))
	}
	if !slices.Equal(listed, want) {
		t.Errorf("docs/reference/exit-codes.md lists %q, the program has %q", listed, want)
	}
}
