package sim

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// gigabyte is what the prices of traffic and storage are quoted for.
const gigabyte = 1e9

// A bill is what a run has cost all who take part, in dollars. Money is whole
// wei up to here; dollars are only reported.
type bill struct{ gas, egress, storage, compute, capital, card float64 }

func (b bill) sum() float64 { return b.gas + b.egress + b.storage + b.compute + b.capital + b.card }

// bill prices what was counted by the scenario's sheet; paid is what viewers
// paid, in dollars.
func (w *world) bill(paid float64) bill {
	p := w.scenario.Prices
	traffic := func(price unit.Price[unit.GB], bytes int64) float64 {
		return price.Dollars() * float64(bytes) / gigabyte
	}
	hours := func(price unit.Price[unit.CoreHour], of ...role) (usd float64) {
		for _, r := range of {
			usd += price.Dollars() * w.cpu[r].Hours()
		}
		return usd
	}
	b := bill{
		gas: w.usd(w.fees),
		egress: traffic(p.Publisher.Price, w.egress[rolePublisher]) + traffic(p.Provider.Price, w.egress[roleProvider]) +
			traffic(p.Edge.Price, w.egress[roleEdge]) + traffic(p.Viewer.Price, w.egress[roleViewer]) + traffic(p.Relay.Price, w.relayed()),
		storage: p.Storage.Price.Dollars() * float64(w.stock) / 3.6e6 / gigabyte / unit.MonthHours,
		compute: hours(p.Compute.Price, rolePublisher, roleProvider, roleEdge) + hours(p.Device.Price, roleViewer),
		capital: p.Capital.Price.Of(w.lockup.DollarHours(w.now, &w.scenario.Ledger)),
	}
	if w.chain != nil {
		share := float64(p.Exchange.Price)
		b.card = (paid + b.gas) * share / max(1-share, 1e-9)
	} else {
		b.card = paid * (float64(p.Card.Price) + p.CardFixed.Price.Dollars()/(float64(p.TopUp.Price)/1e9))
	}
	return b
}

// usd is what wei are worth.
func (w *world) usd(wei *big.Int) float64 { return float64(w.scenario.Ledger.USD(wei)) / 1e9 }

// measureMoney follows every payment to where it ended, and says what the run
// has cost.
func (w *world) measureMoney(r *result.Run) {
	received, first := new(big.Int), new(big.Int)
	for i, payee := range w.scenario.Payment.Payees() {
		part := new(big.Int)
		if i < len(w.payouts) {
			part = w.payouts[i]
		}
		if i == 0 {
			first = part
		}
		received.Add(received, part)
		r.Flows = append(r.Flows, result.Flow{Payee: payee, USD: w.usd(part)})
	}
	paid, cut := new(big.Int), new(big.Int)
	for i := range w.viewers {
		paid.Add(paid, new(big.Int).SetUint64(uint64(w.claim(i))))
	}
	if w.chain == nil {
		cut, _ = w.collector.Payout()
	}
	b := w.bill(w.usd(paid))
	r.Flows = append(r.Flows, result.Flow{Payee: "platform", USD: w.usd(cut)}, result.Flow{Payee: "chain fees", USD: b.gas},
		result.Flow{Payee: "egress", USD: b.egress}, result.Flow{Payee: "card or exchange", USD: b.card})
	r.Values[result.Paid] = w.usd(paid)
	hubs := w.auditHubs()
	if len(w.brokers) > 0 {
		r.Flows = append(r.Flows, result.Flow{Payee: "hubs", USD: w.usd(hubs)})
	}
	if w.payouts != nil { // unsettled money is nobody's yet
		r.Values[result.PayeeError] = w.payeeError()
		spent := w.usd(new(big.Int).Add(paid.Add(paid, hubs), w.fees)) + b.card + w.usd(w.royalties())
		r.Values[result.RightsShare] = ratio(w.usd(received), spent)
		r.Values[result.CreatorShare] = ratio(w.usd(first), spent)
		r.Values[result.TakeRate] = 1 - ratio(w.usd(received), spent)
	}
	w.measureBill(r, b)
	if late := w.scenario.Payment.PayoutDelay; w.chain == nil && late > 0 {
		w.measureWaits(r, w.end+late)
	}
	if w.chain != nil {
		r.Values[result.GasPerSession] = ratio(float64(w.gas), float64(w.sessions))
		r.Values[result.FeePerSession] = ratio(b.gas, float64(w.sessions))
		r.Values[result.LockedPerSession] = ratio(w.usd(w.locked), float64(w.sessions))
		r.Values[result.LockedPeak] = w.usd(&w.lockup.Peak)
		r.Values[result.LockedTime] = w.lockup.DollarHours(w.now, &w.scenario.Ledger) / 24
		w.measureSpendable(r)
		w.measureHubs(r)
	}
}

// measureBill spreads the bill over the hours that were watched.
func (w *world) measureBill(r *result.Run, b bill) {
	var watched time.Duration
	for i := range w.viewers {
		watched += w.viewers[i].watched()
	}
	for _, c := range []struct {
		id  result.MetricID
		usd float64
	}{{result.GasCost, b.gas}, {result.EgressCost, b.egress}, {result.StorageCost, b.storage}, {result.ComputeCost, b.compute},
		{result.CapitalCost, b.capital}, {result.CardCost, b.card}, {result.CostPerViewerHour, b.sum()}} {
		r.Values[c.id] = ratio(c.usd, watched.Hours())
	}
}

// measureSpendable says how long it took from views to money that payees can
// spend on the first layer for good. All that was earned is settled at once,
// when the stream is over.
func (w *world) measureSpendable(r *result.Run) {
	if w.collector.Phase() != payment.Done {
		return
	}
	at := w.settledAt + w.scenario.Ledger.Finality
	if w.rollup != nil {
		at = w.now + max(w.scenario.Ledger.Finality, w.scenario.Ledger.Rollup.WithdrawDelay) // the last batch is posted now
	}
	w.measureWaits(r, at)
}

// measureWaits says how long every view waited for its money, if that came at at.
func (w *world) measureWaits(r *result.Run, at time.Duration) {
	var all, sum float64
	for i := range w.series {
		all += float64(w.series[i].earned)
	}
	if all == 0 {
		return
	}
	for i := len(w.series) - 1; i >= 0; i-- { // the latest views first: they wait the least
		before := sum
		sum += float64(w.series[i].earned)
		wait := (at - time.Duration(i)*w.bucket - w.series[i].length/2).Seconds()
		if before < all/2 && sum >= all/2 {
			r.Values[result.SpendableP50] = wait
		}
		if before < 0.95*all && sum >= 0.95*all {
			r.Values[result.SpendableP95] = wait
		}
	}
}

// weigh adds what providers and edges hold now for the bucket that ends.
func (w *world) weigh() {
	var held unit.Size
	for _, p := range w.providers {
		held += p.Size()
	}
	for _, e := range w.edges {
		held += e.Size()
	}
	w.stock += int64(held) * w.current().length.Milliseconds()
}

// A Lockup is what contracts hold for payers, over time.
type Lockup struct {
	at   time.Duration
	now  big.Int // wei
	Peak big.Int // wei, the most so far
	sum  big.Int // wei × ms
}

// Note takes down what is locked from a time on.
func (l *Lockup) Note(at time.Duration, locked, unlocked *big.Int) {
	held := new(big.Int).Sub(locked, unlocked)
	if held.Cmp(&l.now) == 0 {
		return
	}
	l.sum.Add(&l.sum, new(big.Int).Mul(&l.now, big.NewInt((at-l.at).Milliseconds())))
	l.at = at
	l.now.Set(held)
	if held.Cmp(&l.Peak) > 0 {
		l.Peak.Set(held)
	}
}

// DollarHours is what was locked until a time, in dollars × hours.
func (l *Lockup) DollarHours(until time.Duration, on *ledger.Config) float64 {
	sum := new(big.Int).Mul(&l.now, big.NewInt((until - l.at).Milliseconds()))
	weiHours, _ := new(big.Float).SetInt(sum.Add(sum, &l.sum)).Float64()
	return weiHours / 3.6e6 / 1e18 * float64(on.ETHPrice) / 1e9
}

// notePrices says by which prices dollars were counted.
func (w *world) notePrices() {
	var own []string
	for _, q := range w.scenario.Prices.Quotes() {
		if q.Own {
			own = append(own, fmt.Sprintf("%s %s (%s, %s)", q.Name, q.Price, q.Source, q.Date))
		}
	}
	text := "dollars: an ether costs %v, the rest is priced by the shipped sheet"
	if len(own) > 0 {
		text += ", but for " + strings.Join(own, "; ")
	}
	w.note(text, w.scenario.Ledger.ETHPrice)
}
