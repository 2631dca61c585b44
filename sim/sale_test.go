package sim

import (
	"context"
	"testing"

	"kinetoscope/sim/result"
)

// However an asset is sold, and whatever blocks are taken back, each wei goes to
// whoever owned it when it came in; a book that forgets a sale sees it.
func TestSalesMoveEveryWei(t *testing.T) {
	const sales = "payment.sales=[{at: 9s, of: creator, to: label}, {at: 14s, of: performer, to: edges}, {at: 14s, of: label, to: fund}]"
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
		if v := run(t, sold, 1).Values; v[result.Misrouted] != 0 || !(v[result.SaleLag] > 0) {
			t.Errorf("%s: %v wei are misrouted, the sale took %v s", name, v[result.Misrouted], v[result.SaleLag])
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
