package scenarios

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A shape says how a Go type is written in YAML.
type shape uint8

const (
	text     shape = iota // a Go string
	choice                // one of its type's Names
	quantity              // a type that reads text itself, such as unit.Rate
	duration              // time.Duration
	boolean
	whole   // any integer
	number  // any float
	section // a struct: keys
	list    // a slice
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	readerType   = reflect.TypeFor[encoding.TextUnmarshaler]()
	namesType    = reflect.TypeFor[interface{ Names() []string }]()
)

// shapeOf panics for a type that a scenario cannot hold: our bug, found by the
// first test that loads anything.
func shapeOf(t reflect.Type) shape {
	switch {
	case t == durationType:
		return duration
	case t.Implements(namesType):
		return choice
	case reflect.PointerTo(t).Implements(readerType):
		return quantity
	}
	switch k := t.Kind(); {
	case k == reflect.Struct:
		return section
	case k == reflect.Slice:
		return list
	case k == reflect.String:
		return text
	case k == reflect.Bool:
		return boolean
	case k >= reflect.Int && k <= reflect.Uint64:
		return whole
	case k == reflect.Float64:
		return number
	}
	panic(fmt.Sprintf("scenarios: a scenario cannot hold a %v", t))
}

// A field is one key of a section.
type field struct {
	name, doc string
	index     int
	shared    bool // the same for all variants
}

// fieldsOf lists the keys of a section in the order of the struct.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			panic(fmt.Sprintf("scenarios: %v.%s has no yaml tag", t, f.Name))
		}
		out = append(out, field{name: name, doc: f.Tag.Get("doc"), index: i, shared: f.Tag.Get("variant") == "no"})
	}
	return out
}

// named is the field with that name.
func named(fields []field, name string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// choicesOf is the Names of a choice.
func choicesOf(t reflect.Type) []string {
	return reflect.Zero(t).Interface().(interface{ Names() []string }).Names()
}

// form describes in a few words how a type is written.
func form(t reflect.Type) string {
	switch shapeOf(t) {
	case choice:
		return "one of " + strings.Join(choicesOf(t), ", ")
	case quantity:
		if ex, ok := reflect.Zero(t).Interface().(interface{ Example() string }); ok {
			return "a quantity like " + ex.Example()
		}
		return "a quantity"
	case duration:
		return "a duration like 2s"
	case boolean:
		return "true or false"
	case whole:
		return "a whole number"
	case number:
		return "a number"
	case section:
		return "keys"
	case list:
		return "a list"
	}
	return "text"
}

// A scalar is a value as it was written.
type scalar struct {
	text   string
	quoted bool // "like this": text, whatever it looks like
	typed  bool // a plain 5 or true, which YAML takes for a number or a truth value
}

// store reads s into v, which is neither a section nor a list. The error says
// what was found and what is allowed.
func store(v reflect.Value, s scalar) error {
	t := v.Type()
	switch shapeOf(t) {
	case choice:
		names := choicesOf(t)
		if !slices.Contains(names, s.text) {
			return fmt.Errorf("%s is unknown: %s", clip(s.text), allowed(nearest(s.text, names), names))
		}
		if r, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			return r.UnmarshalText([]byte(s.text))
		}
		v.SetString(s.text)
	case quantity:
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s.text))
	case duration:
		return storeDuration(v, s.text)
	case boolean:
		if s.quoted || s.text != "true" && s.text != "false" {
			return fmt.Errorf("%s is neither true nor false", s)
		}
		v.SetBool(s.text == "true")
	case whole:
		return storeWhole(v, s)
	case number:
		f, err := strconv.ParseFloat(s.text, 64)
		if s.quoted || strings.Trim(s.text, "0123456789.eE+-") != "" || err != nil {
			return fmt.Errorf("%s is not a number: write digits like 0.5 or 3e6", s)
		}
		v.SetFloat(f)
	default:
		if s.typed {
			return fmt.Errorf("%s is not text: write it in quotes, %q", s, s.text)
		}
		v.SetString(s.text)
	}
	return nil
}

// String shows a scalar as it was written, cut where it is long.
func (s scalar) String() string {
	if s.quoted {
		return strconv.Quote(cut(s.text))
	}
	return clip(s.text)
}

func storeDuration(v reflect.Value, s string) error {
	d, err := time.ParseDuration(s)
	_, bare := strconv.ParseFloat(s, 64)
	switch {
	case bare == nil && strings.Trim(s, "0123456789.+-") == "":
		return fmt.Errorf("%s has no unit: write %sms, %ss, %sm or %sh", clip(s), cut(s), cut(s), cut(s), cut(s))
	case err != nil:
		return fmt.Errorf("%s is not a duration: write it like 500ms, 2s or 1h30m", clip(s))
	}
	v.SetInt(int64(d))
	return nil
}

func storeWhole(v reflect.Value, s scalar) error {
	digits := strings.TrimPrefix(s.text, "-")
	if s.quoted || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return fmt.Errorf("%s is not a whole number: write it in digits, like 1000", s)
	}
	bits := v.Type().Bits()
	if v.CanInt() {
		n, err := strconv.ParseInt(s.text, 10, bits)
		if err != nil {
			return fmt.Errorf("%s does not fit: allowed are %d to %d", s, int64(math.MinInt64)>>(64-bits), int64(math.MaxInt64)>>(64-bits))
		}
		v.SetInt(n)
		return nil
	}
	n, err := strconv.ParseUint(s.text, 10, bits)
	if err != nil {
		return fmt.Errorf("%s does not fit: allowed are 0 to %d", s, uint64(math.MaxUint64)>>(64-bits))
	}
	v.SetUint(n)
	return nil
}

// write is the text that store reads back.
func write(v reflect.Value) string {
	switch shapeOf(v.Type()) {
	case quantity, choice:
		if m, ok := v.Interface().(encoding.TextMarshaler); ok {
			b, err := m.MarshalText()
			if err != nil {
				panic(fmt.Sprintf("scenarios: a %v that cannot be written: %v", v.Type(), err))
			}
			return string(b)
		}
		return fmt.Sprint(v.Interface())
	case duration:
		s := time.Duration(v.Int()).String() // 1h30m0s
		if strings.HasSuffix(s, "m0s") {
			s = strings.TrimSuffix(s, "0s")
		}
		if strings.HasSuffix(s, "h0m") {
			s = strings.TrimSuffix(s, "0m")
		}
		return s
	case boolean:
		return strconv.FormatBool(v.Bool())
	case number:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case whole:
		if v.CanInt() {
			return strconv.FormatInt(v.Int(), 10)
		}
		return strconv.FormatUint(v.Uint(), 10)
	}
	return v.String()
}

// cut bounds the length of what was found.
func cut(s string) string {
	if len(s) <= 60 {
		return s
	}
	n := 60
	for n > 60-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// clip quotes what could be mistaken for the sentence around it.
func clip(s string) string {
	odd := func(c rune) bool { return c == ' ' || c == '"' || c == utf8.RuneError || !strconv.IsPrint(c) }
	if s == "" || strings.ContainsFunc(s, odd) {
		return strconv.Quote(cut(s))
	}
	return cut(s)
}
