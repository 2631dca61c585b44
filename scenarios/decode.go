package scenarios

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// variantsKey is the top key that holds the variants.
const variantsKey = "variants"

// A walker lays a tree over a Go value and notes what does not fit.
type walker struct {
	src     *source
	prefix  string          // of the keys in messages: variants.p2p, or ""
	sites   map[string]site // where the value of each key was written last
	found   *problems
	root    reflect.Type                           // where an unknown key may belong instead
	shared  bool                                   // keys that all variants share are refused
	special map[string]func(*ast.MappingValueNode) // top keys that are no fields
}

func (w *walker) bad(at site, path, format string, args ...any) {
	at.in = w.prefix
	w.found.add(at.problem(path, fmt.Sprintf(format, args...)))
}

// value reads n into v.
func (w *walker) value(n ast.Node, v reflect.Value, path string) {
	if refusal := refused(n); refusal != "" {
		w.bad(w.src.of(n), path, "%s", refusal)
		return
	}
	w.wrote(path, w.src.of(n))
	switch shapeOf(v.Type()) {
	case section:
		w.section(n, v, path)
	case list:
		w.list(n, v, path)
	default:
		w.scalar(n, v, path)
	}
}

// wrote remembers where the value of a key stands.
func (w *walker) wrote(path string, at site) {
	at.in = w.prefix
	w.sites[path] = at
}

// refused says why a node is not read at all.
func refused(n ast.Node) string {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		return "anchors and aliases are not read: write the value out, or use variants"
	case *ast.TagNode:
		return "tags are not read: the key says what its value is"
	}
	return ""
}

// section reads the keys of a mapping into the fields of a struct.
func (w *walker) section(n ast.Node, v reflect.Value, path string) {
	fields := fieldsOf(v.Type())
	m, ok := n.(ast.MapNode)
	if !ok {
		w.bad(w.src.of(n), path, "found %s where keys are due: write key: value, allowed are %s", what(n), strings.Join(w.keys(fields, path), ", "))
		return
	}
	seen := map[string]site{}
	for it := m.MapRange(); it.Next(); {
		kv := it.KeyValue()
		at, name := w.src.of(kv), kv.Key.GetToken().Value
		if _, explicit := kv.Key.(*ast.MappingKeyNode); explicit || kv.Key.IsMergeKey() {
			w.bad(at, path, "neither merge keys nor keys after a question mark are read: write key: value")
			continue
		}
		if first, twice := seen[name]; twice {
			w.bad(at, join(path, name), "written twice: line %d has it already", first.line)
			continue
		}
		seen[name] = at
		if read := w.special[name]; read != nil && path == "" {
			read(kv)
		} else if f, ok := w.field(fields, name, at, path); ok {
			w.entry(kv, v.Field(f.index), join(path, name))
		}
	}
}

// entry reads what stands after a key.
func (w *walker) entry(kv *ast.MappingValueNode, v reflect.Value, path string) {
	if kv.Value == nil || kv.Value.Type() == ast.NullType {
		w.bad(w.src.of(kv), path, "no value: write %s, or delete the key for its default", form(v.Type()))
		return
	}
	w.value(kv.Value, v, path)
}

// field finds the field of a key, or says which keys there are.
func (w *walker) field(fields []field, name string, at site, path string) (field, bool) {
	f, ok := named(fields, name)
	if ok && f.shared && w.shared && path == "" {
		w.bad(at, name, "the same for all variants: write it at the top of the file")
		return f, false
	}
	if !ok {
		names := w.keys(fields, path)
		guess := nearest(name, names)
		if guess == "" && w.root != nil {
			guess = elsewhere(w.root, name)
		}
		w.bad(at, path, "unknown key %s: %s", clip(name), allowed(guess, names))
	}
	return f, ok
}

// keys lists what may be written in a section.
func (w *walker) keys(fields []field, path string) []string {
	var names []string
	for _, f := range fields {
		if path != "" || !w.shared || !f.shared {
			names = append(names, f.name)
		}
	}
	if path == "" {
		names = append(names, slices.Sorted(maps.Keys(w.special))...)
	}
	return names
}

// elsewhere is the path of the first key of that name in any section, or "".
func elsewhere(t reflect.Type, name string) string {
	for _, f := range fieldsOf(t) {
		if f.name == name {
			return name
		}
		if inner := t.Field(f.index).Type; shapeOf(inner) == section {
			if path := elsewhere(inner, name); path != "" {
				return join(f.name, path)
			}
		}
	}
	return ""
}

// list reads a sequence into a new slice.
func (w *walker) list(n ast.Node, v reflect.Value, path string) {
	items, ok := n.(*ast.SequenceNode)
	if !ok {
		w.bad(w.src.of(n), path, "found %s where a list is due: write [a, b], or a line with a dash for each", what(n))
		return
	}
	maps.DeleteFunc(w.sites, func(key string, _ site) bool { return strings.HasPrefix(key, path+".") })
	out := reflect.Zero(v.Type()) // an empty list is nil
	if len(items.Values) > 0 {
		out = reflect.MakeSlice(v.Type(), len(items.Values), len(items.Values))
	}
	for i, item := range items.Values {
		at := join(path, fmt.Sprint(i))
		if item == nil || item.Type() == ast.NullType {
			w.bad(w.src.of(n), at, "no value: write %s", form(v.Type().Elem()))
			continue
		}
		w.value(item, out.Index(i), at)
	}
	v.Set(out)
}

// scalar reads one value.
func (w *walker) scalar(n ast.Node, v reflect.Value, path string) {
	s, ok := written(n)
	if !ok {
		w.bad(w.src.of(n), path, "found %s where one value is due: write %s", what(n), form(v.Type()))
		return
	}
	if err := store(v, s); err != nil {
		w.bad(w.src.of(n), path, "%v", err)
	}
}

// written is the text of a scalar node.
func written(n ast.Node) (scalar, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return scalar{text: n.Value, quoted: n.Token.Type != token.StringType}, true
	case *ast.LiteralNode:
		return scalar{text: n.Value.Value, quoted: true}, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return scalar{text: n.GetToken().Value, typed: true}, true
	}
	return scalar{}, false
}

// what names the kind of a node.
func what(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return "keys"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	if s, ok := written(n); ok {
		return s.String()
	}
	return "this"
}
