package tidy

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// pure are the packages whose results follow from their arguments alone.
var pure = []string{"internal/unit", "netem", "netem/tcp", "datasets/generate", "protocol", "protocol/token", "protocol/storage", "protocol/swarm", "protocol/cache",
	"protocol/abr", "protocol/player", "protocol/payment", "protocol/media", "protocol/demux", "protocol/ledger", "protocol/ledger/contracts", "sim", "sim/attack", "sim/audit", "sim/law", "sim/qoe", "sim/replay", "sim/result"}

// outside are the files of pure packages that may import what pure code may
// not.
var outside = map[string][]string{
	"protocol/media/load.go": {"os"}, // reads the user's video before a run
	"sim/result/folder.go":   {"os"}, // writes the run folder after it
}

// impure are imports that let the world in. A trailing slash means everything
// below.
var impure = []string{"os", "os/", "net", "net/", "syscall", "io/ioutil", "log", "log/", "flag", "crypto/rand", "math/rand", "testing", "unique", "weak"}

// banned are functions that know the time or the machine.
var banned = map[string][]string{
	"time":    {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation", "Local"},
	"context": {"WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause"},
	"runtime": {"NumCPU", "GOMAXPROCS", "NumGoroutine", "GC", "ReadMemStats"},
}

// seeded are the functions of math/rand/v2 that take their chance from an
// argument; all others are global.
var seeded = []string{"New", "NewPCG", "NewChaCha8", "NewZipf"}

// pureRule holds that a pure package has no clock, file, socket, goroutine or
// global chance, and walks no map in the map's order.
func pureRule(r *room) []complaint {
	if !slices.Contains(pure, r.path) {
		return nil
	}
	var found []complaint
	for _, f := range r.files {
		found = append(found, r.worldly(f)...)
		sorted := map[ast.Node]bool{} // calls of maps.Keys that are sorted at once
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found = append(found, r.complain(n, "a goroutine: parallelism is whole runs"))
			case *ast.SelectStmt:
				found = append(found, r.complain(n, "select chooses by chance"))
			case *ast.RangeStmt:
				if _, isMap := r.info.TypeOf(n.X).Underlying().(*types.Map); isMap {
					found = append(found, r.complain(n, "walks a map: walk slices.Sorted(maps.Keys(m))"))
				}
			case *ast.CallExpr:
				if name := r.called(n.Fun); name == "slices.Sorted" || name == "slices.SortedFunc" || name == "slices.SortedStableFunc" {
					sorted[n.Args[0]] = true
				}
				if name := r.called(n.Fun); (name == "maps.Keys" || name == "maps.Values" || name == "maps.All") && !sorted[n] {
					found = append(found, r.complain(n, "%s in the map's order: sort it", name))
				}
			case *ast.SelectorExpr:
				if why := r.chancy(n); why != "" {
					found = append(found, r.complain(n, "%s", why))
				}
			}
			return true
		})
	}
	return found
}

// worldly finds imports that let the world in.
func (r *room) worldly(f *ast.File) (found []complaint) {
	for _, i := range f.Imports {
		path := importPath(i)
		if slices.Contains(outside[r.path+"/"+r.file(i)], path) {
			continue
		}
		for _, w := range impure {
			if path == w || strings.HasSuffix(w, "/") && strings.HasPrefix(path, w) {
				found = append(found, r.complain(i, "a pure package imports %s", path))
			}
		}
	}
	return found
}

// called is the name of a function of another package, as in slices.Sorted.
func (r *room) called(fun ast.Expr) string {
	if ix, ok := fun.(*ast.IndexExpr); ok {
		fun = ix.X
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		if o := r.info.Uses[sel.Sel]; o != nil && o.Pkg() != nil {
			return o.Pkg().Path() + "." + o.Name()
		}
	}
	return ""
}

// chancy says why a name of another package has no place here, or "".
func (r *room) chancy(sel *ast.SelectorExpr) string {
	o := r.info.Uses[sel.Sel]
	if o == nil || o.Pkg() == nil || o.Parent() != o.Pkg().Scope() { // methods have no parent
		return ""
	}
	path, name := o.Pkg().Path(), o.Name()
	if slices.Contains(banned[path], name) {
		if path == "time" {
			return "time." + name + ": take now as an argument"
		}
		return path + "." + name + ": results may not depend on the machine"
	}
	if _, fun := o.(*types.Func); fun && path == "math/rand/v2" && !slices.Contains(seeded, name) {
		return "rand." + name + " is global: take a *rand.Rand"
	}
	return ""
}

func TestPure(t *testing.T) { all(t, pureRule) }

func TestPureCatches(t *testing.T) {
	const head = "package sample\n"
	try(t, pureRule, []trial{
		{"arithmetic", "netem", head + `func f(m map[int]int) int { return m[1] + len(m) }`, ""},
		{"clock", "netem", head + `import "time"; func f() time.Time { return time.Now() }`, "take now as an argument"},
		{"clock by another name", "netem", head + `import t "time"; var f = t.Now`, "take now as an argument"},
		{"durations", "netem", head + `import "time"; func f(d time.Duration) bool { return d > time.Second }`, ""},
		{"method of the same name", "netem", head + `type clock struct{}; func (clock) Now() int { return 1 }; var f = clock{}.Now()`, ""},
		{"sleep", "sim", head + `import "time"; func f() { time.Sleep(1) }`, "take now"},
		{"deadline", "sim", head + `import "context"; func f(c context.Context) { context.WithTimeout(c, 1) }`, "depend on the machine"},
		{"processors", "sim", head + `import "runtime"; var n = runtime.NumCPU()`, "depend on the machine"},
		{"file", "sim", head + `import "os"; var f = os.Args`, "imports os"},
		{"socket", "protocol", head + `import _ "net"`, "imports net"},
		{"true chance", "protocol", head + `import _ "crypto/rand"`, "imports crypto/rand"},
		{"old chance", "protocol", head + `import _ "math/rand"`, "imports math/rand"},
		{"global chance", "protocol", head + `import "math/rand/v2"; var n = rand.IntN(6)`, "is global"},
		{"seeded chance", "protocol", head + `import "math/rand/v2"; func f(r *rand.Rand) int { return r.IntN(6) }; var s = rand.New(rand.NewPCG(1, 2))`, ""},
		{"goroutine", "protocol", head + `func f() { go f() }`, "a goroutine"},
		{"select", "protocol", head + `func f(a, b chan int) { select { case <-a: case <-b: } }`, "chooses by chance"},
		{"map", "protocol", head + `func f(m map[int]int) (s int) { for k := range m { s = k }; return }`, "walks a map"},
		{"named map", "protocol", head + `type set map[int]bool; func f(m set) (s int) { for k := range m { s = k }; return }`, "walks a map"},
		{"keys", "protocol", head + `import "maps"; func f(m map[int]int) (s int) { for k := range maps.Keys(m) { s = k }; return }`, "sort it"},
		{"sorted keys", "protocol", head + `import ("maps"; "slices"); func f(m map[int]int) []int { return slices.Sorted(maps.Keys(m)) }`, ""},
		{"slice", "protocol", head + `func f(m []int) (s int) { for k := range m { s = k }; return }`, ""},
		{"not pure", "cmd/kscope", head + `import "time"; var f = time.Now`, ""},
	})
}
