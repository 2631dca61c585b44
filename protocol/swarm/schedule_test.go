package swarm

import (
	"testing"
	"time"
)

func TestSchedulesPick(t *testing.T) {
	for _, c := range []struct {
		holders                 []int
		urgent                  int
		deadline, rarest, mixed int
	}{
		{nil, 0, -1, -1, -1},
		{[]int{0, 0}, 1, -1, -1, -1},
		{[]int{3, 2, 1}, 0, 0, 2, 2},
		{[]int{3, 2, 1}, 1, 0, 2, 0},
		{[]int{0, 2, 1}, 1, 1, 2, 2},
		{[]int{0, 3, 1}, 2, 1, 2, 1},
		{[]int{2, 1, 1}, 0, 0, 1, 1},
		{[]int{2, 1, 1}, 9, 0, 1, 0},
	} {
		for by, want := range map[Schedule]int{Deadline: c.deadline, Rarest: c.rarest, Mixed: c.mixed} {
			if got := by.Pick(c.holders, c.urgent); got != want {
				t.Errorf("%s of %v, %d urgent: %d, want %d", by, c.holders, c.urgent, got, want)
			}
		}
	}
	var s Schedule
	for _, n := range s.Names() {
		if err := s.UnmarshalText([]byte(n)); err != nil || string(s) != n {
			t.Errorf("%q: %v, %v", n, s, err)
		}
	}
	if s.UnmarshalText([]byte("first")) == nil {
		t.Error("first is no schedule")
	}
}

// Who rests is nobody to ask, and another rendition is not what is wanted.
func TestTableCountsHolders(t *testing.T) {
	table := NewTable(4)
	for id := range uint32(4) {
		table.Add(id)
		table.Mark(id, 5, 1)
	}
	table.Mark(0, 6, 2)
	table.Rest(3, 10)
	for _, c := range []struct {
		seq    uint32
		accept uint16
		now    int
		want   int
	}{{5, 0b10, 0, 3}, {5, 0b10, 10, 4}, {5, 0b100, 10, 0}, {6, 0b110, 0, 1}, {7, 0b111, 0, 0}} {
		if got := table.Holders(time.Duration(c.now), c.seq, c.accept); got != c.want {
			t.Errorf("slot %d in %b at %d: %d hold it, want %d", c.seq, c.accept, c.now, got, c.want)
		}
	}
}
