package tidy

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commentRule holds that a package says what it is and every exported name has
// a sentence of its own.
func commentRule(r *room) []complaint {
	var found []complaint
	found = append(found, r.introduction()...)
	for _, f := range r.files {
		if ast.IsGenerated(f) {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) {
					found = append(found, r.sentence(d.Name, d.Doc, true)...)
				}
			case *ast.GenDecl:
				found = append(found, r.group(d)...)
			}
		}
	}
	return found
}

// introduction looks for the package comment, and for an example that runs.
// Commands and this package have nothing to show in one.
func (r *room) introduction() (found []complaint) {
	if len(r.files) == 0 {
		return nil
	}
	name := r.files[0].Name.Name
	start := "Package " + name + " "
	if name == "main" {
		start = strings.ToUpper(r.path[4:5]) + r.path[5:] + " " // cmd/kscope: Kscope ...
	}
	if !slices.ContainsFunc(r.files, func(f *ast.File) bool { return f.Doc != nil && strings.HasPrefix(f.Doc.Text(), start) }) {
		found = append(found, r.complain(r.any(), "no package comment that starts with %q", start))
	}
	if name == "main" || name == "tidy" {
		return found
	}
	for _, f := range r.tests {
		for _, d := range f.Decls {
			fun, ok := d.(*ast.FuncDecl)
			if ok && strings.HasPrefix(fun.Name.Name, "Example") && slices.ContainsFunc(f.Comments, func(c *ast.CommentGroup) bool {
				return fun.Body.Pos() < c.Pos() && c.End() < fun.Body.End() && outputComment.MatchString(c.Text())
			}) {
				return found
			}
		}
	}
	return append(found, r.complain(r.any(), "no example that runs: add a func Example with an Output comment to a test file"))
}

var outputComment = regexp.MustCompile(`(?i)^(unordered )?output:`)

// exportedReceiver says whether a method belongs to a type that others see;
// true of functions.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// group looks at types, constants and variables. A comment over a group of
// constants or variables speaks for all of them.
func (r *room) group(d *ast.GenDecl) (found []complaint) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			doc := s.Doc
			if doc == nil && !d.Lparen.IsValid() {
				doc = d.Doc
			}
			if s.Name.IsExported() {
				found = append(found, r.sentence(s.Name, doc, true)...)
			}
		case *ast.ValueSpec:
			for _, n := range s.Names {
				if n.IsExported() && s.Doc == nil && s.Comment == nil {
					found = append(found, r.sentence(n, d.Doc, false)...)
				}
			}
		}
	}
	return found
}

// sentence looks at one comment. named asks for the name in its first words.
func (r *room) sentence(name *ast.Ident, doc *ast.CommentGroup, named bool) []complaint {
	text := ""
	if doc != nil {
		text = strings.TrimSpace(doc.Text())
	}
	words := strings.Fields(text)
	switch {
	case text == "":
		return []complaint{r.complain(name, "%s has no comment", name.Name)}
	case named && !slices.Contains(words[:min(2, len(words))], name.Name):
		return []complaint{r.complain(name, "the comment of %s does not start with its name", name.Name)}
	case !strings.ContainsAny(text, ".:"):
		return []complaint{r.complain(name, "the comment of %s is no sentence", name.Name)}
	}
	return nil
}

func TestComments(t *testing.T) { all(t, commentRule) }

func TestCommentsCatch(t *testing.T) {
	const head = "// Package sample is one.\npackage sample\n"
	noExample := []trial{
		{"unexported", "cmd/sample", "// Sample is one.\npackage main\nfunc main() {}\ntype t int\nfunc (t) F() {}", ""},
		{"good", "cmd/sample", "// Sample is one.\npackage main\n// F does.\nfunc F() {}\n// A T is.\ntype T int\n// Names of T.\nconst (\n\tA T = iota\n\tB\n)\nvar C = 1 // is three\n", ""},
		{"no package comment", "cmd/sample", "package main\n", "no package comment"},
		{"function", "cmd/sample", "// Sample is one.\npackage main\nfunc F() {}", "F has no comment"},
		{"method", "cmd/sample", "// Sample is one.\npackage main\n// A T is.\ntype T int\nfunc (t *T) M() {}", "M has no comment"},
		{"type", "cmd/sample", "// Sample is one.\npackage main\ntype T int", "T has no comment"},
		{"type in a group", "cmd/sample", "// Sample is one.\npackage main\n// Some types.\ntype (\n\tT int\n)", "T has no comment"},
		{"constant", "cmd/sample", "// Sample is one.\npackage main\nconst A = 1", "A has no comment"},
		{"another's name", "cmd/sample", "// Sample is one.\npackage main\n// G does.\nfunc F() {}", "does not start with its name"},
		{"a word", "cmd/sample", "// Sample is one.\npackage main\n// F todo\nfunc F() {}", "is no sentence"},
	}
	try(t, commentRule, noExample)
	try(t, commentRule, []trial{{"no example", "sample", head, "no example"}})
}

func TestExamplesCount(t *testing.T) {
	for text, want := range map[string]int{
		"func ExampleF() {\n\t// Output:\n\t// 1\n}":                     0,
		"func ExampleF() {}\n// Output: is printed elsewhere\nvar x = 1": 1,
		"func TestF() {\n\t// Output:\n}":                                1,
	} {
		h := open(t)
		r := h.sample(t, "sample", "// Package sample is one.\npackage sample")
		r.tests = h.sample(t, "sample", "package sample_test\n"+text).tests
		if got := commentRule(r); len(got) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
