package demux

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// mpegCodes puts start codes of MPEG video before each unit.
func mpegCodes(units ...string) []byte {
	return []byte("\x00\x00\x01" + strings.Join(units, "\x00\x00\x01"))
}

// Headers of MPEG-2, MPEG-1 and MPEG-4 pictures of 320 x 180.
const (
	sequence2 = "\xb3\x14\x00\xb4\x13\xff\xff\xe0\x18\x00\x00\x01\xb5\x14\x8a\x00\x01\x00\x00"
	sequence1 = "\xb3\x14\x00\xb4\x14\xff\xff\xe0\x18"
	closedGOP = "\xb8\x00\x08\x00\x40"
	openGOP   = "\xb8\x00\x08\x00\x00"
)

// visual4 is the headers of MPEG-4 video of 25 pictures a second.
var visual4 = func() string {
	w := bitWriter{b: []byte("\xb0\xf5\x00\x00\x01\xb5\x09\x00\x00\x01\x00\x00\x00\x01\x20")}
	w.n = 8 * len(w.b)
	for _, field := range [][2]int{{1, 9}, {1, 1}, {2, 4}, {1, 3}, {1, 4}, {0, 1}, {0, 2}, {1, 1}, {25, 16}, {1, 1}, {1, 1}, {1, 5},
		{1, 1}, {320, 13}, {1, 1}, {180, 13}, {1, 1}} {
		w.write(field[0], field[1])
	}
	return string(w.b)
}()

// picture2 is an MPEG picture of type 1 (I), 2 (P) or 3 (B).
func picture2(order, kind int) string {
	v := uint32(order)<<22 | uint32(kind)<<19 | 0x7fff8
	return "\x00" + string(be.AppendUint32(nil, v)) + "\x00\x00\x01\x01slice\x00\x00\x01\x02slice"
}

func TestES(t *testing.T) {
	avc := cat(codes(realAVCSPS, realAVCPPS, avcIDR), codes(avcP), codes("\x01\x9a\x01"), codes(realAVCSPS, realAVCPPS, avcIDR))
	keys := []Key{Closed, None, None, Closed}
	for _, c := range []struct {
		what, format, codec string
		b                   []byte
		keys                []Key
		disposable          int
		scale, dur          int
	}{
		{"H.264", "h264", "avc1.64000c", avc, keys, 1, 50, 2},
		{"H.265", "h265", "hvc1.1.6.L60.90", cat(codes(realHVPS, realHSPS, realHPPS, hevcCRA), codes(hevcRASL), codes(hevcTrail), codes(hevcIDR)), []Key{Open, None, None, Closed}, 1, 25, 1},
		{"MPEG-2", "mpeg-video", "mp4v.61", mpegCodes(sequence2, closedGOP, picture2(2, 1), picture2(0, 3), sequence2, openGOP, picture2(2, 1), picture2(0, 3), picture2(3, 2), sequence2, openGOP, picture2(0, 1)),
			[]Key{Closed, None, Open, None, None, Closed}, 2, 25, 1},
		{"MPEG-1", "mpeg-video", "mp4v.6a", mpegCodes(sequence1, closedGOP, picture2(0, 1), picture2(1, 2), picture2(2, 2)), []Key{Closed, None, None}, 0, 30000, 1001},
		{"MPEG-4", "mpeg-4 video", "mp4v.20.245", mpegCodes(visual4, "\xb6\x10ab", "\xb6\x50ab", "\xb6\x90ab", visual4, "\xb6\x10ab"), []Key{Closed, None, None, Closed}, 1, 25, 1},
	} {
		m := samePieces(t, c.what, c.b)
		if _, format, why := readAll(c.b); format != c.format || why != "" || len(m.Tracks) != 1 {
			t.Errorf("%s: %s %q", c.what, format, why)
			continue
		}
		tr := m.Tracks[0]
		var got []Key
		disposable := 0
		for i, s := range tr.Samples {
			got = append(got, s.Key)
			disposable += b2i(s.Flags&Disposable != 0)
			if s.Time != int64(i*c.dur) || s.Flags&Guessed == 0 || s.Flags&Break != 0 || s.Codec != tr.Codec {
				t.Errorf("%s: sample %d: time %d, flags %b", c.what, i, s.Time, s.Flags)
			}
		}
		if !slices.Equal(got, c.keys) || disposable != c.disposable || tr.Scale != int64(c.scale) || len(m.Repairs) > 0 {
			t.Errorf("%s: keys %v, %d disposable, scale %d, %v", c.what, got, disposable, tr.Scale, m.Repairs)
		}
		if k := tr.Codec; k.Name != c.codec || k.Width != 320 || k.Height != 180 || len(k.Record) == 0 {
			t.Errorf("%s: codec %+v", c.what, k)
		}
	}
}

// The headers in front of MPEG pictures are the codec's: they are in no sample.
func TestMPEGHeadersMove(t *testing.T) {
	gop := mpegCodes(closedGOP, picture2(0, 1))
	m := samePieces(t, "headers", cat(mpegCodes(sequence2), gop, mpegCodes(sequence2), gop, mpegCodes(sequence1), gop))
	for i, s := range m.Tracks[0].Samples {
		if !bytes.Equal(s.Bytes, gop) || s.Flags&Break != 0 != (i == 2) {
			t.Errorf("sample %d: %x, flags %b", i, s.Bytes, s.Flags)
		}
	}
	if n := len(m.Tracks[0].Samples); n != 3 {
		t.Errorf("%d samples", n)
	}
}

// What is no video is not taken for it, wherever start codes turn up in it.
func TestSniffES(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	noise := make([]byte, 1<<16)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	scattered := bytes.Clone(noise)
	for i := 0; i < len(scattered)-4; i += 500 {
		copy(scattered[i:], "\x00\x00\x01")
	}
	avc := cat(codes(realAVCSPS, realAVCPPS, avcIDR), bytes.Repeat(codes(avcP+strings.Repeat("x", 500)), 20))
	for _, c := range []struct {
		what, want string
		b          []byte
	}{
		{"nothing", "", nil},
		{"text", "", bytes.Repeat([]byte("All work and no play.\n"), 3000)},
		{"noise", "", noise},
		{"noise with start codes", "", scattered},
		{"zeros", "", make([]byte, 1<<16)},
		{"ones", "", bytes.Repeat([]byte{1}, 1<<16)},
		{"small numbers", "", bytes.Repeat([]byte("\x00\x00\x01\x00\x00\x00\x02\x00abcd"), 200)},
		{"one start code", "", cat([]byte("\x00\x00\x01\x65"), noise)},
		{"an archive", "", cat([]byte("PK\x03\x04\x14\x00"), noise)},
		{"MXF without its head", "mxf", cat(noise[:500], []byte("\x06\x0e\x2b\x34\x01\x02\x01\x01\x0d\x01\x03\x01\x15\x01\x05\x00"), avc)},
		{"H.264", "h264", avc},
		{"H.264 behind junk", "h264", cat([]byte("junk"), avc)},
		{"H.264 joined late", "h264", avc[len(avc)/2:]},
		{"one picture", "h264", codes(realAVCSPS, realAVCPPS, avcIDR)},
	} {
		if _, format, _ := readAll(c.b); format != c.want {
			t.Errorf("%s: taken for %q, want %q", c.what, format, c.want)
		}
	}
}

// Damage costs the pictures that it touches.
func TestDamagedES(t *testing.T) {
	picture := func(unit string) []byte { return codes(unit + strings.Repeat("\x55", 300)) }
	var b []byte
	for range 10 {
		b = cat(b, codes(realAVCSPS, realAVCPPS), picture(avcIDR), picture(avcP), picture(avcP))
	}
	whole, _, _ := readAll(b)
	right := map[string]bool{}
	for _, s := range whole.Tracks[0].Samples {
		right[string(s.Bytes)] = true
	}
	for _, c := range []struct {
		what string
		b    []byte
		n    int // samples that are as before
	}{
		{"whole", b, 30},
		{"cut", b[:len(b)-100], 29},
		{"tail", b[1000:], 26},
		{"a hole", cat(b[:3000], b[4000:]), 25},
		{"zeros", cat(b[:3000], make([]byte, 1000), b[4000:]), 25},
		{"junk in front", cat(bytes.Repeat([]byte("junk"), 99), b), 30},
	} {
		m := samePieces(t, c.what, c.b)
		n := 0
		for _, s := range m.Tracks[0].Samples {
			n += b2i(right[string(s.Bytes)])
		}
		if n < c.n {
			t.Errorf("%s: %d of %d samples are right, want %d", c.what, n, m.Tracks[0].Total(), c.n)
		}
	}
}

func FuzzES(f *testing.F) {
	f.Add(cat(codes(realAVCSPS, realAVCPPS, avcIDR), codes(avcP)))
	f.Add(cat(codes(fieldAVCSPS, realAVCPPS, slice(0x65, 0, 0, 0, true, true, false)), codes(slice(0x41, 0, 0, 1, true, true, true))))
	f.Add(cat(codes(realHVPS, realHSPS, realHPPS, hevcCRA), codes(hevcRASL)))
	f.Add(mpegCodes(sequence2, closedGOP, picture2(2, 1), picture2(0, 3)))
	f.Add(mpegCodes(visual4, "\xb6\x10ab", "\xb6\x50ab"))
	f.Fuzz(fuzzPieces)
}
