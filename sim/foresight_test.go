//go:build unix

package sim

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
)

// A run that asks for memory ahead is the run that does not.
func TestForesightChangesNothing(t *testing.T) {
	s, l := crowd(t, 60, 20*time.Second)
	s.Payment.Method = payment.Central
	seeing, err := Run(context.Background(), s, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(Flows, s, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	if w.seer == nil {
		t.Fatal("there is nobody to tell")
	}
	w.seer = nil
	without, err := w.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if seeing.Digest != without.Digest {
		t.Errorf("digest %v, without foresight %v", seeing.Digest, without.Digest)
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
