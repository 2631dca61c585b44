package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An assignment is one --set key.path=value.
type assignment struct {
	src     *source
	variant string // the one variant that it concerns, or "" for all
	steps   []step
	value   string
	at      site // of the value
}

// A step is one key or index of an assignment's path.
type step struct {
	name string
	at   site
}

// assignments takes --set arguments apart.
func assignments(args []string, found *problems) []assignment {
	var out []assignment
	for i, arg := range args {
		src := &source{file: "--set " + clip(arg), lines: []string{arg}, layer: i + 1}
		key, value, ok := strings.Cut(arg, "=")
		switch {
		case strings.ContainsAny(arg, "\r\n") || !utf8.ValidString(arg):
			src.lines = []string{strconv.Quote(arg)}
			found.add(src.spot(1, 1, 1).problem("", "--set takes one line of UTF-8 text"))
			continue
		case !ok:
			found.add(src.spot(1, 1, utf8.RuneCountInString(arg)).problem("", "no value: write --set key.path=value"))
			continue
		}
		n := utf8.RuneCountInString(key)
		a := assignment{src: src, steps: steps(src, key), value: value, at: src.spot(1, n+2, utf8.RuneCountInString(value))}
		if a.steps[0].name == variantsKey {
			if len(a.steps) == 1 {
				found.add(a.steps[0].at.problem(variantsKey, "--set changes one variant at a time: write variants.NAME.key=value"))
				continue
			}
			a.variant, a.steps = a.steps[1].name, a.steps[2:]
		}
		out = append(out, a)
	}
	return out
}

// steps splits network.classes[1].loss or network.classes.1.loss.
func steps(src *source, key string) []step {
	var out []step
	start := 0
	runes := append([]rune(key), '.')
	for i, c := range runes {
		if c != '.' && c != '[' && c != ']' {
			continue
		}
		if closed := i > 0 && runes[i-1] == ']'; i > start || !closed {
			out = append(out, step{string(runes[start:i]), src.spot(1, start+1, max(1, i-start))})
		}
		start = i + 1
	}
	return out
}

// assign lays one assignment over v. Text, numbers and quantities are taken as
// they stand after the equals sign; a list or several keys are YAML.
func (w *walker) assign(a assignment, v reflect.Value) {
	path := ""
	for _, s := range a.steps {
		switch shapeOf(v.Type()) {
		case section:
			f, ok := w.field(fieldsOf(v.Type()), s.name, s.at, path)
			if !ok {
				return
			}
			v = v.Field(f.index)
		case list:
			i, err := strconv.Atoi(s.name)
			if err != nil || i < 0 || i >= v.Len() {
				w.bad(s.at, path, "no element %s: it has %d, counted from 0", clip(s.name), v.Len())
				return
			}
			v = v.Index(i)
		default:
			w.bad(s.at, path, "no keys below this: it is %s", form(v.Type()))
			return
		}
		path = join(path, s.name)
	}
	switch shapeOf(v.Type()) {
	case section, list:
		if strings.TrimSpace(a.value) == "" {
			w.bad(a.at, path, "no value: write %s", form(v.Type()))
			return
		}
		// The value keeps its column, so that a caret stands below it.
		padded := strings.Repeat(" ", a.at.column-1) + a.value
		if root := parse(a.src, []byte(padded), w.found); root != nil {
			w.value(root, v, path)
		}
	default:
		w.wrote(path, a.at)
		if err := store(v, scalar{text: a.value}); err != nil {
			w.bad(a.at, path, "%v", err)
		}
	}
}

// unknownVariant says which variants there are.
func (a assignment) unknownVariant(names []string) Problem {
	at := a.src.spot(1, len(variantsKey)+2, utf8.RuneCountInString(a.variant))
	return at.problem(variantsKey, fmt.Sprintf("unknown variant %s: %s", clip(a.variant), allowed(nearest(a.variant, names), names)))
}
