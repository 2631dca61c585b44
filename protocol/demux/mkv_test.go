package demux

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// el is an EBML element. Its size takes one byte, or eight from 127 on.
func el(id uint32, body ...[]byte) []byte {
	b := cat(body...)
	out := elID(id)
	if len(b) < 127 {
		return cat(out, []byte{0x80 | byte(len(b))}, b)
	}
	size := be.AppendUint64(nil, uint64(len(b)))
	size[0] = 1
	return cat(out, size, b)
}

func elID(id uint32) []byte { return bytes.TrimLeft(be.AppendUint32(nil, id), "\x00") }

// elOpen is one that goes on to the next of its level.
func elOpen(id uint32, body ...[]byte) []byte { return cat(elID(id), []byte{0xff}, cat(body...)) }

func elNum(id uint32, n ...byte) []byte { return el(id, n) }

func elText(id uint32, s string) []byte { return el(id, []byte(s)) }

// mkvBlock is the body of a block of track n at a time against its cluster's.
func mkvBlock(n byte, time int16, flags byte, body ...string) []byte {
	return cat([]byte{0x80 | n, byte(uint16(time) >> 8), byte(time), flags}, []byte(strings.Join(body, "")))
}

func mkvEntry(n byte, kind byte, codec string, more ...[]byte) []byte {
	return el(idEntry, elNum(idNumber, n), elNum(0x73c5, 9), elNum(idType, kind), elText(idCodec, codec), cat(more...))
}

// Pictures of VP8, 320x180, and MPEG audio.
const (
	vp8Key   = "\x10\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00key"
	vp8Inter = "\x31\x00\x00inter"
	mp3Sound = "\xff\xfb\x90\xc0sound"
)

var (
	mkvFront = el(idEBML, elText(0x4282, "matroska"))
	mkvInfo  = el(idInfo, elNum(idScale, 0x0f, 0x42, 0x40), elText(0x4d80, "muxer"))
	mkvVideo = mkvEntry(1, 1, "V_VP8", el(idVideo, elNum(idWidth, 1, 64), elNum(idHeight, 180)))
	mkvAudio = mkvEntry(2, 2, "A_MPEG/L3", el(idAudio, elText(idRate, "\x47\x2c\x44\x00"), elNum(idChannels, 2)))
)

// mkvOf is a file with both tracks and what follows the header.
func mkvOf(rest ...[]byte) []byte {
	return cat(mkvFront, elOpen(idSegment, mkvInfo, el(idTracks, mkvVideo, mkvAudio), cat(rest...)))
}

func smallMKV() []byte {
	return mkvOf(
		el(idCluster, el(idCRC, []byte("abcd")), elNum(idTime, 100),
			el(idSimpleBlock, mkvBlock(1, 0, 0x80, vp8Key)),
			el(idSimpleBlock, mkvBlock(2, -5, 0x80, mp3Sound)),
			el(idVoid, make([]byte, 30)),
			el(idGroup, el(idBlock, mkvBlock(1, 40, 0, vp8Inter)), elNum(idDuration, 33), elNum(idReference, 0xd8))),
		elOpen(idCluster, elNum(idTime, 180), elNum(idPrevious, 9),
			elOpen(idGroup, el(idBlock, mkvBlock(1, 0, 0, vp8Key))),
			el(idSimpleBlock, mkvBlock(2, 19, 0x80, mp3Sound)),
			el(idSimpleBlock, mkvBlock(1, 40, 0, vp8Inter))),
		el(idCues, el(0xbb, []byte("\xb3\x81\x00"))))
}

func TestMatroska(t *testing.T) {
	m := samePieces(t, "small", smallMKV())
	want := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(`video 1000: KEY 100+0 at 128 key closed flags 1 vp8; INTER 140+0 at 196 key none flags 0 vp8;`+
		` KEY 180+0 at 229 key closed flags 1 vp8; INTER 220+0 at 263 key none flags 0 vp8;
audio 1000: SOUND 95+0 at 147 key closed flags 1 mp4a.6b; SOUND 199+0 at 248 key closed flags 1 mp4a.6b;
[]`, "KEY", hexOf(vp8Key)), "INTER", hexOf(vp8Inter)), "SOUND", hexOf(mp3Sound))
	if got := tell(m); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	bytesOf := int64(0)
	for _, tr := range m.Tracks {
		for _, s := range tr.Samples {
			if bytesOf += int64(s.Size); !bytes.Equal(s.Bytes, smallMKV()[s.At:s.At+int64(s.Size)]) {
				t.Errorf("%x is not at %d", s.Bytes, s.At)
			}
		}
	}
	if n := int64(len(smallMKV())); m.Index+bytesOf != n {
		t.Errorf("%d bytes of structure and %d of samples, of %d", m.Index, bytesOf, n)
	}
	if v, a := m.Tracks[0], m.Tracks[1]; v.Codec.Width != 320 || v.Codec.Height != 180 || a.Codec.Rate != 44100 || a.Codec.Channels != 1 {
		t.Errorf("%+v, %+v", v.Codec, a.Codec)
	}
}

func hexOf(s string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// Every frame of a laced block is a sample.
func TestLacing(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		what   string
		lacing byte
		body   string
		want   []string // nil: the block is dropped
	}{
		{"none", 0, "abc", []string{"abc"}},
		{"Xiph", 1, "\x02\x01\x02abbccc", []string{"a", "bb", "ccc"}},
		{"Xiph, long", 1, "\x01\xff\x2d" + long + "b", []string{long, "b"}},
		{"EBML", 3, "\x03\x82\xbe\xc1aabcccddd", []string{"aa", "b", "ccc", "ddd"}},
		{"EBML, size in two bytes", 3, "\x01\x41\x2c" + long + "b", []string{long, "b"}},
		{"fixed", 2, "\x02aabbcc", []string{"aa", "bb", "cc"}},
		{"one frame", 1, "\x00abc", []string{"abc"}},
		{"fixed, uneven", 2, "\x02aabbc", nil},
		{"Xiph beyond the end", 1, "\x01\x09ab", nil},
		{"Xiph without an end", 1, "\x01\xff\xff\xff", nil},
		{"EBML beyond the end", 3, "\x01\x89ab", nil},
		{"EBML below zero", 3, "\x02\x81\xa0abc", nil},
		{"nothing", 1, "", nil},
		{"256 frames of nothing", 2, "\xff", nil},
	} {
		sizes, used, ok := laces([]byte(c.body), c.lacing, nil)
		var got []string
		rest := c.body[used:]
		for _, n := range sizes {
			got, rest = append(got, rest[:n]), rest[n:]
		}
		if c.what == "256 frames of nothing" {
			got, ok = nil, false // their samples are empty and dropped one by one
		}
		if !ok {
			got = nil
		}
		if !slices.Equal(got, c.want) || ok && len(rest) > 0 {
			t.Errorf("%s: %q and %q behind, want %q", c.what, got, rest, c.want)
		}
	}
	m := samePieces(t, "laced", mkvOf(el(idCluster, elNum(idTime, 0),
		el(idSimpleBlock, mkvBlock(2, 50, 0x84, "\x02", mp3Sound, mp3Sound, mp3Sound)), el(idSimpleBlock, mkvBlock(2, 128, 0x80, mp3Sound)))))
	var times []int64
	for _, s := range m.Tracks[1].Samples {
		times = append(times, s.Time)
	}
	if want := []int64{50, 76, 102, 128}; !slices.Equal(times, want) {
		t.Errorf("times %v, want %v: MPEG audio lasts 1152 sounds", times, want)
	}
}

func TestMatroskaEncodings(t *testing.T) {
	encoding := func(body ...[]byte) []byte { return el(idEncodings, el(idEncoding, body...)) }
	for _, c := range []struct {
		what   string
		more   []byte
		body   string
		want   string
		name   string
		cipher bool
	}{
		{"front taken off", encoding(el(idCompression, elNum(idAlgorithm, 3), elText(idSettings, vp8Key[:4]))), vp8Key[4:], vp8Key, "vp8", false},
		{"front of the record taken off", encoding(elNum(idScope, 2), el(idCompression, elNum(idAlgorithm, 3), elText(idSettings, "zz"))), "abc", "abc", "packed", false},
		{"zlib", encoding(el(idCompression, elNum(idAlgorithm, 0))), "\x78\x9cabc", "\x78\x9cabc", "packed", false},
		{"an algorithm by default", encoding(el(idCompression)), "abc", "abc", "packed", false},
		{"encrypted", encoding(elNum(0x5033, 1), el(idEncryption, elNum(0x47e1, 5))), "\x01secret", "\x01secret", "vp8", true},
		{"a longer front than there is", encoding(el(idCompression, elNum(idAlgorithm, 3), el(idSettings, make([]byte, 17)))), "abc", "abc", "packed", false},
	} {
		b := cat(mkvFront, elOpen(idSegment, mkvInfo, el(idTracks, mkvEntry(1, 1, "V_VP8", c.more)),
			el(idCluster, elNum(idTime, 0), el(idSimpleBlock, mkvBlock(1, 0, 0x80, c.body)))))
		m := samePieces(t, c.what, b)
		if len(m.Tracks) != 1 || len(m.Tracks[0].Samples) != 1 {
			t.Errorf("%s: %s", c.what, tell(m))
			continue
		}
		s := m.Tracks[0].Samples[0]
		if string(s.Bytes) != c.want || s.Codec.Name != c.name || s.Codec.Cipher != c.cipher {
			t.Errorf("%s: %q of %q, cipher %v", c.what, s.Bytes, s.Codec.Name, s.Codec.Cipher)
		}
	}
}

func TestMatroskaCodecs(t *testing.T) {
	bitmap := func(code string) string {
		return strings.Repeat("\x00", 4) + "\x40\x01\x00\x00\xb4\x00\x00\x00\x01\x00\x18\x00" + code + strings.Repeat("\x00", 20)
	}
	wave := func(tag string) string {
		return tag + "\x02\x00\x44\xac\x00\x00\x00\x00\x00\x00\x01\x00\x10\x00\x00\x00"
	}
	for _, c := range []struct {
		kind          byte
		codec, record string
		name          string
	}{
		{1, "V_MPEG4/ISO/AVC", "\x01\x64\x00\x1f\xff\xe0\x00", "avc1.64001f"},
		{1, "V_MPEG4/ISO/ASP", "", "mp4v.20"},
		{1, "V_MPEG2", "", "mp4v.61"},
		{1, "V_MS/VFW/FOURCC", bitmap("XVID"), "mp4v.20"},
		{1, "V_MS/VFW/FOURCC", bitmap("H264"), "avc1"},
		{1, "V_MS/VFW/FOURCC", bitmap("VP80"), "vp8"},
		{1, "V_MS/VFW/FOURCC", bitmap("cvid"), "cvid"},
		{1, "V_MS/VFW/FOURCC", "short", "v_ms/vfw/fourcc"},
		{1, "V_VP9", "", "vp09"},
		{1, "V_VP8\x00\x00", "", "vp8"},
		{2, "A_AAC", "\x12\x10", "mp4a.40.2"},
		{2, "A_AAC/MPEG4/LC", "", "mp4a.40"},
		{2, "A_MPEG/L3", "", "mp4a.6b"},
		{2, "A_OPUS", "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00", "opus"},
		{2, "A_MS/ACM", wave("\x55\x00"), "mp4a.6b"},
		{2, "A_MS/ACM", wave("\x61\x01"), "acm-0161"},
		{2, "A_PCM/INT/LIT", "", "pcm-s16le"},
		{2, "A_PCM/INT/BIG", "", "pcm-s16be"},
		{2, "A_PCM/FLOAT/IEEE", "", "pcm-f16le"},
		{2, "A_QUICKTIME/QDM2", "", "a_quicktime/qdm2"},
		{17, "S_TEXT/UTF8", "", "srt"},
		{99, "V_VP8", "", "vp8"},
	} {
		e := trackEntry{kind: uint64(c.kind), codec: strings.TrimRight(c.codec, "\x00"), private: []byte(c.record), depth: 16}
		if got := e.describe(); got.Name != c.name {
			t.Errorf("%s: %q, want %q", c.codec, got.Name, c.name)
		}
	}
}

// Damage and lies cost what they touch.
func TestMatroskaDamage(t *testing.T) {
	small := smallMKV()
	edit := func(find, to string) []byte {
		if !bytes.Contains(small, []byte(find)) {
			t.Fatalf("the fixture has no %x", find)
		}
		return bytes.Replace(small, []byte(find), []byte(to), 1)
	}
	firstBlock := string(el(idSimpleBlock, mkvBlock(1, 0, 0x80, vp8Key)))
	clusters := small[bytes.Index(small, elID(idCluster)):]
	for _, c := range []struct {
		what         string
		b            []byte
		video, audio int
		repair       string // one that must be there; "": none at all
	}{
		{"whole", small, 4, 2, ""},
		{"a block longer than it is", edit(firstBlock[:2], "\xa3\xb0"), 3, 2, mendElements},
		{"a block shorter than it is", edit(firstBlock[:2], "\xa3\x86"), 3, 2, mendElements},
		{"a block of no size", edit(firstBlock[:2], "\xa3\xff"), 3, 2, mendElements},
		{"an element of an unknown number", edit(string(elID(idVoid)), "\xea"), 4, 2, ""},
		{"a void that claims 2^50 bytes", edit(string(el(idVoid, make([]byte, 30))[:2]), "\xec\x01\x04\x00\x00\x00\x00\x00\x00"), 4, 1, mendElements},
		{"a larger cluster", edit(string(clusters[:5]), string(clusters[:4])+"\xfe"), 4, 2, ""},
		{"a smaller cluster", edit(string(clusters[:5]), string(clusters[:4])+"\x99"), 4, 2, ""},
		{"a segment of size zero", edit(string(elID(idSegment))+"\xff", string(elID(idSegment))+"\x80"), 4, 2, ""},
		{"zeros for a block", edit(firstBlock, string(make([]byte, len(firstBlock)))), 3, 2, mendElements},
		{"a lost cluster head", edit(string(elID(idCluster))+"\xff", "\x00\x00\x00\x00\x00"), 4, 2, mendElements},
		{"joined late", clusters[40:], 3, 0, guessHeader},
		{"joined at a cluster", clusters, 4, 0, guessHeader},
		{"junk in front", cat([]byte("some junk that says nothing"), small), 4, 2, mendElements},
		{"junk behind", cat(small, bytes.Repeat([]byte("junk"), 50)), 4, 2, ""},
		{"twice", cat(small, small), 8, 4, ""},
		{"cut in the last picture", small[:bytes.LastIndex(small, []byte("inter"))+2], 3, 2, mendElements},
		{"a block of an unknown track", mkvOf(el(idCluster, elNum(idTime, 0), el(idSimpleBlock, mkvBlock(7, 0, 0x80, vp8Key)),
			el(idSimpleBlock, mkvBlock(1, 0, 0x80, vp8Key)))), 1, 0, lostBlock},
		{"a wrong lace", mkvOf(el(idCluster, elNum(idTime, 0), el(idSimpleBlock, mkvBlock(2, 0, 0x82, "\x02abcd")),
			el(idSimpleBlock, mkvBlock(1, 0, 0x80, vp8Key)))), 1, 0, lostLace},
		{"a scale of zero", edit("\x2a\xd7\xb1\x83\x0f\x42\x40", "\x2a\xd7\xb1\x83\x00\x00\x00"), 4, 2, ""},
	} {
		m := samePieces(t, c.what, c.b)
		got := map[Kind]int{}
		for _, tr := range m.Tracks {
			got[tr.Kind] += len(tr.Samples)
		}
		if got[Video] != c.video || got[Audio] < c.audio {
			t.Errorf("%s: %d pictures and %d sounds, want %d and %d\n%s", c.what, got[Video], got[Audio], c.video, c.audio, tell(m))
		}
		if c.repair != "" && !slices.ContainsFunc(m.Repairs, func(r Repair) bool { return r.What == c.repair }) {
			t.Errorf("%s: repairs %v, want %q", c.what, m.Repairs, c.repair)
		}
	}
}

// Times that are not whole parts of a second are told in microseconds, and
// what a decoder drops at the start is taken off.
func TestMatroskaTimes(t *testing.T) {
	for _, c := range []struct {
		what  string
		scale []byte
		delay []byte
		ticks byte
		want  int64 // of a block at that many ticks
		per   int64
	}{
		{"milliseconds", []byte{0x0f, 0x42, 0x40}, nil, 50, 50, 1000},
		{"44100 a second", []byte{0x58, 0x93}, nil, 100, 2268, 1e6}, // 22675 ns
		{"nanoseconds", []byte{1}, nil, 100, 0, 1e6},
		{"seconds", []byte{0x3b, 0x9a, 0xca, 0x00}, nil, 3, 3, 1},
		{"a delay of 6.5 ms", []byte{0x0f, 0x42, 0x40}, []byte{0x63, 0x2e, 0xa0}, 50, 43, 1000},
	} {
		m := samePieces(t, c.what, cat(mkvFront, elOpen(idSegment, el(idInfo, elNum(idScale, c.scale...)),
			el(idTracks, mkvEntry(2, 2, "A_MPEG/L3", elNum(idDelay, c.delay...))),
			el(idCluster, elNum(idTime, 0), el(idSimpleBlock, mkvBlock(2, int16(c.ticks), 0x80, mp3Sound))))))
		if tr := m.Tracks[0]; tr.Scale != c.per || tr.Samples[0].Time != c.want {
			t.Errorf("%s: %d at %d a second, want %d at %d", c.what, tr.Samples[0].Time, tr.Scale, c.want, c.per)
		}
	}
}

// The decode time is that of the picture as many places earlier in the order
// of showing as pictures are held back: found slowly, by sorting.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n, depth := 20+rng.IntN(40), rng.IntN(5)
		shown := make([]int64, n)
		for i := range shown {
			shown[i] = int64(i * 40)
		}
		for i := 1; i+depth < n; i += depth + 1 { // the last of each group comes first
			last := shown[i+depth]
			copy(shown[i+1:i+depth+1], shown[i:i+depth])
			shown[i] = last
		}
		held := 0
		for i := range shown {
			late := 0
			for _, x := range shown[:i] {
				late += b2i(x > shown[i])
			}
			held = max(held, late)
		}
		o := order{depth: held}
		sorted := slices.Sorted(slices.Values(shown))
		for i, pts := range shown {
			want := sorted[0] - int64(held-i)*40
			if i >= held {
				seen := slices.Sorted(slices.Values(shown[:i+1]))
				want = seen[i-held]
			}
			if got := o.decode(pts, 40); got != want || got > pts {
				t.Fatalf("%v, depth %d: picture %d at %d is decoded at %d, want %d", shown, held, i, pts, got, want)
			}
		}
	}
}

// Where the depth is not known it is learnt, and times never go back.
func TestOrderLearns(t *testing.T) {
	var o order
	var got []int64
	for _, pts := range []int64{0, 160, 80, 40, 120, 320, 240, 200, 280, 480, 0, 40} {
		got = append(got, o.decode(pts, 40))
	}
	if !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
	if o.depth != 9 && o.depth != 2 {
		t.Errorf("depth %d", o.depth)
	}
}

func FuzzMatroska(f *testing.F) {
	f.Add(smallMKV())
	f.Add(mkvOf(el(idCluster, elNum(idTime, 0), el(idSimpleBlock, mkvBlock(2, 50, 0x84, "\x02", mp3Sound, mp3Sound, mp3Sound)),
		el(idSimpleBlock, mkvBlock(1, 50, 0x06, "\x02\x82\xbeabcdef")))))
	f.Add(smallMKV()[100:])
	f.Fuzz(fuzzPieces)
}
