package datasets

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// Limits of a step: what netem takes.
const (
	minRate   = 1_000             // bits a second, if not zero
	maxRate   = 1_000_000_000_000 // bits a second
	minLength = int64(time.Millisecond)
	maxLength = int64(24 * time.Hour)
	lowRate   = 10_000 // bits a second, below which a rate is worth a note
)

// A leg is a row of rates on its way into a trace.
type leg struct {
	at, length int64 // nanoseconds
	down, up   int64 // bits a second
	line       int64
	state      state
	trace      int // which of the file
}

// A course is the rows of one trace.
type course struct {
	r         *reading
	name      string
	legs      []leg
	timed     bool // rows have times
	sized     bool // rows have lengths
	dated     bool // times are since 1970
	hasUp     bool
	uneven    bool    // there is no usual length
	tests     bool    // rows stand for themselves: two may have one time
	dropped   []int64 // times of rows that are of no use
	usualStep int64   // between rows, where they have times and no lengths
	bytes     bool    // rates are bytes, of the time until the next row
}

// note counts a rule of a leg.
func (c *course) note(l *leg, d dirt) {
	l.state = max(l.state, c.r.journal.note(d, func() string { return placeOf(c.r.name, l.line) }))
}

// add takes a row. Its rates are made what a trace can hold.
func (c *course) add(l leg) {
	if !c.bytes {
		c.least(&l)
	}
	c.legs = append(c.legs, l)
}

// least makes the rates of a row at least what a trace can hold.
func (c *course) least(l *leg) {
	for _, rate := range []*int64{&l.down, &l.up} {
		if *rate > 0 && *rate < minRate {
			c.note(l, slowRate)
			*rate = minRate
		}
	}
}

// rates makes rates of the bytes of rows, now that each has its length.
func (c *course) rates() {
	for i := range c.legs {
		l := &c.legs[i]
		if l.length > 0 {
			l.down = int64(min(float64(l.down)*8*1e9/float64(l.length), maxRate))
			c.least(l)
		}
		if l.down == 0 && l.state != isDropped {
			c.note(l, zeroOutage)
		}
	}
}

// finish makes the trace: rows in order, each with a length, without holes.
func (c *course) finish() {
	if c.timed {
		c.sort()
		if !c.tests {
			c.lengths()
		}
	}
	if c.bytes {
		c.rates()
	}
	c.cut()
	t := Trace{Name: c.name, HasUp: c.hasUp}
	if c.timed && c.dated && len(c.legs) > 0 {
		t.Start = c.legs[0].at
	}
	for i := range c.legs {
		l := &c.legs[i]
		c.r.journal.settle(l.state, 1)
		if l.state != isDropped {
			t.Steps = append(t.Steps, netem.Step{For: time.Duration(l.length), Down: unit.Rate(l.down), Up: unit.Rate(l.up)})
		}
	}
	if len(t.Steps) > 0 {
		c.r.set.Traces = append(c.r.set.Traces, t)
	}
}

// sort puts rows into the order of their times. A series that mostly runs
// backwards is turned round first.
func (c *course) sort() {
	back := 0
	for i := 1; i < len(c.legs); i++ {
		back += btoi(c.legs[i].at < c.legs[i-1].at)
	}
	if back*2 > len(c.legs) {
		slices.Reverse(c.legs)
		c.r.journal.note(newestFirst, func() string { return c.r.name })
	}
	if back == 0 {
		return
	}
	late := false
	for i := 1; i < len(c.legs); i++ {
		if c.legs[i].at < c.legs[i-1].at {
			c.note(&c.legs[i], outOfOrder)
			late = true
		}
	}
	if late {
		stably(c.legs, func(a, b leg) int { return cmp.Compare(a.at, b.at) })
	}
}

// lengths drops rows of one time, and gives each the time until the next; the
// last one lasts as long as is usual.
func (c *course) lengths() {
	kept, same := 0, 0 // the row that holds for the time; those of a time that there was
	for i := 1; i < len(c.legs); i++ {
		if l := &c.legs[i]; l.at == c.legs[kept].at {
			c.note(l, sameTime)
			same++
		} else {
			if !c.sized {
				c.legs[kept].length = l.at - c.legs[kept].at
			}
			kept = i
		}
	}
	if same*10 > len(c.legs) {
		c.r.unit("%d of %d rows have a time that another has: where they are of several links, say --column trace=NAME", same, len(c.legs))
	}
	usual := c.step()
	if !c.sized {
		c.usualStep = usual
	}
	if c.sized {
		for i := 0; i+1 < len(c.legs) && usual > 0; i++ {
			if c.legs[i+1].at-c.legs[i].at > 2*usual {
				c.note(&c.legs[i], noStep)
			}
		}
	} else if len(c.legs) > 0 && c.legs[kept].length == 0 {
		c.legs[kept].length = max(usual, minLength)
	}
}

// step is the usual time between rows, those that were dropped too.
func (c *course) step() int64 {
	if len(c.dropped) == 0 {
		return usual(len(c.legs)-1, func(i int) int64 { return c.legs[i+1].at - c.legs[i].at })
	}
	all := slices.Clone(c.dropped)
	for i := range c.legs {
		all = append(all, c.legs[i].at)
	}
	slices.Sort(all)
	return usual(len(all)-1, func(i int) int64 { return all[i+1] - all[i] })
}

// usual is the median of what is above zero.
func (c *course) usual(of func(i int) int64) int64 {
	return usual(len(c.legs), of)
}

// usual is the median, the lower of two, of what is above zero; 0 of none.
func usual(n int, of func(i int) int64) int64 {
	var all []int64
	for i := range n {
		if x := of(i); x > 0 {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}

// cut makes lengths what a trace can hold: a row that lasts more than twice as
// long as is usual has a hole in it.
func (c *course) cut() {
	usual := c.usual(func(i int) int64 { return c.legs[i].length })
	if c.usualStep > 0 {
		usual = c.usualStep
	}
	for i := range c.legs {
		l := &c.legs[i]
		if l.length > 2*usual && !c.uneven {
			c.note(l, gap)
			l.length = usual
		}
		switch {
		case l.state == isDropped:
		case l.length <= 0:
			c.note(l, zeroLength)
		case l.length < minLength:
			c.note(l, tooFine)
			l.length = minLength
		case l.length > maxLength:
			c.note(l, tooLong)
			l.length = maxLength
		}
	}
}

// Roles of the columns of tables of rates.
const (
	bwTime = iota
	bwEnd
	bwLength
	bwDown
	bwUp
	bwBytes
	bwUnit
	bwKey
	bwCounter
	bwLimit
	bwTrace
	bwRoles
)

// A rateTable is how a table of rates is read.
type rateTable struct {
	profile
	zero   dirt          // what a rate of zero means; 0: an outage
	uneven bool          // rows last as long as they last: there is no usual length
	step   time.Duration // of rows without time and length; 0: the reader says it
	tests  bool          // rows are samples at odd times, each of which stands for a step
}

// read takes the rows of a file as one trace.
func (how *rateTable) read(r *reading, f *file) error {
	t, err := r.bind(r.rows(f, &how.profile), &how.profile)
	if err != nil {
		return err
	}
	if !t.has(bwDown) && !(t.has(bwBytes) && (t.has(bwLength) || t.has(bwTime))) {
		return fmt.Errorf("%s:1: no column is the rate: say --column down=NAME, or --column bytes=NAME, with the time or the length of each row", f.name)
	}
	c := &course{r: r, name: f.name, timed: t.has(bwTime), sized: t.has(bwLength) || t.has(bwEnd), hasUp: t.has(bwUp), uneven: how.uneven || how.tests, tests: how.tests,
		bytes: !t.has(bwDown) && !t.has(bwLength) && !t.has(bwEnd)}
	step := cmp.Or(r.desc.Step, how.step)
	stepped := how.tests && !t.has(bwLength) || !c.timed && !c.sized
	if stepped {
		if step <= 0 {
			return fmt.Errorf("%s:1: rows have no time and no length: say --step with what each lasts, like --step 1s", f.name)
		}
		c.sized = true
		r.unit("length: %v for each row, as %s", step, map[bool]string{true: "you said", false: "the format says"}[r.desc.Step > 0])
	}
	b := &t.bound[bwTime]
	c.dated = c.timed && !b.bare
	memory := rateMemory{keys: map[string]bool{}, traces: map[string]int{}}
	if i, _ := byMeaning(t.header(), &plainPairs().roles[ltRTT]); i >= 0 && len(how.signature) == 0 {
		r.unit("column %q, a round-trip time, is left out: --format latency-csv reads it", t.header()[i])
	}
	if c.bytes {
		r.unit("down: bytes of a row over the time until the next")
	}
	for t.next() {
		l, ok := how.row(t, c, &memory)
		if !ok {
			if c.timed && l.at > 0 {
				c.dropped = append(c.dropped, l.at)
			}
			continue
		}
		if stepped {
			l.length = int64(step)
			t.note(assumedLength)
		}
		l.state = max(l.state, t.now)
		c.add(l)
	}
	if err := t.finish(); err != nil {
		return err
	}
	c.split(t, &memory)
	return nil
}

// A rateMemory is what earlier rows say about later ones.
type rateMemory struct {
	keys    map[string]bool
	counter int64
	traces  map[string]int
	names   []string
}

// trace is the number of the trace that a row is of.
func (m *rateMemory) trace(name []byte) int {
	i, ok := m.traces[string(name)]
	if !ok {
		i = len(m.names)
		m.traces[string(name)] = i
		m.names = append(m.names, string(name))
	}
	return i
}

// row reads one row, or drops it.
func (how *rateTable) row(t *sheetReader, c *course, m *rateMemory) (l leg, ok bool) {
	l.line = t.line()
	if t.has(bwTrace) {
		l.trace = m.trace(t.text(bwTrace))
	}
	var end int64
	for _, want := range []struct {
		role int
		to   *int64
	}{{bwTime, &l.at}, {bwEnd, &end}, {bwLength, &l.length}, {bwDown, &l.down}, {bwUp, &l.up}} {
		if !t.has(want.role) {
			continue
		}
		n, wrong, ok := t.read(want.role)
		if !ok && want.role == bwUp && wrong == missing {
			n, ok = 0, true
		}
		if !ok {
			t.drop(wrong)
			return l, false
		}
		*want.to = n
	}
	if t.has(bwUnit) {
		if !t.inUnit(&l.down) {
			t.drop(badNumber)
			return l, false
		}
	}
	if t.has(bwEnd) {
		if l.length = end - l.at; l.length < 0 {
			t.drop(reversed)
			return l, false
		}
	}
	if t.has(bwBytes) && !t.has(bwDown) {
		n, wrong, ok := t.read(bwBytes)
		if ok && c.bytes && n >= 0 {
			l.down = n
			return l, true
		}
		if !ok || l.length <= 0 {
			t.drop(cmp.Or(wrong, zeroLength))
			return l, false
		}
		l.down = int64(float64(n) * 8 / (float64(l.length) / 1e9))
	}
	return l, how.judge(t, &l, m)
}

// inUnit multiplies a rate by the unit that stands in a column beside it.
func (t *sheetReader) inUnit(rate *int64) bool {
	m, known := t.rates[string(t.text(bwUnit))]
	if !known {
		if m, known = measureOf(string(t.text(bwUnit)), t.bound[bwDown].of); known {
			t.rates[string(t.text(bwUnit))] = m
		}
	}
	d, ok := parseDecimal(t.text(bwDown))
	if known && ok {
		*rate, ok = d.in(m.scale)
	}
	return known && ok
}

// judge says what the rates of a row mean, and whether it is kept.
func (how *rateTable) judge(t *sheetReader, l *leg, m *rateMemory) bool {
	switch {
	case l.down < 0 || l.up < 0 || l.length < 0:
		t.drop(negative)
		return false
	case l.down > maxRate || l.up > maxRate:
		t.drop(badNumber)
		return false
	case l.down == 0:
		zero := cmp.Or(how.zero, zeroOutage)
		t.r.journal.note(zero, t.place)
		if ruleTable[zero].Act == Dropped {
			l.state = isDropped // its time still counts
		}
	case l.down < lowRate:
		t.note(nearZero)
	}
	if t.has(bwKey) {
		if k := string(t.text(bwKey)); m.keys[k] {
			t.drop(duplicate)
			return false
		} else if k != "" {
			m.keys[k] = true
		}
	}
	if t.has(bwCounter) {
		if n, _, ok := t.read(bwCounter); ok {
			if n < m.counter {
				t.note(reset)
			}
			m.counter = n
		}
	}
	if t.has(bwLimit) {
		if d, ok := parseDecimal(bytesBefore(t.text(bwLimit), 'M')); ok {
			if most, ok := d.in(scale{1, 1, 6}); ok && l.down > most {
				t.note(beyondLabel)
			}
		}
	}
	return true
}

// bytesBefore is what stands before a sign at the end.
func bytesBefore(b []byte, end byte) []byte {
	if n := len(b); n > 0 && b[n-1] == end {
		return b[:n-1]
	}
	return b
}

// steps makes the trace of legs whose rows have settled already: there is one
// for some rows, or for none.
func (c *course) steps() {
	rows := c.r.journal.states
	c.finish()
	c.r.journal.states = rows
}
