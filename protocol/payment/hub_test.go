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
		for _, how := range []string{"polite", "vanished", "liar", "lossy", "first hub silent", "last hub silent", "modelled", "viewer closes", "nobody settles"} {
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
				case "viewer closes": // on the chain; the collector sees it and asks for what is owed, and time passes
					c.submit(Tx{Kind: Invoke, From: viewer, Payer: viewer, Call: CloseLedger{Ledger: c.payer.link.id}})
					c.play(5, true)
					c.goodbye(0, *c.payer.Voucher())
					c.payer.anchored = false
					c.settle()
					c.now += 2 * on.Hub.HubPeriod(0)
				case "nobody settles": // each is claimed from on the chain, and claims
					c.way.mute = true
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
					if got := c.way.flows[b.account]; got < 0 || len(c.way.dead) == 0 && got != int64(in-out) {
						t.Errorf("hub %d: the chain has moved %v wei to it, less what it has paid; its books say %v", b.account, got, in-out)
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
		hub.Opened(openingOf(NewLink(on, 0, payer, firstHub, on.needs.Lock)), nil)
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
	c.Hub(openingOf(NewLink(on, 1, firstHub, collector, 1<<40)))
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

// Viewers who wait are impatient, and what each asks again goes on once: it does not
// multiply from hub to hub.
func TestImpatienceDoesNotMultiply(t *testing.T) {
	const hubs, viewers = 4, 12
	on := hubTerms(hubs, nil)
	chain := make(map[Account]*Broker)
	for i := range Account(hubs) {
		next := firstHub + i + 1
		if i == hubs-1 {
			next = collector // who never answers
		}
		chain[firstHub+i] = NewBroker(on, firstHub+i, int(i)+1, next, 1<<40)
		if i > 0 {
			chain[firstHub+i].Opened(openingOf(NewLink(on, int(i), firstHub+i-1, firstHub+i, 1<<40)), nil)
		}
	}
	pass := func(p *Pledge) (messages int) {
		out, _ := chain[firstHub].Pledged(p.Viewer, p, nil)
		for ; len(out) > 0; out = out[1:] {
			if hub := chain[out[0].To]; hub != nil && out[0].Pledge != nil {
				out, _ = hub.Pledged(out[0].To-1, out[0].Pledge, out)
			}
			messages++
		}
		return messages
	}
	var pledges []*Pledge
	for i := range Account(viewers) {
		l := NewLink(on, 0, viewer+i, firstHub, on.needs.Lock)
		chain[firstHub].Opened(openingOf(l), nil)
		l.Guarantee(viewer + i)
		pledges = append(pledges, &l.pending[0])
		if n := pass(pledges[i]); n < hubs {
			t.Fatalf("the first pledge of viewer %d takes %d messages past %d hubs", i, n, hubs)
		}
	}
	for i, p := range pledges {
		if n := pass(p); n > 2*hubs*hubs*viewers {
			t.Errorf("viewer %d asks again: %d messages", i, n)
		}
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

// A hub, and the collector, take no ledger channel that pays somebody else, that
// somebody else signs for, that was opened twice, or that closes too soon to
// claim after the next one.
func TestOpeningsAreChecked(t *testing.T) {
	on := hubTerms(2, nil)
	for name, tc := range map[string]struct {
		both   bool // the collector, too
		change func(*Receipt, *OpenLedger)
	}{
		"to another payee":    {true, func(_ *Receipt, o *OpenLedger) { o.To = firstHub + 1 }},
		"to the split":        {false, func(_ *Receipt, o *OpenLedger) { o.To = TheSplit }},
		"with another agent":  {true, func(_ *Receipt, o *OpenLedger) { o.Agent = viewer }},
		"a second one":        {true, func(_ *Receipt, o *OpenLedger) { o.Nonce = 1 }},
		"no longer":           {false, func(_ *Receipt, o *OpenLedger) { o.Period = on.Hub.HubPeriod(1) }},
		"too short":           {true, func(_ *Receipt, o *OpenLedger) { o.Period = time.Minute }},
		"that was refused":    {true, func(r *Receipt, _ *OpenLedger) { r.OK = false }},
		"that was taken back": {true, func(r *Receipt, _ *OpenLedger) { r.Reorged = true }},
	} {
		hub := NewBroker(on, firstHub, 1, firstHub+1, 1<<40)
		r := openingOf(NewLink(on, 0, viewer, firstHub, on.needs.Lock))
		o := r.Call.(OpenLedger)
		tc.change(r, &o)
		r.Call = o
		if _, ok := hub.Opened(r, nil); ok || len(hub.payers) > 0 {
			t.Errorf("a hub takes a ledger channel %s", name)
		}
		coll := NewCollector(on, collector, nil)
		r = openingOf(NewLink(on, 2, firstHub, collector, 1<<40))
		o = r.Call.(OpenLedger)
		tc.change(r, &o)
		if r.Call = o; tc.both && coll.Hub(r) {
			t.Errorf("the collector takes a ledger channel %s", name)
		}
	}
	hub := NewBroker(on, firstHub, 1, firstHub+1, 1<<40)
	other := openingOf(NewLink(on, 0, viewer, firstHub, on.needs.Lock))
	other.Call = Fund{Sender: viewer}
	if _, ok := hub.Opened(other, nil); ok {
		t.Error("a hub takes any transaction for an opening")
	}
}

// A closing that is taken back and executed again later moves the time of claims, for
// who has asked for it and for who answers.
func TestClosingsComeAgain(t *testing.T) {
	on := hubTerms(1, nil)
	const first, again = 10 * time.Second, 50 * time.Second
	for _, asks := range []bool{true, false} {
		l, s := NewLink(on, 0, viewer, firstHub, 1), newSuits(on, firstHub)
		executed := func(now time.Duration) (wake time.Duration) {
			wake, _ = s.answer(now, l, nil)
			return wake
		}
		if asks {
			tx := s.sue(l, true, nil)[0]
			executed = func(now time.Duration) (wake time.Duration) {
				wake, _ = s.confirm(now, &Receipt{ID: tx.ID, OK: true}, nil)
				return wake
			}
		}
		executed(first)
		if asks {
			s.confirm(20*time.Second, &Receipt{ID: firstSuit + 1, OK: true, Reorged: true}, nil)
		}
		wake := executed(again)
		claims := func(*Link) []ClaimLedger { return make([]ClaimLedger, 1) }
		early, due := s.claim(wake-1, claims, nil), s.claim(wake, claims, nil)
		if wake != again+l.period() || len(early) > 0 || len(due) != 1 {
			t.Errorf("asks %v: claims at %v, %d before that and %d then", asks, wake, len(early), len(due))
		}
	}
}
