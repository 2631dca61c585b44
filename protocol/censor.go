package protocol

import "slices"

// A Censor is whom and what a provider or an edge refuses, as if it had nothing
// of the stream: who asks from some regions, for some titles.
type Censor struct {
	regions uint32
	titles  []uint32 // of a catalogue; none: all
}

// Of is the Censor of more regions, by number.
func (c Censor) Of(region int) Censor {
	c.regions |= 1 << region
	return c
}

// Only is the Censor of these titles of a catalogue, and of all if none is named.
func (c Censor) Only(titles []uint32) Censor {
	c.titles = titles
	return c
}

// refuses answers a request that the Censor forbids, and says whether it did.
func (c Censor) refuses(s *Stream, from NodeID, m *Message, out *Output) bool {
	if int(from) >= len(s.Region) || c.regions>>s.Region[from]&1 == 0 {
		return false
	}
	if len(c.titles) > 0 && !slices.Contains(c.titles, m.Seq/s.Vault.Slots) {
		return false
	}
	out.send(from, Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard, Reason: NotHere})
	return true
}

// Censor makes a provider refuse, or, with none, serve again.
func (p *Provider) Censor(c Censor) { p.censor = c }

// Censor makes an edge refuse, or, with none, serve again.
func (e *Edge) Censor(c Censor) { e.censor = c }
