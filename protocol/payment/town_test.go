package payment

import (
	"math/big"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// served is the price of what all edges have sent.
func (c *counter) served() (sum unit.Wei) {
	for _, t := range c.tabs {
		sum += t.Served
	}
	return sum
}

// collected is the money that is there in the end; where payments are money by
// chance, what they are worth on average.
func (c *counter) collected() unit.Wei {
	switch {
	case c.on.needs.Chain == Nowhere:
		return unit.Wei(c.coll.Owed().Uint64())
	case c.on.needs.Chance:
		return c.coll.Newest(viewer).Amount
	}
	return c.paidIn
}

// wiles are ways to be served by two edges and to be done with paying at some
// time. Each begins with an honest half minute at the first edge.
var wiles = map[string]func(c *counter){
	"stays to the end": func(c *counter) { c.play(200, true) },
	"closes and stays": func(c *counter) {
		c.goodbye(0, *c.payer.VoucherFor(edge))
		c.play(200, true)
	},
	"closes and stays without paying": func(c *counter) {
		c.goodbye(0, *c.payer.VoucherFor(edge))
		c.play(200, false)
	},
	"closes with one, goes on with another": func(c *counter) {
		c.turn(1)
		c.play(30, true)
		c.turn(0)
		c.play(10, true)
		c.goodbye(0, *c.payer.VoucherFor(edge))
		c.turn(1)
		c.play(200, true)
	},
	"closes with one, goes to a new one": func(c *counter) {
		c.goodbye(0, *c.payer.VoucherFor(edge))
		c.turn(1)
		c.play(200, true)
	},
	"closes with an old payment": func(c *counter) {
		old := c.tab.Best
		c.turn(1)
		c.play(100, true)
		c.goodbye(0, old)
		c.play(200, true)
	},
	"closes twice": func(c *counter) {
		c.turn(1)
		c.play(100, true)
		c.goodbye(0, c.tabs[0].Best)
		c.goodbye(1, c.tabs[1].Best)
		c.play(200, true)
	},
	"goes to and fro": func(c *counter) {
		for i := range 200 {
			c.turn(i % 2)
			c.play(1, true)
		}
	},
}

// inTown is terms for two edges, with a short optimistic start.
func inTown(on *Terms) *Terms {
	cfg := on.Config
	cfg.Optimistic = 2 * time.Second
	on = termsOf(cfg)
	on.Edges = 2
	if on.needs.Direct {
		on.Recipients = []Account{edge, edge + 1}
	}
	return on
}

// Every method, whatever the wiles: what two edges have served is paid for with
// money that is really there, but for a bound an edge and what was agreed to be a
// gift. If edges did not hear of goodbyes, some of it would not be.
func TestServedIsCollected(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		on = inTown(on)
		worst := unit.Wei(0)
		for name, wile := range wiles {
			for _, silent := range []bool{false, true} {
				c := newTown(on, 2)
				c.lazy, c.silent = true, silent
				c.open()
				c.play(30, true)
				wile(c)
				c.end(t)
				paid := c.collected() + c.payer.given + 2*on.Bound()
				switch {
				case c.served()+on.Bound() < 30*second:
					t.Errorf("%s: served %v only", name, c.served())
				case silent:
					worst = max(worst, c.served()-min(c.served(), paid))
				case c.served() > paid:
					t.Errorf("%s: served %v, collected %v with %v given and a bound of %v at each of two edges",
						name, c.served(), c.collected(), c.payer.given, on.Bound())
				}
			}
		}
		if on.Closes() != (worst > 0) {
			t.Errorf("edges that hear of no goodbye lose %v beyond their bounds", worst)
		}
	})
}

// Who shows each payment to two edges gets from both together what it pays for, once,
// and a bound of each. If edges did not hear who counts, it would get it from each.
func TestPaymentsShownTwice(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		on = inTown(on)
		for _, careless := range []bool{false, true} {
			c := newTown(on, 2)
			c.lazy, c.careless = true, careless
			c.open()
			for i := range 200 {
				c.turn(i % 2)
				c.play(1, i%2 == 0)
				if v := *c.payer.VoucherFor(edge); v.Amount > 0 {
					v.To = c.tabs[1].Self
					c.tabs[1].Take(c.now, on, viewer, &v, second)
				}
			}
			c.end(t)
			gifts := c.tabs[0].Given + c.tabs[1].Given
			most := c.collected() + gifts + on.Ahead() + 2*on.Bound()
			switch gains := c.served() > most; {
			case gains && !careless:
				t.Errorf("served %v, collected %v with gifts of %v and a bound of %v at each of two edges", c.served(), c.collected(), gifts, on.Bound())
			case !gains && careless && on.Shared() && 2*on.Bound() < c.collected():
				t.Errorf("edges that hear nothing have served %v for %v: nothing is gained", c.served(), c.collected())
			}
		}
	})
}

// An edge that the collector's side cannot reach serves no more than its bound: who shows
// each payment to it too has nothing of that. One that goes on counting, whose lease does not end,
// gives as much again as is promised.
func TestUnreachableEdge(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		cfg := on.Config
		if !on.needs.Chance { // the deposit of tickets is for many winners
			cfg.Deposit = 100 * second
		}
		on = inTown(termsOf(cfg))
		shown := on.needs.Lock > 0 || on.needs.Chain == Nowhere // not what an edge sees on the chain
		reached := unit.Wei(0)                                  // what is served if it is reached
		for _, cut := range []string{"", "with a lease", "without an end"} {
			c := newTown(on, 2)
			c.lazy = true
			c.open()
			for i := range 400 {
				if i == 20 && cut != "" {
					c.turn(1)
					if c.deaf = []bool{false, true}; cut == "with a lease" {
						c.lapsed = c.now
					}
				}
				c.turn(i % 2)
				c.play(1, i%2 == 0)
				if v := *c.payer.VoucherFor(edge); v.Amount > 0 {
					v.To = c.tabs[1].Self
					c.tabs[1].Take(c.now, on, viewer, &v, second)
				}
			}
			c.end(t)
			promised := c.collected()
			once := promised + c.tabs[0].Given + c.tabs[1].Given + on.Ahead() + 2*on.Bound()
			switch {
			case on.needs.Lock > 0 && !on.needs.Chance && promised > on.needs.Lock:
				t.Errorf("%v is promised of %v locked", promised, on.needs.Lock)
			case cut != "without an end" && c.served() > once || c.served() > once+promised:
				t.Errorf("cut off %s: served %v for %v, with a bound of %v at each of two edges", cut, c.served(), promised, on.Bound())
			case cut == "without an end" && on.Shared() && shown && c.served() <= reached+5*second:
				t.Errorf("an edge that nobody reaches and whose lease does not end serves as much as one that is reached: %v for %v", c.served(), promised)
			}
			if cut == "" {
				reached = c.served()
			}
		}
	})
}

// A goodbye with another's payment, or with one that was never taken, ends the
// tab and closes nothing.
func TestGoodbyeWithoutAPayment(t *testing.T) {
	on := termsOf(Default())
	c := newTown(on, 2)
	c.open()
	c.play(10, true)
	v := *c.payer.Voucher()
	v.Amount += second // not signed
	c.goodbye(0, v)
	if c.coll.Left(viewer) || !c.tabs[0].Ended || c.tabs[1].Ended {
		t.Errorf("left %v, tabs ended: %v and %v", c.coll.Left(viewer), c.tabs[0].Ended, c.tabs[1].Ended)
	}
	c.now += time.Second
	c.end(t)
	if c.coll.Owed().Cmp(new(big.Int).SetUint64(uint64(c.paidIn))) != 0 {
		t.Errorf("the books say %v, the split has %v", c.coll.Owed(), c.paidIn)
	}
}
