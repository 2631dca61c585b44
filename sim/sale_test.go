package sim

import (
	"context"
	"testing"

	"kinetoscope/sim/result"
)

// However an asset is sold, and whatever blocks are taken back, each wei goes to
// whoever owned it when it came in; a book that forgets a sale sees it.
func TestSalesMoveEveryWei(t *testing.T) {
	const sales = "payment.sales=[{at: 9s, of: creator, to: label, royalty: 1234567wei}, {at: 14s, of: performer, to: edges}, {at: 14s, of: label, to: fund}]"
	for name, sets := range map[string][]string{
		"paid ahead":  {"payment={method: l1, interval: 2s}"},
		"channel":     {"payment.method=channel"},
		"tickets":     {"payment={method: tickets, one_in: 3}"},
		"hash chain":  {"payment.method=hashchain"},
		"hub":         {"payment={method: hub, preopened: true, hub: {hops: 2}}"},
		"pool":        {"payment={method: pool, preopened: true}"},
		"rollup":      {"payment={method: rollup, interval: 2s}", "ledger.rollup={block_time: 250ms}"},
		"taken back":  {"payment={method: l1, interval: 2s}", "ledger.reorgs={rate: 40%, depth: 7}", "ledger.confirmations=0"},
		"full blocks": {"payment={method: l1, interval: 2s}", "ledger.background=97%", "ledger.confirmations=0"},
	} {
		sold := load(t, small, append(sets, sales)...)
		if v := run(t, sold, 1).Values; v[result.Misrouted] != 0 || !(v[result.SaleLag] > 0) || !(v[result.PayeeError] < 4) {
			t.Errorf("%s: %v wei are misrouted, a payee is off by %v, the sale took %v s", name, v[result.Misrouted], v[result.PayeeError], v[result.SaleLag])
		}
	}
	w, err := newWorld(Flows, load(t, small, "payment={method: l1, interval: 2s}", sales), clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.sabotage = func(w *world) {
		for i := range w.book {
			w.book[i].sale = min(w.book[i].sale, 1)
		}
	}
	r, err := w.run(context.Background())
	if err != nil || r.Values[result.Misrouted] == 0 {
		t.Errorf("forgotten sales: %v wei are misrouted, %v", r.Values[result.Misrouted], err)
	}
}

// A sale that the chain refuses for ever is in the report.
func TestSaleThatTheChainRefuses(t *testing.T) {
	w, err := newWorld(Flows, load(t, small, "payment.sales=[{at: 9s, of: creator, to: label}]"), clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.owners[0] = w.owners[1] // who sells what it does not own
	r, err := w.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Values; v[result.SaleLag] == v[result.SaleLag] || v[result.Misrouted] != 0 {
		t.Errorf("the sale took %v s", v[result.SaleLag])
	}
	if len(w.bids) != 5 || w.bids[0].tries != maxTries {
		t.Errorf("sent %d times", w.bids[0].tries)
	}
}

// What a buyer pays for a resale goes to those who had shares before it.
func TestRoyaltyOfAResale(t *testing.T) {
	const one = 1_000_000_000_000
	play := func(royalty string) *world {
		w, err := newWorld(Flows, load(t, small, "payment={method: l1, interval: 2s}", "payment.sales=[{at: 9s, of: creator, to: label, royalty: "+royalty+"}]"), clip(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		return w
	}
	without, with := play("0wei"), play("1000000000000wei")
	if got := with.royalties().Int64(); got != one {
		t.Errorf("buyers paid %d wei", got)
	}
	for i, s := range with.scenario.Payment.Payees() {
		var want int64 // its share, of which it may have a wei more or less
		if i < len(with.scenario.Payment.Split) {
			want = one / 10_000 * int64(with.scenario.Payment.Split[i].BPS())
		}
		if off := with.payouts[i].Int64() - without.payouts[i].Int64() - want; off < -2 || off > 2 {
			t.Errorf("%s: %d wei more than its part of the royalty", s, off)
		}
	}
}
