package tcp

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"
)

// A SYN as Linux sends it, without time stamps, and its parts.
func TestSegment(t *testing.T) {
	s := Segment{Source: 49152, Destination: 4001, Seq: 0xdeadbeef, Flags: SYN, Window: 65535,
		Options: Options{MSS: 1460, Scale: 8, SACK: true}}
	b := s.Append(nil)
	const want = "c0000fa1" + "deadbeef" + "00000000" + "8002ffff" + "00000000" + "020405b4" + "01030307" + "01010402"
	if got := hex.EncodeToString(b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s = Segment{Seq: 7, Ack: 9, Flags: ACK | PSH, Options: Options{Blocks: []Block{{20, 30}, {40, 50}}}, Data: []byte("data")}
	got, err := Parse(s.Append(nil))
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%+v, %v", got, err)
	}
}

// What is no segment is not taken for one; what is unknown in one is skipped.
func TestParse(t *testing.T) {
	head := func(words int, options ...byte) []byte {
		b := append(make([]byte, HeaderSize), options...)
		b[12] = byte(words << 4)
		return b
	}
	for _, tt := range []struct {
		name string
		b    []byte
		ok   bool
	}{
		{"nothing", nil, false},
		{"cut short", head(5)[:19], false},
		{"header too small", head(4), false},
		{"header beyond the end", head(6), false},
		{"no options", head(5), true},
		{"end of options", head(6, 0, 99, 99, 99), true},
		{"unknown option", head(6, 99, 4, 1, 1), true},
		{"option without length", head(6, 1, 1, 1, 2), false},
		{"option of no length", head(6, 2, 0, 0, 0), false},
		{"option beyond the end", head(6, 2, 5, 0, 0), false},
		{"MSS of another length", head(6, 2, 3, 1, 0), true},
		{"half a block", head(7, 5, 6, 1, 1, 1, 1, 0, 0), true},
	} {
		s, err := Parse(tt.b)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err == nil && !reflect.DeepEqual(s.Options, Options{}) {
			t.Errorf("%s: options %+v", tt.name, s.Options)
		}
	}
}

// Positions are compared as their distance on a circle, which a slow twin
// walks.
func TestSeq(t *testing.T) {
	for _, a := range []Seq{0, 1, 1 << 31, 1<<32 - 1, 12345} {
		for _, n := range []int{0, 1, 2, 1000, 1<<31 - 1} {
			b := a
			for k := 0; k < n && n < 5000; k++ {
				b++
			}
			if n >= 5000 {
				b = Seq((uint64(a) + uint64(n)) % (1 << 32))
			}
			if a.Plus(n) != b || b.Minus(a) != n || a.Minus(b) != -n || a.Before(b) != (n > 0) || b.Before(a) {
				t.Errorf("%d and %d on: %d, %d, %d, %v, %v", a, n, a.Plus(n), b.Minus(a), a.Minus(b), a.Before(b), b.Before(a))
			}
		}
	}
}

// A checksum finds every flipped bit, and a NAT keeps it right, or wrong.
func TestChecksum(t *testing.T) {
	old, fresh := []byte{10, 0, 0, 1}, []byte{203, 0, 113, 77}
	other := []byte{198, 51, 100, 200}
	s := Segment{Source: 4001, Destination: 80, Seq: 1, Flags: ACK, Data: []byte("odd")}
	b := s.Append(nil)
	Seal(b, Sum(old)+Sum(other))
	for bit := range 8 * len(b) {
		c := bytes.Clone(b)
		c[bit/8] ^= 1 << (bit % 8)
		if Intact(c, Sum(old)+Sum(other)) {
			t.Fatalf("bit %d may flip", bit)
		}
		Readdress(c, true, 60_000, Sum(old), Sum(fresh))
		if Intact(c, Sum(fresh)+Sum(other)) {
			t.Fatalf("a NAT mends bit %d", bit)
		}
	}
	Readdress(b, true, 60_000, Sum(old), Sum(fresh))
	Readdress(b, false, 8080, Sum(other), Sum(old))
	if !Intact(b, Sum(fresh)+Sum(old)) {
		t.Error("a NAT spoils the checksum")
	}
	if got, err := Parse(b); err != nil || got.Source != 60_000 || got.Destination != 8080 {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzParse holds that bytes of a peer never panic, and that what is a segment
// stays the same when it is written and read again.
func FuzzParse(f *testing.F) {
	for _, s := range []Segment{{Flags: SYN, Options: Options{MSS: 1460, Scale: 8, SACK: true}},
		{Flags: ACK, Options: Options{Blocks: []Block{{1, 2}, {3, 4}}}, Data: []byte("x")}} {
		f.Add(s.Append(nil))
	}
	f.Add([]byte{12: 0xf0, 59: 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(s.Append(nil))
		if err != nil || !bytes.Equal(again.Data, s.Data) || !reflect.DeepEqual(again.Options, s.Options) || again.Seq != s.Seq || again.Flags != s.Flags {
			t.Errorf("%+v becomes %+v, %v", s, again, err)
		}
	})
}

// FuzzHostile holds that whatever a peer sends, and whatever the owner does
// meanwhile, nothing panics, memory stays within the buffers, what is sent fits
// the peer's window and the MSS, and the books of what is under way are right.
func FuzzHostile(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0x10, 200, 9, 0x12, 7, 3, 0x11, 250, 40})
	f.Add(bytes.Repeat([]byte{0x10, 5, 120, 255}, 30))
	f.Add(bytes.Repeat([]byte{0x30, 250, 3, 17, 9, 0x52, 1}, 20))
	f.Fuzz(func(t *testing.T, script []byte) {
		c := Config{MSS: 100, Receive: 3000, Send: 5000}
		syn := Segment{Seq: 1 << 31, Flags: SYN, Window: 500, Options: Options{MSS: 90, SACK: true, Scale: 2}}
		m := Accept(c, 1<<32-50, &syn)
		var now = ms
		next := func() (b byte) {
			if len(script) > 0 {
				b, script = script[0], script[1:]
			}
			return b
		}
		for len(script) > 0 {
			hostile(m, now, next)
			now += time50(next())
			if m.Next() <= now {
				m.Tick(now)
			}
			m.Flush(now, func(s *Segment) {
				if len(s.Data) > 90 || len(s.Options.Blocks) > maxBlocks || s.Flags&RST == 0 && m.una.Plus(m.largest+2).Before(s.Seq.Plus(len(s.Data))) {
					t.Errorf("sends %s with a window of %d", show(s), m.largest)
				}
			})
			checkBooks(t, m)
		}
	})
}
