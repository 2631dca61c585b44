package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Effective writes the variants that one Load gave as a scenario file in which
// every value is filled in, in the order of the struct. What differs in a
// variant stands below variants. Loading it gives the same variants.
func Effective(variants []Scenario) []byte {
	top := variants[0].top
	if top == nil { // made by hand
		top = &variants[0]
	}
	names := make([]string, len(variants))
	values := make([]Scenario, len(variants))
	for i, v := range variants {
		names[i], values[i] = v.Variant, v
	}
	return effective(*top, names, values)
}

// effective writes a base and the ways in which its variants differ from it.
func effective[T any](base T, names []string, variants []T) []byte {
	e := &emitter{}
	e.line(0, "# The effective scenario: every value filled in.")
	b := reflect.ValueOf(base)
	e.section(b, reflect.Value{}, 0)
	if len(names) == 1 && names[0] == "base" && flow(reflect.ValueOf(variants[0])) == flow(b) {
		return []byte(e.String())
	}
	e.line(0, "")
	e.line(0, variantsKey+":")
	for i, name := range names {
		v := reflect.ValueOf(variants[i])
		if flow(v) == flow(b) {
			e.line(1, name+": {}")
			continue
		}
		e.line(1, name+":")
		e.section(v, b, 2)
	}
	return []byte(e.String())
}

// An emitter writes YAML.
type emitter struct{ strings.Builder }

func (e *emitter) line(depth int, s string) {
	if s != "" {
		e.WriteString(strings.Repeat("  ", depth))
	}
	e.WriteString(s + "\n")
}

// section writes the fields of v that differ from those of base, or all
// without a base.
func (e *emitter) section(v, base reflect.Value, depth int) {
	for _, f := range fieldsOf(v.Type()) {
		inner, innerBase := v.Field(f.index), reflect.Value{}
		if base.IsValid() {
			innerBase = base.Field(f.index)
			if flow(inner) == flow(innerBase) {
				continue
			}
		}
		switch s := shapeOf(inner.Type()); {
		case s == section:
			if depth == 0 {
				e.line(0, "")
			}
			e.line(depth, f.name+":")
			e.section(inner, innerBase, depth+1)
		case s == list && len(flow(inner)) > maxFlow:
			e.line(depth, f.name+":")
			e.list(inner, depth+1)
		default:
			e.line(depth, f.name+": "+flow(inner))
		}
	}
}

// list writes one element a line.
func (e *emitter) list(v reflect.Value, depth int) {
	for i := range v.Len() {
		e.line(depth, "- "+flow(v.Index(i)))
	}
}

// maxFlow is how many letters of a list stand on one line.
const maxFlow = 60

// flow writes a value on one line. In a list, what is not written is nothing.
func flow(v reflect.Value) string {
	var parts []string
	switch shapeOf(v.Type()) {
	case section:
		for _, f := range fieldsOf(v.Type()) {
			if inner := v.Field(f.index); !inner.IsZero() {
				parts = append(parts, f.name+": "+flow(inner))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case list:
		for i := range v.Len() {
			parts = append(parts, flow(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case text, choice:
		return quote(write(v))
	case quantity:
		if s := write(v); bare.MatchString(s) {
			return s
		}
		return quote(write(v))
	}
	return write(v)
}

var (
	// bare matches quantities that YAML reads as they stand.
	bare = regexp.MustCompile(`^\$?[0-9][0-9A-Za-z./+%-]*$`)
	// word matches text that YAML reads as it stands, unless it is reserved.
	word     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./()-]*( [A-Za-z0-9_./()-]+)*$`)
	reserved = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n|nan|inf)$`)
)

// quote writes text so that it reads back as the same text.
func quote(s string) string {
	if word.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case strconv.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, c)
		default:
			fmt.Fprintf(&b, `\u%04X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Substance is what a run of the variant depends on, in canonical form: what is
// said about the runs, and how many there are, is left out.
func (s *Scenario) Substance() []byte {
	c, bare := *s, Default()
	c.Name, c.Title, c.Claim, c.RefutedIf, c.Thresholds, c.Seeds, c.Baseline, c.Sweep, c.Grid = "run", "", "", nil, nil, bare.Seeds, "base", bare.Sweep, bare.Grid
	c.Variant, c.top = "base", nil
	return Effective([]Scenario{c})
}
