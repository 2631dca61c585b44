package demux

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// read demuxes b whole and in pieces and expects the same.
func readMP4(t *testing.T, b []byte) *Movie {
	t.Helper()
	alike(t, t.Name(), b, 1, 7, 0)
	return wholly(b)
}

// times lists when the samples of a track are, and how long.
func times(tr *Track) string {
	var out []string
	for _, s := range tr.Samples {
		x := fmt.Sprintf("%d+%d", s.Time, s.Dur)
		if s.Shift != 0 {
			x += fmt.Sprintf("%+d", s.Shift)
		}
		if s.Flags&Break != 0 {
			x = "| " + x
		}
		out = append(out, x)
	}
	return strings.Join(out, " ")
}

func repairs(m *Movie) string {
	var out []string
	for _, r := range m.Repairs {
		out = append(out, fmt.Sprint(r.Count, " ", r.What))
	}
	return strings.Join(out, "; ")
}

func TestMP4Tables(t *testing.T) {
	s, sizes, syncs := frames(6, 3, 4)
	base := reel{id: 1, scale: 1000, kind: "vide", entries: visual(160, 4),
		tables: cat(stts(6, 40), stsc(2), stsz(sizes...), syncs),
		chunks: [][]byte{cat(s[:2]...), cat(s[2:4]...), cat(s[4:]...)}}
	plain := "0+40 40+40 80+40 120+40 160+40 200+40"
	for _, c := range []struct {
		what  string
		b     []byte
		times string
	}{
		{"header first", film(true, base), plain},
		{"header last", film(false, base), plain},
		{"64-bit places", film(true, base.with(func(r *reel) { r.wide = true })), plain},
		{"offsets below zero", film(true, base.with(func(r *reel) {
			r.tables = append(r.tables, boxed("ctts", num(1<<24, 2, 1, 80, 5, 1<<32-40))...)
		})), "0+40+80 40+40-40 80+40-40 120+40-40 160+40-40 200+40-40"},
		{"an edit list", film(true, base.with(func(r *reel) {
			r.extra = boxed("edts", boxed("elst", num(0, 2, 500, 1<<32-1, 1<<16, 240, 80, 1<<16)))
		})), "420+40 460+40 500+40 540+40 580+40 620+40"},
		{"an open media box", lying(film(true, base), "mdat", 0), plain},
		{"a media box that is too long", lying(film(false, base), "mdat", 1<<30), plain},
		{"a media box that is too short", lying(film(false, base), "mdat", 9), plain},
		{"a media box of no size", lying(film(false, base), "mdat", 7), plain},
		{"a header of no size", lying(film(false, base), "moov", 4), plain},
		{"a header that claims too much", lying(film(true, base), "moov", 1<<20), plain},
		{"junk in front", cat([]byte("this is not a box"), film(true, base)), plain},
		{"bytes put in front and the tables not told", cat(film(true, base)[:len(fileType)],
			boxed("free", make([]byte, 100)), film(true, base)[len(fileType):]), plain},
		{"unknown boxes", cat(boxed("what", make([]byte, 20)), film(true, base)[len(fileType):])[8:], ""},
		{"a record that tells another length of lengths", film(true, base.with(func(r *reel) { r.entries = visual(160, 1) })), plain},
		{"two descriptions", film(true, base.with(func(r *reel) {
			r.entries = cat(visual(160, 4), visual(320, 4))
			r.tables = cat(stts(6, 40), boxed("stsc", num(0, 2, 1, 2, 1, 2, 2, 2)), stsz(sizes...), syncs)
		})), "0+40 40+40 | 80+40 120+40 160+40 200+40"},
	} {
		t.Run(c.what, func(t *testing.T) {
			m := readMP4(t, c.b)
			if c.times == "" {
				return
			}
			if len(m.Tracks) != 1 || times(m.Tracks[0]) != c.times {
				t.Fatalf("%d tracks, %q", len(m.Tracks), repairs(m))
			}
			tr := m.Tracks[0]
			for i := range s {
				if x := tr.Samples[i]; !bytes.Equal(x.Bytes, s[i]) || (x.Key == Closed) != (i%3 == 0) {
					t.Errorf("sample %d: %q %v, want %q", i, x.Bytes, x.Key, s[i])
				}
			}
		})
	}
}

// with is a changed copy of r.
func (r reel) with(change func(*reel)) reel {
	change(&r)
	return r
}

// lying sets the size of the first box of that name.
func lying(b []byte, name string, size uint32) []byte {
	b = bytes.Clone(b)
	i := bytes.Index(b, []byte(name))
	be.PutUint32(b[i-4:], size)
	return b
}

// Lengths of 1, 2 and 4 bytes, and sizes of 4, 8, 16 and 32 bits.
func TestMP4Widths(t *testing.T) {
	for _, prefix := range []int{1, 2, 4} {
		s, sizes, syncs := frames(5, 2, prefix)
		want, _, _ := frames(5, 2, 4)
		for _, bits := range []int{4, 8, 16, 32} {
			if bits == 4 && prefix == 4 {
				continue // would need a size of 9
			}
			rows := make([]byte, (5*bits+7)/8)
			for i, n := range sizes {
				for k := range bits {
					if n>>(bits-1-k)&1 == 1 {
						rows[(i*bits+k)/8] |= 0x80 >> ((i*bits + k) % 8)
					}
				}
			}
			table := boxed("stz2", num(0, uint32(bits), 5), rows)
			if bits == 32 {
				table = stsz(sizes...)
			}
			m := readMP4(t, film(true, reel{id: 1, scale: 25, kind: "vide", entries: visual(160, prefix),
				tables: cat(stts(5, 1), stsc(5), table, syncs), chunks: [][]byte{flat(s)}}))
			for i := range want {
				if got := m.Tracks[0].Samples; len(got) != 5 || !bytes.Equal(got[i].Bytes, want[i]) {
					t.Fatalf("length of %d bytes, sizes of %d bits: %v", prefix, bits, got)
				}
			}
		}
	}
}

// QuickTime's sound: raw sounds are one sample a chunk, or a second; packets
// of compressed ones are counted by what comes out of them.
func TestQuickTimeSound(t *testing.T) {
	bytesOf := func(n int) []byte { return bytes.Repeat([]byte{1, 2, 3, 4}, n/4) }
	v1 := func(name string, sounds, packet, frame uint32, more ...[]byte) []byte {
		return boxed(name, num(0, 1, 1<<16, 0, 2<<16|16, 0, 8000<<16, sounds, packet, frame, 2), cat(more...))
	}
	v2 := boxed("lpcm", num(0, 1, 2<<16, 0, 3<<16|16, 0xfffe0000, 1<<16, 72, 0x40bf4000, 0, 2, 0x7f000000, 16, 12, 4, 1))
	fixed := func(size, n uint32) []byte { return boxed("stsz", num(0, size, n)) }
	esds := boxed("esds", []byte(esds(0x40, "\x12\x10")))
	for _, c := range []struct {
		what    string
		entry   []byte
		tables  []byte
		chunks  [][]byte
		codec   string
		samples string
	}{
		{"raw, version 0", auditory("sowt", 2, 8000), cat(stts(200, 1), stsc(100), fixed(4, 200)),
			[][]byte{bytesOf(400), bytesOf(400)}, "sowt", "400@0+100 400@100+100"},
		{"raw, sizes of one", auditory("twos", 2, 8000), cat(stts(200, 1), stsc(100), fixed(1, 200)),
			[][]byte{bytesOf(400), bytesOf(400)}, "twos", "400@0+100 400@100+100"},
		{"raw, more than a second in a chunk", auditory("sowt", 2, 8000), cat(stts(20_000, 1), stsc(20_000), fixed(4, 20_000)),
			[][]byte{bytesOf(80_000)}, "sowt", "32000@0+8000 32000@8000+8000 16000@16000+4000"},
		{"raw, a chunk for each sound", auditory("sowt", 2, 8000), cat(stts(3, 1), stsc(1), fixed(4, 3)),
			[][]byte{bytesOf(4), bytesOf(4), bytesOf(4)}, "sowt", "12@0+3"},
		{"raw, version 1", v1("in24", 1, 3, 6), cat(stts(100, 1), stsc(100), fixed(1, 100)),
			[][]byte{bytesOf(600)}, "in24", "600@0+100"},
		{"raw, version 2", v2, cat(stts(100, 1), stsc(100), fixed(4, 100)),
			[][]byte{bytesOf(400)}, "lpcm", "400@0+100"},
		{"packets of 64 sounds", v1("ima4", 64, 34, 68), cat(stts(640, 1), stsc(320), fixed(1, 640)),
			[][]byte{bytesOf(340), bytesOf(340)}, "ima4", "340@0+320 340@320+320"},
		{"long packets", v1("agsm", 160, 33, 33), cat(stts(480, 1), stsc(480), fixed(1, 480)),
			[][]byte{bytesOf(100)[:99]}, "agsm", "33@0+160 33@160+160 33@320+160"},
		{"a wave box", v1("mp4a", 1024, 0, 0, boxed("wave", boxed("frma", []byte("mp4a")), boxed("mp4a", num(0)), esds, num(8, 0))),
			cat(stts(2, 1024), stsc(2), stsz(4, 8)), [][]byte{bytesOf(12)}, "mp4a.40.2", "4@0+1024 8@1024+1024"},
		{"a name that is no text", v1("ms\x00\x55", 1152, 0, 0), cat(stts(2, 1152), stsc(2), stsz(4, 8)), [][]byte{bytesOf(12)},
			"6d730055", "4@0+1152 8@1152+1152"},
	} {
		t.Run(c.what, func(t *testing.T) {
			m := readMP4(t, film(true, reel{id: 1, scale: 8000, kind: "soun", entries: c.entry, tables: c.tables, chunks: c.chunks}))
			var got []string
			for _, s := range m.Tracks[0].Samples {
				got = append(got, fmt.Sprintf("%d@%d+%d", len(s.Bytes), s.Time, s.Dur))
			}
			if x := strings.Join(got, " "); x != c.samples || m.Tracks[0].Codec.Name != c.codec {
				t.Errorf("%s: %s, want %s: %s; %s", m.Tracks[0].Codec.Name, x, c.codec, c.samples, repairs(m))
			}
			if c.entry[17] == 2 && (m.Tracks[0].Codec.Rate != 8000 || m.Tracks[0].Codec.Channels != 2) {
				t.Errorf("%+v", m.Tracks[0].Codec)
			}
		})
	}
}

// moof writes a fragment of one run, and the media box behind it. head is the
// track fragment header behind its flags and track.
func moof(id uint32, flags uint32, head, times []byte, samples ...[]byte) []byte {
	var rows []byte
	for _, s := range samples {
		rows = append(rows, num(uint32(len(s)))...)
	}
	write := func(off int) []byte {
		return boxed("moof", boxed("mfhd", num(0, 1)), boxed("traf", boxed("tfhd", num(flags, id), head), times,
			boxed("trun", num(hasSize|1, uint32(len(samples)), uint32(off)), rows)))
	}
	return cat(write(len(write(0))+8), boxed("mdat", flat(samples)))
}

// first is an init segment.
func first(entry []byte, scale uint32) []byte {
	r := reel{id: 1, scale: scale, kind: "vide", entries: entry, tables: cat(boxed("stts", num(0, 0)), boxed("stsc", num(0, 0)), stsz())}
	return cat(fileType, boxed("moov", boxed("mvhd", num(0, 0, 0, 1000, 0), make([]byte, 80)), r.trak(nil),
		boxed("mvex", boxed("trex", num(0, 1, 1, 40, 0, 0x10000)))))
}

func TestMP4Fragments(t *testing.T) {
	s, _, _ := frames(4, 2, 4)
	at := func(n uint32) []byte { return boxed("tfdt", num(0, n)) }
	one, two := moof(1, 0x20000, nil, at(0), s[:2]...), moof(1, 0x20000, nil, at(80), s[2:]...)
	plain := "0+40 40+40 80+40 120+40"
	for _, c := range []struct {
		what  string
		b     []byte
		times string
		codec string
	}{
		{"plain", cat(first(visual(160, 4), 1000), one, two), plain, "avc1.64000c"},
		{"other boxes between", cat(boxed("styp", num(0)), boxed("prft", num(0)), boxed("emsg", num(0)), first(visual(160, 4), 1000), boxed("sidx", num(0, 1, 1000, 0)),
			one, boxed("emsg", make([]byte, 30)), boxed("what", num(1)), two, boxed("mfra", num(1))), plain, "avc1.64000c"},
		{"no decode times", cat(first(visual(160, 4), 1000), moof(1, 0x20000, nil, nil, s[:2]...), moof(1, 0x20000, nil, nil, s[2:]...)), plain, "avc1.64000c"},
		{"no header", cat(boxed("sidx", num(0, 1, 1000, 0)), moof(1, 0x20008, num(40), at(0), s[:2]...), moof(1, 0x20008, num(40), at(80), s[2:]...)), plain, "avc1"},
		{"a media box that swallows the next fragment", cat(first(visual(160, 4), 1000), lying(one, "mdat", 200), two), plain, "avc1.64000c"},
		{"a fragment that claims to go on", cat(first(visual(160, 4), 1000), one, lying(two, "moof", 1<<31)), plain, "avc1.64000c"},
		{"places from the start of a file that was put behind another", cat(first(visual(160, 4), 1000), moof(1, 1, num(0, 99_999), at(0), s[:2]...), two), plain, "avc1.64000c"},
		{"the same header again", cat(first(visual(160, 4), 1000), one, first(visual(160, 4), 1000), two), plain, "avc1.64000c"},
		{"another size of picture", cat(first(visual(160, 4), 1000), one, first(visual(320, 4), 1000), two), "0+40 40+40 | 80+40 120+40", "avc1.64000c"},
		{"another clock", cat(first(visual(160, 4), 1000), one, first(visual(160, 4), 2000),
			moof(1, 0x20008, num(80), at(160), s[2:]...)), plain, "avc1.64000c"},
	} {
		t.Run(c.what, func(t *testing.T) {
			m := readMP4(t, c.b)
			if len(m.Tracks) != 1 || times(m.Tracks[0]) != c.times || !strings.HasPrefix(m.Tracks[0].Codec.Name, c.codec) {
				t.Fatalf("%v %s; %s", times(m.Tracks[0]), m.Tracks[0].Codec.Name, repairs(m))
			}
			for i := range s {
				if x := m.Tracks[0].Samples[i]; !bytes.Equal(x.Bytes, s[i]) {
					t.Errorf("sample %d: %q, want %q", i, x.Bytes, s[i])
				}
			}
		})
	}
}

// An encrypted track is carried as it is, believed in its keys, and said to be so.
func TestMP4Encrypted(t *testing.T) {
	s, sizes, syncs := frames(4, 2, 4)
	for i := range s {
		s[i][4] = 0xff // no NAL unit begins so
	}
	sealed := visual(160, 4)
	copy(sealed[4:], "encv")
	sealed = boxed("encv", sealed[8:], boxed("sinf", boxed("frma", []byte("avc1")), boxed("schm", []byte("\x00\x00\x00\x00cenc\x00\x01\x00\x00"))))
	m := readMP4(t, film(true, reel{id: 1, scale: 25, kind: "vide", entries: sealed,
		tables: cat(stts(4, 1), stsc(4), stsz(sizes...), syncs), chunks: [][]byte{flat(s)}}))
	tr := m.Tracks[0]
	if !tr.Codec.Cipher || tr.Total() != 4 || tr.Samples[2].Key != Closed || !bytes.Equal(tr.Samples[0].Bytes, s[0]) || repairs(m) != "1 "+noteCipher {
		t.Errorf("%+v, %d samples; %s", tr.Codec, tr.Total(), repairs(m))
	}
}

// A live stream gives each sample when its last byte is in, and what has been
// given is not kept.
func TestMP4Live(t *testing.T) {
	s, _, _ := frames(100, 10, 4)
	d := New()
	d.Feed(first(visual(160, 4), 1000))
	for i, x := range s {
		part := moof(1, 0x20000, nil, nil, x)
		d.Feed(part[:len(part)-1])
		for d.Step() {
		}
		d.Feed(part[len(part)-1:])
		for d.Step() {
		}
		if tr := d.Movie().Tracks[0]; tr.Total() != i+1 {
			t.Fatalf("%d samples after %d fragments", tr.Total(), i+1)
		}
		if n := len(d.b) - d.used; n > 0 {
			t.Fatalf("%d bytes are kept after fragment %d", n, i)
		}
	}
}

// A progressive file gives what has come, and keeps only what is not used up.
func TestMP4ProgressiveLive(t *testing.T) {
	b := clip(t, "360p.mp4")
	index := the(t, b, "moov")
	d := New()
	for i := 0; i < len(b); i += 1000 {
		d.Feed(b[i:min(i+1000, len(b))])
		for d.Step() {
		}
		if last := i + 1000; index.off < 1000 && last > index.end+60_000 {
			if n := d.Movie().Tracks[0].Total(); n == 0 || len(d.b)-d.used > 60_000 {
				t.Fatalf("at %d: %d pictures, %d bytes kept", last, n, len(d.b)-d.used)
			}
		}
	}
}

// Tables that name the same track twice, and tracks that come and go with
// later headers.
func TestMP4SecondFile(t *testing.T) {
	for _, name := range []string{"180p.mp4", "270p.mp4", "360p.mp4"} {
		b := clip(t, name)
		one := wholly(b)
		two := readMP4Large(t, cat(b, b))
		for i, tr := range two.Tracks {
			n := one.Tracks[i].Total()
			if tr.Total() != 2*n {
				t.Fatalf("%s twice: track %d has %d samples, want twice %d; %s", name, i, tr.Total(), n, repairs(two))
			}
			for k := range n {
				if !bytes.Equal(tr.Samples[k].Bytes, tr.Samples[n+k].Bytes) {
					t.Fatalf("%s twice: sample %d of track %d differs", name, k, i)
				}
			}
		}
	}
}

// wholly demuxes b in one piece and leaves all samples in the tracks.
func wholly(b []byte) *Movie {
	d, all := inPieces(b, func() int { return len(b) })
	for t, samples := range all {
		t.Samples, t.taken = samples, 0
	}
	return d.Movie()
}

func readMP4Large(t *testing.T, b []byte) *Movie {
	t.Helper()
	alike(t, t.Name(), b, 4096, 0)
	return wholly(b)
}
