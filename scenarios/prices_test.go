package scenarios

import (
	"os"
	"strings"
	"testing"
)

// A scenario takes the prices of the sheet that it names, but for those that it
// states; its echo needs the sheet no more. A price says its unit, and in a
// sheet who says so and when.
func TestPricesBesideTheScenario(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"mine.yaml":   "eth_price: $1857.16\nprices:\n  edge: {price: $0.004/GB, source: our contract, date: 2026-05-01}\n  relay: {price: $0.03/GB, source: another, date: 2026-05-02}\n",
		"bare.yaml":   "prices:\n  edge: {price: $0.004, source: a, date: 2026-05-01}\n",
		"silent.yaml": "prices:\n  edge: {price: $0.004/GB, date: 2026-05-01}\n",
		"dear.yaml":   "eth_price: $0.00001\n",
		"nested.yaml": "prices: {file: mine.yaml}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Load("x.yaml", []byte("prices: {file: mine.yaml, relay: {price: $1/GB}}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := all[0].Prices
	want := perGB{4_000_000, "our contract", "2026-05-01"}
	if got.Edge != want || got.Relay.Price != 1_000_000_000 || got.Storage != defaultPrices().Storage || all[0].Ledger.ETHPrice != 1_857_160_000_000 {
		t.Errorf("got %+v, an ether for %v", got, all[0].Ledger.ETHPrice)
	}
	var own []string
	for _, q := range got.Quotes() {
		if q.Own {
			own = append(own, q.Name+" "+q.Price+" "+q.Source)
		}
	}
	if list := strings.Join(own, "; "); list != "edge $0.004/GB our contract; relay $1/GB the scenario" {
		t.Errorf("not as shipped: %s", list)
	}
	again, err := Load("elsewhere.yaml", Effective(all), nil)
	if err != nil || again[0].Prices != got || again[0].Ledger.ETHPrice != all[0].Ledger.ETHPrice {
		t.Errorf("the echo is another scenario: %v", err)
	}
	for _, c := range []struct{ src, want string }{
		{"prices: {edge: {price: $0.02}}", "x.yaml:1:24: prices.edge.price: $0.02 does not say what it is for: write $0.02/GB"},
		{"prices: {edge: {price: 0.02}}", "prices.edge.price: 0.02 has no unit: write $0.02; with what it is for, like $0.085/GB"},
		{"prices: {capital: {price: 5%}}", "prices.capital.price: 5% does not say for how long: write 5%/year"},
		{"prices: {edge: {source: ''}}", "prices.edge.source: a price has a source: write who says so"},
		{"prices: {edge: {date: last year}}", `prices.edge.date: "last year" is not a date: write it like 2026-11-23`},
		{"prices: {top_up: {price: $0}}", "prices.top_up.price: a card payment is above $0"},
		{"prices: {file: nosuch.yaml}", "prices.file: there is no nosuch.yaml"},
		{"prices: {file: bare.yaml}", "$0.004 does not say what it is for: write $0.004/GB"},
		{"prices: {file: silent.yaml}", "prices.edge: a price of a sheet says who says so and when: write its source and its date"},
		{"prices: {file: dear.yaml}", "prices.file: with its price of ether, $0.00001: payment.price_per_hour"},
		{"prices: {file: nested.yaml}", "a price sheet does not name another"},
	} {
		if _, err := Load("x.yaml", []byte(c.src), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.src, err, c.want)
		}
	}
}

// Every price of the shipped sheet has a unit, a source and a date.
func TestTheShippedSheetIsWhole(t *testing.T) {
	list := defaultPrices().Quotes()
	if len(list) != 13 {
		t.Errorf("%d prices", len(list))
	}
	for _, q := range list {
		if q.Own || q.Source == "" || q.Date == "" || !strings.ContainsAny(q.Price, "$%") {
			t.Errorf("%+v", q)
		}
	}
}
