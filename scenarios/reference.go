package scenarios

import (
	"bytes"
	"reflect"
	"strings"
)

// Reference is a page of Markdown with every key: its form, its default and
// what it means.
func Reference() []byte { return reference(reflect.ValueOf(Default())) }

func reference(v reflect.Value) []byte {
	p := &page{}
	p.line("# Scenario files")
	p.line("")
	p.line("Every key of a scenario file. A test writes this page and keeps it true to the program.")
	p.line("A key that a file does not write has its default; `--set key.path=value` sets one from the command line.")
	p.line("`N` stands for the place of an element in a list, counted from 0.")
	p.heading("The scenario")
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		if inner := v.Field(f.index); shapeOf(inner.Type()) != section {
			p.key(f, inner, f.name)
		}
	}
	p.row(variantsKey, "keys", "", variantsDoc)
	for _, f := range fields {
		if inner := v.Field(f.index); shapeOf(inner.Type()) == section {
			p.heading(f.name)
			p.section(inner, f.name)
		}
	}
	return p.Bytes()
}

// A page is Markdown being written.
type page struct{ bytes.Buffer }

func (p *page) line(s string) { p.WriteString(s + "\n") }

func (p *page) heading(s string) {
	p.line("\n## " + s + "\n")
	p.line("| Key | Form | Default | Meaning |")
	p.line("|---|---|---|---|")
}

func (p *page) row(key, form, def, doc string) {
	if def != "" {
		def = "`" + def + "`"
	}
	p.line("| `" + key + "` | " + cell(form) + " | " + cell(def) + " | " + cell(doc) + " |")
}

// cell escapes what ends a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func (p *page) section(v reflect.Value, path string) {
	for _, f := range fieldsOf(v.Type()) {
		p.key(f, v.Field(f.index), join(path, f.name))
	}
}

// key writes the row of a key and the rows of the keys below it.
func (p *page) key(f field, v reflect.Value, path string) {
	doc := f.doc
	if f.shared {
		doc += " The same for all variants."
	}
	switch t := v.Type(); shapeOf(t) {
	case section:
		p.row(path, "keys", "", doc)
		p.section(v, path)
	case list:
		p.row(path, listForm(t), flow(v), doc)
		p.elements(t.Elem(), path+".N")
	default:
		p.row(path, form(t), write(v), doc)
	}
}

// elements writes the rows of the keys in the elements of a list.
func (p *page) elements(t reflect.Type, path string) {
	switch shapeOf(t) {
	case section:
		for _, f := range fieldsOf(t) {
			inner := t.Field(f.index).Type
			below := join(path, f.name)
			p.row(below, listForm(inner), "", f.doc)
			if shapeOf(inner) == list {
				below += ".N"
				inner = inner.Elem()
			}
			p.elements(inner, below)
		}
	case list:
		p.elements(t.Elem(), path+".N")
	}
}

// listForm is form, and says what a list is a list of.
func listForm(t reflect.Type) string {
	if shapeOf(t) != list {
		return form(t)
	}
	switch elem := t.Elem(); shapeOf(elem) {
	case section:
		return "a list with keys for each"
	case text:
		return "a list of texts"
	default:
		return "a list, each " + listForm(elem)
	}
}
