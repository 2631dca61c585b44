package economy

import (
	"context"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// small is a few days of a few people on a cheap chain.
const small = `
duration: 72h
seeds: 1
population: {viewers: 30}
payment: {method: l1-batch}
economy: {on: true, creators: 6, follows: 3, views: 4, settle: view, payout: 12h, least: $0.01}
ledger: {base_fee: 0.01gwei, tip: 0.001gwei}
`

func load(t *testing.T, sets ...string) scenarios.Scenario {
	t.Helper()
	all, err := scenarios.Load("small.yaml", []byte(small), sets)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func play(t *testing.T, sets ...string) *result.Run {
	t.Helper()
	r, err := Run(context.Background(), load(t, sets...), 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The same economy gives the same bytes.
func TestEconomyIsRepeatable(t *testing.T) {
	for _, set := range []string{"economy.settle=view", "ledger.rollup.on=true", "payment.method=central"} {
		if a, b := play(t, set).Digest, play(t, set).Digest; a != b {
			t.Errorf("%s: %s, then %s", set, a, b)
		}
	}
}

// Whenever viewers pay, they pay the same; what differs is how often, and so what
// it costs and how long it takes. The audit at the end of each run holds every
// balance.
func TestSettlements(t *testing.T) {
	of := map[string][]float64{}
	for _, s := range []string{"view", "views", "daily", "threshold"} {
		of[s] = play(t, "economy.settle="+s, "economy.every=5").Values
		if got, want := of[s][result.Paid], of["view"][result.Paid]; math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: $%v paid, $%v after each view", s, got, want)
		}
		if v := of[s]; !(v[result.RightsShare] > 0.9 && v[result.ReceivedP50] > 0 && v[result.SpendableP50] > v[result.ReceivedP50]) {
			t.Errorf("%s: rights %v, received %v, spendable %v", s, v[result.RightsShare], v[result.ReceivedP50], v[result.SpendableP50])
		}
	}
	for _, s := range []string{"views", "daily", "threshold"} {
		if of[s][result.FeeShare] >= of["view"][result.FeeShare] || of[s][result.ReceivedP50] <= of["view"][result.ReceivedP50] {
			t.Errorf("%s: fees %v, received after %v s; after each view %v, %v s", s, of[s][result.FeeShare], of[s][result.ReceivedP50],
				of["view"][result.FeeShare], of["view"][result.ReceivedP50])
		}
	}
}

// A rollup adds its week; a platform takes its cut, to the cent.
func TestRollupAndPlatform(t *testing.T) {
	r := play(t, "ledger.rollup.on=true").Values
	if d := r[result.SpendableP50] - r[result.ReceivedP50]; d < 7*24*3600 || d > 14*24*3600 {
		t.Errorf("from the rollup it takes %v s", d)
	}
	never := play(t, "ledger.rollup.on=true", "economy.bridge=0s").Values
	if !math.IsNaN(never[result.SpendableP50]) || never[result.ReceivedP50] != r[result.ReceivedP50] || never[result.FeeShare] >= r[result.FeeShare] {
		t.Errorf("without a way to the first layer: spendable after %v s, fees %v and %v with one", never[result.SpendableP50], never[result.FeeShare], r[result.FeeShare])
	}
	c := play(t, "payment={method: central, platform_cut: 45%}", "prices.card.price=0%", "prices.card_fixed.price=$0/payment").Values
	if math.Abs(c[result.TakeRate]-0.45) > 1e-9 || math.Abs(c[result.Paid]-r[result.Paid]) > 1e-6 {
		t.Errorf("the platform takes %v of $%v; viewers of the chain pay $%v", c[result.TakeRate], c[result.Paid], r[result.Paid])
	}
}

// The title in the middle gives up what all do where all give up the same; where what
// is below the least stays in splits, it gives up what its smaller payees have to come,
// a quarter, and the least watched give up all.
func TestMedianTitle(t *testing.T) {
	c := play(t, "payment={method: central, platform_cut: 45%}").Values
	if c[result.TakeRateMedian] < 0.45 || math.Abs(c[result.TakeRateMedian]-c[result.TakeRate]) > 1e-9 {
		t.Errorf("a platform takes %v, of the median title %v", c[result.TakeRate], c[result.TakeRateMedian])
	}
	one := play(t, "economy.creators=1", "economy.follows=1", "ledger.rollup.on=true").Values
	if one[result.TakeRate] <= 0 || math.Abs(one[result.TakeRateMedian]-one[result.TakeRate]) > 1e-9 {
		t.Errorf("of one title %v is taken, of the median %v", one[result.TakeRate], one[result.TakeRateMedian])
	}
	r := play(t, "economy.least=$3").Values
	if m := r[result.TakeRateMedian]; m < 0.25 || m > 0.26 || r[result.TakeRate] < 0.4 {
		t.Errorf("with a high least %v is taken, of the median title %v", r[result.TakeRate], m)
	}
}

// Everybody opens one channel, at the chain's pace, and what a channel paid is
// divided when it closes.
func TestChannelsOfACrowd(t *testing.T) {
	crowd := []string{"duration=2h", "population={viewers: 900, over: 1m}", "payment.method=channel",
		"economy={creators: 1, follows: 1, views: 0, watch: 2m, payout: 1h, settle: daily}"}
	narrow := play(t, append(crowd, "ledger.gas_limit=10000000")...).Values
	wide := play(t, crowd...).Values
	if narrow[result.CrowdTime] < 1.5*wide[result.CrowdTime] || wide[result.CrowdTime] < 50 {
		t.Errorf("a channel for each of 900 takes %v s, and %v s in small blocks", wide[result.CrowdTime], narrow[result.CrowdTime])
	}
	if wide[result.LockedPeak] < 900*6 || wide[result.RightsShare] <= 0 || wide[result.DustShare] != 0 {
		t.Errorf("locked %v, rights %v, dust %v", wide[result.LockedPeak], wide[result.RightsShare], wide[result.DustShare])
	}
	never := play(t, append(crowd, "economy.payout=0s")...).Values
	if never[result.CrowdTime] != wide[result.CrowdTime] || never[result.RightsShare] == never[result.RightsShare] {
		t.Errorf("without payout: %v s, rights %v", never[result.CrowdTime], never[result.RightsShare])
	}
}

// The audit sees a wei that is wrong in any book.
func TestWrongBooksAreCaught(t *testing.T) {
	for name, spoil := range map[string]func(*world){
		"a viewer's": func(w *world) { w.held[3].Add(w.held[3], big.NewInt(1)) },
		"a split's":  func(w *world) { w.creators[0].came.Add(w.creators[0].came, big.NewInt(1)) },
		"a payee's":  func(w *world) { w.creators[1].payees[1].got.Sub(w.creators[1].payees[1].got, big.NewInt(1)) },
		"a deposit":  func(w *world) { w.locked.Add(&w.locked, big.NewInt(1)) },
	} {
		w := &world{scenario: load(t, "duration=24h"), seed: 1}
		if err := errors.Join(w.found(), w.play(context.Background())); err != nil {
			t.Fatal(err)
		}
		w.audit()
		spoil(w)
		func() {
			defer func() {
				if b, ok := recover().(*sim.Broken); !ok || b.Invariant != "money in is money out" {
					t.Errorf("%s book was wrong by a wei, and nobody saw it", name)
				}
			}()
			w.audit()
		}()
	}
}

func TestEconomyStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, load(t), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Every key of the section changes a run.
func TestEveryKnobOfTheEconomyDoesSomething(t *testing.T) {
	for _, k := range []struct{ key, value, first string }{
		{"creators", "7", ""},
		{"popularity", "2", ""},
		{"follows", "2", ""},
		{"views", "2", ""},
		{"watch", "5m", ""},
		{"bitrate", "8Mbit/s", ""},
		{"payees", "4", ""},
		{"settle", "daily", ""},
		{"every", "3", "economy.settle=views"},
		{"threshold", "$0.50", "economy.settle=threshold"},
		{"payout", "6h", ""},
		{"least", "$0.20", ""},
		{"bridge", "12h", "ledger.rollup.on=true"},
		{"enough", "$0.50", "ledger.rollup.on=true"},
	} {
		var first []string
		if k.first != "" {
			first = []string{k.first}
		}
		if play(t, first...).Digest == play(t, append(first, "economy."+k.key+"="+k.value)...).Digest {
			t.Errorf("economy.%s=%s changes nothing", k.key, k.value)
		}
		if !strings.Contains(string(scenarios.Reference()), "`economy."+k.key+"`") {
			t.Errorf("there is no economy.%s", k.key)
		}
	}
}
