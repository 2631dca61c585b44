package protocol

import "kinetoscope/protocol/swarm"

// want answers a neighbour that asks for a token.
func (v *Viewer) want(from NodeID, m *Message, out *Output) {
	t := v.held[m.Seq%swarm.Window]
	answer := Message{Kind: Deny, Seq: m.Seq, Rendition: m.Rendition, Shard: Whole, Reason: NotHere}
	switch {
	case t == nil || t.Seq != m.Seq || t.Rendition != m.Rendition && !(v.subscribes() && t.Rendition < m.Rendition) || m.Shard != Whole:
		out.send(from, answer)
	case int(v.uploading) >= v.stream.Swarm.Uploads:
		answer.Reason = Busy
		out.send(from, answer)
	default:
		answer.Kind, answer.Rendition = Take, t.Rendition
		out.send(from, answer)
		if v.traits.Withholds {
			return
		}
		v.upload(from, t, out)
	}
}

// uploadID names the sending of a slot to a neighbour, of which there is one at
// a time.
func uploadID(to NodeID, seq uint32) SendID { return SendID(to)<<32 | SendID(seq) + 1 }
