package protocol

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/cache"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// An Edge gathers tokens from providers (or gets them whole from the
// publisher), keeps the newest ones, and sends them to viewers who pay. Many
// viewers who want the same token cause one gathering.
type Edge struct {
	stream   *Stream
	id       NodeID
	slots    []entry            // ring: keepSlots x renditions
	cache    cache.Cache        // instead of the ring, if it is not nil
	kept     map[uint64]*entry  // by tokenKey, with a cache: what it keeps, and what is on its way; looked up, never walked
	timed    map[TimerID]*entry // those on their way, with a cache; looked up, never walked
	suspects suspects
	censor   Censor
	guests   guestBook
	anchored []uint64 // bit a: the chain has confirmed account a's channel
	warnings bulletin
	door     door
	mesh     *mesh  // its part of the hash table; nil if there is none
	gauge    *gauge // nil if nobody goes by what it reports
	pulse    pulse
	idle     []NodeID // room for the next list of who waits
	busy     int      // guests that wait for a token, or are being sent one
	keyring  keyring
	till     *payment.Till
	shown    payment.Voucher // the payment that is looked at
	timers   TimerID
	readings map[TimerID]NodeID // of licences, by when a node's answer is due; looked up, never walked
	sends    SendID
	nothing  unusual       // what guests share who need nothing of it
	lease    time.Duration // until when it counts what guests pay
	renews   time.Duration // when it asks for more
}

// A guest is a viewer as this edge knows it. It has one request at a time.
type guest struct {
	payment.Tab
	send    SendID   // served: the sending
	due     unit.Wei // served: for what is being sent
	heard   uint32   // when it last asked or paid, in ms
	bids    uint32   // when to ask the publisher again for the turn to count, unless it has it, in ms
	seq     uint32
	follows uint32 // the slot that it gets next by its subscription

	state     guestState
	rendition uint8
	most      uint8 // the rendition to which it subscribes
	admitted  bool
	onward    bool // it subscribes
	listed    bool // it is in the list of those who do

	*unusual
}

// What few guests need, and of some streams all, is the edge's, and empty, until one calls
// apart: nobody writes there before.
type unusual struct {
	licensed time.Duration // until when it is served without another look at the chain
	reading  *reading      // of its licence, while the answer is under way
	waits    uint64        // tokenKey plus one of the key that it waits for
	since    uint32        // admitted: the slot at which it was
	informed uint32        // warnings before this slot were sent
	unlocked uint32        // the newest slot whose key it was granted, plus one
}

// apart is what few guests need, as the guest's own.
func (e *Edge) apart(g *guest) *unusual {
	if g.unusual == &e.nothing {
		g.unusual = new(unusual)
	}
	return g.unusual
}

type guestState uint8

const (
	quiet  guestState = iota
	parked            // its request waits for the token
	served            // the token is being sent
)

// NewEdge makes the edge id of s.
func NewEdge(s *Stream, id NodeID) *Edge {
	e := &Edge{stream: s, id: id, slots: make([]entry, keepSlots*len(s.Rates)),
		till: payment.NewTill(s.Terms, payment.Account(id))}
	if p := s.Service.Cache; p != "" && p != cache.Ring {
		e.cache, e.slots = cache.New(p, int(s.Service.Capacity)), nil
		e.kept, e.timed = map[uint64]*entry{}, map[TimerID]*entry{}
	}
	e.mesh = newMesh(s, id)
	if s.Swarm.Selection.Reports() {
		e.gauge = &gauge{sizes: map[SendID]int{}}
	}
	return e
}

// Size is what the tokens take that the edge keeps.
func (e *Edge) Size() (n unit.Size) {
	if e.cache != nil {
		return unit.Size(e.cache.Size())
	}
	for i := range e.slots {
		if s := &e.slots[i]; s.state == here {
			n += unit.Size(s.token.Payload.Len())
		}
	}
	return n
}

// Step serves viewers, gathers what they ask for and takes their payments.
func (e *Edge) Step(now time.Duration, in *Input, out *Output) {
	if e.gauge != nil {
		e.gauge.look(now, e.stream.Swarm.Sense, e.stream.Service.Up)
	}
	switch in.Kind {
	case Deliver:
		e.hear(now, in, out)
	case Wake:
		e.wake(now, in.Timer, out)
	case Sent:
		e.sent(now, in, out)
	case Confirm:
		e.confirm(now, in.Receipt, out)
	case Stop:
		e.report(out)
	}
}

func (e *Edge) hear(now time.Duration, in *Input, out *Output) {
	m := in.Msg
	switch m.Kind {
	case Hello:
		e.welcome(in.From, out)
	case Find, Found, Store:
		if e.mesh != nil {
			e.mesh.hear(now, e.stream, e.id, in, out)
		}
	case Want:
		if m.Shard == Onward {
			e.subscribe(now, in.From, m, out)
			return
		}
		if !e.censor.refuses(e.stream, in.From, m, out) {
			e.want(now, in.From, m, out)
		}
	case Drop:
		e.drop(in.From, m, out)
	case Pay:
		e.pay(now, in.From, m, out)
	case Warn:
		e.warned(now, in.From, m, out)
	case Unlock:
		e.unlock(now, in.From, m, out)
	case Key:
		e.keyed(now, in.From, m, out)
	case Give:
		e.arrive(in.From, m, out)
	case Take, Deny, Part:
		e.part(now, in.From, m, out)
	case Agree:
		e.agreed(in.From, m)
	case Turn:
		e.turned(now, in.From, m, out)
	case Lease:
		e.leased(in.From, m)
	case Right:
		e.examine(now, in.From, m, out)
	case Probe:
		e.probed(in.From, out)
	case Moved:
		e.moved(now, in.From, m)
	}
}

func (e *Edge) want(now time.Duration, from NodeID, m *Message, out *Output) {
	n := e.at(now, m.Seq, m.Rendition)
	answer := Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Whole, Reason: NotHere}
	if n == nil {
		out.send(from, answer)
		return
	}
	if g := e.guests.of(payment.Account(from)); (g == nil || !g.admitted) && e.full(now) { // before the publisher gives this edge the turn to count
		if g != nil {
			e.release(g, from, out)
		}
		e.turnAway(now, from, answer, out)
		return
	}
	g := e.guest(now, payment.Account(from))
	e.meet(now, g, payment.Account(from), out)
	e.release(g, from, out)
	e.inform(g, from, m.Seq, out)
	if e.warnings.barred(m.Seq, m.Rendition) {
		out.send(from, answer)
		return
	}
	if e.licensed(now, g, from, m, out) {
		e.serve(now, g, n, from, m, out)
	}
}

// serve takes a request of a guest that may watch, or denies it.
func (e *Edge) serve(now time.Duration, g *guest, n *entry, from NodeID, m *Message, out *Output) {
	answer := Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Whole, Reason: NotHere}
	if e.owes(now, g, e.stream.Price(m.Seq), out) {
		answer.Reason = Unpaid
		out.send(from, answer)
		out.fact(Denied, 1, Fact{Node: from, Seq: m.Seq})
		if e.stream.Terms.Needs().Virtual && !g.Anchored {
			out.send(e.stream.Publisher, Message{Kind: Agree, Payer: payment.Account(from)})
		}
		return
	}
	if !e.admits(now, g) {
		e.turnAway(now, from, answer, out)
		return
	}
	if n.state != here && e.stream.Coder == nil && now > e.stream.End(m.Seq)+pushGrace {
		out.send(from, answer) // the publisher's copy is lost
		return
	}
	if answer.Kind = Take; m.Shard != Onward {
		out.send(from, answer)
	}
	e.turn(g, parked)
	g.seq, g.rendition = m.Seq, m.Rendition
	if n.state == coming && now > n.gather.began+staleGather*e.stream.Swarm.Hedge {
		n.state = absent // the edge was dark meanwhile, and its timer is gone
	}
	e.looked(n, out)
	switch n.state {
	case here:
		e.give(g, from, n.token, out)
		return
	case absent:
		n.state = expected
		e.hold(n)
		if e.stream.Coder != nil {
			n.state, n.gather = coming, new(gather)
			n.gather.begin(now, e.stream, e.id, &e.suspects, m.Seq, m.Rendition, n.keepers, out)
			e.arm(now, n, out)
		}
	}
	e.await(n, from)
}

// pushGrace is how late the publisher's copy of a token may be.
const pushGrace = 3 * time.Second

// staleGather is after how many hedges a gathering must have ended.
const staleGather = 2 * maxVain

// give sends a token to a guest that asked for it.
func (e *Edge) give(g *guest, to NodeID, t *token.Token, out *Output) {
	e.sends++
	e.turn(g, served)
	g.send, g.due = e.sends, e.stream.Due(&t.Header)
	if e.gauge != nil {
		e.gauge.begins(g.send, t.Payload.Len())
	}
	out.bulk(to, g.send, Message{Kind: Give, Seq: t.Seq, Rendition: t.Rendition, Token: t})
	out.fact(Served, int64(t.Size), Fact{Node: to, Seq: t.Seq, Rendition: t.Rendition})
}

// sent writes the price of what has left on the guest's tab.
func (e *Edge) sent(now time.Duration, in *Input, out *Output) {
	if e.gauge != nil {
		e.gauge.left(in.Send, in.OK)
	}
	g := e.guests.of(payment.Account(in.From))
	switch {
	case in.OK && e.stream.Tokens.Sealed: // the key is what is paid for
	case in.OK:
		g.Served += g.due
	default:
		g.Broke(e.stream.Terms, g.due)
	}
	if g.state == served && g.send == in.Send {
		e.turn(g, quiet)
		e.next(now, g, in, out)
	}
}

// turn changes what a guest waits for.
func (e *Edge) turn(g *guest, to guestState) {
	if g.state == quiet {
		e.busy++
	}
	if g.state = to; to == quiet {
		e.busy--
	}
}

// release ends a guest's request.
func (e *Edge) release(g *guest, from NodeID, out *Output) {
	switch g.state {
	case parked:
		if n := e.find(g.seq, g.rendition); n != nil {
			n.waiters = slices.DeleteFunc(n.waiters, func(w NodeID) bool { return w == from })
		}
	case served:
		out.cancel(from, g.send)
	}
	if g.reading != nil {
		g.reading.waits = false
	}
	e.turn(g, quiet)
}

func (e *Edge) drop(from NodeID, m *Message, out *Output) {
	if g := e.guests.of(payment.Account(from)); g != nil && g.seq == m.Seq && g.rendition == m.Rendition {
		e.release(g, from, out)
	}
	if m.Shard == Onward {
		e.unsubscribe(payment.Account(from))
	}
}

// ---- payment

func (e *Edge) guest(now time.Duration, a payment.Account) *guest {
	g := e.guests.of(a)
	if g == nil {
		g = e.guests.add(a)
		g.Tab, g.unusual = e.stream.Terms.NewTab(now, payment.Account(e.id), e.isAnchored(a)), &e.nothing
	}
	g.heard = ms(now)
	return g
}

// pay books a payment and, from a viewer that leaves, hands it to the publisher.
func (e *Edge) pay(now time.Duration, from NodeID, m *Message, out *Output) {
	if from == e.stream.Publisher && m.Last {
		e.parted(m, out)
		return
	}
	if NodeID(m.Payer) != from {
		return
	}
	s, g := e.stream, e.guest(now, m.Payer)
	e.meet(now, g, m.Payer, out)
	e.renew(now, out)
	t := &g.Tab
	t.Trust(e.lease, e.stream.Terms)
	out.CPU += s.CPU.paying(s.Terms.CheckWork())
	v := &e.shown
	*v = *m.Voucher
	v.To = t.Self
	if err := t.Take(now, s.Terms, m.Payer, v, s.Price(s.At(now))); err == nil {
		out.fact(Accepted, int64(v.Amount), Fact{Node: from})
		if t.Wins {
			e.forward(m.Payer, t, false, out)
		}
	}
	t.Ended = t.Ended || m.Last
	if m.Last && t.Best.Amount > 0 && t.Best.Equal(v) {
		e.forward(m.Payer, t, true, out)
		out.Txs = e.till.Cash(m.Payer, t.Best, out.Txs)
	}
}

func (e *Edge) forward(a payment.Account, t *payment.Tab, last bool, out *Output) {
	out.send(e.stream.Publisher, Message{Kind: Pay, Payer: a, Voucher: &t.Best, Last: last})
}

// report hands every payment to the publisher at the end of the stream, and
// redeems those that are to the edge itself.
func (e *Edge) report(out *Output) {
	for _, a := range e.guests.accounts {
		if t := &e.guests.of(a).Tab; t.Best.Amount > 0 {
			e.forward(a, t, false, out)
			out.Txs = e.till.Cash(a, t.Best, out.Txs)
		}
	}
	out.Txs = e.till.Finish(out.Txs)
}

// confirm hears what the chain says of a payer, as everybody can.
func (e *Edge) confirm(now time.Duration, r *payment.Receipt, out *Output) {
	if r.From == payment.Account(e.id) {
		out.Txs = e.till.Confirm(r, out.Txs)
		return
	}
	if !r.OK || e.stream.Terms.Needs().Virtual { // the publisher says so
		return
	}
	if r.From == payment.Account(e.stream.Publisher) {
		e.closed(r.Payer)
		return
	}
	if r.Kind != payment.Pay && !e.stream.Terms.Opens(r) {
		return
	}
	e.anchor(r.Payer, !r.Reorged)
	g := e.guests.of(r.Payer)
	if g == nil && r.Kind == payment.Pay { // it will come, and has paid
		g = e.guest(now, r.Payer)
	}
	if g == nil {
		return
	}
	had := g.Paid
	g.Trust(e.lease, e.stream.Terms)
	if g.Watch(now, e.stream.Terms, r); g.Paid > had {
		out.fact(Accepted, int64(r.Amount), Fact{Node: NodeID(r.Payer)})
	}
}

func (e *Edge) isAnchored(a payment.Account) bool {
	word := int(a / 64)
	return word < len(e.anchored) && e.anchored[word]&(1<<(a%64)) != 0
}

// Guests are the accounts that the edge knows, in the order in which it met
// them; valid until its next Step.
func (e *Edge) Guests() []payment.Account { return e.guests.accounts }

// Served is the price of what the edge has sent to an account whole, less what it
// has forgiven.
func (e *Edge) Served(a payment.Account) unit.Wei {
	if g := e.guests.of(a); g != nil {
		return g.Tab.Served - min(g.Tab.Served, g.Given)
	}
	return 0
}

// Unpaid is the price of what the edge has sent to an account and for which no
// money is sure to come.
func (e *Edge) Unpaid(a payment.Account) unit.Wei {
	if g := e.guests.of(a); g != nil {
		return g.Tab.Unpaid(e.stream.Terms)
	}
	return 0
}
