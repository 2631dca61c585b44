package sim

import (
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
)

// A parcel is a message under way.
type parcel struct {
	msg       protocol.Message
	from, to  protocol.NodeID
	send      protocol.SendID
	flow      netem.FlowID
	time      time.Duration // when its first byte leaves; once its last byte has left, how long it will have taken
	wire      uint32        // bytes: no token has as many as that holds
	headers   uint32        // of these, in a bulk message
	voucher   int32         // where the message's voucher is, plus one
	newer     int32         // of those to its receiver that can be cancelled: the next newer and older, plus one
	older     int32
	over      bool // the network is done with it
	cancelled bool
}

func (p *parcel) size() unit.Size { return unit.Size(p.wire) }

// A class tells traffic apart in the accounts; the draws of one class never
// shift those of another.
const (
	classMedia netem.Traffic = iota
	classControl
	classPayment
	classes
)

func classOf(k protocol.MsgKind) netem.Traffic {
	switch {
	case k.Bulk():
		return classMedia
	case k == protocol.Pay || k == protocol.Pledge || k == protocol.Agree:
		return classPayment
	}
	return classControl
}

// route carries out what node from wants.
func (w *world) route(from protocol.NodeID) {
	out := &w.out
	if w.life != nil {
		w.live(from)
	}
	for _, c := range out.Cancels {
		w.cancel(from, c)
	}
	leave := w.now + out.Wait + out.CPU
	if len(out.Sends) > 1 && w.seer != nil {
		for i := range out.Sends {
			w.seer.ForeseePair(int32(from), int32(out.Sends[i].To), classOf(out.Sends[i].Msg.Kind))
		}
	}
	for i := range out.Sends {
		w.dispatch(from, &out.Sends[i], leave)
	}
	for _, t := range out.Timers {
		if t.Only {
			w.setAlarm(from, t)
			continue
		}
		w.push(t.At, toWake, from, uint64(t.ID))
	}
	for _, tx := range out.Txs {
		w.submit(tx)
	}
	w.account(from, out)
}

func (w *world) dispatch(from protocol.NodeID, s *protocol.Send, leave time.Duration) {
	size, headers := w.stream.Wire(&s.Msg)
	wire := netem.OnWire(size)
	class := classOf(s.Msg.Kind)
	if class == classMedia {
		i := w.keep(from, s, wire)
		w.parcels[i].headers = uint32(headers)
		if s.ID != 0 {
			w.enlist(i)
		}
		if w.out.Wait > 0 {
			w.push(leave, toLaunch, from, uint64(i))
		} else {
			w.launch(i, leave)
		}
		return
	}
	if r := w.roleOf(from); class == classPayment && (r == roleViewer || r == roleHub) {
		w.payments++
	}
	if s.Msg.Kind == protocol.Probe || s.Msg.Kind == protocol.Load {
		w.probes += int64(wire)
	}
	w.letter = Letter{From: int32(from), To: int32(s.To), Traffic: class, Size: wire, Msg: &s.Msg}
	at, ok := w.net.Control(w.now, leave, &w.letter)
	switch {
	case !ok:
	case brief(&s.Msg) && from < farthest:
		w.enqueue(at, uint32(toHear)|uint32(from)<<8, s.To, note(&s.Msg))
	default:
		w.push(at, toDeliver, s.To, uint64(w.keep(from, s, wire)))
	}
}

// Four of five messages are a kind, a slot and a byte or two. They travel in
// the event that delivers them, with their sender in the event's kind, so that
// no parcel has to be fetched from memory.

// farthest is the first sender whose number is too large for that.
const farthest = 1 << 24

// brief says that a message is no more than its note.
func brief(m *protocol.Message) bool {
	return m.Token == nil && m.Voucher == nil && m.Bytes == nil && m.Welcome == nil && m.Warning == nil &&
		m.Payer == 0 && m.Wait == 0 && m.Busy == 0 && !m.Last
}

// note is what a brief message says.
func note(m *protocol.Message) uint64 {
	return uint64(m.Seq)<<32 | uint64(m.Reason)<<24 | uint64(m.Shard)<<16 | uint64(m.Rendition)<<8 | uint64(m.Kind)
}

// noted is the message of a note.
func noted(n uint64) protocol.Message {
	return protocol.Message{Kind: protocol.MsgKind(n), Rendition: uint8(n >> 8), Shard: uint8(n >> 16),
		Reason: protocol.Reason(n >> 24), Seq: uint32(n >> 32)}
}

// hear delivers a brief message.
func (w *world) hear(e *event) {
	w.msg = noted(e.arg)
	from, to := protocol.NodeID(e.kind>>8), protocol.NodeID(e.node)
	size := netem.OnWire(w.msg.Size())
	if w.net.Arrive(int32(from), int32(to), size, classOf(w.msg.Kind)) {
		w.received(to, size)
		w.in = protocol.Input{Kind: protocol.Deliver, From: from, Msg: &w.msg}
		w.step(to)
	}
}

// launch gives a parcel to the network, which it leaves when its sender has computed.
func (w *world) launch(i int32, leave time.Duration) {
	p := &w.parcels[i]
	if p.cancelled {
		w.sent(i, false)
		return
	}
	w.travelled(p)
	w.letter = Letter{From: int32(p.from), To: int32(p.to), Traffic: classMedia, Size: p.size(), Msg: &p.msg, ID: uint64(i)}
	var ok bool
	p.time = leave
	if p.flow, ok = w.net.Bulk(w.now, leave, &w.letter); !ok { // an end is dark
		p.over = true
		w.push(w.now, toCancel, p.from, uint64(i))
	}
}

// enlist makes a parcel one that its sender can cancel. It is found by its receiver, to
// whom few are under way at a time; an edge may be sending a thousand.
func (w *world) enlist(i int32) {
	p := &w.parcels[i]
	newest := &w.incoming[p.to]
	if p.older = *newest; p.older != 0 {
		w.parcels[p.older-1].newer = i + 1
	}
	*newest = i + 1
}

func (w *world) delist(p *parcel) {
	if p.older != 0 {
		w.parcels[p.older-1].newer = p.newer
	}
	if p.newer != 0 {
		w.parcels[p.newer-1].older = p.older
	} else {
		w.incoming[p.to] = p.older
	}
}

// underWay says whether a bulk message of a node is on its way to the one that is
// being told something.
func (w *world) underWay(from protocol.NodeID) bool {
	for i := w.incoming[w.stepped]; i != 0; i = w.parcels[i-1].older {
		if p := &w.parcels[i-1]; p.from == from && !p.cancelled && !p.over {
			return true
		}
	}
	return false
}

func (w *world) cancel(from protocol.NodeID, c protocol.Cancel) {
	i := w.incoming[c.To] - 1
	for i >= 0 && (w.parcels[i].send != c.ID || w.parcels[i].from != from) {
		i = w.parcels[i].older - 1
	}
	if i < 0 || w.parcels[i].cancelled || w.parcels[i].over {
		return
	}
	p := &w.parcels[i]
	p.cancelled = true
	if p.flow != 0 {
		w.net.Cancel(w.now, p.flow)
		w.push(w.now, toCancel, p.from, uint64(i))
	}
}

// progress adds to the input of a viewer that waits for a token how much of it has
// come.
func (w *world) progress(to protocol.NodeID) {
	v, ok := w.nodes[to].(*protocol.Viewer)
	if !ok {
		return
	}
	from, seq, rendition, ok := v.Awaits()
	if !ok {
		return
	}
	for i := w.incoming[to]; i != 0; i = w.parcels[i-1].older {
		if p := &w.parcels[i-1]; p.from == from && p.msg.Seq == seq && p.msg.Rendition == rendition && p.flow != 0 && !p.over && !p.cancelled {
			w.in.Size, w.in.Got = p.size(), w.net.Carried(w.now, p.flow)
			w.in.Took = max(0, w.now-p.time-w.topology.OneWay(int32(from), int32(to)))
			return
		}
	}
}

// flow lets the network go on. What it reports is handled only afterwards,
// since handling it may start other flows.
func (w *world) flow() {
	w.news = w.news[:0]
	w.net.Advance(w.now, w.tell)
	for i := range w.news {
		if n := &w.news[i]; n.Kind != Came {
			w.parcels[n.ID].over = true
		}
	}
	for i := range w.news {
		switch n := &w.news[i]; n.Kind {
		case Left:
			w.departed(n)
		case Lost:
			w.sent(int32(n.ID), false)
		case Came:
			w.came(n)
		}
	}
}

// departed hears that the last byte of a bulk message has left, and when that
// arrives, if the network knows.
func (w *world) departed(n *News) {
	i := int32(n.ID)
	p := &w.parcels[i]
	w.headers += int64(p.headers)
	w.shipped(p)
	if n.At == 0 {
		w.sent(i, true)
		return
	}
	p.time = n.At - p.time - n.OneWay
	w.push(n.At, toDeliver, p.to, uint64(i))
	w.told(p, true)
}

// came hands over a message that the network has brought.
func (w *world) came(n *News) {
	l := &n.Letter
	if !w.net.Arrive(l.From, l.To, l.Size, classOf(l.Msg.Kind)) {
		return
	}
	to := protocol.NodeID(l.To)
	w.received(to, l.Size)
	w.in = protocol.Input{Kind: protocol.Deliver, From: protocol.NodeID(l.From), Took: n.Took, Msg: l.Msg}
	w.step(to)
}

// sent ends a parcel that will not arrive.
func (w *world) sent(i int32, whole bool) {
	p := w.parcels[i]
	w.told(&p, whole)
	w.drop(i)
}

// told tells the sender, if it wants to know, that its bulk message is gone.
func (w *world) told(p *parcel, whole bool) {
	if p.send == 0 {
		return
	}
	w.delist(p)
	w.in = protocol.Input{Kind: protocol.Sent, From: p.to, Send: p.send, OK: whole}
	w.step(p.from)
}

func (w *world) deliver(i int32) {
	p := &w.parcels[i]
	msg := &p.msg
	if p.voucher > 0 {
		w.msg, msg = p.msg, &w.msg
		w.voucher = w.vouchers[p.voucher-1]
		w.msg.Voucher = &w.voucher
		w.freeVouchers = append(w.freeVouchers, p.voucher)
	}
	w.in = protocol.Input{Kind: protocol.Deliver, From: p.from, Took: p.time, Msg: msg}
	to := p.to
	there := w.net.Arrive(int32(p.from), int32(to), p.size(), classOf(p.msg.Kind))
	if there {
		w.received(to, p.size())
		w.step(to)
	}
	w.drop(i)
}

// keep makes a parcel of a message and says where it is. The sender may change
// its voucher at once, so that is copied.
func (w *world) keep(from protocol.NodeID, s *protocol.Send, wire unit.Size) int32 {
	var i int32
	if n := len(w.free); n > 0 {
		i = w.free[n-1]
		w.free = w.free[:n-1]
	} else {
		i = int32(len(w.parcels))
		w.parcels = append(w.parcels, parcel{})
	}
	p := &w.parcels[i]
	p.msg, p.from, p.to, p.send, p.wire = s.Msg, from, s.To, s.ID, uint32(wire)
	p.flow, p.time, p.voucher, p.newer, p.older, p.over, p.cancelled = 0, 0, 0, 0, 0, false, false
	if v := s.Msg.Voucher; v != nil {
		p.voucher, p.msg.Voucher = w.keepVoucher(v), nil
	}
	return i
}

func (w *world) drop(i int32) {
	if m := &w.parcels[i].msg; m.Token != nil || m.Welcome != nil {
		*m = protocol.Message{} // let go of its bytes
	}
	w.free = append(w.free, i)
}

func (w *world) keepVoucher(v *payment.Voucher) int32 {
	n := len(w.freeVouchers)
	if n == 0 {
		w.vouchers = append(w.vouchers, *v)
		return int32(len(w.vouchers))
	}
	i := w.freeVouchers[n-1]
	w.freeVouchers = w.freeVouchers[:n-1]
	w.vouchers[i-1] = *v
	return i
}

// ---- chain

func (w *world) submit(tx payment.Tx) {
	if w.chain != nil {
		w.chain.Submit(w.now, tx)
	}
}

// place takes a node off the network or brings it back. What it was sending or
// getting is lost, and the senders come to know.
func (w *world) place(id protocol.NodeID, p Presence) {
	w.abort(func(abort func(uint64)) { w.net.Place(w.now, int32(id), p, abort) })
	w.uplink(id)
}

// abort lets the network end what it must, and tells the senders.
func (w *world) abort(end func(abort func(uint64))) {
	w.aborted = w.aborted[:0]
	end(func(i uint64) { w.aborted = append(w.aborted, int32(i)) })
	for _, i := range w.aborted {
		w.parcels[i].over = true
	}
	for _, i := range w.aborted {
		w.sent(i, false)
	}
}

// mine lets the chain build its next block.
func (w *world) mine() {
	w.receipts = nil // a block may have had very many
	w.chain.Advance(w.now, func(r payment.Receipt) { w.receipts = append(w.receipts, r) })
	for i := range w.receipts {
		w.receipt(&w.receipts[i])
	}
	w.act()
}

// receipt hands the chain's answer to who asked and, since everybody watches
// the chain, openings and payments to the edges.
func (w *world) receipt(r *payment.Receipt) {
	if w.crew != nil && r.From >= w.crew.First {
		w.crew.Receipt(w.now, r)
		return
	}
	w.booked(r)
	if int(r.From) >= len(w.nodes) { // an owner's, which pays nobody's bill
		w.sold(r)
		return
	}
	w.in = protocol.Input{Kind: protocol.Confirm, Receipt: r}
	w.step(protocol.NodeID(r.From))
	w.toHubs(r)
	if r.Kind == payment.Pay || r.Leaves() || w.suesCollector(r) {
		w.in = protocol.Input{Kind: protocol.Confirm, Receipt: r}
		w.step(publisherID)
	}
	if r.Kind != payment.Pay && !w.closes(r) && (r.Kind != w.stream.Terms.Needs().Kind || r.From != r.Payer) {
		return
	}
	for _, e := range w.stream.Edges {
		w.in = protocol.Input{Kind: protocol.Confirm, Receipt: r}
		w.step(e)
	}
}
