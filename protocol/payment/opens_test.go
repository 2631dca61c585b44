package payment

import "testing"

// What locks too little, for others, or in another channel of the same payer than its
// promises are of, opens nothing.
func TestOpensOnlyWhatPaysFor(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		if on.needs.Lock == 0 || on.needs.Virtual {
			return
		}
		p := NewPayer(on, viewer)
		tx := p.Standing()
		good := Receipt{ID: tx.ID, Kind: tx.Kind, From: viewer, Payer: viewer, Channel: on.scheme.of(on, viewer), Amount: tx.Amount, Call: tx.Call, OK: true}
		if !on.Opens(&good) {
			t.Fatal("what the payer sends opens nothing")
		}
		less, others, another := good, good, good
		less.Amount--
		others.From++
		for _, r := range []*Receipt{&less, &others} {
			if on.Opens(r) {
				t.Errorf("%+v opens", r)
			}
		}
		if _, tickets := tx.Call.(Fund); tickets { // a sender has one deposit
			return
		}
		another.Channel[0] ^= 1
		if w, words := tx.Call.(OpenWords); words {
			w.Anchor[0] ^= 1
			another.Call = w
		}
		if on.Opens(&another) {
			t.Error("another channel of the payer opens")
		}
	})
}
