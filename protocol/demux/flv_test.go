package demux

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// flvTag writes one tag of a body at so many milliseconds.
func flvTag(kind byte, time int, body string) []byte {
	b := be.AppendUint32(nil, uint32(len(body)))
	b[0] = kind
	b = append(b, byte(time>>16), byte(time>>8), byte(time), byte(time>>24), 0, 0, 0)
	b = append(b, body...)
	return be.AppendUint32(b, uint32(len(b)))
}

const flvFront = "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"

// avcBox is an AVCDecoderConfigurationRecord with an extension that only some
// muxers write.
const avcBox = "\x01\x64\x00\x0c\xff\xe1\x00\x1a" + realAVCSPS + "\x01\x00\x04" + realAVCPPS + "\xfd\xf8\xf8\x00"

// smallFLV is four pictures and three sounds.
func smallFLV() []byte {
	picture := func(head, unit string) string { return head + string(chain(unit)) }
	return cat([]byte(flvFront),
		flvTag(18, 0, "\x02\x00\x0aonMetaData"),
		flvTag(9, 0, "\x17\x00\x00\x00\x00"+avcBox),
		flvTag(8, 0, "\xaf\x00\x12\x10\x56\xe5\x00"),
		flvTag(9, 0, picture("\x17\x01\x00\x00\x50", avcIDR)),
		flvTag(8, 10, "\xaf\x01first"),
		flvTag(9, 40, picture("\x27\x01\x00\x00\xa0", avcP)),
		flvTag(8, 33, "\xaf\x01second"),
		flvTag(9, 80, picture("\x27\x01\xff\xff\xd8", "\x01\x9a\x01")),
		flvTag(8, 56, "\xaf\x01third"),
		flvTag(9, 120, picture("\x17\x01\x00\x00\x00", avcIDR)),
		flvTag(9, 120, "\x17\x02\x00\x00\x00"))
}

// tell writes down what was read, to be compared.
func tell(m *Movie) string {
	var b strings.Builder
	for _, t := range m.Tracks {
		fmt.Fprintf(&b, "%s %d:", t.Kind, t.Scale)
		for i := range t.Samples {
			s := &t.Samples[i]
			fmt.Fprintf(&b, " %x %d%+d at %d key %v flags %b %s;", s.Bytes, s.Time, s.Shift, s.At, s.Key, s.Flags, s.Codec.Name)
		}
		b.WriteString("\n")
	}
	return b.String() + fmt.Sprint(m.Repairs)
}

// samePieces expects the same of b in any pieces, and returns it with all its
// samples.
func samePieces(t *testing.T, what string, b []byte) *Movie {
	t.Helper()
	alike(t, what, b)
	d, all := inPieces(b, func() int { return len(b) })
	for tr, samples := range all {
		tr.Samples, tr.taken = samples, 0
	}
	return d.Movie()
}

func TestFLV(t *testing.T) {
	m := samePieces(t, "small", smallFLV())
	want := `video 1000: 00000003658884 0+80 at 144 key closed flags 1 avc1.64000c; 00000003419a01 40+160 at 193 key none flags 0 avc1.64000c; ` +
		`00000003019a01 80-40 at 243 key none flags 10000 avc1.64000c; 00000003658884 120+0 at 292 key closed flags 1 avc1.64000c;
audio 1000: 6669727374 10+0 at 168 key closed flags 0 mp4a.40.2; 7365636f6e64 33+0 at 217 key closed flags 0 mp4a.40.2; ` +
		`7468697264 56+0 at 267 key closed flags 0 mp4a.40.2;
[]`
	if got := tell(m); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, tr := range m.Tracks {
		for _, s := range tr.Samples {
			if b := smallFLV(); !bytes.Equal(s.Bytes, b[s.At:s.At+int64(s.Size)]) {
				t.Errorf("%x is not at %d", s.Bytes, s.At)
			}
		}
	}
	v, a := m.Tracks[0].Codec, m.Tracks[1].Codec
	if v.Width != 320 || v.Height != 180 || a.Rate != 44100 || a.Channels != 2 || string(a.Record) != "\x12\x10" {
		t.Errorf("codecs %+v, %+v", v, a)
	}
}

func TestEnhancedFLV(t *testing.T) {
	idr := string(chain(avcIDR))
	hvcC := string(recordHEVC(nil, sps{layers: 1}))
	for _, c := range []struct {
		what  string
		tags  [][]byte
		codec string
		shown []int64
	}{
		{"H.264 with composition time", [][]byte{flvTag(9, 0, "\x90avc1"+avcBox), flvTag(9, 5, "\x91avc1\x00\x00\x28"+idr)}, "avc1.64000c", []int64{45}},
		{"H.264 without", [][]byte{flvTag(9, 0, "\x90avc1"+avcBox), flvTag(9, 5, "\x93avc1"+idr)}, "avc1.64000c", []int64{5}},
		{"H.265", [][]byte{flvTag(9, 0, "\x90hvc1"+hvcC), flvTag(9, 5, "\x93hvc1"+string(chain(realHVPS, realHSPS, realHPPS, hevcIDR)))}, "hvc1.1.6.L60.90", []int64{5}},
		{"AV1", [][]byte{flvTag(9, 0, "\x90av01\x81\x04\x0c\x00"), flvTag(9, 7, "\x91av01\x32\x01\x30")}, "av01.0.04M.08", []int64{7}},
		{"VP9", [][]byte{flvTag(9, 0, "\x90vp09\x00\x1f\x82\x02\x02\x02\x00\x00"), flvTag(9, 7, "\x91vp09\x86")}, "vp09.00.31.08", []int64{7}},
		{"Opus", [][]byte{flvTag(8, 0, "\x90OpusOpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"), flvTag(8, 9, "\x91Opusxyz")}, "opus", []int64{9}},
		{"finer times before it", [][]byte{flvTag(8, 0, "\x97\x02\x00\x01\x02\x00fLaC"+"\x00\x00\x00\x00"), flvTag(8, 9, "\x91fLaCxyz")}, "flac", []int64{9}},
		{"two tracks in a tag", [][]byte{flvTag(9, 0, "\x96\x10avc1\x00"+"\x00\x00\x2d"+avcBox+"\x01"+"\x00\x00\x2d"+avcBox),
			flvTag(9, 5, "\x96\x11avc1\x00\x00\x00\x0a\x00\x00\x01"+idr+"\x01\x00\x00\x0a\x00\x00\x02"+idr)}, "avc1.64000c", []int64{6, 7}},
		{"one of several tracks", [][]byte{flvTag(9, 5, "\x96\x03avc1\x02"+string(chain(realAVCSPS, realAVCPPS, avcIDR)))}, "avc1.64000c", []int64{5}},
		{"codecs of their own", [][]byte{flvTag(8, 5, "\x95\x21ac-3\x01\x00\x00\x03abc.mp3\x02\x00\x00\x03abc")}, "ac-3", []int64{5, 5}},
		{"MP3", [][]byte{flvTag(8, 5, "\x2f\xff\xfb\x90\x00")}, "mp4a.6b", []int64{5}},
		{"raw sound", [][]byte{flvTag(8, 5, "\x3f\x00\x00\x00\x00\x00"), flvTag(8, 9, "\x3f\x00\x00")}, "pcm-s16le", []int64{5, 9}},
		{"Sorenson", [][]byte{flvTag(9, 5, "\x12abc"), flvTag(9, 9, "\x32abc")}, "flv1", []int64{5, 9}},
	} {
		m := samePieces(t, c.what, cat([]byte(flvFront), bytes.Join(c.tags, nil)))
		var shown []int64
		for _, tr := range m.Tracks {
			for i := range tr.Samples {
				shown = append(shown, tr.Samples[i].Shown())
			}
		}
		if !slices.Equal(shown, c.shown) || len(m.Repairs) > 1 || m.Tracks[0].Samples[0].Codec.Name != c.codec {
			t.Errorf("%s: %v %v\n%s", c.what, shown, m.Repairs, tell(m))
		}
	}
}

// Damage to one tag costs that tag.
func TestDamagedFLV(t *testing.T) {
	whole := smallFLV()
	second := bytes.Index(whole, []byte("second"))
	third := bytes.Index(whole, []byte("third"))
	for _, c := range []struct {
		what           string
		b              []byte
		videos, sounds int
		repair         string
	}{
		{"junk in front", cat([]byte("some junk, no header"), whole), 4, 3, lostTags},
		{"the front is lost", whole[bytes.Index(whole, []byte("first"))+5:], 3, 2, lostTags},
		{"cut in the middle of a tag", whole[:third+2], 3, 2, lostTags},
		{"a hole", cat(whole[:second], whole[third+2:]), 3, 1, lostTags},
		{"a byte too many", cat(whole[:second], []byte{0}, whole[second:]), 4, 2, lostTags},
		{"a huge size", cat(whole[:second-12], []byte{0xff}, whole[second-11:]), 4, 2, lostTags},
		{"wrong trailing sizes", bytes.ReplaceAll(whole, []byte("second\x00\x00\x00\x13"), []byte("second\x00\x00\x00\x08")), 4, 3, mendTags},
		{"an unknown packet", cat(whole, flvTag(9, 160, "\x17\x09\x00\x00\x00")), 4, 3, lostPacket},
		{"a command", cat(whole, flvTag(9, 160, "\x57\x01\x00\x00\x00")), 4, 3, lostPacket},
		{"an encrypted tag", cat(whole, flvTag(9|0x20, 160, "\x17\x01\x00\x00\x00abc")), 4, 3, lostSealed},
		{"zeros behind", cat(whole, make([]byte, 999)), 4, 3, lostTags},
		{"twice", cat(whole, whole), 8, 6, mendBack},
	} {
		m := samePieces(t, c.what, c.b)
		count := map[Kind]int{}
		for _, tr := range m.Tracks {
			count[tr.Kind] += len(tr.Samples)
		}
		noted := slices.ContainsFunc(m.Repairs, func(r Repair) bool { return r.What == c.repair })
		if count[Video] != c.videos || count[Audio] != c.sounds || !noted {
			t.Errorf("%s: %d pictures, %d sounds, want %d, %d and %q; %v", c.what, count[Video], count[Audio], c.videos, c.sounds, c.repair, m.Repairs)
		}
	}
}

// A configuration that changes is told by a break, one that repeats is not.
func TestFLVChanges(t *testing.T) {
	other := strings.Replace(avcBox, realAVCPPS, otherAVCPPS, 1)
	config := func(box string) []byte { return flvTag(9, 0, "\x17\x00\x00\x00\x00"+box) }
	key := flvTag(9, 0, "\x17\x01\x00\x00\x00"+string(chain(avcIDR)))
	m := samePieces(t, "changes", cat([]byte(flvFront), config(avcBox), key, config(avcBox), key, config(other), key, config(avcBox), key))
	var breaks []bool
	for _, s := range m.Tracks[0].Samples {
		breaks = append(breaks, s.Flags&Break != 0)
	}
	if !slices.Equal(breaks, []bool{false, false, true, true}) {
		t.Errorf("breaks %v", breaks)
	}
}

func BenchmarkFLV(b *testing.B) {
	file := cat([]byte(flvFront), flvTag(9, 0, "\x17\x00\x00\x00\x00"+avcBox))
	unit := avcP + strings.Repeat("x", 100_000)
	for i := range 100 {
		file = append(file, flvTag(9, 40*i, "\x27\x01\x00\x00\x00"+string(chain(unit)))...)
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

func FuzzFLV(f *testing.F) {
	f.Add(smallFLV())
	f.Add(cat([]byte(flvFront), flvTag(9, 5, "\x96\x11avc1\x00\x00\x00\x0a\x00\x00\x01abcdefg")))
	f.Add(cat([]byte(flvFront), flvTag(8, 0, "\x97\x02\x00\x01\x02\x00fLaC")))
	f.Fuzz(fuzzPieces)
}

// fuzzPieces holds of any bytes: whole or in pieces they read alike, times
// never go back, and samples do not outgrow the source.
func fuzzPieces(t *testing.T, b []byte) {
	m := samePieces(t, "fuzz", b)
	sum := 0
	for _, tr := range m.Tracks {
		last := int64(-1 << 62)
		for i := range tr.Samples {
			s := &tr.Samples[i]
			if sum += len(s.Bytes); s.Time < last {
				t.Errorf("time %d after %d", s.Time, last)
			}
			last = s.Time
			if s.At < 0 || s.At >= int64(len(b)) {
				t.Errorf("a sample at %d of %d", s.At, len(b))
			}
		}
	}
	if sum > 2*maxClaims*len(b) {
		t.Errorf("%d bytes of samples in %d", sum, len(b))
	}
}
