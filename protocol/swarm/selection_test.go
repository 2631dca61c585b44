package swarm

import (
	"math"
	"testing"
)

// How often each of four holders with these scores is chosen, of all times.
func TestSelectionsPick(t *testing.T) {
	scores := []uint32{300, 100, 100, 500}
	for _, c := range []struct {
		by   Selection
		want [4]float64
	}{
		{Assigned, [4]float64{0.25, 0.25, 0.25, 0.25}},
		{Random, [4]float64{0.25, 0.25, 0.25, 0.25}},
		{RoundRobin, [4]float64{0, 0.5, 0.5, 0}},
		{LeastLoad, [4]float64{0, 0.5, 0.5, 0}},
		{Throughput, [4]float64{0, 0.5, 0.5, 0}},
		// Of six pairs the third holder meets no other, the first only the last.
		{TwoChoices, [4]float64{1. / 6, 2.5 / 6, 2.5 / 6, 0}},
		{Price, [4]float64{0.1587, 0.3702, 0.3702, 0.1010}}, // inversely to 350, 150, 150 and 550
	} {
		const n = 20_000
		var count [4]float64
		draw := draw()
		for range n {
			count[c.by.Pick(scores, draw)]++
		}
		for i := range count {
			if got := count[i] / n; math.Abs(got-c.want[i]) > 0.02 {
				t.Errorf("%s: holder %d is chosen %.3f of the time, want %.3f", c.by, i, got, c.want[i])
			}
		}
		if c.by.Pick([]uint32{7}, draw) != 0 {
			t.Errorf("%s: of one it chooses another", c.by)
		}
		if i := c.by.Pick([]uint32{math.MaxUint32, math.MaxUint32}, draw); i < 0 || i > 1 {
			t.Errorf("%s: of two it chooses the one at %d", c.by, i)
		}
	}
}

func TestSelectionNames(t *testing.T) {
	var s Selection
	for _, n := range s.Names() {
		if err := s.UnmarshalText([]byte(n)); err != nil || string(s) != n {
			t.Errorf("%q: %v, %v", n, s, err)
		}
	}
	if err := s.UnmarshalText([]byte("best")); err == nil {
		t.Error("best is no selection")
	}
}

// A neighbour is chosen by its score among those that have the nearest rendition.
func TestTableChoosesByScore(t *testing.T) {
	table, r := NewTable(4), draw()
	for id := range uint32(4) {
		table.Add(id)
		table.Mark(id, 5, 1)
		table.Score(id, 10-id)
	}
	table.Mark(3, 5, 0) // beside rendition 1
	for by, want := range map[Selection]uint32{LeastLoad: 3, RoundRobin: 3, Throughput: 3} {
		if id, rendition, ok := table.Choose(0, 5, 1, 0b11, by, r); id != want || rendition != 1 || !ok {
			t.Errorf("%s: neighbour %d with rendition %d, want %d with 1", by, id, rendition, want)
		}
	}
}

// Each token that a neighbour is sending makes it dearer by what an idle one
// costs.
func TestLoadsArePrices(t *testing.T) {
	scores, draw := []uint32{Load(0), Load(1), Load(3)}, draw()
	const n = 20_000
	var count [3]float64
	for range n {
		count[Price.Pick(scores, draw)]++
	}
	for i, want := range []float64{4. / 7, 2. / 7, 1. / 7} {
		if got := count[i] / n; math.Abs(got-want) > 0.02 {
			t.Errorf("holder %d is chosen %.3f of the time, want %.3f", i, got, want)
		}
	}
}
