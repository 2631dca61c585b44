package datasets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// iperfLine is a line of a report of iperf or iperf3: the connection, begin and
// end in s, what was moved, and the rate with its unit.
var iperfLine = regexp.MustCompile(`^\[\s*(\w+)\](?:\[[TR]X-\w\])?\s+([\d.]+)\s*-\s*([\d.]+)\s+sec\s+[\d.]+ \w*Bytes\s+([\d.]+) (\w+/sec)(.*)$`)

// detectIperf looks for two such lines.
func detectIperf(s *sample) string {
	found := 0
	for line := range bytes.SplitSeq(s.head, []byte{'\n'}) {
		if found += btoi(iperfLine.Match(bytes.TrimSpace(line))); found == 2 {
			return "it has lines as iperf prints them"
		}
	}
	return ""
}

// readIperf reads what iperf prints. Lines that sum the whole run up are no rows;
// where several connections ran side by side, those of their sum are.
func readIperf(r *reading, f *file) error {
	l := newLines(f.in, r.journal, f.name)
	r.unit("down: the unit beside each rate")
	all := map[string][]leg{}
	var ids []string
	for text, ok := l.next(); ok; text, ok = l.next() {
		m := iperfLine.FindSubmatch(bytes.TrimSpace(text))
		if m == nil {
			continue
		}
		id := string(m[1])
		g, ok := iperfLeg(m)
		before := all[id]
		switch {
		case strings.Contains(string(m[6]), "sender"), strings.Contains(string(m[6]), "receiver"), len(before) > 0 && g.at < before[len(before)-1].at:
			r.journal.note(total, l.place)
			continue
		case before == nil:
			ids = append(ids, id)
		}
		if g.line = l.n; !ok {
			g.state = r.journal.note(badNumber, l.place)
		}
		all[id] = append(before, g)
	}
	legs := all["SUM"]
	if legs == nil && len(ids) > 1 {
		return fmt.Errorf("%s: %d connections side by side and no [SUM] of them: keep the lines of one", f.name, len(ids))
	}
	if legs == nil && len(ids) == 1 {
		legs = all[ids[0]]
	}
	c := &course{r: r, name: f.name, timed: true, sized: true}
	for _, g := range legs {
		if r.journal.rows++; g.state == isDropped {
			r.journal.settle(isDropped, 1)
			continue
		}
		c.rated(g)
	}
	c.finish()
	return l.err
}

// rated adds a row whose rate may be zero.
func (c *course) rated(l leg) {
	switch {
	case l.down == 0:
		c.note(&l, zeroOutage)
	case l.down < lowRate:
		c.note(&l, nearZero)
	}
	c.add(l)
}

// iperfLeg is the row of a line.
func iperfLeg(m [][]byte) (g leg, ok bool) {
	seconds := scale{1, 1, 9}
	from, ok1 := parseDecimal(m[2])
	to, ok2 := parseDecimal(m[3])
	d, ok3 := parseDecimal(m[4])
	u, ok4 := measureOf(string(m[5]), rate)
	begin, fits1 := from.in(seconds)
	end, fits2 := to.in(seconds)
	g.at, g.length = begin, end-begin
	var fits3 bool
	g.down, fits3 = d.in(u.scale)
	return g, ok1 && ok2 && ok3 && ok4 && fits1 && fits2 && fits3 && g.length > 0 && g.down <= maxRate
}

// detectIperf3 looks for the keys of iperf3 --json.
func detectIperf3(s *sample) string {
	if s.starts("{") && bytes.Contains(s.head, []byte(`"intervals"`)) && bytes.Contains(s.head, []byte(`"bits_per_second"`)) {
		return "it has intervals with bits_per_second, as iperf3 --json writes them"
	}
	return ""
}

// readIperf3 reads the intervals of one run: the sum of all connections, or the
// only one.
func readIperf3(r *reading, f *file) error {
	text, err := f.all()
	if err != nil {
		return err
	}
	type rates struct {
		Start, End float64
		Rate       *float64 `json:"bits_per_second"`
	}
	var doc struct {
		Intervals []struct {
			Sum     *rates
			Streams []rates
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: not the JSON of iperf3: %w: run it again", f.name, err)
	}
	r.unit("down: bit/s, length: s, as the format says")
	c := &course{r: r, name: f.name, timed: true, sized: true}
	for i, x := range doc.Intervals {
		r.journal.rows++
		where := func() string { return fmt.Sprintf("%s, interval %d", f.name, i) }
		if x.Sum == nil && len(x.Streams) == 1 {
			x.Sum = &x.Streams[0]
		}
		if x.Sum == nil || x.Sum.Rate == nil || !(*x.Sum.Rate >= 0 && *x.Sum.Rate <= maxRate) || !(x.Sum.End > x.Sum.Start && x.Sum.Start >= 0 && x.Sum.End < 1e8) {
			r.journal.drop(badLine, where)
			continue
		}
		nanos := func(s float64) int64 { return int64(s * float64(time.Second)) }
		c.rated(leg{at: nanos(x.Sum.Start), length: nanos(x.Sum.End) - nanos(x.Sum.Start), down: int64(*x.Sum.Rate), line: int64(i + 1)})
	}
	c.finish()
	return nil
}
