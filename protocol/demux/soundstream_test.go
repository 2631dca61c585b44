package demux

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// mp3Of is a frame of 192 bytes that lasts 1152 sounds at 48 kHz.
func mp3Of(mark byte) []byte {
	return append([]byte("\xff\xfb\x54\xc4"), bytes.Repeat([]byte{mark}, 188)...)
}

// adtsOf is a frame of AAC, 48 kHz, mono, with a header of seven bytes.
func adtsOf(body string) []byte {
	n := len(body) + 7
	return append([]byte{0xff, 0xf1, 0x4c, 0x40 | byte(n>>11), byte(n >> 3), byte(n<<5) | 0x1f, 0xfc}, body...)
}

// dolbyOf is a frame of 128 bytes that lasts 1536 sounds at 48 kHz.
func dolbyOf(mark byte) []byte {
	return append([]byte("\x0b\x77\x00\x00\x00\x40\x43\xff"), bytes.Repeat([]byte{mark}, 120)...)
}

func TestSoundStreams(t *testing.T) {
	tag := "ID3\x04\x00\x00\x00\x00\x01\x02" + strings.Repeat("x", 130)
	info := mp3Of(0)
	copy(info[21:], "Info")
	mp3s := cat(mp3Of(1), mp3Of(2), mp3Of(3), mp3Of(4))
	for _, c := range []struct {
		what, format, codec string
		b                   []byte
		n                   int
		last                int64
		repair              string
	}{
		{"MP3", "mp3", mp3, mp3s, 4, 3456, ""},
		{"MP3 behind a tag", "mp3", mp3, cat([]byte(tag), mp3s), 4, 3456, ""},
		{"MP3 with a tag behind it", "mp3", mp3, cat(mp3s, []byte("TAG"), make([]byte, 125)), 4, 3456, ""},
		{"MP3 with an information frame", "mp3", mp3, cat(info, mp3s), 4, 3456, ""},
		{"two frames of MP3", "mp3", mp3, mp3s[:384], 2, 1152, ""},
		{"MP3 with a hole", "mp3", mp3, cat(mp3s, mp3s[:100], mp3s), 8, 8064, lostAmong},
		{"MP3 behind junk", "mp3", mp3, cat([]byte("junk"), mp3s, mp3s), 8, 8064, lostAmong},
		{"MP3 that is cut", "mp3", mp3, mp3s[:700], 4, 3456, lostTorn},
		{"AAC", "adts", "mp4a.40.2", cat(adtsOf("one"), adtsOf("three"), adtsOf("four"), []byte(tag), adtsOf("five")), 4, 3072, ""},
		{"AC-3", "ac-3", "ac-3", cat(dolbyOf(1), dolbyOf(2), dolbyOf(3)), 3, 3072, ""},
	} {
		m := samePieces(t, c.what, c.b)
		_, format, _ := readAll(c.b)
		if format != c.format || len(m.Tracks) != 1 {
			t.Errorf("%s: taken for %q, %d tracks", c.what, format, len(m.Tracks))
			continue
		}
		tr := m.Tracks[0]
		noted := c.repair == "" && len(m.Repairs) == 0 || slices.ContainsFunc(m.Repairs, func(r Repair) bool { return r.What == c.repair })
		if tr.Codec.Name != c.codec || tr.Codec.Rate != 48000 || tr.Scale != 48000 || len(tr.Samples) != c.n || !noted {
			t.Errorf("%s: %s, %d Hz, %d samples, %v", c.what, tr.Codec.Name, tr.Codec.Rate, len(tr.Samples), m.Repairs)
			continue
		}
		if last := tr.Samples[c.n-1]; last.Time != c.last {
			t.Errorf("%s: the last sample is at %d, want %d", c.what, last.Time, c.last)
		}
	}
}

// Chunks of a constant rate may be cut anywhere: frames are put together.
func TestAVISoundCutAnywhere(t *testing.T) {
	var row []byte
	for i := range byte(6) {
		row = append(row, mp3Of(i)...)
	}
	header := headerAVI("auds", "", 1, 8000, 1, wave(0x55, 1, 44100, 0, ""))
	var chunks [][]byte
	for b := row; len(b) > 0; {
		n := min(len(b), 250)
		chunks = append(chunks, chunkAVI("00wb", b[:n]))
		b = b[n:]
	}
	file := moviesAVI([][]byte{header}, chunks...)
	m := samePieces(t, "cut", file)
	for i, s := range m.Tracks[0].Samples {
		if !bytes.Equal(s.Bytes, mp3Of(byte(i))) || s.Time != int64(192*i) || s.Codec.Rate != 48000 || s.Flags&Break != 0 {
			t.Errorf("sample %d: %.8x at %d, flags %b, %+v", i, s.Bytes, s.Time, s.Flags, s.Codec)
		}
		if !bytes.HasPrefix(file[s.At:], s.Bytes[:4]) {
			t.Errorf("sample %d is not at %d", i, s.At)
		}
	}
	if n := len(m.Tracks[0].Samples); n != 6 || len(m.Repairs) > 0 {
		t.Errorf("%d samples, %v", n, m.Repairs)
	}
}

func FuzzSoundStream(f *testing.F) {
	f.Add(cat(mp3Of(1), mp3Of(2), mp3Of(3)))
	f.Add(cat(adtsOf("one"), adtsOf("three"), []byte("ID3\x04\x00\x00\x00\x00\x00\x02xx"), adtsOf("four")))
	f.Add(cat(dolbyOf(1), dolbyOf(2), dolbyOf(3)))
	f.Fuzz(fuzzPieces)
}
