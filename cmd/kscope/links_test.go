package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var link = regexp.MustCompile(`!?\[[^\]]*\]\(([^)\s]+)\)`)

// TestLinks holds that every link inside the project leads somewhere, and that
// every document can be reached from the README.
func TestLinks(t *testing.T) {
	reached := map[string]bool{}
	next := []string{"README.md"}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		if reached[name] {
			continue
		}
		reached[name] = true
		for _, to := range links(read(t, name)) {
			path, anchor, _ := strings.Cut(to, "#")
			target := name
			if path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			}
			if _, err := os.Stat(filepath.Join(top, target)); err != nil || strings.HasPrefix(target, "..") {
				t.Errorf("%s: the link to %s leads nowhere", name, to)
				continue
			}
			if !strings.HasSuffix(target, ".md") {
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, target)), anchor) {
				t.Errorf("%s: %s has no heading for #%s", name, target, anchor)
			}
			next = append(next, target)
		}
	}
	for _, name := range documents(t) {
		if !reached[name] {
			t.Errorf("%s: no chain of links from the README leads here", name)
		}
	}
}

var named = regexp.MustCompile("(?:^|[\\s`(])((?:cmd|docs|internal|netem|protocol|reports|scenarios|sim)/[a-zA-Z0-9_./-]*[a-zA-Z0-9_])")

var made = regexp.MustCompile("<!-- new: (.*) -->")

// TestPathsExist holds that what documents and comments name is there, or is
// made where they say so.
func TestPathsExist(t *testing.T) {
	names := documents(t)
	for _, pattern := range []string{"*/*.go", "*/*/*.go", "Makefile", ".ci/run"} {
		files, _ := filepath.Glob(filepath.Join(top, pattern))
		for _, f := range files {
			name, _ := filepath.Rel(top, f)
			names = append(names, filepath.ToSlash(name))
		}
	}
	for _, name := range names {
		code := strings.HasSuffix(name, ".go")
		var own []string
		for _, m := range made.FindAllStringSubmatch(strings.Join(read(t, name), "\n"), -1) {
			own = append(own, m[1])
		}
		for i, l := range read(t, name) {
			if _, comment, ok := strings.Cut(l, "//"); ok && code {
				l = comment
			} else if code {
				continue
			}
			for _, m := range named.FindAllStringSubmatch(l, -1) {
				if _, err := os.Stat(filepath.Join(top, m[1])); err != nil && !strings.Contains(m[1], "node_modules") && !slices.Contains(own, m[1]) {
					t.Errorf("%s:%d: there is no %s", name, i+1, m[1])
				}
			}
		}
	}
}

// links are the targets inside the project, outside of fenced blocks.
func links(lines []string) (all []string) {
	fenced := false
	for _, l := range lines {
		if strings.HasPrefix(l, "```") {
			fenced = !fenced
		}
		if fenced {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(l, -1) {
			if !strings.Contains(m[1], "://") && !strings.HasPrefix(m[1], "mailto:") {
				all = append(all, m[1])
			}
		}
	}
	return all
}

// anchors are what the headings of a document are called in links.
func anchors(lines []string) (all []string) {
	fenced := false
	for _, l := range lines {
		if strings.HasPrefix(l, "```") {
			fenced = !fenced
		}
		title := strings.TrimLeft(l, "#")
		if fenced || title == l || !strings.HasPrefix(title, " ") {
			continue
		}
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(title)))
	}
	return all
}

func TestLinksAreFound(t *testing.T) {
	doc := strings.Split("# A heading, or `two`\n[x](a.md) ![y](b.png) [z](https://example.org) [w](c.md#d)\n```\n[no](e.md)\n# no\n```\n## B", "\n")
	if got, want := links(doc), []string{"a.md", "b.png", "c.md#d"}; !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
	if got, want := anchors(doc), []string{"a-heading-or-two", "b"}; !slices.Equal(got, want) {
		t.Errorf("anchors %q, want %q", got, want)
	}
}
