package sim

import (
	"reflect"
	"testing"

	"kinetoscope/protocol"
)

// A brief message has nothing in it but what its note says: every other field
// makes it a parcel.
func TestBriefMessagesAreTheirNotes(t *testing.T) {
	inNote := map[string]bool{"Kind": true, "Rendition": true, "Shard": true, "Reason": true, "Seq": true}
	m := protocol.Message{Kind: protocol.Want, Rendition: 2, Shard: protocol.Whole, Reason: protocol.Busy, Seq: 1<<32 - 1}
	if got := noted(note(&m)); !reflect.DeepEqual(got, m) {
		t.Errorf("%+v becomes %+v", m, got)
	}
	for i := range reflect.TypeFor[protocol.Message]().NumField() {
		other := protocol.Message{}
		switch f := reflect.ValueOf(&other).Elem().Field(i); f.Kind() {
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			f.SetInt(1)
		default:
			f.SetUint(1)
		}
		if name := reflect.TypeFor[protocol.Message]().Field(i).Name; brief(&other) != inNote[name] {
			t.Errorf("a message with %s: brief is %t", name, brief(&other))
		}
	}
}
