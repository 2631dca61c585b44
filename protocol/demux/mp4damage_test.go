package demux

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// sound reads b as an MP4 file and checks what must hold for any bytes: times
// never go back, every sample lies in the file, bytes and work are bounded by
// the size of the file. It returns all samples by track.
func sound(t testing.TB, b []byte) (m *Movie, all map[*Track][]Sample) {
	t.Helper()
	r := openMP4().(*mp4Reader)
	d := &Demuxer{format: &formats[0], s: r}
	d.Feed(b)
	d.Close()
	all = map[*Track][]Sample{}
	m = d.Movie()
	for !d.Done() {
		d.Step()
		for _, tr := range m.Tracks {
			all[tr] = append(all[tr], tr.Take(len(tr.Samples))...)
		}
	}
	var size int64
	for _, tr := range m.Tracks {
		last := int64(-1 << 62)
		for i := range all[tr] {
			s := &all[tr][i]
			if s.Time < last || len(s.Bytes) == 0 || s.At < 0 || s.At+int64(s.Size) > int64(len(b)) {
				t.Fatalf("track %d sample %d: %d bytes at %d, time %d after %d", tr.ID, i, s.Size, s.At, s.Time, last)
			}
			last = s.Time
			size += int64(s.Size)
		}
	}
	if size > maxClaims*int64(len(b)) || m.waiting != 0 || m.weight != 0 {
		t.Fatalf("%d bytes of samples in %d bytes; %d samples, %d bytes still wait", size, len(b), m.waiting, m.weight)
	}
	if most := int64(16*len(b) + maxTries/8); r.steps > most {
		t.Fatalf("%d steps for %d bytes", r.steps, len(b))
	}
	return m, all
}

// kept says how many of the samples read from got are samples of the whole
// file, byte for byte, and how many are not.
func kept(t testing.TB, got, whole []byte) (right, wrong int) {
	t.Helper()
	known := map[string]bool{}
	_, all := sound(t, whole)
	for _, samples := range all {
		for i := range samples {
			known[string(samples[i].Bytes)] = true
		}
	}
	_, all = sound(t, got)
	for _, samples := range all {
		for i := range samples {
			if known[string(samples[i].Bytes)] {
				right++
			} else {
				wrong++
			}
		}
	}
	return right, wrong
}

// A file cut off anywhere gives back every sample that is whole in front of
// the cut, if its index is there too, and never a wrong one.
func TestMP4Truncation(t *testing.T) {
	for _, name := range []string{"180p.mp4", "270p.mp4", "360p.mp4"} {
		b := clip(t, name)
		_, all := sound(t, b)
		var ends []int
		for _, s := range spots(b) {
			ends = append(ends, s.off, s.off+1, s.off+4, s.off+8, s.end-1)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 60 {
			ends = append(ends, rng.IntN(len(b)))
		}
		index := the(t, b, "moov")
		for _, end := range ends {
			right, wrong := kept(t, b[:end], b)
			if wrong > 0 {
				t.Fatalf("%s cut at %d: %d samples that the file does not have", name, end, wrong)
			}
			want := 0
			for _, samples := range all {
				for i := range samples {
					if s := &samples[i]; s.At+int64(s.Size) <= int64(end) {
						want++
					}
				}
			}
			if name != "270p.mp4" && end >= index.end && right != want {
				t.Fatalf("%s cut at %d: %d samples, %d are whole", name, end, right, want)
			}
		}
	}
}

func TestMP4BitFlips(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"180p.mp4", "270p.mp4"} {
		b := clip(t, name)
		var right, wrong, all int
		for range 60 {
			r, w := kept(t, flip(b, 8, 4096, rng), b)
			right, wrong, all = right+r, wrong+w, all+720
		}
		t.Logf("%s, 8 flipped bits in the first 4 KiB: %d of %d samples, %d wrong", name, right, all, wrong)
		if right < all*7/10 {
			t.Errorf("%s: only %d of %d samples survive 8 flipped bits in the head", name, right, all)
		}
	}
}

// Bytes that somebody put in front, took out, wrote over or doubled.
func TestMP4MovedBytes(t *testing.T) {
	junk := bytes.Repeat([]byte("junk! "), 100)
	for _, name := range []string{"180p.mp4", "270p.mp4", "360p.mp4"} {
		b := clip(t, name)
		n := len(b)
		for _, c := range []struct {
			what string
			b    []byte
			min  int // right samples, percent
		}{
			{"junk in front", cat(junk, b), 100},
			{"junk behind", cat(b, junk), 100},
			{"zeros in the head", cat(make([]byte, 16), b[16:]), 100},
			{"a hole of zeros", cat(b[:n/2], make([]byte, n/10), b[n/2+n/10:]), 60},
			{"a tenth cut out", cat(b[:n/2], b[n/2+n/10:]), 60},
			{"a tenth doubled", cat(b[:n/2+n/10], b[n/2:]), 85},
			{"another file behind", cat(b, b), 200},
		} {
			right, wrong := kept(t, c.b, b)
			t.Logf("%s, %s: %d right, %d wrong", name, c.what, right, wrong)
			if right*100 < 720*c.min {
				t.Errorf("%s, %s: %d right samples of 720, want %d %%", name, c.what, right, c.min)
			}
			if wrong > 4 {
				t.Errorf("%s, %s: %d wrong samples beside %d right ones", name, c.what, wrong, right)
			}
		}
	}
}

// Numbers that lie. Each is one field of one box set to v.
func TestMP4Lies(t *testing.T) {
	progressive, fragmented := clip(t, "180p.mp4"), clip(t, "270p.mp4")
	values := []uint32{0, 1, 7, 8, 1 << 16, 1<<31 - 1, 1 << 31, 1<<32 - 1}
	for _, c := range []struct {
		b    []byte
		path string
		at   int // of the field, from the start of the box
		min  int // right samples that must remain, percent, whatever the value
	}{
		{progressive, "stbl/stsz", 16, 0}, // count: zero leaves none of the pictures
		{progressive, "stbl/stsz", 12, 0}, // fixed size
		{progressive, "stbl/stsz", 0, 60},
		{progressive, "stbl/stts", 12, 100},
		{progressive, "stbl/stts", 16, 100},
		{progressive, "stbl/stts", 20, 100},
		{progressive, "stbl/ctts", 12, 100},
		{progressive, "stbl/ctts", 16, 100},
		{progressive, "stbl/ctts", 20, 100},
		{progressive, "stbl/stss", 12, 100},
		{progressive, "stbl/stsc", 12, 0},
		{progressive, "stbl/stsc", 20, 0},
		{progressive, "stbl/stsc", 24, 100},
		{progressive, "stbl/stco", 12, 60},
		{progressive, "stbl/stco", 16, 60},
		{progressive, "edts/elst", 16, 100},
		{progressive, "edts/elst", 20, 100},
		{progressive, "mdia/mdhd", 20, 100},
		{progressive, "trak/tkhd", 20, 100},
		{progressive, "moov/mvhd", 20, 100},
		{progressive, "minf/stbl", 0, 30},
		{progressive, "mdia/minf", 0, 30},
		{progressive, "trak/mdia", 0, 30},
		{progressive, "moov/trak", 0, 30},
		{progressive, "moov", 0, 100},
		{progressive, "mdat", 0, 100},
		{progressive, "ftyp", 0, 100},
		{progressive, "stbl/stsd", 0, 60},
		{progressive, "stbl/stsd", 12, 100},
		{progressive, "stbl/stsd", 16, 60},
		{fragmented, "traf/trun", 12, 60},
		{fragmented, "traf/trun", 16, 60},
		{fragmented, "traf/trun", 8, 50},
		{fragmented, "traf/tfhd", 8, 60},
		{fragmented, "traf/tfhd", 12, 60},
		{fragmented, "traf/tfdt", 12, 100},
		{fragmented, "moof/traf", 0, 60},
		{fragmented, "moof", 0, 80},
		{fragmented, "mdat", 0, 80},
		{fragmented, "mvex/trex", 12, 60},
		{fragmented, "mvex/trex", 24, 60},
	} {
		s := the(t, c.b, c.path)
		for _, v := range values {
			x := bytes.Clone(c.b)
			be.PutUint32(x[s.off+c.at:], v)
			right, _ := kept(t, x, c.b)
			if right*100 < 720*c.min {
				m, _ := sound(t, x)
				t.Errorf("%s field %d = %d: %d of 720 samples; %v", c.path, c.at, v, right, m.Repairs)
			}
		}
	}
}

// A bomb is a small file that claims to be large, or would be if believed, or
// a large one that is legal.
type bomb struct {
	what string
	b    func() []byte
}

func bombs(t testing.TB) []bomb {
	b := clip(t, "180p.mp4")
	deep := func() (b []byte) {
		for range 20_000 {
			b = boxed("moov", b)
		}
		return b
	}
	run := boxed("trun", num(0, 1<<32-1))
	g := boxed("moof", boxed("mfhd", num(0, 1)), boxed("traf", boxed("tfhd", num(0x20010, 1, 1)), run, run, run))
	fixed := func(size, n uint32) []byte { return boxed("stsz", num(0, size, n)) }
	hour := func(first bool) []byte {
		const chunks = 28_800
		r := reel{id: 1, scale: 8000, kind: "soun", entries: boxed("raw ", num(0, 1, 0, 0, 1<<16|8, 0, 8000<<16)),
			tables: cat(stts(chunks*1000, 1), stsc(1000), fixed(1, chunks*1000))}
		for range chunks {
			r.chunks = append(r.chunks, bytes.Repeat([]byte{7}, 1000))
		}
		return film(first, r)
	}
	tables := func(kind string, entry []byte, places int, all ...[]byte) []byte {
		r := reel{id: 1, scale: 25, kind: kind, entries: entry, tables: cat(all...)}
		where := make([]uint32, places)
		for i := range where {
			where[i] = 16
		}
		return cat(boxed("mdat", make([]byte, 1<<20)), boxed("moov", r.trak(where)))
	}
	return []bomb{
		{"an hour of raw sound", func() []byte { return hour(true) }},
		{"an hour of raw sound, header last", func() []byte { return hour(false) }},
		{"2^32-1 sizes", func() []byte { return patched(t, b, "stbl/stsz", 16, 1<<32-1) }},
		{"2^32-1 samples of one size", func() []byte {
			return tables("vide", visual(160, 4), 1, stts(1<<32-1, 1), stsc(1<<32-1), fixed(1, 1<<32-1))
		}},
		{"2^32-1 samples of one size, in 100,000 chunks at one place", func() []byte {
			return tables("vide", boxed("xyz ", make([]byte, 78)), 100_000, stts(1<<32-1, 1), stsc(1<<32-1), fixed(1, 1<<32-1))
		}},
		{"the same with sounds", func() []byte {
			return tables("soun", auditory("sowt", 2, 8000), 100_000, stts(1<<32-1, 1), stsc(1<<32-1), fixed(1, 1<<32-1))
		}},
		{"a million chunks of nothing", func() []byte {
			return tables("vide", boxed("xyz ", make([]byte, 78)), 1_000_000, stts(1, 1), stsc(0), fixed(1, 1<<32-1))
		}},
		{"a run of 2^32-1 durations", func() []byte { return patched(t, b, "stbl/stts", 16, 1<<32-1) }},
		{"a run of 2^32-1 offsets", func() []byte { return patched(t, b, "stbl/ctts", 16, 1<<32-1) }},
		{"runs of no length", func() []byte {
			return tables("vide", visual(160, 4), 1, boxed("stts", num(0, 200_000), make([]byte, 1_600_000)), boxed("ctts", num(0, 200_000), make([]byte, 1_600_000)), stsc(100), fixed(100, 100))
		}},
		{"sizes of half a byte", func() []byte {
			return tables("vide", boxed("xyz ", make([]byte, 78)), 1, stts(1, 1), stsc(1<<31), boxed("stz2", num(0, 4, 1<<32-1), make([]byte, 4<<20)))
		}},
		{"50,000 tracks", func() []byte {
			return cat(fileType, boxed("moov", bytes.Repeat(boxed("trak", boxed("tkhd", make([]byte, 84))), 50_000)))
		}},
		{"20,000 boxes in one another", deep},
		{"500,000 empty boxes", func() []byte { return cat(fileType, bytes.Repeat(boxed("free"), 500_000)) }},
		{"500,000 empty boxes inside", func() []byte { return boxed("moov", bytes.Repeat(boxed("free"), 500_000)) }},
		{"100,000 descriptions", func() []byte { return tables("vide", bytes.Repeat(visual(160, 4), 100_000), 1) }},
		{"a megabyte of zeros inside", func() []byte { return boxed("moov", boxed("mvhd"), make([]byte, 1<<20)) }},
		{"a run of 2^32-1 samples of one byte", func() []byte { return cat(fileType, g, boxed("mdat", make([]byte, 1<<20))) }},
		{"10,000 of these", func() []byte { return cat(fileType, bytes.Repeat(g, 10_000)) }},
		{"200,000 runs in a fragment", func() []byte {
			return cat(fileType, boxed("moof", boxed("mfhd", num(0, 1)), boxed("traf", boxed("tfhd", num(0x20010, 1, 1)), bytes.Repeat(run, 200_000))))
		}},
		{"300,000 headers", func() []byte { return cat(fileType, bytes.Repeat(boxed("moov", boxed("trak")), 300_000)) }},
		{"letters that start boxes", func() []byte { return cat(b[:1000], bytes.Repeat([]byte("mf"), 1<<20)) }},
		{"headers that start boxes", func() []byte {
			return cat(fileType, bytes.Repeat([]byte("\x00\xff\x00\x00moof\x00\x00\x00\x08mfhd"), 1<<16))
		}},
		{"endless media boxes", func() []byte { return cat(fileType, bytes.Repeat([]byte("\x00\x00\x00\x00mdat"), 1<<17)) }},
	}
}

func patched(t testing.TB, b []byte, path string, at int, v uint32) []byte {
	b = bytes.Clone(b)
	be.PutUint32(b[the(t, b, path).off+at:], v)
	return b
}

// No file takes more than a few megabytes beside its own bytes, and no more
// work than its size allows, which sound checks.
func TestMP4Bombs(t *testing.T) {
	const allowed = 16 << 20
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	for _, c := range bombs(t) {
		b := c.b()
		peak, samples, repairs := peak(b)
		t.Logf("%-62s %8d bytes, %4.1f MB beside them, %6d samples", c.what, len(b), float64(peak)/(1<<20), samples)
		if peak > allowed {
			t.Errorf("%s: %d bytes take %d beside them", c.what, len(b), peak)
		}
		if c.what == "an hour of raw sound" && (samples != 28_800 || repairs != "[]") {
			t.Errorf("%s: %d samples, %s", c.what, samples, repairs)
		}
		sound(t, b)
	}
}

// Waiting for more bytes is cheap: what was looked at is not looked at again.
func TestMP4Waits(t *testing.T) {
	b := clip(t, "360p.mp4")
	s, sizes, syncs := frames(2, 2, 4)
	late := film(true, reel{id: 1, scale: 25, kind: "vide", entries: visual(160, 4), tables: cat(stts(2, 1), stsc(1), stsz(sizes...), syncs),
		chunks: [][]byte{s[0], cat(bytes.Repeat([]byte{0xff}, 9), make([]byte, 1<<20), s[1])}})
	for _, c := range []bomb{
		{"a film", func() []byte { return b }},
		{"a free box that claims too much", func() []byte { return cat(fileType, num(1<<31), []byte("free"), make([]byte, 1<<20)) }},
		{"an endless header", func() []byte { return cat(fileType, num(0), []byte("moov"), boxed("mvhd"), make([]byte, 1<<20)) }},
		{"a fragment that claims too much", func() []byte { return cat(fileType, num(1<<31), []byte("moof"), boxed("mfhd"), make([]byte, 1<<20)) }},
		{"a broken picture", func() []byte { return lying(late, "mdat", 1<<30) }},
		{"a media box after an index", func() []byte {
			return cat(fileType, first(visual(160, 4), 25), num(1<<31), []byte("mdat"), make([]byte, 1<<20))
		}},
		{"junk", func() []byte { return cat(fileType, make([]byte, 1<<20)) }},
	} {
		x := c.b()
		d, _ := asMP4(x, 512)
		if n := d.s.(*mp4Reader).steps; n > int64(len(x)) {
			t.Errorf("%s: %d steps for %d bytes", c.what, n, len(x))
		}
	}
}

// peak demuxes b, forgets every sample and says how far the heap grew at most.
// Collections come at twenty percent of growth, so some of it is garbage.
func peak(b []byte) (most int64, samples int, repairs string) {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	base := int64(stats.HeapAlloc)
	d := New()
	d.Feed(b)
	d.Close()
	for !d.Done() {
		d.Step()
		runtime.ReadMemStats(&stats)
		most = max(most, int64(stats.HeapAlloc)-base)
		for _, tr := range d.Movie().Tracks {
			tr.Take(len(tr.Samples))
		}
	}
	for _, tr := range d.Movie().Tracks {
		samples += tr.Total()
	}
	return most, samples, fmt.Sprint(d.Movie().Repairs)
}

func FuzzMP4(f *testing.F) {
	for _, name := range []string{"180p.mp4", "270p.mp4"} {
		b := clip(f, name)
		f.Add(b[:the(f, b, "mdat").off+2000])
		moov := the(f, b, "moov")
		f.Add(b[moov.off:moov.end])
	}
	b := clip(f, "270p.mp4")
	g := the(f, b, "moof")
	f.Add(b[g.off : g.end+1000])
	f.Add([]byte("\x00\x00\x00\x08mdat\x00\x00\x00\x10moovmvhd\x00\x00"))
	f.Add([]byte("no film at all"))
	s, sizes, syncs := frames(6, 3, 4)
	r := reel{id: 1, scale: 1000, kind: "vide", entries: cat(visual(160, 4), visual(320, 4)),
		tables: cat(stts(6, 40), boxed("stsc", num(0, 2, 1, 2, 1, 2, 2, 2)), stsz(sizes...), syncs),
		chunks: [][]byte{cat(s[:2]...), cat(s[2:4]...), cat(s[4:]...)}}
	f.Add(film(true, r))
	f.Add(film(false, r))
	f.Add(cat(first(visual(160, 4), 1000), moof(1, 0x20000, nil, nil, s[:3]...), moof(1, 1, num(0, 77), nil, s[3:]...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		sound(t, b)
		want := printed(asMP4(b, len(b)))
		n := 1 + len(b)%191
		if got := printed(asMP4(b, n)); !slices.Equal(got, want) {
			t.Fatalf("in pieces of %d bytes:\n%s\nwant\n%s", n, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// asMP4 demuxes b as MP4, whatever it looks like, fed in pieces of n bytes.
func asMP4(b []byte, n int) (*Demuxer, map[*Track][]Sample) {
	d := &Demuxer{format: &formats[0], s: openMP4()}
	for len(b) > 0 {
		n = min(n, len(b))
		d.Feed(bytes.Clone(b[:n]))
		for b = b[n:]; d.Step(); {
		}
	}
	d.Close()
	for d.Step() {
	}
	all := map[*Track][]Sample{}
	for _, tr := range d.Movie().Tracks {
		all[tr] = tr.Take(len(tr.Samples))
	}
	return d, all
}
