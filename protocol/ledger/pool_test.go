package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"kinetoscope/protocol/payment"
)

// A plainPool is a pool that looks at everything each time.
type plainPool struct {
	waiting []slot // in order of arrival
	base    uint64
	skipped map[uint64]bool // by seq
}

func (p *plainPool) tip(s *slot) uint64 { return min(s.price.tip, s.price.cap-p.base) }

// restore puts s before all that came later: in front of its sender's others.
func (p *plainPool) restore(s slot) {
	at := slices.IndexFunc(p.waiting, func(o slot) bool { return o.seq > s.seq })
	if at < 0 {
		at = len(p.waiting)
	}
	p.waiting = slices.Insert(p.waiting, at, s)
}

// peek is the index of the transaction that comes next, or -1.
func (p *plainPool) peek() int {
	best := -1
	met := map[payment.Account]bool{}
	for i := range p.waiting {
		s := &p.waiting[i]
		if met[s.tx.From] {
			continue
		}
		met[s.tx.From] = true
		if p.skipped[s.seq] || s.price.cap < p.base {
			continue
		}
		if best < 0 || p.tip(s) > p.tip(&p.waiting[best]) {
			best = i
		}
	}
	return best
}

func TestPoolAgreesWithPlainPool(t *testing.T) {
	taken := 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		senders, prices := 1+rng.IntN(20), 1+rng.IntN(12)
		p := newPool(200, senders)
		plain := &plainPool{skipped: map[uint64]bool{}}
		offers := make([]price, prices)
		for i := range offers {
			offers[i].cap = rng.Uint64N(50)
			offers[i].tip = rng.Uint64N(offers[i].cap + 1)
		}
		id, gone := uint32(1), []slot(nil)
		for range 800 {
			switch rng.IntN(9) {
			case 7: // a sender offers more
				if len(plain.waiting) > 0 && len(p.skipped) == 0 {
					i := rng.IntN(len(plain.waiting))
					s := &plain.waiting[i]
					s.price = offers[rng.IntN(prices)]
					p.raise(p.find(s.tx.From, s.tx.ID), s.price)
				}
			case 8: // a block is taken back, the last transactions of which come in again
				p.unskip()
				clear(plain.skipped)
				for n := rng.IntN(3); n > 0 && len(gone) > 0; n-- {
					s := gone[len(gone)-1]
					gone = gone[:len(gone)-1]
					p.restore(s)
					plain.restore(s)
				}
			case 0, 1, 2:
				tx := payment.Tx{ID: id, From: payment.Account(rng.IntN(senders))}
				s := slot{tx: tx, price: offers[rng.IntN(prices)], seq: p.seq}
				if p.add(slot{tx: tx, price: s.price, gas: 1}) != none {
					plain.waiting = append(plain.waiting, s)
				} else if len(plain.waiting) < 200 {
					t.Fatalf("full with %d", len(plain.waiting))
				}
				id++
			case 3:
				p.unskip()
				clear(plain.skipped)
				plain.base = rng.Uint64N(50)
				p.reprice(plain.base)
			case 4:
				p.unskip()
				clear(plain.skipped)
			default:
				want, got := plain.peek(), p.peek()
				if (got == nil) != (want < 0) || got != nil && got.tx.ID != plain.waiting[want].tx.ID {
					t.Fatalf("seed %d: next is %+v, should be %d of %+v", seed, got, want, plain.waiting)
				}
				if got == nil {
					continue
				}
				if rng.IntN(3) == 0 {
					plain.skipped[plain.waiting[want].seq] = true
					p.skip()
					continue
				}
				gone = append(gone, plain.waiting[want])
				plain.waiting = slices.Delete(plain.waiting, want, want+1)
				p.take()
				taken++
			}
			if p.count != len(plain.waiting) {
				t.Fatalf("%d wait, should be %d", p.count, len(plain.waiting))
			}
		}
	}
	if taken < 1500 {
		t.Errorf("only %d taken", taken)
	}
}

// A pool that has been emptied uses its slots again.
func TestPoolReusesSlots(t *testing.T) {
	p := newPool(10, 3)
	for i := range uint32(1000) {
		if p.add(slot{tx: payment.Tx{ID: i, From: payment.Account(i % 3)}, price: price{1, 2}, gas: 1}) == none {
			t.Fatal("full")
		}
		if i >= 5 {
			p.take()
		}
	}
	for p.peek() != nil {
		p.take()
	}
	if len(p.slots) > 10 || p.count != 0 || len(p.classes) != 0 {
		t.Errorf("%d slots, %d wait, %d classes", len(p.slots), p.count, len(p.classes))
	}
}

// An empty pool gives its slots back, and knows that what waited there is gone; then it
// goes on as before.
func TestEmptyPoolGivesBack(t *testing.T) {
	p := newPool(1<<20, 1)
	for round := range uint64(2) {
		for i := range uint32(2 * keptSlots) {
			p.add(slot{tx: payment.Tx{ID: i}, price: price{1, 2}, gas: 1})
		}
		if !p.holds(2*keptSlots-1, 2*keptSlots*(round+1)) {
			t.Error("what waits is not known")
		}
		for i := range uint32(2 * keptSlots) {
			if s := p.peek(); s == nil || s.tx.ID != i {
				t.Fatalf("round %d: %v comes at place %d", round, s, i)
			}
			p.take()
		}
		if cap(p.slots) > keptSlots || p.holds(2*keptSlots-1, 2*keptSlots*(round+1)) {
			t.Errorf("an empty pool has %d slots, or thinks that somebody waits", cap(p.slots))
		}
	}
}

// A block passes over what does not fit, but not for ever.
func TestBlockPassesOverLargeTransactions(t *testing.T) {
	for _, c := range []struct{ large, want int }{{maxSkips, 1}, {maxSkips + 1, 0}} {
		cfg := testConfig()
		d := newDesk(t, cfg, 100)
		for i := range c.large { // settles ask for more gas than a withdrawal
			d.Submit(0, payment.Tx{Kind: payment.Settle, From: payment.Account(i)})
		}
		d.Submit(0, payment.Tx{Kind: payment.Withdraw, From: 90, Payer: payee1})
		d.others, d.baseFee = cfg.GasLimit-operations[payment.Withdraw].gasLimit, uint64(cfg.BaseFee)
		var got []payment.Receipt
		d.Advance(d.Next(), func(r payment.Receipt) { got = append(got, r) })
		if len(got) != c.want || d.Pending() != c.large+1-c.want {
			t.Errorf("behind %d large ones: %d receipts, %d wait", c.large, len(got), d.Pending())
		}
	}
}

// One block of 500 transactions while many more wait, at a base fee that goes
// up and down by an eighth, as far as EIP-1559 lets it. With many prices it
// carries one waiting transaction in eight over its edge each time.
func BenchmarkPool(b *testing.B) {
	for _, c := range []struct{ waiting, prices int }{{1000, 1}, {100_000, 1}, {100_000, 1000}, {100_000, 100_000}} {
		b.Run(fmt.Sprintf("waiting=%d/prices=%d", c.waiting, c.prices), func(b *testing.B) {
			p := newPool(2*c.waiting, c.waiting)
			for i := range c.waiting {
				spread := uint64(i%c.prices) * 1_000_000 / uint64(c.prices)
				p.add(slot{tx: payment.Tx{From: payment.Account(i)}, price: price{tip: 10, cap: 1_600_000 - spread}, gas: 1})
			}
			for i := 0; b.Loop(); i++ {
				p.reprice([]uint64{1_000_000, 1_125_000}[i%2])
				for range 500 {
					s := p.peek()
					if s == nil {
						break
					}
					again := slot{tx: s.tx, price: s.price, gas: 1}
					p.take()
					p.add(again)
				}
			}
		})
	}
}
