package protocol

import (
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// An Edge gathers tokens from providers (or gets them whole from the
// publisher), keeps the newest ones, and sends them to viewers who pay. Many
// viewers who want the same token cause one gathering.
type Edge struct {
	stream   *Stream
	id       NodeID
	slots    []entry // ring: keepSlots x renditions
	suspects suspects
	guests   map[payment.Account]*guest // looked up; walked in the order of payers only
	payers   []payment.Account          // in order of their first request
	anchored []uint64                   // bit a: the chain has confirmed account a's channel
	warnings bulletin
	door     door
	busy     int // guests that wait for a token, or are being sent one
	keyring  keyring
	till     *payment.Till
	shown    payment.Voucher // the payment that is looked at
	timers   TimerID
	sends    SendID
}

// A guest is a viewer as this edge knows it. It has one request at a time.
type guest struct {
	payment.Tab
	state     guestState
	admitted  bool
	since     uint32 // admitted: the slot at which it was
	send      SendID // served: the sending
	seq       uint32
	rendition uint8
	due       unit.Wei      // served: for what is being sent
	heard     time.Duration // when it last asked or paid
	informed  uint32        // warnings before this slot were sent
	unlocked  uint32        // the newest slot whose key it was granted, plus one
	licensed  time.Duration // until when it is served without another look at the chain
	waits     uint64        // tokenKey plus one of the key that it waits for
}

type guestState uint8

const (
	quiet  guestState = iota
	parked            // its request waits for the token
	served            // the token is being sent
)

// An entry is one token of the edge's cache, there or on its way.
type entry struct {
	seq     uint32
	state   entryState
	token   *token.Token
	waiters []NodeID
	keepers []NodeID // of the shards, if the publisher said so
	gather  gather
	timer   TimerID
}

type entryState uint8

const (
	absent   entryState = iota
	expected            // the publisher will send it
	coming              // being gathered
	here
)

// NewEdge makes the edge id of s.
func NewEdge(s *Stream, id NodeID) *Edge {
	return &Edge{stream: s, id: id, slots: make([]entry, keepSlots*len(s.Rates)),
		guests: map[payment.Account]*guest{}, till: payment.NewTill(s.Terms, payment.Account(id))}
}

// Size is what the tokens take that the edge keeps.
func (e *Edge) Size() (n unit.Size) {
	for i := range e.slots {
		if s := &e.slots[i]; s.state == here {
			n += unit.Size(s.token.Payload.Len())
		}
	}
	return n
}

// Step serves viewers, gathers what they ask for and takes their payments.
func (e *Edge) Step(now time.Duration, in *Input, out *Output) {
	switch in.Kind {
	case Deliver:
		e.hear(now, in, out)
	case Wake:
		e.wake(now, in.Timer, out)
	case Sent:
		e.sent(in)
	case Confirm:
		e.confirm(now, in.Receipt, out)
	case Stop:
		e.report(out)
	}
}

func (e *Edge) hear(now time.Duration, in *Input, out *Output) {
	m := in.Msg
	switch m.Kind {
	case Want:
		e.want(now, in.From, m, out)
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
	case Moved:
		e.moved(now, in.From, m)
	}
}

// moved hears from the publisher who keeps the shards of a token by now.
func (e *Edge) moved(now time.Duration, from NodeID, m *Message) {
	nodes := e.stream.keepers(m.Bytes)
	if n := e.at(now, m.Seq, m.Rendition); from == e.stream.Publisher && n != nil && nodes != nil {
		n.keepers = nodes
		if n.state == coming {
			n.gather.move(nodes)
		}
	}
}

// at is the cache entry for a token, emptied if it held an older slot; nil if
// the slot is too old or too far ahead.
func (e *Edge) at(now time.Duration, seq uint32, rendition uint8) *entry {
	live := e.stream.At(now)
	if int(rendition) >= len(e.stream.Rates) || seq > live+1 || live-min(seq, live) >= keepSlots-2 {
		return nil
	}
	n := &e.slots[e.slot(seq, rendition)]
	if n.seq != seq {
		*n = entry{seq: seq, waiters: n.waiters[:0]}
	}
	return n
}

func (e *Edge) want(now time.Duration, from NodeID, m *Message, out *Output) {
	n := e.at(now, m.Seq, m.Rendition)
	answer := Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Whole, Reason: NotHere}
	if n == nil {
		out.send(from, answer)
		return
	}
	g := e.guest(now, payment.Account(from))
	e.release(g, from, out)
	e.inform(g, from, m.Seq, out)
	if e.warnings.barred(m.Seq, m.Rendition) {
		out.send(from, answer)
		return
	}
	if !e.licensed(now, g, from, out) {
		answer.Reason = Unlicensed
		out.send(from, answer)
		return
	}
	if g.Owes(now, e.stream.Terms, e.stream.Price(m.Seq)) {
		answer.Reason = Unpaid
		out.send(from, answer)
		out.fact(Denied, 1, Fact{Node: from, Seq: m.Seq})
		if e.stream.Terms.Needs().Virtual && !g.Anchored {
			out.send(e.stream.Publisher, Message{Kind: Agree, Payer: payment.Account(from)})
		}
		return
	}
	if !e.admits(now, g) {
		answer.Reason, answer.Wait = Busy, milliseconds(e.comeBack(now))
		out.send(from, answer)
		out.fact(TurnedAway, 1, Fact{Node: from, Seq: m.Seq})
		return
	}
	if n.state != here && e.stream.Coder == nil && now > e.stream.End(m.Seq)+pushGrace {
		out.send(from, answer) // the publisher's copy is lost
		return
	}
	answer.Kind = Take
	out.send(from, answer)
	e.turn(g, parked)
	g.seq, g.rendition = m.Seq, m.Rendition
	if n.state == coming && now > n.gather.began+staleGather*e.stream.Swarm.Hedge {
		n.state = absent // the edge was dark meanwhile, and its timer is gone
	}
	switch n.state {
	case here:
		e.give(g, from, n.token, out)
		return
	case absent:
		n.state = expected
		if e.stream.Coder != nil {
			n.state = coming
			n.gather.begin(now, e.stream, e.id, &e.suspects, m.Seq, m.Rendition, n.keepers, out)
			e.arm(now, n, out)
		}
	}
	n.waiters = append(n.waiters, from)
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
	out.bulk(to, g.send, Message{Kind: Give, Seq: t.Seq, Rendition: t.Rendition, Token: t})
	out.fact(Served, int64(t.Size), Fact{Node: to, Seq: t.Seq, Rendition: t.Rendition})
}

// sent writes the price of what has left on the guest's tab.
func (e *Edge) sent(in *Input) {
	g := e.guests[payment.Account(in.From)]
	switch {
	case in.OK && e.stream.Tokens.Sealed: // the key is what is paid for
	case in.OK:
		g.Served += g.due
	default:
		g.Cut += g.due
	}
	if g.state == served && g.send == in.Send {
		e.turn(g, quiet)
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
		n := &e.slots[e.slot(g.seq, g.rendition)]
		for i, w := range n.waiters {
			if n.seq == g.seq && w == from {
				n.waiters = append(n.waiters[:i], n.waiters[i+1:]...)
				break
			}
		}
	case served:
		out.Cancels = append(out.Cancels, g.send)
	}
	e.turn(g, quiet)
}

func (e *Edge) slot(seq uint32, rendition uint8) int {
	return int(seq%keepSlots)*len(e.stream.Rates) + int(rendition)
}

func (e *Edge) arm(now time.Duration, n *entry, out *Output) {
	e.timers++
	n.timer = e.timers
	out.wake(n.gather.next(now, e.stream, e.id), e.timers)
}

func (e *Edge) drop(from NodeID, m *Message, out *Output) {
	if g := e.guests[payment.Account(from)]; g != nil && g.seq == m.Seq && g.rendition == m.Rendition {
		e.release(g, from, out)
	}
}

// arrive takes a token that the publisher sent whole.
func (e *Edge) arrive(from NodeID, m *Message, out *Output) {
	if from != e.stream.Publisher || int(m.Rendition) >= len(e.stream.Rates) {
		return
	}
	n := &e.slots[e.slot(m.Seq, m.Rendition)]
	if m.Seq < n.seq || m.Seq == n.seq && n.state == here {
		return
	}
	if m.Seq > n.seq {
		*n = entry{seq: m.Seq, waiters: n.waiters[:0]}
	}
	out.CPU += e.stream.verifying(m.Token.Payload.Len())
	if err := m.Token.Check(e.stream.Key); err != nil {
		out.fact(Rejected, 1, Fact{Node: from, Seq: m.Seq})
		return
	}
	e.ready(n, m.Token, out)
}

// ready puts a checked token into the cache and serves who waited for it.
func (e *Edge) ready(n *entry, t *token.Token, out *Output) {
	n.state, n.token, n.gather = here, t, gather{}
	for _, w := range n.waiters {
		e.give(e.guests[payment.Account(w)], w, t, out)
	}
	n.waiters = n.waiters[:0]
}

func (e *Edge) part(now time.Duration, from NodeID, m *Message, out *Output) {
	if int(m.Rendition) >= len(e.stream.Rates) {
		return
	}
	n := &e.slots[e.slot(m.Seq, m.Rendition)]
	if n.state != coming || n.seq != m.Seq {
		return
	}
	n.gather.hear(from, m, e.stream, &e.suspects)
	if t := n.gather.settle(now, e.stream, e.id, &e.suspects, out); t != nil {
		e.ready(n, t, out)
	}
}

// wake hedges a gathering that takes long, or gives it up.
func (e *Edge) wake(now time.Duration, id TimerID, out *Output) {
	for i := range e.slots {
		n := &e.slots[i]
		if n.timer != id || n.state != coming {
			continue
		}
		if n.gather.hedge(now, e.stream, e.id, &e.suspects, out) {
			e.arm(now, n, out)
			return
		}
		out.fact(Lost, 1, Fact{Seq: n.seq, Rendition: n.gather.rendition})
		for _, w := range n.waiters {
			out.send(w, Message{Kind: Deny, Seq: n.seq, Rendition: n.gather.rendition, Shard: Whole, Reason: NotHere})
			e.turn(e.guests[payment.Account(w)], quiet)
		}
		n.state, n.waiters, n.gather = absent, n.waiters[:0], gather{}
		return
	}
}

// ---- payment

func (e *Edge) guest(now time.Duration, a payment.Account) *guest {
	g := e.guests[a]
	if g == nil {
		g = &guest{Tab: e.stream.Terms.NewTab(now, payment.Account(e.id), e.isAnchored(a))}
		e.guests[a] = g
		e.payers = append(e.payers, a)
	}
	g.heard = now
	return g
}

// pay books a payment and, from a viewer that leaves, hands it to the publisher.
func (e *Edge) pay(now time.Duration, from NodeID, m *Message, out *Output) {
	if NodeID(m.Payer) != from {
		return
	}
	s, t := e.stream, &e.guest(now, m.Payer).Tab
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
	if m.Last && t.Best.Amount > 0 && t.Best == *v {
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
	for _, a := range e.payers {
		if t := &e.guests[a].Tab; t.Best.Amount > 0 {
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
	e.anchor(r.Payer, !r.Reorged)
	g := e.guests[r.Payer]
	if g == nil && r.Kind == payment.Pay { // it will come, and has paid
		g = e.guest(now, r.Payer)
	}
	if g == nil {
		return
	}
	had := g.Paid
	if g.Watch(e.stream.Terms, r); g.Paid > had {
		out.fact(Accepted, int64(r.Amount), Fact{Node: NodeID(r.Payer)})
	}
}

func (e *Edge) isAnchored(a payment.Account) bool {
	word := int(a / 64)
	return word < len(e.anchored) && e.anchored[word]&(1<<(a%64)) != 0
}

// Unpaid is the price of what the edge has sent to an account and for which no
// money is sure to come.
func (e *Edge) Unpaid(a payment.Account) unit.Wei {
	if g := e.guests[a]; g != nil {
		return g.Tab.Unpaid(e.stream.Terms)
	}
	return 0
}
