package packet

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
)

// A Capture writes what happens to packets as a pcapng file (PCAP Next
// Generation Capture File Format, draft-ietf-opsawg-pcapng), which Wireshark
// opens. Each node is an interface, so a packet is there when it is sent, when
// it is delivered, and with a comment if anything else happens to it. Times
// are nanoseconds of virtual time since the start.
type Capture struct {
	w          *bufio.Writer
	interfaces map[int32]uint32
	block      []byte
	err        error
}

// Types of blocks and options that are written.
const (
	sectionHeader        = 0x0a0d0d0a
	interfaceDescription = 1
	enhancedPacket       = 6

	optEnd      = 0
	optComment  = 1
	shbUserAppl = 4
	ifName      = 2
	ifTSResol   = 9
	epbFlags    = 2

	linkTypeRaw = 101 // begins with the header of IPv4 or IPv6
	inbound     = 1
	outbound    = 2
)

// NewCapture begins a file.
func NewCapture(w io.Writer) *Capture {
	c := &Capture{w: bufio.NewWriter(w), interfaces: map[int32]uint32{}}
	c.begin(sectionHeader)
	c.uint32(0x1a2b3c4d) // tells the byte order
	c.uint16(1)          // version 1.0
	c.uint16(0)
	c.uint64(^uint64(0)) // length of the section: not told
	c.option(shbUserAppl, []byte("Kinetoscope"))
	c.option(optEnd, nil)
	c.end()
	return c
}

// Record adds an event. It is meant to be a Fabric's Tap.
func (c *Capture) Record(e Event) {
	node := e.Src
	if e.Kind == Delivered {
		node = e.Dst
	}
	id, known := c.interfaces[node]
	if !known {
		id = uint32(len(c.interfaces))
		c.interfaces[node] = id
		c.describe(node)
	}
	from, to := family(e.From, e.To)
	size := headerSize(to.Addr()) + len(e.Data)
	c.begin(enhancedPacket)
	c.uint32(id)
	c.uint32(uint32(e.At >> 32))
	c.uint32(uint32(e.At))
	c.uint32(uint32(size))
	c.uint32(uint32(size))
	c.datagram(from, to, e.Data)
	c.pad()
	switch e.Kind {
	case Sent:
		c.option(epbFlags, binary.LittleEndian.AppendUint32(nil, outbound))
	case Delivered:
		c.option(epbFlags, binary.LittleEndian.AppendUint32(nil, inbound))
	default:
		c.option(optComment, []byte(e.Kind.String()))
	}
	c.option(optEnd, nil)
	c.end()
}

// Close writes out what is left, and says what went wrong since the start. It
// does not close the underlying writer.
func (c *Capture) Close() error {
	if c.err == nil {
		c.err = c.w.Flush()
	}
	return c.err
}

// describe adds the interface of a node.
func (c *Capture) describe(node int32) {
	c.begin(interfaceDescription)
	c.uint16(linkTypeRaw)
	c.uint16(0)
	c.uint32(0) // packets are whole
	c.option(ifName, fmt.Appendf(nil, "node %d", node))
	c.option(ifTSResol, []byte{9}) // 10^-9 s
	c.option(optEnd, nil)
	c.end()
}

// family is both addresses in version 4 or both in version 6 of IP.
func family(from, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) {
	if from.Addr().Is4() == to.Addr().Is4() {
		return from, to
	}
	wide := func(a netip.AddrPort) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr().As16()), a.Port())
	}
	return wide(from), wide(to)
}

// datagram adds the headers of IP and UDP and the payload.
func (c *Capture) datagram(from, to netip.AddrPort, data []byte) {
	const udp = 17
	length := 8 + len(data)
	start := len(c.block)
	if to.Addr().Is4() { // RFC 791
		c.block = append(c.block, 0x45, 0)
		c.net16(20 + length)
		c.block = append(c.block, 0, 0, 0x40, 0, 64, udp, 0, 0) // not to be fragmented
	} else { // RFC 8200
		c.block = append(c.block, 0x60, 0, 0, 0)
		c.net16(length)
		c.block = append(c.block, udp, 64)
	}
	addresses := len(c.block)
	c.block = append(c.block, from.Addr().AsSlice()...)
	c.block = append(c.block, to.Addr().AsSlice()...)
	pseudo := sum(c.block[addresses:]) + udp + uint64(length)
	if to.Addr().Is4() {
		binary.BigEndian.PutUint16(c.block[start+10:], checksum(sum(c.block[start:])))
	}
	header := len(c.block)
	c.net16(int(from.Port()))
	c.net16(int(to.Port()))
	c.net16(length)
	c.net16(0)
	c.block = append(c.block, data...)
	check := checksum(pseudo + sum(c.block[header:]))
	if check == 0 { // which would say that there is none: RFC 768
		check = 0xffff
	}
	binary.BigEndian.PutUint16(c.block[header+6:], check)
}

// sum adds the 16-bit words of the Internet checksum: RFC 1071.
func sum(b []byte) (s uint64) {
	for ; len(b) > 1; b = b[2:] {
		s += uint64(b[0])<<8 | uint64(b[1])
	}
	if len(b) == 1 {
		s += uint64(b[0]) << 8
	}
	return s
}

// checksum folds a sum.
func checksum(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

func (c *Capture) begin(kind uint32) {
	c.block = c.block[:0]
	c.uint32(kind)
	c.uint32(0) // length, to come
}

// end writes the block, with its length at both ends.
func (c *Capture) end() {
	length := uint32(len(c.block) + 4)
	binary.LittleEndian.PutUint32(c.block[4:], length)
	c.uint32(length)
	if c.err == nil {
		_, c.err = c.w.Write(c.block)
	}
}

func (c *Capture) option(code uint16, value []byte) {
	c.uint16(code)
	c.uint16(uint16(len(value)))
	c.block = append(c.block, value...)
	c.pad()
}

// pad fills up to a multiple of four bytes.
func (c *Capture) pad() {
	for len(c.block)%4 != 0 {
		c.block = append(c.block, 0)
	}
}

func (c *Capture) uint16(v uint16) { c.block = binary.LittleEndian.AppendUint16(c.block, v) }
func (c *Capture) uint32(v uint32) { c.block = binary.LittleEndian.AppendUint32(c.block, v) }
func (c *Capture) uint64(v uint64) { c.block = binary.LittleEndian.AppendUint64(c.block, v) }
func (c *Capture) net16(v int)     { c.block = binary.BigEndian.AppendUint16(c.block, uint16(v)) }
