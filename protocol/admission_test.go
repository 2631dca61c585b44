package protocol

import (
	"math/rand/v2"
	"testing"
)

// A door agrees with the plainest memory of who came and asked when.
func TestDoorCountsTheWindow(t *testing.T) {
	type request struct{ at, since uint32 }
	r := rand.New(rand.NewPCG(1, 1))
	var d door
	var came []uint32
	var asked []request
	for at := uint32(0); at < 200; at += uint32(r.IntN(7)) {
		d.turn(at)
		if r.IntN(2) == 0 {
			d.enter()
			came = append(came, at)
		}
		since := at - uint32(r.IntN(int(min(at, 9))+1))
		d.note(since)
		asked = append(asked, request{at, since})
		want := uint64(0)
		for _, c := range came {
			if at-c < doorSlots {
				want += doorSlots
			}
		}
		for _, q := range asked {
			if at-q.at < doorSlots && q.at-q.since >= doorSlots {
				want++
			}
		}
		if got := d.inside(); got != want {
			t.Fatalf("slot %d: %d inside, want %d", at, got, want)
		}
	}
}
