package media

import (
	"bytes"
	"testing"
	"time"
)

// A segment that was wrapped and read again is the same segment, byte for byte:
// what later goes wrong is the harm's doing and not the wrapping's.
func TestWrapIsUndoneByReading(t *testing.T) {
	l, err := Load(Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range l.Renditions {
		for i := range r.Segments {
			s := &r.Segments[i]
			head, fragment, err := Wrap(s)
			if err != nil {
				t.Fatal(err)
			}
			got, level, ok := Recover(append(head, fragment...), s, ToGap)
			if !ok || level != ToSamples {
				t.Fatalf("%s, segment %d: level %q", r.Name, i, level)
			}
			if !bytes.Equal(got.Payload, s.Payload) || got.Init.ID != s.Init.ID || got.Flags != s.Flags {
				t.Errorf("%s, segment %d: %d bytes, flags %v, %v; they were %d, %v, %v",
					r.Name, i, len(got.Payload), got.Flags, got.Init.Codecs, len(s.Payload), s.Flags, s.Init.Codecs)
			}
			if off := got.Duration - s.Duration; off < -50*time.Millisecond || off > 50*time.Millisecond {
				t.Errorf("%s, segment %d lasts %v instead of %v", r.Name, i, got.Duration, s.Duration)
			}
		}
	}
}

func TestOpaqueSegmentsAreNotWrapped(t *testing.T) {
	if _, _, err := Wrap(&Segment{Payload: []byte("opaque")}); err == nil {
		t.Error("an opaque segment was wrapped")
	}
	if _, _, err := Wrap(&Segment{Payload: []byte("no payload"), Init: &Init{Record: []byte{payloadVersion, 0}}}); err == nil {
		t.Error("what is no payload was wrapped")
	}
}
