package payment

import (
	"fmt"
	"testing"

	"kinetoscope/internal/unit"
)

// A reserve is the ReservePool contract in plain integers.
type reserve struct {
	fund, all, claimed unit.Wei
	paid               map[Account]unit.Wei
}

func (r *reserve) redeem(p *Promise) unit.Wei {
	if p.Amount > r.fund || p.Amount <= r.paid[p.Recipient] {
		return 0
	}
	due := min(p.Amount-r.paid[p.Recipient], r.all-r.claimed)
	r.claimed += due
	r.paid[p.Recipient] += due
	return due
}

// A viewer that promises its whole fund to each of several edges costs none of
// them more than the bound, in whatever order they redeem; with collateral
// enough for all it costs them nothing, and the viewer loses what it has locked
// above the fund in either case.
func TestPoolOverspent(t *testing.T) {
	const fund = 40 * second
	for _, tc := range []struct {
		edges      int
		collateral float64
	}{{1, 1}, {2, 1}, {3, 1}, {5, 1}, {3, 2}, {5, 4}, {5, 2.5}} {
		t.Run(fmt.Sprintf("%d edges, collateral %v", tc.edges, tc.collateral), func(t *testing.T) {
			cfg := Default()
			cfg.Method, cfg.Deposit, cfg.Collateral = Pool, fund, tc.collateral
			on := termsOf(cfg)
			on.Recipients = nil
			for i := range tc.edges {
				on.Recipients = append(on.Recipients, Account(20+i))
			}
			served := map[Account]unit.Wei{}
			contract := &reserve{fund: fund, all: on.needs.Lock, paid: map[Account]unit.Wei{}}
			var promises []Promise
			for _, e := range on.Recipients {
				tab := on.NewTab(0, e, true)
				v := NewVoucher(on.Notary.Pool(viewer, 0), 0)
				v.To = e
				for !tab.Owes(0, on, second) {
					tab.Served += second
					v.Amount += second
					on.sign(viewer, &v)
					if err := tab.Take(0, on, viewer, &v, second); err != nil && v.Amount <= fund {
						t.Fatal(err)
					}
				}
				if tab.Unpaid(on) > on.Bound() {
					t.Errorf("edge %d has %v unpaid on its tab, above the bound of %v", e, tab.Unpaid(on), on.Bound())
				}
				served[e] = tab.Served
				promises = append(promises, tab.Best.promise())
			}
			for i := range promises {
				p := &promises[i]
				if lost := served[p.Recipient] - min(served[p.Recipient], contract.redeem(p)); lost > on.Bound() {
					t.Errorf("edge %d loses %v, above the bound of %v", p.Recipient, lost, on.Bound())
				}
			}
			if enough := tc.collateral >= float64(tc.edges-1); enough != (on.short(fund) == 0) {
				t.Errorf("short of %v, enough: %v", on.short(fund), enough)
			}
			if tc.edges > 1 && contract.claimed <= fund {
				t.Error("nobody has overspent")
			}
		})
	}
}

// Promises to several edges are cumulative for each, and together stay within
// the fund of an honest viewer.
func TestPayerTurnsToAnotherEdge(t *testing.T) {
	cfg := Default()
	cfg.Method, cfg.Deposit = Pool, 50*second
	on := termsOf(cfg)
	on.Recipients = []Account{20, 21}
	p := opened(t, on)
	for i := range 100 {
		p.Turn(on.Recipients[i%2])
		p.Pay(0, second)
	}
	if a, b := p.VoucherFor(20).Amount, p.VoucherFor(21).Amount; a != 25*second || b != 25*second || p.Promised() != 50*second {
		t.Errorf("promised %v and %v, %v in all", a, b, p.Promised())
	}
	v := *p.VoucherFor(20)
	if tab := on.NewTab(0, 21, true); tab.Take(0, on, viewer, &v, second) != ErrChannel {
		t.Error("an edge takes what was promised to another")
	}
	v.To = 21
	if tab := on.NewTab(0, 21, true); tab.Take(0, on, viewer, &v, second) != ErrSignature {
		t.Error("an edge takes what was signed for another")
	}
}

// No method takes a promise above what its payer has locked.
func TestPromisesEndAtTheDeposit(t *testing.T) {
	each(t, func(t *testing.T, on *Terms) {
		if on.needs.Lock == 0 || on.needs.Chance || on.Method == HashChain { // a float, and the length of the chain
			return
		}
		c := newCounter(on)
		v := NewVoucher(on.scheme.of(on, viewer), on.Deposit+1)
		v.To = c.tab.Self
		if on.Signer.Sign(viewer, &v); on.needs.Direct {
			on.sign(viewer, &v)
		}
		c.tab.Anchored = true
		if err := c.tab.Take(0, on, viewer, &v, second); err == nil {
			t.Errorf("%v is taken, beyond a deposit of %v", v.Amount, on.Deposit)
		}
	})
}
