package media

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
)

// sound checks what must hold for any bytes: the account adds up, segments
// follow one another and decode, opaque pieces add up to the file, and small
// files stay small.
func sound(t testing.TB, b []byte) *Report {
	t.Helper()
	r := Tokenize("x", b, 2*time.Second)
	a := r.Account
	if a.Samples+a.Opaque+a.Index+a.Rest != int64(len(b)) || min(a.Samples, a.Opaque, a.Index, a.Rest) < 0 {
		t.Fatalf("account %+v does not add up to %d bytes", a, len(b))
	}
	var at time.Duration
	samples, payload := 0, 0
	var pieces []byte
	for i := range r.Rendition.Segments {
		s := &r.Rendition.Segments[i]
		if s.Start != at || s.Duration <= 0 || s.Duration > MaxSegment {
			t.Fatalf("segment %d: start %v, want %v, duration %v", i, s.Start, at, s.Duration)
		}
		at += s.Duration
		samples += s.Samples
		payload += len(s.Payload)
		if r.Opaque != "" {
			pieces = append(pieces, s.Payload...)
			continue
		}
		tracks, err := DecodePayload(s.Payload)
		if err != nil {
			t.Fatalf("segment %d: %v", i, err)
		}
		if s.Independent && len(tracks[0]) > 0 && tracks[0][0].Key != Closed {
			t.Fatalf("segment %d is independent and starts with %v", i, tracks[0][0].Key)
		}
	}
	want := 0
	for _, x := range r.Tracks {
		want += x.Samples
	}
	if r.Opaque == "" && samples != want {
		t.Fatalf("segments have %d samples, tracks %d", samples, want)
	}
	if r.Opaque != "" && !bytes.Equal(pieces, b) {
		t.Fatal("the opaque pieces do not add up to the file")
	}
	if payload > 60*len(b)+(maxTracks+8)*len(r.Segments) {
		t.Fatalf("%d bytes of file became %d bytes of payload", len(b), payload)
	}
	return r
}

// kept says how many of the samples in got are samples of the whole file, byte
// for byte and in the right order, and how many are not.
func kept(t testing.TB, got, whole []byte) (right, wrong int) {
	t.Helper()
	known := map[string]bool{}
	for _, tr := range must(whole).tracks {
		for i := range tr.samples {
			known[string(must(whole).b[tr.samples[i].off:][:tr.samples[i].size])] = true
		}
	}
	m, _, _ := scan(got)
	if m == nil {
		return 0, 0
	}
	for _, tr := range m.tracks {
		for i := range tr.samples {
			if known[string(m.bytes(&tr.samples[i]))] {
				right++
			} else {
				wrong++
			}
		}
	}
	return right, wrong
}

var scanned = map[*byte]*movie{}

// must scans a sound file once.
func must(b []byte) *movie {
	if scanned[&b[0]] == nil {
		scanned[&b[0]], _, _ = scan(b)
	}
	return scanned[&b[0]]
}

// A file cut off anywhere gives back every sample that is whole in front of
// the cut, if its index is there too, and never a wrong one.
func TestTruncation(t *testing.T) {
	for _, name := range []string{"180p.mp4", "270p.mp4", "360p.mp4"} {
		b := clipFile(t, name)
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
			sound(t, b[:end])
			right, wrong := kept(t, b[:end], b)
			if wrong > 0 {
				t.Fatalf("%s cut at %d: %d samples that the file does not have", name, end, wrong)
			}
			want := 0
			for _, tr := range must(b).tracks {
				for i := range tr.samples {
					if s := &tr.samples[i]; s.off+int64(s.size) <= int64(end) {
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

func TestBitFlips(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"180p.mp4", "270p.mp4"} {
		b := clipFile(t, name)
		var right, wrong, all int
		for range 60 {
			x := bytes.Clone(b)
			for range 8 {
				x[rng.IntN(4096)] ^= 1 << rng.IntN(8)
			}
			sound(t, x)
			r, w := kept(t, x, b)
			right, wrong, all = right+r, wrong+w, all+720
		}
		t.Logf("%s, 8 flipped bits in the first 4 KiB: %d of %d samples, %d wrong", name, right, all, wrong)
		if right < all*7/10 {
			t.Errorf("%s: only %d of %d samples survive 8 flipped bits in the head", name, right, all)
		}
	}
}

// Bytes that somebody put in front, took out, wrote over or doubled.
func TestMovedBytes(t *testing.T) {
	junk := bytes.Repeat([]byte("junk! "), 100)
	for _, name := range []string{"180p.mp4", "270p.mp4", "360p.mp4"} {
		b := clipFile(t, name)
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
			{"a tenth cut out", cat(b[:n/2], b[n/2+n/10:]), 40},
			{"a tenth doubled", cat(b[:n/2+n/10], b[n/2:]), 40},
			{"another file behind", cat(b, b), 100},
		} {
			sound(t, c.b)
			right, wrong := kept(t, c.b, b)
			t.Logf("%s, %s: %d right, %d wrong", name, c.what, right, wrong)
			if right*100 < 720*c.min {
				t.Errorf("%s, %s: %d right samples of 720, want %d %%", name, c.what, right, c.min)
			}
			if wrong > 10 {
				t.Errorf("%s, %s: %d wrong samples beside %d right ones", name, c.what, wrong, right)
			}
		}
	}
}

// Numbers that lie. Each is one field of one box set to v.
func TestLies(t *testing.T) {
	progressive, fragmented := clipFile(t, "180p.mp4"), clipFile(t, "270p.mp4")
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
		{progressive, "moov", 0, 0},
		{progressive, "mdat", 0, 100},
		{progressive, "ftyp", 0, 100},
		{progressive, "stbl/stsd", 0, 60},
		{progressive, "stbl/stsd", 12, 100},
		{progressive, "stbl/stsd", 16, 30},
		{fragmented, "traf/trun", 12, 60},
		{fragmented, "traf/trun", 16, 60},
		{fragmented, "traf/trun", 8, 50},
		{fragmented, "traf/tfhd", 8, 60},
		{fragmented, "traf/tfhd", 12, 60},
		{fragmented, "traf/tfdt", 12, 100},
		{fragmented, "moof/traf", 0, 60},
		{fragmented, "moof", 0, 60},
		{fragmented, "mdat", 0, 80},
		{fragmented, "mvex/trex", 12, 60},
		{fragmented, "mvex/trex", 24, 60},
	} {
		s := the(t, c.b, c.path)
		for _, v := range values {
			x := bytes.Clone(c.b)
			be.PutUint32(x[s.off+c.at:], v)
			start := time.Now()
			r := sound(t, x)
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%s field %d = %d took %v", c.path, c.at, v, d)
			}
			right, _ := kept(t, x, c.b)
			if right*100 < 720*c.min {
				t.Errorf("%s field %d = %d: %d of 720 samples; %q %v", c.path, c.at, v, right, r.Opaque, r.Repairs)
			}
		}
	}
}

// Small files that claim to be large, or would be if believed.
func TestBombs(t *testing.T) {
	b := clipFile(t, "180p.mp4")
	deep := []byte{}
	for range 20_000 {
		deep = boxed("moov", deep)
	}
	run := boxed("trun", num(0, 1<<32-1))
	moof := boxed("moof", boxed("mfhd", num(0, 1)), boxed("traf", boxed("tfhd", num(0x20010, 1, 1)), run, run, run))
	for _, c := range []struct {
		what string
		b    []byte
	}{
		{"50,000 tracks", cat(boxed("ftyp", num(0, 0)), boxed("moov", bytes.Repeat(boxed("trak", boxed("tkhd", make([]byte, 84))), 50_000)))},
		{"20,000 boxes in one another", deep},
		{"500,000 empty boxes", cat(boxed("ftyp", num(0, 0)), bytes.Repeat(boxed("free"), 500_000))},
		{"500,000 empty boxes inside", boxed("moov", bytes.Repeat(boxed("free"), 500_000))},
		{"a megabyte of zeros inside", boxed("moov", boxed("mvhd"), make([]byte, 1<<20))},
		{"runs of 2^32-1 samples of one byte", cat(boxed("ftyp", num(0, 0)), moof, boxed("mdat", make([]byte, 1<<20)))},
		{"10,000 of these", cat(boxed("ftyp", num(0, 0)), bytes.Repeat(moof, 10_000))},
		{"letters that start boxes", cat(b[:1000], bytes.Repeat([]byte("mf"), 1<<20))},
		{"headers that start boxes", cat(boxed("ftyp", num(0, 0)), bytes.Repeat([]byte("\x00\xff\x00\x00moof\x00\x00\x00\x08mfhd"), 1<<16))},
	} {
		start := time.Now()
		r := sound(t, c.b)
		d := time.Since(start)
		t.Logf("%s: %d bytes, %v, %d tracks, %d segments", c.what, len(c.b), d.Round(time.Millisecond), len(r.Tracks), len(r.Segments))
		if d > 5*time.Second {
			t.Errorf("%s: took %v", c.what, d)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, name := range []string{"180p.mp4", "270p.mp4"} {
		b := clipFile(f, name)
		f.Add(b[:the(f, b, "mdat").off+2000])
		moov := the(f, b, "moov")
		f.Add(b[moov.off:moov.end])
	}
	b := clipFile(f, "270p.mp4")
	moof := the(f, b, "moof")
	f.Add(b[moof.off : moof.end+1000])
	f.Add([]byte("\x00\x00\x00\x08mdat\x00\x00\x00\x10moovmvhd\x00\x00"))
	f.Add([]byte("no film at all"))
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, b) })
}
