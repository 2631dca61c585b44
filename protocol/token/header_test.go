package token

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	tok := testSlot(t, 4, 30, ConfigID{1})[2]
	good := AppendHeader(nil, tok)
	// The places: version 0, flags 1, stream 2-6, slot 7-8, rendition 9,
	// renditions 10, duration 11-13, size 14, config 15-22, content 23-54,
	// path 55-118, signature 119-182.
	if len(good) != 183 {
		t.Fatalf("the header has %d bytes", len(good))
	}
	splice := func(from, to int, with ...byte) []byte {
		return slices.Concat(good[:from], with, good[to:])
	}
	tests := []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "byte 0: version is cut off: 0 of 1 bytes"},
		{"version", splice(0, 1, 2), "byte 1: version is 2: known is 1"},
		{"long varint", splice(7, 9, 0x80, 0x00), "byte 7: slot is not in its shortest form"},
		{"longer zero", splice(2, 7, 0x80, 0x80, 0x00), "byte 2: stream is not in its shortest form"},
		{"endless varint", splice(2, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2), "byte 2: stream has more than 64 bits"},
		{"slot", splice(7, 9, 0x80, 0x80, 0x80, 0x80, 0x10), "byte 7: slot is 4294967296: the most is 4294967295"},
		{"cut varint", good[:4], "byte 2: stream is cut off"},
		{"rendition", splice(9, 10, 4), "header has rendition 4 of 4"},
		{"renditions", splice(10, 11, 65), "header has 65 renditions: a slot has 1 to 64"},
		{"no renditions", splice(10, 11, 0), "header has 0 renditions"},
		{"duration", splice(11, 14, 0x81, 0xa4, 0xcf, 0xb4, 0x0d), "byte 11: duration is 3600011777: the most is 3600000000"},
		{"size", splice(14, 15, 0x81, 0x80, 0x80, 0x20), "byte 14: size is 67108865: the most is 67108864"},
		{"no size", splice(14, 15, 0), "header has a payload of 0B"},
		{"zero config", splice(15, 23, make([]byte, 8)...), "byte 23: config id is zero"},
		{"cut content", good[:30], "byte 23: content id is cut off: 7 of 32 bytes"},
		{"cut path", good[:100], "byte 55: path is cut off: 45 of 64 bytes"},
		{"cut signature", good[:182], "byte 119: signature is cut off: 63 of 64 bytes"},
	}
	for _, test := range tests {
		got, n, err := ParseHeader(test.b)
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), test.want) || got != nil || n != 0 {
			t.Errorf("%s: got %v, want it to say %q", test.name, err, test.want)
		}
	}
	for n := range good {
		if _, _, err := ParseHeader(good[:n]); !errors.Is(err, ErrFormat) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestParseWantsExactlyThePayload(t *testing.T) {
	tok := testSlot(t, 2, 30, ConfigID{})[0]
	wire := Append(nil, tok)
	for _, b := range [][]byte{wire[:len(wire)-1], append(slices.Clip(wire), 0), wire[:tok.HeaderSize()]} {
		if _, err := Parse(b); !errors.Is(err, ErrSize) {
			t.Errorf("%d bytes of %d: %v", len(b), len(wire), err)
		}
	}
	if _, err := Parse(nil); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
}

func FuzzParseHeader(f *testing.F) {
	for _, n := range []int{1, 2, 5} {
		for _, tok := range testSlot(f, n, 10, ConfigID{byte(n - 1)}) {
			wire := Append(nil, tok)
			f.Add(wire)
			f.Add(wire[:len(wire)/2])
		}
	}
	f.Add([]byte{version, 0, 0x80, 0x00})
	f.Add(bytes.Repeat([]byte{0xff}, 400))
	f.Fuzz(func(t *testing.T, b []byte) {
		tok, n, err := ParseHeader(b)
		if err != nil {
			if tok != nil || n != 0 || !errors.Is(err, ErrFormat) {
				t.Fatalf("%v, %d bytes, %v", tok, n, err)
			}
			return
		}
		if n > MaxHeaderSize || n != tok.HeaderSize() {
			t.Fatalf("%d bytes, HeaderSize %d", n, tok.HeaderSize())
		}
		if again := AppendHeader(nil, tok); !bytes.Equal(again, b[:n]) {
			t.Fatalf("parsed %x, appended %x", b[:n], again)
		}
		if err := tok.CheckHeader(testPublic); err != nil && !errors.Is(err, ErrSignature) {
			t.Fatalf("a parsed header fails with %v", err) // its proof fits by construction
		}
	})
}
