package packet

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"time"

	"kinetoscope/netem/tcp"
)

// A Capture writes what happens to packets as a pcapng file (PCAP Next
// Generation Capture File Format, draft-ietf-opsawg-pcapng), which Wireshark
// opens. Each node is an interface, so a packet is there when it is sent, when
// it is delivered, and with a comment if anything else happens to it. Times
// are nanoseconds of virtual time since the start, in order.
type Capture struct {
	w          *bufio.Writer
	interfaces map[int32]uint32
	block      []byte
	err        error
	held       agenda // blocks that something earlier may still come before; its items are theirs
	blocks     [][]byte
	spare      []int32
	count      uint64
}

// heldBack is how long a block waits for earlier ones. Links lag behind or are
// ahead of time by up to maxAhead; this is many times that. What comes later
// still stands where it came.
const heldBack = 20 * maxAhead

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
	size := ipHeader(to.Addr()) + len(e.Data)
	if !e.TCP {
		size += udpHeader
	}
	c.begin(enhancedPacket)
	c.uint32(id)
	c.uint32(uint32(e.At >> 32))
	c.uint32(uint32(e.At))
	c.uint32(uint32(size))
	c.uint32(uint32(size))
	if e.TCP {
		c.segment(from, to, e.Data)
	} else {
		c.datagram(from, to, e.Data)
	}
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
	c.finish()
	c.hold(e.At)
	c.release(e.At - heldBack)
}

// hold keeps the block until it is known that nothing earlier will come.
func (c *Capture) hold(at time.Duration) {
	i := int32(len(c.blocks))
	if n := len(c.spare) - 1; n >= 0 {
		i, c.spare = c.spare[n], c.spare[:n]
	} else {
		c.blocks = append(c.blocks, nil)
	}
	c.blocks[i] = append(c.blocks[i][:0], c.block...)
	c.count++
	c.held.add(event{at: at, seq: c.count, item: i})
}

// release writes the blocks up to a time.
func (c *Capture) release(until time.Duration) {
	for len(c.held) > 0 && c.held.next() <= until {
		i := c.held.take().item
		c.write(c.blocks[i])
		c.spare = append(c.spare, i)
	}
}

// Close writes out what is left, and says what went wrong since the start. It
// does not close the underlying writer.
func (c *Capture) Close() error {
	c.release(Never)
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

// segment adds the header of IP and a segment of TCP as it is.
func (c *Capture) segment(from, to netip.AddrPort, segment []byte) {
	const protocol = 6
	c.ip(from.Addr(), to.Addr(), protocol, len(segment))
	c.block = append(c.block, segment...)
}

// datagram adds the headers of IP and UDP and the payload.
func (c *Capture) datagram(from, to netip.AddrPort, data []byte) {
	const protocol = 17
	length := udpHeader + len(data)
	pseudo := c.ip(from.Addr(), to.Addr(), protocol, length) + protocol + uint64(length)
	header := len(c.block)
	c.net16(int(from.Port()))
	c.net16(int(to.Port()))
	c.net16(length)
	c.net16(0)
	c.block = append(c.block, data...)
	check := tcp.Checksum(pseudo + tcp.Sum(c.block[header:]))
	if check == 0 { // which would say that there is none: RFC 768
		check = 0xffff
	}
	binary.BigEndian.PutUint16(c.block[header+6:], check)
}

const udpHeader = 8

// ip adds the header of IP before so many bytes, and returns the sum of the
// addresses.
func (c *Capture) ip(from, to netip.Addr, protocol byte, length int) uint64 {
	start := len(c.block)
	if to.Is4() { // RFC 791
		c.block = append(c.block, 0x45, 0)
		c.net16(20 + length)
		c.block = append(c.block, 0, 0, 0x40, 0, 64, protocol, 0, 0) // not to be fragmented
	} else { // RFC 8200
		c.block = append(c.block, 0x60, 0, 0, 0)
		c.net16(length)
		c.block = append(c.block, protocol, 64)
	}
	addresses := len(c.block)
	c.block = append(c.block, from.AsSlice()...)
	c.block = append(c.block, to.AsSlice()...)
	if to.Is4() {
		binary.BigEndian.PutUint16(c.block[start+10:], tcp.Checksum(tcp.Sum(c.block[start:])))
	}
	return tcp.Sum(c.block[addresses:])
}

func (c *Capture) begin(kind uint32) {
	c.block = c.block[:0]
	c.uint32(kind)
	c.uint32(0) // length, to come
}

// end writes the block.
func (c *Capture) end() {
	c.finish()
	c.write(c.block)
}

// finish gives the block its length, at both ends.
func (c *Capture) finish() {
	length := uint32(len(c.block) + 4)
	binary.LittleEndian.PutUint32(c.block[4:], length)
	c.uint32(length)
}

func (c *Capture) write(block []byte) {
	if c.err == nil {
		_, c.err = c.w.Write(block)
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
