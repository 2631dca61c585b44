package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"

	"kinetoscope/internal/unit"
)

// durationPattern is what time.ParseDuration reads, without a sign.
const durationPattern = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`

// Schema is the JSON Schema (draft 2020-12) of scenario files, for editors.
// It holds every key with its form, default and meaning; what only a Validate
// knows is not in it.
func Schema() []byte {
	return schema(reflect.ValueOf(Default()), "Kinetoscope scenario")
}

// schema describes a struct that holds its defaults, and its variants. Each
// section stands once, below $defs, because a variant has it too.
func schema(v reflect.Value, title string) []byte {
	top := &jsonschema.Schema{Version: jsonschema.Version, Title: title, Type: "object",
		Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema,
		Definitions: jsonschema.Definitions{}}
	variant := &jsonschema.Schema{Type: "object",
		Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	r := reflector()
	for _, f := range fieldsOf(v.Type()) {
		def := r.ReflectFromType(v.Field(f.index).Type())
		def.Version = ""
		defaults(def, v.Field(f.index))
		top.Definitions[f.name] = def
		ref := &jsonschema.Schema{Ref: "#/$defs/" + f.name, Description: f.doc}
		top.Properties.Set(f.name, ref)
		if !f.shared {
			variant.Properties.Set(f.name, ref)
		}
	}
	top.Definitions["variant"] = variant
	top.Properties.Set(variantsKey, &jsonschema.Schema{Type: "object",
		Description:          variantsDoc,
		PropertyNames:        &jsonschema.Schema{Pattern: namePattern},
		AdditionalProperties: &jsonschema.Schema{Ref: "#/$defs/variant"}})
	return indented(top)
}

const (
	variantsDoc = "The variants to compare, by name, in order: each lays its own keys over those of the file."
	namePattern = "^[a-z0-9][a-z0-9-]{0,39}$"
)

func indented(s *jsonschema.Schema) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		panic(fmt.Sprintf("scenarios: the schema cannot be written: %v", err))
	}
	return b.Bytes()
}

// reflector reads the same tags as the decoder. It writes every struct out in
// place: the packages all call theirs Config.
func reflector() *jsonschema.Reflector {
	return &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		Anonymous:                  true,
		DoNotReference:             true,
		RequiredFromJSONSchemaTags: true, // that is, nothing is
		Mapper:                     leaf,
		LookupComment: func(t reflect.Type, name string) string {
			if name == "" { // asks for the comment of the type
				return ""
			}
			f, _ := t.FieldByName(name)
			return f.Tag.Get("doc")
		},
	}
}

// leaf is the schema of a type that is written as one value, or nil.
func leaf(t reflect.Type) *jsonschema.Schema {
	switch shapeOf(t) {
	case choice:
		s := &jsonschema.Schema{Type: "string"}
		for _, name := range choicesOf(t) {
			s.Enum = append(s.Enum, name)
		}
		return s
	case duration:
		return &jsonschema.Schema{Type: "string", Pattern: durationPattern, Examples: []any{"2s"}}
	case quantity:
		s := &jsonschema.Schema{Type: "string"}
		if q, ok := reflect.Zero(t).Interface().(interface{ Pattern() string }); ok {
			s.Pattern = q.Pattern()
		}
		if q, ok := reflect.Zero(t).Interface().(interface{ Example() string }); ok {
			s.Examples = []any{q.Example()}
		}
		if t == reflect.TypeFor[unit.Ratio]() {
			return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, {Type: "number", Minimum: "0", Maximum: "1"}}}
		}
		return s
	}
	return nil
}

// defaults writes into a schema what holds where a key is not written.
func defaults(s *jsonschema.Schema, v reflect.Value) {
	switch shapeOf(v.Type()) {
	case section:
		for _, f := range fieldsOf(v.Type()) {
			inner, _ := s.Properties.Get(f.name)
			defaults(inner, v.Field(f.index))
		}
	case list:
	case boolean:
		s.Default = v.Bool()
	case whole, number:
		s.Default = json.Number(write(v))
	default:
		if text := write(v); text != "" {
			s.Default = text
		}
	}
}
