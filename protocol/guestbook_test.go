package protocol

import (
	"math/rand/v2"
	"testing"

	"kinetoscope/protocol/payment"
)

// A book finds whom a map finds, accounts that collide among them.
func TestGuestBookIsAMap(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 1))
	for _, spread := range []int{1, 1 << 16, 1 << 20} {
		var b guestBook
		want := map[payment.Account]*guest{}
		for range 3000 {
			a := payment.Account(draw.IntN(2000) * spread)
			if got := b.of(a); got != want[a] || got != nil && got.seq != uint32(a) {
				t.Fatalf("account %d: %p, want %p", a, got, want[a])
			}
			if want[a] == nil {
				want[a] = b.add(a)
				want[a].seq = uint32(a)
			}
		}
		if len(b.accounts) != len(want) {
			t.Errorf("%d guests, want %d", len(b.accounts), len(want))
		}
	}
}
