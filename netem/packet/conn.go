package packet

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A Conn is a datagram socket of one node. It implements net.PacketConn; its
// addresses are *net.UDPAddr, and may not be changed by those who get them.
type Conn struct {
	f    *Fabric
	id   int32
	node int32

	// guarded by f.mu
	at            netip.AddrPort
	addr          *net.UDPAddr // at
	ready         sync.Cond
	inbox         chain
	closed        bool
	readDeadline  time.Time
	writeDeadline time.Time
	alarm         *time.Timer // of the read deadline
}

func newConn(f *Fabric, id, node int32, at netip.AddrPort) *Conn {
	c := &Conn{f: f, id: id, node: node}
	c.name(at)
	c.ready.L = &f.mu
	return c
}

// name gives the socket its address.
func (c *Conn) name(at netip.AddrPort) { c.at, c.addr = at, net.UDPAddrFromAddrPort(at) }

// WriteTo sends a datagram. It never waits: what does not fit into the uplink's
// queue is lost. A datagram that exceeds the MTU is an error that wraps
// syscall.EMSGSIZE.
func (c *Conn) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, err := destination(addr)
	if err != nil {
		return 0, c.fail("write", err)
	}
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case c.closed:
		return 0, c.fail("write", net.ErrClosed)
	case past(c.writeDeadline):
		return 0, c.fail("write", os.ErrDeadlineExceeded)
	case to.Addr().Is4() != c.at.Addr().Is4():
		return 0, c.fail("write", fmt.Errorf("to %v: the versions of IP differ: %w", to, syscall.EAFNOSUPPORT))
	case len(b)+headerSize(to.Addr()) > f.cfg.MTU:
		return 0, c.fail("write", fmt.Errorf("%d bytes and headers exceed the MTU of %d: %w", len(b), f.cfg.MTU, syscall.EMSGSIZE))
	}
	i := f.slot()
	p := &f.parcels[i]
	p.tcp, p.socket, p.src, p.from, p.source, p.to = false, c.id, c.node, c.at, c.addr, to
	p.wire = len(b) + headerSize(to.Addr())
	p.data = append(p.data[:0], b...)
	f.written = append(f.written, i)
	f.Wake()
	return len(b), nil
}

// destination is the address and port that a net.Addr stands for.
func destination(addr net.Addr) (netip.AddrPort, error) {
	u, ok := addr.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("to %v: a %T is no *net.UDPAddr", addr, addr)
	}
	to := u.AddrPort()
	return netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), nil
}

// ReadFrom waits for a datagram. What does not fit into b is lost.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, nil, c.fail("read", net.ErrClosed)
		case past(c.readDeadline):
			return 0, nil, c.fail("read", os.ErrDeadlineExceeded)
		case c.inbox.head != 0 && !f.nodes[c.node].frozen:
			i := f.shift(&c.inbox)
			n, from := copy(b, f.parcels[i].data), f.parcels[i].source
			f.release(i)
			return n, from, nil
		}
		c.ready.Wait()
	}
}

// Close ends the socket and what waits in it; the address is free again.
// Those who wait for a datagram get net.ErrClosed.
func (c *Conn) Close() error {
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.closed = true
	delete(f.sockets, c.at)
	n := &f.nodes[c.node]
	n.sockets = slices.DeleteFunc(n.sockets, func(o *Conn) bool { return o == c })
	for c.inbox.head != 0 {
		f.release(f.shift(&c.inbox))
	}
	c.stopAlarm()
	c.ready.Broadcast()
	return nil
}

// LocalAddr is the address of the socket.
func (c *Conn) LocalAddr() net.Addr {
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	return c.addr
}

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.set(func() { c.setRead(t); c.writeDeadline = t })
}

// SetReadDeadline says until when ReadFrom waits; zero means for ever. Then it
// returns os.ErrDeadlineExceeded.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.set(func() { c.setRead(t) }) }

// SetWriteDeadline says from when on WriteTo refuses with
// os.ErrDeadlineExceeded; zero means never.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.set(func() { c.writeDeadline = t }) }

// SetReadBuffer does nothing: the Config has the size of the receive buffer.
func (c *Conn) SetReadBuffer(int) error { return nil }

// SetWriteBuffer does nothing: the uplink's queue is what there is.
func (c *Conn) SetWriteBuffer(int) error { return nil }

// set changes an open socket.
func (c *Conn) set(change func()) error {
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	if c.closed {
		return c.fail("set", net.ErrClosed)
	}
	change()
	return nil
}

func (c *Conn) setRead(t time.Time) {
	c.stopAlarm()
	c.readDeadline = t
	if !t.IsZero() {
		c.alarm = time.AfterFunc(time.Until(t), func() {
			c.f.mu.Lock()
			defer c.f.mu.Unlock()
			c.ready.Broadcast()
		})
	}
	c.ready.Broadcast()
}

func (c *Conn) stopAlarm() {
	if c.alarm != nil {
		c.alarm.Stop()
		c.alarm = nil
	}
}

func (c *Conn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: c.addr, Err: err}
}

// past says whether a deadline is set and over.
func past(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }
