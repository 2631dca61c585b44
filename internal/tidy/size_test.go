package tidy

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// Functions fit on a screen, files in a head. Aim for much less.
const (
	maxFunction = 70
	maxFile     = 450
)

// sizeRule holds functions and files below their limits. Tables in tests may
// be long; their files may not.
func sizeRule(r *room) []complaint {
	var found []complaint
	for _, f := range slices.Concat(r.files, r.tests) {
		if ast.IsGenerated(f) {
			continue
		}
		if n := r.fset.Position(f.FileEnd).Line; n > maxFile {
			found = append(found, r.complain(f.Name, "%d lines: a file stops at %d", n, maxFile))
		}
	}
	for _, f := range r.files {
		ast.Inspect(f, func(n ast.Node) bool {
			var name string
			switch n := n.(type) {
			case *ast.FuncDecl:
				name = n.Name.Name
			case *ast.FuncLit:
				name = "a function"
			default:
				return true
			}
			if lines := r.fset.Position(n.End()).Line - r.fset.Position(n.Pos()).Line + 1; lines > maxFunction {
				found = append(found, r.complain(n, "%s has %d lines: it stops at %d", name, lines, maxFunction))
			}
			return true
		})
	}
	return found
}

// nothingNames say nothing about what is in a package or file.
var nothingNames = []string{"util", "utils", "common", "helper", "helpers", "manager", "base", "misc", "info", "data", "chunk", "chunks", "server", "client", "shared", "types", "global"}

// nameRule holds that packages and files have a noun of their own.
func nameRule(r *room) []complaint {
	var found []complaint
	for _, part := range strings.Split(r.path, "/") {
		if slices.Contains(nothingNames, part) {
			found = append(found, r.complain(r.any(), "a package named %s: if it has no name, it has no home yet", part))
		}
	}
	for _, f := range slices.Concat(r.files, r.tests) {
		stem := strings.TrimSuffix(strings.TrimSuffix(r.file(f), ".go"), "_test")
		for _, part := range strings.Split(stem, "_") {
			if slices.Contains(nothingNames, part) {
				found = append(found, r.complain(f.Name, "a file named %s: name what is in it", r.file(f)))
			}
		}
	}
	return found
}

// sleepRule holds that tests wait for what they need and not for a while.
func sleepRule(r *room) []complaint {
	var found []complaint
	for _, f := range r.tests {
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
					found = append(found, r.complain(n, "a test that sleeps: wait for what it needs"))
				}
			}
			return true
		})
	}
	return found
}

func TestSizes(t *testing.T)        { all(t, sizeRule) }
func TestNames(t *testing.T)        { all(t, nameRule) }
func TestNobodySleeps(t *testing.T) { all(t, sleepRule) }

func TestSizesCatch(t *testing.T) {
	long := "package sample\nfunc f(x int) {\n" + strings.Repeat("\tx++\n", maxFunction-1) + "}\n"
	try(t, sizeRule, []trial{
		{"long function", "netem", long, "f has 71 lines"},
		{"as long as allowed", "netem", strings.Replace(long, "\tx++\n", "", 1), ""},
		{"long literal", "netem", strings.Replace(long, "func f(x int) {", "var f = func(x int) {", 1), "a function has 71 lines"},
		{"long file", "netem", "package sample\n" + strings.Repeat("\n", maxFile), "451 lines"},
	})
	try(t, nameRule, []trial{
		{"noun", "protocol/storage", "package sample", ""},
		{"no noun", "protocol/util", "package sample", "named util"},
	})
	try(t, sleepRule, []trial{
		{"sleep", "netem", "package sample_test\nimport \"time\"\nfunc f() { time.Sleep(1) }", "sleeps"},
		{"no sleep", "netem", "package sample_test\nfunc f() { Sleep() }\nfunc Sleep() {}", ""},
	})
}
