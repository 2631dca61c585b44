package demux

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// pictures cuts b, fed in pieces of step bytes, into access units.
func pictures(f family, b []byte, step int) (sizes []int) {
	s := newSplitter(f)
	for from, to := 0, 0; to < len(b); {
		to = min(len(b), to+step)
		for n := s.next(b[from:to], to == len(b)); n > 0; n = s.next(b[from:to], to == len(b)) {
			sizes = append(sizes, n)
			from += n
		}
	}
	return sizes
}

// A bitWriter writes headers of pictures.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) write(v, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func (w *bitWriter) golomb(v int) {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	w.write(0, n)
	w.write(v+1, n+1)
}

// slice writes an H.264 slice of a stream whose parameter sets are realAVCSPS
// or, with fields, fieldAVCSPS.
func slice(kind byte, first, frame, order int, fields, field, bottom bool) string {
	w := bitWriter{b: []byte{kind}, n: 8}
	w.golomb(first)
	w.golomb(5)
	w.golomb(0)
	w.write(frame, 4)
	if fields {
		if w.write(b2i(field), 1); field {
			w.write(b2i(bottom), 1)
		}
	}
	if kind&31 == 5 {
		w.golomb(0)
	}
	w.write(order, 6)
	w.write(0xaaaa, 16)
	return string(w.b)
}

func TestSplit(t *testing.T) {
	frame := func(kind byte, n, order int) string { return slice(kind, 0, n, order, false, false, false) }
	more := func(kind byte, n, order int) string { return slice(kind, 9, n, order, false, false, false) }
	field := func(kind byte, n, order int, bottom bool) string { return slice(kind, 0, n, order, true, true, bottom) }
	one := func(units ...string) []string { return units }
	for _, c := range []struct {
		what string
		f    family
		want [][]string
	}{
		{"frames", h264, [][]string{one(realAVCSPS, realAVCPPS, frame(0x65, 0, 0)), one(frame(0x41, 1, 2)), one(frame(0x41, 2, 4))}},
		{"slices", h264, [][]string{one(realAVCSPS, realAVCPPS, frame(0x65, 0, 0), more(0x65, 0, 0)), one(frame(0x41, 1, 2), more(0x41, 1, 2))}},
		{"a first slice is lost", h264, [][]string{one(realAVCSPS, realAVCPPS, frame(0x65, 0, 0)), one(more(0x41, 1, 2)), one(more(0x41, 2, 4))}},
		{"delimiters", h264, [][]string{one(avcAUD, realAVCSPS, realAVCPPS, frame(0x65, 0, 0)), one(avcAUD, frame(0x41, 1, 2), avcFiller), one(avcAUD, seiUser, frame(0x41, 2, 4))}},
		{"a message stands before the picture", h264, [][]string{one(realAVCSPS, realAVCPPS, frame(0x65, 0, 0)), one(seiUser, frame(0x41, 1, 2))}},
		{"prefix units stand before slices", h264, [][]string{one(realAVCSPS, realAVCPPS, "\x6e\x01\x02", frame(0x65, 0, 0), "\x6e\x01\x02", more(0x65, 0, 0)), one("\x4e\x01\x02", frame(0x41, 1, 2))}},
		{"end of sequence", h264, [][]string{one(realAVCSPS, realAVCPPS, frame(0x65, 0, 0), "\x0a"), one(frame(0x65, 0, 0))}},
		{"without parameter sets", h264, [][]string{one(avcP), one(avcP), one(avcIDR)}},
		{"two fields are one picture", h264, [][]string{
			one(fieldAVCSPS, realAVCPPS, field(0x65, 0, 0, false), field(0x41, 0, 1, true)),
			one(field(0x41, 1, 2, false), field(0x41, 1, 3, true)),
			one(field(0x01, 2, 4, true), field(0x01, 2, 5, false)),
			one(field(0x01, 2, 6, true), field(0x01, 2, 7, false))}},
		{"two fields with units between", h264, [][]string{
			one(avcAUD, fieldAVCSPS, realAVCPPS, field(0x65, 0, 0, false), avcAUD, realAVCPPS, field(0x41, 0, 1, true)),
			one(avcAUD, field(0x41, 1, 2, false), avcAUD, field(0x41, 1, 3, true))}},
		{"a field is lost", h264, [][]string{
			one(fieldAVCSPS, realAVCPPS, field(0x65, 0, 0, false)),
			one(field(0x41, 1, 2, false), field(0x41, 1, 3, true))}},
		{"H.265", h265, [][]string{one(realHVPS, realHSPS, realHPPS, hevcIDR, "\x26\x01\x2f"), one(hevcTrail), one(hevcAUD, hevcTrail, "\x50\x01\x84\x80"), one(hevcTrail)}},
		{"H.265 with a second layer", h265, [][]string{one(hevcIDR, "\x27\x09\xaf"), one(hevcTrail, "\x03\x09\xd0")}},
		{"H.266", h266, [][]string{one("\x00\x79\x01", "\x00\x81\x01", "\x00\x99\x40", "\x00\x39\x10", "\x00\x39\x20"), one("\x00\xa1\x01", "\x00\x01\xa0"), one("\x00\x01\xa0")}},
		{"MPEG-2", mpeg2, [][]string{
			one("\xb3abcd", "\xb5\x14", "\xb8abcd", "\x00\x00\x08ab", "\xb5\x8f\xff\x0b", "\x01a", "\x02b"),
			one("\x00\x00\x50ab", "\xb5\x8f\xff\x0b", "\x01a"), one("\xb8abcd", "\x00\x00\x08ab", "\xb5\x8f\xff\x0b", "\x01a", "\xb7")}},
		{"MPEG-2 fields", mpeg2, [][]string{
			one("\xb8abcd", "\x00\x00\x08ab", "\xb5\x8f\xff\x09", "\x01a", "\x00\x00\x10ab", "\xb5\x8f\xff\x0a", "\x01a"),
			one("\x00\x00\x50ab", "\xb5\x8f\xff\x0a", "\x01a", "\x00\x00\x50ab", "\xb5\x8f\xff\x09", "\x01a")}},
		{"MPEG-1", mpeg2, [][]string{one("\xb3abcd", "\xb8abcd", "\x00\x00\x08ab", "\x01a"), one("\x00\x00\x50ab", "\x01a"), one("\x00\x00\x90ab", "\x01a")}},
		{"MPEG-4", mpeg4, [][]string{one("\xb0\x01", "\xb5\x09", "\x00", "\x20abc", "\xb3abc", "\xb6\x10ab"), one("\xb6\x50ab"), one("\xb3abc", "\xb6\x10ab")}},
	} {
		var b []byte
		var want []int
		for _, units := range c.want {
			p := codes(units...)
			if !c.f.units() { // no extra zero
				p = nil
				for _, u := range units {
					p = append(p, "\x00\x00\x01"+u...)
				}
			}
			b = append(b, p...)
			want = append(want, len(p))
		}
		for _, step := range []int{1, 2, 3, 7, 50, len(b)} {
			if got := pictures(c.f, b, step); !slices.Equal(got, want) {
				t.Errorf("%s, by %d: %v, want %v", c.what, step, got, want)
			}
		}
	}
}

// However a stream arrives, it is cut at the same places.
func TestSplitNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		b := make([]byte, rng.IntN(3000))
		for i := range b {
			b[i] = byte(rng.IntN(2))
			if rng.IntN(4) == 0 {
				b[i] = byte(rng.Uint32())
			}
		}
		for _, f := range []family{h264, h265, h266, mpeg2, mpeg4} {
			want := pictures(f, b, len(b)+1)
			sum := 0
			for _, n := range want {
				sum += n
			}
			if got := pictures(f, b, 1+rng.IntN(40)); !slices.Equal(got, want) || sum != len(b) {
				t.Fatalf("%d of %x: %v, whole %v", f, b, got, want)
			}
		}
	}
}

// Bytes without a start code are not kept for ever.
func TestSplitIsBounded(t *testing.T) {
	b := append(codes(realAVCSPS), bytes.Repeat([]byte{7}, maxPicture+99)...)
	b = append(b, codes(avcIDR)...)
	want := pictures(h264, b, len(b))
	if len(want) != 2 || want[0] != maxPicture {
		t.Errorf("whole: %v", want)
	}
	if got := pictures(h264, b, 1<<20-1); !slices.Equal(got, want) {
		t.Errorf("in pieces: %v, whole %v", got, want)
	}
}

func BenchmarkAnnexB(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	picture := func(unit string) []byte {
		p := codes(unit)
		for range 100_000 {
			p = append(p, byte(rng.Uint32()))
		}
		return p
	}
	file := codes(realAVCSPS, realAVCPPS)
	for i := range 100 {
		unit := avcP
		if i%25 == 0 {
			unit = avcIDR
		}
		file = append(file, picture(unit)...)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		Read(file, func(m *Movie) {
			for _, t := range m.Tracks {
				t.Take(len(t.Samples))
			}
		})
	}
}
