package protocol

import (
	"reflect"
	"testing"
)

// What there is one of for each viewer fills a size class of Go's allocator: one field
// more costs the next class, and belongs into what few need if it can.
func TestSizes(t *testing.T) {
	for _, one := range []struct {
		kind reflect.Type
		most uintptr
	}{{reflect.TypeFor[Viewer](), 448}, {reflect.TypeFor[guest](), 128}} {
		if n := one.kind.Size(); n > one.most {
			t.Errorf("%v: %d bytes, at most %d", one.kind, n, one.most)
		}
	}
}

// What a pushed token touches of a viewer lies in lines of its own: none is fetched for a
// part of what is needed and a part of what is not.
func TestLines(t *testing.T) {
	const line = 64
	for _, name := range []string{"gone", "player", "req", "payer", "held", "table"} {
		if f, _ := reflect.TypeFor[Viewer]().FieldByName(name); f.Offset%line != 0 {
			t.Errorf("%s begins %d bytes into a line", name, f.Offset%line)
		}
	}
	if n := reflect.TypeFor[Viewer]().Size(); n%line != 0 {
		t.Errorf("a viewer takes %d bytes, which are no whole lines", n)
	}
}
