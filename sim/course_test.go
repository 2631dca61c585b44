package sim

import (
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/sim/qoe"
)

// Whatever is shown, a course comes to the same as the sums that each segment was added
// to, to the bit, with few stretches and with many, of few lengths and of more than it keeps.
func TestCourseComesToTheSums(t *testing.T) {
	rates := []unit.Rate{300_000, 750_001, 1_200_000, 2_850_000}
	var summed, stretched int
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		w := &world{stream: &protocol.Stream{Rates: rates}}
		w.rungs = qoe.NewLadder(rates)
		var c counts
		var want sums
		var played time.Duration
		rung, lengths, often := 0, 1+r.IntN(2)*r.IntN(2*maxLengths), []int{1, 10, 100}[r.IntN(3)]
		for range r.IntN(500) {
			if r.IntN(100) < often {
				rung = r.IntN(len(rates))
			}
			length := 2*time.Second + time.Duration(r.IntN(lengths))*33_366_667
			c.show(w, uint8(rung), length)
			want.show(w, uint8(rung), length)
			played += length
			if r.IntN(100) == 0 && *c.seen(w) != want {
				t.Fatalf("seed %d, on the way: %+v, not %+v", seed, *c.seen(w), want)
			}
		}
		if got := *c.seen(w); got != want || c.played(w) != played {
			t.Fatalf("seed %d: %+v and %v, not %+v and %v", seed, got, c.played(w), want, played)
		}
		if c.before == nil {
			stretched++
		} else {
			summed++
		}
	}
	if stretched < 20 || summed < 20 {
		t.Errorf("%d were never summed, %d were: the test shows nothing", stretched, summed)
	}
}

// A stretch has room for any length of stream.
func TestCourseOfMany(t *testing.T) {
	w := &world{stream: &protocol.Stream{Rates: []unit.Rate{1_000_000}}}
	w.rungs = qoe.NewLadder(w.stream.Rates)
	var c counts
	const n = 1_000_000
	for range n {
		c.show(w, 0, time.Second)
	}
	if s := c.seen(w); s.Segments != n || c.played(w) != n*time.Second {
		t.Errorf("%d segments of %d, %v", s.Segments, n, c.played(w))
	}
}

// What a run keeps of every viewer, as long as it lasts, and of a message under way.
func TestSizes(t *testing.T) {
	if n := unsafe.Sizeof(parcel{}); n > 128 {
		t.Errorf("a message under way takes %d bytes, 128 were enough", n)
	}
	if n := unsafe.Sizeof(visitor{}); n > 208 {
		t.Errorf("the record of a viewer takes %d bytes, 208 were enough", n)
	}
}
