package media

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestPayloadLayout(t *testing.T) {
	got := EncodePayload([][]Sample{
		{{Time: 0, Key: Closed, Bytes: []byte("abc")}, {Time: 120, Bytes: []byte("d")}, {Time: 40, Bytes: nil}},
		{{Time: -21, Key: Closed, Bytes: []byte("e")}},
		{},
	})
	want := []byte{
		1,                      // version
		3,                      // tracks
		3,                      // samples
		3, 0, 1, 'a', 'b', 'c', // size, step 0, closed
		1, 0xf0, 1, 0, 'd', // step +120
		0, 0x9f, 1, 0, // step -80
		1,             // samples
		1, 41, 1, 'e', // step -21
		0, // no samples
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func TestPayloadRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		tracks := make([][]Sample, rng.IntN(4))
		for i := range tracks {
			for range rng.IntN(20) {
				s := Sample{Time: rng.Int64N(1<<rng.IntN(62)+1) - 1000, Key: Key(rng.IntN(4)), Bytes: make([]byte, rng.IntN(300))}
				for k := range s.Bytes {
					s.Bytes[k] = byte(rng.Uint32())
				}
				tracks[i] = append(tracks[i], s)
			}
		}
		b := EncodePayload(tracks)
		got, err := DecodePayload(b)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(tracks) {
			t.Fatalf("%d tracks, want %d", len(got), len(tracks))
		}
		for i := range got {
			if !sameSamples(got[i], tracks[i]) {
				t.Fatalf("track %d: %v, want %v", i, got[i], tracks[i])
			}
		}
	}
}

func TestPayloadErrors(t *testing.T) {
	good := EncodePayload([][]Sample{{{Time: 5, Key: Closed, Bytes: []byte("abc")}}})
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{nil, "payload: version 0, this program reads 1"},
		{[]byte{2, 0}, "payload: version 2, this program reads 1"},
		{[]byte{1}, "payload: at byte 1: ends too early"},
		{good[:len(good)-1], "ends too early"},
		{append(bytes.Clone(good), 0), "1 bytes after the last sample"},
		{[]byte{1, 0x80, 0}, "a number in a longer form than needed"},
		{[]byte{1, 1, 1, 0, 0, 4}, "only the lowest two bits"},
		{[]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f}, "ends too early"},
		{append([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f}, make([]byte, 300)...), "more than 256 tracks"},
		{[]byte{1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, "ends too early"},
	} {
		_, err := DecodePayload(c.b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%x: %v, want %q", c.b, err, c.want)
		}
	}
}

func TestPayloadExtremeTimes(t *testing.T) {
	in := [][]Sample{{{Time: math.MaxInt64}, {Time: math.MinInt64}, {Time: 0}}}
	got, err := DecodePayload(EncodePayload(in))
	if err != nil || !reflect.DeepEqual(times(got[0]), times(in[0])) {
		t.Errorf("got %v, %v", got, err)
	}
}

func times(s []Sample) (out []int64) {
	for i := range s {
		out = append(out, s[i].Time)
	}
	return out
}

// What decodes was encoded: one segment has one payload.
func FuzzDecodePayload(f *testing.F) {
	f.Add(EncodePayload([][]Sample{{{Time: 5, Key: Closed, Bytes: []byte("abc")}}, {}}))
	f.Add([]byte{1, 0x80, 0})
	l, err := Load(Default())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(l.Renditions[0].Segments[1].Payload[:4000])
	f.Fuzz(func(t *testing.T, b []byte) {
		tracks, err := DecodePayload(b)
		if err == nil && !bytes.Equal(EncodePayload(tracks), b) {
			t.Errorf("%x decodes to %v, which encodes differently", b, tracks)
		}
	})
}
