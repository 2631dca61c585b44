package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/protocol"
	"kinetoscope/scenarios"
)

// An Engine opens the network of one run.
type Engine func(*Site) (Carrier, error)

// A Site is what an engine builds a network on.
type Site struct {
	Topology *netem.Topology
	Packets  packet.Config
	Seed     uint64
	Stream   *protocol.Stream
	// Draw gives the source of random numbers of one purpose and one entity.
	Draw func(purpose string, entity uint64) *rand.Rand
}

// A Carrier takes messages from node to node in virtual time. The loop of a run
// is its only caller, so it needs no locks against that. It tells the loop what
// has happened when the loop calls Advance, and calls nobody else.
//
// Flows, the engine of Run, is one; package hosts has another, of real hosts.
type Carrier interface {
	// Up reports whether a node is on the network.
	Up(node int32) bool
	// Control sends a message on the control lane, which leaves at the time
	// leave, not before now. If ok, it reaches the receiver at the time at. If
	// not, either it is lost and nobody is told, or the carrier does not know
	// yet and will report that it Came.
	Control(now, leave time.Duration, l *Letter) (at time.Duration, ok bool)
	// Bulk sends a message on the bulk lane, whose first byte leaves at the time
	// leave, not before now. What becomes of it is reported under l.ID. It is not
	// ok if an end is dark: then nothing is sent.
	Bulk(now, leave time.Duration, l *Letter) (flow netem.FlowID, ok bool)
	// Cancel gives up a message that has not left whole, of which nothing is
	// reported any more.
	Cancel(now time.Duration, flow netem.FlowID)
	// Carried is how many bytes of a message on the bulk lane, which has not been
	// reported yet, have reached the receiver.
	Carried(now time.Duration, flow netem.FlowID) unit.Size
	// Place changes whether a node is on the network. The bulk messages that end
	// with that at once are aborted, in the order in which they began: nothing
	// else is reported of them. abort does not call the carrier.
	Place(now time.Duration, node int32, p Presence, abort func(id uint64))
	// Changed says that the topology is another one at these nodes: their rates,
	// or who reaches whom. What can no longer go on is aborted, as by Place.
	Changed(now time.Duration, nodes []int32, abort func(id uint64))
	// Next is when the carrier has something to report, not after limit, or
	// Never. A carrier whose time is a clock's waits for that, and has come to
	// limit when it returns Never.
	Next(limit time.Duration) time.Duration
	// Advance moves time on to now and reports what has happened since.
	Advance(now time.Duration, tell func(*News))
	// Arrive accounts the delivery of a message whose time has come, and says
	// whether the receiver is there to take it.
	Arrive(from, to int32, size unit.Size, t netem.Traffic) bool
	// Sent is what has left a node, Total what became of one kind of traffic.
	Sent(node int32) unit.Size
	Total(t netem.Traffic) netem.Tally
	// Relayed is how many of all bytes went over relays.
	Relayed() unit.Size
	// Check reports bytes that were made or lost by mistake: a bug of ours.
	Check() error
	// Notes are what a reader of the results must know of how they were made.
	Notes() []string
}

// A Letter is a message with its address. Msg is valid only during the call.
type Letter struct {
	From, To int32
	Traffic  netem.Traffic
	Size     unit.Size         // on the network, with the overhead of packets
	Msg      *protocol.Message //
	ID       uint64            // on the bulk lane: under which it is reported
}

// News is what a Carrier reports.
type News struct {
	Kind NewsKind
	ID   uint64        // Left, Lost: of the bulk message
	At   time.Duration // Left: when it reaches the receiver; 0 if that will be reported
	// Left, with At: the one-way latency between the two, by the topology of now.
	OneWay time.Duration
	// Came: the letter, without its Traffic, with a message read from the bytes
	// that came, and the time from their first to their last.
	Letter Letter
	Took   time.Duration
}

// A NewsKind says what has happened to a message.
type NewsKind uint8

// Kinds of News.
const (
	Left NewsKind = iota // a bulk message has left its sender whole
	Lost                 // a bulk message will not arrive
	Came                 // a message is there
)

// A Presence says whether a node is on the network, and if not, why.
type Presence uint8

// Ways for a node to be, or not to be, on the network.
const (
	Here     Presence = iota // it is there, for the first time or again
	Moving                   // it loses its address, and will have another at once
	Moved                    // it has another address
	Away                     // it has not come yet
	Gone                     // it has said good-bye and closes: what it said last still leaves
	Vanished                 // it is switched off
	Dark                     // it runs, and nothing reaches it or leaves it
)

// Never is when what does not happen happens.
const Never = forever

// flows is the flow engine as a Carrier.
type flows struct {
	*netem.Network
	tell func(*News) // of the Advance that runs
	emit func(netem.Arrival)
	news News

	notes []string // of what was known before anything happened
}

// Flows is the engine of Run: bytes flow, and nothing carries them.
func Flows(s *Site) (Carrier, error) { return newFlows(s), nil }

func newFlows(s *Site) *flows {
	f := &flows{Network: netem.New(s.Topology, s.Draw)}
	f.emit = func(a netem.Arrival) {
		f.news.ID, f.news.At, f.news.OneWay = a.ID, a.At, a.OneWay
		f.tell(&f.news)
	}
	return f
}

// unheeded are knobs that mean nothing here, each with what happens instead.
func unheeded(s *scenarios.Scenario) (notes []string) {
	if s.Hosts.Transport != scenarios.QUIC {
		notes = append(notes, fmt.Sprintf("not heeded: hosts.transport is %s, but transfers are modelled as those of QUIC; --engine libp2p heeds it", s.Hosts.Transport))
	}
	if s.Packets != packet.Default() {
		notes = append(notes, "not heeded: packets says what packets meet, and there are none; --engine libp2p heeds it")
	}
	return notes
}

func (f *flows) Control(now, leave time.Duration, l *Letter) (time.Duration, bool) {
	at, ok := f.SendControl(now, l.From, l.To, l.Size, l.Traffic)
	return at + leave - now, ok
}

// Bulk lets a transfer have its share of the links from now on, and all of it come as
// much later as it leaves: a sender's links are busy while it computes instead of right
// after.
func (f *flows) Bulk(now, leave time.Duration, l *Letter) (netem.FlowID, bool) {
	id := f.SendBulk(now, l.From, l.To, l.Size, l.Traffic, l.ID)
	f.Delay(id, leave-now)
	return id, id != 0
}

func (f *flows) Cancel(now time.Duration, id netem.FlowID) { f.Network.Cancel(now, id) }

func (f *flows) Place(now time.Duration, node int32, p Presence, abort func(uint64)) {
	f.SetDown(now, node, p != Here && p != Moved, abort)
}

func (f *flows) Next(limit time.Duration) time.Duration {
	if at, ok := f.Network.Next(); ok && at <= limit {
		return at
	}
	return Never
}

func (f *flows) Advance(now time.Duration, tell func(*News)) {
	f.tell = tell
	f.Network.Advance(now, f.emit)
}

func (f *flows) Relayed() unit.Size { return f.Measured().Relayed }

func (f *flows) Notes() []string {
	notes := slices.Clone(f.notes)
	if f.Sharing() == netem.Lazy {
		notes = append(notes, "approximate: transfers share links lazily; where that was measured, 19 of 20 segments took within 4 % of what exact sharing gives")
	}
	if n := f.Measured().Fallbacks; n > 0 {
		notes = append(notes, fmt.Sprintf("the network's local relaxation gave way to progressive filling %d times; rates are as without", n))
	}
	return notes
}
