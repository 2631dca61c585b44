package demux

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// counted is what damage changes: the samples of each track, how many of them
// are damaged, guessed and breaks, and what was mended.
func counted(m *Movie) string {
	var b strings.Builder
	for _, t := range m.Tracks {
		damaged, guessed, breaks, lost := 0, 0, 0, 0
		for i := range t.Samples {
			s := &t.Samples[i]
			damaged += b2i(s.Flags&Damaged != 0)
			guessed += b2i(s.Flags&Guessed != 0)
			breaks += b2i(s.Flags&Break != 0)
			lost += int(s.Lost)
		}
		fmt.Fprintf(&b, "%s %d", t.Kind, t.Total())
		for _, c := range []struct {
			what string
			n    int
		}{{"damaged", damaged}, {"guessed", guessed}, {"breaks", breaks}, {"lost", lost}} {
			if c.n > 0 {
				fmt.Fprintf(&b, " %s %d", c.what, c.n)
			}
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// The same program in packets of each length gives the same samples, with the
// times of the stamps and sounds without their headers.
func TestTS(t *testing.T) {
	for pitch, front := range map[int]int{188: 0, 192: 4, 204: 0} {
		b := smallTS(pitch)
		m := samePieces(t, fmt.Sprint(pitch), b)
		if got := counted(m); got != "video 8; audio 16" || len(m.Repairs) > 0 {
			t.Fatalf("packets of %d bytes: %s %v", pitch, got, m.Repairs)
		}
		v, a := m.Tracks[0], m.Tracks[1]
		for i, s := range v.Samples {
			unit, key := avcP, None
			if i%4 == 0 {
				unit, key = avcIDR, Closed
			}
			if !bytes.HasPrefix(s.Bytes[4:], []byte(unit)) || s.Key != key || s.Time != 90_000+int64(i)*3600 || s.Shift != 7200 {
				t.Errorf("packets of %d bytes: picture %d is %x at %d%+d, %v", pitch, i, s.Bytes[:8], s.Time, s.Shift, s.Key)
			}
		}
		for i, s := range a.Samples {
			if want := fmt.Sprintf("sound %d, %s of two", i/2, []string{"first", "second"}[i%2]); string(s.Bytes) != want || s.Time != 90_000+int64(i)*1920 || s.Dur != 1920 {
				t.Errorf("packets of %d bytes: sound %d is %q at %d for %d", pitch, i, s.Bytes, s.Time, s.Dur)
			}
			if at := bytes.Index(b, s.Bytes); s.At+7 != int64(at) && at >= 0 {
				t.Errorf("packets of %d bytes: sound %d is said to be at %d, and is at %d", pitch, i, s.At, at-7)
			}
		}
		if c := v.Codec; c.Name != "avc1.64000c" || c.Width != 320 || c.Height != 180 {
			t.Errorf("pictures are %+v", c)
		}
		if c := a.Codec; c.Name != "mp4a.40.2" || string(c.Record) != "\x11\x90" || c.Rate != 48000 || c.Channels != 2 {
			t.Errorf("sounds are %+v", c)
		}
		held := 0
		for _, tr := range m.Tracks {
			for i := range tr.Samples {
				held += int(tr.Samples[i].Size)
			}
		}
		if int(m.Index)+held != len(b) && int(m.Index)+held != len(b)+front {
			t.Errorf("packets of %d bytes: %d bytes of structure and %d of samples in %d", pitch, m.Index, held, len(b))
		}
	}
}

// What is done to the packets of smallTS, and what is then found.
func TestTSDamage(t *testing.T) {
	packets := func(b []byte) [][]byte { return slices.Collect(slices.Chunk(b, tsPacket)) }
	each := func(change func(i int, p []byte) []byte) func([]byte) []byte {
		return func(b []byte) (out []byte) {
			for i, p := range packets(b) {
				out = append(out, change(i, p)...)
			}
			return out
		}
	}
	without := func(drop func(i int, p []byte) bool) func([]byte) []byte {
		return each(func(i int, p []byte) []byte {
			if drop(i, p) {
				return nil
			}
			return p
		})
	}
	pid := func(p []byte) int { return int(be.Uint16(p[1:]) & 0x1fff) }
	starts := func(p []byte) bool { return p[1]&0x40 != 0 }
	tables := func(p []byte) bool { return pid(p) == 0 || pid(p) == 0x1000 }
	pictures := 0
	for _, c := range []struct {
		what   string
		change func(b []byte) []byte
		want   string
		repair string
	}{
		{"nothing", func(b []byte) []byte { return b }, "video 8; audio 16", ""},
		{"no tables", without(func(_ int, p []byte) bool { return tables(p) }), "video 8; audio 16", guessStream},
		{"tables at the end", func(b []byte) []byte { return cat(b[2*188:], b[:2*188]) }, "video 8; audio 16", ""},
		{"a map with a wrong sum", each(func(_ int, p []byte) []byte {
			if pid(p) == 0x1000 {
				p[len(p)-1] ^= 1
			}
			return p
		}), "video 8; audio 16", lostSection},
		{"a wrong map that is repeated", each(func(_ int, p []byte) []byte {
			if pid(p) == 0x1000 {
				p[len(p)-1] ^= 1
				return cat(p, p, p)
			}
			return p
		}), "video 8; audio 16", mendSection},
		{"a table that claims too much", each(func(_ int, p []byte) []byte {
			if pid(p) == 0x1000 {
				at := bytes.Index(p, []byte{2, 0xb0})
				p[at+1], p[at+2] = 0xbf, 0xff
			}
			return p
		}), "video 8; audio 16", guessStream},
		{"every packet twice", each(func(_ int, p []byte) []byte { return cat(p, p) }), "video 8; audio 16", ""},
		{"empty packets between", each(func(_ int, p []byte) []byte {
			return cat(p, []byte("\x47\x1f\xff\x10"), make([]byte, 184))
		}), "video 8; audio 16", ""},
		{"adaptation fields alone", each(func(_ int, p []byte) []byte {
			only := bytes.Repeat([]byte{0xff}, 188)
			copy(only, []byte{tsSync, p[1] &^ 0x40, p[2], 0x20 | (p[3]-1)&15, 183, 0})
			return cat(only, p)
		}), "video 8; audio 16", ""},
		{"the middle of a picture lost", func(b []byte) []byte {
			pictures = 0
			return without(func(_ int, p []byte) bool {
				pictures += b2i(pid(p) == 0x100 && starts(p))
				return pictures == 3 && pid(p) == 0x100 && !starts(p) && p[3]&0x20 == 0
			})(b)
		}, "video 8 damaged 1; audio 16", lostPackets},
		{"the start of a picture lost", func(b []byte) []byte {
			pictures = 0
			return without(func(_ int, p []byte) bool {
				pictures += b2i(pid(p) == 0x100 && starts(p))
				return pictures == 3 && pid(p) == 0x100 && starts(p)
			})(b)
		}, "video 7 damaged 1 lost 1; audio 16", lostPackets},
		{"16 packets lost", func(b []byte) []byte { return cat(b[:10*188], b[26*188:]) }, "", lostPackets},
		{"a packet flagged as wrong", each(func(i int, p []byte) []byte {
			p[1] |= 0x80 * byte(b2i(i == 3))
			return p
		}), "video 8 damaged 1; audio 16", mendFlagged},
		{"scrambled pictures", each(func(_ int, p []byte) []byte {
			p[3] |= 0x80 * byte(b2i(pid(p) == 0x100))
			return p
		}), "video 0; audio 16", lostCipher},
		{"an adaptation field beyond the packet", each(func(i int, p []byte) []byte {
			if i == 3 {
				p[3], p[4] = p[3]|0x20, 184
			}
			return p
		}), "video 8 damaged 1; audio 16", lostField},
		{"a wrong sync byte", each(func(i int, p []byte) []byte {
			if i == 5 {
				p[0] = 0x48
			}
			return p
		}), "video 8; audio 16", mendSync},
		{"bytes before", func(b []byte) []byte { return cat([]byte("junk that is no packet"), b) }, "video 8; audio 16", lostStep},
		{"bytes behind", func(b []byte) []byte { return cat(b, make([]byte, 1000)) }, "video 8 damaged 1; audio 16", lostStep},
		{"bytes between packets", func(b []byte) []byte { return cat(b[:10*188], []byte("junk"), b[10*188:]) }, "video 8 damaged 1; audio 16", lostStep},
		{"cut inside a packet", func(b []byte) []byte { return cat(b[:9*188+60], b[9*188+100:]) }, "video 8 damaged 1; audio 16", lostTorn},
		{"ends inside a packet", func(b []byte) []byte { return b[:len(b)-188-188-60] }, "video 8 damaged 1; audio 14", lostTail},
		{"the discontinuity is told", func(b []byte) []byte {
			w := newTSWriter(188)
			w.count[0x100], w.count[0x101] = 9, 9
			for _, pid := range []byte{0, 1} {
				w.b = append(w.b, tsSync, 1, pid, 0x28, 183, 0x80)
				w.b = append(w.b, make([]byte, 182)...)
			}
			smallTSFrom(w, 50_000_000)
			return cat(b, w.b)
		}, "video 16 breaks 1; audio 32 breaks 1", mendJump},
	} {
		b := c.change(smallTS(188))
		m := samePieces(t, c.what, b)
		if got := counted(m); c.want != "" && got != c.want {
			t.Errorf("%s: %s, want %s %v", c.what, got, c.want, m.Repairs)
		}
		if got := fmt.Sprint(m.Repairs); c.repair == "" && len(m.Repairs) > 0 || !strings.Contains(got, c.repair) {
			t.Errorf("%s: mended %s, want %q", c.what, got, c.repair)
		}
	}
}

// A program that changes: other streams take the place of those that go, what
// comes and goes is told, and what stays is not disturbed.
func TestTSPrograms(t *testing.T) {
	w := newTSWriter(188)
	w.association(1, 0x1000, 2, 0x1001)
	w.programMap(0x1000, 1, "", avcAndAAC...)
	w.programMap(0x1001, 2, "", listed{0x0f, 0x101, ""}, listed{0x03, 0x110, ""})
	feed := func(video int, from int64) {
		for i := range int64(4) {
			w.pes(video, pesPacket{0xe0, 3600 * (from + i), -1, false, codedPicture(avcIDR, 50)})
			w.pes(0x101, pesPacket{0xc0, 3600 * (from + i), -1, true, adts(fmt.Sprint("sound ", from+i))})
		}
	}
	feed(0x100, 10)
	w.programMap(0x1000, 1, "", listed{0x1b, 0x102, ""}, listed{0x0f, 0x101, ""})
	feed(0x102, 14)
	w.programMap(0x1000, 1, "", listed{0x24, 0x102, ""}, listed{0x0f, 0x101, ""})
	for i := range int64(3) {
		w.pes(0x102, pesPacket{0xe0, 3600 * (18 + i), -1, false, codes(hevcAUD, realHVPS, realHSPS, realHPPS, hevcIDR)})
	}
	m := samePieces(t, "programs", w.b)
	if got := counted(m); got != "video 11 breaks 2; audio 8; audio 0" {
		t.Errorf("%s, %v", got, m.Repairs)
	}
	v := m.Tracks[0]
	for i, s := range v.Samples {
		name := "avc1.64000c"
		if i >= 8 {
			name = "hvc1.1.6.L60.90"
		}
		if s.Codec.Name != name || s.Time != 3600*int64(10+i) || (s.Flags&Break != 0) != (i == 4 || i == 8) {
			t.Errorf("picture %d: %s at %d, flags %b", i, s.Codec.Name, s.Time, s.Flags)
		}
	}
}

// Pictures are told apart by their NAL units, not by PES packets: several in
// one, or one in several. Only the first to begin in a packet has its stamp.
func TestTSPacking(t *testing.T) {
	var all [][]byte
	for i := range 9 {
		unit := avcP
		if i == 0 {
			unit = avcIDR
		}
		all = append(all, codedPicture(unit, 400))
	}
	for what, packs := range map[string][][]byte{
		"one in each":    all,
		"three in each":  {cat(all[:3]...), cat(all[3:6]...), cat(all[6:]...)},
		"each in pieces": slices.Collect(slices.Chunk(cat(all...), 350)),
		"all in one":     {cat(all...)},
	} {
		for _, sized := range []bool{false, true} {
			w := newTSWriter(188)
			w.tables("", avcAndAAC...)
			off := 0
			for _, p := range packs {
				first := (off + len(all[1]) - 1) / len(all[1]) // picture that begins in p, if they were all as long
				if first > 0 {
					first = (off - len(all[0]) + 2*len(all[1]) - 1) / len(all[1])
				}
				w.pes(0x100, pesPacket{0xe0, int64(first) * 3600, -1, sized, p})
				off += len(p)
			}
			m := samePieces(t, what, w.b)
			v := m.Tracks[0]
			if v.Total() != len(all) || len(m.Repairs) > 0 {
				t.Errorf("%s, sized %v: %d pictures, want %d, %v", what, sized, v.Total(), len(all), m.Repairs)
				continue
			}
			for i := range v.Samples {
				if s := &v.Samples[i]; s.Time != int64(i)*3600 || s.Flags&Damaged != 0 {
					t.Errorf("%s, sized %v: picture %d at %d, flags %b", what, sized, i, s.Time, s.Flags)
				}
			}
		}
	}
}

// Time stamps of 33 bits go round, in each stream at its own time, and start
// wherever they want.
func TestTSWrap(t *testing.T) {
	for _, from := range []int64{0, 1<<33 - 10_000, 1<<33 - 1, 1 << 32} {
		w := newTSWriter(188)
		smallTSFrom(w, from)
		m := samePieces(t, "wrap", w.b)
		if len(m.Repairs) > 0 {
			t.Errorf("from %d: %v", from, m.Repairs)
		}
		for i, s := range m.Tracks[0].Samples {
			if s.Time != from+3600*int64(i) || s.Shift != 7200 {
				t.Errorf("from %d: picture %d at %d%+d", from, i, s.Time, s.Shift)
			}
		}
		for i, s := range m.Tracks[1].Samples {
			if s.Time-m.Tracks[0].Samples[0].Time != 1920*int64(i) {
				t.Errorf("from %d: sound %d at %d", from, i, s.Time)
			}
		}
	}
}

// Live: a picture is there when the packet has come with which the next one
// begins, or, where packets tell their length and each has been one picture,
// when its own last packet has; a sound when its last byte has.
func TestTSLive(t *testing.T) {
	for _, sized := range []bool{false, true} {
		w := newTSWriter(188)
		w.tables("", avcAndAAC...)
		var ends []int
		for i := range 12 {
			w.pes(0x100, pesPacket{0xe0, int64(i) * 3600, -1, sized, codedPicture(avcIDR, 300)})
			ends = append(ends, len(w.b))
		}
		d := New()
		for at, p := range slices.Collect(slices.Chunk(w.b, 188)) {
			d.Feed(slices.Clip(p))
			for d.Step() {
			}
			come := 0 // pictures whose last packet has come
			for come < len(ends) && ends[come] <= (at+1)*188 {
				come++
			}
			if at < 6 { // until it is sure that packets are of this length
				continue
			}
			got := d.Movie().Tracks[0].Total()
			if want := come - 1; !sized && got != want && got != want+1 || sized && come > steady+1 && got != come {
				t.Errorf("sized %v: %d pictures after packet %d, when %d had ended", sized, got, at, come)
			}
		}
	}
}

// Live: a sound is there when its last byte has come.
func TestTSLiveSound(t *testing.T) {
	w := newTSWriter(188)
	w.tables("", avcAndAAC...)
	w.pes(0x100, pesPacket{0xe0, 0, -1, true, codedPicture(avcIDR, 1000)})
	sizes := []int{100, 60, 300, 90, 10} // with the stamp 14 and a header of 14: ends in packets 0, 0, 2, 3, 3
	var p []byte
	for i, n := range sizes {
		p = append(p, adts(strings.Repeat(string(rune('a'+i)), n-7))...)
	}
	w.pes(0x101, pesPacket{0xc0, 0, -1, true, p})
	d := New()
	var got []int
	for _, p := range slices.Collect(slices.Chunk(w.b, 188)) {
		d.Feed(slices.Clip(p))
		for d.Step() {
		}
		if tracks := d.Movie().Tracks; len(tracks) > 1 {
			got = append(got, tracks[1].Total())
		}
	}
	if want := []int{2, 2, 3, 5}; len(got) < 4 || !slices.Equal(got[len(got)-4:], want) {
		t.Errorf("sounds after each packet: %v, want %v at the end", got, want)
	}
}

func FuzzTS(f *testing.F) {
	small := smallTS(188)
	f.Add(small[:12*188])
	f.Add(small[2*188 : 14*188]) // without tables
	f.Add(smallTS(192)[:9*192])
	f.Add(smallTS(204)[100 : 9*204])
	w := newTSWriter(188)
	w.tables("", listed{0x11, 0x100, ""}, listed{0x06, 0x101, "\x05\x04Opus"})
	w.pes(0x100, pesPacket{0xc0, 0, -1, true, cat(loas(true, "first"), loas(false, "second"))})
	w.pes(0x101, pesPacket{0xbd, 0, -1, true, cat(opusFrame("\xfcopus"), opusFrame("\xfcopus"))})
	f.Add(cat(w.b, w.b))
	f.Fuzz(fuzzPieces)
}

// What claims or costs too much is bounded, in memory and in time.
func TestTSBombs(t *testing.T) {
	endless := func(p []byte, pids int) []byte { // PES packets that never end, in turn
		w := newTSWriter(188)
		var rows []listed
		for i := range pids {
			rows = append(rows, listed{0x1b, 0x100 + i, ""})
		}
		if pids < 30 {
			w.tables("", rows...)
		}
		for i := range pids {
			w.packet(0x100+i, true, 0, cat(pesPacket{0xe0, 0, -1, false, nil}.bytes(), p[:150]))
		}
		for i := 0; len(w.b) < 8<<20; i++ {
			w.packet(0x100+i%pids, false, 0, p)
		}
		return w.b
	}
	flapping := func() []byte {
		w := newTSWriter(188)
		w.association(1, 0x1000)
		var rows []listed
		for i := range 25 {
			rows = append(rows, listed{0x1b, 0x100 + i, ""})
		}
		for i := 0; len(w.b) < 2<<20; i++ {
			rows[0].kind = byte(i)
			w.programMap(0x1000, 1, "", rows...)
		}
		return w.b
	}
	filler := stuffed(184)
	parts := bytes.Repeat([]byte{0x0b, 0x77, 0x40, 4, 0x34, 0x80, 0x33, 0x33, 0x33, 0x33}, 18)
	for what, b := range map[string][]byte{
		"one endless picture":             endless(filler, 1),
		"endless pictures in 20 streams":  endless(filler, 20),
		"endless, in streams of no table": endless(filler, 5000),
		"a frame of endless parts": func() []byte {
			w := newTSWriter(188)
			w.tables("", listed{0x87, 0x100, ""})
			w.packet(0x100, true, 0, cat(pesPacket{0xbd, 0, -1, false, nil}.bytes(), eac3Frame(false)[:170]))
			for len(w.b) < 4<<20 {
				w.packet(0x100, false, 0, parts)
			}
			return w.b
		}(),
		"a program map that flaps": flapping(),
		"nothing but sync bytes":   bytes.Repeat([]byte{tsSync}, 4<<20),
	} {
		held := 0
		d := New()
		d.Feed(b)
		d.Close()
		for !d.Done() {
			d.Step()
			forget(d.Movie())
			if r, ok := d.s.(*tsReader); ok {
				held = max(held, r.held)
			}
		}
		if held > maxPending+maxFrame || len(d.Movie().Tracks) > maxTracks {
			t.Errorf("%s: %d bytes wait, %d tracks", what, held, len(d.Movie().Tracks))
		}
	}
}
