package packet

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"kinetoscope/netem/tcp"
)

// A Listener takes the TCP connections that come to one port of a node. It
// implements net.Listener.
type Listener struct {
	f    *Fabric
	node int32

	// guarded by f.mu
	at     netip.AddrPort
	ready  sync.Cond
	queue  []*Stream // opened, and not taken yet
	coming int       // not opened yet
	closed bool
}

// backlog is how many connections may wait to be opened or taken: beyond, a SYN
// is not answered.
const backlog = 4096

// stations are where TCP ends at a node.
type stations struct {
	listeners []*Listener
	streams   []*Stream
	port      uint16 // that was taken last
}

func (n *stations) open(s *Stream) { n.streams = append(n.streams, s) }

// rouse wakes all who wait for TCP.
func (n *stations) rouse() {
	for _, l := range n.listeners {
		l.ready.Broadcast()
	}
	for _, s := range n.streams {
		s.rouse()
	}
}

// bound is the own address of a listener or stream at a port, if there is one.
func (n *stations) bound(port uint16) netip.AddrPort {
	for _, l := range n.listeners {
		if l.at.Port() == port {
			return l.at
		}
	}
	for _, s := range n.streams {
		if s.pair.inner.Port() == port {
			return s.pair.inner
		}
	}
	return netip.AddrPort{}
}

// Listen opens a port of a node for TCP.
func (f *Fabric) Listen(id int32, at netip.AddrPort) (*Listener, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if err := f.claim(id, at.Addr()); err != nil {
		return nil, err
	}
	if at.Port() == 0 || f.listeners[at] != nil {
		return nil, fmt.Errorf("packet: node %d cannot listen at %v: give it a port that nobody has", id, at)
	}
	l := &Listener{f: f, node: id, at: at}
	l.ready.L = &f.mu
	f.listeners[at] = l
	f.nodes[id].listeners = append(f.nodes[id].listeners, l)
	return l, nil
}

// Open begins to connect an address of a node to another with TCP. Port 0 takes
// a free one. See Connected.
func (f *Fabric) Open(id int32, from, to netip.AddrPort) (*Stream, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	if err := f.claim(id, from.Addr()); err != nil {
		return nil, err
	}
	return f.begin(id, socketPair{from, to})
}

// Open begins to connect the address that the listener hears at, with another
// port, to somebody.
func (l *Listener) Open(to netip.AddrPort) (*Stream, error) {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if l.closed {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: net.ErrClosed}
	}
	return l.f.begin(l.node, socketPair{netip.AddrPortFrom(l.at.Addr(), 0), to})
}

// Connected waits until the other side has answered. If it does not, or the
// context is done before, the stream is none.
func (s *Stream) Connected(ctx context.Context) error {
	f := s.f
	f.mu.Lock()
	defer f.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		s.rouse()
	})
	defer stop()
	for {
		switch {
		case s.lost != nil:
			return s.fail("dial", s.lost)
		case s.machine.Opened():
			return nil
		case s.machine.State() == tcp.Closed:
			return s.fail("dial", s.machine.Err())
		case ctx.Err() != nil:
			s.machine.Abort()
			s.react()
			return s.fail("dial", ctx.Err())
		}
		s.readable.Wait()
	}
}

// begin sends the first segment of a connection.
func (f *Fabric) begin(id int32, pair socketPair) (*Stream, error) {
	pair.outer = netip.AddrPortFrom(pair.outer.Addr().Unmap(), pair.outer.Port())
	if pair.inner.Addr().Is4() != pair.outer.Addr().Is4() || !pair.outer.IsValid() {
		return nil, fmt.Errorf("packet: %v cannot reach %v: %w", pair.inner, pair.outer, syscall.EAFNOSUPPORT)
	}
	if pair.inner.Port() == 0 {
		pair.inner = netip.AddrPortFrom(pair.inner.Addr(), f.nodes[id].free(f, pair))
	}
	if f.connected[pair] != nil {
		return nil, fmt.Errorf("packet: %v is connected to %v: %w", pair.inner, pair.outer, syscall.EADDRINUSE)
	}
	s := f.newStream(id, pair, tcp.Open(f.tcpConfig(pair.inner.Addr()), f.sequence(pair)))
	s.flush(f.Now())
	f.Wake()
	return s, nil
}

// free is a port that no connection to the same address has.
func (n *stations) free(f *Fabric, pair socketPair) uint16 {
	const first = 49152
	for range math.MaxUint16 - first {
		n.port = max(n.port+1, first)
		pair.inner = netip.AddrPortFrom(pair.inner.Addr(), n.port)
		if f.connected[pair] == nil && f.listeners[pair.inner] == nil {
			break
		}
	}
	return n.port
}

func (f *Fabric) tcpConfig(at netip.Addr) tcp.Config {
	return tcp.Config{MSS: f.cfg.MTU - ipHeader(at) - tcp.HeaderSize, Receive: int(f.cfg.ReceiveBuffer), Send: sendBuffer}
}

// sendBuffer is the most that a stream takes before it is acknowledged: what
// Linux lets it grow to.
const sendBuffer = 4 << 20

// sequence is where a connection begins to count: RFC 6528.
func (f *Fabric) sequence(pair socketPair) tcp.Seq {
	if f.secret == 0 {
		f.secret = f.draw("tcp", 0).Uint64()
	}
	h := f.secret
	for _, at := range [2]netip.AddrPort{pair.inner, pair.outer} {
		for _, b := range at.Addr().As16() {
			h = mix(h ^ uint64(b))
		}
		h = mix(h ^ uint64(at.Port()))
	}
	return tcp.Seq(uint32(h) + uint32(f.Now()/(4*time.Microsecond)))
}

// post puts a segment on the way to the fabric.
func (f *Fabric) post(socket, node int32, pair socketPair, g *tcp.Segment) {
	g.Source, g.Destination = pair.inner.Port(), pair.outer.Port()
	i := f.slot()
	p := &f.parcels[i]
	p.tcp, p.socket, p.src, p.from, p.source, p.to = true, socket, node, pair.inner, nil, pair.outer
	p.data = g.Append(p.data[:0])
	tcp.Seal(p.data, sumOf(pair.inner.Addr())+sumOf(pair.outer.Addr()))
	p.wire = len(p.data) + ipHeader(pair.outer.Addr())
	f.written = append(f.written, i)
}

// deliverSegment hands a segment to the stream or the listener that it is for,
// or refuses it.
func (f *Fabric) deliverSegment(now time.Duration, i int32) {
	p := &f.parcels[i]
	pair := socketPair{p.to, p.from}
	g, err := tcp.Parse(p.data)
	if err != nil || !tcp.Intact(p.data, sumOf(p.from.Addr())+sumOf(p.to.Addr())) {
		f.received(now, i) // and thrown away
		return
	}
	s, l := f.connected[pair], f.listeners[p.to]
	syn := g.Flags&(tcp.SYN|tcp.ACK|tcp.RST) == tcp.SYN
	begin := f.sequence
	if s != nil && l != nil && s.machine.Reopens(&g) {
		old := s.machine.After()
		begin = func(socketPair) tcp.Seq { return old }
		f.forget(s)
		s = nil
	}
	switch {
	case s != nil && s.node == p.dst:
		s.machine.Take(now, &g)
		f.received(now, i)
		s.flush(now)
	case l != nil && l.node == p.dst && syn && len(l.queue)+l.coming < backlog:
		s = f.newStream(p.dst, pair, tcp.Accept(f.tcpConfig(p.to.Addr()), begin(pair), &g))
		s.listener = l
		l.coming++
		f.received(now, i)
		s.flush(now)
	default:
		dst, refusal, refused := p.dst, tcp.Segment{}, false
		if l == nil || !syn {
			refusal, refused = tcp.Refuse(&g)
		}
		f.drop(now, NoSocket, i)
		if refused {
			f.post(0, dst, pair, &refusal)
		}
	}
}

// received ends the way of a segment that has reached TCP.
func (f *Fabric) received(now time.Duration, i int32) {
	f.note(now, Delivered, &f.parcels[i])
	f.tally.InFlight--
	f.release(i)
}

// forget takes a stream that has ended off the node.
func (f *Fabric) forget(s *Stream) {
	if f.streams[s.slot] != s {
		return
	}
	f.streams[s.slot] = nil
	if f.connected[s.pair] == s {
		delete(f.connected, s.pair)
	}
	n := &f.nodes[s.node]
	n.streams = slices.DeleteFunc(n.streams, func(o *Stream) bool { return o == s })
	if l := s.listener; l != nil {
		s.listener = nil
		l.coming--
	}
	s.rouse()
}

// lose ends a stream without a word to the other side.
func (f *Fabric) lose(s *Stream, why error) {
	s.lost = why
	s.machine.Abort()
	f.forget(s)
}

// Halt ends all TCP of a node at once, as when its power fails: the other sides
// hear nothing of it.
func (f *Fabric) Halt(id int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := &f.nodes[id]
	for _, s := range slices.Clone(n.streams) {
		f.lose(s, syscall.ECONNABORTED)
	}
	for _, l := range slices.Clone(n.listeners) {
		l.end()
	}
}

// rebind moves the listeners of a node to another address, and ends the streams
// that it had at the old one.
func (f *Fabric) rebind(id int32, from, to netip.Addr) {
	n := &f.nodes[id]
	for _, s := range slices.Clone(n.streams) {
		if s.pair.inner.Addr() == from {
			f.lose(s, syscall.ECONNABORTED)
		}
	}
	for _, l := range n.listeners {
		if l.at.Addr() == from {
			delete(f.listeners, l.at)
			l.at = netip.AddrPortFrom(to, l.at.Port())
			f.listeners[l.at] = l
		}
	}
}

// arrived is when a connection has opened.
func (l *Listener) arrived(s *Stream) {
	l.coming--
	l.queue = append(l.queue, s)
	l.ready.Signal()
}

// Accept waits for the next connection, a *Stream.
func (l *Listener) Accept() (net.Conn, error) {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	for {
		switch {
		case l.closed:
			return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: net.TCPAddrFromAddrPort(l.at), Err: net.ErrClosed}
		case len(l.queue) > 0 && !l.f.nodes[l.node].frozen:
			s := l.queue[0]
			l.queue = l.queue[1:]
			return s, nil
		}
		l.ready.Wait()
	}
}

// Meet opens a connection to somebody who opens the same one at the same time,
// which is how TCP gets through two NATs. Accept returns it, as if the other
// had come.
func (l *Listener) Meet(to netip.AddrPort) error {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	s, err := l.f.begin(l.node, socketPair{l.at, to})
	if err != nil {
		return err
	}
	s.listener = l
	l.coming++
	return nil
}

// Close ends the listener, and the connections that nobody has taken.
func (l *Listener) Close() error {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if l.closed {
		return &net.OpError{Op: "close", Net: "tcp", Addr: net.TCPAddrFromAddrPort(l.at), Err: net.ErrClosed}
	}
	l.end()
	for _, s := range slices.Clone(l.f.nodes[l.node].streams) {
		if s.listener == l {
			l.queue = append(l.queue, s)
		}
	}
	for _, s := range l.queue {
		s.machine.Abort()
		s.flush(l.f.Now())
	}
	l.queue = nil
	l.f.Wake()
	return nil
}

// end frees the port.
func (l *Listener) end() {
	l.closed = true
	delete(l.f.listeners, l.at)
	n := &l.f.nodes[l.node]
	n.listeners = slices.DeleteFunc(n.listeners, func(o *Listener) bool { return o == l })
	l.ready.Broadcast()
}

// Addr is the address of the listener.
func (l *Listener) Addr() net.Addr {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	return net.TCPAddrFromAddrPort(l.at)
}
