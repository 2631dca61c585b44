package sim

import (
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// contracts is what there is besides channels and split.
func (w *world) contracts() (list []ledger.Contract) {
	list = contracts[w.stream.Terms.Needs().Contract]
	if w.scenario.Payment.Licence.Period > 0 {
		list = append([]ledger.Contract{ledger.Licences}, list...)
	}
	return list
}

// license opens the shop: the owner says what a licence is, and edges ask for it.
func (w *world) license() {
	l := w.scenario.Payment.Licence
	if l.Period == 0 {
		return
	}
	w.bid(0, w.owners[0], payment.SetTerms{ContentID: w.content, Period: l.Period})
	w.stream.Licensed = func(a payment.Account, at time.Duration) bool { return w.chain.Notary().Licensed(w.content, a, at) }
}

// grant has the owner give a viewer that presses play its licence.
func (w *world) grant(id protocol.NodeID) {
	if w.stream.Licensed != nil {
		w.bid(0, w.owners[0], payment.Buy{ContentID: w.content, Viewers: []payment.Account{payment.Account(id)}})
	}
}

// overstayed notes for how long a viewer that is served has had no licence.
func (w *world) overstayed(id protocol.NodeID) {
	if w.stream.Licensed == nil {
		return
	}
	v, a, late := w.visitor(id), payment.Account(id), time.Duration(0)
	if w.stream.Licensed(a, w.now) {
		v.entitled = w.now
		return
	}
	for late < w.now-v.entitled && !w.stream.Licensed(a, w.now-late) { // it may be gone with its block
		late += time.Second
	}
	w.stale = max(w.stale, late)
}

// measureLicences says what asking for licences took, and what was overlooked.
func (w *world) measureLicences(r *result.Run) {
	if w.stream.Licensed != nil {
		r.Values[result.StaleGrant] = w.stale.Seconds()
		r.Values[result.LicenceReads] = ratio(float64(w.reads), float64(len(w.viewers)))
	}
}
