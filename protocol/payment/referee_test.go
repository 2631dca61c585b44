package payment

import (
	"slices"
	"testing"
	"time"
)

func refereeOf(edges int) *Referee {
	on := termsOf(Default())
	on.Edges = edges
	return NewReferee(on)
}

// One edge counts at a time: the next begins where the others have stopped.
func TestPaymentsCountInTurn(t *testing.T) {
	r := refereeOf(3)
	if out := r.Asked(viewer, 3, nil); len(out) > 0 {
		t.Errorf("the first edge hears %v", out)
	}
	if out := r.Asked(viewer, 4, nil); !slices.Equal(out, []Turn{{Edge: 3, Payer: viewer, Stop: true}}) {
		t.Errorf("at the second, %v is said", out)
	}
	if out := r.Asked(viewer, 5, nil); len(out) > 0 {
		t.Errorf("at a third, which has to wait, %v is said", out)
	}
	if out := r.Counted(viewer, 5, 99, nil); len(out) > 0 {
		t.Errorf("an edge that nobody has asked is answered %v", out)
	}
	if out := r.Counted(viewer, 3, 10, nil); !slices.Equal(out, []Turn{{Edge: 4, Payer: viewer, Elsewhere: 10}, {Edge: 4, Payer: viewer, Stop: true}}) {
		t.Errorf("after the first, %v", out)
	}
	if out := r.Counted(viewer, 4, 5, nil); !slices.Equal(out, []Turn{{Edge: 5, Payer: viewer, Elsewhere: 15}}) {
		t.Errorf("after the second, %v", out)
	}
	r.Asked(viewer, 3, nil)
	if out := r.Counted(viewer, 5, 1, nil); !slices.Equal(out, []Turn{{Edge: 3, Payer: viewer, Elsewhere: 6}}) {
		t.Errorf("back at the first, which had 10, %v", out)
	}
	if out := r.Asked(viewer, 3, nil); !slices.Equal(out, []Turn{{Edge: 3, Payer: viewer, Elsewhere: 6}}) {
		t.Errorf("asked by the one whose turn it is, %v", out)
	}
}

// An edge that does not answer keeps nobody waiting, is asked again, and what it says
// later counts.
func TestSilentEdgeKeepsNobodyWaiting(t *testing.T) {
	r := refereeOf(2)
	r.Asked(viewer, 3, nil)
	r.Asked(viewer, 4, nil)
	out, again := r.Silent(viewer, 3, nil)
	if want := []Turn{{Edge: 4, Payer: viewer}, {Edge: 3, Payer: viewer, Stop: true}}; !again || !slices.Equal(out, want) {
		t.Errorf("after a silence %v, again %v", out, again)
	}
	if out := r.Counted(viewer, 3, 7, nil); !slices.Equal(out, []Turn{{Edge: 4, Payer: viewer, Elsewhere: 7}}) {
		t.Errorf("after a late answer %v", out)
	}
	if out, again := r.Silent(viewer, 3, nil); again || len(out) > 0 {
		t.Errorf("who has answered is asked: %v", out)
	}
}

// Where there is one edge, or each is paid by itself, nobody is told anything.
func TestNobodyToAsk(t *testing.T) {
	alone, direct := refereeOf(1), refereeOf(2)
	direct.terms.needs.Direct = true
	for _, r := range []*Referee{alone, direct} {
		if out := append(r.Asked(viewer, 3, nil), r.Asked(viewer, 4, nil)...); len(out) > 0 {
			t.Errorf("%v is said", out)
		}
	}
}

// Before the referee has spoken payments count for a bound, and what another edge has
// is debt afterwards.
func TestTrialEndsInTruth(t *testing.T) {
	cfg := Default()
	cfg.Preopened = true
	on := termsOf(cfg)
	on.Edges = 2
	tab := on.NewTab(0, edge, true)
	tab.Try(goodWhile)
	tab.Served = 6 * second
	tab.Best.Amount, tab.Paid = 7*second, 6*second
	if !tab.Owes(0, on, second) || tab.Owes(goodWhile, on, second) {
		t.Errorf("during the trial it owes %v, after it %v", tab.Owes(0, on, second), tab.Owes(goodWhile, on, second))
	}
	tab.Count(on, 5*second, second)
	if want := 2 * second; tab.Paid != want {
		t.Errorf("of 7 s paid, 5 of them elsewhere, %v counts, not %v", tab.Paid, want)
	}
}

// Who pays for all that it gets owes no edge more than the credit, however often it
// goes from one to the other.
func TestTurnsLeaveNoDebt(t *testing.T) {
	for _, method := range []Method{Central, Channel} {
		cfg := Default()
		cfg.Method, cfg.Preopened = method, true
		on := termsOf(cfg)
		on.Edges = 4
		r, p := NewReferee(on), opened(t, on)
		tabs := make([]Tab, on.Edges)
		var told func([]Turn)
		told = func(turns []Turn) {
			for _, turn := range turns {
				if tab := &tabs[turn.Edge]; turn.Stop {
					told(r.Counted(viewer, turn.Edge, tab.Stop(on), nil))
				} else {
					tab.Count(on, turn.Elsewhere, second)
				}
			}
		}
		for i := range tabs {
			tabs[i] = on.NewTab(0, Account(i), true)
		}
		for i := range 400 {
			now := time.Duration(i) * time.Second
			at := Account(i / 7 * 3 % 5 % len(tabs)) // seven segments from each, some edges oftener
			tab := &tabs[at]
			told(r.Asked(viewer, at, nil))
			if tab.Owes(now, on, second) {
				t.Fatalf("%s: after %d segments edge %d, which was sent %v and counts %v, is owed too much", method, i, at, tab.Served, tab.Paid)
			}
			tab.Served += second
			if d := p.Pay(now, second); d.Tell {
				tab.Take(now, on, viewer, p.Voucher(), second)
			}
		}
	}
}

const goodWhile = 2e9

// A payment that the chain takes back and includes again is of the edge that had
// counted it, wherever its payer has gone meanwhile, and however often.
func TestPaymentsComeBackToTheirEdge(t *testing.T) {
	c := Default()
	c.Method = L1
	on := termsOf(c)
	on.Edges = 2
	lot := on.price(on.Interval)
	paid := Receipt{Kind: Pay, From: viewer, Payer: viewer, Amount: lot, OK: true}
	back := paid
	back.Reorged = true
	here, there := on.NewTab(0, 3, false), on.NewTab(0, 4, false)
	there.Stop(on)
	hear := func(r *Receipt) { here.Watch(on, r); there.Watch(on, r) }
	hear(&paid)
	here.Served = lot
	hear(&back)
	for range 3 { // the payer turns to and fro while nothing is confirmed
		there.Count(on, here.Stop(on), on.Most)
		there.Served = on.Most
		here.Count(on, there.Stop(on), on.Most)
	}
	there.Count(on, here.Stop(on), on.Most)
	hear(&paid)
	hear(&paid)
	if a, b := here.Unpaid(on), there.Unpaid(on); a != 0 || b != 0 || here.Paid+there.Paid > 2*lot {
		t.Errorf("of two payments of %v the edges count %v and %v, and are owed %v and %v", lot, here.Paid, there.Paid, a, b)
	}
}
