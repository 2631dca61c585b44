package demux

import (
	"bytes"
	"testing"
)

// unit is an open bitstream unit of AV1.
func unit(kind byte, body ...byte) []byte { return cat([]byte{kind<<3 | 2, byte(len(body))}, body) }

func TestAV1Keys(t *testing.T) {
	for _, c := range []struct {
		what  string
		b     []byte
		still bool
		key   Key
		whole bool
	}{
		{"shown key frame", cat(unit(2), unit(1, 0), unit(6, 0x10)), false, Closed, true},
		{"key frame kept for later", unit(6, 0x00), false, Open, true},
		{"key frame kept for later, another shown", cat(unit(6, 0x00), unit(6, 0x30)), false, Open, true},
		{"inter frame", unit(6, 0x30), false, None, true},
		{"intra-only frame", unit(6, 0x50), false, None, true},
		{"switch frame", unit(6, 0x70), false, None, true},
		{"frame shown again", unit(3, 0x80), false, None, true},
		{"still picture", cat(unit(1, 0x18), unit(6, 0xff)), false, Closed, true},
		{"still picture, header in the record", unit(6, 0xff), true, Closed, true},
		{"without a size", []byte{6 << 3, 0x10}, false, Closed, true},
		{"with an extension", []byte{6<<3 | 6, 0x20, 1, 0x10}, false, Closed, true},
		{"size beyond the end", []byte{6<<3 | 2, 9, 0x10}, false, None, false},
		{"forbidden bit", []byte{0x80 | 6<<3 | 2, 1, 0x10}, false, None, false},
		{"nothing", nil, false, None, true},
	} {
		if got := lookAV1(c.b, c.still); got.key != c.key || got.whole != c.whole {
			t.Errorf("%s: %v, whole %v, want %v, %v", c.what, got.key, got.whole, c.key, c.whole)
		}
	}
}

// A temporal unit is the same whether sizes were told, in how many bytes, and
// whether delimiters, padding and the sequence header were left in.
func TestAV1Lean(t *testing.T) {
	want := cat(unit(5, 9, 9), unit(6, 0x10, 1))
	for what, in := range map[string][]byte{
		"as it should be":        want,
		"no size on the last":    cat(unit(5, 9, 9), []byte{6 << 3, 0x10, 1}),
		"a size in two bytes":    cat(unit(5, 9, 9), []byte{6<<3 | 2, 0x82, 0, 0x10, 1}),
		"delimiter and sequence": cat(unit(2), unit(1, 7, 7), unit(5, 9, 9), unit(6, 0x10, 1), unit(15, 0, 0)),
	} {
		if got := leanAV1(in, []byte{7, 7}); !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x", what, got, want)
		}
	}
	if got := leanAV1(cat(unit(1, 7, 8), want), []byte{7, 7}); !bytes.Equal(got, cat(unit(1, 7, 8), want)) {
		t.Errorf("another sequence header: %x", got)
	}
	long := cat([]byte{6<<3 | 2, 0xac, 0x02}, make([]byte, 300))
	if got := leanAV1(long, nil); !bytes.Equal(got, long) {
		t.Errorf("300 bytes: %x...", got[:4])
	}
}

func TestVPKeys(t *testing.T) {
	vp9Key := "\x82\x49\x83\x42\x00\x13\xf0\x0b\x30\x00" // 320x180
	for _, c := range []struct {
		what string
		look func([]byte) (Key, Codec, bool)
		b    string
		key  Key
		ok   bool
		name string
	}{
		{"VP9 key", lookVP9, vp9Key, Closed, true, "vp09.00.11.08"},
		{"VP9 key without its sign", lookVP9, "\x82\x49\x83\x43\x00\x13\xf0\x0b\x30\x00", None, false, ""},
		{"VP9 key, cut", lookVP9, vp9Key[:6], None, false, ""},
		{"VP9 profile 2, ten bits", lookVP9, "\x92\x49\x83\x42\x00\x09\xf8\x05\x98\x00", Closed, true, "vp09.02.11.10"},
		{"VP9 inter", lookVP9, "\x86", None, true, ""},
		{"VP9 shown again", lookVP9, "\x88", None, true, ""},
		{"VP9 no marker", lookVP9, "\x02", None, false, ""},
		{"VP9 nothing", lookVP9, "", None, false, ""},
		{"VP8 key", lookVP8, "\x10\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00", Closed, true, "vp8"},
		{"VP8 key without its sign", lookVP8, "\x10\x00\x00\x9d\x01\x2b\x40\x01\xb4\x00", None, false, ""},
		{"VP8 inter", lookVP8, "\x31\x00\x00\x00", None, true, ""},
		{"VP8 partition beyond the end", lookVP8, "\x51\x00\x00\x00", None, false, ""},
		{"VP8 unknown version", lookVP8, "\x19\x00\x00\x00", None, false, ""},
	} {
		key, codec, ok := c.look([]byte(c.b))
		if key != c.key || ok != c.ok || ok && codec.Name != c.name {
			t.Errorf("%s: %v %v %q, want %v %v %q", c.what, key, ok, codec.Name, c.key, c.ok, c.name)
		}
	}
}

func TestTheoraKeys(t *testing.T) {
	for in, want := range map[string]Key{"\x00": Closed, "\x40": None, "": None} {
		if key, ok := lookTheora([]byte(in)); key != want || !ok {
			t.Errorf("Theora %x: %v, %v", in, key, ok)
		}
	}
	if _, ok := lookTheora([]byte{0x80}); ok {
		t.Error("Theora: a header packet is a picture")
	}
}

// No bytes make a reader of frames fail, and what is written lean stays so.
func FuzzFrames(f *testing.F) {
	f.Add(cat(unit(2), unit(1, 0), unit(6, 0x10)))
	f.Add([]byte("\x82\x49\x83\x42\x00\x13\xf0\x0b\x30\x00"))
	f.Add([]byte("\x10\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lookVP8(b)
		lookVP9(b)
		lookTheora(b)
		codecAV1(b)
		u := lookAV1(b, false)
		if wholeAV1(b) && !u.whole {
			t.Errorf("%x: whole only at the first look", b)
		}
		if u.whole {
			lean := leanAV1(b, u.sequence)
			again := lookAV1(lean, false)
			if !again.whole || !bytes.Equal(leanAV1(lean, u.sequence), lean) || u.key == None && again.key != None {
				t.Errorf("%x: %+v, lean %x: %+v", b, u, lean, again)
			}
		}
	})
}
