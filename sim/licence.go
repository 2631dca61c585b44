package sim

import (
	"crypto/sha256"
	"encoding/binary"
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

// works is how many assets there are that somebody may have a licence of.
func (w *world) works() int {
	if w.scenario.Payment.Licence.Period == 0 {
		return 1
	}
	return max(1, w.scenario.Catalogue.Titles)
}

// work is the content id of a title, each an asset of its own; the first is the
// stream's.
func (w *world) work(title uint32) payment.ChannelID {
	if title == 0 {
		return w.content
	}
	return sha256.Sum256(binary.BigEndian.AppendUint32(w.content[:], title))
}

// watched is the asset that an account watches.
func (w *world) watched(a payment.Account) payment.ChannelID {
	return w.work(w.title(int(a) - int(w.viewerID(0))))
}

// register is what the owner has sent long before the stream: each title's
// registration, and what a licence of it is.
func (w *world) register() (txs []payment.Tx) {
	for i := 1; i < w.works(); i++ {
		id := w.work(uint32(i))
		terms := payment.SetTerms{ContentID: id, Period: w.scenario.Payment.Licence.Period}
		txs = append(txs, payment.Tx{Kind: payment.Register, From: w.owners[0], Channel: id}, payment.Tx{Kind: payment.Invoke, From: w.owners[0], Call: terms})
	}
	return txs
}

// license opens the shop: the owner says what a licence is, and edges ask for it.
func (w *world) license() {
	l := w.scenario.Payment.Licence
	if l.Period == 0 {
		return
	}
	w.bid(0, w.owners[0], payment.SetTerms{ContentID: w.content, Period: l.Period})
	w.stream.Licensed = func(a payment.Account, at time.Duration) bool { return w.chain.Notary().Licensed(w.watched(a), a, at) }
}

// grant has the owner give a viewer that presses play its licence, and of some
// take it back.
func (w *world) grant(id protocol.NodeID) {
	if w.stream.Licensed == nil {
		return
	}
	w.bid(0, w.owners[0], payment.Buy{ContentID: w.watched(payment.Account(id)), Viewers: []payment.Account{payment.Account(id)}})
	l := &w.scenario.Payment.Licence
	if l.Revoked > 0 && stream(w.seed, "revoked", uint64(id)).Float64() < float64(l.Revoked) {
		w.push(w.now+l.After, toRevoke, id, 0)
	}
}

// revoke has the owner, whoever that is now, take a licence back.
func (w *world) revoke(id protocol.NodeID) {
	owner := 0
	for _, s := range w.scenario.Payment.Sales {
		if s.At < w.now {
			owner++
		}
	}
	w.bid(owner, w.owners[owner], payment.Revoke{ContentID: w.watched(payment.Account(id)), Viewer: payment.Account(id)})
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
