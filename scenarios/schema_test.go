package scenarios

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestSchemaAndReferenceOfAToy(t *testing.T) {
	v := reflect.ValueOf(toyDefault())
	golden(t, "testdata/toy.schema.json", string(schema(v, "Toy")))
	golden(t, "testdata/toy.md", string(reference(v)))
}

// TestSchemaHoldsTheScenario walks the schema beside the struct: the same keys
// in the same order, and patterns and names that admit the defaults.
func TestSchemaHoldsTheScenario(t *testing.T) {
	if !bytes.Equal(Schema(), Schema()) {
		t.Fatal("two schemas differ")
	}
	type node struct {
		Ref        string            `json:"$ref"`
		Defs       map[string]*node  `json:"$defs"`
		Properties json.RawMessage   `json:"properties"`
		Pattern    string            `json:"pattern"`
		Enum       []string          `json:"enum"`
		Additional json.RawMessage   `json:"additionalProperties"`
		AnyOf      []json.RawMessage `json:"anyOf"`
	}
	var top node
	if err := json.Unmarshal(Schema(), &top); err != nil {
		t.Fatal(err)
	}
	var walk func(n *node, v reflect.Value, path string)
	walk = func(n *node, v reflect.Value, path string) {
		if n == nil {
			t.Fatalf("%s is not in the schema", path)
		}
		if n.Ref != "" {
			n = top.Defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
		}
		if shapeOf(v.Type()) != section {
			text := ""
			if shapeOf(v.Type()) != list {
				text = write(v)
			}
			if n.Pattern != "" && !regexp.MustCompile(n.Pattern).MatchString(text) {
				t.Errorf("%s: the default %s does not match %s", path, text, n.Pattern)
			}
			if n.Enum != nil && !strings.Contains(" "+strings.Join(n.Enum, " ")+" ", " "+text+" ") {
				t.Errorf("%s: the default %q is not among %v", path, text, n.Enum)
			}
			return
		}
		var inner map[string]*node
		if err := json.Unmarshal(n.Properties, &inner); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if string(n.Additional) != "false" {
			t.Errorf("%s: unknown keys are allowed", path)
		}
		at := -1
		for _, f := range fieldsOf(v.Type()) {
			next := bytes.Index(n.Properties, []byte(`"`+f.name+`":`))
			if path == "" && next < at {
				t.Errorf("%s is out of order", f.name)
			}
			at = next
			if f.doc == "" || !strings.HasSuffix(f.doc, ".") {
				t.Errorf("%s: doc %q is not a sentence", join(path, f.name), f.doc)
			}
			walk(inner[f.name], v.Field(f.index), join(path, f.name))
		}
	}
	walk(&top, reflect.ValueOf(Default()), "")
}

// TestReferencePage keeps the page in docs as the program would write it.
func TestReferencePage(t *testing.T) {
	file := filepath.Join("..", "docs", "reference", "scenario.md")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, file, string(Reference()))
}
