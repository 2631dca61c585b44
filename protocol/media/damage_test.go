package media

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// sound checks what must hold for any bytes: the account adds up, segments
// follow one another and decode, opaque pieces add up to the file, and small
// files stay small.
func sound(t testing.TB, b []byte) *Report {
	t.Helper()
	r := Tokenize("x", b, 2*time.Second)
	a := r.Account
	if a.Samples+a.Opaque+a.Index+a.Rest != int64(len(b)) || min(a.Samples, a.Opaque, a.Index, a.Rest) < 0 {
		t.Fatalf("account %+v does not add up to %d bytes", a, len(b))
	}
	var at time.Duration
	samples, payload := 0, 0
	var pieces []byte
	for i := range r.Rendition.Segments {
		s := &r.Rendition.Segments[i]
		if s.Start != at || s.Duration <= 0 {
			t.Fatalf("segment %d: start %v, want %v, duration %v", i, s.Start, at, s.Duration)
		}
		at += s.Duration
		samples += s.Samples
		payload += len(s.Payload)
		if r.Opaque != "" {
			pieces = append(pieces, s.Payload...)
			continue
		}
		parts, err := DecodePayload(s.Payload)
		if err != nil {
			t.Fatalf("segment %d: %v", i, err)
		}
		if lead := parts[0].Samples; s.Flags&token.Independent != 0 && len(lead) > 0 && lead[0].Key != demux.Closed {
			t.Fatalf("segment %d is independent and starts with %v", i, lead[0].Key)
		}
	}
	want := 0
	for _, x := range r.Tracks {
		want += x.Samples
	}
	if r.Opaque == "" && samples != want {
		t.Fatalf("segments have %d samples, tracks %d", samples, want)
	}
	if r.Opaque != "" && !bytes.Equal(pieces, b) {
		t.Fatal("the opaque pieces do not add up to the file")
	}
	if payload > 60*len(b)+(maxTracks+8)*len(r.Segments) {
		t.Fatalf("%d bytes of file became %d bytes of payload", len(b), payload)
	}
	return r
}

// Damage of any kind, anywhere, leaves something sound.
func TestDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	film := film{pictures: 200, sounds: 370, size: 200}.bytes()
	for _, b := range [][]byte{clipFile(t, "180p.mp4"), clipFile(t, "270p.mp4"), film} {
		for range 60 {
			x := bytes.Clone(b)
			at, n := rng.IntN(len(b)), rng.IntN(len(b)/10)
			end := min(at+n, len(b))
			switch rng.IntN(5) {
			case 0:
				x = x[:at]
			case 1:
				clear(x[at:end])
			case 2:
				x = append(x[:at], x[end:]...)
			case 3:
				x = cat(x[:end], b[at:])
			default:
				for range 20 {
					x[rng.IntN(len(x))] ^= 1 << rng.IntN(8)
				}
			}
			sound(t, x)
		}
	}
}

func FuzzTokenize(f *testing.F) {
	clip := clipFile(f, "270p.mp4")
	f.Add(clip[:4000])
	f.Add(film{pictures: 20, sounds: 30}.bytes())
	f.Add(film{pictures: 20, key: marks("3o 9c 12g"), jump: map[int]int64{7: -1 << 40}}.bytes())
	f.Add([]byte("no film at all"))
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := sound(t, b)
		c := NewCutter(2 * time.Second)
		early := false // samples were out before all had come: what is out cannot turn out wrong
		for at := 0; at < len(b); at += 997 {
			c.Feed(b[at:min(at+997, len(b)):min(at+997, len(b))])
			for s, ok := c.Next(); ok; s, ok = c.Next() {
				early = early || s.Samples > 0
			}
		}
		c.Close()
		for _, ok := c.Next(); ok; _, ok = c.Next() {
		}
		got := &Report{}
		if got.Finish(c); got.Opaque != whole.Opaque && !early {
			t.Errorf("in pieces: %q, whole: %q", got.Opaque, whole.Opaque)
		}
		if n := waits(c); n > 0 {
			t.Errorf("%d samples were never taken", n)
		}
	})
}

// waits counts the samples that c has read and not put into a segment.
func waits(c *Cutter) (n int) {
	for _, t := range c.demuxer.Movie().Tracks {
		n += len(t.Samples)
	}
	return n
}
