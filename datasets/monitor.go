package datasets

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// detectWindows looks for the label of churn windows.
func detectWindows(s *sample) string {
	for _, row := range s.rows[:min(len(s.rows), 3)] {
		if len(row) < 7 || row[len(row)-1] != "#churn" || !isUnix(row[0]) || !isUnix(row[1]) {
			return ""
		}
	}
	if len(s.rows) == 0 {
		return ""
	}
	return "its rows begin with two Unix times and end with #churn"
}

// A window on its way into a history.
type sighting struct {
	Window
	line  int64
	state state
}

// readWindows reads what a monitor saw between two times. Windows that overlap
// are cut; those in which it saw nothing are its own outage.
func readWindows(r *reading, t *sheetReader) error {
	var all []sighting
	for t.next() {
		var n [5]int64
		ok, wrong := true, missing
		for i, role := range []int{chFrom, chTo, chCount, chOpened, chClosed} {
			if n[i], wrong, ok = t.read(role); !ok {
				break
			}
		}
		w := Window{n[0], n[1], n[2], n[3], n[4]}
		switch {
		case !ok:
			t.drop(wrong)
		case w.To <= w.From:
			t.drop(reversed)
		case w.Open < 0 || w.Opened < 0 || w.Closed < 0:
			t.drop(negative)
		default:
			all = append(all, sighting{w, t.line(), t.now})
		}
	}
	r.watch(all)
	return nil
}

// watch puts windows in order and takes those in which something was seen.
func (r *reading) watch(all []sighting) {
	note := func(w *sighting, d dirt) {
		w.state = max(w.state, r.journal.note(d, func() string { return placeOf(r.name, w.line) }))
	}
	for i := 1; i < len(all); i++ {
		if all[i].From < all[i-1].From {
			note(&all[i], outOfOrder)
		}
	}
	stably(all, func(a, b sighting) int { return cmp.Compare(a.From, b.From) })
	step, h := usual(len(all)-1, func(i int) int64 { return all[i+1].From - all[i].From }), r.history()
	var until, before int64
	for i := range all {
		w := &all[i]
		if i > 0 && w.From-before > 2*step {
			note(w, noStep)
		}
		begin := w.From
		before = begin
		if i > 0 && w.From < until {
			note(w, overlap)
			begin = until
		}
		until = max(until, w.To)
		switch w.From = begin; {
		case w.Open == 0:
			note(w, zeroMonitor)
		case w.From >= w.To:
			note(w, zeroLength)
		default:
			h.Windows = append(h.Windows, w.Window)
		}
		r.journal.settle(w.state, 1)
	}
}

// detectSurvival looks for a Unix time and pairs of a whole number and a share.
func detectSurvival(s *sample) string {
	for _, row := range s.rows[:min(len(s.rows), 5)] {
		if len(row) < 5 || !isUnix(row[0]) || len(survivalPairs(row)) < 2 {
			return ""
		}
	}
	if len(s.rows) < 2 {
		return ""
	}
	return "its rows are a Unix time and pairs of a time that grows and a share"
}

// survivalPairs are the pairs of a row: times that grow, and shares that fall.
func survivalPairs(row []string) (pairs []Survival) {
	for i := 1; i+1 < len(row); i += 2 {
		after, ok1 := parseDecimal([]byte(row[i]))
		part, ok2 := toFloat([]byte(row[i+1]))
		ns, fits := after.in(scale{1, 1, 9})
		if !ok1 || !ok2 || !fits || part < 0 || part > 1 || len(pairs) > 0 && time.Duration(ns) <= pairs[len(pairs)-1].After {
			return nil
		}
		pairs = append(pairs, Survival{After: time.Duration(ns), Share: unit.Ratio(part)})
	}
	return pairs
}

// readSurvival reads rows of shares.
func readSurvival(r *reading, f *file) error {
	s := newSheet(newLines(f.in, r.journal, f.name), f.delim, false)
	s.want = -1
	h := r.history()
	for s.next() {
		row := make([]string, s.width())
		for i := range row {
			row[i] = string(bytes.TrimSpace(s.cell(i)))
		}
		if n := len(row); n > 0 && n%2 == 0 {
			row = row[:n-1] // the last is the monitor's label
		}
		if slices.Contains(noneMarks, row[min(2, len(row)-1)]) {
			r.journal.drop(missing, s.place)
			continue
		}
		pairs := survivalPairs(row)
		at, ok := parseDecimal(s.cell(0))
		ns, fits := at.in(scale{1, 1, 9})
		if !ok || !fits || len(pairs) == 0 {
			r.journal.drop(badLine, s.place)
			continue
		}
		st := s.state()
		for i, p := range pairs {
			if p.Share == 0 && i > 0 {
				st = max(st, r.journal.note(horizon, s.place))
				continue
			}
			p.At = ns
			h.Survivals = append(h.Survivals, p)
		}
		r.journal.settle(st, 1)
	}
	return s.fault()
}

// detectNodeCount looks for Unix times that grow, and two or more whole numbers
// of which the second is not below the first.
func detectNodeCount(s *sample) string {
	if s.delim != blanks || len(s.rows) < 3 {
		return ""
	}
	good := 0
	for _, row := range s.rows {
		if len(row) >= 3 && isUnix(row[0]) {
			a, ok1 := toFloat([]byte(row[1]))
			b, ok2 := toFloat([]byte(row[2]))
			good += btoi(ok1 && ok2 && a == float64(int64(a)) && b >= a)
		}
	}
	if good*10 < 8*len(s.rows) {
		return ""
	}
	return "its lines are a Unix time and numbers, of which the second is not below the first"
}
