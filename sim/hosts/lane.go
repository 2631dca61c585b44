package hosts

import (
	"bufio"
	"context"
	"io"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/sim"
)

// Names of the two lanes among the protocols of libp2p.
const (
	controlID = "/kscope/control/1"
	bulkID    = "/kscope/bulk/1"
)

// A record is a control message that has not arrived yet.
type record struct {
	frame   []byte
	size    unit.Size
	traffic netem.Traffic
	at      time.Duration // when it left
}

// A lane takes control messages from one node to another, in order, over one
// stream. When the stream breaks, the message at hand is tried on a new one; a
// peer that cannot be reached costs all that wait. It has a goroutine only while
// there is something to write.
type lane struct {
	net         *carrier
	dialer      *dialer
	from, to    int32
	peer        *identity
	ctx         context.Context
	stop        context.CancelFunc
	outstanding []record       // the loop's: what has been put and has not arrived
	stream      network.Stream // of the goroutine that writes; nil: none yet, or broken

	mu       sync.Mutex
	queue    [][]byte
	writes   bool // there is a goroutine
	finished bool
}

func newLane(n *carrier, from, to int32) *lane {
	l := &lane{net: n, dialer: n.nodes[from].dialer, from: from, to: to, peer: &n.nodes[to].identity}
	l.ctx, l.stop = context.WithCancel(context.Background())
	return l
}

// put queues a frame.
func (l *lane) put(frame []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, frame)
	l.begin()
}

// finish lets the lane end when its queue is empty.
func (l *lane) finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finished = true
	l.begin()
}

// begin makes sure that somebody writes.
func (l *lane) begin() {
	if !l.writes {
		l.writes = true
		l.net.hosts.Go(l.write)
	}
}

// take gives out the next frame. When there is none nobody writes any more, and
// last says that there will be none.
func (l *lane) take() (frame []byte, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.queue, l.writes = nil, l.finished
		return nil, l.finished
	}
	frame = l.queue[0]
	l.queue[0] = nil
	l.queue = l.queue[1:]
	return frame, false
}

// write is the lane's goroutine.
func (l *lane) write() {
	for {
		frame, last := l.take()
		if last && l.stream != nil {
			l.stream.Close()
		}
		if frame == nil {
			return
		}
		if l.stream != nil {
			if _, err := l.stream.Write(frame); err == nil {
				continue
			}
			l.stream.Reset()
		}
		if l.stream = l.open(frame); l.stream == nil {
			l.mu.Lock()
			l.queue = nil
			l.mu.Unlock()
			l.net.post(event{news: sim.Lost, from: l.from, to: l.to, ended: true})
		}
	}
}

// open writes a frame to a new stream, or returns nil.
func (l *lane) open(frame []byte) network.Stream {
	s, err := l.dialer.stream(l.ctx, l.peer, controlID)
	if err != nil {
		return nil
	}
	if _, err := s.Write(frame); err != nil {
		s.Reset()
		return nil
	}
	return s
}

// A bulk is a message on a stream of its own.
type bulk struct {
	net       *carrier
	dialer    *dialer
	flow      netem.FlowID
	id        uint64 // the loop's
	from, to  int32
	peer      *identity
	size      unit.Size
	traffic   netem.Traffic
	begun     time.Duration
	length    int // of the frame
	ctx       context.Context
	stop      context.CancelFunc
	left      bool // the loop's: written whole
	cancelled bool // the loop's

	mu     sync.Mutex
	stream network.Stream
}

func newBulk(n *carrier, flow netem.FlowID, l *sim.Letter) *bulk {
	b := &bulk{net: n, dialer: n.nodes[l.From].dialer, flow: flow, id: l.ID, from: l.From, to: l.To,
		peer: &n.nodes[l.To].identity, size: l.Size, traffic: l.Traffic}
	b.ctx, b.stop = context.WithCancel(context.Background())
	return b
}

func (b *bulk) begin(frame []byte) {
	b.length, b.begun = len(frame), b.net.now
	b.net.hosts.Go(func() { b.send(frame) })
}

// cancel gives the message up. The loop calls it.
func (b *bulk) cancel() {
	b.cancelled = true
	b.stop()
	b.mu.Lock()
	s := b.stream
	b.mu.Unlock()
	if s != nil {
		s.Reset()
	}
}

// send is the message's goroutine: it opens the stream, writes, says that the
// message has left, and waits until the receiver has closed.
func (b *bulk) send(frame []byte) {
	defer b.stop()
	written := 0
	ended := func() {
		b.net.post(event{news: sim.Lost, from: b.from, to: b.to, bulk: b, ended: true, size: written})
	}
	defer ended()
	s, err := b.dialer.stream(b.ctx, b.peer, bulkID)
	if err != nil {
		return
	}
	b.mu.Lock()
	b.stream = s
	b.mu.Unlock()
	if b.ctx.Err() != nil {
		s.Reset()
		return
	}
	written, err = s.Write(frame)
	if err == nil {
		err = s.CloseWrite()
	}
	if err != nil {
		s.Reset()
		return
	}
	b.net.post(event{news: sim.Left, from: b.from, to: b.to, bulk: b})
	b.net.buffers.give(frame)
	frame = nil
	io.Copy(io.Discard, s)
	s.Close()
}

// hear reads what comes to a node on one of the lanes.
func (n *carrier) hear(to int32, bulk bool) network.StreamHandler {
	limit, take := maxControl, func(n int) []byte { return make([]byte, n) }
	if bulk {
		limit, take = maxBulk, n.buffers.take
	}
	return func(s network.Stream) {
		from, known := n.numbers[s.Conn().RemotePeer()]
		if !known {
			s.Reset()
			return
		}
		var in io.Reader = s
		var under *reading
		if bulk {
			under = &reading{from: s}
			in = under
			defer n.open(pair{from, to}, under)()
		}
		relayed := overRelay(s.Conn().RemoteMultiaddr())
		r := bufio.NewReaderSize(in, 1<<10)
		for {
			if _, err := r.Peek(1); err != nil {
				s.Close()
				return
			}
			begun := time.Now()
			if bulk {
				n.size(under, r)
			}
			frame, err := readFrame(r, limit, take)
			if err != nil && err != errFrame {
				s.Reset()
				return
			}
			e := event{news: sim.Came, from: from, to: to, size: len(frame), took: time.Since(begun), relayed: relayed}
			if err == nil {
				m, bad := parse(frame, bulk)
				e.msg, e.frame, err = &m, frame, bad
			}
			if err != nil {
				n.post(event{news: sim.Came, from: from, to: to})
				s.Reset()
				return
			}
			n.post(e)
		}
	}
}
