package demux

import (
	"fmt"
	"strings"
	"testing"
)

// packHeads are pack headers of MPEG-2 and MPEG-1.
const (
	pack2 = "\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x01\x89\xc3\xf8"
	pack1 = "\x00\x00\x01\xba\x21\x00\x01\x00\x01\x80\x00\x01"
)

// oldPES is a PES packet of MPEG-1, with stuffing and the size of a buffer.
func oldPES(id byte, pts, dts int64, p []byte) []byte {
	head := []byte("\xff\xff\x60\x20")
	switch {
	case pts < 0:
		head = append(head, 0x0f)
	case dts < 0:
		head = append(head, stampBytes(2, pts)...)
	default:
		head = cat(head, stampBytes(3, pts), stampBytes(1, dts))
	}
	n := len(head) + len(p)
	return cat([]byte{0, 0, 1, id, byte(n >> 8), byte(n)}, head, p)
}

// mpegFrame is a frame of MPEG audio, layer 2: 1152 sounds of 48 kHz in 96
// bytes.
func mpegFrame(n int) []byte {
	return cat([]byte{0xff, 0xfd, 0x14, 0xc0, byte(n)}, make([]byte, 91))
}

// mpegPicture is a picture of MPEG-1 video; the first has a sequence header.
func mpegPicture(kind byte, order int) []byte {
	b := []byte{0, 0, 1, 0, byte(order >> 2), byte(order<<6) | kind<<3, 0xff, 0xf8}
	if kind == 1 {
		b = cat([]byte("\x00\x00\x01\xb3\x14\x00\xb4\x13\xff\xff\xe0\x18\x00\x00\x01\xb8\x00\x08\x00\x40"), b)
	}
	for row := byte(1); row < 12; row++ {
		b = append(b, 0, 0, 1, row)
		b = append(b, strings.Repeat(string(rune('a'+row)), 40)...)
	}
	return b
}

// smallPS is six pictures and as many sounds, cut into packets without regard
// to where they begin.
func smallPS(pack string, pes func(id byte, pts, dts int64, p []byte) []byte) []byte {
	b := []byte(pack)
	b = append(b, "\x00\x00\x01\xbb\x00\x06\x80\x00\x01\x04\x21\x7f"...)
	var video, audio []byte
	for i, kind := range []byte{1, 2, 2, 1, 2, 2} {
		video = append(video, mpegPicture(kind, i)...)
		audio = append(audio, mpegFrame(i)...)
	}
	first := int64(90_000)
	for i := 0; len(video) > 0; i++ {
		n := min(len(video), 700)
		b = cat(b, []byte(pack), pes(0xe0, first+7200, first, video[:n]))
		if i%2 == 0 {
			k := min(len(audio), 200)
			b = cat(b, pes(0xc0, first, -1, audio[:k]))
			audio = audio[k:]
		}
		video, first = video[n:], first+3600
	}
	return cat(b, pes(0xc0, -1, -1, audio), []byte("\x00\x00\x01\xbe\x00\x04\xff\xff\xff\xff\x00\x00\x01\xb9"))
}

func newPES(id byte, pts, dts int64, p []byte) []byte {
	return pesPacket{id, pts, dts, true, p}.bytes()
}

// MPEG-1 and MPEG-2 headers around the same streams give the same samples.
func TestPS(t *testing.T) {
	for what, b := range map[string][]byte{"MPEG-1": smallPS(pack1, oldPES), "MPEG-2": smallPS(pack2, newPES)} {
		m := samePieces(t, what, b)
		if got := counted(m); !strings.HasPrefix(got, "video 6") || !strings.HasSuffix(got, "audio 6") || len(m.Repairs) > 0 {
			t.Fatalf("%s: %s, %v", what, got, m.Repairs)
		}
		v, a := m.Tracks[0], m.Tracks[1]
		if c := v.Codec; c.Name != "mp4v.6a" || c.Width != 320 || c.Height != 180 {
			t.Errorf("%s: pictures are %+v", what, c)
		}
		if c := a.Codec; c.Name != "mp4a.6b" || c.Rate != 48000 || c.Channels != 1 {
			t.Errorf("%s: sounds are %+v", what, c)
		}
		for i, s := range v.Samples {
			if (s.Key != None) != (i%3 == 0) {
				t.Errorf("%s: picture %d is %v", what, i, s.Key)
			}
		}
		for i, s := range a.Samples {
			if s.Bytes[4] != byte(i) || len(s.Bytes) != 96 {
				t.Errorf("%s: sound %d is %x", what, i, s.Bytes[:5])
			}
		}
	}
}

// What is done to a program stream, and what is then found.
func TestPSDamage(t *testing.T) {
	whole := smallPS(pack2, newPES)
	for _, c := range []struct {
		what   string
		b      []byte
		want   string
		repair string
	}{
		{"bytes before", cat([]byte("junk"), whole), "video 6 guessed 2; audio 6", lostPack},
		{"bytes behind", cat(whole, []byte(strings.Repeat("junk", 100))), "video 6 guessed 2; audio 6", lostPack},
		{"bytes behind, and no end", cat(whole[:len(whole)-4], []byte(strings.Repeat("junk", 100))), "video 6 damaged 1 guessed 2; audio 6", lostPack},
		{"a few zeros between packs", cat(whole[:40], make([]byte, 20), whole[40:]), "", ""},
		{"no head", whole[300:], "audio 6; video 4 guessed 1 breaks 1", lostPack},
		{"cut in the middle", cat(whole[:1000], whole[1300:]), "video 6 damaged 1 guessed 3; audio 6 damaged 1", mendPack},
		{"ends in a packet", whole[:len(whole)-700], "", lostTorn},
		{"nothing but a pack", []byte(pack2), "", ""},
	} {
		m := samePieces(t, c.what, c.b)
		if got := counted(m); c.want != "" && got != c.want {
			t.Errorf("%s: %s, want %s %v", c.what, got, c.want, m.Repairs)
		}
		if got := fmt.Sprint(m.Repairs); !strings.Contains(got, c.repair) {
			t.Errorf("%s: mended %s, want %q", c.what, got, c.repair)
		}
	}
}

func FuzzPS(f *testing.F) {
	f.Add(smallPS(pack1, oldPES))
	f.Add(smallPS(pack2, newPES))
	f.Add(smallPS(pack2, newPES)[300:])
	f.Fuzz(fuzzPieces)
}
