package payment

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// second is the price of a segment of a second in these tests.
const second = unit.Wei(7000)

func termsOf(c Config) *Terms {
	t := NewTerms(c, second*3600, second)
	t.Signer, t.Notary, t.Signed, t.Collector = stamp{}, stamp{}, true, collector
	if t.needs.Virtual {
		t.Entry = func(Account) Account { return firstHub }
	}
	if t.needs.Direct {
		t.Recipients = []Account{edge}
	}
	return t
}

// methods is terms of every method, for a viewer with money for an hour.
func methods() []*Terms {
	var all []*Terms
	for _, m := range Method("").Names() {
		c := Default()
		c.Method, c.Deposit, c.Hub.Hops, c.Hub.Redeem = Method(m), 3600*second, 2, 0
		all = append(all, termsOf(c))
		if all[len(all)-1].needs.Lock > 0 {
			c.Preopened = true
			all = append(all, termsOf(c))
		}
	}
	return all
}

// each runs a test for every method.
func each(t *testing.T, test func(t *testing.T, on *Terms)) {
	for _, on := range methods() {
		name := string(on.Method)
		if on.Preopened {
			name += "-preopened"
		}
		t.Run(name, func(t *testing.T) { test(t, on) })
	}
}

// Every method: a payment is made, or on its way to the chain, before the third
// segment is served, and nobody who pays is ever turned away.
func TestPaymentStartsAtPlay(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		c := newCounter(on)
		if d := c.payer.Pay(0, second); d.Tell || d.Tx != nil {
			t.Fatal("a payer that is not open pays")
		}
		c = newCounter(on)
		c.open()
		c.play(120, true)
		started := len(c.blocks) > 0 || c.locked+c.paidIn > 0 || c.first >= 0 && c.first <= 2*time.Second
		if !started || c.denied > 0 {
			t.Errorf("started: %v, first payment at %v, %d segments denied", started, c.first, c.denied)
		}
	})
}

// Every method: what is promised rises, and is never above what was bought by
// more than Ahead.
func TestPromisesRise(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		c, last := newCounter(on), unit.Wei(0)
		c.open()
		for range 300 {
			c.play(1, true)
			if p := c.payer.Promised(); p < last || p > c.tab.Served+on.Ahead() {
				t.Fatalf("promised %v after %v, served %v", p, last, c.tab.Served)
			}
			last = c.payer.Promised()
		}
		if last+c.payer.given+on.Bound() < 300*second {
			t.Errorf("promised %v of %v", last, 300*second)
		}
	})
}

// Every method, to the wei: what a viewer puts in reaches the split or comes
// back, what reaches the split is what the books say, and it is the price of
// what was served, less what was forgiven, plus what was paid ahead.
func TestMoneyInIsMoneyOut(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		for _, n := range []int{1, 2, 37, 300} {
			c := newCounter(on)
			c.open()
			c.play(n, true)
			c.end(t)
			got := new(big.Int).SetUint64(uint64(c.paidIn))
			if on.needs.Chain == Nowhere {
				got = c.coll.Owed()
			} else if c.coll.Owed().Cmp(got) != 0 {
				t.Errorf("%d segments: the books say %v, the split has %v", n, c.coll.Owed(), got)
			}
			if on.needs.Lock > 0 && c.paidIn+c.refunded+c.locked+c.wallet != on.needs.Lock { // a hub's wallet has its fees
				t.Errorf("%d segments: %v paid and %v refunded of %v locked", n, c.paidIn, c.refunded, on.needs.Lock)
			}
			if on.needs.Chance { // TestTicketsPayTheirPrice looks at the mean
				continue
			}
			least := new(big.Int).SetUint64(uint64(c.tab.Served - min(c.tab.Served, c.payer.given)))
			most := new(big.Int).Add(least, new(big.Int).SetUint64(uint64(on.Ahead())))
			if got.Cmp(least) < 0 || got.Cmp(most) > 0 {
				t.Errorf("%d segments: %v reached the split, served %v, given %v", n, got, c.tab.Served, c.payer.given)
			}
		}
	})
}

// Every method: whoever stops paying, or never begins, gets at most Bound.
func TestBoundHolds(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		for _, honest := range []int{0, 1, 10, 100, 1000} {
			c := newCounter(on)
			if honest > 0 {
				c.open()
			}
			c.play(honest, true)
			paid := c.tab.Served
			c.blocks = nil // what is on its way never arrives
			c.play(2000, false)
			if free := c.tab.Unpaid(on); free > on.Bound() {
				t.Errorf("after %d segments paid for: %v unpaid, above the bound of %v", honest, free, on.Bound())
			}
			if honest == 0 && c.tab.Served == 0 || honest > 0 && paid == 0 {
				t.Error("nobody is served at all")
			}
		}
	})
}

// Every method: a network that loses a quarter of the payments, repeats and
// reorders them costs nobody money and nobody the stream. (The first payment that
// an edge sees counts for one segment, so that one lost before it costs credit.)
func TestUnrulyNetwork(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		c := newCounter(on)
		c.unruly = true
		c.open()
		c.play(300, true)
		if c.denied > 100 {
			t.Errorf("%d of 300 segments are denied", c.denied)
		}
		if p := c.tab.Paid; p > c.tab.Served+second+on.Ahead() {
			t.Errorf("the edge counts %v for %v served", p, c.tab.Served)
		}
		before := c.tab
		old := before.Best
		if c.tab.Take(c.now, on, viewer, &old, second) == nil {
			t.Error("a payment counts twice")
		}
		c.end(t)
	})
}

// Every method: a payer that the chain refuses gets the bound and no more.
func TestRefusedOpening(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		c := newCounter(on)
		c.refuses = true
		c.open()
		c.play(600, true)
		if on.needs.Chain == Nowhere || on.needs.Standing {
			return // nobody to refuse
		}
		if free := c.tab.Unpaid(on); free > on.Bound() || c.paidIn > 0 {
			t.Errorf("%v unpaid, above the bound of %v; %v paid", free, on.Bound(), c.paidIn)
		}
		if c.denied == 0 {
			t.Error("a viewer whose payments all fail is never turned away")
		}
	})
}

// Every method with a deposit: promises end with it.
func TestOverspending(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		if on.needs.Lock == 0 {
			return
		}
		cfg := on.Config
		cfg.Deposit = 50 * second
		c := newCounter(termsOf(cfg))
		c.open()
		c.play(300, true)
		if sum := c.coll.Claim(viewer); sum > cfg.Deposit || !on.needs.Chance && c.payer.Promised() > cfg.Deposit {
			t.Errorf("promised %v, claimed %v of a deposit of %v", c.payer.Promised(), sum, cfg.Deposit)
		}
		if free := c.tab.Unpaid(c.on); free > c.on.Bound() {
			t.Errorf("%v unpaid, above the bound of %v", free, c.on.Bound())
		}
		c.end(t)
	})
}

// A payment costs no memory, so that a million viewers can pay.
func TestPaymentsAllocateNothing(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		if on.needs.Chance {
			return // the draw needs a real signature
		}
		on.Signed = false
		c := newCounter(on)
		c.open()
		c.play(10, true)
		if n := testing.AllocsPerRun(100, func() {
			c.payer.Pay(c.now, second)
			c.tab.Served += second
			c.tab.Take(c.now, on, viewer, c.payer.Voucher(), second)
			c.tab.Owes(c.now, on, second)
		}); n > 0 {
			t.Errorf("%v allocations a payment", n)
		}
	})
}

// The income from n tickets that win once in m is a binomial: its mean is the
// price of what was watched, its coefficient of variation sqrt((1-p)/(np)).
func TestTicketsPayTheirPrice(t *testing.T) {
	cfg := Default()
	cfg.Method, cfg.Deposit, cfg.OneIn = Tickets, 1<<40, 10
	on, n, runs := termsOf(cfg), 200, 400
	var sum, squares float64
	for i := range runs {
		on.seed = Word{1, byte(i), byte(i >> 8)}
		c := newCounter(on)
		c.open()
		c.play(n, true)
		got := float64(c.coll.Claim(viewer)) / float64(second)
		sum, squares = sum+got, squares+float64(got*got)
	}
	mean := sum / float64(runs)
	cv := math.Sqrt(squares/float64(runs)-float64(mean*mean)) / mean
	want := math.Sqrt((1 - 0.1) / (float64(n) * 0.1))
	if math.Abs(mean-float64(n)) > 4*want*float64(n)/20 || math.Abs(cv-want) > 0.15*want {
		t.Errorf("%d tickets bring %.1f on average with a variation of %.3f, not %d and %.3f", n, mean, cv, n, want)
	}
}

// Whoever asks that a winner pay more than its fee serves nobody while fees are above
// that, and serves again when they have come down.
func TestDearTicketsBuyNothing(t *testing.T) {
	cfg := Default()
	cfg.Method, cfg.Face, cfg.OneIn, cfg.Preopened = Tickets, 100, 1000, true
	on, fee := termsOf(cfg), unit.Wei(0)
	on.GasFee = func() unit.Wei { return fee }
	tab := on.NewTab(0, edge, true)
	for price, owes := range map[unit.Wei]bool{0: false, 1: true} { // a winner pays 7,000,000 wei
		if fee = price; tab.Owes(0, on, second) != owes {
			t.Errorf("at %v for a gas, one more segment is refused: %v", price, !owes)
		}
	}
}

// A word that was changed, and one of another chain, are refused.
func TestWordsAreChecked(t *testing.T) {
	cfg := Default()
	cfg.Method, cfg.Deposit = HashChain, 100*second
	on := termsOf(cfg)
	p := opened(t, on)
	p.Pay(0, 3*second)
	for name, change := range map[string]func(*Voucher){
		"a changed word":   func(v *Voucher) { change(v, 0) },
		"one word more":    func(v *Voucher) { v.Amount += second },
		"half a word":      func(v *Voucher) { v.Amount -= second / 2 },
		"another anchor":   func(v *Voucher) { another(v) },
		"beyond the chain": func(v *Voucher) { v.Amount += 100 * second },
	} {
		v, tab := *p.Voucher(), on.NewTab(0, 0, true)
		change(&v)
		if tab.Take(0, on, viewer, &v, second) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	v, tab := *p.Voucher(), on.NewTab(0, 0, true)
	if err := tab.Take(0, on, viewer, &v, second); err != nil {
		t.Error(err)
	}
}

// opened is a payer that is ready.
func opened(t *testing.T, on *Terms) Payer {
	t.Helper()
	p := NewPayer(on, viewer)
	if tx, needed := p.Open(); needed {
		p.Confirm(&Receipt{Kind: tx.Kind, From: tx.From, OK: true})
	}
	if p.State() != Live {
		t.Fatalf("%s: opened and confirmed, but %v", on.Method, p.State())
	}
	return p
}

// The transactions of a collector, in order.
func TestCollectorsOrder(t *testing.T) {
	on := termsOf(Default())
	coll, v := NewCollector(on, collector, []Account{8, 9}), NewVoucher(stamp{}.Channel(viewer, 0), 7)
	stamp{}.Sign(viewer, &v)
	coll.Take(viewer, &v)
	var order []TxKind
	for txs := coll.Finish(nil); len(txs) > 0; {
		tx := txs[0]
		order = append(order, tx.Kind)
		txs = coll.Confirm(&Receipt{ID: tx.ID, Kind: tx.Kind, From: tx.From, OK: true}, txs[1:])
	}
	if want := fmt.Sprint([]TxKind{Close, Settle, Withdraw, Withdraw}); fmt.Sprint(order) != want || coll.Phase() != Done {
		t.Fatalf("transactions %v, want %s; phase %v", order, want, coll.Phase())
	}
	if again := coll.Close(viewer, nil); len(again) != 0 {
		t.Fatal("a channel is closed twice")
	}
}
