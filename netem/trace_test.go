package netem

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// slowAt walks along a trace step by step, forwards and, if it mirrors,
// backwards, until the time is reached.
func slowAt(steps []Step, loop Loop, now time.Duration) (step int, until time.Duration) {
	round := make([]int, 0, 2*len(steps))
	for i := range steps {
		round = append(round, i)
	}
	if loop == Mirror {
		for i := len(steps) - 1; i >= 0; i-- {
			round = append(round, i)
		}
	}
	for end := time.Duration(0); ; {
		for k, i := range round {
			if end += steps[i].For; now < end {
				return i, end
			}
			if loop == Hold && k == len(round)-1 {
				return i, Never
			}
		}
	}
}

func TestCourseAgreesWithSlowTwin(t *testing.T) {
	steps := []Step{{3 * time.Second, 1, 1}, {time.Second, 2, 2}, {2 * time.Second, 3, 3}, {1500 * ms, 4, 4}}
	for _, loop := range []Loop{"", Repeat, Hold, Mirror} {
		c := newCourse(Trace{Steps: steps, Loop: loop})
		for now := time.Duration(0); now < 40*time.Second; now += 250 * ms {
			step, until := c.at(now)
			want, wantUntil := slowAt(steps, loop, now)
			if step != want || until != wantUntil {
				t.Errorf("%q at %v: step %d until %v, want %d until %v", loop, now, step, until, want, wantUntil)
			}
		}
	}
}

// traced is a class with these steps beside the datacenter.
func traced(loop Loop, offset bool, steps ...Step) Config {
	return Config{Queue: 100 * ms, Classes: []Class{{Name: "train", Trace: Trace{Steps: steps, Loop: loop, Offset: offset}}}}
}

// play lets traces and transfers go on and says when each transfer has left.
func (n *Network) play(until time.Duration) map[uint64]time.Duration {
	left := map[uint64]time.Duration{}
	for {
		at, ok := n.Next()
		if !ok {
			at = Never
		}
		if turn := n.NextTurn(); turn < at {
			at = turn
		}
		if at > until {
			return left
		}
		n.Advance(at, func(a Arrival) { left[a.ID] = at })
		var nodes []int32
		n.Turn(at, func(node int32) { nodes = append(nodes, node) })
		n.Changed(at, nodes, func(id uint64) { left[id] = -1 })
	}
}

// A transfer follows the trace of its receiver, through an outage too.
func TestTransferFollowsTheTrace(t *testing.T) {
	cfg := traced(Repeat, false, Step{time.Second, 8 * mbit, mbit}, Step{2 * time.Second, 0, 0}, Step{time.Second, 16 * mbit, mbit})
	n := network(t, cfg, Endpoint{Class: 10}, Endpoint{Class: 11})
	n.SendBulk(0, 0, 1, 3_500_000, 0, 7) // 1 MB, nothing, 2 MB, and half a second of the next round
	if left := n.play(20 * time.Second); left[7] < 4500*ms || left[7] > 4500*ms+us {
		t.Errorf("left at %v", left)
	}
	if err := n.Check(); err != nil {
		t.Error(err)
	}
	n.play(21 * time.Second)
	if at, ok := n.SendControl(21*time.Second, 0, 1, 100, 0); !ok || at < 23*time.Second || at > 25*time.Second {
		t.Errorf("a message in the outage arrives at %v, %v", at, ok)
	}
}

// An outage that outlasts the idle timeout ends what runs.
func TestLongOutage(t *testing.T) {
	cfg := traced(Hold, false, Step{time.Second, mbit, mbit}, Step{31 * time.Second, 0, 0}, Step{time.Second, mbit, mbit})
	n := network(t, cfg, Endpoint{Class: 10}, Endpoint{Class: 11})
	n.SendBulk(0, 0, 1, 3_500_000, 0, 7)
	if left := n.play(2 * time.Second); left[7] != -1 {
		t.Errorf("the transfer goes on: %v", left)
	}
}

// Endpoints with offsets are spread evenly over the trace; an own rate stays.
func TestTraceOffsets(t *testing.T) {
	cfg := traced(Repeat, true, Step{time.Second, 1 * mbit, mbit}, Step{3 * time.Second, 2 * mbit, mbit})
	ends := make([]Endpoint, 1001)
	for i := range ends {
		ends[i].Class = 11
	}
	ends[1000].Down = 7 * mbit
	n := network(t, cfg, ends...)
	count := func() (slow int) {
		for i := range int32(1000) {
			if _, down := n.Rates(i); down == mbit {
				slow++
			}
		}
		return slow
	}
	before := count()
	n.play(1500 * ms)
	if after := count(); before < 200 || before > 300 || after < 200 || after > 300 {
		t.Errorf("%d, then %d of 1000 are in the first quarter", before, after)
	}
	if _, down := n.Rates(1000); down != 7*mbit {
		t.Errorf("the node with a rate of its own has %v", down)
	}
}

// A node that moves to a class with a trace follows it from then on, and no
// longer when it moves away.
func TestMoveToATrace(t *testing.T) {
	cfg := traced(Repeat, false, Step{time.Second, 1 * mbit, mbit}, Step{time.Second, 2 * mbit, mbit})
	n := network(t, cfg, Endpoint{Class: 10}, Endpoint{Class: 7})
	if n.NextTurn() != Never {
		t.Error("nobody follows a trace yet")
	}
	home := n.Endpoint(1)
	n.Move(1500*ms, 1, Endpoint{Class: 11})
	if _, down := n.Rates(1); down != 2*mbit || n.NextTurn() != 2*time.Second {
		t.Errorf("%v down, next turn %v", down, n.NextTurn())
	}
	n.play(2500 * ms)
	if _, down := n.Rates(1); down != mbit {
		t.Errorf("in the second round %v down", down)
	}
	n.Move(2500*ms, 1, home)
	n.play(10 * time.Second)
	if _, down := n.Rates(1); down != 300*mbit || n.NextTurn() != Never {
		t.Errorf("back home %v down, next turn %v", down, n.NextTurn())
	}
}

func TestBadTraces(t *testing.T) {
	class := func(tr Trace) error {
		return Config{Queue: 100 * ms, Classes: []Class{{Name: "train", Trace: tr}}}.Validate()
	}
	good := Step{time.Second, mbit, mbit}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{class(Trace{File: "a.csv", Steps: []Step{good}}), "classes[0].trace.file: the trace has steps too: write one of them"},
		{class(Trace{Steps: []Step{good, {0, mbit, mbit}}}), "classes[0].trace.steps.1.for: 0s is not between 1ms and 24h0m0s"},
		{class(Trace{Steps: []Step{good, {time.Second, 10, 2 * maxRate}}}), "classes[0].trace.steps.1.down: 10bit/s is neither 0bit/s nor between 1kbit/s and 1000Gbit/s\n" +
			"classes[0].trace.steps.1.up: 2000Gbit/s is neither 0bit/s nor between 1kbit/s and 1000Gbit/s"},
		{class(Trace{Steps: []Step{{time.Second, 0, mbit}}}), "classes[0].trace.steps: there is no step in which both rates are above 0bit/s: a dark endpoint is a fault, not a trace"},
		{class(Trace{Steps: make([]Step, MaxSteps+1)}), "classes[0].trace.steps: 5001 steps: a trace has at most 5000"},
		{Config{Classes: []Class{{Name: "train", Down: mbit, Trace: Trace{Steps: []Step{good}}}}}.Validate(),
			"classes[0].down: 1Mbit/s, but the class has a trace: take one of them out"},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("got %v, want %s", tt.err, tt.want)
		}
	}
}

func TestParseTrace(t *testing.T) {
	steps, err := ParseTrace([]byte("\ufeff# a tram\r\nfor, down, up\n\n2s,30Mbit/s,10Mbit/s\n500ms, 0bit/s ,0bit/s\n"))
	if want := []Step{{2 * time.Second, 30 * mbit, 10 * mbit}, {500 * ms, 0, 0}}; err != nil || fmt.Sprint(steps) != fmt.Sprint(want) {
		t.Errorf("got %v, %v", steps, err)
	}
	for text, want := range map[string]string{
		"":                                "there is no step: write for,down,up, then a line like 2s,30Mbit/s,10Mbit/s for each",
		"for,down,up\n":                   "there is no step: write for,down,up, then a line like 2s,30Mbit/s,10Mbit/s for each",
		"time,mbps\n":                     `line 1: "time,mbps" is not the header: write for,down,up`,
		"for,down,up\n2s,1Mbit/s\n":       `line 2: "2s,1Mbit/s" has 2 values: write 3, like 2s,30Mbit/s,10Mbit/s`,
		"for,down,up\n2,1Mbit/s,1Mbit/s":  `line 2: for: "2" is not a duration: write it like 500ms or 2s`,
		"for,down,up\n0s,1Mbit/s,1Mbit/s": "line 2: for: 0s is not between 1ms and 24h0m0s",
		"for,down,up\n2s,1bit/s,1Mbit/s":  "line 2: down: 1bit/s is neither 0bit/s nor between 1kbit/s and 1000Gbit/s",
		"for,down,up\n" + strings.Repeat("1s,1Mbit/s,1Mbit/s\n", MaxSteps+1): "line 5002: there may be at most 5000 steps",
	} {
		if _, err := ParseTrace([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%.30q: got %v, want %s", text, err, want)
		}
	}
}

// What is read holds what a scenario may say, and reads again as it is written.
func FuzzParseTrace(f *testing.F) {
	f.Add([]byte("for,down,up\n2s,30Mbit/s,10Mbit/s\n1ms,0bit/s,1kbit/s\n"))
	f.Add([]byte("# only this"))
	f.Add([]byte("for,down,up\n2s,\"1Mbit/s\",1e3bit/s"))
	f.Fuzz(func(t *testing.T, text []byte) {
		steps, err := ParseTrace(text)
		if err != nil {
			return
		}
		var b strings.Builder
		b.WriteString(traceHeader + "\n")
		for _, s := range steps {
			s.check(func(field, format string, args ...any) { t.Errorf(field+": "+format, args...) })
			fmt.Fprintf(&b, "%v,%v,%v\n", s.For, s.Down, s.Up)
		}
		again, err := ParseTrace([]byte(b.String()))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(steps) {
			t.Errorf("%v reads as %v, %v", steps, again, err)
		}
	})
}
