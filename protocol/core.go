package protocol

import (
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A NodeID is a dense index, so that a driver keeps nodes in a slice.
type NodeID uint32

// Nobody is no node.
const Nobody NodeID = 1<<32 - 1

// An InputKind says which fields of an Input are set.
type InputKind uint8

// Kinds of Input.
const (
	Start   InputKind = iota // the node comes to life
	Deliver                  // From, Msg, Took: a message has arrived whole
	Wake                     // Timer, Coming: a time asked for has come; Size, Got, Took of the token that a viewer Awaits, if it is on its way
	Sent                     // Send, From (the receiver), OK: a bulk message has left whole, or was lost or cancelled
	Jump                     // Seq: a viewer wants to see another slot of the catalogue
	Confirm                  // Receipt: the chain has executed a transaction
	Stop                     // the node's owner closes it; its last Outputs are still carried out
)

// An Input is one thing a node learns. Msg belongs to the driver and is only
// valid during the Step.
type Input struct {
	Kind    InputKind
	From    NodeID
	Timer   TimerID
	Send    SendID
	OK      bool
	Seq     uint32
	Took    time.Duration // Deliver on the bulk lane: from first to last byte; Wake: since the first byte
	Size    unit.Size     // on the network, of a message on its way
	Got     unit.Size     // of these, so many bytes have come
	Msg     *Message
	Receipt *payment.Receipt
	// Wake: whether a bulk message of a node is on its way here. Nil: nobody knows.
	Coming func(from NodeID) bool
}

// A TimerID is chosen by the node; a Wake whose id no longer matters is ignored
// by the node, so timers need no cancelling.
type TimerID uint32

// A SendID is chosen by the node for a bulk Send of which it wants to hear;
// zero wants nothing.
type SendID uint64

// An Output collects what a node wants done. Drivers reuse it and carry out
// Cancels before Sends.
type Output struct {
	Sends   []Send
	Cancels []Cancel // bulk sends to give up; Sent follows, as for every bulk send with an id
	Timers  []Timer
	Txs     []payment.Tx
	Facts   []Fact
	// CPU is the processor time that this step is charged for hashing, signing
	// and coding, executed or modelled. Its sends leave when it is over.
	CPU time.Duration
	// Wait is how long the step's sends are held back besides.
	Wait time.Duration
}

// Reset empties o and keeps its memory.
func (o *Output) Reset() {
	o.Sends, o.Cancels, o.Timers = o.Sends[:0], o.Cancels[:0], o.Timers[:0]
	o.Txs, o.Facts, o.CPU, o.Wait = o.Txs[:0], o.Facts[:0], 0, 0
}

func (o *Output) send(to NodeID, m Message) { o.Sends = append(o.Sends, Send{To: to, Msg: m}) }
func (o *Output) bulk(to NodeID, id SendID, m Message) {
	o.Sends = append(o.Sends, Send{To: to, ID: id, Msg: m})
}
func (o *Output) cancel(to NodeID, id SendID) { o.Cancels = append(o.Cancels, Cancel{to, id}) }
func (o *Output) wake(at time.Duration, id TimerID) {
	o.Timers = append(o.Timers, Timer{At: at, ID: id})
}
func (o *Output) fact(k FactKind, value int64, of Fact) {
	of.Kind, of.Value = k, value
	o.Facts = append(o.Facts, of)
}

// A Node is one participant. Step tells it one thing and collects what it
// wants done. It never blocks and reads no clock, file, socket or global.
type Node interface {
	Step(now time.Duration, in *Input, out *Output)
}

// A Send asks the driver to carry a message. Its kind decides the lane:
// control (small, ordered, one long-lived stream) or bulk (a stream of its
// own, which shares the links' capacity and can be cancelled).
type Send struct {
	To  NodeID
	ID  SendID
	Msg Message
}

// A Cancel asks the driver to give up a bulk Send.
type Cancel struct {
	To NodeID
	ID SendID
}

// A Timer asks the driver for a Wake at a time. Only says that no timer that
// the node set before matters any more, so that the driver may forget those.
type Timer struct {
	At   time.Duration
	ID   TimerID
	Only bool
}

// A Fact is something worth measuring. The protocol states it; the driver
// makes metrics of it.
type Fact struct {
	Kind      FactKind
	Source    Source
	Rendition uint8
	Seq       uint32
	Node      NodeID        // whom it concerns, where that is not the node that states it
	Value     int64         // see the kind
	Span      time.Duration // see the kind
}

// A Source says what kind of node a viewer got a segment from.
type Source uint8

// Sources of a segment.
const (
	FromPeer Source = iota
	FromEdge
	FromProviders
)

// A FactKind names a Fact.
type FactKind uint8

// Kinds of Fact.
const (
	Started    FactKind = iota // viewer: first frame shown; Value is ns since it asked to join
	Played                     // viewer: a verified segment went into the buffer; Value bytes, Span its duration, Source, Rendition
	Replaced                   // viewer: a verified segment went into the place of one in the buffer; Value bytes, Span its duration, Source, Rendition
	Shown                      // viewer that replaces: the showing of a segment began; Span its duration, Rendition
	Fetched                    // viewer: what it played next took Span from the first request; Value bytes, Source, Rendition
	Stalled                    // viewer: playback stood still for Span and goes on now (Value 1), or ends now (0)
	Skipped                    // viewer: jumped over Value segments to catch up with the live edge
	Gapped                     // viewer: slot Seq, of which it can show nothing, passes as a gap of Span from Value ns on
	Avoided                    // viewer: took another rendition of slot Seq than it chose, which it cannot show
	Wasted                     // viewer: got Value bytes of a token that it cannot show, from Source
	Discarded                  // viewer: threw Value bytes away that had come from Source: another copy took their place, or they were too late
	Abandoned                  // viewer: gave a request up because it took too long
	Rejected                   // viewer, edge: a token failed its check
	Behind                     // viewer: playback goes on, Span behind live; Value-1 thousandths faster or slower than 1
	Promised                   // viewer: paid Value wei in total so far
	Accepted                   // edge: took a payment of Node; Value wei in total so far
	Denied                     // edge: refused to serve Node, which owes more than its credit
	TurnedAway                 // edge: did not let Node in, since it has no room
	Served                     // any: sent Value payload bytes to a viewer
	Published                  // publisher: sealed slot Seq; Value payload bytes of all renditions, Span the delay added
	Worked                     // publisher: took Span of its processor for stage Value of slot Seq
	Delayed                    // publisher: slot Seq of its stream number Value was sealed Span after its end
	Sealed                     // publisher: one token; Value its header bytes, Span the segment's duration
	Placed                     // publisher: all shards of (Seq, Rendition) are acknowledged
	Stored                     // provider: holds Value more bytes of shards, or fewer
	Gathered                   // edge, viewer, provider: rebuilt a token of Value bytes from shards after Span
	Lost                       // edge: gave a token up: fewer than k shards could be had
	Failed                     // publisher: provider Node did not prove that it holds a shard: it was silent, has lost it, or lied
	Looked                     // edge: asked the chain for a licence of Node
	Admitted                   // edge: took a request of Node, which has a licence as far as it knows; it waited for Span to know
	LookedUp                   // edge: was asked for a token: Value is whether it was not there (0), expected or being gathered (1, 2), or there (3)
	Finished                   // viewer: has fetched its title to the end, which it reaches after Span
	Sought                     // viewer: shows a picture again, Span after it jumped (Value 1), or leaves without one (0)
	Sensed                     // viewer: its edge, Node, seems to be congested
	Shifted                    // viewer: left its edge, Node, for another because of that
	Searched                   // viewer: a lookup in the hash table asked Value nodes and took Span
	Unbacked                   // hub, publisher: refused a pledge of Node, or its ledger channel, which is not what was agreed on
	Opened                     // viewer: its channel is confirmed, Span after asking
)
