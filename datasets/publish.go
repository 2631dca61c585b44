package datasets

import (
	"bytes"
	"strings"

	"kinetoscope/internal/unit"
)

// detectPublish looks for a line that begins with ID: above rows of four whole
// numbers.
func detectPublish(s *sample) string {
	if !s.starts("ID:") {
		return ""
	}
	for line := range bytes.SplitSeq(s.head[:min(len(s.head), 4096)], []byte{'\n'}) {
		if f := appendFields(nil, line); len(f) == 4 {
			if _, ok := publishRow(f); ok {
				return "it begins with ID: and has rows of ms, bytes, key and kbit/s"
			}
		}
	}
	return ""
}

// publishRow reads a frame.
func publishRow(cells [][]byte) (a Arrival, ok bool) {
	var n [4]int64
	for i, c := range cells {
		d, number := parseDecimal(bytes.TrimSpace(c))
		if n[i], ok = d.in(one); !ok || !number || n[i] < 0 {
			return a, false
		}
	}
	at, ok := decimal{mant: uint64(n[0])}.in(scale{1, 1, 6})
	return Arrival{At: at, Size: unit.Size(n[1]), Key: n[2] == 1}, ok
}

// Frames of a publish log that are worth a note.
const (
	headerOnly = 26 // bytes of a frame without pictures
	longPause  = 1_000_000_000
)

// readPublish reads frames. Lines that begin with ID: start a piece of a stream,
// lines like FPS=22 sum up; both are no rows.
func readPublish(r *reading, f *file) error {
	l := newLines(f.in, r.journal, f.name)
	v := r.crowd()
	var stream int32 = -1
	if n := len(v.Arrivals); n > 0 {
		stream = v.Arrivals[n-1].Stream
	}
	var last int64
	r.unit("time: ms, size: bytes, as the format says")
	for line, ok := l.next(); ok; line, ok = l.next() {
		text := strings.TrimSpace(string(line))
		if id, begins := strings.CutPrefix(text, "ID:"); begins {
			stream++
			last = 0
			if id == "" {
				r.journal.note(noName, l.place)
			}
			continue
		}
		if text == "" || strings.Contains(text, "=") {
			continue
		}
		r.journal.rows++
		cells := appendFields(nil, line)
		if len(cells) != 4 {
			if !l.ended {
				r.journal.drop(truncated, l.place)
			} else {
				r.journal.drop(badLine, l.place)
			}
			continue
		}
		a, ok := publishRow(cells)
		if !ok {
			r.journal.drop(badNumber, l.place)
			continue
		}
		st := isKept
		switch {
		case last == 0:
		case a.At < last:
			st = r.journal.note(clockBack, l.place)
			a.At = last
		case a.At == last:
			r.journal.note(tie, l.place)
		case a.At > last+longPause:
			r.journal.note(noStep, l.place)
		}
		if a.Size == headerOnly {
			r.journal.note(emptyFrame, l.place)
		}
		a.Stream, last = max(stream, 0), max(last, a.At)
		v.Arrivals = append(v.Arrivals, a)
		r.journal.settle(st, 1)
	}
	return l.err
}

// crowdQuantities are what viewers tell.
func (s *Set) crowdQuantities() []Quantity {
	v := s.Viewers
	sessions, lengths := Quantity{Name: "session", Unit: "s"}, Quantity{Name: "watch time", Unit: "s"}
	gaps, counts := Quantity{Name: "between arrivals", Unit: "s"}, Quantity{Name: "viewers", Unit: "1"}
	ranks, frames := Quantity{Name: "views", Unit: "1"}, Quantity{Name: "frame", Unit: "B"}
	for i, x := range v.Sessions {
		sessions.Values = append(sessions.Values, x.Length.Seconds())
		if i > 0 {
			gaps.Values = append(gaps.Values, float64(x.Start-v.Sessions[i-1].Start)/1e9)
		}
	}
	for _, x := range v.Lengths {
		lengths.Values = append(lengths.Values, x.Seconds())
	}
	for _, x := range v.Counts {
		counts.Values = append(counts.Values, float64(x.N))
	}
	for _, x := range v.Ranks {
		ranks.Values = append(ranks.Values, float64(x.N))
	}
	for i, x := range v.Arrivals {
		if x.Size > 0 {
			frames.Values = append(frames.Values, float64(x.Size))
		}
		if i > 0 && x.Stream == v.Arrivals[i-1].Stream {
			gaps.Values = append(gaps.Values, float64(x.At-v.Arrivals[i-1].At)/1e9)
		}
	}
	stays := Quantity{Name: "stay", Unit: "s"}
	for _, x := range s.Stays() {
		stays.Values = append(stays.Values, x.After.Seconds())
	}
	return []Quantity{sessions, lengths, stays, counts, ranks, frames, gaps}
}

// crowdCurves are numbers over time, or views by rank.
func (s *Set) crowdCurves() []Curve {
	if all := countCurve("viewers", s.Viewers.Counts); all != nil {
		return all
	}
	c := Curve{X: "rank", Y: "views"}
	for i, x := range s.Viewers.Ranks {
		if x.Group != s.Viewers.Ranks[0].Group {
			break
		}
		c.Xs, c.Ys = append(c.Xs, float64(i+1)), append(c.Ys, float64(x.N))
	}
	if len(c.Xs) > 1 {
		return []Curve{c}
	}
	return nil
}
