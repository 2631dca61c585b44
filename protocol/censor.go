package protocol

// A Censor is a set of regions: a provider or an edge that has one refuses
// whoever asks from there, as if it had nothing of the stream.
type Censor uint32

// Of is the Censor of more regions, by number.
func (c Censor) Of(region int) Censor { return c | 1<<region }

// refuses answers a request that the Censor forbids, and says whether it did.
func (c Censor) refuses(s *Stream, from NodeID, m *Message, out *Output) bool {
	if int(from) >= len(s.Region) || c>>s.Region[from]&1 == 0 {
		return false
	}
	out.send(from, Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: m.Shard, Reason: NotHere})
	return true
}

// Censor makes a provider refuse, or, with 0, serve again.
func (p *Provider) Censor(c Censor) { p.censor = c }

// Censor makes an edge refuse, or, with 0, serve again.
func (e *Edge) Censor(c Censor) { e.censor = c }
