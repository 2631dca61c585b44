package swarm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func draw() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

// A table agrees with the plainest memory of what was announced within the
// window, whatever the order.
func TestTableRemembersTheWindow(t *testing.T) {
	r := draw()
	for range 300 {
		table := NewTable(3)
		table.Add(7)
		said := map[[2]uint32]bool{}
		top := uint32(0)
		for range 60 {
			seq, rendition := uint32(r.IntN(30)), uint32(r.IntN(4))
			top = max(top, seq)
			if !table.Mark(7, seq, uint8(rendition)) {
				t.Fatal("a neighbour is not known")
			}
			if top-seq < Window {
				said[[2]uint32{seq, rendition}] = true
			}
		}
		for seq := range uint32(40) {
			for rendition := range uint32(4) {
				_, _, got := table.Choose(0, seq, uint8(rendition), 1<<rendition, Random, r)
				if want := said[[2]uint32{seq, rendition}] && seq <= top && top-seq < Window; got != want {
					t.Fatalf("slot %d, rendition %d, newest %d: %v, want %v", seq, rendition, top, got, want)
				}
			}
		}
	}
}

func TestTableChoosesEvenly(t *testing.T) {
	r, table, count := draw(), NewTable(4), map[uint32]int{}
	for id := range uint32(4) {
		table.Add(id)
		table.Mark(id, 5, 1)
	}
	table.Rest(3, time.Second)
	for range 3000 {
		id, _, ok := table.Choose(0, 5, 1, 2, Random, r)
		if !ok {
			t.Fatal("nobody is chosen")
		}
		count[id]++
	}
	if count[3] != 0 {
		t.Errorf("a resting neighbour was chosen %d times", count[3])
	}
	for id := range uint32(3) {
		if count[id] < 850 || count[id] > 1150 { // 1000 +- 6 sigma
			t.Errorf("neighbour %d was chosen %d times of 3000 among three", id, count[id])
		}
	}
}

// A table that forgets answers as one that does not, whatever is noted, and holds
// nothing when a window has passed.
func TestTableForgets(t *testing.T) {
	r, forgot := draw(), 0
	for range 100 {
		keeps, forgets := NewTable(4), NewTable(4)
		now, seq := time.Duration(0), uint32(2*Window)
		for step := range 200 {
			id := r.Uint32N(4)
			for _, table := range []*Table{&keeps, &forgets} {
				table.Add(id)
			}
			now, seq = now+time.Duration(r.IntN(2))*time.Second, seq+r.Uint32N(3)
			if r.IntN(8) == 0 {
				about, rendition, until := seq-r.Uint32N(2*Window), uint8(r.IntN(3)), now+time.Duration(r.IntN(4))*time.Second
				for _, table := range []*Table{&keeps, &forgets} {
					table.Mark(id, about, rendition)
					table.Rest(3-id, until)
				}
			}
			noted := forgets.marks() != nil
			if forgets.Forget(now, seq); noted && forgets.marks() == nil {
				forgot++
			}
			at, later := seq+r.Uint32N(3), now+time.Duration(r.IntN(3))*time.Second
			for i := range keeps.Len() {
				if keeps.Holds(i, at) != forgets.Holds(i, at) || keeps.Idle(i, at) != forgets.Idle(i, at) {
					t.Fatalf("step %d, slot %d at %d: neighbour %d is told apart", step, at, seq, i)
				}
			}
			one, two := draw(), draw()
			a, ra, oka := keeps.Choose(later, at, 1, 7, Random, one)
			b, rb, okb := forgets.Choose(later, at, 1, 7, Random, two)
			c, okc := keeps.Awake(later, one)
			d, okd := forgets.Awake(later, two)
			if a != b || ra != rb || oka != okb || c != d || okc != okd {
				t.Fatalf("step %d: chosen %d %d %v and %d %d %v, awake %d and %d", step, a, ra, oka, b, rb, okb, c, d)
			}
		}
		if forgets.Forget(now+4*time.Second, seq+Window); forgets.notes != nil {
			t.Fatal("what says nothing any more is kept")
		}
	}
	if forgot == 0 {
		t.Error("nothing was ever forgotten")
	}
}

func TestTableIsBounded(t *testing.T) {
	table := NewTable(2)
	if !table.Add(1) || !table.Add(2) || table.Add(3) || !table.Add(1) {
		t.Error("a table of two takes 1, 2 and again 1, and no third")
	}
	table.Remove(1)
	if !table.Add(3) || table.Has(1) {
		t.Error("what was removed makes room")
	}
	if allocs := testing.AllocsPerRun(100, func() { table.Mark(2, 9, 1); table.Choose(0, 9, 1, 2, Random, draw()) }); allocs > 2 {
		t.Errorf("an announcement allocates %v times", allocs) // draw itself allocates twice
	}
}

// A roster agrees with a plain list through any comings and goings.
func TestRoster(t *testing.T) {
	r, roster := draw(), NewRoster(3)
	var here []uint32
	for range 5000 {
		id := uint32(r.IntN(50))
		if at := slices.Index(here, id); at >= 0 {
			roster.Remove(id)
			here = slices.Delete(here, at, at+1)
		} else {
			roster.Add(id, int(id)%3)
			here = append(here, id)
		}
		if roster.Len() != len(here) {
			t.Fatalf("%d watch, the roster has %d", len(here), roster.Len())
		}
		got := roster.Sample(nil, id, int(id)%3, 6, 0.8, r)
		for i, g := range got {
			if g == id || !slices.Contains(here, g) || slices.Contains(got[:i], g) {
				t.Fatalf("sample %v for %d of %v", got, id, here)
			}
		}
	}
}

func TestRosterKeepsToTheRegion(t *testing.T) {
	roster, local := NewRoster(2), 0
	for id := range uint32(2000) {
		roster.Add(id, int(id%2))
	}
	r := draw()
	for range 500 {
		for _, id := range roster.Sample(nil, 0, 0, 6, 0.8, r) {
			if id%2 == 0 {
				local++
			}
		}
	}
	// 80 % by choice, and half of the other 20 % by chance: 0.9 of 3000, +- 5 sigma.
	if local < 2618 || local > 2782 {
		t.Errorf("%d of 3000 neighbours are local, 2700 expected", local)
	}
}

func TestBadConfig(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	c.Neighbours, c.Uploads, c.Silence, c.Patience = 99, -1, 0, 0
	want := "neighbours: 99 is not between 0 and 32\nuploads: -1 is not between 0 and 64\n" +
		"silence: 0s is not a positive time\npatience: 0s is not a positive time\npatience: 0s is not above silence (0s)"
	if err := c.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func ExampleTable() {
	t := NewTable(6)
	t.Add(42)
	t.Mark(42, 100, 2) // 42 announces slot 100 in rendition 2
	draw := rand.New(rand.NewPCG(1, 1))
	fmt.Println(t.Choose(0, 100, 2, 0b1111, Random, draw))
	fmt.Println(t.Choose(0, 100, 3, 0b1111, Random, draw)) // the next lower one will do
	fmt.Println(t.Choose(0, 100, 3, 0b1000, Random, draw))
	// Output:
	// 42 2 true
	// 42 2 true
	// 0 0 false
}
