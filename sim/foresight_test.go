//go:build unix

package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/swarm"
)

// A run that asks for memory ahead is the run that does not.
func TestForesightChangesNothing(t *testing.T) {
	s, l := crowd(t, 60, 20*time.Second)
	s.Payment.Method, s.Swarm.Delivery = payment.Central, swarm.Push
	steps := map[int]int{}
	digest := func(sees bool) string {
		w, err := newWorld(Flows, s, l, 1)
		if err != nil {
			t.Fatal(err)
		}
		if w.seer == nil {
			t.Fatal("there is nobody to tell")
		}
		w.seer.ForeseeEnds(func(step int, id uint64, from, to int32) {
			if steps[step]++; w.parcels[id].flow == 0 || int32(w.parcels[id].from) != from || int32(w.parcels[id].to) != to {
				t.Errorf("parcel %d is none from %d to %d that is under way", id, from, to)
			}
			w.foreseeEnd(step, id, from, to)
		})
		if !sees {
			w.seer.ForeseeEnds(nil)
			w.seer = nil
		}
		r, err := w.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(r.Digest)
	}
	without := digest(false)
	if got := digest(true); got != without || steps[0] == 0 || steps[1] == 0 || steps[2] == 0 {
		t.Errorf("digest %v, without foresight %v; ends foreseen at each step: %v", got, without, steps)
	}
}

// The lists of what can be cancelled are a slice for each receiver, whatever comes
// and goes.
func TestIncomingAreLists(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 5))
	w := &world{incoming: make([]int32, 3), parcels: make([]parcel, 40)}
	var free []int32
	for i := range w.parcels {
		free = append(free, int32(i))
	}
	var want [3][]int32
	for range 4000 {
		to := draw.IntN(3)
		if of := want[to]; len(of) > 0 && (len(free) == 0 || draw.IntN(2) == 0) {
			k := draw.IntN(len(of))
			w.delist(&w.parcels[of[k]])
			free, want[to] = append(free, of[k]), slices.Delete(of, k, k+1)
		} else if len(free) > 0 {
			i := free[0]
			free = free[1:]
			w.parcels[i] = parcel{to: protocol.NodeID(to)}
			w.enlist(i)
			want[to] = append(want[to], i)
		}
		for to := range want {
			var got []int32
			for i := w.incoming[to]; i != 0; i = w.parcels[i-1].older {
				got = append([]int32{i - 1}, got...)
			}
			if !slices.Equal(got, want[to]) {
				t.Fatalf("receiver %d: %v, want %v", to, got, want[to])
			}
		}
	}
}
