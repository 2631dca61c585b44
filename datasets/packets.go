package datasets

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// detectValueUnit looks for lines of a number and the name of a rate.
func detectValueUnit(s *sample) string {
	for i, row := range s.rows {
		if len(row) != 2 {
			if i > 0 && i == len(s.rows)-1 {
				break
			}
			return ""
		}
		_, number := parseDecimal([]byte(row[0]))
		if _, unit := measureOf(row[1], rate); !number || !unit {
			return ""
		}
	}
	if len(s.rows) == 0 {
		return ""
	}
	return fmt.Sprintf("its lines are a number and a unit, like %s %s", s.rows[0][0], s.rows[0][1])
}

// detectRiiser looks for six columns of which the second grows by the sixth
// and the third and fourth are a place on Earth.
func detectRiiser(s *sample) string {
	elapsed, lat, lon, bytes, ms := s.column(1, 6), s.column(2, 6), s.column(3, 6), s.column(4, 6), s.column(5, 6)
	if len(elapsed) < 2 || bytes == nil || ms == nil {
		return ""
	}
	near := 0
	for i := range elapsed {
		if math.Abs(lat[i]) > 90 || math.Abs(lon[i]) > 180 || bytes[i] < 0 || ms[i] < 0 {
			return ""
		}
		if i > 0 && math.Abs(elapsed[i]-elapsed[i-1]-ms[i]) <= 0.2*ms[i]+2 {
			near++
		}
	}
	if near*10 < 8*(len(elapsed)-1) {
		return ""
	}
	return "its six columns are a clock, ms, a place, bytes and ms: the second grows by the sixth"
}

// detectCooked looks for two columns of numbers set apart by blanks or a tab, the
// first growing from below a day in s, the second of no more than 1,000 and with
// decimals: larger ones, whole numbers, and those beside a comma may as well be
// kbit/s, and then the reader has to say so.
func detectCooked(s *sample) string {
	at, rates := s.column(0, 2), s.column(1, 2)
	if s.delim != blanks && s.delim != '\t' || !slices.ContainsFunc(s.rows, func(row []string) bool { return len(row) > 1 && strings.Contains(row[1], ".") }) {
		return ""
	}
	if len(at) < 2 || rates == nil || at[0] < 0 || at[0] > 86400 || isShare(rates) {
		return ""
	}
	var steps []float64
	for i := range at {
		if rates[i] < 0 || rates[i] > 1_000 {
			return ""
		}
		if i > 0 && at[i] > at[i-1] {
			steps = append(steps, at[i]-at[i-1])
		}
	}
	if len(steps)*10 < 9*(len(at)-1) || median(steps) > 60 {
		return ""
	}
	return "its two columns of numbers are a time that grows and a rate, without a header: read as s and Mbit/s, as such traces are"
}

// isShare says whether numbers only grow, from 0 to at most 1.
func isShare(xs []float64) bool {
	for i, x := range xs {
		if x < 0 || x > 1 || i > 0 && x < xs[i-1] {
			return false
		}
	}
	return len(xs) > 3
}

// detectOboe looks for pairs of lines with one rate each.
func detectOboe(s *sample) string {
	at, rates := s.column(0, 2), s.column(1, 2)
	if len(at) < 4 || rates == nil {
		return ""
	}
	pairs, others := 0, 0
	for i := 0; i+1 < len(at); i += 2 {
		if rates[i] != rates[i+1] || at[i+1] < at[i] {
			return ""
		}
		pairs++
		others += btoi(i > 0 && rates[i] != rates[i-1])
	}
	if others*2 < pairs {
		return ""
	}
	return "each two lines of its two columns have one rate: begin and end of a segment"
}

// readOboe reads pairs of lines as steps. What lies between two pairs is not
// known and left out; a pair counts as two rows.
func readOboe(r *reading, f *file) error {
	p := profile{columns: rateColumns(map[int]column{bwTime: {at: 1, unit: "ms"}, bwDown: {at: 2, unit: "kbit/s"}})}
	t, err := r.bind(r.rows(f, &p), &p)
	if err != nil {
		return err
	}
	how := rateTable{profile: p}
	c := &course{r: r, name: f.name, uneven: true}
	var first *leg
	for t.next() {
		l, ok := how.row(t, c, nil)
		if !ok {
			continue
		}
		l.state = max(l.state, t.now)
		if first == nil {
			first = &l
			continue
		}
		if l.down != first.down || l.at <= first.at {
			r.journal.drop(badLine, func() string { return placeOf(f.name, first.line) })
			first = &l
			continue
		}
		r.journal.settle(first.state, 1) // the second line settles with the leg
		l.length = l.at - first.at
		c.add(l)
		first = nil
	}
	if first != nil {
		r.journal.drop(truncated, func() string { return placeOf(f.name, first.line) })
	}
	if err := t.finish(); err != nil {
		return err
	}
	c.finish()
	return nil
}

// detectMahimahi looks for one column of whole numbers that never falls.
func detectMahimahi(s *sample) string {
	at := s.column(0, 1)
	if len(at) < 4 {
		return ""
	}
	for i, x := range at {
		if x != math.Trunc(x) || x < 0 || x > 1e9 || i > 0 && x < at[i-1] {
			return ""
		}
	}
	return "its one column of whole numbers never falls: times of chances to send a packet"
}

// Mahimahi's packets, and the steps that are made of them.
const (
	packetBits = 1500 * 8
	packetStep = 100 // ms
)

// readMahimahi counts chances to send in steps of 100 ms. Steps without one
// are an outage, together one step; the file's loop ends with the last.
func readMahimahi(r *reading, f *file) error {
	p := profile{columns: rateColumns(map[int]column{bwTime: {at: 1, unit: "ms"}})}
	t, err := r.bind(r.rows(f, &p), &p)
	if err != nil {
		return err
	}
	r.unit("down: chances to send 1500 bytes, counted in steps of %d ms, as the format says", packetStep)
	c := &course{r: r, name: f.name, uneven: true}
	const step = packetStep * 1_000_000
	var begin, n, last int64
	flush := func(steps int64) {
		l := leg{length: steps * step, down: n * packetBits * 1000 / packetStep, line: t.line(), state: isKept}
		if n == 0 {
			c.note(&l, zeroOutage)
		}
		c.add(l)
		begin, n = begin+steps*step, 0
	}
	for t.next() {
		at, wrong, ok := t.read(bwTime)
		switch {
		case !ok:
			t.drop(wrong)
			continue
		case at < 0:
			t.drop(negative)
			continue
		case at < last:
			t.note(outOfOrder)
			at = last
		case at > last+maxLength:
			t.drop(badTime)
			continue
		}
		last = at
		if at >= begin+step && n > 0 {
			flush(1)
		}
		if at >= begin+step {
			flush((at - begin) / step)
		}
		n++
		r.journal.settle(t.now, 1)
	}
	if n > 0 {
		flush(1)
	}
	if err := t.finish(); err != nil {
		return err
	}
	c.steps()
	return nil
}
