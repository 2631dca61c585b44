package protocol

import "fmt"

var inputNames = [...]string{Start: "start", Deliver: "deliver", Wake: "wake", Sent: "sent", Jump: "jump", Confirm: "confirm", Stop: "stop"}

// String is the input's name in traces.
func (k InputKind) String() string { return inputNames[k] }

var factNames = [...]string{Started: "started", Played: "played", Replaced: "replaced", Shown: "shown", Fetched: "fetched", Stalled: "stalled", Skipped: "skipped", Gapped: "gapped", Avoided: "avoided", Wasted: "wasted", Discarded: "discarded",
	Abandoned: "abandoned", Rejected: "rejected", Behind: "behind", Promised: "promised", Accepted: "accepted",
	Denied: "denied", Served: "served", Published: "published",
	Worked: "worked", Delayed: "delayed", Sealed: "sealed", Placed: "placed", Stored: "stored",
	Gathered: "gathered", Lost: "lost", Failed: "failed", Opened: "opened", Looked: "looked", Admitted: "admitted",
	TurnedAway: "turned away", LookedUp: "looked up", Finished: "finished", Sought: "sought", Sensed: "sensed", Shifted: "shifted", Searched: "searched", Unbacked: "unbacked"}

// String is the fact's name in traces.
func (k FactKind) String() string { return factNames[k] }

var sourceNames = [...]string{FromPeer: "peer", FromEdge: "edge", FromProviders: "providers"}

// String is the source's name in traces.
func (s Source) String() string { return sourceNames[s] }

// String is the fact as a trace prints it: name, slot and rendition, value,
// span, and for what was played the source.
func (f Fact) String() string {
	if f.Kind == Worked {
		return fmt.Sprintf("%v %d: %v, %v", f.Kind, f.Seq, Stage(f.Value), f.Span)
	}
	s := fmt.Sprintf("%v %d/%d: %d, %v", f.Kind, f.Seq, f.Rendition, f.Value, f.Span)
	if f.Kind == Played || f.Kind == Replaced || f.Kind == Fetched {
		s += " from " + f.Source.String()
	}
	return s
}

var reasonNames = [...]string{NotHere: "not here", Busy: "busy", Unpaid: "unpaid", Locked: "locked", Unlicensed: "unlicensed"}

// String is the reason in traces.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}
