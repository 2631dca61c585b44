package audit

import (
	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/payment"
)

// A closing is what channels and hash chains have in common: a payer who asks
// for its deposit back, and takes it when the collector has had time to object.
type closing struct {
	payer, payee payment.Account
	id           [32]byte
	closesAt     uint64
	closed       bool
}

// lasts is why only the payer of something open may do a thing.
func lasts(closed, payer bool) string {
	switch {
	case closed:
		return "NotOpen"
	case !payer:
		return "NotPayer"
	}
	return ""
}

func (x *closing) request(w *walk, from payment.Account, period uint64, data []byte) string {
	want := lasts(x.closed, from == x.payer)
	if want == "" && x.closesAt != 0 {
		want = "AlreadyRequested"
	}
	at := w.next() + period
	return w.call(from, 0, "requestClose", data, want, func() { x.closesAt = at })
}

// finalize takes the deposit back; the rogue comes back in by the same call or
// by that which takes its refund.
func (x *closing) finalize(w *walk, from payment.Account, data, takeRefund []byte, end func()) string {
	if x.payer == rogue {
		w.behaves(pick(w, data, takeRefund))
	}
	w.until(x.closesAt)
	want := lasts(x.closed, from == x.payer)
	if want == "" && (x.closesAt == 0 || w.next() < x.closesAt) {
		want = "TooEarly"
	}
	return w.call(from, 0, "finalize", data, want, end)
}

// A parking is refunds that wait for the rogue.
type parking struct{ parked int64 }

// aside opens something, waits, or takes a refund; it says whether it did.
func (p *parking) aside(w *walk, none bool, open func(*walk) string, takeRefund func(common.Address) []byte) (wrong string, done bool) {
	switch roll := w.rng.IntN(20); {
	case none || roll < 3:
		return open(w), true
	case roll == 3:
		w.Wait(30e9)
		return "", true
	case roll == 4 || p.parked > 0 && roll < 8:
		return w.takeRefund(&p.parked, takeRefund), true
	}
	return "", false
}

// end closes, with a refund for the payer. The rogue gets its own if it takes it.
func (p *parking) end(w *walk, x *closing, refund int64) {
	x.closed = true
	if x.payer == rogue && w.manner != 0 {
		p.parked += refund
		return
	}
	w.move(house, x.payer, refund)
}
