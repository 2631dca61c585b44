package packet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/netem"
)

// A record is a packet as it stands in a capture.
type record struct {
	At       time.Duration
	On       string // interface
	From, To netip.AddrPort
	Data     string
	Size     int    // with headers
	Note     string // direction or comment
}

// parse reads a capture as the draft says, and checks every length, checksum
// and padding on the way.
func parse(b []byte) (records []record, err error) {
	var interfaces []string
	le := binary.LittleEndian
	for first := true; len(b) > 0; first = false {
		if len(b) < 12 {
			return nil, errors.New("a block is cut short")
		}
		kind, length := le.Uint32(b), le.Uint32(b[4:])
		if length%4 != 0 || length < 12 || int(length) > len(b) || le.Uint32(b[length-4:]) != length {
			return nil, fmt.Errorf("a block of length %d", length)
		}
		body := b[8 : length-4]
		b = b[length:]
		switch {
		case first != (kind == 0x0a0d0d0a):
			return nil, fmt.Errorf("block %x is in the wrong place", kind)
		case first:
			if !bytes.Equal(body[:16], []byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}) {
				return nil, fmt.Errorf("the section begins with %x", body)
			}
		case kind == 1:
			options, err := parseOptions(body[8:])
			if err != nil || le.Uint16(body) != 101 || options[9] != "\x09" {
				return nil, fmt.Errorf("interface %x: %v", body, err)
			}
			interfaces = append(interfaces, options[2])
		case kind == 6:
			size := le.Uint32(body[12:])
			if le.Uint32(body[16:]) != size || int(le.Uint32(body)) >= len(interfaces) {
				return nil, fmt.Errorf("packet %x", body)
			}
			r, err := parseDatagram(body[20 : 20+size])
			if err != nil {
				return nil, err
			}
			options, err := parseOptions(body[20+(size+3)/4*4:])
			if err != nil {
				return nil, err
			}
			r.At = time.Duration(uint64(le.Uint32(body[4:]))<<32 | uint64(le.Uint32(body[8:])))
			r.On = interfaces[le.Uint32(body)]
			r.Note = map[string]string{"\x01\x00\x00\x00": "in", "\x02\x00\x00\x00": "out"}[options[2]] + options[1]
			records = append(records, r)
		default:
			return nil, fmt.Errorf("a block of type %d", kind)
		}
	}
	return records, nil
}

func parseOptions(b []byte) (map[uint16]string, error) {
	options := map[uint16]string{}
	for {
		if len(b) < 4 {
			return nil, errors.New("options without an end")
		}
		code, length := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		if code == 0 {
			if length != 0 || len(b) != 4 {
				return nil, errors.New("something behind the last option")
			}
			return options, nil
		}
		if len(b) < 4+length {
			return nil, errors.New("an option is cut short")
		}
		options[code] = string(b[4 : 4+length])
		b = b[4+(length+3)/4*4:]
	}
}

func parseDatagram(b []byte) (r record, err error) {
	ones := func(parts ...[]byte) (s int) { // an Internet checksum over words
		for _, p := range parts {
			for i := 0; i < len(p); i++ {
				s += int(p[i]) << (8 * (1 - i%2))
			}
		}
		return s % 0xffff // what is zero in ones' complement is a multiple of 65535
	}
	be := binary.BigEndian
	var udp, addresses []byte // or TCP
	var protocol byte
	switch {
	case len(b) >= 28 && b[0] == 0x45 && int(be.Uint16(b[2:])) == len(b):
		if ones(b[:20]) != 0 {
			return r, errors.New("checksum of IP")
		}
		udp, addresses, protocol = b[20:], b[12:20], b[9]
	case len(b) >= 48 && b[0] == 0x60 && int(be.Uint16(b[4:])) == len(b)-40:
		udp, addresses, protocol = b[40:], b[8:40], b[6]
	default:
		return r, fmt.Errorf("no packet: %x", b)
	}
	length := be.AppendUint16(nil, uint16(len(udp)))
	header := 8
	switch right := ones(addresses, []byte{0, protocol}, length, udp) == 0; {
	case protocol == 17 && (int(be.Uint16(udp[4:])) != len(udp) || be.Uint16(udp[6:]) == 0 || !right):
		return r, fmt.Errorf("UDP header %x", udp[:8])
	case protocol == 6 && !right:
		return r, fmt.Errorf("TCP header %x", udp[:20])
	case protocol == 6:
		header = int(udp[12]>>4) * 4
	}
	half := len(addresses) / 2
	from, _ := netip.AddrFromSlice(addresses[:half])
	to, _ := netip.AddrFromSlice(addresses[half:])
	r.From, r.To = netip.AddrPortFrom(from, be.Uint16(udp)), netip.AddrPortFrom(to, be.Uint16(udp[2:]))
	r.Data, r.Size = string(udp[header:]), len(b)
	return r, nil
}

func TestCapture(t *testing.T) {
	var file bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, netem.Class{Up: mbit, Down: 100 * mbit}), Default(), draws(1))
		capture := NewCapture(&file)
		f.Tap = capture.Record
		c := attach(t, f, 2)
		wide, err := f.Attach(0, netip.MustParseAddrPort("[2001:db8::1]:7"))
		if err != nil {
			t.Fatal(err)
		}
		run(t, f, 5*time.Second) // more than 32 bits of nanoseconds
		c[0].WriteTo([]byte("odd"), c[1].addr)
		c[1].WriteTo(nil, c[0].addr)
		wide.WriteTo([]byte("wide"), net.UDPAddrFromAddrPort(netip.MustParseAddrPort("[2001:db8::2]:8")))
		run(t, f, 6*time.Second)
		if err := capture.Close(); err != nil {
			t.Error(err)
		}
	})
	records, err := parse(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var got string
	for _, r := range records {
		got += fmt.Sprintf("%v %s %s %v > %v %q\n", r.At, r.On, r.Note, r.From, r.To, r.Data)
	}
	if want := `5s node 0 out 198.51.0.0:4001 > 198.51.0.1:4001 "odd"
5s node 1 out 198.51.0.1:4001 > 198.51.0.0:4001 ""
5s node 0 out [2001:db8::1]:7 > [2001:db8::2]:8 "wide"
5s node 0 no route [2001:db8::1]:7 > [2001:db8::2]:8 "wide"
5.01022624s node 0 in 198.51.0.1:4001 > 198.51.0.0:4001 ""
5.01025048s node 1 in 198.51.0.0:4001 > 198.51.0.1:4001 "odd"
`; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Whatever is recorded, a reader of the format finds it again.
func FuzzCapture(f *testing.F) {
	f.Add([]byte("payload"), uint8(Lost), int64(1<<40), uint32(0xc0000201), uint16(4001), false)
	f.Add([]byte{}, uint8(Sent), int64(0), uint32(0), uint16(0), true)
	f.Fuzz(func(t *testing.T, data []byte, kind uint8, at int64, ip uint32, port uint16, wide bool) {
		if len(data) > maxMTU-48 || at < 0 {
			return
		}
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, ip))), port)
		to := address(3)
		if wide {
			to = netip.MustParseAddrPort("[2001:db8::2]:8")
		}
		var file bytes.Buffer
		c := NewCapture(&file)
		e := Event{time.Duration(at), Kind(kind) % kinds, 1, 2, from, to, data, false}
		c.Record(e)
		c.Record(e)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := parse(file.Bytes())
		if err != nil || len(got) != 2 || got[0] != got[1] {
			t.Fatalf("%v: %+v", err, got)
		}
		if g := got[0]; g.At != e.At || g.Data != string(data) || g.To != to || g.From.Port() != port || g.From.Addr().Unmap() != from.Addr() {
			t.Errorf("%+v, want %+v", g, e)
		}
	})
}

// A writer that fails is reported at the end.
func TestCaptureFails(t *testing.T) {
	r, w := io.Pipe()
	r.CloseWithError(io.ErrNoProgress)
	c := NewCapture(w)
	c.Record(Event{From: address(1), To: address(2)})
	if err := c.Close(); err != io.ErrNoProgress {
		t.Error(err)
	}
}
