package tidy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is the import path of the project.
const module = "kinetoscope"

// A room is one package of the project. Test files have no types.
type room struct {
	path  string // below the module: protocol/media
	fset  *token.FileSet
	files []*ast.File
	tests []*ast.File
	pkg   *types.Package
	info  *types.Info
}

// A house is all rooms, and what is needed to check the types of one more.
type house struct {
	fset  *token.FileSet
	rooms []*room
	types types.Importer
}

// A listed package is what `go list` says of it.
type listed struct {
	ImportPath, Dir, Export            string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Standard                           bool
}

// samples are the packages of the standard library that the bad examples
// import.
var samples = []string{"context", "crypto/rand", "maps", "math/rand", "math/rand/v2", "net", "os", "runtime", "slices", "time"}

// theHouse reads the project once for all tests. Types of imports come from the
// compiler's export data, which the build has cached: it takes about a second.
var theHouse = sync.OnceValues(func() (*house, error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,TestGoFiles,XTestGoFiles,Standard", module + "/..."}, samples...)
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s", err, exit.Stderr)
		}
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	var own []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/") {
			own = append(own, p)
		}
	}
	h := &house{fset: token.NewFileSet()}
	h.types = importer.ForCompiler(h.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range own {
		r, err := h.open(p)
		if err != nil {
			return nil, err
		}
		h.rooms = append(h.rooms, r)
	}
	return h, nil
})

func open(t *testing.T) *house {
	t.Helper()
	h, err := theHouse()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) open(p listed) (*room, error) {
	r := &room{path: strings.TrimPrefix(p.ImportPath, module+"/"), fset: h.fset}
	read := func(to *[]*ast.File, names []string) error {
		for _, name := range names {
			f, err := parser.ParseFile(h.fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				return err
			}
			*to = append(*to, f)
		}
		return nil
	}
	if err := errors.Join(read(&r.files, p.GoFiles), read(&r.tests, p.TestGoFiles), read(&r.tests, p.XTestGoFiles)); err != nil {
		return nil, err
	}
	return r, h.check(r)
}

func (h *house) check(r *room) error {
	r.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}}
	var err error
	r.pkg, err = (&types.Config{Importer: h.types}).Check(module+"/"+r.path, h.fset, r.files, r.info)
	return err
}

// sample makes a room of one file with the given text.
func (h *house) sample(t *testing.T, path, text string) *room {
	t.Helper()
	f, err := parser.ParseFile(h.fset, "sample.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	r := &room{path: path, fset: h.fset, files: []*ast.File{f}}
	if strings.HasPrefix(text, "package sample_test") {
		r.files, r.tests = nil, r.files
	}
	for _, i := range f.Imports {
		if p := importPath(i); strings.Contains(strings.Split(p, "/")[0], ".") || strings.HasPrefix(p, module) {
			return r // imports of what need not exist: the rule looks at names only
		}
	}
	if err := h.check(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func importPath(i *ast.ImportSpec) string { return strings.Trim(i.Path.Value, `"`) }

// file is the name of the file that a node stands in.
func (r *room) file(n ast.Node) string { return filepath.Base(r.fset.Position(n.Pos()).Filename) }

// A complaint says where a rule is broken, and how.
type complaint struct {
	at   token.Position
	text string
}

func (c complaint) String() string { return fmt.Sprintf("%s: %s", place(c.at), c.text) }

// place is a position below the top folder.
func place(p token.Position) string {
	if top, err := filepath.Abs("../.."); err == nil {
		if rel, err := filepath.Rel(top, p.Filename); err == nil && !strings.HasPrefix(rel, "..") {
			p.Filename = rel
		}
	}
	return p.String()
}

// A rule looks at one room and complains.
type rule func(r *room) []complaint

func (r *room) complain(n ast.Node, format string, args ...any) complaint {
	return complaint{r.fset.Position(n.Pos()), fmt.Sprintf(format, args...)}
}

// all holds every room of the house to a rule.
func all(t *testing.T, check rule) {
	t.Helper()
	for _, r := range open(t).rooms {
		for _, c := range check(r) {
			t.Error(c)
		}
	}
}

// A trial is code that a rule must catch, or, where want is empty, must let
// pass.
type trial struct{ name, path, text, want string }

func try(t *testing.T, check rule, trials []trial) {
	t.Helper()
	h := open(t)
	for _, s := range trials {
		t.Run(s.name, func(t *testing.T) {
			got := check(h.sample(t, s.path, s.text))
			if s.want == "" && len(got) > 0 {
				t.Errorf("harmless code is blamed: %v", got)
			}
			if s.want != "" && (len(got) != 1 || !strings.Contains(got[0].text, s.want)) {
				t.Errorf("got %q, want one complaint with %q", got, s.want)
			}
		})
	}
}
