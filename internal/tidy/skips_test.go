package tidy

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
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

// installers are the texts of what announces a missing program and of what installs it.
func installers(t *testing.T) (known []string) {
	for _, path := range []string{"../../Makefile", "../../.ci/run"} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, string(b))
	}
	return known
}

func TestSkipsAreAnnounced(t *testing.T) { all(t, skipRule(installers(t)...)) }

// conditions finds the conditions of a script's lines, as [exec:git] or [!linux].
var conditions = regexp.MustCompile(`(?m)^((?:\[[^\]]+\] *)+)\S`)

// scriptSkips are the complaints about lines of a script that may be left out:
// for want of a program that nobody announces and installs, or because one is
// there, which .ci/run cannot mend.
func scriptSkips(script string, known ...string) (found []string) {
	body, _, _ := strings.Cut(script, "\n-- ")
	for _, m := range conditions.FindAllStringSubmatch(body, -1) {
		for _, c := range strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(m[1])) {
			program, is := strings.CutPrefix(c, "exec:")
			switch {
			case strings.HasPrefix(c, "!exec:"):
				found = append(found, c+": take the program off PATH instead")
			case is && slices.ContainsFunc(known, func(text string) bool { return !strings.Contains(text, program) }):
				found = append(found, c+": name it in Makefile and .ci/run")
			}
		}
	}
	return found
}

func TestSkipsOfScriptsAreAnnounced(t *testing.T) {
	scripts, err := filepath.Glob("../../cmd/kscope/testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts: %v", len(scripts), err)
	}
	known := installers(t)
	for _, path := range scripts {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range scriptSkips(string(b), known...) {
			t.Errorf("%s: %s", filepath.Base(path), c)
		}
	}
}

func TestSkipsOfScriptsCatch(t *testing.T) {
	for script, want := range map[string]string{
		"[exec:git] exec git init":                   "",
		"[exec:curl] exec curl":                      "exec:curl: name it in Makefile and .ci/run",
		"exec a\n[!exec:git] stderr x":               "!exec:git: take the program off PATH instead",
		"[!linux] [exec:curl] skip":                  "exec:curl: name it in Makefile and .ci/run",
		"[!linux] [!darwin] skip 'needs a terminal'": "",
		"exec a\n-- file --\n[exec:curl] is no line": "",
	} {
		if got := strings.Join(scriptSkips(script, "git", "git"), "; "); got != want {
			t.Errorf("%q: found %q, want %q", script, got, want)
		}
	}
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
