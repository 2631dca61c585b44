package payment

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

const firstHub = Account(30)

// A way is the hubs between a counter's viewer and the collector.
type way struct {
	c       *counter
	brokers []*Broker
	dead    map[Account]bool // hears nothing
	lossy   bool
	said    int // notices
}

func newWay(c *counter) *way {
	on, w := c.on, &way{c: c, dead: map[Account]bool{}}
	const capacity = unit.Wei(1 << 40)
	for k := range on.Hub.Hops {
		next := firstHub + Account(k) + 1
		if k == on.Hub.Hops-1 {
			next = collector
		}
		w.brokers = append(w.brokers, NewBroker(on, firstHub+Account(k), k+1, next, capacity))
		if k > 0 {
			w.brokers[k].Opened(firstHub+Account(k)-1, capacity, nil)
		}
	}
	last := firstHub + Account(on.Hub.Hops) - 1
	c.coll.Hub(last, NewLink(on, on.Hub.Hops, last, collector, capacity))
	if on.Preopened {
		w.brokers[0].Opened(viewer, on.needs.Lock, nil)
	}
	return w
}

func (w *way) hub(a Account) *Broker {
	if a < firstHub || int(a-firstHub) >= len(w.brokers) {
		return nil
	}
	return w.brokers[a-firstHub]
}

// ask lets the viewer ask its hub for what it has not got.
func (w *way) ask(pledges []Pledge) {
	for i := range pledges {
		p := pledges[i]
		w.post(viewer, []Notice{{To: firstHub, Viewer: viewer, Pledge: &p}})
	}
}

// post carries notices, encoded, until nobody has anything to say.
func (w *way) post(from Account, all []Notice) {
	for _, n := range all {
		w.said++
		if w.dead[n.To] || w.dead[from] || w.lossy && w.c.chance.IntN(4) == 0 {
			continue
		}
		if n.Pledge != nil {
			p, ok := ParsePledge(n.Viewer, n.Pledge.Append(nil))
			if !ok {
				panic("a pledge does not survive its encoding")
			}
			n.Pledge = &p
		}
		if n.Answer != nil {
			a, _ := ParseAnswer(n.Viewer, n.Answer.Append(nil))
			n.Answer = &a
		}
		w.post(n.To, w.hear(from, n))
	}
}

func (w *way) hear(from Account, n Notice) (out []Notice) {
	b := w.hub(n.To)
	switch {
	case n.To == viewer && n.Answer != nil:
		w.c.payer.Answered(n.Answer)
	case n.To == collector && n.Pledge != nil:
		var open bool
		if out, open, _ = w.c.coll.Pledged(from, n.Pledge, out); open {
			for _, t := range w.c.tabs {
				t.Anchored = true
			}
		}
	case b == nil:
	case n.Pledge != nil:
		out, _ = b.Pledged(from, n.Pledge, out)
	case n.Answer != nil:
		out = b.Answered(from, n.Answer, out)
	case n.Voucher != nil:
		v := *n.Voucher
		out = b.Shown(from, n.Viewer, &v, out)
	}
	return out
}

// confirm hands a receipt to whom it concerns.
func (w *way) confirm(r *Receipt) {
	if r.From == viewer && r.OK && r.Kind == Invoke {
		w.post(firstHub, w.brokers[0].Opened(viewer, r.Amount, nil))
	}
	var txs []Tx
	var wake time.Duration
	if b := w.hub(r.From); b != nil {
		wake, txs = b.Confirm(w.c.now, r, nil)
	} else if r.From == collector && r.ID >= firstSuit {
		wake, txs = w.c.coll.Sued(w.c.now, r, nil)
	}
	w.send(txs)
	if wake > 0 {
		w.c.blocks = append(w.c.blocks, included{wake, Tx{Kind: Request, From: r.From}}) // stands for a timer
	}
}

func (w *way) send(txs []Tx) {
	for _, tx := range txs {
		w.c.submit(tx)
	}
}

func (w *way) wake(who Account) {
	if b := w.hub(who); b != nil {
		w.send(b.Wake(w.c.now, nil))
		return
	}
	w.send(w.c.coll.Wake(w.c.now, nil))
}

// call executes what a plain reading of VirtualChannels does.
func (w *way) call(tx *Tx) bool {
	c, n := w.c, w.c.on.Notary
	move := func(amount unit.Wei) {
		if tx.Payer == viewer {
			c.locked -= amount
		} else {
			c.wallet -= amount
		}
		if tx.From == collector {
			c.paidIn += amount
		} else {
			c.wallet += amount
		}
	}
	switch x := tx.Call.(type) {
	case OpenLedger:
		c.locked += tx.Amount
	case RedeemLedger:
		b := x.Balance
		if b.Amount != tx.Amount || !n.VerifyBalance(tx.Payer, &b) {
			return false
		}
		move(b.Amount)
	case ClaimLedger:
		v := x.Voucher
		if !n.VerifyVirtual(viewer, &v) || tx.Amount != x.Guarantee.Worth(v.Amount) || x.Guarantee.Signer != viewer {
			return false
		}
		move(tx.Amount)
	}
	return true
}

// settle ends the viewer's visit, and lets everybody redeem.
// demand asks the hubs to settle what one viewer has promised.
func (w *way) demand(viewer Account) { w.post(collector, w.c.coll.Demand(viewer, false, nil)) }

func (w *way) settle() {
	w.lossy = false
	w.ask(w.c.payer.Part())
	for range 3 {
		w.post(collector, w.c.coll.Demand(0, true, nil))
	}
	w.send(w.c.coll.Finish(nil))
	for _, b := range w.brokers {
		if !w.dead[b.account] {
			w.send(b.Redeem(nil))
		}
	}
}

func hubTerms(hops int, change func(*Config)) *Terms {
	cfg := Default()
	cfg.Method, cfg.Deposit, cfg.Preopened = Hub, 3600*second, true
	cfg.Hub.Hops, cfg.Hub.Redeem, cfg.Hub.Fixed, cfg.Hub.Fee = hops, 0, 11, 0.0123
	if change != nil {
		change(&cfg)
	}
	return termsOf(cfg)
}

// Over one to five hubs: each gets exactly its fee, to the wei, whether the viewer
// says good-bye, vanishes or says that it owes less, and whether or not a hub has
// gone silent; the collector gets what was promised.
func TestHubsNeverLose(t *testing.T) {
	for hops := 1; hops <= maxHops; hops++ {
		for _, how := range []string{"polite", "vanished", "liar", "lossy", "first hub silent", "last hub silent", "modelled"} {
			t.Run(fmt.Sprint(hops, " ", how), func(t *testing.T) {
				on := hubTerms(hops, nil)
				on.Signed = how != "modelled"
				c := newCounter(on)
				c.way.lossy = how == "lossy"
				c.open()
				c.play(50, true)
				switch how {
				case "vanished":
					c.payer.anchored = false // it says nothing more
				case "liar":
					c.payer.link.Settle(viewer, second)
					c.way.ask(c.payer.link.pending)
					c.payer.anchored = false
				case "first hub silent":
					c.way.dead[firstHub] = true
				case "last hub silent":
					c.way.dead[firstHub+Account(hops)-1] = true
				}
				c.end(t)
				owed := c.coll.Claim(viewer)
				if owed < 48*second || c.paidIn != owed || c.coll.Paid(viewer) != owed {
					t.Errorf("the collector got %v and says %v of %v", c.paidIn, c.coll.Paid(viewer), owed)
				}
				each := unit.Wei(11) + owed/10_000*123 + owed%10_000*123/10_000
				var sum unit.Wei
				for _, b := range c.way.brokers {
					in, out := b.Books()
					if c.way.dead[b.account] {
						continue
					}
					if in < out {
						t.Errorf("hub %d is owed %v and owes %v", b.account, in, out)
					}
					if out > 0 && (in-out < each-1 || in-out > each+1) {
						t.Errorf("hub %d has a fee of %v, not %v", b.account, in-out, each)
					}
					sum += in - out
				}
				if len(c.way.dead) == 0 {
					if want := on.Worth(0, owed) - owed; sum != want || c.wallet != want {
						t.Errorf("hubs have %v by their books, %v in their wallets, their fees are %v", sum, c.wallet, want)
					}
				}
			})
		}
	}
}

// A hub whose deposit is promised refuses, takes back what the next one was
// asked for, and the viewer hears of it.
func TestHubRefuses(t *testing.T) {
	for hops := 1; hops <= maxHops; hops++ {
		c := newCounter(hubTerms(hops, nil))
		c.way.brokers[hops-1].out.deposit = 1
		c.open()
		c.play(100, true)
		if c.payer.State() != Refused || c.denied == 0 {
			t.Errorf("%d hops: the viewer is %v, denied %d times", hops, c.payer.State(), c.denied)
		}
		if free := c.tab.Unpaid(c.on); free > c.on.Bound() {
			t.Errorf("%d hops: %v unpaid, above the bound of %v", hops, free, c.on.Bound())
		}
		for k, b := range c.way.brokers {
			if len(b.out.open) > 0 || len(b.out.pending) > 0 {
				t.Errorf("%d hops: hub %d still guarantees %v, %d pledges wait", hops, k, b.out.open, len(b.out.pending))
			}
		}
	}
}

// A viewer that the hubs never answer gets what can be watched in Optimistic.
func TestHubSilentFromTheStart(t *testing.T) {
	c := newCounter(hubTerms(3, nil))
	c.way.dead[firstHub+1] = true
	c.open()
	c.play(300, true)
	if free := c.tab.Unpaid(c.on); free > c.on.Bound() || c.tab.Served == 0 || c.denied == 0 {
		t.Errorf("%v unpaid, the bound is %v; served %v, denied %d", free, c.on.Bound(), c.tab.Served, c.denied)
	}
}

// What a hub or the collector must not take is refused.
func TestPledgesAreChecked(t *testing.T) {
	on := hubTerms(1, nil)
	for name, change := range map[string]func(*Pledge){
		"another amount":    func(p *Pledge) { p.Balance.Amount++ },
		"a root":            func(p *Pledge) { p.Balance.Root[0]++ },
		"a signature":       func(p *Pledge) { p.Balance.Sig[0]++ },
		"another viewer":    func(p *Pledge) { p.Viewer++ },
		"nothing to settle": func(p *Pledge) { p.Settles = true },
		"a later one":       func(p *Pledge) { p.Balance.Version++ },
	} {
		payer, payee := NewLink(on, 0, viewer, firstHub, on.needs.Lock), NewLink(on, 0, viewer, firstHub, on.needs.Lock)
		payer.Guarantee(viewer)
		p := payer.pending[0]
		if change(&p); payee.Take(&p) == nil {
			t.Errorf("%s is taken", name)
		}
		if err := payee.Take(&payer.pending[0]); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
		a := payee.Agree(1)
		if a.Sig[0]++; len(payer.Agreed(&a)) > 0 {
			t.Error("a forged answer is taken")
		}
	}
}

// Nobody pledges for another, and what was pledged before opens nothing more.
func TestNobodyPledgesForAnother(t *testing.T) {
	on := hubTerms(1, nil)
	hub := NewBroker(on, firstHub, 1, collector, 1<<40)
	for _, payer := range []Account{viewer, viewer + 1} {
		hub.Opened(payer, on.needs.Lock, nil)
	}
	own, other := NewLink(on, 0, viewer, firstHub, on.needs.Lock), NewLink(on, 0, viewer+1, firstHub, on.needs.Lock)
	other.Guarantee(viewer)
	if out, ok := hub.Pledged(viewer+1, &other.pending[0], nil); ok || len(out) > 0 {
		t.Errorf("a viewer pledges for another: %v", out)
	}
	own.Guarantee(viewer)
	out, ok := hub.Pledged(viewer, &own.pending[0], nil)
	if !ok || len(out) != 1 || len(hub.out.open) != 1 {
		t.Fatalf("a viewer's own pledge: %v, %v, the hub guarantees %v", out, ok, hub.out.open)
	}

	c := newCounter(on).coll
	c.Hub(firstHub, NewLink(on, 1, firstHub, collector, 1<<40))
	if _, open, ok := c.Pledged(firstHub, out[0].Pledge, nil); !open || !ok {
		t.Error("the collector does not take a hub's pledge")
	}
	if _, open, ok := c.Pledged(firstHub, out[0].Pledge, nil); !open || !ok {
		t.Error("a pledge said twice is not answered twice")
	}
	again := *out[0].Pledge
	again.Viewer = viewer + 7
	if _, open, _ := c.Pledged(firstHub, &again, nil); open || c.Opened(viewer+7) {
		t.Error("an old version opens the channel of somebody else")
	}
	again.Settles = true
	if c.Pledged(firstHub, &again, nil); c.best[viewer+7] != nil && c.best[viewer+7].closed {
		t.Error("an old version settles the channel of somebody else")
	}
}

// The path of each guarantee leads to the root, for any number of them.
func TestGuaranteesHavePaths(t *testing.T) {
	on := hubTerms(1, nil)
	for n := 1; n <= 40; n++ {
		l := NewLink(on, 1, firstHub, collector, 1<<60)
		for a := range n {
			l.Guarantee(Account(100 + a))
		}
		for a := range n {
			c := l.Claim(Account(100+a), Voucher{Signed: true})
			at := on.Notary.Leaf(&c.Guarantee)
			for _, beside := range c.Path {
				at = on.Notary.Join(at, beside)
			}
			if at != l.root() {
				t.Errorf("the path of %d of %d leads elsewhere", a, n)
			}
		}
	}
}

func FuzzParsePledge(f *testing.F) {
	p, a := Pledge{Settles: true, Voucher: 7}, Answer{Refused: true, Version: 3}
	f.Add(p.Append(nil))
	f.Add(a.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, ok := ParsePledge(1, b); ok && string(p.Append(nil)) != string(b) {
			t.Error("a pledge is encoded otherwise")
		}
		if a, ok := ParseAnswer(1, b); ok && string(a.Append(nil)) != string(b) {
			t.Error("an answer is encoded otherwise")
		}
	})
}

// The page of the methods has a row for each, with its bound.
func TestEveryMethodStatesItsBound(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/payment.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range Method("").Names() {
		row := regexp.MustCompile("(?m)^\\| `" + m + "` \\|.*\\| C[^|]* \\|$").Find(page)
		if row == nil {
			t.Errorf("no row for %s", m)
			continue
		}
		cfg := Default()
		cfg.Method = Method(m)
		on := termsOf(cfg)
		if waits := on.opening() > 0; waits != bytes.Contains(row, []byte("C + K")) {
			t.Errorf("%s: an optimistic start counts: %v, the page says %s", m, waits, row)
		}
		if more := on.Bound() > on.segments()+on.opening(); more != regexp.MustCompile(`\+ (s|2|the|one|what)`).Match(row) && on.Method != Pool {
			t.Errorf("%s: there is more to its bound: %v, the page says %s", m, more, row)
		}
	}
}
