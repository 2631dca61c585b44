package protocol

import (
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// A Viewer watches: it joins, fetches one segment after the other from
// neighbours, edges or providers, checks each, plays, passes it on, and pays.
type Viewer struct {
	// It fills seven cache lines, each of which begins where a paragraph does. A token that
	// is taken and passed on needs all but the last one.
	gone      bool
	phase     phase
	role      role
	depth     uint8 // viewers between it and a server
	timer     TimerID
	id        NodeID
	uploading int16  // tokens on their way to neighbours
	overrated int16  // uploads that turned out to be too many
	paid      int32  // segments
	knocks    uint16 // how often it asked to be let in, as far as edges are told apart by it
	home      uint16 // the one of edges that serves and is paid
	*seldom
	followers []subscriber  // who gets what this viewer gets
	came      time.Duration // when the token before the next one did

	player  playback
	edges   []NodeID // to turn to in this order; shared, and never changed
	linking *linking // who was asked to be a neighbour; nil: nobody who has not answered
	joined  time.Duration

	req request
	sub subscription

	payer payment.Payer

	held [swarm.Window]*token.Token // ring of what can be passed on

	table   swarm.Table
	dice    rand.PCG      // what draw goes on with
	asked   time.Duration // when the directory was last asked
	opening time.Duration // when the channel was asked for
}

// A manner is what all viewers of a kind have in common.
type manner struct {
	stream *Stream
	live   *Live
	abr    abr.Chooser
	traits Traits
}

// shared is what viewers of a kind have who need nothing of their own, the same for all
// who ask.
func (s *Stream) shared(l *Live, a abr.Chooser, t Traits) *seldom {
	m := manner{s, l, a, t}
	if s.kinds[m] == nil {
		if s.kinds == nil {
			s.kinds = map[manner]*seldom{}
		}
		s.kinds[m] = &seldom{manner: m}
	}
	return s.kinds[m]
}

// Traits are how a viewer goes wrong.
type Traits struct {
	Pollutes  bool   // it sends neighbours other bytes than the token's
	Defaults  bool   // it never pays
	Lingers   bool   // it says goodbye to one edge and goes on with the next
	Doubles   bool   // it takes from two edges by turns and shows each payment to both
	Griefs    bool   // it locks next to nothing, and promises as if it had
	Freeloads bool   // it takes and announces nothing, so that nobody asks it
	Withholds bool   // it announces and promises, and sends nothing
	Forges    bool   // it sends neighbours bytes of its own, with a header that names them
	Lies      bool   // it reports to be idle whatever it does
	NoDecoder bool   // it cannot show what is encoded in a foreign codec
	Title     uint32 // what it watches, of a catalogue
}

// A phase is what a viewer waits for.
type phase uint8

const (
	joining   phase = iota // the directory's answer
	pacing                 // room in the buffer, or the next slot
	waiting                // a neighbour to announce the token
	attending              // the token, which comes unasked
	asking                 // the holder's first word
	receiving              // the token
	gathering              // shards of the token
	unlocking              // its key
	swapping               // a token for one in the buffer
	left                   // nothing
)

// A request is for the one token that the viewer is fetching.
type request struct {
	from      NodeID
	accept    uint16 // renditions that will do, from a neighbour
	rendition uint8
	source    Source
	unpaid    bool          // an edge wants to be paid first
	tried     uint8         // edges that were asked in vain: no message names more than 255
	asked     time.Duration // first for this slot; 0: not yet
	sent      time.Duration // the last time
	began     time.Duration // of the first attempt for this rendition
	crowded   time.Duration // an edge has no room for a newcomer before
}

// NewViewer makes the viewer id of s.
func NewViewer(s *Stream, l *Live, id NodeID, a abr.Chooser, dice rand.PCG, t Traits) *Viewer {
	v := &Viewer{seldom: s.shared(l, a, t), id: id, dice: dice,
		table:  swarm.NewTable(s.Swarm.Neighbours),
		payer:  payment.NewPayer(s.Terms, payment.Account(id)),
		player: playback{last: -1}}
	if a.Measures() {
		v.player.estimate = new(abr.Estimator)
	}
	if m := newMesh(s, id); m != nil {
		v.apart().mesh = m
	}
	if w := newSwap(s); w != nil {
		v.apart().swap = w
	}
	return v
}

// draw is the viewer's random stream.
func (v *Viewer) draw() *rand.Rand { return rand.New(&v.dice) }

// Held is the token of slot seq that the viewer has shown or will show, nil if
// it has none or keeps it no more.
func (v *Viewer) Held(seq uint32) *token.Token {
	if t := v.held[seq%swarm.Window]; t != nil && t.Seq == seq {
		return t
	}
	return nil
}

// Step is the viewer's only entrance.
func (v *Viewer) Step(now time.Duration, in *Input, out *Output) {
	if v.gone {
		return
	}
	switch in.Kind {
	case Start:
		v.joined = now
		v.greet(now, out)
		v.apply(now, out)
		v.arm(now+2*v.stream.Swarm.Silence, out)
	case Wake:
		if in.Timer == v.timer {
			v.wake(now, in, out)
			v.wander(now, out)
		}
	case Deliver:
		v.hear(now, in, out)
		v.wander(now, out)
	case Sent:
		v.uploaded(in, out)
	case Jump:
		v.jump(now, in.Seq, out)
	case Confirm:
		v.confirm(now, in.Receipt, out)
	case Stop:
		v.leave(now, out)
	}
}

// arm sets the one timer that counts.
func (v *Viewer) arm(at time.Duration, out *Output) {
	v.timer++
	out.Timers = append(out.Timers, Timer{At: at, ID: v.timer, Only: true})
}

func (v *Viewer) wake(now time.Duration, in *Input, out *Output) {
	switch v.phase {
	case joining: // the answer is lost
		v.greet(now, out)
		v.arm(now+2*v.stream.Swarm.Silence, out)
	case pacing:
		v.plan(now, out)
	case waiting:
		v.askEdge(now, out)
	case attending:
		v.lacks(now, in, out)
	case asking:
		v.silent(now, out)
	case receiving: // the timer was set for the first word; the token may take longer
		v.late(now, in, out)
	case gathering:
		v.hedge(now, out)
	case unlocking:
		v.locked(now, false, out)
	case swapping:
		v.tooLate(now, out)
	}
}

func (v *Viewer) hear(now time.Duration, in *Input, out *Output) {
	switch m := in.Msg; m.Kind {
	case Welcome:
		if v.invites(in.From) && len(m.Welcome.Edges) > 0 {
			v.welcome(now, m.Welcome, out)
		}
	case Link, Linked, Full, Bye:
		v.neighbour(now, in.From, m.Kind, out)
	case Have:
		if v.stream.Swarm.Selection.Reports() {
			v.table.Score(uint32(in.From), swarm.Load(m.Busy))
		}
		if m.Seq <= v.stream.At(now)+1 && v.table.Mark(uint32(in.From), m.Seq, m.Rendition) && v.phase == waiting && m.Seq == v.player.next {
			v.askPeer(now, out)
		}
		v.lookAhead(now, out)
	case Find, Found, Store:
		if v.mesh != nil {
			v.mesh.hear(now, v.stream, v.id, in, out)
		}
	case Meet:
		v.introduce(in.From, out)
	case Known:
		v.met(now, in.From, m, out)
	case Load:
		v.told(now, in.From, m, out)
	case Want:
		if m.Shard == Onward {
			v.admit(now, in.From, m, out)
			return
		}
		v.want(in.From, m, out)
	case Drop:
		if m.Shard == Onward {
			v.unfollow(in.From)
		}
		out.cancel(in.From, uploadID(in.From, m.Seq))
	case Key:
		if slices.Contains(v.edges, in.From) {
			v.keyed(now, m, out)
		}
	case Agree:
		v.agreed(now, in.From, m, out)
	case Right:
		v.licensed(now, in.From, m, out)
	case Warn:
		v.warned(now, m, out)
	case Take, Deny, Part, Give:
		v.answer(now, in, out)
	}
}

func (v *Viewer) welcome(now time.Duration, w *Invitation, out *Output) {
	for _, p := range w.Peers {
		if v.stream.Swarm.Neighbours > 0 && !v.table.Full() && p != v.id && !v.shuns(p) {
			v.link(now, p, out)
		}
	}
	if v.phase != joining {
		return
	}
	v.edges = w.Edges
	v.chooseEdges(now, out)
	v.opening = now
	v.open(out)
	if c := v.stream.Vault; c != nil {
		v.player.next = v.traits.Title * c.Slots
	} else {
		v.player.next = v.stream.Entry(v.stream.At(now - v.live.Delay))
	}
	v.plan(now, out)
}

func (v *Viewer) neighbour(now time.Duration, from NodeID, k MsgKind, out *Output) {
	v.linked(from)
	switch k {
	case Link:
		answer := Message{Kind: Full}
		if !v.shuns(from) && v.table.Add(uint32(from)) {
			answer.Kind = Linked
		}
		out.send(from, answer)
		if answer.Kind == Linked {
			v.expect(now, from)
			v.tell(from, out)
		}
	case Linked:
		if !v.shuns(from) && v.table.Add(uint32(from)) {
			v.expect(now, from)
			v.tell(from, out)
		} else {
			out.send(from, Message{Kind: Bye})
		}
	case Bye:
		v.forget(now, from, out)
		if v.phase == attending && !v.sub.on && !v.sub.asking {
			v.plan(now, out)
		}
		if (v.phase == asking || v.phase == receiving) && v.req.source == FromPeer && v.req.from == from {
			v.askEdge(now, out)
		}
		if v.phase == swapping && v.swap.from == from {
			v.keepAsIs(now, out)
		}
	}
}

// tell announces everything held to a new neighbour, oldest first.
func (v *Viewer) tell(to NodeID, out *Output) {
	for k := range uint32(2 * swarm.Window) {
		seq := v.player.next - swarm.Window + k // wraps below slot 0, where nothing is held
		if t := v.Held(seq); t != nil && !v.traits.Freeloads {
			out.send(to, v.have(t))
		}
	}
}

// have announces a token, and how much the viewer has to do if others go by
// that.
func (v *Viewer) have(t *token.Token) Message {
	m := Message{Kind: Have, Seq: t.Seq, Rendition: t.Rendition}
	if v.stream.Swarm.Selection.Reports() && !v.traits.Lies {
		m.Busy = uint8(min(v.uploading, 255))
	}
	return m
}

// forget drops a neighbour and, when few are left, looks for more.
func (v *Viewer) forget(now time.Duration, id NodeID, out *Output) {
	v.table.Remove(uint32(id))
	v.abandonEarly(id)
	v.abandoned(id)
	if 2*v.table.Len() < v.stream.Swarm.Neighbours && now-v.asked > 5*v.stream.Swarm.Silence {
		v.lonely(now, out)
	}
}

func (v *Viewer) leave(now time.Duration, out *Output) {
	if since, yes := v.player.StalledSince(now); yes {
		out.fact(standing(v.player.Sought()), 0, Fact{Span: now - since})
	}
	if v.phase == asking || v.phase == receiving {
		out.send(v.req.from, v.about(Drop))
	}
	v.clear(now, out)
	for i := range v.early {
		v.discard(&v.early[i], out)
	}
	v.unsubscribe(out)
	bye := Message{Kind: Bye}
	v.tellDirectory(bye, out)
	for i := range v.table.Len() {
		out.send(NodeID(v.table.At(i)), bye)
	}
	if len(v.edges) > 0 {
		v.settle(v.payer.Rest(now), out)
		v.pledge(now, v.payer.Part(), out)
		v.transfer(v.edges[v.home], true, out)
	}
	v.gone, v.phase = true, left
}

// open asks the chain for a channel, if one is needed.
func (v *Viewer) open(out *Output) {
	if v.traits.Defaults {
		return
	}
	if tx, needed := v.payer.Open(); needed {
		if v.traits.Griefs {
			tx = v.stream.Terms.Skimp(tx)
		}
		out.Txs = append(out.Txs, tx)
		v.promised(out)
	}
	v.pledge(v.opening, v.payer.Pledge(), out)
}

// confirm hears what became of the viewer's transaction.
func (v *Viewer) confirm(now time.Duration, r *payment.Receipt, out *Output) {
	was := v.payer.State()
	if tx, again := v.payer.Confirm(r); again {
		out.Txs = append(out.Txs, tx)
	} else if was != payment.Live && v.payer.State() == payment.Live && !v.stream.Terms.Needs().Virtual {
		out.fact(Opened, 1, Fact{Span: now - v.opening})
	}
}

// pay pays for one more segment, if the method has it do so now.
func (v *Viewer) pay(now time.Duration, seq uint32, out *Output) {
	if v.traits.Defaults {
		return
	}
	v.insist(now, out)
	if v.traits.Doubles {
		v.double(now, seq, out)
		return
	}
	v.payer.Turn(payment.Account(v.edges[v.home]))
	do := v.payer.Pay(now, v.stream.Price(seq))
	v.settle(do, out)
	if do.Tell {
		v.transfer(v.edges[v.home], false, out)
	}
	v.linger(out)
}

// settle does what paying takes, except to tell of it.
func (v *Viewer) settle(do payment.Deed, out *Output) {
	if do.Tx != nil {
		out.Txs = append(out.Txs, *do.Tx)
	}
	if do.Tell || do.Tx != nil {
		out.CPU += v.stream.CPU.paying(do.Work)
		v.promised(out)
	}
}

func (v *Viewer) promised(out *Output) {
	if n := v.payer.Promised(); n > 0 {
		out.fact(Promised, int64(n), Fact{})
	}
}

// remind pays what is due to an edge that refuses to serve before, and tells it
// the newest payment, which it may not have seen.
func (v *Viewer) remind(now time.Duration, to NodeID, out *Output) {
	v.payer.Turn(payment.Account(to))
	v.insist(now, out)
	v.settle(v.payer.Rest(now), out)
	v.transfer(to, false, out)
}

// transfer sends an edge the newest payment, if there is one.
func (v *Viewer) transfer(to NodeID, last bool, out *Output) {
	if p := v.payer.VoucherFor(payment.Account(to)); p.Amount > 0 {
		out.send(to, Message{Kind: Pay, Payer: payment.Account(v.id), Voucher: p, Last: last})
	}
}
