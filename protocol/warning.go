package protocol

import (
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// A Warning says of a slot what the stream's description does not let expect:
// the signed headers, without payloads, of tokens that nobody or not everybody
// can show. The publisher sends it to every edge together with the slot, edges
// pass it on to viewers before they are asked for bytes. Nobody needs to be
// believed: the publisher's signature is in every header.
type Warning struct {
	Tokens []*token.Token
}

// holds reports whether the publisher signed every header and all are of slot
// seq, each of another rendition of s.
func (w *Warning) holds(s *Stream, seq uint32) bool {
	var seen uint16
	for _, t := range w.Tokens {
		r := int(t.Rendition)
		if t.Stream != s.ID || t.Seq != seq || r >= len(s.Rates) || seen>>r&1 != 0 || t.CheckHeader(s.Key) != nil {
			return false
		}
		seen |= 1 << r
	}
	return seen != 0
}

// warn sends every edge the headers of the slot's tokens that are not for
// everybody.
func (p *Publisher) warn(tokens []*token.Token, out *Output) {
	var w Warning
	for _, t := range tokens {
		if p.Piece(t.Seq, t.Rendition).Warn {
			w.Tokens = append(w.Tokens, t.With(nil))
		}
	}
	if len(w.Tokens) == 0 {
		return
	}
	for _, e := range p.stream.Edges {
		out.send(e, Message{Kind: Warn, Seq: tokens[0].Seq, Rendition: uint8(len(w.Tokens)), Warning: &w})
	}
}

// Due is what a viewer owes for a token: nothing for one that nobody can show.
func (s *Stream) Due(h *token.Header) unit.Wei {
	if !h.Flags.Billable() {
		return 0
	}
	return s.Price(h.Seq)
}

// ---- edge

// A bulletin is the warnings that an edge keeps.
type bulletin struct {
	ring [keepSlots]*Message // by slot
	end  uint32              // one more than the newest slot
}

func (b *bulletin) at(seq uint32) *Message {
	if m := b.ring[seq%keepSlots]; m != nil && m.Seq == seq {
		return m
	}
	return nil
}

// barred says that a token was announced as one that nobody can show, so that
// it comes to nobody.
func (b *bulletin) barred(seq uint32, rendition uint8) bool {
	m := b.at(seq)
	if m == nil {
		return false
	}
	for _, t := range m.Warning.Tokens {
		if t.Rendition == rendition {
			return !t.Flags.Billable()
		}
	}
	return false
}

// warned keeps a warning of the publisher, ends what was under way for tokens
// that will not come, and tells the viewers that were heard of lately.
func (e *Edge) warned(now time.Duration, from NodeID, m *Message, out *Output) {
	s := e.stream
	if from != s.Publisher || m.Seq > s.At(now)+1 || m.Seq+keepSlots < e.warnings.end {
		return
	}
	out.CPU += s.CPU.Check
	if !m.Warning.holds(s, m.Seq) {
		out.fact(Rejected, 1, Fact{Node: from, Seq: m.Seq})
		return
	}
	keep := *m
	e.warnings.ring[m.Seq%keepSlots] = &keep
	e.warnings.end = max(e.warnings.end, m.Seq+1)
	for _, a := range e.guests.accounts {
		if g := e.guests.of(a); now-time.Duration(g.heard)*time.Millisecond < attention {
			e.inform(g, NodeID(a), m.Seq, out)
		}
	}
	for _, t := range m.Warning.Tokens {
		if !t.Flags.Billable() {
			e.bar(m.Seq, t.Rendition)
		}
	}
}

// attention is how long after its last word a viewer is told of warnings
// without asking.
const attention = 10 * time.Second

// inform sends a guest the warnings from slot seq on that it has not been sent.
func (e *Edge) inform(g *guest, to NodeID, seq uint32, out *Output) {
	b := &e.warnings
	for q := max(seq, g.informed); q < b.end; q++ {
		if m := b.at(q); m != nil {
			out.send(to, *m)
		}
	}
	if b.end > g.informed {
		e.apart(g).informed = b.end
	}
}

// bar lets those go who wait for a token that will not come; they have been
// told.
func (e *Edge) bar(seq uint32, rendition uint8) {
	n := e.find(seq, rendition)
	if n == nil || n.state == here {
		return
	}
	for _, w := range n.waiters {
		e.turn(e.guests.of(payment.Account(w)), quiet)
	}
	e.letGo(n)
	n.state, n.gather = absent, nil
}

// ---- viewer

// An outlook is what a viewer knows of a slot beyond the stream's description.
type outlook struct {
	seq       uint32
	unfit     uint16 // bit r: rendition r cannot be shown by this viewer
	dependent uint16 // bit r: rendition r does not decode alone
}

// maxOutlooks bounds what a viewer keeps of slots to come.
const maxOutlooks = keepSlots

// outlook is what is known of slot seq, made if it is not there yet.
func (v *Viewer) outlook(seq uint32) *outlook {
	v.apart()
	keep := v.outlooks[:0]
	for _, o := range v.outlooks {
		if o.seq >= v.player.next {
			keep = append(keep, o)
		}
	}
	v.outlooks = keep
	for i := range keep {
		if keep[i].seq == seq {
			return &keep[i]
		}
	}
	if len(keep) == maxOutlooks {
		v.outlooks = keep[1:]
	}
	v.outlooks = append(v.outlooks, outlook{seq: seq})
	return &v.outlooks[len(v.outlooks)-1]
}

// foreseen is what is known of slot seq, without making anything.
func (v *Viewer) foreseen(seq uint32) outlook {
	for _, o := range v.outlooks {
		if o.seq == seq {
			return o
		}
	}
	return outlook{seq: seq}
}

// warned learns what of a slot it cannot show, and turns from what it is
// fetching if that is of it.
func (v *Viewer) warned(now time.Duration, m *Message, out *Output) {
	s := v.stream
	if m.Seq < v.player.next || m.Seq > s.At(now)+1 {
		return
	}
	out.CPU += s.CPU.Check
	if !m.Warning.holds(s, m.Seq) {
		out.fact(Rejected, 1, Fact{Seq: m.Seq})
		return
	}
	o := v.outlook(m.Seq)
	for _, t := range m.Warning.Tokens {
		if !v.decodes(&t.Header) {
			o.unfit |= 1 << t.Rendition
		}
		if t.Flags&token.Independent == 0 {
			o.dependent |= 1 << t.Rendition
		}
	}
	fetching := v.phase == waiting || v.phase == asking || v.phase == receiving || v.phase == gathering
	if fetching && m.Seq == v.player.next && v.choices()>>v.req.rendition&1 == 0 {
		if v.phase == asking || v.phase == receiving {
			out.send(v.req.from, v.about(Drop))
		}
		v.plan(now, out)
	}
}

// decodes says whether the viewer has a decoder for what the header describes.
func (v *Viewer) decodes(h *token.Header) bool {
	return h.Flags&token.Undecodable == 0 && !(v.traits.NoDecoder && v.stream.foreign(h.Config))
}

// foreign says whether a record is one that not every viewer has a decoder for.
func (s *Stream) foreign(c token.ConfigID) bool {
	for _, f := range s.Foreign {
		if f == c {
			return true
		}
	}
	return false
}

// shows says whether the viewer can show a token that it has got: it has a
// decoder, and what the token was thought to need is there.
func (v *Viewer) shows(h *token.Header) bool {
	r, p := int8(h.Rendition), &v.player
	return v.decodes(h) && (h.Flags&token.Independent != 0 || p.before == fetched && r == p.last || !v.stream.Independent(h.Seq, int(r)))
}

// waste notes that a token was fetched in vain; nothing is owed for it.
func (v *Viewer) waste(now time.Duration, t *token.Token, out *Output) {
	out.fact(Wasted, int64(t.Size), Fact{Seq: t.Seq, Rendition: t.Rendition, Source: v.req.source})
	v.outlook(t.Seq).unfit |= 1 << t.Rendition
	v.plan(now, out)
}

// fit is the set of renditions of the next slot that the viewer may be able to
// show.
func (v *Viewer) fit() uint16 {
	return (1<<len(v.stream.Rates) - 1) &^ v.foreseen(v.player.next).unfit
}

// choices is the set of renditions of the next slot to choose from: what can be
// shown or, if nothing decodes alone and nothing came before it, what may be.
func (v *Viewer) choices() uint16 {
	if set := v.decodable(); set != 0 {
		return set
	}
	return v.fit()
}

// hopeless says that nothing of the next slot can be shown: all its renditions
// are unfit, or need a segment that passed as a gap.
func (v *Viewer) hopeless() bool {
	return v.fit() == 0 || v.player.before == passed && v.decodable() == 0 && v.stream.joinable()
}

// joinable says whether there is a slot that decodes without an earlier one.
func (s *Stream) joinable() bool {
	for seq := range s.Slots {
		for r := range s.Rates {
			if s.Independent(uint32(seq), r) {
				return true
			}
		}
	}
	return false
}

// pass lets the next slot go by as a gap: no byte is fetched and nothing is
// owed; a player that has begun shows its last picture for so long.
func (v *Viewer) pass(now time.Duration, out *Output) {
	p, length := &v.player, v.stream.Length(v.player.next)
	if p.Started() {
		out.fact(Gapped, int64(now+p.Buffer(now)), Fact{Seq: p.next, Span: length})
		v.exhibit(now, out)
		if v.swap != nil {
			v.swap.stack(ahead{seq: p.next, gap: true, length: length})
		}
		p.push(now, v.joined, length, v.stream, out)
	}
	p.next++
	p.before = passed
}
