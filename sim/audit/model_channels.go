package audit

import (
	"slices"

	"kinetoscope/protocol/payment"
)

// A channelModel is the channels that were ever opened, and refunds that wait
// for the rogue.
type channelModel struct {
	all    []*modelChannel
	parked int64
}

type modelChannel struct {
	payer, payee  payment.Account
	nonce         uint64
	id            [32]byte
	deposit, paid int64
	closesAt      uint64
	closed        bool
}

func (m *channelModel) step(w *walk) string {
	c := w.suite.Channels
	switch roll := w.rng.IntN(20); {
	case len(m.all) == 0 || roll < 3:
		return m.open(w)
	case roll == 3:
		w.Wait(30e9)
		return ""
	case roll == 4:
		want := "NothingDue"
		if m.parked > 0 {
			want = ""
		}
		return w.call(rogue, 0, "takeRefund", c.PackTakeRefund(w.who[payee2]), want, func() {
			w.move(house, payee2, m.parked)
			m.parked = 0
		})
	}
	x := m.all[len(m.all)-1-w.rng.IntN(min(8, len(m.all)))]
	from := pick(w, x.payer, x.payer, x.payer, stranger)
	switch w.rng.IntN(8) {
	case 0:
		return m.topUp(w, x, from)
	case 1:
		want := m.mine(x, from)
		if want == "" && x.closesAt != 0 {
			want = "AlreadyRequested"
		}
		at := w.next() + 60
		return w.call(from, 0, "requestClose", c.PackRequestClose(x.id), want, func() { x.closesAt = at })
	case 2:
		want := m.mine(x, from)
		if want == "" && (x.closesAt == 0 || w.next() < x.closesAt) {
			want = "TooEarly"
		}
		return w.call(from, 0, "finalize", c.PackFinalize(x.id), want, func() { m.end(w, x, x.paid) })
	}
	return m.show(w, x)
}

// open opens a channel, now and then one that was there.
func (m *channelModel) open(w *walk) string {
	c := w.suite.Channels
	x := &modelChannel{payer: pick(w, honest, victim, rogue), payee: pick(w, payee1, rogue), nonce: w.rng.Uint64N(uint64(2 + len(m.all))), deposit: w.rng.Int64N(2000)}
	want := ""
	switch {
	case x.deposit == 0:
		want = "NoDeposit"
	case slices.ContainsFunc(m.all, func(o *modelChannel) bool { return o.payer == x.payer && o.payee == x.payee && o.nonce == x.nonce }):
		want = "ChannelExists"
	}
	x.id = must(c.UnpackChannelId(w.read(c.PackChannelId(w.who[x.payer], w.who[x.payee], x.nonce))))
	return w.call(x.payer, x.deposit, "open", c.PackOpen(w.who[x.payee], w.who[payee2], x.nonce, 60), want, func() { m.all = append(m.all, x) })
}

func (m *channelModel) topUp(w *walk, x *modelChannel, from payment.Account) string {
	value, want := w.rng.Int64N(50), m.mine(x, from)
	if want == "" && value == 0 {
		want = "NoDeposit"
	}
	return w.call(from, value, "topUp", w.suite.Channels.PackTopUp(x.id), want, func() { x.deposit += value })
}

// mine is why only the payer of an open channel may do something.
func (m *channelModel) mine(x *modelChannel, from payment.Account) string {
	switch {
	case x.closed:
		return "NotOpen"
	case from != x.payer:
		return "NotPayer"
	}
	return ""
}

// show redeems a voucher or closes with it. The rogue signs nothing, and every
// eighth voucher is for one wei more than was signed.
func (m *channelModel) show(w *walk, x *modelChannel) string {
	c, amount, signer := w.suite.Channels, w.rng.Int64N(x.deposit+x.deposit/8+1), x.payer
	if signer == rogue {
		signer = stranger
	}
	forged := x.payer == rogue || w.rng.IntN(8) == 0
	signed := amount
	if forged {
		signed++
	}
	sig := w.Sign(signer, must(c.UnpackDigest(w.read(c.PackDigest(x.id, n(signed))))))
	redeem := c.PackRedeem(x.id, n(amount), sig[:])
	if x.payee == rogue {
		w.behaves(redeem)
	}
	closing, from := w.rng.IntN(3) == 0, pick(w, payee2, payee2, stranger)
	want := ""
	switch {
	case x.closed:
		want = "NotOpen"
	case closing && from == stranger:
		want = "NotCollector"
	case amount > x.deposit:
		want = "OverDeposit"
	case amount < x.paid:
		want = "Stale"
	case forged:
		want = "BadVoucher"
	case !closing && amount == x.paid:
		want = "Stale"
	case amount > x.paid:
		want = w.refusal(x.payee)
	}
	if closing {
		return w.call(from, 0, "close", c.PackClose(x.id, n(amount), sig[:]), want, func() { m.end(w, x, amount) })
	}
	return w.call(from, 0, "redeem", redeem, want, func() {
		w.move(house, x.payee, amount-x.paid)
		x.paid = amount
	})
}

// end closes a channel for an amount. The rogue gets its refund if it takes it.
func (m *channelModel) end(w *walk, x *modelChannel, amount int64) {
	x.closed = true
	w.move(house, x.payee, amount-x.paid)
	refund := x.deposit - amount
	if x.payer == rogue && w.manner != 0 {
		m.parked += refund
		return
	}
	w.move(house, x.payer, refund)
}
