package demux

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// chunkAVI writes a chunk; list a list of them.
func chunkAVI(name string, parts ...[]byte) []byte {
	body := cat(parts...)
	b := le.AppendUint32([]byte(name), uint32(len(body)))
	b = append(b, body...)
	return append(b, make([]byte, len(body)&1)...)
}

func listAVI(name, kind string, parts ...[]byte) []byte {
	return chunkAVI(name, append([][]byte{[]byte(kind)}, parts...)...)
}

// headerAVI writes the headers of a stream: tick/scale seconds a chunk, unit
// bytes a unit of sound.
func headerAVI(kind, code string, tick, scale, unit int, format []byte) []byte {
	p := make([]byte, 56)
	copy(p, kind+code)
	le.PutUint32(p[20:], uint32(tick))
	le.PutUint32(p[24:], uint32(scale))
	le.PutUint32(p[44:], uint32(unit))
	return listAVI("LIST", "strl", chunkAVI("strh", p), chunkAVI("strf", format))
}

func bitmap(code, extra string) []byte {
	p := make([]byte, 40)
	le.PutUint32(p, 40)
	le.PutUint32(p[4:], 64)
	le.PutUint32(p[8:], 1<<32-48) // rows from the top
	copy(p[16:], code)
	return append(p, extra...)
}

func wave(tag, channels, rate, depth int, extra string) []byte {
	p := make([]byte, 18)
	le.PutUint16(p, uint16(tag))
	le.PutUint16(p[2:], uint16(channels))
	le.PutUint32(p[4:], uint32(rate))
	le.PutUint16(p[14:], uint16(depth))
	le.PutUint16(p[16:], uint16(len(extra)))
	return append(p, extra...)
}

// moviesAVI wraps streams and chunks into a file.
func moviesAVI(headers [][]byte, chunks ...[]byte) []byte {
	main := make([]byte, 56)
	main[24] = byte(len(headers))
	head := listAVI("LIST", "hdrl", append([][]byte{chunkAVI("avih", main)}, headers...)...)
	return listAVI("RIFF", "AVI ", head, listAVI("LIST", "INFO", chunkAVI("ISFT", []byte("00dc"))), chunkAVI("JUNK", []byte("01wb")),
		listAVI("LIST", "movi", chunks...), chunkAVI("idx1", make([]byte, 32)))
}

// smallAVI is four pictures and three blocks of sound.
func smallAVI() []byte {
	return moviesAVI([][]byte{headerAVI("vids", "H264", 1001, 30000, 0, bitmap("H264", "")), headerAVI("auds", "", 1, 8000, 2, wave(1, 1, 8000, 16, ""))},
		chunkAVI("00dc", codes(avcAUD, realAVCSPS, realAVCPPS, avcIDR)),
		chunkAVI("01wb", []byte("firstpcm")),
		chunkAVI("00dc", codes(avcP)),
		chunkAVI("00dc"),
		listAVI("LIST", "rec ", chunkAVI("01wb", []byte("second")), chunkAVI("00dc", codes("\x01\x9a\x01"))),
		chunkAVI("ix00", make([]byte, 24)),
		chunkAVI("01wb", []byte("third!")),
		chunkAVI("00dc", codes(avcIDR)))
}

func TestAVI(t *testing.T) {
	m := samePieces(t, "small", smallAVI())
	want := `video 30000: 00000003658884 0+0 at 370 key closed flags 0 avc1.64000c; 00000003419a01 1001+0 at 446 key none flags 0 avc1.64000c; ` +
		`00000003019a01 3003+0 at 496 key none flags 10000 avc1.64000c; 00000003658884 4004+0 at 558 key closed flags 0 avc1.64000c;
audio 8000: 666972737470636d 0+0 at 430 key closed flags 1 pcm-s16le; 7365636f6e64 4+0 at 482 key closed flags 0 pcm-s16le; ` +
		`746869726421 7+0 at 544 key closed flags 0 pcm-s16le;
[]`
	if got := tell(m); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	two := cat(smallAVI(), listAVI("RIFF", "AVIX", listAVI("LIST", "movi", chunkAVI("00dc", codes(avcP)))))
	if n := len(samePieces(t, "two parts", two).Tracks[0].Samples); n != 5 {
		t.Errorf("%d pictures in two parts", n)
	}
}

func TestAVICodecs(t *testing.T) {
	for _, c := range []struct {
		code          string
		format        []byte
		chunk         string
		want          string
		width, height int
		rate          int
	}{
		{"H264", bitmap("avc1", avcBox), string(chain(avcIDR)), "avc1.64000c", 320, 180, 0},
		{"H264", bitmap("H264", string(codes(realAVCSPS, realAVCPPS))), string(codes(avcIDR)), "avc1.64000c", 320, 180, 0},
		{"HEVC", bitmap("HEVC", ""), string(codes(realHVPS, realHSPS, realHPPS, hevcIDR)), "hvc1.1.6.L60.90", 320, 180, 0},
		{"XVID", bitmap("XVID", ""), string(mpegCodes(visual4, "\xb6\x10ab")), "mp4v.20.245", 320, 180, 0},
		{"divx", bitmap("DX50", ""), string(mpegCodes("\xb6\x10ab")), "mp4v.20", 64, 48, 0},
		{"mpg2", bitmap("mpg2", ""), string(mpegCodes(sequence2, picture2(0, 1))), "mp4v.61", 320, 180, 0},
		{"MJPG", bitmap("MJPG", ""), "\xff\xd8abc", "mp4v.6c", 64, 48, 0},
		{"", bitmap("", ""), "pixels", "raw", 64, 48, 0},
		{"cvid", bitmap("cvid", ""), "abc", "cvid", 64, 48, 0},
		{"", wave(1, 2, 44100, 8, ""), "sound", "pcm-u8", 0, 0, 44100},
		{"", wave(0x55, 2, 44100, 0, "\x01\x00"), "\xff\xfb\x54\xc4", mp3, 0, 0, 48000},
		{"", wave(0xff, 2, 44100, 0, "\x12\x10\x56\xe5\x00"), "sound", "mp4a.40.2", 0, 0, 44100},
		{"", wave(0x2000, 2, 44100, 0, ""), "\x0b\x77\x00\x00\x14\x40\x43\xff", "ac-3", 0, 0, 48000},
		{"", wave(0x161, 2, 32000, 0, "abc"), "sound", "acm-0161", 0, 0, 32000},
	} {
		kind, name := "vids", "00dc"
		if c.width == 0 {
			kind, name = "auds", "00wb"
		}
		m := samePieces(t, c.want, moviesAVI([][]byte{headerAVI(kind, c.code, 1, 25, 0, c.format)}, chunkAVI(name, []byte(c.chunk))))
		if len(m.Tracks) != 1 || m.Tracks[0].Total() != 1 {
			t.Errorf("%s: %s", c.want, tell(m))
			continue
		}
		k := m.Tracks[0].Samples[0].Codec
		if k.Name != c.want || k.Width != c.width || k.Height != c.height || k.Rate != c.rate || m.Tracks[0].Samples[0].Key == None {
			t.Errorf("%s: %+v, key %v", c.want, k, m.Tracks[0].Samples[0].Key)
		}
	}
}

// Key pictures are told without an index.
func TestAVIKeys(t *testing.T) {
	for code, want := range map[string][]bool{
		"MJPG": {true, true, true}, "dvsd": {true, true, true}, "": {true, true, true},
		"DIV3": {true, false, true}, "WMV2": {true, true, true}, "cvid": {true, false, false},
	} {
		m := samePieces(t, code, moviesAVI([][]byte{headerAVI("vids", code, 1, 25, 0, bitmap(code, ""))},
			chunkAVI("00dc", []byte("\x10abc")), chunkAVI("00dc", []byte("\x50abc")), chunkAVI("00dc", []byte("\x10abc"))))
		var got []bool
		for _, s := range m.Tracks[0].Samples {
			got = append(got, s.Key != None)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", code, got, want)
		}
	}
}

// A packed stream gives each picture its own sample, at its own time.
func TestPackedAVI(t *testing.T) {
	vop := func(head string) string { return "\xb6" + head + strings.Repeat("x", 30) }
	i, p, b1, b2, empty := vop("\x10"), vop("\x50"), vop("\x90"), vop("\x91"), "\xb6\x50a"
	for _, c := range []struct {
		what   string
		chunks [][]string
		want   []string
	}{
		{"one", [][]string{{i}, {p, b1}, {empty}, {p}}, []string{i, p, b1, p}},
		{"two in a row", [][]string{{i}, {p, b1}, {b2}, {empty}, {p}}, []string{i, p, b1, b2, p}},
		{"the last is held back", [][]string{{i}, {p, b1}}, []string{i, p, b1}},
		{"not packed", [][]string{{i}, {p}, {empty}, {p}}, []string{i, p, empty, p}},
		{"the empty one is lost", [][]string{{i}, {p, b1}, {p, b2}, {empty}}, []string{i, p, b1, p, b2}},
	} {
		var chunks [][]byte
		for _, units := range c.chunks {
			chunks = append(chunks, chunkAVI("00dc", mpegCodes(units...)))
		}
		m := samePieces(t, c.what, moviesAVI([][]byte{headerAVI("vids", "DX50", 1, 25, 0, bitmap("DX50", ""))}, chunks...))
		var got []string
		for _, s := range m.Tracks[0].Samples {
			got = append(got, string(s.Bytes[3:]))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// A second file behind the first goes on in the same tracks; what changes is
// told by a break.
func TestJoinedAVI(t *testing.T) {
	other := moviesAVI([][]byte{headerAVI("vids", "MJPG", 1, 15, 0, bitmap("MJPG", ""))}, chunkAVI("00dc", []byte("\xff\xd8abc")), chunkAVI("00dc", []byte("\xff\xd8ab")))
	m := samePieces(t, "joined", cat(smallAVI(), smallAVI(), other))
	var times []int64
	var breaks []bool
	for _, s := range m.Tracks[0].Samples {
		times, breaks = append(times, s.Time), append(breaks, s.Flags&Break != 0)
	}
	if want := []int64{0, 1001, 3003, 4004, 5005, 6006, 8008, 9009, 10010, 12010}; !slices.Equal(times, want) || len(m.Tracks) != 2 {
		t.Errorf("times %v, want %v in %d tracks", times, want, len(m.Tracks))
	}
	if want := []bool{8: true, 9: false}; !slices.Equal(breaks, want) {
		t.Errorf("breaks %v", breaks)
	}
}

// Damage to one chunk costs that chunk.
func TestDamagedAVI(t *testing.T) {
	whole := smallAVI()
	second, third := bytes.Index(whole, []byte("second")), bytes.Index(whole, []byte("third"))
	first := bytes.Index(whole, []byte("firstpcm"))
	lie := func(at int, size uint32) []byte {
		b := bytes.Clone(whole)
		le.PutUint32(b[at-4:], size)
		return b
	}
	for _, c := range []struct {
		what           string
		b              []byte
		videos, sounds int
		repair         string
	}{
		{"junk in front", cat([]byte("some junk"), whole), 4, 3, lostBetween},
		{"no index", whole[:len(whole)-40], 4, 3, ""},
		{"the headers are lost", whole[first-8:], 3, 3, guessTypes},
		{"the first header is lost", cat(whole[:32], whole[bytes.Index(whole, []byte("auds"))-8:]), 4, 3, guessTypes},
		{"an unknown stream", bytes.Replace(whole, []byte("01wb\x08"), []byte("07wb\x08"), 1), 4, 2, lostOrphans},
		{"cut in a chunk", whole[:second+3], 2, 1, lostLying},
		{"a hole", cat(whole[:second+2], whole[third+3:]), 3, 1, lostLying},
		{"a chunk that says too much", lie(first, 1<<30), 4, 2, lostBetween},
		{"a chunk that says too little", lie(first, 3), 4, 2, lostLying},
		{"a list that says too little", lie(bytes.Index(whole, []byte("movi")), 0), 4, 3, ""},
		{"a list that says too much", lie(bytes.Index(whole, []byte("movi")), 1<<32-1), 4, 3, ""},
		{"zeros behind", cat(whole, make([]byte, 99)), 4, 3, lostBetween},
		{"twice", cat(whole, whole), 8, 6, ""},
	} {
		m := samePieces(t, c.what, c.b)
		count := map[Kind]int{}
		for _, tr := range m.Tracks {
			count[tr.Kind] += len(tr.Samples)
		}
		noted := c.repair == "" || slices.ContainsFunc(m.Repairs, func(r Repair) bool { return r.What == c.repair })
		if count[Video] != c.videos || count[Audio] != c.sounds || !noted {
			t.Errorf("%s: %d pictures, %d sounds, want %d, %d and %q; %v", c.what, count[Video], count[Audio], c.videos, c.sounds, c.repair, m.Repairs)
		}
	}
}

func FuzzAVI(f *testing.F) {
	f.Add(smallAVI())
	f.Add(moviesAVI([][]byte{headerAVI("vids", "DX50", 1, 25, 0, bitmap("DX50", ""))}, chunkAVI("00dc", mpegCodes(visual4, "\xb6\x10ab", "\xb6\x90ab")),
		chunkAVI("00dc", mpegCodes("\xb6\x50ab"))))
	f.Fuzz(fuzzPieces)
}
