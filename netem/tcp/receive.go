package tcp

import (
	"bytes"
	"slices"
)

// A receiver keeps what has arrived: in order for the reader, and beyond the
// first hole for later.
type receiver struct {
	in    bytes.Buffer // for the reader
	rcv   Seq          // the next position to come
	edge  Seq          // end of the window that the peer knows of
	most  int          // bytes that may wait
	shift int          // of windows on the wire
	ahead []byte       // from rcv on, with holes
	spans []span       // of ahead, what is there; in order, apart
	turns int
	twice Block // has come again; empty: nothing has
	since int   // bytes taken since the last acknowledgement
	fin   bool  // the end is known: finAt
	finAt Seq
	ended bool // all has been taken, FIN too
	deaf  bool // nobody reads
}

// A span is bytes that have arrived out of order; turn says when it grew last.
type span struct {
	Block
	turn int
}

// mostSpans bounds how many holes a receiver keeps.
const mostSpans = 1 << 10

func (r *receiver) begin(next Seq, most int) {
	r.rcv, r.most = next, most
	r.edge = next.Plus(min(most, 1<<16-1))
}

// shiftFor is the least shift with which a window fits into its 16 bits.
func shiftFor(window int) (shift int) {
	for window>>shift > 1<<16-1 && shift < maxScale {
		shift++
	}
	return shift
}

// open moves the edge of the window as far as there is room, if that is worth
// telling, and returns what goes on the wire. It never takes anything back: RFC
// 9293, 3.8.6.2.2.
func (r *receiver) open(mss int) uint16 {
	to := r.rcv.Plus(max(0, r.most-r.in.Len()))
	if gain := to.Minus(r.edge); gain >= min(r.most/2, mss) {
		r.edge = to
	}
	return uint16(min(r.edge.Minus(r.rcv)>>r.shift, 1<<16-1))
}

// gained says whether the reader has made so much room that the peer should
// hear of it.
func (r *receiver) gained(mss int) bool {
	told := r.edge.Minus(r.rcv)
	gain := r.most - r.in.Len() - told
	return gain >= r.most/2 || told < 2*mss && gain >= min(r.most/2, mss)
}

// acceptable says whether part of a segment lies within the window: RFC 9293,
// 3.4.
func (r *receiver) acceptable(s *Segment) bool {
	n, window := s.span(), r.edge.Minus(r.rcv)
	first, last := s.Seq.Minus(r.rcv), s.Seq.Plus(n-1).Minus(r.rcv)
	switch {
	case n == 0 && window == 0:
		return first == 0
	case n == 0:
		return first >= 0 && first < window
	case window == 0:
		return false
	}
	return first >= 0 && first < window || last >= 0 && last < window
}

// take keeps the data of a segment, of which part lies within the window. It
// says whether they came in order and left no hole.
func (r *receiver) take(s *Segment) (inOrder bool) {
	from, data := s.Seq, s.Data
	if s.Flags&SYN != 0 {
		from = from.Plus(1)
	}
	fin := s.Flags&FIN != 0
	if old := r.rcv.Minus(from); old > 0 {
		data = data[min(old, len(data)):]
		from = r.rcv
	}
	if over := from.Plus(len(data)).Minus(r.edge); over > 0 {
		data, fin = data[:max(0, len(data)-over)], false
	}
	if fin && !r.fin {
		r.fin, r.finAt = true, from.Plus(len(data))
	}
	if r.fin {
		data = data[:min(len(data), max(0, r.finAt.Minus(from)))]
	}
	switch {
	case len(data) == 0:
		inOrder = from == r.rcv && len(r.spans) == 0
	case from == r.rcv && len(r.spans) == 0:
		r.in.Write(data)
		r.rcv = r.rcv.Plus(len(data))
		inOrder = true
	default:
		r.keep(from, data)
	}
	if r.fin && r.rcv == r.finAt && !r.ended {
		r.rcv, r.ended = r.rcv.Plus(1), true
		r.edge = r.edge.Plus(1)
		r.spans, r.ahead = nil, nil // a peer that lies has sent bytes from behind its end
	}
	return inOrder
}

// keep puts data behind a hole, or into one.
func (r *receiver) keep(from Seq, data []byte) {
	if !r.mark(Block{from, from.Plus(len(data))}) {
		return
	}
	at := from.Minus(r.rcv)
	if need := at + len(data); need > len(r.ahead) {
		r.ahead = append(r.ahead, make([]byte, need-len(r.ahead))...)
	}
	copy(r.ahead[at:], data)
	if first := r.spans[0]; first.From == r.rcv {
		n := first.To.Minus(first.From)
		r.in.Write(r.ahead[:n])
		r.ahead = r.ahead[n:]
		r.rcv = first.To
		if r.spans = slices.Delete(r.spans, 0, 1); len(r.spans) == 0 {
			r.ahead = nil
		}
	}
}

// mark adds a range to the spans. It refuses one too many, unless it begins at
// the first hole, which must always be filled.
func (r *receiver) mark(b Block) bool {
	r.turns++
	i, _ := slices.BinarySearchFunc(r.spans, b.From, func(s span, at Seq) int { return s.To.Minus(at) })
	j := i // spans from i to j touch b
	for j < len(r.spans) && !b.To.Before(r.spans[j].From) {
		j++
	}
	if i == j {
		if len(r.spans) >= mostSpans && b.From != r.rcv {
			return false
		}
		r.spans = slices.Insert(r.spans, i, span{b, r.turns})
		return true
	}
	if r.spans[i].From.Before(b.From) {
		b.From = r.spans[i].From
	}
	if b.To.Before(r.spans[j-1].To) {
		b.To = r.spans[j-1].To
	}
	r.spans[i] = span{b, r.turns}
	r.spans = slices.Delete(r.spans, i+1, j)
	return true
}

// known notes that a segment was here before.
func (r *receiver) known(s *Segment) {
	if end := s.Seq.Plus(s.span()); s.span() > 0 && !r.rcv.Before(end) {
		r.twice = Block{s.Seq, end}
	}
}

// tells says whether there is something to tell in blocks.
func (r *receiver) tells() bool { return len(r.spans) > 0 || r.twice != Block{} }

// blocks are what has come again (RFC 2883, 4), which is told once, and the
// spans that grew last, latest first (RFC 2018, 4).
func (r *receiver) blocks(most int) (found []Block) {
	if r.twice != (Block{}) {
		found, r.twice = append(found, r.twice), Block{}
	}
	before := r.turns + 1
	for len(found) < most {
		latest := -1
		for i := range r.spans {
			if t := r.spans[i].turn; t < before && (latest < 0 || t > r.spans[latest].turn) {
				latest = i
			}
		}
		if latest < 0 {
			break
		}
		before = r.spans[latest].turn
		found = append(found, r.spans[latest].Block)
	}
	return found
}
