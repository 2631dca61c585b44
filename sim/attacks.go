package sim

import (
	"math/rand/v2"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/sim/attack"
	"kinetoscope/sim/audit"
	"kinetoscope/sim/result"
)

// conspire puts the actors of the attacks on, and then those of storage deals;
// their accounts begin at first.
func (w *world) conspire(first payment.Account) {
	if len(w.scenario.Attacks)+w.dealing() > 0 {
		w.crew = attack.NewCrew(attack.Scene{Chain: w.chain, Config: w.scenario.Ledger, First: first,
			Draw: func(purpose string, entity uint64) *rand.Rand { return stream(w.seed, purpose, entity) }, Scripts: audit.Script}, w.scenario.Attacks)
	}
	if w.dealing() > 0 {
		w.entrust(first + payment.Account(attack.Accounts(w.scenario.Attacks)))
	}
}

// act lets the actors do what is due, and comes back when they want it.
func (w *world) act() {
	if w.crew == nil {
		return
	}
	w.crew.Advance(w.now)
	if at := w.crew.Next(); at != attack.Forever && at != w.alarm {
		w.alarm = at
		w.push(at, toAct, 0, 0)
	}
}

// calm says that the attacks are over, or take longer than anybody waits.
func (w *world) calm() bool {
	return w.crew == nil || w.crew.Done() || w.now > w.end+attackLimit
}

// attackLimit is how long attacks may go on after the stream.
const attackLimit = 60 * 24 * time.Hour

// disband ends the actors that are still at it.
func (w *world) disband() {
	if w.crew != nil {
		w.crew.Stop()
	}
}

// measureAttacks says what came of the attacks.
func (w *world) measureAttacks(r *result.Run) {
	w.measureDeals(r)
	if w.crew != nil && !w.crew.Done() {
		w.note("unsettled: attacks and storage deals go on %v after the stream", attackLimit)
	}
	if what := w.scenario.Ledger.Altered(); w.crew != nil && what != "" {
		w.note("%s", what)
	}
	if len(w.scenario.Attacks) == 0 {
		return
	}
	t, ether := &w.crew.Tally, etherOf
	count := func(id result.MetricID, n int) { r.Values[id] = float64(n) }
	count(result.AttacksTried, t.Tried)
	count(result.AttacksSucceeded, t.Succeeded)
	count(result.AttacksRefused, t.Refused)
	r.Values[result.AttackStolen], r.Values[result.AttackCost] = ether(t.Stolen), ether(t.Cost)
	r.Values[result.AttackProfit], r.Values[result.AttackLocked] = ether(t.Profit()), ether(t.Locked)
	r.Values[result.HonestLoss] = ether(t.Loss)
	r.Values[result.LossShare] = ratio(ether(t.Loss), ether(t.Served))
	r.Values[result.FrozenTime] = t.Frozen.Seconds()
	if len(t.Answers) > 0 {
		r.Values[result.AnswerP99] = attack.Quantile(t.Answers, 0.99).Seconds()
	}
	if len(t.Registers) > 0 {
		r.Values[result.RegisterP95] = attack.Quantile(t.Registers, 0.95).Seconds()
	}
	if t.Reads > 0 {
		count(result.WrongOwner, t.Wrong)
		count(result.AlteredCopies, t.Copies)
	}
}
