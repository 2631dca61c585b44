package netem

import (
	"fmt"
	"sort"
	"time"

	"kinetoscope/internal/unit"
)

// A Trace is rates that change with time: a recorded or made-up series of
// capacity.
type Trace struct {
	File    string `yaml:"file" doc:"A CSV file with the steps, looked for like video.file: a line for,down,up, then a line such as 2s,30Mbit/s,10Mbit/s for each step. Empty lines and lines that begin with # are skipped."`
	Dataset string `yaml:"dataset" doc:"Recorded or generated rates instead: a set of the catalogue, one of its files, generated/NAME, or any file that kscope datasets inspect reads; what it cannot say itself follows behind a question mark, as in rates.csv?unit=Mbit/s&step=1s&scale=0.5&up=0.1."`
	Steps   []Step `yaml:"steps" doc:"The steps, one after the other from the beginning of the stream on. Given instead of down and up of the class, and instead of a file."`
	Loop    Loop   `yaml:"loop" doc:"What follows the last step: the first again, the last for ever, or all of them backwards and then forwards again. Not written: repeat."`
	Offset  bool   `yaml:"offset" doc:"Whether each endpoint begins at a time of the trace of its own, drawn by chance, instead of at its beginning."`
}

// A Step is a time of constant rates.
type Step struct {
	For  time.Duration `yaml:"for" doc:"How long it lasts."`
	Down unit.Rate     `yaml:"down" doc:"Rate from the network to the endpoint; 0bit/s is an outage."`
	Up   unit.Rate     `yaml:"up" doc:"Rate from the endpoint to the network; 0bit/s is an outage."`
}

// A Loop names what follows the last step of a trace.
type Loop string

// Loops.
const (
	Repeat Loop = "repeat"
	Hold   Loop = "hold"
	Mirror Loop = "mirror"
)

// Names lists the loops.
func (Loop) Names() []string { return []string{string(Repeat), string(Hold), string(Mirror)} }

// MaxSteps is how many steps a trace may have.
const MaxSteps = 5000

// isSet says whether a class has a trace.
func (t *Trace) isSet() bool { return t.File != "" || t.Dataset != "" || len(t.Steps) > 0 }

// check calls bad for each value that makes no sense. A trace whose file is
// not read yet has no steps to check.
func (t *Trace) check(bad func(field, format string, args ...any)) {
	if t.File != "" && len(t.Steps) > 0 {
		bad("file", "the trace has steps too: write one of them")
	}
	if t.Dataset != "" && (t.File != "" || len(t.Steps) > 0) {
		bad("dataset", "the trace has a file or steps too: write one of them")
	}
	if len(t.Steps) > MaxSteps {
		bad("steps", "%d steps: a trace has at most %d", len(t.Steps), MaxSteps)
		return
	}
	passes := len(t.Steps) == 0
	for i := range t.Steps {
		s := &t.Steps[i]
		s.check(func(field, format string, args ...any) { bad(fmt.Sprintf("steps.%d.%s", i, field), format, args...) })
		passes = passes || s.Down > 0 && s.Up > 0
	}
	if !passes {
		bad("steps", "there is no step in which both rates are above 0bit/s: a dark endpoint is a fault, not a trace")
	}
}

func (s *Step) check(bad func(field, format string, args ...any)) {
	if s.For < ms || s.For > 24*time.Hour {
		bad("for", "%v is not between %v and %v", s.For, ms, 24*time.Hour)
	}
	for _, r := range []struct {
		field string
		rate  unit.Rate
	}{{"down", s.Down}, {"up", s.Up}} {
		if r.rate != 0 && (r.rate < minRate || r.rate > maxRate) {
			bad(r.field, "%v is neither 0bit/s nor between %v and %v", r.rate, minRate, maxRate)
		}
	}
}

// traceHeader is the first line of a file with a trace.
const traceHeader = "for,down,up"

// ParseTrace reads the steps of a CSV file. The error says in which line what
// is wrong.
func ParseTrace(text []byte) ([]Step, error) {
	return unit.Steps(text, traceHeader, "2s,30Mbit/s,10Mbit/s", MaxSteps, parseStep)
}

// parseStep reads one line.
func parseStep(cells []string) (s Step, err error) {
	if s.For, err = time.ParseDuration(cells[0]); err != nil {
		return s, fmt.Errorf("for: %.40q is not a duration: write it like 500ms or 2s", cells[0])
	}
	if err := s.Down.UnmarshalText([]byte(cells[1])); err != nil {
		return s, fmt.Errorf("down: %w", err)
	}
	if err := s.Up.UnmarshalText([]byte(cells[2])); err != nil {
		return s, fmt.Errorf("up: %w", err)
	}
	s.check(func(field, format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(field+": "+format, args...)
		}
	})
	return s, err
}

// A course is a trace at work: when each of its steps ends.
type course struct {
	steps  []Step
	ends   []time.Duration
	loop   Loop
	spread bool
}

func newCourse(t Trace) *course {
	c := &course{steps: t.Steps, loop: t.Loop, spread: t.Offset}
	var end time.Duration
	for _, s := range t.Steps {
		end += s.For
		c.ends = append(c.ends, end)
	}
	return c
}

// length is that of all steps.
func (c *course) length() time.Duration { return c.ends[len(c.ends)-1] }

// at is the step that holds at a time after the beginning, and until when.
func (c *course) at(now time.Duration) (step int, until time.Duration) {
	length := c.length()
	period := length
	switch {
	case c.loop == Hold && now >= length:
		return len(c.steps) - 1, Never
	case c.loop == Mirror:
		period = 2 * length
	}
	in := now % period
	if in < length {
		step = sort.Search(len(c.ends), func(i int) bool { return c.ends[i] > in })
		return step, now + c.ends[step] - in
	}
	back := period - in // a time that the way back passes downwards
	step = sort.Search(len(c.ends), func(i int) bool { return c.ends[i] >= back })
	return step, now + back - (c.ends[step] - c.steps[step].For)
}

// opens is when both ways pass, seen from a time at which they may not.
func (c *course) opens(now time.Duration) time.Duration {
	for at, k := now, 0; k <= 2*len(c.steps) && at < Never; k++ {
		step, until := c.at(at)
		if s := &c.steps[step]; s.Up > 0 && s.Down > 0 {
			return at
		}
		at = until
	}
	return Never
}

// A turn is when the rates of a node change next.
type turn struct {
	at   time.Duration
	node int32
}

// NextTurn is when the rates of some node change by a trace, or Never.
func (t *Topology) NextTurn() time.Duration {
	if len(t.turns) == 0 {
		return Never
	}
	return t.turns[0].at
}

// Turn moves traces on to now and calls changed with each node whose rates are
// others than before, in the order of the changes. The driver of a network
// calls it at the times that NextTurn names.
func (t *Topology) Turn(now time.Duration, changed func(node int32)) {
	for len(t.turns) > 0 && t.turns[0].at <= now {
		due := t.turns[0]
		last := len(t.turns) - 1
		t.turns[0] = t.turns[last]
		t.turns = t.turns[:last]
		t.sinkTurn()
		e := &t.ends[due.node]
		if due.at != t.turn[due.node] { // it has moved meanwhile
			continue
		}
		up, down := e.up, e.down
		t.follow(due.at, due.node)
		if up != e.up || down != e.down {
			changed(due.node)
		}
	}
}

// follow takes the rates of a node from its trace, if its class has one and
// the rate is not the node's own, and notes when they change next.
func (t *Topology) follow(now time.Duration, node int32) {
	if t.turn == nil {
		return
	}
	e := &t.ends[node]
	c := t.courses[e.class]
	if t.turn[node] = Never; c == nil {
		return
	}
	offset := t.offset(c, node)
	step, until := c.at(now + offset)
	if !e.ownUp {
		e.up = c.steps[step].Up
	}
	if !e.ownDown {
		e.down = c.steps[step].Down
	}
	if until < Never {
		t.turn[node] = until - offset
		t.turns = append(t.turns, turn{t.turn[node], node})
		t.riseTurn()
	}
}

// offset is where in its trace a node begins.
func (t *Topology) offset(c *course, node int32) time.Duration {
	if !c.spread {
		return 0
	}
	return time.Duration(uniform(hash(t.traceKey, uint64(t.ends[node].key))) * float64(c.length()))
}

func (t *turn) before(o *turn) bool { return t.at < o.at || t.at == o.at && t.node < o.node }

// riseTurn and sinkTurn restore the heap of turns after its last, or first,
// entry has changed.
func (t *Topology) riseTurn() {
	h := t.turns
	for i := len(h) - 1; i > 0 && h[i].before(&h[(i-1)/2]); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
}

func (t *Topology) sinkTurn() {
	h := t.turns
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < len(h) && h[c+1].before(&h[c]) {
			c++
		}
		if c >= len(h) || h[i].before(&h[c]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}
