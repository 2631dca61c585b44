package demux

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// A program map may be whole and too short to be one.
func TestShortProgramMaps(t *testing.T) {
	w := newTSWriter(188)
	w.association(1, 0x1000)
	for n := range 6 {
		w.section(0x1000, 2, 1, make([]byte, n))
	}
	smallTSFrom(w, 90_000)
	alike(t, "short maps", w.b)
	d, _ := inPieces(w.b, func() int { return len(w.b) })
	if found := readWhole(w.b); found != 24 || !slices.Contains(d.Movie().Repairs, Repair{lostSection, 4}) {
		t.Errorf("%d samples, repairs %v", found, d.Movie().Repairs)
	}
}

// readWhole counts the samples of a source.
func readWhole(b []byte) (n int) {
	Read(b, func(m *Movie) {
		for _, t := range m.Tracks {
			n += len(t.Take(len(t.Samples)))
		}
	})
	return n
}

// Many programs of many streams change again and again: a map costs what is in
// it, not what is in all others. (250 changes took 20 s.)
func TestProgramMapsThatFlip(t *testing.T) {
	w := newTSWriter(188)
	var rows []byte
	for i := range maxPrograms - 1 {
		rows = be.AppendUint16(be.AppendUint16(rows, uint16(i+1)), 0xf000)
	}
	w.long(0, section(0, 1, rows))
	for i := range 500 {
		p := []byte{0xe1, byte(i), 0xf0, 0}
		for k := range 800 {
			p = be.AppendUint16(append(p, 0x1b), 0xe000|uint16(0x20+(k*7+i*13)%4000))
			p = append(p, 0xf0, 0)
		}
		w.long(0x1000, section(2, 1+min(i, maxPrograms-2), p))
	}
	alike(t, "maps that flip", w.b, 9400)
	d, _ := inPieces(w.b, func() int { return len(w.b) })
	if got := d.Movie().Repairs; !slices.ContainsFunc(got, func(r Repair) bool { return r.What == lostPrograms && r.Count > 100 }) {
		t.Errorf("repairs %v", got)
	}
}

// long writes a section of several packets.
func (w *tsWriter) long(pid int, p []byte) {
	p = cat([]byte{0}, p)
	for start := true; len(p) > 0; start = false {
		n := min(len(p), tsPacket-4)
		w.packet(pid, start, 0, p[:n])
		p = p[n:]
	}
}

// Headers that never end are not read again from their front with each packet.
// (Four megabytes of each took minutes.)
func TestEndlessSoundHeaders(t *testing.T) {
	extension := dtsExtension()[:13]
	extension[7], extension[8] = 1, 0x80 // of 13 bytes
	if h, ok := readDTS(extension); !ok || h.size != 13 {
		t.Fatalf("%+v", h)
	}
	part := eac3Frame(true)[:10]
	part[2], part[3] = 0, 4 // of 10 bytes
	if h, ok := readDolby(part); !ok || h.size != 10 {
		t.Fatalf("%+v", h)
	}
	for _, c := range []struct {
		what        string
		kind        byte
		tags        string
		first, more []byte
	}{
		{"DTS", 0x8a, "", cat(dtsFrame(), dtsFrame()), extension},
		{"E-AC-3", 0x87, "", cat(eac3Frame(false), eac3Frame(false)), part},
		{"Opus", 6, "\x05\x04Opus", cat(opusFrame("abc"), opusFrame("abc"), []byte{0x7f, 0xe0}), []byte{255}},
	} {
		w := newTSWriter(188)
		w.tables("", listed{c.kind, 0x100, c.tags})
		w.pes(0x100, pesPacket{0xc0, 90_000, -1, false, cat(c.first, bytes.Repeat(c.more, maxFrame/len(c.more)))})
		if readWhole(w.b) < 2 {
			t.Errorf("%s: the frames in front are lost", c.what)
		}
	}
}

// What is no film, and comes byte by byte, is not searched again for each of
// them. (It took minutes.)
func TestNoFilmByteByByte(t *testing.T) {
	b := bytes.Repeat([]byte{0, 0, 1, 9, 0x10, 0, 0, 1, 6, 1, 1, 1}, sniffed/12+1)
	d := New()
	for i := range b {
		d.Feed(b[i : i+1])
		d.Step()
	}
	if !strings.HasPrefix(d.Why(), "no known container") {
		t.Errorf("%q %q", d.Format(), d.Why())
	}
}

// What lies behind a piece in memory belongs to who fed it.
func TestFeedLeavesTheRest(t *testing.T) {
	b := []byte("FLV\x01, and what is not fed")
	d := New()
	d.Feed(b[:4])
	d.Feed([]byte("other bytes"))
	if string(b[4:]) != ", and what is not fed" {
		t.Errorf("%q", b)
	}
}

// Jitter of a second is more than 2^31 ticks of the finest scales.
func TestJitterOfFineScales(t *testing.T) {
	m := &Movie{size: 1 << 10}
	tr := m.grow(1)
	tr.Kind, tr.Scale, tr.Codec = Video, 4e9, &Codec{Name: "x"}
	for _, at := range []int64{10e9, 7e9} {
		m.add(tr, Sample{Bytes: []byte{1}, Size: 1, Time: at})
	}
	if s := tr.Samples[1]; s.Time != 10e9 || s.Shift != -1<<31 {
		t.Errorf("%d%+d, want 10000000000, as much before as can be told", s.Time, s.Shift)
	}
}
