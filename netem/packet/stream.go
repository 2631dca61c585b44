package packet

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"kinetoscope/netem/tcp"
)

// A Stream is one end of a TCP connection. It implements net.Conn; its
// addresses are *net.TCPAddr.
//
// TCP runs in the fabric, as it does in a kernel and not in a process: a node
// that is frozen acknowledges what comes until its buffers are full.
type Stream struct {
	f             *Fabric
	slot          int32 // in f.streams
	socket        int32 // as a Conn has it
	node          int32
	pair          socketPair // inner is this end
	local, remote *net.TCPAddr

	// guarded by f.mu
	machine              *tcp.Machine
	listener             *Listener // that it came to and has not been taken from, or nil
	readable, writable   sync.Cond
	readUntil, sendUntil time.Time
	linger               bool   // Close tells the other side; else it resets
	closed               bool   // by its owner
	lost                 error  // why it ended, if not by TCP
	planned              uint64 // the event of its next tick; 0: none
	ticks                time.Duration
}

// newStream registers one end of a connection that TCP has begun.
func (f *Fabric) newStream(node int32, pair socketPair, m *tcp.Machine) *Stream {
	f.opened++
	s := &Stream{f: f, slot: int32(len(f.streams)), socket: f.opened, node: node, pair: pair, machine: m, linger: true,
		local: net.TCPAddrFromAddrPort(pair.inner), remote: net.TCPAddrFromAddrPort(pair.outer)}
	s.readable.L, s.writable.L = &f.mu, &f.mu
	f.streams = append(f.streams, s)
	f.connected[pair] = s
	f.nodes[node].open(s)
	return s
}

// flush sends what TCP has to send, plans its next tick, and wakes who waits.
func (s *Stream) flush(now time.Duration) {
	if s.lost != nil {
		return // not a word
	}
	s.machine.Flush(now, func(g *tcp.Segment) { s.f.post(s.socket, s.node, s.pair, g) })
	if next := s.machine.Next(); next < Never && (s.planned == 0 || next < s.ticks) {
		s.ticks, s.planned = next, s.f.plan(next, stepTick, s.slot)
	}
	if s.machine.State() == tcp.Closed {
		s.f.forget(s)
	} else if l := s.listener; l != nil && s.machine.Opened() {
		s.listener = nil
		l.arrived(s)
	}
	if s.machine.Readable() || s.machine.Opened() {
		s.readable.Broadcast()
	}
	if s.machine.Writable() {
		s.writable.Broadcast()
	}
}

// tick is the stream's turn. TCP puts off what it planned at almost every
// segment, so the event may be too early.
func (s *Stream) tick(now time.Duration) {
	s.planned = 0
	if s.machine.Next() <= now {
		s.machine.Tick(now)
	}
	s.flush(now)
}

// Read waits for bytes.
func (s *Stream) Read(b []byte) (int, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	for {
		if err := s.over(s.readUntil); err != nil {
			return 0, s.fail("read", err)
		}
		if !s.f.nodes[s.node].frozen {
			n, err := s.machine.Read(b)
			switch {
			case err == io.EOF:
				return 0, err
			case err != nil:
				return 0, s.fail("read", err)
			case n > 0 || len(b) == 0:
				s.react()
				return n, nil
			}
		}
		s.wait(&s.readable, s.readUntil)
	}
}

// Write waits until all of b is in the send buffer.
func (s *Stream) Write(b []byte) (n int, err error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	for {
		if err := s.over(s.sendUntil); err != nil {
			return n, s.fail("write", err)
		}
		if !s.f.nodes[s.node].frozen {
			k, err := s.machine.Write(b[n:])
			if err != nil {
				return n, s.fail("write", err)
			}
			if n += k; k > 0 {
				s.react()
			}
			if n == len(b) {
				return n, nil
			}
		}
		s.wait(&s.writable, s.sendUntil)
	}
}

// react sends what follows from what the owner has done.
func (s *Stream) react() {
	written := len(s.f.written)
	s.flush(s.f.Now())
	if len(s.f.written) > written || s.planned != 0 {
		s.f.Wake()
	}
}

// over is why the owner can do nothing, or nil.
func (s *Stream) over(deadline time.Time) error {
	switch {
	case s.closed:
		return net.ErrClosed
	case s.lost != nil:
		return s.lost
	case past(deadline):
		return os.ErrDeadlineExceeded
	}
	return nil
}

// wait waits for a condition or a deadline.
func (s *Stream) wait(c *sync.Cond, deadline time.Time) {
	if !deadline.IsZero() {
		alarm := time.AfterFunc(time.Until(deadline), func() {
			s.f.mu.Lock()
			defer s.f.mu.Unlock()
			c.Broadcast()
		})
		defer alarm.Stop()
	}
	c.Wait()
}

// rouse wakes all who wait.
func (s *Stream) rouse() {
	s.readable.Broadcast()
	s.writable.Broadcast()
}

// CloseWrite says that nothing more will be written.
func (s *Stream) CloseWrite() error {
	return s.do("close", func() { s.machine.CloseWrite() })
}

// Close ends the stream: what has been written still arrives, unless SetLinger
// says otherwise.
func (s *Stream) Close() error {
	return s.do("close", func() {
		s.closed = true
		if s.linger {
			s.machine.Close(s.f.Now())
		} else {
			s.machine.Abort()
		}
		s.rouse()
	})
}

// SetLinger with zero makes Close reset the connection, and give up what has
// not arrived. With anything else Close does not wait, and all arrives.
func (s *Stream) SetLinger(sec int) error { return s.do("set", func() { s.linger = sec != 0 }) }

// SetDeadline sets both deadlines.
func (s *Stream) SetDeadline(t time.Time) error {
	return s.do("set", func() { s.readUntil, s.sendUntil = t, t; s.rouse() })
}

// SetReadDeadline says until when Read waits; zero means for ever.
func (s *Stream) SetReadDeadline(t time.Time) error {
	return s.do("set", func() { s.readUntil = t; s.readable.Broadcast() })
}

// SetWriteDeadline says until when Write waits; zero means for ever.
func (s *Stream) SetWriteDeadline(t time.Time) error {
	return s.do("set", func() { s.sendUntil = t; s.writable.Broadcast() })
}

// do is what the owner of an open stream does to it.
func (s *Stream) do(op string, what func()) error {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.closed {
		return s.fail(op, net.ErrClosed)
	}
	what()
	s.react()
	return nil
}

// LocalAddr is the address of this end.
func (s *Stream) LocalAddr() net.Addr { return s.local }

// RemoteAddr is the address of the other end, as it is seen here.
func (s *Stream) RemoteAddr() net.Addr { return s.remote }

// fail is an error in the words of package net and of the system.
func (s *Stream) fail(op string, err error) error {
	for _, known := range [...]struct{ own, theirs error }{{tcp.ErrReset, syscall.ECONNRESET}, {tcp.ErrRefused, syscall.ECONNREFUSED},
		{tcp.ErrTimeout, syscall.ETIMEDOUT}, {tcp.ErrClosed, syscall.EPIPE}} {
		if errors.Is(err, known.own) {
			err = known.theirs
		}
	}
	return &net.OpError{Op: op, Net: "tcp", Source: s.local, Addr: s.remote, Err: err}
}

// sumOf is the sum of an address for a checksum.
func sumOf(a netip.Addr) uint64 { return tcp.Sum(a.AsSlice()) }
