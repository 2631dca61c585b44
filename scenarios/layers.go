package scenarios

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"kinetoscope/internal/unit"
)

// A stack is a file read: the value that its top describes, and one for each
// variant, in the order of the file.
type stack[T any] struct {
	base     T
	names    []string
	variants []T
	top      map[string]site   // where the keys of base were written
	where    []map[string]site // and those of each variant
}

// An overlay is one entry below variants.
type overlay struct {
	name string
	node ast.Node
	at   site
}

// A pass reads one file as often as it has variants.
type pass struct {
	src   *source
	root  ast.Node
	sets  []assignment
	found problems
	quiet problems // what a second reading finds again
}

// layers reads a file: defaults <- file <- variant <- sets, one T for each
// variant. A file without variants has one named base. def gives a fresh
// default each time; check gives what is wrong with a value as a whole, beyond
// what the Validate methods of T and of its sections say. Only the variants
// that are played are judged: those named, or all.
func layers[T any](file string, text []byte, sets []string, def func() T, check func(v *T, names []string) error, played ...string) (stack[T], error) {
	p := pass{src: &source{file: file}}
	p.root = parse(p.src, text, &p.found)
	p.sets = assignments(sets, &p.found)
	if p.root == nil {
		return stack[T]{}, p.found.err()
	}
	st := stack[T]{base: def()}
	overlays, top := p.base(reflect.ValueOf(&st.base).Elem())
	st.top = top
	for _, o := range overlays {
		st.names = append(st.names, o.name)
	}
	for _, a := range p.sets {
		if a.variant != "" && !slices.Contains(st.names, a.variant) {
			p.found.add(a.unknownVariant(st.names))
		}
	}
	st.where = make([]map[string]site, len(overlays))
	st.variants = make([]T, len(overlays))
	for i, o := range overlays {
		st.variants[i] = def()
		st.where[i] = p.variant(reflect.ValueOf(&st.variants[i]).Elem(), o)
	}
	if !slices.ContainsFunc(played, func(name string) bool { return slices.Contains(st.names, name) }) {
		played = st.names
	}
	if len(p.found) == 0 { // a value that could not be read is not worth judging
		p.judge(st.names, st.where, func(i int) []unit.KeyError {
			if !slices.Contains(played, st.names[i]) {
				return nil
			}
			v := &st.variants[i]
			return append(validate(reflect.ValueOf(v).Elem(), ""), keyErrors(check(v, st.names), "")...)
		})
	}
	return st, p.found.err()
}

// base reads the top of the file, lists the variants, and gives where each key
// of the top was written.
func (p *pass) base(v reflect.Value) ([]overlay, map[string]site) {
	overlays := []overlay{}
	w := p.walker(v, &p.found)
	w.special[variantsKey] = func(kv *ast.MappingValueNode) { overlays = w.overlays(kv) }
	w.value(p.root, v, "")
	for _, a := range p.sets {
		if a.variant == "" {
			w.src = a.src
			w.assign(a, v)
		}
	}
	if len(overlays) == 0 {
		return []overlay{{name: "base"}}, w.sites
	}
	return overlays, w.sites
}

// variant reads the whole file again, the variant over it and the sets over
// both, and gives where each key was written.
func (p *pass) variant(v reflect.Value, o overlay) map[string]site {
	w := p.walker(v, &p.quiet)
	w.value(p.root, v, "")
	top := w.special
	if o.node != nil {
		w.found, w.prefix, w.shared, w.special = &p.found, join(variantsKey, o.name), true, nil
		w.value(o.node, v, "")
	}
	for _, a := range p.sets {
		if a.variant != "" && a.variant != o.name {
			continue
		}
		w.src, w.found, w.prefix, w.shared, w.special = a.src, &p.found, "", false, top
		if a.variant != "" {
			w.prefix, w.shared, w.special = join(variantsKey, o.name), true, nil
		}
		w.assign(a, v)
	}
	return w.sites
}

func (p *pass) walker(v reflect.Value, found *problems) *walker {
	skip := func(*ast.MappingValueNode) {}
	return &walker{src: p.src, found: found, root: v.Type(), sites: map[string]site{},
		special: map[string]func(*ast.MappingValueNode){variantsKey: skip}}
}

// overlays reads the entries of the key variants, not yet what is below them.
func (w *walker) overlays(kv *ast.MappingValueNode) []overlay {
	m, ok := kv.Value.(ast.MapNode)
	if !ok {
		w.bad(w.src.of(kv), variantsKey, "no variants: write name: {key: value} below it")
		return nil
	}
	var out []overlay
	for it := m.MapRange(); it.Next(); {
		kv := it.KeyValue()
		o := overlay{name: kv.Key.GetToken().Value, node: kv.Value, at: w.src.of(kv)}
		path := join(variantsKey, o.name)
		switch twice := slices.IndexFunc(out, func(x overlay) bool { return x.name == o.name }); {
		case !isName(o.name):
			w.bad(o.at, variantsKey, "%s cannot name a variant: %s", clip(o.name), nameRule)
		case twice >= 0:
			w.bad(o.at, path, "written twice: line %d has it already", out[twice].at.line)
		case o.node == nil || o.node.Type() == ast.NullType:
			w.bad(o.at, path, "no value: write {} for a variant that changes nothing")
		default:
			out = append(out, o)
		}
	}
	return out
}

// nameRule says what isName allows. Names become parts of file names and of
// benchmark names.
const nameRule = "write small letters, digits and dashes, at most 40, a letter or digit first"

func isName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	return s != "" && len(s) <= 40 && s[0] != '-' && strings.Trim(s, letters+"-") == ""
}

// judge asks of each variant what is wrong with it, finds the place of each
// answer, and reports an answer that several variants give once.
func (p *pass) judge(names []string, where []map[string]site, ask func(i int) []unit.KeyError) {
	var order []Problem
	in := map[Problem][]string{}
	for i, name := range names {
		for _, e := range ask(i) {
			pr := p.place(where[i], e)
			if len(in[pr]) == 0 {
				order = append(order, pr)
			}
			in[pr] = append(in[pr], name)
		}
	}
	for _, pr := range order {
		if who := in[pr]; len(who) < len(names) && !strings.HasPrefix(pr.Key, variantsKey+".") {
			pr.Message += fmt.Sprintf(" (in variant %s)", strings.Join(who, ", "))
		}
		p.found.add(pr)
	}
}

// place points at where a key was written, or at a key below it if a later
// layer wrote that. Of what is missing in an element of a list it points at
// the element.
func (p *pass) place(where map[string]site, e unit.KeyError) Problem {
	best, ok := where[e.Key]
	for key, at := range where {
		if strings.HasPrefix(key, e.Key+".") && (!ok || at.before(best)) {
			best, ok = at, true
		}
	}
	for key := e.Key; !ok && strings.Contains(key, "."); {
		key = key[:strings.LastIndexByte(key, '.')]
		if isIndexed(key) {
			best, ok = where[key]
		}
	}
	if ok {
		return best.problem(e.Key, e.Msg)
	}
	return Problem{File: p.src.file, Key: e.Key, Message: e.Msg + " (the default: the file does not set it)", late: 1}
}

// before orders sites of one variant: the last layer first, then as written.
func (at site) before(b site) bool {
	return cmp.Or(cmp.Compare(b.src.layer, at.src.layer), cmp.Compare(at.line, b.line), cmp.Compare(at.column, b.column)) < 0
}

// isIndexed reports whether the path ends in an index.
func isIndexed(path string) bool {
	_, err := strconv.Atoi(path[strings.LastIndexByte(path, '.')+1:])
	return err == nil
}

// validate asks v and every section below it that has a Validate. A section
// that has one answers for all that is below it; only the top does not.
func validate(v reflect.Value, path string) []unit.KeyError {
	var out []unit.KeyError
	if c, ok := v.Addr().Interface().(interface{ Validate() error }); ok {
		out = keyErrors(c.Validate(), path)
		if path != "" {
			return out
		}
	}
	switch shapeOf(v.Type()) {
	case section:
		for _, f := range fieldsOf(v.Type()) {
			out = append(out, validate(v.Field(f.index), join(path, f.name))...)
		}
	case list:
		for i := range v.Len() {
			out = append(out, validate(v.Index(i), join(path, strconv.Itoa(i)))...)
		}
	}
	return out
}
