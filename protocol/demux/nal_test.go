package demux

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// chain puts four bytes of length before each unit.
func chain(units ...string) []byte {
	var b []byte
	for _, u := range units {
		b = be.AppendUint32(b, uint32(len(u)))
		b = append(b, u...)
	}
	return b
}

// Units with just enough of a header to be told apart. The third byte of an
// H.264 slice begins with Exp-Golomb numbers: first macroblock 0, then type.
const (
	avcIDR       = "\x65\x88\x84"
	avcI         = "\x41\x88\x84" // 1 = 0, then 0001000 = 7: I
	avcP         = "\x41\x9a\x01"
	avcSPS       = "\x67\x4d\x40\x0c"
	avcAUD       = "\x09\x10"
	seiRecover0  = "\x06\x06\x01\xc4\x80" // recovery point: count 0
	seiRecover5  = "\x06\x06\x01\x34\x80" // 00110 = 5
	seiUser      = "\x06\x05\x03abc\x80"
	seiBoth      = "\x06\x05\x03abc\x06\x01\xc4\x80"
	seiEscaped   = "\x06\x05\x04\x00\x00\x03\x01\x00\x06\x01\xc4\x80" // four bytes, written as five
	hevcIDR      = "\x26\x01\xaf"
	hevcBLA      = "\x20\x01\xaf"
	hevcCRA      = "\x2a\x01\xaf"
	hevcTrail    = "\x02\x01\xd0"
	hevcRASL     = "\x10\x01\xd0"
	hevcRADL     = "\x0c\x01\xd0"
	hevcRecover0 = "\x4e\x01\x06\x01\xc0\x80"
	hevcVPS      = "\x40\x01\x0c"
	hevcAUD      = "\x46\x01\x50"
	vvcIDR       = "\x00\x39\xaf"
	vvcCRA       = "\x00\x49\xaf"
	vvcGDR       = "\x00\x51\xaf"
	vvcTrail     = "\x00\x01\xaf"
)

func TestLook(t *testing.T) {
	for _, c := range []struct {
		what string
		f    family
		b    []byte
		hint bool
		key  Key
		lead lead
		odd  bool
	}{
		{"IDR", h264, chain(avcIDR), false, Closed, trails, false},
		{"IDR behind parameter sets and a delimiter", h264, chain(avcAUD, avcSPS, seiUser, avcIDR), false, Closed, trails, true},
		{"P", h264, chain(avcP), false, None, trails, false},
		{"P that the container calls a key", h264, chain(avcP), true, None, trails, false},
		{"I that the container calls a key", h264, chain(avcI), true, Open, trails, false},
		{"I without a flag", h264, chain(avcI), false, None, trails, false},
		{"recovery point 0", h264, chain(seiRecover0, avcI), false, Open, trails, false},
		{"recovery point 0 behind another message", h264, chain(seiBoth, avcI), false, Open, trails, false},
		{"recovery point 0 behind escaped bytes", h264, chain(seiEscaped, avcI), false, Open, trails, false},
		{"recovery point in a second unit", h264, chain(seiUser, seiRecover0, avcI), false, Open, trails, false},
		{"recovery point 5: intra refresh", h264, chain(seiRecover5, avcP), true, Gradual, trails, false},
		{"recovery point and IDR", h264, chain(seiRecover0, avcIDR), false, Closed, trails, false},
		{"no slice", h264, chain(avcSPS), true, None, trails, false},
		{"HEVC IDR", h265, chain(hevcVPS, hevcIDR), false, Closed, trails, false},
		{"HEVC BLA", h265, chain(hevcBLA), false, Closed, trails, false},
		{"HEVC CRA", h265, chain(hevcAUD, hevcCRA), false, Open, heads, true},
		{"HEVC recovery point 0", h265, chain(hevcRecover0, hevcTrail), false, Open, trails, false},
		{"HEVC trailing", h265, chain(hevcTrail), true, None, trails, false},
		{"HEVC RASL", h265, chain(hevcRASL), false, None, skipped, false},
		{"HEVC RADL", h265, chain(hevcRADL), false, None, decodes, false},
		{"VVC IDR", h266, chain(vvcIDR), false, Closed, trails, false},
		{"VVC CRA", h266, chain(vvcCRA), false, Open, heads, false},
		{"VVC GDR", h266, chain(vvcGDR), false, Gradual, trails, false},
		{"VVC trailing", h266, chain(vvcTrail), false, None, trails, false},
	} {
		got := look(c.f, c.b, 4, c.hint)
		if got.key != c.key || got.lead != c.lead || !got.whole || got.odd != c.odd {
			t.Errorf("%s: %+v, want %v %v, odd %v", c.what, got, c.key, c.lead, c.odd)
		}
	}
}

func TestLookRefusesBrokenChains(t *testing.T) {
	whole := chain(avcSPS, avcIDR)
	for _, c := range []struct {
		what string
		b    []byte
	}{
		{"cut", whole[:len(whole)-1]},
		{"cut inside a length", whole[:len(chain(avcSPS))+2]},
		{"a length of zero", cat(whole, []byte{0, 0, 0, 0, 1})},
		{"a length beyond the end", cat([]byte{0, 0, 1, 0}, []byte(avcIDR))},
		{"zeros", make([]byte, 100)},
		{"a forbidden bit", chain("\xe5\x88")},
		{"start codes instead of lengths", []byte("\x00\x00\x00\x01\x65\x88\x84\x00")},
	} {
		if look(h264, c.b, 4, false).whole {
			t.Errorf("%s: taken for a chain", c.what)
		}
	}
}

func TestPrefixed(t *testing.T) {
	want := chain(avcSPS, avcIDR)
	for prefix := 1; prefix <= 4; prefix++ {
		var b []byte
		for _, u := range []string{avcAUD, avcSPS, avcIDR} {
			var n [4]byte
			be.PutUint32(n[:], uint32(len(u)))
			b = cat(b, n[4-prefix:], []byte(u))
		}
		if got := prefixed(h264, b, prefix, true, nil); !bytes.Equal(got, want) {
			t.Errorf("prefix %d: %x, want %x", prefix, got, want)
		}
	}
	if got := prefixed(h264, want, 4, false, nil); &got[0] != &want[0] {
		t.Error("a sample that needs no change was copied")
	}
}

// A CRA picture is open only if a picture leads it that cannot be decoded.
func TestCloseClean(t *testing.T) {
	for _, c := range []struct {
		what  string
		units []string
		want  Key
	}{
		{"nothing leads", []string{hevcCRA, hevcTrail}, Closed},
		{"a decodable picture leads", []string{hevcCRA, hevcRADL, hevcTrail}, Closed},
		{"a lost picture leads", []string{hevcCRA, hevcRADL, hevcRASL, hevcTrail}, Open},
		{"the last picture", []string{hevcCRA}, Closed},
	} {
		tr := &Track{Codec: &Codec{family: h265}}
		for _, u := range c.units {
			p := look(h265, chain(u), 4, false)
			tr.Samples = append(tr.Samples, Sample{Key: p.key, lead: p.lead})
		}
		tr.closeClean(true)
		if got := tr.Samples[0].Key; got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestUnbroken(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"abc":                          "abc",
		"\x00\x00\x03\x01":             "\x00\x00\x01",
		"\x00\x00\x03\x00\x00\x03\x00": "\x00\x00\x00\x00\x00",
		"a\x00\x00\x03":                "a\x00\x00",
	} {
		if got := unbroken([]byte(in)); string(got) != want {
			t.Errorf("%x: %x, want %x", in, got, want)
		}
	}
}

func TestGolomb(t *testing.T) {
	for n := range 300 {
		var r bitReader
		bits := 0
		for (n+1)>>(bits+1) > 0 {
			bits++
		}
		code := uint64(n+1) << (63 - 2*bits) // bits zeros, then n+1
		r.b = be.AppendUint64(nil, code)
		if got := r.golomb(); got != n {
			t.Fatalf("%d reads as %d", n, got)
		}
	}
	if r := (bitReader{b: make([]byte, 9)}); r.golomb() != 1<<30 {
		t.Error("72 zeros are a number")
	}
	if r := (bitReader{}); r.golomb() != 1<<30 {
		t.Error("nothing is a number")
	}
}

// No bytes make a classifier fail.
func FuzzKeys(f *testing.F) {
	f.Add(chain(avcAUD, seiBoth, avcIDR))
	f.Add(chain(hevcVPS, hevcCRA))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range []family{h264, h265, h266} {
			for prefix := 1; prefix <= 4; prefix++ {
				if p := look(c, b, prefix, true); p.whole {
					q := prefixed(c, b, prefix, p.odd, nil)
					if again := look(c, q, 4, true); !again.whole || again.key != p.key || again.odd {
						t.Errorf("%x: %+v, rewritten %+v", b, p, again)
					}
				}
			}
		}
	})
}

func TestLookAtNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	chains := 0
	for range 20_000 {
		b := make([]byte, 20+rng.IntN(200))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		if look(h264, b, 4, false).whole {
			chains++
		}
	}
	if chains > 0 {
		t.Errorf("%d of 20000 random strings are taken for pictures", chains)
	}
}
