package demux

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// An oggWriter writes the pages of one stream.
type oggWriter struct {
	serial, number uint32
}

// page writes packets; one whose name ends with "..." goes on on the next page.
func (w *oggWriter) page(flags byte, granule int64, packets ...string) []byte {
	var table, body []byte
	for _, p := range packets {
		whole := strings.TrimSuffix(p, "...")
		body = append(body, whole...)
		n := len(whole)
		for ; n >= 255; n -= 255 {
			table = append(table, 255)
		}
		if whole == p {
			table = append(table, byte(n))
		} else if n > 0 {
			panic("a packet that goes on takes whole segments")
		}
	}
	b := append([]byte("OggS\x00"), flags)
	b = le.AppendUint64(b, uint64(granule))
	b = le.AppendUint32(b, w.serial)
	b = le.AppendUint32(b, w.number)
	w.number++
	b = append(append(b, 0, 0, 0, 0, byte(len(table))), table...)
	b = append(b, body...)
	le.PutUint32(b[22:], oggSumSlow(b))
	return b
}

// oggSumSlow is the checksum bit by bit.
func oggSumSlow(p []byte) (sum uint32) {
	for _, c := range p {
		for i := 7; i >= 0; i-- {
			top := sum>>31 ^ uint32(c>>i&1)
			if sum <<= 1; top == 1 {
				sum ^= 0x04c11db7
			}
		}
	}
	return sum
}

func TestOggSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for n := range 100 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		if got, want := oggSum(0, b), oggSumSlow(b); got != want {
			t.Fatalf("%x: %x, want %x", b, got, want)
		}
		if got := oggSum(oggSum(0, b[:n/3]), b[n/3:]); got != oggSumSlow(b) {
			t.Fatalf("%x: %x in two parts", b, got)
		}
	}
}

// Headers of streams. Opus packets begin with 0x08: 20 ms, 960 sounds.
const (
	opusHead = "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00" // drops 312
	opusTags = "OpusTags\x00\x00\x00\x00\x00\x00\x00\x00"
	flacHead = "\x7fFLAC\x01\x00\x00\x01fLaC\x80\x00\x00\x22\x10\x00\x10\x00\x00\x00\x00\x00\x00\x00\x0a\xc4\x42\xf0\x00\x00\x00\x00" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	flacFrame = "\xff\xf8\xc9\x18\x00\x00\x00frame" // 4096 sounds
	vp8Head   = "OVP80\x01\x01\x00\x01\x40\x00\xb4\x00\x00\x01\x00\x00\x01\x00\x00\x00\x19\x00\x00\x00\x01"
)

// theoraHead is 320x180, 25 a second, six bits of distance to the key picture.
var theoraHead = "\x80theora\x03\x02\x01\x00\x14\x00\x0c\x00\x01\x40\x00\x00\xb4\x00\x00\x00\x00\x00\x19\x00\x00\x00\x01" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc0"

func opusOgg(w *oggWriter, from int64) []byte {
	return cat(w.page(2, 0, opusHead), w.page(0, 0, opusTags), w.page(0, from+1920, "\x08a", "\x08bb"), w.page(4, from+2500, "\x08c"))
}

func timesOf(t *Track) (out []string) {
	for _, s := range t.Samples {
		out = append(out, fmt.Sprintf("%d+%d", s.Shown(), s.Dur))
	}
	return out
}

// Pages are dated by what they end with, in the scale of their codec.
func TestOgg(t *testing.T) {
	opus := oggWriter{serial: 7}
	hidden := "\x00\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00"
	for _, c := range []struct {
		what  string
		b     []byte
		codec string
		scale int64
		want  []string
	}{
		{"Opus, end cut", opusOgg(&opus, 0), "opus", 48000, []string{"-312+960", "648+960", "1608+580"}},
		{"Opus, joined at 10 s", func() []byte { w := oggWriter{}; return opusOgg(&w, 480_000) }(), "opus", 48000,
			[]string{"479688+960", "480648+960", "481608+580"}},
		{"FLAC", func() []byte {
			w := oggWriter{}
			return cat(w.page(2, 0, flacHead), w.page(0, 0, "\x84tags"), w.page(0, 8192, flacFrame, flacFrame))
		}(), "flac", 44100, []string{"0+4096", "4096+4096"}},
		{"Theora, the second picture a key", func() []byte {
			w := oggWriter{}
			return cat(w.page(2, 0, theoraHead), w.page(0, 0, "\x81theora", "\x82theora"), w.page(0, 1<<6|1, "\x00key", "\x40one"), w.page(0, 3<<6, "\x00key"))
		}(), "theora", 25, []string{"0+1", "1+1", "2+1"}},
		{"VP8, one hidden", func() []byte {
			w := oggWriter{}
			return cat(w.page(2, 0, vp8Head), w.page(0, 0, "OVP80\x02 "), w.page(0, 1<<32|3<<30, vp8Key), w.page(0, 2<<32|3<<30, hidden, vp8Inter))
		}(), "vp8", 25, []string{"0+1", "1+0", "1+1"}},
	} {
		m := samePieces(t, c.what, c.b)
		if len(m.Tracks) != 1 {
			t.Errorf("%s: %s", c.what, tell(m))
			continue
		}
		tr := m.Tracks[0]
		if got := timesOf(tr); !slices.Equal(got, c.want) || tr.Scale != c.scale || tr.Codec.Name != c.codec {
			t.Errorf("%s: %v at %d of %s, want %v at %d of %s", c.what, got, tr.Scale, tr.Codec.Name, c.want, c.scale, c.codec)
		}
	}
}

// Damage costs the packets that it touches.
func TestOggDamage(t *testing.T) {
	w := oggWriter{serial: 1}
	head := cat(w.page(2, 0, opusHead), w.page(0, 0, opusTags))
	one, two, three := w.page(0, 960, "\x08first"), w.page(0, 2880, "\x08second", "\x08third"), w.page(0, 3840, "\x08fourth")
	long := "\x08" + strings.Repeat("x", 509)
	v := oggWriter{serial: 1, number: 2}
	start, end := v.page(0, -1, long+"..."), v.page(1, 960, "tail", "\x08next")
	other := oggWriter{serial: 2}
	wrong := bytes.Clone(two)
	wrong[len(wrong)-1] ^= 1
	for _, c := range []struct {
		what    string
		b       []byte
		samples string // bytes, * damaged
		repair  string
	}{
		{"whole", cat(head, one, two, three), "first second third fourth", ""},
		{"a missing page", cat(head, one, three), "first fourth", lostPages},
		{"a wrong sum", cat(head, one, wrong, three), "first second* thire* fourth", mendSums},
		{"a page that is cut off", cat(head, one, two[:len(two)-2]), "first second*", mendSums},
		{"a page that is cut in the middle", cat(head, one, two[:len(two)-2], three), "first second* fourth", mendSums},
		{"junk between pages", cat(head, one, []byte("OggOggS junk"), two), "first second third", mendPages},
		{"junk in front", cat([]byte("junk"), head, one), "first", mendPages},
		{"a packet over two pages", cat(head, start, end), long[1:] + "tail next", ""},
		{"its second half alone", cat(head, end), "next", lostParts},
		{"its first half alone", cat(head, start, three), "fourth", lostParts},
		{"a file behind", cat(head, one, opusOgg(&other, 0)), "first a bb c", noteChain},
	} {
		m := samePieces(t, c.what, c.b)
		var got []string
		for _, tr := range m.Tracks {
			for _, s := range tr.Samples {
				mark := ""
				if s.Flags&Damaged != 0 {
					mark = "*"
				}
				got = append(got, string(s.Bytes[1:])+mark)
			}
		}
		if strings.Join(got, " ") != c.samples || len(m.Tracks) != 1 {
			t.Errorf("%s: %d tracks, %q, want %q", c.what, len(m.Tracks), got, c.samples)
		}
		if c.repair == "" && len(m.Repairs) > 0 || c.repair != "" && !slices.ContainsFunc(m.Repairs, func(r Repair) bool { return r.What == c.repair }) {
			t.Errorf("%s: repairs %v, want %q", c.what, m.Repairs, c.repair)
		}
	}
}

// The times of a file behind another go on where that ended.
func TestOggChainTimes(t *testing.T) {
	a, b := oggWriter{serial: 1}, oggWriter{serial: 2}
	m := samePieces(t, "chain", cat(opusOgg(&a, 0), opusOgg(&b, 0)))
	want := []string{"-312+960", "648+960", "1608+580", "1876+960", "2836+960", "3796+580"}
	tr := m.Tracks[0]
	if got := timesOf(tr); !slices.Equal(got, want) || tr.Samples[3].Flags&Break == 0 {
		t.Errorf("%v, want %v", got, want)
	}
}

// Streams that are mixed are told apart.
func TestOggMixed(t *testing.T) {
	v, a := oggWriter{serial: 1}, oggWriter{serial: 2}
	skeleton := oggWriter{serial: 3}
	m := samePieces(t, "mixed", cat(skeleton.page(2, 0, "fishead\x00\x03"), v.page(2, 0, vp8Head), a.page(2, 0, opusHead), a.page(0, 0, opusTags), v.page(0, 0, "OVP80\x02 "),
		skeleton.page(4, 0, "fisbone"), v.page(0, 1<<32|3<<30, vp8Key), a.page(0, 960, "\x08a"), v.page(0, 2<<32|3<<30, vp8Inter)))
	if len(m.Tracks) != 2 || len(m.Tracks[0].Samples) != 2 || len(m.Tracks[1].Samples) != 1 || len(m.Repairs) > 0 {
		t.Error(tell(m))
	}
}

func TestOpusSounds(t *testing.T) {
	for in, want := range map[string]int64{
		"": 0, "\x08": 960, "\x00": 480, "\x18": 2880, "\x60": 480, "\x68": 960, "\x80": 120, "\x98": 960,
		"\x09": 1920, "\x0a": 1920, "\x0b": 0, "\x0b\x03": 2880, "\x0b\x3f": 5760,
	} {
		if got := opusSounds([]byte(in)); got != want {
			t.Errorf("%x: %d, want %d", in, got, want)
		}
	}
}

func TestFLACSounds(t *testing.T) {
	for in, want := range map[string]int{
		flacFrame:                                                  4096,
		"\xff\xf8\x19\x18\x00\x00\x00\x00":                         192,
		"\xff\xf9\x29\x18\x00\x00\x00\x00":                         576,
		"\xff\xf8\x69\x18\x00\x4f\x00\x00":                         80,
		"\xff\xf8\x79\x18\xc2\x80\x03\xe7":                         1000,
		"\xff\xf8\x79\x18\xfe\x80\x80\x80\x80\x80\x80\x03\xe7\x00": 1000,
		"\xff\xf8\x79\x18\xfe\x80\x80\x80":                         0,
		"\xff\xf8\x09\x18\x00\x00\x00\x00":                         0,
		"short":                                                    0,
	} {
		if got := flacSounds([]byte(in)); got != want {
			t.Errorf("%x: %d, want %d", in, got, want)
		}
	}
}

// Modes are found from the end of a setup header, behind anything.
func TestVorbisModes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, want := range [][]bool{{false}, {false, true}, {true, false, true, true}} {
		var bits []byte
		put := func(v, n int) {
			for i := range n {
				bits = append(bits, byte(v>>i&1))
			}
		}
		for range 300 {
			put(rng.IntN(2), 1)
		}
		put(len(want)-1, 6)
		for _, long := range want {
			put(b2i(long), 1)
			put(0, 32)
			put(rng.IntN(3), 8)
		}
		put(1, 1)
		setup := make([]byte, len(bits)/8+2)
		for i, b := range bits {
			setup[i/8] |= b << (i % 8)
		}
		if got := vorbisModes(setup); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	for n := range 10 {
		vorbisModes(make([]byte, n))
		vorbisModes(bytes.Repeat([]byte{1}, n))
	}
}

func TestXiphRecords(t *testing.T) {
	for _, n := range []int{0, 1, 254, 255, 256, 600} {
		want := [3][]byte{make([]byte, n), []byte("comment"), []byte("setup")}
		got, ok := unlace3(lace3(want))
		if !ok || !bytes.Equal(got[0], want[0]) || !bytes.Equal(got[1], want[1]) || !bytes.Equal(got[2], want[2]) {
			t.Errorf("%d bytes: %v", n, ok)
		}
	}
	for _, in := range []string{"", "\x02", "\x02\x01", "\x02\x09\x09ab", "\x01\x01\x01abc"} {
		if _, ok := unlace3([]byte(in)); ok {
			t.Errorf("%x is a record", in)
		}
	}
}

func FuzzOgg(f *testing.F) {
	w, v := oggWriter{serial: 1}, oggWriter{serial: 2}
	f.Add(opusOgg(&w, 0))
	f.Add(cat(v.page(2, 0, theoraHead), v.page(0, 0, "\x81theora", "\x82theora"), v.page(0, 1<<6|1, "\x00key", "\x40one")))
	f.Fuzz(fuzzPieces)
}
