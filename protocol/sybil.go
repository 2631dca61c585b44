package protocol

import "time"

// A Sybil is one of many identities that somebody registers with the directory
// ("The Sybil Attack", Douceur, IPTPS 2002). It takes places in the lists of
// others, has nothing and gives nothing. One that eclipses also goes after these
// places: it asks the directory again and again and offers itself to all whom it
// learns of (Singh et al., "Eclipse Attacks on Overlay Networks", INFOCOM 2006).
type Sybil struct {
	stream   *Stream
	eclipses bool
	gone     bool
}

// NewSybil makes an identity.
func NewSybil(s *Stream, eclipses bool) *Sybil { return &Sybil{stream: s, eclipses: eclipses} }

// pressing is how often a Sybil that eclipses asks for more victims.
const pressing = 3 * time.Second

// Step answers whoever wants to be its neighbour.
func (y *Sybil) Step(now time.Duration, in *Input, out *Output) {
	switch {
	case y.gone:
	case in.Kind == Stop:
		y.gone = true
	case in.Kind == Start || in.Kind == Wake:
		out.send(y.stream.Directory, Message{Kind: Hello})
		if y.eclipses {
			out.wake(now+pressing, 0)
		}
	case in.Kind != Deliver:
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
