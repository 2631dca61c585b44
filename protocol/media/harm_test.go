package media

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/token"
)

// top is the second segment of the shipped clip's highest rendition.
func top(t testing.TB) *Segment {
	t.Helper()
	l, err := Load(Default())
	if err != nil {
		t.Fatal(err)
	}
	return &l.Renditions[len(l.Renditions)-1].Segments[1]
}

func draws(n uint64) *rand.Rand { return rand.New(rand.NewPCG(n, 1)) }

// What comes of each harm at each depth: how it is read, and whether anybody can
// show it.
func TestHarms(t *testing.T) {
	s := top(t)
	for _, tc := range []struct {
		name    string
		harm    Harm
		share   float64
		deepest Fallback
		level   Fallback // "" for nothing
		has     token.Flags
		hasNot  token.Flags
	}{
		{"an unknown codec is read by its container", ForeignCodec, 0, ToSamples, ToSamples, token.Independent | token.Break, token.Undecodable},
		{"an encrypted segment is read and cannot be shown", Encrypted, 0, ToSamples, ToSamples, token.Undecodable, 0},
		{"no damage at all", Broken, 0, ToSamples, ToSamples, token.Independent, token.Undecodable | token.Damaged | token.Break},
		{"a broken container without a search is lost", Broken, 0.003, ToSamples, "", 0, 0},
		{"a broken container is searched", Broken, 0.003, ToKeyframes, ToKeyframes, token.Guessed | token.Damaged, token.Undecodable},
		{"noise without opaque pieces is lost", Broken, 0.3, ToKeyframes, "", 0, 0},
		{"noise is passed on as it is", Broken, 0.3, ToOpaque, ToOpaque, token.Opaque | token.Undecodable, token.Independent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, err := Spoil(s, tc.harm, tc.share, draws(3))
			if err != nil {
				t.Fatal(err)
			}
			got, level, ok := Recover(b, s, tc.deepest)
			if ok != (tc.level != "") || level != tc.level {
				t.Fatalf("read as %q, %v", level, ok)
			}
			if got.Flags&tc.has != tc.has || got.Flags&tc.hasNot != 0 {
				t.Errorf("flags %v: want %v and not %v", got.Flags, tc.has, tc.hasNot)
			}
			if level == ToOpaque && !bytes.Equal(got.Payload, b) {
				t.Error("opaque bytes are not those that came")
			}
		})
	}
}

// An unknown codec and encryption leave what they do not touch: as many samples,
// and under the unknown codec the same bytes.
func TestHarmsKeepTheSamples(t *testing.T) {
	s := top(t)
	for _, h := range []Harm{ForeignCodec, Encrypted} {
		b, err := Spoil(s, h, 0, draws(1))
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := Recover(b, s, ToGap)
		if got.Samples != s.Samples {
			t.Errorf("%s: %d samples of %d", h, got.Samples, s.Samples)
		}
		if same := bytes.Equal(got.Payload, s.Payload); same != (h == ForeignCodec) {
			t.Errorf("%s: the payload is the same: %v", h, same)
		}
		if other := got.Init.ID != s.Init.ID; other != (h == ForeignCodec) {
			t.Errorf("%s: the decoder's configuration differs: %v", h, other)
		}
	}
}

// With its boxes gone, every picture is still found, as it was.
func TestPicturesAreFoundWithoutBoxes(t *testing.T) {
	s := top(t)
	head, fragment, err := Wrap(s)
	if err != nil {
		t.Fatal(err)
	}
	clear(fragment[:bytes.Index(fragment, []byte("mdat"))+4])
	got, level, ok := Recover(append(head, fragment...), s, ToGap)
	if !ok || level != ToKeyframes || !got.Independent() {
		t.Fatalf("read as %q with flags %v", level, got.Flags)
	}
	want, found := decoded(t, s)[0].Samples, decoded(t, &got)[0].Samples
	if len(found) != len(want) {
		t.Fatalf("%d pictures of %d", len(found), len(want))
	}
	for i := range want {
		if !bytes.Equal(found[i].Bytes, want[i].Bytes) || found[i].Key != want[i].Key {
			t.Errorf("picture %d differs", i)
		}
	}
}

// Whatever happens to its bytes, nothing comes of a segment that was not in
// them: every sample is a stretch of what came.
func TestNothingIsInvented(t *testing.T) {
	s := top(t)
	levels := map[Fallback]int{}
	for seed := range uint64(40) {
		share := []float64{1e-6, 1e-5, 1e-4, 1e-3, 0.3}[seed%5]
		b, err := Spoil(s, Broken, share, draws(seed))
		if err != nil {
			t.Fatal(err)
		}
		got, level, ok := Recover(b, s, ToGap)
		if !ok {
			t.Fatalf("seed %d: nothing is left", seed)
		}
		levels[level]++
		if level == ToOpaque {
			continue
		}
		for _, p := range decoded(t, &got) {
			for i := range p.Samples {
				if x := p.Samples[i].Bytes; !bytes.Contains(b, x) {
					t.Fatalf("seed %d: sample %d of %d bytes is nowhere in what came", seed, i, len(x))
				}
			}
		}
	}
	if levels[ToSamples] == 0 || levels[ToKeyframes] == 0 || levels[ToOpaque] == 0 {
		t.Errorf("levels that were reached: %v", levels)
	}
}

// Whatever comes where a segment was due, something comes of it, no sample is
// larger than it, and a search goes no deeper than told.
func FuzzRecover(f *testing.F) {
	s := top(f)
	head, fragment, err := Wrap(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(head, fragment[:4000]...), byte(4))
	f.Add(fragment[:4000], byte(1))
	f.Add(chain("\x65\x88\x84", "\x41\x9a\x00"), byte(1))
	f.Add([]byte{}, byte(0))
	f.Fuzz(func(t *testing.T, b []byte, depth byte) {
		levels := ToGap.Names()
		deepest := Fallback(levels[int(depth)%len(levels)])
		got, level, ok := Recover(b, s, deepest)
		if !ok {
			if deepest.Reaches(ToOpaque) {
				t.Fatalf("nothing is left at depth %s", deepest)
			}
			return
		}
		if !deepest.Reaches(level) {
			t.Fatalf("%s goes deeper than %s", level, deepest)
		}
		if level != ToOpaque {
			for _, p := range decoded(t, &got) {
				for i := range p.Samples {
					if len(p.Samples[i].Bytes) > 4*len(b)+64 {
						t.Fatalf("a sample of %d bytes out of %d", len(p.Samples[i].Bytes), len(b))
					}
				}
			}
		}
	})
}

// A configuration record that was made up is read or refused.
func FuzzReadConfig(f *testing.F) {
	f.Add(top(f).Init.Record)
	f.Add([]byte{payloadVersion, 255, 255, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		tracks, err := readConfig(b)
		for i := range tracks {
			if err == nil && len(tracks[i].record)+len(tracks[i].name) > len(b) {
				t.Fatal("a track is larger than the record")
			}
		}
	})
}

// flip hits as many bits as it should, within five standard deviations, and any
// place alike.
func TestFlipsAreAsManyAsTold(t *testing.T) {
	b := make([]byte, 1<<17)
	flip(b, 0.01, draws(1))
	n, front := 0, 0
	for i, x := range b {
		for ; x != 0; x &= x - 1 {
			if n++; i < len(b)/2 {
				front++
			}
		}
	}
	if n < 10_485-510 || n > 10_485+510 || front < n/2-260 || front > n/2+260 {
		t.Errorf("%d of %d bits are flipped, %d in the first half", n, 8*len(b), front)
	}
	flip(b, 1, draws(2))
	flip(b, 1, draws(3))
	flip(b[:0], 0.5, draws(4))
}

// Each kind of damage does what its name says, the same for the same seed, and
// leaves the file that it was given alone.
func TestDamageOfFiles(t *testing.T) {
	l := cat(boxed("ftyp", []byte("isom")), boxed("moov", make([]byte, 50)), boxed("mdat", bytes.Repeat([]byte("pictures"), 2000)))
	was := slices.Clone(l)
	for _, k := range DamageKind("").Names() {
		d := Damage{Kind: DamageKind(k), Share: 0.25, Seed: 7}
		a, b := d.do("a.mp4", l), d.do("a.mp4", l)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: the same seed gives other bytes", k)
		}
		if !bytes.Equal(l, was) {
			t.Fatalf("%s: changed the file that it was given", k)
		}
		quarter := len(l) / 4
		switch d.Kind {
		case Clean:
			if !bytes.Equal(a, l) {
				t.Error("clean files are changed")
			}
		case Truncated:
			if !bytes.Equal(a, l[:len(l)-quarter]) {
				t.Error("not the end is missing")
			}
		case Late:
			if !bytes.Equal(a, l[quarter:]) {
				t.Error("not the front is missing")
			}
		case Headless:
			if len(a) != len(l)-58 || bytes.Contains(a, []byte("moov")) {
				t.Error("the movie header is there")
			}
		case Cuts:
			if got := len(l) - len(a); got < quarter-10 || got > quarter {
				t.Errorf("cuts took %d bytes of %d", got, len(l))
			}
		case Hole:
			if n := bytes.Count(a, []byte{0}) - bytes.Count(l, []byte{0}); len(a) != len(l) || n != quarter {
				t.Errorf("%d bytes are zero", n)
			}
		case Flips:
			if len(a) != len(l) || bytes.Equal(a, l) {
				t.Error("nothing is flipped")
			}
		}
		for _, tiny := range [][]byte{{1}, {}, {0, 0, 0, 8}} {
			if got := d.do("x", tiny); len(tiny) > 0 && len(got) == 0 {
				t.Errorf("%s leaves nothing of %d bytes", k, len(tiny))
			}
		}
	}
}

func TestBadDamage(t *testing.T) {
	c := Default()
	c.Damage = Damage{Share: 2, Seed: -1}
	if err := c.Validate(); err == nil || err.Error() != "damage.share: found 200%, allowed is 0% to 100%\ndamage.seed: found -1, allowed is 0 and more" {
		t.Errorf("got %v", err)
	}
	var k DamageKind
	if err := k.UnmarshalText([]byte("moths")); err == nil {
		t.Error("moths are known")
	}
}

// Constant sizes carry as much as the real ones, in pieces that do not differ.
func TestConstantSizes(t *testing.T) {
	c := Default()
	real, err := Load(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Sizes = Constant
	flat, err := Load(c)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range flat.Renditions {
		var sum, was int
		for n, s := range r.Segments {
			if off := unit.Size(len(s.Payload)) - r.Bitrate.Bytes(s.Duration); off != 0 {
				t.Errorf("%s: segment %d is %d bytes off", r.Name, n, off)
			}
			sum, was = sum+len(s.Payload), was+len(real.Renditions[i].Segments[n].Payload)
		}
		if sum < was-len(r.Segments)-8 || sum > was+8 {
			t.Errorf("%s: %d bytes instead of %d", r.Name, sum, was)
		}
	}
}
