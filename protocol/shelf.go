package protocol

import (
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// An entry is one token of the edge's cache, there or on its way.
type entry struct {
	seq       uint32
	rendition uint8
	state     entryState
	token     *token.Token
	waiters   []NodeID
	keepers   []NodeID // of the shards, if the publisher said so
	gather    *gather  // while it is coming
	timer     TimerID
}

type entryState uint8

const (
	absent   entryState = iota
	expected            // the publisher will send it
	coming              // being gathered
	here
)

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
// the slot is too old or too far ahead. With a cache an entry that is not kept is
// a new one, which hold puts there.
func (e *Edge) at(now time.Duration, seq uint32, rendition uint8) *entry {
	if int(rendition) >= len(e.stream.Rates) || !e.open(seq, e.stream.At(now)) {
		return nil
	}
	if n := e.find(seq, rendition); n != nil {
		n.rendition = rendition
		return n
	}
	if e.cache != nil {
		return &entry{seq: seq, rendition: rendition}
	}
	n := &e.slots[e.slot(seq, rendition)]
	*n = entry{seq: seq, rendition: rendition}
	return n
}

// find is the entry of a token, nil if there is none.
func (e *Edge) find(seq uint32, rendition uint8) *entry {
	if e.cache != nil {
		return e.kept[tokenKey(seq, rendition)]
	}
	if n := &e.slots[e.slot(seq, rendition)]; n.seq == seq {
		return n
	}
	return nil
}

// hold notes an entry that is on its way, with a cache.
func (e *Edge) hold(n *entry) {
	if e.cache != nil {
		e.kept[tokenKey(n.seq, n.rendition)] = n
	}
}

// looked counts a request, and tells the cache of it.
func (e *Edge) looked(n *entry, out *Output) {
	if e.cache != nil {
		e.cache.Get(tokenKey(n.seq, n.rendition))
	}
	out.fact(LookedUp, int64(n.state), Fact{Seq: n.seq, Rendition: n.rendition})
}

// settle leaves it to the cache whether a token that has come is kept, and what
// goes for it.
func (e *Edge) settle(n *entry) {
	if e.cache == nil {
		return
	}
	delete(e.timed, n.timer)
	drop := func(key uint64) { delete(e.kept, key) }
	if !e.cache.Put(tokenKey(n.seq, n.rendition), n.token.Payload.Len(), drop) {
		drop(tokenKey(n.seq, n.rendition))
	}
}

func (e *Edge) slot(seq uint32, rendition uint8) int {
	return int(seq%keepSlots)*len(e.stream.Rates) + int(rendition)
}

func (e *Edge) arm(now time.Duration, n *entry, out *Output) {
	delete(e.timed, n.timer)
	e.timers++
	n.timer = e.timers
	if e.cache != nil {
		e.timed[n.timer] = n
	}
	out.wake(n.gather.next(now, e.stream, e.id), e.timers)
}

// arrive takes a token that the publisher sent whole.
func (e *Edge) arrive(from NodeID, m *Message, out *Output) {
	if from != e.stream.Publisher || int(m.Rendition) >= len(e.stream.Rates) || e.cache != nil {
		return
	}
	n := &e.slots[e.slot(m.Seq, m.Rendition)]
	if m.Seq < n.seq || m.Seq == n.seq && n.state == here {
		return
	}
	if m.Seq > n.seq {
		*n = entry{seq: m.Seq, rendition: m.Rendition}
	}
	out.CPU += e.stream.verifying(m.Token.Payload.Len())
	if err := m.Token.Check(e.stream.Key); err != nil {
		out.fact(Rejected, 1, Fact{Node: from, Seq: m.Seq})
		return
	}
	e.ready(n, m.Token, out)
}

// await puts a guest on an entry's list, which lies where the list that ended last did.
func (e *Edge) await(n *entry, guest NodeID) {
	if n.waiters == nil {
		n.waiters, e.idle = e.idle, nil
	}
	n.waiters = append(n.waiters, guest)
}

// letGo ends an entry's list.
func (e *Edge) letGo(n *entry) {
	if cap(n.waiters) > cap(e.idle) {
		e.idle = n.waiters[:0]
	}
	n.waiters = nil
}

// ready puts a checked token into the cache and serves who waited for it.
func (e *Edge) ready(n *entry, t *token.Token, out *Output) {
	n.state, n.token, n.gather = here, t, nil
	for _, w := range n.waiters {
		e.give(e.guests.of(payment.Account(w)), w, t, out)
	}
	e.letGo(n)
	e.settle(n)
}

func (e *Edge) part(now time.Duration, from NodeID, m *Message, out *Output) {
	if int(m.Rendition) >= len(e.stream.Rates) {
		return
	}
	n := e.find(m.Seq, m.Rendition)
	if n == nil || n.state != coming {
		return
	}
	n.gather.hear(from, m, e.stream, &e.suspects)
	if t := n.gather.settle(now, e.stream, e.id, &e.suspects, out); t != nil {
		e.ready(n, t, out)
	}
}

// wake hedges a gathering that takes long, or gives it up.
func (e *Edge) wake(now time.Duration, id TimerID, out *Output) {
	if id == pulseTimer {
		e.beat(now, out)
		return
	}
	if of, is := e.readings[id]; is {
		delete(e.readings, id)
		e.answered(now, of, out)
		return
	}
	n := e.due(id)
	if n == nil {
		return
	}
	if n.gather.hedge(now, e.stream, e.id, &e.suspects, out) {
		e.arm(now, n, out)
		return
	}
	out.fact(Lost, 1, Fact{Seq: n.seq, Rendition: n.gather.rendition})
	for _, w := range n.waiters {
		out.send(w, Message{Kind: Deny, Seq: n.seq, Rendition: n.gather.rendition, Shard: Whole, Reason: NotHere})
		e.turn(e.guests.of(payment.Account(w)), quiet)
	}
	e.letGo(n)
	n.state, n.gather = absent, nil
	delete(e.timed, id)
	delete(e.kept, tokenKey(n.seq, n.rendition))
}

// due is the entry that is being gathered and has this timer, or nil.
func (e *Edge) due(id TimerID) *entry {
	if n := e.timed[id]; n != nil && n.state == coming {
		return n
	}
	for i := range e.slots {
		if n := &e.slots[i]; n.timer == id && n.state == coming {
			return n
		}
	}
	return nil
}
