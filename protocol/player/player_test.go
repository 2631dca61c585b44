package player

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A slow twin plays in steps of a millisecond.
type twin struct {
	ahead, stalled   time.Duration
	started, playing bool
	faster           int
}

func (w *twin) tick(ms int) {
	for range ms {
		switch {
		case w.playing && w.ahead > 0:
			w.ahead -= time.Millisecond + time.Duration(w.faster)*time.Microsecond
		case w.started:
			w.playing = false
			w.stalled += time.Millisecond
		}
	}
}

func (w *twin) push(d time.Duration, t Thresholds) {
	w.ahead += d
	if !w.playing && w.ahead >= t.Start && !w.started || w.started && w.ahead >= t.Resume {
		w.started, w.playing = true, true
	}
}

// Whatever comes when, the clock and its twin agree on what is ahead and on how
// long playback stood still, to the steps of the twin.
func TestClockAgainstSlowTwin(t *testing.T) {
	for seed := range uint64(40) {
		draw := rand.New(rand.NewPCG(seed, 1))
		enough := Thresholds{Start: 3 * time.Second, Resume: 5 * time.Second}
		var c Clock
		var w twin
		var now, stalled time.Duration
		for range 60 {
			ms := draw.IntN(4000)
			now += time.Duration(ms) * time.Millisecond
			w.tick(ms)
			if draw.IntN(3) == 0 {
				w.faster = draw.IntN(201) - 100
				c.SetPace(now, w.faster)
			}
			w.push(2*time.Second, enough)
			stalled += c.Push(now, 2*time.Second, enough).Stalled
			if d := c.Buffer(now) - w.ahead; d < -100*time.Millisecond || d > 100*time.Millisecond {
				t.Fatalf("seed %d, %v: %v ahead, the twin has %v", seed, now, c.Buffer(now), w.ahead)
			}
		}
		if since, yes := c.StalledSince(now); yes {
			stalled += now - since
		}
		if d := stalled - w.stalled; d < -200*time.Millisecond || d > 200*time.Millisecond {
			t.Errorf("seed %d: stalled for %v, the twin for %v", seed, stalled, w.stalled)
		}
	}
}

// A flush during play stands still from now on, until there is as much as to begin
// with; one during a stall says how long that was; a second one goes on waiting;
// and one before the start leaves the start to come.
func TestFlush(t *testing.T) {
	enough := Thresholds{Start: 4 * time.Second, Resume: 2 * time.Second}
	var c Clock
	c.Push(1*time.Second, 2*time.Second, enough)
	c.Flush(2 * time.Second)
	if e := c.Push(3*time.Second, 2*time.Second, enough); e.Began || c.Buffer(3*time.Second) != 2*time.Second {
		t.Errorf("before the start: %+v, %v ahead", e, c.Buffer(3*time.Second))
	}
	c.Push(4*time.Second, 2*time.Second, enough) // begins, until 8 s
	if stalled := c.Flush(5 * time.Second); stalled != 0 || !c.Sought() {
		t.Errorf("during play: stalled for %v", stalled)
	}
	if e := c.Push(6*time.Second, 2*time.Second, enough); e.Resumed {
		t.Errorf("half of what it begins with: %+v", e)
	}
	if e := c.Push(7*time.Second, 2*time.Second, enough); !e.Sought || e.Stalled != 2*time.Second || c.Sought() {
		t.Errorf("after a jump: %+v", e)
	}
	if stalled := c.Flush(12 * time.Second); stalled != time.Second { // it ran dry at 11 s
		t.Errorf("during a stall of 1s: %v", stalled)
	}
	if stalled := c.Flush(13 * time.Second); stalled != 0 {
		t.Errorf("while it waits: stalled for %v", stalled)
	}
	if e := c.Push(14*time.Second, 4*time.Second, enough); !e.Sought || e.Stalled != 2*time.Second {
		t.Errorf("after two jumps: %+v", e)
	}
}

func TestQueueShows(t *testing.T) {
	var q Queue
	var shown []int
	show := func(ahead time.Duration) []int {
		q.Show(ahead, func(s Segment) { shown = append(shown, s.Rung) })
		return shown
	}
	for rung := range 3 {
		q.Push(Segment{Rung: rung, Length: 2 * time.Second})
	}
	for _, test := range []struct {
		ahead time.Duration
		want  []int
	}{{6 * time.Second, nil}, {6*time.Second - 1, []int{0}}, {4 * time.Second, []int{0}}, {4*time.Second - 1, []int{0, 1}}, {0, []int{0, 1, 2}}} {
		if got := show(test.ahead); !slices.Equal(got, test.want) {
			t.Errorf("%v ahead: shown %v, want %v", test.ahead, got, test.want)
		}
	}
	if q.Len() != 0 {
		t.Errorf("%d are left", q.Len())
	}
}

// With 1 s of the first segment shown, the second begins in 1 s and the third in
// 3 s: that is the first that can come in time.
func TestCandidate(t *testing.T) {
	var q Queue
	for _, rung := range []int{0, 0, 1, 2, 0} {
		q.Push(Segment{Rung: rung, Length: 2 * time.Second})
	}
	ahead := 9 * time.Second
	q.Show(ahead, func(Segment) {})
	for _, test := range []struct {
		last       bool
		rung, back int
	}{{false, 2, 3}, {false, 1, 1}, {false, 0, 0}, {true, 0, 0}, {true, 2, 1}, {true, 9, 1}} {
		if got := q.Candidate(test.last, test.rung, ahead); got != test.back {
			t.Errorf("last %v, rung %d: %d from the end, want %d", test.last, test.rung, got, test.back)
		}
	}
	if q.From(3) != 6*time.Second {
		t.Errorf("the third from the end is %v from it", q.From(3))
	}
	q.Replace(1, 5)
	if got := q.Candidate(true, 3, ahead); got != 2 {
		t.Errorf("the last was replaced, and is again: %d", got)
	}
}
