package tidy

import (
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// A knob is one key of a scenario: a field with a yaml tag.
type knob struct {
	pkg, structure, field string
}

// unread finds the knobs of some packages that no code reads. Checking a value,
// filling in its default and printing it do not count.
func unread(rooms []*room) (found []knob) {
	read := map[knob]bool{}
	for _, r := range rooms {
		for _, f := range r.files {
			r.reads(f, read)
		}
	}
	for _, r := range rooms {
		if r.pkg == nil {
			continue
		}
		for _, name := range r.pkg.Scope().Names() {
			s, ok := r.pkg.Scope().Lookup(name).Type().Underlying().(*types.Struct)
			if t, isType := r.pkg.Scope().Lookup(name).(*types.TypeName); !ok || !isType || t.IsAlias() {
				continue
			}
			for i := range s.NumFields() {
				k := knob{r.pkg.Path(), name, s.Field(i).Name()}
				if reflect.StructTag(s.Tag(i)).Get("yaml") != "" && !read[k] {
					found = append(found, k)
				}
			}
		}
	}
	return found
}

// watchmen are functions that look at every knob and use none.
var watchmen = regexp.MustCompile(`^(Default|Validate|validate|check)`)

// reads notes every field that a file takes out of a struct.
func (r *room) reads(f *ast.File, read map[knob]bool) {
	for _, d := range f.Decls {
		if fun, ok := d.(*ast.FuncDecl); ok && watchmen.MatchString(fun.Name.Name) {
			continue
		}
		written := map[ast.Expr]bool{}
		ast.Inspect(d, func(n ast.Node) bool {
			if set, ok := n.(*ast.AssignStmt); ok {
				for _, x := range set.Lhs {
					written[x] = true
				}
			}
			sel, ok := n.(*ast.SelectorExpr)
			if s := r.info.Selections[sel]; ok && s != nil && s.Kind() == types.FieldVal && !written[sel] {
				note(s, read)
			}
			return true
		})
	}
}

// note marks the fields that a selection goes through, embedded ones included.
func note(s *types.Selection, read map[knob]bool) {
	t := s.Recv()
	for _, i := range s.Index() {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		structure := t.Underlying().(*types.Struct)
		if named, ok := t.(*types.Named); ok {
			read[knob{named.Obj().Pkg().Path(), named.Obj().Name(), structure.Field(i).Name()}] = true
		}
		t = structure.Field(i).Type()
	}
}

// A knob that no model reads is a defect: it promises an effect and has none.
func TestEveryKnobIsRead(t *testing.T) {
	for _, k := range unread(open(t).rooms) {
		t.Errorf("%s.%s: no code reads the key %s: use it or take it out", strings.TrimPrefix(k.pkg, module+"/"), k.structure, k.field)
	}
}

func TestUnreadKnobsAreCaught(t *testing.T) {
	const config = "package sample\ntype Config struct {\n\tA int `yaml:\"a\"`\n\tB int `yaml:\"b\"`\n\tC int\n}\n"
	for text, want := range map[string]int{
		config: 2,
		config + "func (c *Config) sum() int { return c.A + c.B }":                                0,
		config + "func use(c Config) int { return c.A }":                                          1,
		config + "func (c Config) Validate() bool { return c.A > 0 && c.B > 0 }":                  2,
		config + "func set(c *Config) { c.A, c.B = 1, 2 }":                                        2,
		config + "type outer struct{ Config }\nfunc use(o outer) int { return o.A + o.Config.B }": 0,
	} {
		if got := unread([]*room{open(t).sample(t, "sample", text)}); len(got) != want {
			t.Errorf("%d knobs are unread, want %d in\n%s", len(got), want, text)
		}
	}
}
