package protocol

import (
	"math"
	"time"

	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/player"
	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// A swap is what a viewer has who fetches segments of its buffer once more, on
// a higher rung. It does so before it fetches the next one, one at a time.
type swap struct {
	queue player.Queue
	ahead []ahead // those whose showing has not begun, in order
	vain  uint32  // the next slot, plus one, for which it tries no more
	// The request under way, in the phase swapping.
	seq       uint32
	rendition uint8
	from      NodeID
	source    Source
	sent      time.Duration
	taken     bool
}

// An ahead is a segment of the buffer; of a gap only the length is known.
type ahead struct {
	seq       uint32
	rendition uint8
	gap       bool
	bytes     int64
	source    Source
	length    time.Duration
}

// newSwap is nil if segments are not replaced.
func newSwap(s *Stream) *swap {
	if s.Player.Replace == "" || s.Player.Replace == abr.ReplaceNone {
		return nil
	}
	return &swap{}
}

// exhibit states which segments have begun to be shown.
func (v *Viewer) exhibit(now time.Duration, out *Output) {
	w := v.swap
	if w == nil || !v.player.Playing() {
		return
	}
	w.queue.Show(v.player.Buffer(now), func(player.Segment) {
		if g := w.ahead[0]; !g.gap {
			out.fact(Shown, 1, Fact{Seq: g.seq, Rendition: g.rendition, Span: g.length})
		}
		w.ahead = w.ahead[1:]
	})
}

// stack puts a segment at the end of what is to be shown.
func (w *swap) stack(g ahead) {
	rung := int(g.rendition)
	if g.gap {
		rung = math.MaxInt // nothing is better
	}
	w.queue.Push(player.Segment{Rung: rung, Length: g.length})
	w.ahead = append(w.ahead, g)
}

// back is where a slot stands, counted from the end of the buffer; 0: its showing has
// begun.
func (w *swap) back(seq uint32) int {
	for i, g := range w.ahead {
		if g.seq == seq && !g.gap {
			return len(w.ahead) - i
		}
	}
	return 0
}

// improve asks for a segment of the buffer on the rung that the next one would have,
// and says whether there is one. It and the one behind it decode alone, and
// neighbours may still ask for it.
func (v *Viewer) improve(now time.Duration, rung int, out *Output) bool {
	w, s, p := v.swap, v.stream, &v.player
	if w == nil || w.vain == p.next+1 || !p.Playing() {
		return false
	}
	v.exhibit(now, out)
	back := w.queue.Candidate(s.Player.Replace == abr.ReplaceRight, rung, p.Buffer(now))
	if back == 0 || back > min(len(w.ahead), swarm.Window-1) {
		return false
	}
	g := w.ahead[len(w.ahead)-back]
	if !s.Independent(g.seq, rung) || v.foreseen(g.seq).unfit>>rung&1 == 1 {
		return false
	}
	if back > 1 {
		if after := w.ahead[len(w.ahead)-back+1]; after.gap || !s.Independent(after.seq, int(after.rendition)) {
			return false
		}
	}
	w.seq, w.rendition, w.sent, w.taken = g.seq, uint8(rung), now, false
	if id, _, ok := v.table.Choose(now, g.seq, uint8(rung), 1<<rung, s.Swarm.Selection, v.draw()); ok {
		w.from, w.source = NodeID(id), FromPeer
		v.hadItsTurn(now, id)
	} else if len(v.edges) > 0 && (s.Swarm.Servers != swarm.FromStorage || s.Coder == nil) {
		w.from, w.source = v.edges[v.home], FromEdge
	} else {
		return false
	}
	v.phase = swapping
	out.send(w.from, w.about(Want))
	v.arm(now+s.Swarm.Silence, out)
	return true
}

func (w *swap) about(k MsgKind) Message {
	return Message{Kind: k, Seq: w.seq, Rendition: w.rendition, Shard: Whole}
}

// tooLate looks at a replacement under way: it is given up once the segment is due,
// or if nobody answers.
func (v *Viewer) tooLate(now time.Duration, out *Output) {
	w, s := v.swap, v.stream
	v.exhibit(now, out)
	due, back := now, w.back(w.seq)
	if back > 0 {
		due += v.player.Buffer(now) - w.queue.From(back)
	}
	end := w.sent + s.Swarm.Silence
	if w.taken {
		end = w.sent + s.Swarm.Patience
	}
	if end = min(end, due); now < end {
		v.arm(end, out)
		return
	}
	out.send(w.from, w.about(Drop))
	v.keepAsIs(now, out)
}

// keepAsIs goes on with the next slot after a replacement in vain.
func (v *Viewer) keepAsIs(now time.Duration, out *Output) {
	w, p := v.swap, &v.player
	v.abr.GivenUp(&p.memory, abr.Download{Rung: int(w.rendition), Buffer: p.Buffer(now), Replaces: true}, int(w.rendition))
	w.vain = p.next + 1
	v.plan(now, out)
}

// swapped takes what the holder says about the replacement under way, and says whether the
// message was about it.
func (v *Viewer) swapped(now time.Duration, in *Input, out *Output) bool {
	w, m := v.swap, in.Msg
	if in.From != w.from || m.Seq != w.seq || m.Rendition != w.rendition {
		return false
	}
	switch m.Kind {
	case Take:
		w.taken = true
		v.tooLate(now, out)
	case Deny:
		v.keepAsIs(now, out)
	case Give:
		v.replace(now, m.Token, in.Took, out)
	}
	return true
}

// replace puts a token in the place of a segment of the buffer, announces it and pays
// for it.
func (v *Viewer) replace(now time.Duration, t *token.Token, took time.Duration, out *Output) {
	w, p := v.swap, &v.player
	if !v.sound(t, out) || t.Seq != w.seq || t.Rendition != w.rendition {
		out.fact(Rejected, 1, Fact{Seq: w.seq, Node: w.from, Source: w.source})
		if w.source == FromPeer {
			v.shun(w.from, out)
			v.forget(now, w.from, out)
		}
		v.keepAsIs(now, out)
		return
	}
	v.exhibit(now, out)
	back := w.back(w.seq)
	if back == 0 || !v.decodes(&t.Header) || t.Flags&token.Independent == 0 {
		out.fact(Discarded, int64(t.Size), Fact{Seq: t.Seq, Rendition: t.Rendition, Source: w.source})
		v.keepAsIs(now, out)
		return
	}
	g := &w.ahead[len(w.ahead)-back]
	out.fact(Discarded, g.bytes, Fact{Seq: g.seq, Rendition: g.rendition, Source: g.source})
	g.rendition, g.bytes, g.source = t.Rendition, int64(t.Size), w.source
	w.queue.Replace(back, int(t.Rendition))
	if back == 1 {
		p.last = int8(t.Rendition)
	}
	p.estimate.Add(t.Size, took)
	if w.source == FromPeer {
		v.clocked(w.from, t.Size, took)
	}
	if old := v.held[t.Seq%swarm.Window]; old == nil || old.Seq <= t.Seq {
		v.held[t.Seq%swarm.Window] = t
		v.announce(t, out)
	}
	out.fact(Replaced, int64(t.Size), Fact{Source: w.source, Node: w.from, Rendition: t.Rendition, Seq: t.Seq, Span: g.length})
	since := now - w.sent
	v.abr.Fetched(&p.memory, abr.Download{Rung: int(t.Rendition), Size: t.Size, Got: t.Size, Took: since, Latency: max(0, since-took),
		Segment: g.length, Buffer: p.Buffer(now), Replaces: true})
	v.pay(now, t.Seq, out)
	v.plan(now, out)
}

// clear forgets what was to be shown, after a jump.
func (v *Viewer) clear(now time.Duration, out *Output) {
	w := v.swap
	if w == nil {
		return
	}
	v.exhibit(now, out)
	w.queue.Flush()
	w.ahead, w.vain = nil, 0
	if v.phase == swapping {
		out.send(w.from, w.about(Drop))
	}
}
