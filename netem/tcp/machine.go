package tcp

import (
	"bytes"
	"errors"
	"io"
	"time"
)

// Never is the time of what does not happen.
const Never = time.Duration(1<<63 - 1)

// How a connection ends before both sides have closed it.
var (
	ErrRefused = errors.New("tcp: connection refused")
	ErrReset   = errors.New("tcp: connection reset by peer")
	ErrTimeout = errors.New("tcp: connection timed out")
	ErrClosed  = errors.New("tcp: connection closed")
)

// Config is what one side brings along.
type Config struct {
	MSS     int // most bytes of data in a segment: MTU without headers of IP and TCP
	Receive int // most bytes that wait for the reader, and so the largest window
	Send    int // most bytes that wait to be sent or acknowledged
}

// A State is one of RFC 9293, 3.3.2, but LISTEN, which needs no Machine.
type State uint8

// The states.
const (
	Closed State = iota
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

var stateNames = [...]string{"closed", "syn-sent", "syn-received", "established", "fin-wait-1", "fin-wait-2", "close-wait", "closing", "last-ack", "time-wait"}

// String is the name of the state.
func (s State) String() string { return stateNames[s] }

// Constants of time and patience.
const (
	delayedAck = 40 * time.Millisecond
	quiet      = 500 * time.Millisecond // between answers to what does not belong here
	lingers    = time.Minute            // twice the longest life of a segment
	mostTries  = 15                     // times out in a row that a connection survives
	synTries   = 6                      // the same of one that is not there yet
	defaultMSS = 536                    // of who does not say: RFC 9293, 3.7.1
)

// A Machine is one end of a connection. All of its methods are called by one
// at a time, with a clock that does not go backwards; after any of them Flush
// hands out what is to be sent, and Next is when Tick must be called.
type Machine struct {
	cfg    Config
	state  State
	err    error // why it ended
	answer Segment
	resets bool // answer is to be sent

	// sending
	iss      Seq
	una, nxt Seq          // not acknowledged, not sent
	out      bytes.Buffer // from una on, without SYN
	closing  bool         // FIN follows what is in out
	finSent  bool
	window   int // of the peer, from una on
	largest  int // of its windows
	wl1, wl2 Seq // the segment that the window was taken from
	scale    int // of its windows
	mss      int // of segments to it
	sack     bool
	line     line
	rack     rack
	rtt      rtt
	cubic    cubic

	cutting   bool // the window has been cut for a loss, until recovered is acknowledged
	recovered Seq
	reduction reduction
	probing   bool // the tail was probed, until it is known what came of it
	again     bool // by the last segment once more
	tail      Seq  // what was sent, with the probe
	extra     bool // one segment may be sent beyond the congestion window

	// timers; Never: not set
	resendAt time.Duration // timeout, or probe
	probe    bool          // what resendAt is
	reorder  time.Duration // when RACK looks again
	persist  time.Duration // when a closed window is probed
	ackAt    time.Duration
	dieAt    time.Duration // TIME-WAIT, and FIN-WAIT-2 of who does not read
	tries    int           // timeouts since something was heard
	probes   int           // of a closed window
	lastSent time.Duration
	answered time.Duration // when something strange was answered last

	receiver
	ackNow bool
	knock  bool // a closed window is to be probed
}

func newMachine(cfg Config, iss Seq) *Machine {
	m := &Machine{cfg: cfg, iss: iss, una: iss, nxt: iss, mss: min(cfg.MSS, defaultMSS), answered: -quiet,
		resendAt: Never, reorder: Never, persist: Never, ackAt: Never, dieAt: Never}
	m.rtt.timeout = initialTimeout
	m.cubic.init(m.mss, iss.Plus(1))
	m.receiver.shift = shiftFor(cfg.Receive)
	return m
}

// Open begins a connection: a SYN with the sequence number iss goes out.
func Open(cfg Config, iss Seq) *Machine {
	m := newMachine(cfg, iss)
	m.state = SynSent
	m.greet()
	return m
}

// Accept is the other side's answer to a SYN.
func Accept(cfg Config, iss Seq, syn *Segment) *Machine {
	m := newMachine(cfg, iss)
	m.state = SynReceived
	m.meet(syn)
	m.greet()
	return m
}

// greet queues the SYN.
func (m *Machine) greet() {
	m.line.add(shot{seq: m.iss, size: 1, syn: true, lost: true})
	m.nxt = m.iss.Plus(1)
}

// meet learns from the peer's SYN.
func (m *Machine) meet(syn *Segment) {
	o := &syn.Options
	mss := defaultMSS
	if o.MSS > 0 {
		mss = max(int(o.MSS), 64)
	}
	m.mss = min(m.cfg.MSS, mss)
	m.cubic.init(m.mss, m.iss.Plus(1))
	m.sack = o.SACK
	if o.Scale > 0 {
		m.scale = int(o.Scale - 1)
	} else {
		m.receiver.shift = 0
	}
	m.begin(syn.Seq.Plus(1), m.cfg.Receive)
	m.window, m.largest = int(syn.Window), int(syn.Window)
	m.wl1, m.wl2 = syn.Seq, syn.Ack
}

// State is where the connection stands.
func (m *Machine) State() State { return m.state }

// Opened says whether the handshake is over.
func (m *Machine) Opened() bool { return m.state >= Established || m.state == Closed && m.una != m.iss }

// Err is why the connection ended early, or nil.
func (m *Machine) Err() error { return m.err }

// Readable says whether Read would not return zero bytes and no error.
func (m *Machine) Readable() bool { return m.in.Len() > 0 || m.ended || m.state == Closed }

// Read takes bytes that have arrived, at most as many as b holds; io.EOF says
// that there will be no more, and zero that there are none yet.
func (m *Machine) Read(b []byte) (int, error) {
	if n, _ := m.in.Read(b); n > 0 || len(b) == 0 {
		m.ackNow = m.ackNow || m.gained(m.mss) && m.state >= Established && m.state != TimeWait
		return n, nil
	}
	switch {
	case m.err != nil:
		return 0, m.err
	case m.ended || m.state == Closed:
		return 0, io.EOF
	}
	return 0, nil
}

// Room is how many bytes Write takes now: as much again as could be under way
// when the congestion window was largest, but no more than the Config says. As
// in Linux, what could wait once may wait ever after: what was selectively
// acknowledged beyond a loss waits too.
func (m *Machine) Room() int {
	if m.closing || m.state == Closed {
		return 0
	}
	return max(0, min(m.cfg.Send, 2*max(m.cubic.highest, initialWindow*m.mss))-m.out.Len())
}

// Writable says whether it is worth calling Write: there is room for some
// segments, or it would fail.
func (m *Machine) Writable() bool {
	return m.Room() >= min(2*m.mss, m.cfg.Send/2) || m.state == Closed || m.closing
}

// Write queues bytes to be sent, as many as there is Room for.
func (m *Machine) Write(b []byte) (int, error) {
	switch {
	case m.err != nil:
		return 0, m.err
	case m.closing || m.state == Closed:
		return 0, ErrClosed
	}
	n := min(len(b), m.Room())
	m.out.Write(b[:n])
	return n, nil
}

// CloseWrite says that nothing more will be written: FIN follows the rest.
func (m *Machine) CloseWrite() {
	if m.closing || m.state == Closed {
		return
	}
	m.closing = true
	switch m.state {
	case SynSent:
		m.end(ErrClosed)
	case SynReceived, Established:
		m.state = FinWait1
	case CloseWait:
		m.state = LastAck
	}
}

// Close is CloseWrite by one who will not read either: what is still to be read
// is lost, and the peer is told so by a reset, as for what comes later.
func (m *Machine) Close(now time.Duration) {
	m.deaf = true
	if m.in.Len() > 0 {
		m.Abort()
		return
	}
	m.CloseWrite()
	if m.state == FinWait2 {
		m.dieAt = now + lingers
	}
}

// Abort ends the connection at once, and the peer's by a reset.
func (m *Machine) Abort() {
	if m.state > SynSent && m.state != TimeWait {
		m.reset(Segment{Seq: m.nxt, Ack: m.rcv, Flags: RST | ACK})
	}
	m.end(ErrClosed)
}

// reset queues an answer that is a reset.
func (m *Machine) reset(answer Segment) { m.answer, m.resets = answer, true }

// end stops everything.
func (m *Machine) end(why error) {
	m.state, m.err = Closed, why
	m.line, m.ackNow, m.knock = line{}, false, false
	m.out = bytes.Buffer{}
	m.resendAt, m.reorder, m.persist, m.ackAt, m.dieAt = Never, Never, Never, Never, Never
}

// Next is when Tick wants to be called, or Never.
func (m *Machine) Next() time.Duration {
	return min(m.resendAt, m.reorder, m.persist, m.ackAt, m.dieAt)
}

// Tick lets happen what is due by now.
func (m *Machine) Tick(now time.Duration) {
	if now >= m.dieAt {
		m.end(nil)
		return
	}
	if now >= m.ackAt {
		m.ackNow = true
	}
	if now >= m.persist {
		m.persist, m.knock = Never, true
		m.tries++
	}
	if now >= m.reorder {
		m.reorder = Never
		m.detect(now)
	}
	if now >= m.resendAt {
		m.resendAt = Never
		if m.probe {
			m.probeTail(now)
		} else {
			m.expire(now)
		}
	}
	if m.tries > mostTries {
		m.end(ErrTimeout)
	}
}
