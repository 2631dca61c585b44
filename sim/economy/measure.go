package economy

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// audit holds, to the wei, that the chain has what the books say: what viewers
// have spent, what each split holds, what each payee got.
func (w *world) audit() {
	if w.chain == nil {
		return
	}
	start := new(big.Int).SetUint64(uint64(purse))
	for i, spent := range w.held {
		if left := w.chain.Balance(payment.Account(i)); new(big.Int).Add(left, spent).Cmp(start) != 0 {
			w.broken("money in is money out", "viewer %d has %v wei left and has spent %v of %v", i, left, spent, start)
		}
	}
	held := w.chain.Splits()
	for i := range w.creators {
		c := &w.creators[i]
		owed := new(big.Int).Set(c.came)
		for _, p := range c.payees {
			owed.Add(owed, p.credit)
			w.auditPayee(i, &p, start)
		}
		if held[i].Cmp(owed) != 0 {
			w.broken("money in is money out", "the split of creator %d holds %v wei, not %v", i, held[i], owed)
		}
	}
	if locked := new(big.Int).Sub(&w.locked, &w.free); w.chain.Held().Cmp(locked) != 0 {
		w.broken("money in is money out", "the channels hold %v wei, not %v", w.chain.Held(), locked)
	}
}

// auditPayee holds that a payee has on both layers what the books say.
func (w *world) auditPayee(creator int, p *payee, start *big.Int) {
	stayed := new(big.Int).Sub(p.got, p.left)
	if got := new(big.Int).Sub(w.chain.Balance(p.account), start); w.crossing == 0 && got.Add(got, p.toll).Cmp(stayed) != 0 {
		w.broken("money in is money out", "payee %d of creator %d has got %v wei, not %v", p.account, creator, got, stayed)
	}
	if w.rollup == nil {
		return
	}
	if got := new(big.Int).Sub(w.rollup.First().Balance(p.account), start); got.Cmp(p.landed) != 0 {
		w.broken("money in is money out", "payee %d of creator %d has %v wei on the first layer, not %v", p.account, creator, got, p.landed)
	}
}

// A ledgerSheet is where the money went, in wei.
type ledgerSheet struct {
	paid, platform      *big.Int
	first, others, rest *big.Int   // creators themselves, other payees, what is still in splits
	income              []*big.Int // of each creator's asset
}

// sum adds up the books.
func (w *world) sum() ledgerSheet {
	l := ledgerSheet{new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int), nil}
	for i := range w.creators {
		c := &w.creators[i]
		income := c.income
		if w.chain == nil {
			income = c.collector.Owed()
			cut, parts := c.collector.Payout()
			l.platform.Add(l.platform, cut)
			for j, part := range parts {
				c.payees[j].got = part
			}
		}
		l.income = append(l.income, income)
		l.paid.Add(l.paid, income)
		l.rest.Add(l.rest, c.came)
		for j := range c.payees {
			to := l.others
			if j == 0 {
				to = l.first
			}
			to.Add(to, c.payees[j].got)
			l.rest.Add(l.rest, c.payees[j].credit)
		}
	}
	return l
}

// measure makes the record of a finished run.
func (w *world) measure() *result.Run {
	s := &w.scenario
	r := &result.Run{Variant: s.Variant, Seed: w.seed, Values: result.NewValues()}
	usd := func(wei *big.Int) float64 { return float64(s.Ledger.USD(wei)) / 1e9 }
	l := w.sum()
	paid, fees := usd(l.paid), usd(&w.fees)
	bytes := float64(s.Economy.Bitrate) / 8 * w.watched.Seconds()
	egress := s.Prices.Edge.Price.Dollars() * bytes / 1e9
	card := w.changing(paid, fees)
	received := usd(l.first) + usd(l.others)
	r.Flows = []result.Flow{{Payee: "creators", USD: usd(l.first)}, {Payee: "other rights holders", USD: usd(l.others)},
		{Payee: "still in splits", USD: usd(l.rest)}, {Payee: "platform", USD: usd(l.platform)}, {Payee: "chain fees", USD: fees},
		{Payee: "egress", USD: egress}, {Payee: "card or exchange", USD: card}}
	spent := paid + fees + card
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	set(result.Paid, paid)
	if s.Economy.Payout > 0 || w.chain == nil {
		set(result.RightsShare, ratio(received, spent))
		set(result.CreatorShare, ratio(usd(l.first), spent))
		set(result.TakeRate, 1-ratio(received, spent))
		set(result.TakeRateMedian, w.medianTake(l.income, usd))
	}
	capital := s.Prices.Capital.Price.Of(w.lockup.DollarHours(w.now, &s.Ledger))
	hours := w.watched.Hours()
	set(result.EgressCost, ratio(egress, hours))
	set(result.GasCost, ratio(fees, hours))
	set(result.CapitalCost, ratio(capital, hours))
	set(result.CardCost, ratio(card, hours))
	set(result.CostPerViewerHour, ratio(egress+fees+capital+card, hours))
	w.concentration(r, l.income)
	w.measureChain(r, &l, usd)
	w.remark()
	r.Notes = w.notes
	r.Seal()
	return r
}

// changing is what card processor or exchange keep of what is paid and of the
// chain's fees, all in dollars.
func (w *world) changing(paid, fees float64) float64 {
	p := &w.scenario.Prices
	if w.chain == nil {
		return paid * (float64(p.Card.Price) + p.CardFixed.Price.Dollars()/(float64(p.TopUp.Price)/1e9))
	}
	share := float64(p.Exchange.Price)
	return (paid + fees) * share / max(1-share, 1e-9)
}

// medianTake is the median, over the titles that viewers paid for, of what part of
// what was spent on a title reached none of its payees.
func (w *world) medianTake(income []*big.Int, usd func(*big.Int) float64) float64 {
	var takes []float64
	for i := range w.creators {
		c, paid := &w.creators[i], usd(income[i])
		if paid == 0 {
			continue
		}
		got := new(big.Int)
		for j := range c.payees {
			got.Add(got, c.payees[j].got)
		}
		fees := usd(&c.fees)
		takes = append(takes, 1-usd(got)/(paid+fees+w.changing(paid, fees)))
	}
	slices.Sort(takes)
	return result.Quantile(takes, 0.5)
}

// measureChain says what the chain took, and how long money took.
func (w *world) measureChain(r *result.Run, l *ledgerSheet, usd func(*big.Int) float64) {
	if w.chain == nil {
		return
	}
	views := float64(len(w.views))
	sim.MeasureChain(r.Values, &w.scenario.Ledger, w.chain, w.rollup)
	r.Values[result.GasPerSession] = ratio(float64(w.gas), views)
	r.Values[result.FeePerSession] = ratio(usd(&w.fees), views)
	r.Values[result.FeeShare] = ratio(usd(&w.fees), usd(l.paid))
	r.Values[result.DustShare] = ratio(usd(l.rest), usd(l.paid))
	r.Values[result.LockedPeak] = usd(&w.lockup.Peak)
	r.Values[result.LockedTime] = w.lockup.DollarHours(w.now, &w.scenario.Ledger) / 24
	r.Values[result.LockedPerSession] = ratio(usd(&w.locked), views)
	slices.Sort(w.opens)
	r.Values[result.OpenConfirmP50] = result.Quantile(w.opens, 0.5)
	if w.opened == len(w.starts) && w.opened > 0 {
		r.Values[result.CrowdTime] = (w.crowd - w.views[w.starts[0]].begin()).Seconds()
	}
	var due float64
	for i := range w.views {
		due += float64(w.views[i].price)
	}
	if w.rollup == nil {
		w.spendable = w.samples
	}
	later := w.scenario.Ledger.Finality
	var came float64
	for _, s := range w.spendable {
		came += s.amount
		r.Money.AddAll(s.wait+later, w.micro(s.amount))
	}
	r.Money.AddAll(math.MaxInt64, w.micro(max(0, due-came))) // never
	r.Values[result.ReceivedP50] = quantile(w.samples, 0.5, due, 0)
	r.Values[result.SpendableP50] = quantile(w.spendable, 0.5, due, later)
	r.Values[result.SpendableP95] = quantile(w.spendable, 0.95, due, later)
}

// micro is wei in millionths of a dollar.
func (w *world) micro(wei float64) uint64 {
	return uint64(math.Round(wei / 1e18 * float64(w.scenario.Ledger.ETHPrice) / 1e3))
}

// quantile is of the time until money came, over all that was due, in seconds;
// NaN if so much never came.
func quantile(samples []sample, q, due float64, later time.Duration) float64 {
	slices.SortFunc(samples, func(a, b sample) int { return cmp.Or(cmp.Compare(a.wait, b.wait), cmp.Compare(a.amount, b.amount)) })
	sum := 0.0
	for _, s := range samples {
		if sum += s.amount; sum >= q*due {
			return (s.wait + later).Seconds()
		}
	}
	return math.NaN()
}

// concentration says how the income is spread over creators.
func (w *world) concentration(r *result.Run, income []*big.Int) {
	var all, squares, top float64
	list := make([]float64, len(income))
	for i, wei := range income {
		list[i], _ = new(big.Float).SetInt(wei).Float64()
		all += list[i]
	}
	slices.Sort(list)
	slices.Reverse(list)
	for i, x := range list {
		share := ratio(x, all)
		squares += float64(share * share)
		if i < 10 {
			top += share
		}
	}
	r.Values[result.IncomeHHI], r.Values[result.TopTenShare] = squares, top
}

// remark says what is behind the numbers.
func (w *world) remark() {
	s := &w.scenario
	w.notes = append(w.notes, "not simulated: network, video and who serves it; a view is a length of time, its bytes are priced as an edge's at "+s.Economy.Bitrate.String())
	if w.chain == nil {
		return
	}
	w.notes = append(w.notes, "executed: every payment, division and payout is a transaction on a real EVM, every balance is compared with the books to the wei; splits are deployed before the start, at nobody's cost")
	if w.rollup != nil {
		w.notes = append(w.notes, "executed: payees bring what they have to the first layer by withdrawals, which the inbox pays when the delay is over; each pays its way out, and its claim")
	}
	if w.chain.Busy() {
		w.notes = append(w.notes, "unsettled: transactions still wait "+patience.String()+" after the end")
	}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
