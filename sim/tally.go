package sim

import (
	"math/big"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/qoe"
	"kinetoscope/sim/result"
)

// A tally is what a run has counted so far.
type tally struct {
	rungs    *qoe.Ladder
	viewers  []visitor
	lengths  []time.Duration // of segments that were shown, each once
	covers   []cover         // of each viewer; nil: no block is ever taken back
	licensed []time.Duration // when each viewer last was served with a licence; nil: never
	headers  int64           // bytes of token headers on the wire
	egress   [roles]int64    // bytes that had left each kind of node at the last sample
	inbound  int64           // bytes on the wire that reached viewers
	got      [3]int64        // bytes that viewers have shown, by source
	most     int64           // and the one who has shown most
	watchers int             // who have shown anything
	cpu      [roles]time.Duration

	tokens, headerBytes int64
	published           int64 // payload bytes of all renditions
	slots               int64
	sealing             time.Duration
	delays              []float64                      // s, of the slots of all streams of the publisher
	labour              [protocol.Stages]time.Duration // of the publisher, for the stream that is watched
	shards              int64                          // bytes that providers hold
	lost                map[placed]bool                // tokens that an edge gave up
	rejected            int64
	unbacked            int64         // pledges that hubs or the collector have refused
	deceived            int64         // bytes shown that are not the publisher's
	skipped             time.Duration // of the stream, by all viewers
	downloads           result.Histogram
	searches            []float64 // s, in the hash table
	inquired            int64     // nodes that they asked
	wasted              int64     // bytes fetched of what could not be shown
	discarded           int64     // and what was thrown away
	gaps                []gap
	denied, abandoned   int64 // requests
	placed              []placed

	gas, sessions int64
	payments      int64 // messages of viewers that carry one
	refused       int64 // transactions of viewers
	settledAt     time.Duration
	fees          *big.Int                     // wei
	opened        []payment.Receipt            // of channels, those revoked and those closed, for edges that come back
	closed        map[payment.Account]unit.Wei // what the chain has paid out of each channel
	locked        *big.Int                     // deposits of all channels
	skimped       map[payment.Account]unit.Wei // those that are less than the method asks for; looked up, never walked
	unlocked      *big.Int                     // those of channels that were closed
	lockup        Lockup
	stock         int64 // bytes × ms that providers and edges have held

	window  result.Window // that is measured
	ends    [2]reading    // of the counters at its beginning and its end
	bucket  time.Duration
	series  []timepoint
	events  int64
	notes   []string
	payouts []*big.Int // what each payee has received
}

// A role is a kind of node.
type role int

const (
	roleDirectory role = iota
	rolePublisher
	roleProvider
	roleEdge
	roleViewer
	roleHub
	roles
)

func (w *world) roleOf(id protocol.NodeID) role {
	switch {
	case w.visitor(id) != nil:
		return roleViewer
	case id == directoryID:
		return roleDirectory
	case id == publisherID:
		return rolePublisher
	case int(id) < int(firstProvider)+len(w.providers):
		return roleProvider
	case id < w.viewerID(0):
		return roleEdge
	case int(id) >= int(w.viewerID(len(w.viewers))) && len(w.viewers) > 0:
		return roleHub
	}
	return roleViewer
}

// A visitor is what one viewer saw, got and paid.
type visitor struct {
	visit
	joined, left           bool
	started                bool
	tired                  uint8           // why its patience ended, if it did
	server                 protocol.NodeID // the edge that served it last
	turnedAway             bool            // an edge had no room for it
	paid                   bool            // an edge has taken a payment
	counts                                 // over the whole run
	in                     *counts         // within the window, where not all is measured
	due, promised          unit.Wei
	firstPaid, channelOpen time.Duration
}

// A cover is what the chain says of a viewer's payments, where blocks may be taken back.
type cover struct {
	standing unit.Wei // what it has paid, or locked
	reverted unit.Wei // the most that it had got and a payment taken back had paid for
}

// A gap is when a viewer has nothing to show, and waits for nothing.
type gap struct {
	viewer   *visitor
	from, to time.Duration
}

// A placed token is one whose shards were all acknowledged.
type placed struct {
	seq       uint32
	rendition uint8
}

// maxBuckets bounds the timeline; its buckets are whole seconds.
const maxBuckets = 120

// A timepoint is one bucket of the timeline while it fills.
type timepoint struct {
	joined, left     int // viewers during the bucket
	started, quit    int // players begun, and those ended by leaving
	stalled          int // at its end
	length           time.Duration
	egress           [roles]int64 // bytes that left each kind of node
	rateTime, played float64
	baseFee          float64
	earned           unit.Wei // price of what was shown
}

// current is the bucket that fills now.
func (w *world) current() *timepoint { return &w.series[len(w.series)-1] }

// account turns facts into counts. It is the only place that does.
func (w *world) account(from protocol.NodeID, out *protocol.Output) {
	v, facts := w.visitor(from), out.Facts
	if v == nil {
		w.cpu[w.roleOf(from)] += out.CPU
		for i := range facts {
			w.worked(from, &facts[i])
		}
		return
	}
	w.cpu[roleViewer] += out.CPU
	for i := range facts {
		if w.watch != nil {
			w.watch(from, &facts[i])
		}
		if w.logs != nil {
			w.log(from, &facts[i])
		}
		w.viewed(from, v, &facts[i])
	}
}

// worked counts what a node states that is no viewer.
func (w *world) worked(from protocol.NodeID, f *protocol.Fact) {
	switch f.Kind {
	case protocol.Looked:
		w.reads++
	case protocol.Admitted:
		w.admitted(f)
	case protocol.Published:
		w.slots++
		w.published += f.Value
		w.sealing += f.Span
	case protocol.Worked:
		w.labour[f.Value] += f.Span
	case protocol.Delayed:
		w.delays = append(w.delays, f.Span.Seconds())
	case protocol.Sealed:
		w.tokens++
		w.headerBytes += f.Value
	case protocol.Stored:
		w.shards += f.Value
	case protocol.Placed:
		w.placed = append(w.placed, placed{f.Seq, f.Rendition})
	case protocol.Lost:
		w.lost[placed{f.Seq, f.Rendition}] = true
	case protocol.Rejected, protocol.Unbacked:
		w.refuse(f)
	case protocol.Failed:
		if w.failed++; w.dealers != nil {
			w.dealers[f.Node-firstProvider].failed++
		}
	case protocol.Gathered:
		if w.roleOf(from) == roleEdge {
			w.rebuilt(f)
		}
	case protocol.Denied:
		w.denied++
	case protocol.LookedUp:
		w.lookups[f.Value]++
	case protocol.TurnedAway:
		w.visitor(f.Node).turnedAway = true
	case protocol.Accepted:
		w.accepted(f)
	}
}

func (w *world) refuse(f *protocol.Fact) {
	if f.Kind == protocol.Unbacked {
		w.unbacked++
	} else {
		w.rejected++
	}
}

func (w *world) accepted(f *protocol.Fact) {
	v := w.visitor(f.Node)
	if !v.paid {
		v.paid = true
		v.firstPaid = w.now - v.join
		w.sessions++
	}
}

// viewed counts what a viewer states.
func (w *world) viewed(from protocol.NodeID, v *visitor, f *protocol.Fact) {
	v.take(w, f, f.Span)
	if v.in != nil {
		v.in.takeWithin(w, f, w.window)
	}
	switch f.Kind {
	case protocol.Started:
		v.started = true
		w.current().started++
		w.steel(from)
	case protocol.Stalled:
		w.stood(w.now-f.Span, w.now)
		w.heldUp(from, w.now-f.Span)
	case protocol.Sensed, protocol.Shifted:
		w.moves(from, f)
	case protocol.Finished:
		w.push(w.now+f.Span, toFinish, from, w.jumps(from))
	case protocol.Sought:
		w.sought(f)
	case protocol.Fetched:
		if f.Source == protocol.FromEdge {
			v.server = f.Node
		}
		if w.window.Holds(w.now) {
			w.downloads.Add(f.Span)
		}
	case protocol.Played, protocol.Replaced:
		all := v.from[0] + v.from[1] + v.from[2]
		if all == f.Value { // its first
			w.watchers++
		}
		w.got[f.Source] += f.Value
		w.most = max(w.most, all)
		b, price := w.current(), w.stream.Price(f.Seq)
		if f.Kind == protocol.Played {
			b.rateTime += float64(w.stream.Rates[f.Rendition]) * f.Span.Seconds()
			b.played += f.Span.Seconds()
		}
		v.due += price
		b.earned += price
		w.shown(from, v, f)
	case protocol.Abandoned:
		w.abandoned++
	case protocol.Gathered:
		w.rebuilt(f)
	case protocol.Skipped:
		w.skipped += f.Span
	case protocol.Gapped:
		w.gaps = append(w.gaps, gap{v, time.Duration(f.Value), time.Duration(f.Value) + f.Span})
	case protocol.Wasted:
		w.wasted += f.Value
	case protocol.Discarded:
		w.discarded += f.Value
	case protocol.Promised:
		v.promised = unit.Wei(f.Value)
		if v.promised > v.due+w.stream.Terms.Ahead() {
			w.broken("no payment without bytes", "a viewer has promised %v for segments worth %v", v.promised, v.due)
		}
	case protocol.Rejected:
		w.rejected++
	case protocol.Searched:
		w.searches, w.inquired = append(w.searches, f.Span.Seconds()), w.inquired+f.Value
	case protocol.Opened:
		v.channelOpen = f.Span
	}
}

// stood marks a viewer as stalled in every bucket that ended meanwhile.
func (w *world) stood(from, to time.Duration) {
	for b := int(from / w.bucket); b < len(w.series); b++ {
		if end := min(time.Duration(b+1)*w.bucket, w.end); end > from && end <= to {
			w.series[b].stalled++
		}
	}
}

// received counts bytes that came to a viewer.
func (w *world) received(to protocol.NodeID, n unit.Size) {
	if w.roleOf(to) == roleViewer {
		w.inbound += int64(n)
	}
}

// booked counts what the chain did.
func (w *world) booked(r *payment.Receipt) {
	defer func() { w.lockup.Note(w.now, w.locked, w.unlocked) }()
	w.enter(r)
	w.moved(r)
	w.stands(r)
	n := w.stream.Terms.Needs()
	locks := n.Lock > 0 && r.Kind == n.Kind && r.From == r.Payer && r.OK
	if (locks || w.closes(r) || n.Direct && w.roleOf(protocol.NodeID(r.From)) == roleEdge) && w.remembers() {
		w.opened = append(w.opened, *r)
	}
	if r.Reorged {
		w.unbook(r)
		return
	}
	if !r.OK && r.From == r.Payer && w.roleOf(protocol.NodeID(r.From)) == roleViewer {
		w.refused++
	}
	if r.OK && r.Kind == payment.Withdraw {
		w.settledAt = w.now
	}
	w.gas += int64(r.Gas)
	w.fees.Add(w.fees, new(big.Int).SetUint64(uint64(r.Fee)))
	if locks {
		w.locked.Add(w.locked, new(big.Int).SetUint64(uint64(r.Amount)))
		if r.Amount < n.Lock {
			w.skimped[r.Payer] = r.Amount
		}
	}
	if r.Kind == payment.Pay && r.OK && !n.Direct {
		w.closed[r.Payer] += r.Amount
	}
	if w.collects(r) {
		w.unlocked.Add(w.unlocked, new(big.Int).SetUint64(uint64(r.Amount)))
	}
	if w.paysOut(r) {
		if _, twice := w.closed[r.Payer]; twice && !n.Chance && !n.Direct && !n.Virtual {
			w.broken("no voucher paid twice", "the chain has closed the channel of account %d twice", r.Payer)
		}
		w.closed[r.Payer] += r.Amount
		w.unlocked.Add(w.unlocked, new(big.Int).SetUint64(uint64(w.frees(r))))
	}
}

// remembers says that somebody may read on the chain later what was opened, closed and
// redeemed before: an edge that comes back, or a hub whose books begin.
func (w *world) remembers() bool {
	return len(w.scenario.Faults) > 0 || w.stream.Terms.Needs().Virtual
}

// paysOut says that a receipt is of what the collector, or an edge that is paid
// by itself, has redeemed.
func (w *world) paysOut(r *payment.Receipt) bool {
	redeems := r.From == payment.Account(publisherID) || w.stream.Terms.Needs().Direct && w.roleOf(protocol.NodeID(r.From)) == roleEdge
	return r.OK && redeems && (r.Kind == payment.Close || r.Kind == payment.Invoke)
}

// closes says that a receipt is of a viewer's channel that the collector closes,
// of which edges learn.
func (w *world) closes(r *payment.Receipt) bool {
	on := w.stream.Terms
	return on.Closes() && !on.Needs().Virtual && r.From == payment.Account(publisherID) && w.paysOut(r)
}

// unbook takes back what a receipt made us count.
func (w *world) unbook(r *payment.Receipt) {
	w.gas -= int64(r.Gas)
	w.fees.Sub(w.fees, new(big.Int).SetUint64(uint64(r.Fee)))
	switch n := w.stream.Terms.Needs(); {
	case !r.OK:
	case n.Lock > 0 && r.Kind == n.Kind && r.From == r.Payer:
		w.locked.Sub(w.locked, new(big.Int).SetUint64(uint64(r.Amount)))
	case r.Kind == payment.Pay && n.Direct:
	case w.collects(r):
		w.unlocked.Sub(w.unlocked, new(big.Int).SetUint64(uint64(r.Amount)))
	case r.Kind == payment.Pay:
		w.closed[r.Payer] -= r.Amount
	case w.paysOut(r):
		if w.closed[r.Payer] -= r.Amount; w.closed[r.Payer] == 0 {
			delete(w.closed, r.Payer)
		}
		w.unlocked.Sub(w.unlocked, new(big.Int).SetUint64(uint64(w.frees(r))))
	}
}

// sample ends a bucket of the timeline and looks at the invariants that are too
// costly to check at every event.
func (w *world) sample() {
	if w.chain != nil {
		fee, _ := w.chain.BaseFee().Float64()
		w.current().baseFee = fee / 1e9
	}
	if w.sabotage != nil {
		w.sabotage(w)
	}
	if err := w.net.Check(); err != nil {
		w.broken("bytes are conserved", "%v", err)
	}
	w.bounded()
	w.lookAtTokens()
	w.weigh()
	w.current().egress = w.left()
	w.gauge()
	if w.now < w.end {
		w.extend()
	}
}

// extend begins the next bucket; the last one may be shorter.
func (w *world) extend() {
	length := min(w.bucket, w.end-w.now)
	w.series = append(w.series, timepoint{length: length})
	w.push(w.now+length, toSample, 0, 0)
}

// left is how many bytes have left each kind of node since the last call.
func (w *world) left() (since [roles]int64) {
	var total [roles]int64
	for id := range w.nodes {
		total[w.roleOf(protocol.NodeID(id))] += int64(w.net.Sent(int32(id)))
	}
	for r := range total {
		since[r] = total[r] - w.egress[r]
	}
	w.egress = total
	return since
}
