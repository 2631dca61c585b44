package media

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kinetoscope/protocol/demux"
)

func TestPayloadLayout(t *testing.T) {
	got := EncodePayload([]Part{
		{Clock: Clock{1001, 30_000}, Samples: []Sample{
			{Key: demux.Closed, Bytes: []byte("abc")}, {Step: 120, Damaged: true, Bytes: []byte("d")}, {Step: 40}}},
		{Clock: Clock{1024, 48_000}, Start: -21, Samples: []Sample{{Key: demux.Closed, Bytes: []byte("e")}}},
		{},
	})
	want := []byte{
		1,                         // version
		3,                         // tracks
		3,                         // samples
		0xe9, 7, 0xb0, 0xea, 1, 0, // clock 1001/30000, start 0
		1, 3, 'a', 'b', 'c', // closed, size
		4, 0xf0, 1, 1, 'd', // damaged, step +120
		0, 0x9f, 1, 0, // step -80
		1,                          // samples
		0x80, 8, 0x80, 0xf7, 2, 41, // clock 1024/48000, start -21
		1, 1, 'e',
		0, // no samples
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func TestPayloadRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		parts := make([]Part, rng.IntN(4))
		for i := range parts {
			for n := range rng.IntN(20) {
				s := Sample{Key: demux.Key(rng.IntN(4)), Damaged: rng.IntN(9) == 0, Bytes: make([]byte, rng.IntN(300))}
				if n > 0 {
					s.Step = rng.Int64N(1<<rng.IntN(62)+1) - 1000
				}
				for k := range s.Bytes {
					s.Bytes[k] = byte(rng.Uint32())
				}
				parts[i].Samples = append(parts[i].Samples, s)
			}
			if len(parts[i].Samples) > 0 {
				parts[i].Clock, parts[i].Start = Clock{1 + rng.Uint32N(1<<24), 1 + rng.Uint32N(1<<24)}, rng.Int64N(100)-50
			}
		}
		got, err := DecodePayload(EncodePayload(parts))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(parts) {
			t.Fatalf("%d tracks, want %d", len(got), len(parts))
		}
		for i := range got {
			if got[i].Clock != parts[i].Clock || got[i].Start != parts[i].Start || !sameSamples(got[i].Samples, parts[i].Samples) {
				t.Fatalf("track %d: %v, want %v", i, got[i], parts[i])
			}
		}
	}
}

func TestPayloadErrors(t *testing.T) {
	good := EncodePayload([]Part{{Clock: millis, Start: 5, Samples: []Sample{{Key: demux.Closed, Bytes: []byte("abc")}}}})
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
		{[]byte{1, 1, 1, 1, 1, 0, 8}, "only the lowest three bits"},
		{[]byte{1, 1, 1, 0, 1, 0, 0, 0}, "a clock of 0, allowed are 1 to 2^24"},
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
	in := []Part{{Clock: Clock{1, 1}, Start: math.MinInt64, Samples: []Sample{{}, {Step: math.MaxInt64}, {Step: math.MinInt64}}}}
	got, err := DecodePayload(EncodePayload(in))
	if err != nil || got[0].Start != math.MinInt64 || got[0].Samples[1].Step != math.MaxInt64 || got[0].Samples[2].Step != math.MinInt64 {
		t.Errorf("got %v, %v", got, err)
	}
}

// What decodes was encoded: one segment has one payload.
func FuzzDecodePayload(f *testing.F) {
	f.Add(EncodePayload([]Part{{Clock: millis, Start: 5, Samples: []Sample{{Key: demux.Closed, Bytes: []byte("abc")}}}, {}}))
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
