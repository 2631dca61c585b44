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
	}{{reflect.TypeFor[Viewer](), 512}, {reflect.TypeFor[guest](), 128}} {
		if n := one.kind.Size(); n > one.most {
			t.Errorf("%v: %d bytes, at most %d", one.kind, n, one.most)
		}
	}
}
