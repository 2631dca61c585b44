package demux

import (
	"bytes"
	"slices"
	"testing"
)

func ivfHead(code string, scale, tick uint32) []byte {
	b := append([]byte("DKIF\x00\x00\x20\x00"), code...)
	b = append(b, 64, 1, 180, 0)
	b = le.AppendUint32(le.AppendUint32(b, scale), tick)
	return append(b, make([]byte, 8)...)
}

func ivfOf(time uint64, frame string) []byte {
	return append(le.AppendUint64(le.AppendUint32(nil, uint32(len(frame))), time), frame...)
}

func smallIVF() []byte {
	return cat(ivfHead("VP80", 25, 1), ivfOf(0, vp8Key), ivfOf(1, vp8Inter+"1"), ivfOf(2, vp8Inter+"2"), ivfOf(3, vp8Key+"2"))
}

func TestIVF(t *testing.T) {
	small := smallIVF()
	size := func(n int) int { return bytes.Index(small, []byte(vp8Inter+string(rune('0'+n)))) - 12 }
	edit := func(at int, with ...byte) []byte {
		b := bytes.Clone(small)
		copy(b[at:], with)
		return b
	}
	for _, c := range []struct {
		what   string
		b      []byte
		times  []int64
		repair string
	}{
		{"whole", small, []int64{0, 1, 2, 3}, ""},
		{"ticks of two", cat(ivfHead("VP80", 50, 2), ivfOf(5, vp8Key), ivfOf(6, vp8Inter)), []int64{10, 12}, ""},
		{"no time base", cat(ivfHead("VP80", 0, 1), ivfOf(5, vp8Key), ivfOf(6, vp8Inter)), []int64{5, 6}, mendHead},
		{"a header that claims to be long", edit(6, 0xff, 0xff), []int64{0, 1, 2, 3}, mendHead},
		{"a frame of no size", edit(size(1), 0), []int64{2, 3}, mendFrames},
		{"a frame of 4 GB", edit(size(1), 0xff, 0xff, 0xff, 0xff), []int64{2, 3}, mendFrames},
		{"a frame longer than it is", edit(size(1), 20), []int64{0, 2, 3}, mendFrames},
		{"a time far away", edit(size(2)+4, 0, 0, 0, 0, 1), []int64{0, 3}, mendFrames},
		{"cut", small[:len(small)-3], []int64{0, 1, 2}, mendFrames},
		{"junk in front", cat([]byte("junkDKI"), small), []int64{0, 1, 2, 3}, mendFrames},
		{"twice", cat(small, small), []int64{0, 1, 2, 3, 4, 5, 6, 7}, ""},
		{"without a header", cat(small[32:], ivfOf(4, vp8Inter), ivfOf(5, vp8Inter)), []int64{0, 1, 2, 3, 4, 5}, guessHeader},
	} { // nothing vouches for a frame before a damaged head
		m := samePieces(t, c.what, c.b)
		var got []int64
		for _, tr := range m.Tracks {
			for _, s := range tr.Samples {
				got = append(got, s.Time)
			}
		}
		if c.what == "twice" {
			if len(got) != len(c.times) {
				t.Errorf("twice: %v", got)
			}
			continue
		}
		if !slices.Equal(got, c.times) || m.Tracks[0].Codec.Name != "vp8" {
			t.Errorf("%s: %v, want %v\n%s", c.what, got, c.times, tell(m))
		}
		if c.repair == "" && len(m.Repairs) > 0 || c.repair != "" && !slices.ContainsFunc(m.Repairs, func(r Repair) bool { return r.What == c.repair }) {
			t.Errorf("%s: repairs %v, want %q", c.what, m.Repairs, c.repair)
		}
	}
}

func FuzzIVF(f *testing.F) {
	f.Add(smallIVF())
	f.Add(cat(ivfHead("AV01", 25, 1), ivfOf(0, string(cat(unit(2), unit(6, 0x10)))), ivfOf(1, string(unit(6, 0x30)))))
	f.Fuzz(fuzzPieces)
}

// av1Sequence is the body of a sequence header: 64x64, eight bits, main
// profile, level 2.0.
var av1Sequence = []byte{0x00, 0x00, 0x00, 0x02, 0xaf, 0xff, 0xbf, 0xff, 0x30, 0x08}

func smallOBU() []byte {
	return cat(unit(2), unit(1, av1Sequence...), unit(6, 0x10, 'k'), unit(2), unit(6, 0x30, 'a'), unit(2), unit(5, 1, 2), unit(6, 0x30, 'b'))
}

// nest writes a temporal unit as annex B has it.
func nest(units ...[]byte) []byte {
	var frame []byte
	for _, u := range units {
		bare := cat([]byte{u[0] &^ 2}, u[2:])
		frame = cat(frame, []byte{byte(len(bare))}, bare)
	}
	return cat([]byte{byte(len(frame) + 1), byte(len(frame))}, frame)
}

func TestOBU(t *testing.T) {
	small := smallOBU()
	want := []string{string(unit(6, 0x10, 'k')), string(unit(6, 0x30, 'a')), string(cat(unit(5, 1, 2), unit(6, 0x30, 'b')))}
	nested := cat(nest(unit(2), unit(1, av1Sequence...), unit(6, 0x10, 'k')), nest(unit(2), unit(6, 0x30, 'a')), nest(unit(2), unit(5, 1, 2), unit(6, 0x30, 'b')))
	second := bytes.Index(small, unit(6, 0x30, 'a'))
	edit := func(at int, with ...byte) []byte {
		b := bytes.Clone(small)
		copy(b[at:], with)
		return b
	}
	for _, c := range []struct {
		what string
		b    []byte
		want []string
		lost int
	}{
		{"low overhead", small, want, 0},
		{"annex B", nested, want, 0},
		{"a unit longer than it is", edit(second+1, 6), []string{want[0], want[2]}, 1},
		{"a forbidden bit", edit(second, 0xb2), []string{want[0], want[2]}, 1},
		{"cut", small[:len(small)-1], want[:2], 0},
		{"junk in front", cat([]byte("junk\x12"), small), want, 0},
		{"annex B, one unit longer", func() []byte {
			b := bytes.Clone(nested)
			b[len(nest(unit(2), unit(1, av1Sequence...), unit(6, 0x10, 'k')))+4]++
			return b
		}(), []string{want[0], want[2]}, 1},
	} {
		m := samePieces(t, c.what, c.b)
		var got []string
		lost := 0
		for _, tr := range m.Tracks {
			for _, s := range tr.Samples {
				got, lost = append(got, string(s.Bytes)), lost+int(s.Lost)
			}
		}
		if !slices.Equal(got, c.want) || lost != c.lost {
			t.Errorf("%s: %q and %d lost, want %q and %d", c.what, got, lost, c.want, c.lost)
			continue
		}
		if tr := m.Tracks[0]; tr.Samples[0].Key != Closed || tr.Codec.Name != "av01.0.00M.08" || tr.Codec.Width != 64 {
			t.Errorf("%s: %v %+v", c.what, tr.Samples[0].Key, tr.Codec)
		}
	}
}

// Another sequence header at a key picture is another codec.
func TestOBUChange(t *testing.T) {
	other := bytes.Clone(av1Sequence)
	other[3] |= 1 << 3 // level 2.1
	small := smallOBU()
	m := samePieces(t, "change", cat(small, bytes.Replace(small, av1Sequence, other, 1)))
	s := m.Tracks[0].Samples
	if len(s) != 6 {
		t.Fatal(tell(m))
	}
	for i, want := range []string{"av01.0.00M.08", "av01.0.00M.08", "av01.0.00M.08", "av01.0.01M.08", "av01.0.01M.08", "av01.0.01M.08"} {
		if s[i].Codec.Name != want || s[i].Flags&Break != 0 != (i == 3) || !bytes.Equal(s[i].Bytes, s[i%3].Bytes) {
			t.Errorf("sample %d: %x of %s, flags %b", i, s[i].Bytes, s[i].Codec.Name, s[i].Flags)
		}
	}
}

func FuzzOBU(f *testing.F) {
	f.Add(smallOBU())
	f.Add(nest(unit(2), unit(1, av1Sequence...), unit(6, 0x10, 'k')))
	f.Fuzz(fuzzPieces)
}
