package tidy

import (
	"go/ast"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// wants are the reasons that a test may have to skip: a program or an
// environment variable that is not there. Short tests are asked for.
func wants(f *ast.FuncDecl) (names []string, short bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch selected(call) {
		case "exec.LookPath", "os.Getenv", "os.LookupEnv":
			if lit, ok := call.Args[0].(*ast.BasicLit); ok {
				name, _ := strconv.Unquote(lit.Value)
				names = append(names, name)
			}
		case "testing.Short":
			short = true
		}
		return true
	})
	return names, short
}

// selected is x.F of a call of x.F, where x is a plain name.
func selected(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		if x, ok := sel.X.(*ast.Ident); ok {
			return x.Name + "." + sel.Sel.Name
		}
	}
	return ""
}

// skips says whether a function can skip a test.
func skips(f *ast.FuncDecl) (yes bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		yes = yes || ok && slices.Contains([]string{"t.Skip", "t.Skipf", "t.SkipNow", "b.Skip", "b.Skipf", "f.Skip", "tb.Skip"}, selected(call))
		return true
	})
	return yes
}

// skipRule holds that a test skips only for want of something with a name, and
// that `make test` and .ci/run know that name: the one says it, the other
// installs it.
func skipRule(known ...string) rule {
	return func(r *room) (found []complaint) {
		for _, f := range r.tests {
			for _, d := range f.Decls {
				fun, ok := d.(*ast.FuncDecl)
				if !ok || !skips(fun) {
					continue
				}
				names, short := wants(fun)
				if len(names) == 0 && !short {
					found = append(found, r.complain(fun, "%s skips and does not say what it wants", fun.Name.Name))
				}
				for _, n := range names {
					if slices.ContainsFunc(known, func(text string) bool { return !strings.Contains(text, n) }) {
						found = append(found, r.complain(fun, "%s skips without %s: name it in Makefile and .ci/run", fun.Name.Name, n))
					}
				}
			}
		}
		return found
	}
}

func TestSkipsAreAnnounced(t *testing.T) {
	var known []string
	for _, path := range []string{"../../Makefile", "../../.ci/run"} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, string(b))
	}
	all(t, skipRule(known...))
}

func TestSkipsCatch(t *testing.T) {
	const head = "package sample_test\nimport (\"os/exec\"; \"testing\")\n"
	try(t, skipRule("ffmpeg", "ffmpeg npm"), []trial{
		{"announced", "netem", head + `func TestA(t *testing.T) { if _, err := exec.LookPath("ffmpeg"); err != nil { t.Skip() } }`, ""},
		{"asked for", "netem", head + `func TestA(t *testing.T) { if testing.Short() { t.Skip() } }`, ""},
		{"known to one", "netem", head + `func TestA(t *testing.T) { if _, err := exec.LookPath("npm"); err != nil { t.Skip() } }`, "name it in"},
		{"unknown", "netem", head + `func TestA(t *testing.T) { if _, err := exec.LookPath("curl"); err != nil { t.Skip() } }`, "skips without curl"},
		{"no reason", "netem", head + `func TestA(t *testing.T) { t.Skip("later") }`, "does not say what it wants"},
		{"inside", "netem", head + `func TestA(t *testing.T) { t.Run("", func(t *testing.T) { t.Skip("later") }) }`, "does not say what it wants"},
		{"none", "netem", head + `func TestA(t *testing.T) { t.Log() }`, ""},
	})
}
