package demux

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// codes puts a start code before each unit.
func codes(units ...string) []byte {
	var b []byte
	for _, u := range units {
		b = append(b, "\x00\x00\x00\x01"+u...)
	}
	return b
}

// Parameter sets of small streams that encoders wrote.
const (
	realAVCSPS  = "\x67\x64\x00\x0c\xac\xd9\x41\x41\x9f\x9f\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x03\x20\xf1\x42\x99\x60"
	realAVCPPS  = "\x68\xef\x89\xcb"
	otherAVCPPS = "\x68\xfe\x89\xcb" // of the same number
	fieldAVCSPS = "\x67\x64\x00\x15\xac\xd9\x41\x43\x3f\x26\x02\x20\x00\x00\x03\x00\x20\x00\x00\x06\x43\xe2\x85\x32\xc0"
	realHVPS    = "\x40\x01\x0c\x01\xff\xff\x01\x60\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\x03\x00\x3c\x95\x94\x09"
	realHSPS    = "\x42\x01\x01\x01\x60\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\x03\x00\x3c\xa0\x0a\x08\x0c\x1f\x3e\x59\x59\x52\x93\x0b\xc0\x5a\x02\x00\x00\x03\x00\x02\x00\x00\x03\x00\x32\x10"
	realHPPS    = "\x44\x01\xc0\x73\xc0\x89"
	avcFiller   = "\x0c\xff\xff\x80"
)

// feedUnits adds access units to one track and returns it.
func feedUnits(f family, pictures ...[]byte) *Track {
	m := &Movie{size: 1 << 20}
	t := m.grow(1)
	t.Kind, t.Codec = Video, nalCodec(f)
	for i, p := range pictures {
		m.addUnits(t, Sample{Bytes: p, Size: int32(len(p)), Time: int64(i) * 3600, Dur: 3600})
	}
	return t
}

func TestUnitsOf(t *testing.T) {
	for in, want := range map[string][]string{
		"":                                      nil,
		"abc":                                   nil,
		"\x00\x00\x01":                          nil,
		"\x00\x00\x01a":                         {"a"},
		"ab\x00\x00\x01cd\x00\x00\x00\x00":      {"cd"},
		"\x00\x00\x00\x01a\x00\x00\x01b":        {"a", "b"},
		"\x00\x00\x01\x00\x00\x01b":             {"b"},
		"\x00\x00\x01a\x00\x00\x00\x00\x01b":    {"a", "b"},
		"\x00\x00\x01a\x00\x00\x03\x01\x00\x00": {"a\x00\x00\x03\x01"},
	} {
		var got []string
		for u := range unitsOf([]byte(in)) {
			got = append(got, string(u))
		}
		if len(got) != len(want) {
			t.Errorf("%q: %q, want %q", in, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q: %q, want %q", in, got, want)
			}
		}
	}
}

// The search for eight bytes at once finds what the search for one byte finds.
func TestNextCodeAgainstPlainSearch(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		b := make([]byte, rng.IntN(60))
		for i := range b {
			b[i] = byte(rng.IntN(3))
			if rng.IntN(3) == 0 {
				b[i] = byte(rng.Uint32())
			}
		}
		from := rng.IntN(len(b) + 1)
		want := len(b)
		if i := bytes.Index(b[from:], []byte{0, 0, 1}); i >= 0 {
			want = from + i
		}
		if got := nextCode(b, from); got != want {
			t.Fatalf("%x from %d: %d, want %d", b, from, got, want)
		}
	}
}

func TestAddUnits(t *testing.T) {
	tr := feedUnits(h264,
		codes(avcAUD, realAVCSPS, realAVCPPS, seiUser, avcIDR),
		codes(avcAUD, avcP, avcFiller),
		codes("\x01\x9a\x01"),
		codes(avcAUD, realAVCSPS, realAVCPPS, avcIDR))
	want := [][]byte{chain(seiUser, avcIDR), chain(avcP), chain("\x01\x9a\x01"), chain(avcIDR)}
	keys := []Key{Closed, None, None, Closed}
	if len(tr.Samples) != len(want) {
		t.Fatalf("%d samples, want %d; %v", len(tr.Samples), len(want), tr.movie.Repairs)
	}
	for i, s := range tr.Samples {
		if !bytes.Equal(s.Bytes, want[i]) || s.Key != keys[i] || s.Codec != tr.Codec {
			t.Errorf("sample %d: %x %v, want %x %v", i, s.Bytes, s.Key, want[i], keys[i])
		}
		if disposable := i == 2; (s.Flags&Disposable != 0) != disposable || s.Flags&Break != 0 {
			t.Errorf("sample %d: flags %b", i, s.Flags)
		}
	}
	c := tr.Codec
	if c.Name != "avc1.64000c" || c.Width != 320 || c.Height != 180 {
		t.Errorf("codec %q, %d x %d", c.Name, c.Width, c.Height)
	}
}

// What is wrong in one unit costs this unit, and the picture says so.
func TestAddUnitsOfDamage(t *testing.T) {
	tr := feedUnits(h264,
		append([]byte("tail"), codes(realAVCSPS, realAVCPPS, avcIDR)...),
		codes("\xe5\x88\x84", avcP),
		codes(avcAUD),
		[]byte("no start code at all"))
	if len(tr.Samples) != 2 || tr.Samples[1].Flags&Damaged == 0 || !bytes.Equal(tr.Samples[1].Bytes, chain(avcP)) {
		t.Errorf("samples %+v", tr.Samples)
	}
	want := []Repair{{lostFront, 24}, {lostUnit, 1}, {lostEmpty, 2}}
	for _, w := range want {
		found := false
		for _, r := range tr.movie.Repairs {
			found = found || r == w
		}
		if !found {
			t.Errorf("repairs %v, want %v among them", tr.movie.Repairs, w)
		}
	}
}

// The same picture sets in an avcC box, in-band or twice make the same samples
// and the same codec.
func TestSetsWhereverTheyStand(t *testing.T) {
	box := "\x01\x64\x00\x0c\xfe\xe1" + "\x00\x1a" + realAVCSPS + "\x01\x00\x04" + realAVCPPS + "\xfd\xf8\xf8\x00"
	empty := "\x01\x64\x00\x0c\xfd\xe0\x00"
	plain := feedUnits(h264, codes(realAVCSPS, realAVCPPS, avcIDR), codes(avcP), codes(avcIDR))
	for _, c := range []struct {
		what, entry, box string
		prefix           int
		keys             []string
	}{
		{"box", "avc1", box, 3, []string{avcIDR}},
		{"box and in-band", "avc3", box, 3, []string{avcAUD, realAVCSPS, realAVCPPS, avcIDR}},
		{"in-band", "avc3", empty, 2, []string{realAVCSPS, realAVCPPS, avcFiller, avcIDR}},
	} {
		m := &Movie{size: 1 << 20}
		tr := m.grow(1)
		tr.Kind, tr.Codec = Video, &Codec{}
		tr.Codec.describe(c.entry, "avcC", []byte(c.box))
		for _, p := range [][]string{c.keys, {avcP}, c.keys} {
			var b []byte
			for _, u := range p {
				b = append(b, "\x00\x00\x00"[:c.prefix-1]+string(rune(len(u)))+u...)
			}
			m.add(tr, Sample{Bytes: b, Size: int32(len(b))})
		}
		if len(tr.Samples) != 3 {
			t.Fatalf("%s: %d samples, %v", c.what, len(tr.Samples), m.Repairs)
		}
		for i, s := range tr.Samples {
			if w := plain.Samples[i]; !bytes.Equal(s.Bytes, w.Bytes) || s.Flags != w.Flags || s.Key != w.Key {
				t.Errorf("%s: sample %d: %x %b, want %x %b", c.what, i, s.Bytes, s.Flags, w.Bytes, w.Flags)
			}
		}
		if got, want := *tr.Samples[0].Codec, *plain.Codec; got.Name != want.Name || !bytes.Equal(got.Record, want.Record) ||
			got.Width != want.Width || got.Height != want.Height {
			t.Errorf("%s: codec %+v, want %+v", c.what, got, want)
		}
	}
}

// A change at a key picture is a new codec; one before another picture stays
// in-band until the next key picture, which tells everything.
func TestChangedSets(t *testing.T) {
	tr := feedUnits(h264,
		codes(realAVCSPS, realAVCPPS, avcIDR),
		codes(otherAVCPPS, avcP),
		codes(otherAVCPPS, avcP),
		codes(realAVCPPS, avcIDR),
		codes(avcIDR),
		codes(otherAVCPPS, avcIDR))
	want := [][]byte{chain(avcIDR), chain(otherAVCPPS, avcP), chain(avcP), chain(avcIDR), chain(avcIDR), chain(avcIDR)}
	breaks := []bool{false, false, false, true, false, true}
	for i, s := range tr.Samples {
		if !bytes.Equal(s.Bytes, want[i]) || s.Flags&Break != 0 != breaks[i] {
			t.Errorf("sample %d: %x, flags %b; want %x, break %v", i, s.Bytes, s.Flags, want[i], breaks[i])
		}
	}
	first, last := tr.Samples[3].Codec.Record, tr.Samples[5].Codec.Record
	if bytes.Equal(first, last) || !bytes.Equal(first, tr.Samples[0].Codec.Record) {
		t.Errorf("records %x, %x", first, last)
	}
}

// A stream joined between key pictures is kept from its first byte on.
func TestSetsThatComeLate(t *testing.T) {
	tr := feedUnits(h264, codes(avcP), codes(realAVCSPS, realAVCPPS, avcIDR))
	if len(tr.Samples) != 2 || tr.Samples[0].Codec.Name != "avc1" || tr.Samples[1].Flags&Break == 0 {
		t.Errorf("%+v", tr.Samples)
	}
}

// Parameter sets that change with every picture cannot make a small source
// large.
func TestSetsAreBounded(t *testing.T) {
	m := &Movie{size: 1 << 20}
	tr := m.grow(1)
	tr.Kind, tr.Codec = Video, nalCodec(h264)
	m.addUnits(tr, Sample{Bytes: codes(realAVCSPS, realAVCPPS, avcIDR), Size: 40})
	for i := range 20_000 {
		pps := realAVCPPS + string(rune('a'+i%26)) + string(rune('A'+i/26%26)) + "\x80"
		m.addUnits(tr, Sample{Bytes: codes(pps, avcIDR), Size: 20})
	}
	held := 0
	var last *Codec
	for i := range tr.Samples {
		if c := tr.Samples[i].Codec; c != last {
			held += len(c.Record)
			last = c
		}
	}
	if held > 1<<18+maxRecord || m.learnt > 1<<18+maxRecord {
		t.Errorf("%d bytes of records, %d learnt", held, m.learnt)
	}
	if tr.Total() != 20_001 {
		t.Errorf("%d samples", tr.Total())
	}
}

func TestReadSPS(t *testing.T) {
	for _, c := range []struct {
		f             family
		unit          string
		text          string
		width, height int
		tick, scale   int
	}{
		{h264, realAVCSPS, ".64000c", 320, 180, 2, 50},
		{h264, fieldAVCSPS, ".640015", 320, 180, 2, 50},
		{h265, realHSPS, ".1.6.L60.90", 320, 180, 1, 25},
	} {
		v, ok := c.f.readSPS([]byte(c.unit))
		if !ok || v.text != c.text || v.width != c.width || v.height != c.height || v.tick != c.tick || v.scale != c.scale {
			t.Errorf("%+v, want %+v", v, c)
		}
		for n := range c.unit { // cut anywhere
			c.f.readSPS([]byte(c.unit[:n]))
			c.f.readSet([]byte(c.unit[:n]))
		}
	}
}

func TestHEVCRecord(t *testing.T) {
	tr := feedUnits(h265, codes(hevcAUD, realHVPS, realHSPS, realHPPS, hevcIDR), codes("\x00\x01\xd0"), codes(hevcTrail))
	c := tr.Codec
	if c.Name != "hvc1.1.6.L60.90" || c.Width != 320 || c.Height != 180 || c.layers != 1 {
		t.Errorf("%+v", c)
	}
	var again Codec
	if !again.describe("hev1", "hvcC", c.Record) || again.Name != c.Name || !bytes.Equal(again.Record, c.Record) {
		t.Errorf("read again: %q %x, want %x", again.Name, again.Record, c.Record)
	}
	for i, disposable := range []bool{false, true, false} {
		if tr.Samples[i].Flags&Disposable != 0 != disposable {
			t.Errorf("sample %d: flags %b", i, tr.Samples[i].Flags)
		}
	}
}

// Any bytes become whole chains, never more than they were, and say the same
// when they are read again.
func FuzzAddUnits(f *testing.F) {
	f.Add(codes(avcAUD, realAVCSPS, realAVCPPS, avcIDR, avcFiller), uint8(0))
	f.Add(codes(realHVPS, realHSPS, realHPPS, hevcCRA), uint8(1))
	f.Add(codes("\x00\x71\x00\x00", vvcIDR), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, which uint8) {
		tr := feedUnits([]family{h264, h265, h266}[which%3], b, b)
		for _, s := range tr.Samples {
			if len(s.Bytes) > 2*len(b) || !look(tr.Codec.family, s.Bytes, 4, false).whole {
				t.Errorf("%x became %x", b, s.Bytes)
			}
		}
	})
}
