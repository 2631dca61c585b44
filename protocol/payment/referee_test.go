package payment

import (
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

const forever = time.Duration(1<<63 - 1)

func refereeOf(edges int) *Referee {
	on := termsOf(Default())
	on.Edges = edges
	return NewReferee(on)
}

// One edge counts at a time: the next begins where the others have stopped.
func TestPaymentsCountInTurn(t *testing.T) {
	r := refereeOf(3)
	for range 2 { // if the answer was lost
		if out := r.Asked(viewer, 3, nil); !slices.Equal(out, []Turn{{Edge: 3, Payer: viewer}}) {
			t.Errorf("the first edge hears %v", out)
		}
	}
	if out := r.Asked(viewer, 4, nil); !slices.Equal(out, []Turn{{Edge: 3, Payer: viewer, Stop: true}}) {
		t.Errorf("at the second, %v is said", out)
	}
	if out := r.Asked(viewer, 5, nil); len(out) > 0 {
		t.Errorf("at a third, which has to wait, %v is said", out)
	}
	if out := r.Counted(viewer, 5, 99, 99, nil); len(out) > 0 {
		t.Errorf("an edge that nobody has asked is answered %v", out)
	}
	if out := r.Counted(viewer, 3, 10, 10, nil); !slices.Equal(out, []Turn{{Edge: 4, Payer: viewer, Elsewhere: 10}, {Edge: 4, Payer: viewer, Stop: true}}) {
		t.Errorf("after the first, %v", out)
	}
	if out := r.Counted(viewer, 4, 5, 15, nil); !slices.Equal(out, []Turn{{Edge: 5, Payer: viewer, Elsewhere: 15}}) {
		t.Errorf("after the second, %v", out)
	}
	r.Asked(viewer, 3, nil)
	if out := r.Counted(viewer, 5, 1, 16, nil); !slices.Equal(out, []Turn{{Edge: 3, Payer: viewer, Elsewhere: 6}}) {
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
	if out := r.Counted(viewer, 3, 7, 7, nil); !slices.Equal(out, []Turn{{Edge: 4, Payer: viewer, Elsewhere: 7}}) {
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

// While an edge has not said what it has counted, the next ones count only what is above
// all that those who have said so had seen. It says so before it counts again; and if two
// of its answers come, the last is the one that holds.
func TestSilenceIsNotNothing(t *testing.T) {
	r := refereeOf(3)
	r.Asked(viewer, 3, nil)
	r.Asked(viewer, 4, nil)
	r.Silent(viewer, 3, nil)
	r.Asked(viewer, 5, nil)
	if out := r.Counted(viewer, 4, 2, 12, nil); !slices.Equal(out, []Turn{{Edge: 5, Payer: viewer, Elsewhere: 12}}) {
		t.Errorf("after an edge that had 2 of 12 seen %v", out)
	}
	if out := r.Asked(viewer, 3, nil); !slices.Equal(out, []Turn{{Edge: 3, Payer: viewer, Stop: true}}) {
		t.Errorf("the silent one asks and is told %v", out)
	}
	if out := r.Counted(viewer, 3, 9, 10, nil); !slices.Equal(out, []Turn{{Edge: 5, Payer: viewer, Elsewhere: 11}}) {
		t.Errorf("once all have answered %v", out)
	}
	if out := r.Counted(viewer, 3, 10, 10, nil); !slices.Equal(out, []Turn{{Edge: 5, Payer: viewer, Elsewhere: 12}}) {
		t.Errorf("after a second answer %v", out)
	}
}

// What is paid while the edge cannot be sure that it counts buys nothing: before the
// referee has spoken, and after the lease has ended until there is another. It is left
// to the next edge if the turn passes meanwhile.
func TestOnlyWhatIsSureCounts(t *testing.T) {
	cfg := Default()
	cfg.Preopened = true
	on := termsOf(cfg)
	on.Edges = 2
	tab, p := on.NewTab(0, edge, true), opened(t, on)
	sent := 0
	watch := func(until int, lease time.Duration) (n int) {
		for ; sent < until; sent, n = sent+1, n+1 {
			if tab.Trust(lease, on); tab.Owes(at(sent), on, second) {
				return n
			}
			tab.Served += second
			p.Pay(at(sent), second)
			tab.Take(at(sent), on, viewer, p.Voucher(), second)
		}
		return n
	}
	if n := watch(20, forever); n != on.Credit {
		t.Errorf("before the referee has spoken %d segments were sent", n)
	}
	tab.Count(at(sent), on, 0, second)
	if n := watch(20, at(10)); sent != 10+on.Credit {
		t.Errorf("with a lease until 10 s %d segments were sent, %d in all", n, sent)
	}
	if watch(20, at(sent+1)); sent != 20 && sent <= 10+on.Credit {
		t.Errorf("with a new lease it stays at %d segments", sent)
	}
	was := sent
	tab.Trust(at(sent), on)
	if n := tab.Stop(on); n != unit.Wei(was)*second {
		t.Errorf("of %d segments that were paid in time %v count", was, n)
	}
}

func at(s int) time.Duration { return time.Duration(s) * time.Second }

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
		var now time.Duration
		var told func([]Turn)
		told = func(turns []Turn) {
			for _, turn := range turns {
				tab := &tabs[turn.Edge]
				if tab.Trust(forever, on); turn.Stop {
					told(r.Counted(viewer, turn.Edge, tab.Stop(on), tab.Best.Amount, nil))
				} else {
					tab.Count(now, on, turn.Elsewhere, second)
				}
			}
		}
		for i := range tabs {
			tabs[i] = on.NewTab(0, Account(i), true)
		}
		for i := range 400 {
			now = time.Duration(i) * time.Second
			at := Account(i / 7 * 3 % 5 % len(tabs)) // seven segments from each, some edges oftener
			tab := &tabs[at]
			told(r.Asked(viewer, at, nil))
			if tab.Trust(forever, on); tab.Owes(now, on, second) {
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
	hear := func(r *Receipt) { here.Watch(0, on, r); there.Watch(0, on, r) }
	hear(&paid)
	here.Served = lot
	hear(&back)
	for range 3 { // the payer turns to and fro while nothing is confirmed
		there.Count(0, on, here.Stop(on), on.Most)
		there.Served = on.Most
		here.Count(0, on, there.Stop(on), on.Most)
	}
	there.Count(0, on, here.Stop(on), on.Most)
	hear(&paid)
	hear(&paid)
	if a, b := here.Unpaid(on), there.Unpaid(on); a != 0 || b != 0 || here.Paid+there.Paid > 2*lot {
		t.Errorf("of two payments of %v the edges count %v and %v, and are owed %v and %v", lot, here.Paid, there.Paid, a, b)
	}
}
