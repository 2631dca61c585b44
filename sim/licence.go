package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
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
// registration, what a licence of it is, and those that viewers hold already.
func (w *world) register(nodes int) (txs []payment.Tx) {
	for i := 1; i < w.works(); i++ {
		id := w.work(uint32(i))
		terms := payment.SetTerms{ContentID: id, Period: w.scenario.Payment.Licence.Period}
		txs = append(txs, payment.Tx{Kind: payment.Register, From: w.owners[0], Channel: id}, payment.Tx{Kind: payment.Invoke, From: w.owners[0], Call: terms})
	}
	if l := &w.scenario.Payment.Licence; l.Period > 0 && l.Held {
		terms := payment.SetTerms{ContentID: w.content, Period: l.Period}
		txs = append(txs, payment.Tx{Kind: payment.Invoke, From: w.owners[0], Call: terms})
		for i := range w.visits {
			viewers := []payment.Account{payment.Account(nodes - len(w.hubIDs()) - w.visits + i)}
			txs = append(txs, payment.Tx{Kind: payment.Invoke, From: w.owners[0], Call: payment.Buy{ContentID: w.work(w.title(i)), Viewers: viewers}})
		}
	}
	return txs
}

// license opens the shop: the owner says what a licence is, and edges ask for it.
func (w *world) license() {
	l := w.scenario.Payment.Licence
	if l.Period == 0 {
		return
	}
	if w.chain == nil { // the platform's own books
		w.lent = map[payment.Account]time.Duration{}
		w.stream.Licensed = func(a payment.Account, at time.Duration) bool { return at < w.lent[a] }
		return
	}
	if !l.Held {
		w.bid(0, w.owners[0], payment.SetTerms{ContentID: w.content, Period: l.Period})
	}
	if l.Proof != payment.Read {
		w.rights = w.newRights()
		w.stream.Rights = w.rights
	}
	w.stream.Licensed = func(a payment.Account, at time.Duration) bool { return w.chain.Notary().Licensed(w.watched(a), a, at) }
}

// grant has the owner give a viewer that presses play its licence, and of some
// take it back.
func (w *world) grant(id protocol.NodeID) {
	if w.stream.Licensed == nil {
		return
	}
	l := &w.scenario.Payment.Licence
	switch {
	case w.chain == nil && l.Held:
		w.lent[payment.Account(id)] = l.Period
	case w.chain == nil:
		w.lent[payment.Account(id)] = w.now + l.Period
	case !l.Held:
		w.bid(0, w.owners[0], payment.Buy{ContentID: w.watched(payment.Account(id)), Viewers: []payment.Account{payment.Account(id)}})
	}
	if l.Revoked > 0 && stream(w.seed, "revoked", uint64(id)).Float64() < float64(l.Revoked) {
		w.push(w.now+l.After, toRevoke, id, 0)
	}
}

// revoke has the owner, whoever that is now, take a licence back.
func (w *world) revoke(id protocol.NodeID) {
	if w.chain == nil {
		delete(w.lent, payment.Account(id))
		return
	}
	owner := 0
	for _, s := range w.scenario.Payment.Sales {
		if s.At < w.now {
			owner++
		}
	}
	w.bid(owner, w.owners[owner], payment.Revoke{ContentID: w.watched(payment.Account(id)), Viewer: payment.Account(id)})
}

// admitted notes how long a viewer's first request has waited for an edge to know
// that it may watch, and for how long one that is served has had no licence.
func (w *world) admitted(f *protocol.Fact) {
	id := f.Node
	if w.stream.Licensed == nil {
		return
	}
	a, late, entitled := payment.Account(id), time.Duration(0), &w.licensed[id-w.viewerID(0)]
	if *entitled == 0 {
		w.knocking = append(w.knocking, f.Span.Seconds())
	}
	if w.stream.Licensed(a, w.now) {
		*entitled = w.now
		return
	}
	for late < w.now-*entitled && !w.stream.Licensed(a, w.now-late) { // it may be gone with its block
		late += time.Second
	}
	w.stale = max(w.stale, late)
}

// measureLicences says what asking for licences took, and what was overlooked.
func (w *world) measureLicences(r *result.Run) {
	if w.stream.Licensed == nil {
		return
	}
	viewers := float64(len(w.viewers))
	r.Values[result.StaleGrant] = w.stale.Seconds()
	r.Values[result.LicenceReads] = ratio(float64(w.reads), viewers)
	r.Values[result.LicenceLoad] = ratio(float64(w.reads), w.end.Minutes())
	slices.Sort(w.knocking)
	r.Values[result.LicenceWaitP50], r.Values[result.LicenceWaitP95] = result.Quantile(w.knocking, 0.50), result.Quantile(w.knocking, 0.95)
	if w.rights != nil {
		bytes := w.rights.bytes
		if w.scenario.Payment.Licence.Proof == payment.Light {
			bytes += w.followed()
		}
		r.Values[result.LicenceBytes] = ratio(float64(bytes), viewers)
	}
}
