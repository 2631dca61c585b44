package demux

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// stuffed is n bytes that begin with head.
func stuffed(n int, head ...byte) []byte {
	p := bytes.Repeat([]byte{0x33}, n)
	copy(p, head)
	return p
}

func ac3Frame() []byte { return stuffed(384, 0x0b, 0x77, 0, 0, 0x0c, 0x40, 0x40, 0) } // 96 kbit/s, 48 kHz, stereo

// eac3Frame is 6 blocks of 48 kHz, stereo; a part belongs to the frame before.
func eac3Frame(part bool) []byte {
	return stuffed(200, 0x0b, 0x77, byte(b2i(part))<<6, 99, 0x34, 0x80, 0, 0)
}

// dtsFrame is 512 sounds of 48 kHz in five channels and one of low tones.
func dtsFrame() []byte {
	return stuffed(600, 0x7f, 0xfe, 0x80, 0x01, 0xfc, 0x3c, 0x25, 0x72, 0x77, 0x00, 0x02)
}

func dtsExtension() []byte { return stuffed(100, 0x64, 0x58, 0x20, 0x25, 0, 0, 0, 0x0c, 0x60) }

func mp3Frame() []byte { return stuffed(384, 0xff, 0xfb, 0x94, 0x04) } // 128 kbit/s, 48 kHz

func opusFrame(p string) []byte { return cat([]byte{0x7f, 0xe0, byte(len(p))}, []byte(p)) }

// loas is a frame of AAC in LATM; the first carries the configuration: 48 kHz,
// stereo.
func loas(first bool, p string) []byte {
	w := &bitWriter{}
	w.write(b2i(!first), 1)
	if first {
		w.write(0, 1)       // version
		w.write(1, 1)       // one time for all
		w.write(0, 6+4+3)   // one frame, program, layer
		w.write(0x1190, 16) // configuration
		w.write(0, 3)       // lengths are told
		w.write(0xff, 8)
		w.write(0, 2) // no other data, no check sum
	}
	w.write(len(p), 8)
	for _, c := range []byte(p) {
		w.write(int(c), 8)
	}
	n := len(w.b)
	return cat([]byte{0x56, 0xe0 | byte(n>>8), byte(n)}, w.b)
}

// What a program map says of a stream, what is in it, and what it becomes. A
// stream of type 0 is not in the map.
func TestStreamTypes(t *testing.T) {
	four := func(p []byte) []byte { return bytes.Repeat(p, 4) }
	latm := cat(loas(true, "first"), loas(false, "second"), loas(false, "third"), loas(false, "fourth"))
	for _, c := range []struct {
		what           string
		info           string
		kind           byte
		tags           string
		id             byte
		p              []byte
		want           string
		first          []byte
		ticks          uint32
		rate, channels int
	}{
		{"MP3", "", 0x03, "", 0xc0, four(mp3Frame()), "audio mp4a.6b 4", mp3Frame(), 2160, 48000, 2},
		{"MPEG audio, not told", "", 0x06, "", 0xc0, bytes.Repeat(mp3Frame(), 8), "audio mp4a.6b 8", mp3Frame(), 2160, 48000, 2},
		{"AAC", "", 0x0f, "", 0xc0, four(adts("sound")), "audio mp4a.40.2 4", []byte("sound"), 1920, 48000, 2},
		{"AAC by descriptor", "", 0x06, "\x0a\x04und\x00\x7c\x01\x58", 0xc0, four(adts("sound")), "audio mp4a.40.2 4", []byte("sound"), 1920, 48000, 2},
		{"AAC in LATM", "", 0x11, "", 0xc0, latm, "audio mp4a.40.2 4", []byte("first"), 1920, 48000, 2},
		{"AC-3", "", 0x81, "", 0xbd, four(ac3Frame()), "audio ac-3 4", ac3Frame(), 2880, 48000, 2},
		{"AC-3 by descriptor", "", 0x06, "\x6a\x01\x00", 0xbd, four(ac3Frame()), "audio ac-3 4", ac3Frame(), 2880, 48000, 2},
		{"AC-3 by registration", "", 0x06, "\x05\x04AC-3", 0xbd, four(ac3Frame()), "audio ac-3 4", ac3Frame(), 2880, 48000, 2},
		{"E-AC-3", "", 0x87, "", 0xbd, four(eac3Frame(false)), "audio ec-3 4", eac3Frame(false), 2880, 48000, 2},
		{"E-AC-3 in two substreams", "", 0x06, "\x7a\x01\x00", 0xbd, four(cat(eac3Frame(false), eac3Frame(true))), "audio ec-3 4",
			cat(eac3Frame(false), eac3Frame(true)), 2880, 48000, 2},
		{"DTS", "", 0x8a, "", 0xbd, four(dtsFrame()), "audio dtsc 4", dtsFrame(), 960, 48000, 6},
		{"DTS-HD of a disc", "\x05\x04HDMV", 0x86, "", 0xfd, four(cat(dtsFrame(), dtsExtension())), "audio dtsc 4",
			cat(dtsFrame(), dtsExtension()), 960, 48000, 6},
		{"splice commands, which are sections", "", 0x86, "", 0xbd, four(dtsFrame()), "", nil, 0, 0, 0},
		{"Opus", "", 0x06, "\x05\x04Opus\x7f\x02\x80\x02", 0xbd, four(opusFrame("\xfcopus")), "audio opus 4", []byte("\xfcopus"), 1800, 48000, 2},
		{"teletext", "", 0x06, "\x56\x05eng\x09\x00", 0xbd, []byte("\x10 text"), "text teletext 1", []byte("\x10 text"), 0, 0, 0},
		{"subtitles", "", 0x06, "\x59\x08eng\x10\x00\x01\x00\x01", 0xbd, []byte("\x20 text"), "text dvbsub 1", []byte("\x20 text"), 0, 0, 0},
		{"ID3", "", 0x15, "", 0xbd, []byte("ID3 tags"), "other metadata 1", []byte("ID3 tags"), 0, 0, 0},
		{"VC-1", "", 0xea, "", 0xfd, []byte("picture"), "video vc-1 1", []byte("picture"), 0, 0, 0},
		{"something private", "", 0x06, "", 0xbd, []byte("secret"), "other unknown 1", []byte("secret"), 0, 0, 0},
		{"MPEG-1 video", "", 0x01, "", 0xe0, cat(mpegPicture(1, 0), mpegPicture(2, 1)), "video mp4v.6a 2", nil, 0, 0, 0},
		{"a stream of no program", "", 0, "", 0xc0, four(adts("sound")), "", nil, 0, 0, 0},
	} {
		w := newTSWriter(188)
		var rows []listed
		if c.kind != 0 {
			rows = []listed{{c.kind, 0x100, c.tags}}
		}
		w.tables(c.info, rows...)
		half := len(c.p) / 2
		if strings.HasSuffix(c.want, " 1") || half < 100 {
			half = len(c.p)
		}
		w.pes(0x100, pesPacket{c.id, 90_000, -1, true, c.p[:half]})
		if half < len(c.p) {
			w.pes(0x100, pesPacket{c.id, -1, -1, true, c.p[half:]})
		}
		for len(w.b) < 6*188 {
			w.packet(tsNull, false, 0, make([]byte, 184))
		}
		m := samePieces(t, c.what, w.b)
		got := ""
		for _, tr := range m.Tracks {
			got += fmt.Sprintf("%s %s %d", tr.Kind, tr.Codec.Name, tr.Total())
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q, %v", c.what, got, c.want, m.Repairs)
			continue
		}
		if len(m.Tracks) == 0 || c.first == nil {
			continue
		}
		s, codec := m.Tracks[0].Samples[0], m.Tracks[0].Codec
		if !bytes.Equal(s.Bytes, c.first) || s.Dur != c.ticks || s.Time != 90_000 || codec.Rate != c.rate || codec.Channels != c.channels {
			t.Errorf("%s: %d bytes %.40x for %d ticks at %d, %d Hz, %d channels", c.what, len(s.Bytes), s.Bytes, s.Dur, s.Time, codec.Rate, codec.Channels)
		}
	}
}

// Headers of sound that lie.
func TestSoundHeads(t *testing.T) {
	for _, c := range []struct {
		what string
		f    *soundFormat
		b    []byte
	}{
		{"ADTS shorter than its header", adtsSound, []byte{0xff, 0xf1, 0x4c, 0x80, 0, 0xdf, 0xfc}},
		{"ADTS with a wrong rate", adtsSound, []byte{0xff, 0xf1, 0x7c, 0x80, 4, 0xdf, 0xfc}},
		{"ADTS of another layer", adtsSound, []byte{0xff, 0xf3, 0x4c, 0x80, 4, 0xdf, 0xfc}},
		{"MPEG audio of free length", mpegSound, []byte{0xff, 0xfb, 0x04, 0x04}},
		{"MPEG audio with a wrong rate", mpegSound, []byte{0xff, 0xfb, 0x9c, 0x04}},
		{"AC-3 with a wrong size", dolbySound, []byte{0x0b, 0x77, 0, 0, 0x3f, 0x40, 0x40, 0}},
		{"E-AC-3 of a future version", dolbySound, []byte{0x0b, 0x77, 0, 99, 0x34, 0xf8, 0, 0}},
		{"DTS shorter than may be", dtsSound, stuffed(12, 0x7f, 0xfe, 0x80, 0x01, 0xfc, 0x3c, 0, 0x12, 0x77)},
		{"Opus of no length", opusSound, []byte{0x7f, 0xe0, 1, 0x03, 0x00}},
		{"LOAS of no length", loasSound, []byte{0x56, 0xe0, 1}},
	} {
		if h, ok := c.f.read(c.b); ok && h.size <= len(c.b) {
			t.Errorf("%s: read as %+v", c.what, h)
		}
	}
}

// The check sum of sections, by the slow rule: the remainder of a division of
// polynomials, bit by bit.
func TestSectionSum(t *testing.T) {
	slow := func(p []byte) (crc uint32) {
		crc = ^crc
		for _, c := range p {
			for bit := 7; bit >= 0; bit-- {
				top := crc>>31 ^ uint32(c>>bit&1)
				if crc <<= 1; top == 1 {
					crc ^= 0x04c11db7
				}
			}
		}
		return crc
	}
	if got := crcMPEG([]byte("123456789")); got != 0x0376e6e7 {
		t.Errorf("the sum of 123456789 is %#x", got)
	}
	for n := range 300 {
		p := stuffed(n, byte(n), 7, byte(n*n))
		if crcMPEG(p) != slow(p) {
			t.Fatalf("sum of %d bytes: %#x, want %#x", n, crcMPEG(p), slow(p))
		}
	}
}

// Of all times with the same 33 bits, the nearest is meant.
func TestUnwrap(t *testing.T) {
	for _, c := range []struct{ now, raw, want int64 }{
		{0, 5, 5},
		{5, 0, 0},
		{1<<33 - 1, 0, 1 << 33},
		{1 << 33, 1<<33 - 1, 1<<33 - 1},
		{3 << 33, 7, 3<<33 + 7},
		{0, 1<<33 - 1, -1},
		{100, 1<<32 + 99, 1<<32 + 99},
		{100, 1<<32 + 101, 1<<32 + 101 - 1<<33},
	} {
		e := epoch{c.now, true}
		if got := e.unwrap(c.raw); got != c.want || e.now != c.want {
			t.Errorf("%d after %d is %d, want %d", c.raw, c.now, got, c.want)
		}
	}
	if e := (epoch{}); e.unwrap(1<<33-1) != 1<<33-1 {
		t.Error("the first time is not what it says")
	}
}

// PES headers, some of which lie.
func TestPESHead(t *testing.T) {
	for _, c := range []struct {
		what string
		b    string
		want pesHead
		ok   bool
	}{
		{"times", "\x00\x00\x01\xe0\x00\x00\x80\xc0\x0a\x31\x00\x01\x00\x0b\x11\x00\x01\x00\x07", pesHead{id: 0xe0, size: 19, left: -1, pts: 5, dts: 3, dated: true}, true},
		{"one time", "\x00\x00\x01\xe0\x00\x0a\x80\x80\x05\x21\x00\x01\x00\x0b", pesHead{id: 0xe0, size: 14, left: 2, pts: 5, dts: 5, dated: true}, true},
		{"a time without its marks", "\x00\x00\x01\xe0\x00\x0a\x80\x80\x05\x20\x00\x01\x00\x0b", pesHead{id: 0xe0, size: 14, left: 2}, true},
		{"a time that does not fit", "\x00\x00\x01\xe0\x00\x0a\x80\x80\x02\x21\x00", pesHead{id: 0xe0, size: 11, left: 5}, true},
		{"scrambled", "\x00\x00\x01\xe0\x00\x00\xa0\x00\x00", pesHead{id: 0xe0, size: 9, left: -1, cipher: true}, true},
		{"padding", "\x00\x00\x01\xbe\x00\x04", pesHead{id: 0xbe, size: 6, left: 4}, true},
		{"MPEG-1", "\x00\x00\x01\xe0\x00\x08\xff\x60\x20\x21\x00\x01\x00\x0b", pesHead{id: 0xe0, size: 14, left: 0, pts: 5, dts: 5, dated: true}, true},
		{"MPEG-1 without a time", "\x00\x00\x01\xe0\x00\x08\x0f\x01\x02", pesHead{id: 0xe0, size: 7, left: 7}, true},
		{"not whole", "\x00\x00\x01\xe0\x00\x00\x80\xc0\x0a\x31", pesHead{id: 0xe0}, true},
		{"hardly begun", "\x00\x00", pesHead{}, true},
		{"shorter than its header", "\x00\x00\x01\xe0\x00\x04\x80\x80\x05\x21\x00\x01\x00\x0b", pesHead{}, false},
		{"no start code", "\x00\x00\x02\xe0\x00\x00\x80\x00\x00", pesHead{}, false},
		{"a picture", "\x00\x00\x01\x00\x00\x00\x80\x00\x00", pesHead{}, false},
		{"neither kind of header", "\x00\x00\x01\xe0\x00\x00\x10\x00\x00", pesHead{}, false},
	} {
		got, ok := readPES([]byte(c.b))
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %v, want %+v, %v", c.what, got, ok, c.want, c.ok)
		}
	}
}
