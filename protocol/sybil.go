package protocol

import (
	"encoding/binary"
	"time"

	"kinetoscope/protocol/swarm"
)

// A Sybil is one of many identities that somebody registers with the directory
// ("The Sybil Attack", Douceur, IPTPS 2002). It takes places in the lists of
// others, has nothing and gives nothing. One that eclipses also goes after these
// places: it asks the directory again and again and offers itself to all whom it
// learns of (Singh et al., "Eclipse Attacks on Overlay Networks", INFOCOM 2006).
type Sybil struct {
	stream   *Stream
	id       NodeID
	eclipses bool
	gone     bool
}

// NewSybil makes the identity id.
func NewSybil(s *Stream, id NodeID, eclipses bool) *Sybil {
	return &Sybil{stream: s, id: id, eclipses: eclipses}
}

// register makes itself known to the directory or, where there is none, to the hash table: every edge
// is told that it watches, and is asked, so that it becomes a contact.
func (y *Sybil) register(out *Output) {
	if y.stream.Swarm.Discovery != swarm.ByDHT {
		out.send(y.stream.Directory, Message{Kind: Hello})
		return
	}
	for _, e := range y.stream.Edges {
		out.send(e, Message{Kind: Store})
		out.send(e, Message{Kind: Find})
	}
}

// pressing is how often a Sybil that eclipses asks for more victims.
const pressing = 3 * time.Second

// Step answers whoever wants to be its neighbour.
func (y *Sybil) Step(now time.Duration, in *Input, out *Output) {
	switch {
	case y.gone:
	case in.Kind == Stop:
		y.gone = true
	case in.Kind == Start || in.Kind == Wake:
		y.register(out)
		if y.eclipses {
			out.wake(now+pressing, 0)
		}
	case in.Kind != Deliver:
	case in.Msg.Kind == Find: // nobody is nearer, and nobody watches but itself
		out.send(in.From, Message{Kind: Found, Bytes: binary.BigEndian.AppendUint32([]byte{0}, uint32(y.id))})
	case in.Msg.Kind == Link:
		out.send(in.From, Message{Kind: Linked})
	case in.Msg.Kind == Want:
		out.send(in.From, Message{Kind: Deny, Seq: in.Msg.Seq, Rendition: in.Msg.Rendition, Shard: in.Msg.Shard, Reason: NotHere})
	case in.Msg.Kind == Welcome && y.eclipses && in.From == y.stream.Directory:
		for _, p := range in.Msg.Welcome.Peers {
			out.send(p, Message{Kind: Link})
		}
	}
}
