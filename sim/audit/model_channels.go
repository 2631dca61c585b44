package audit

import (
	"slices"

	"kinetoscope/protocol/payment"
)

// A channelModel is the channels that were ever opened.
type channelModel struct {
	parking
	all  []*modelChannel
	last *modelChannel
}

type modelChannel struct {
	closing
	nonce         uint64
	deposit, paid int64
}

func (m *channelModel) step(w *walk) string {
	c := w.suite.Channels
	if wrong, done := m.aside(w, len(m.all) == 0, m.open, c.PackTakeRefund); done {
		return wrong
	}
	x := m.all[len(m.all)-1-w.rng.IntN(min(8, len(m.all)))]
	m.last = x
	from := pick(w, x.payer, x.payer, x.payer, stranger)
	switch w.rng.IntN(8) {
	case 0:
		return m.topUp(w, x, from)
	case 1:
		return x.request(w, from, 60, c.PackRequestClose(x.id))
	case 2:
		return x.finalize(w, from, c.PackFinalize(x.id), c.PackTakeRefund(w.who[payee2]), func() { m.close(w, x, x.paid) })
	}
	return m.show(w, x)
}

// open opens a channel, now and then one that was there.
func (m *channelModel) open(w *walk) string {
	c := w.suite.Channels
	x := &modelChannel{closing: closing{payer: pick(w, honest, victim, rogue), payee: pick(w, payee1, payee1, rogue, rogue, none)}, nonce: w.rng.Uint64N(uint64(2 + len(m.all))), deposit: pick(w, w.rng.Int64N(2000), w.rng.Int64N(3))}
	want := ""
	switch {
	case x.payee == none:
		want = "ZeroAddress"
	case x.deposit == 0:
		want = "NoDeposit"
	case slices.ContainsFunc(m.all, func(o *modelChannel) bool { return o.payer == x.payer && o.payee == x.payee && o.nonce == x.nonce }):
		want = "ChannelExists"
	}
	x.id = idOf(w.who[house], w.who[x.payer], w.who[x.payee], num(x.nonce))
	return w.call(x.payer, x.deposit, "open", c.PackOpen(w.who[x.payee], w.who[payee2], x.nonce, 60), want, func() { m.all, m.last = append(m.all, x), x })
}

func (m *channelModel) topUp(w *walk, x *modelChannel, from payment.Account) string {
	value, want := w.rng.Int64N(50), lasts(x.closed, from == x.payer)
	if want == "" && value == 0 {
		want = "NoDeposit"
	}
	return w.call(from, value, "topUp", w.suite.Channels.PackTopUp(x.id), want, func() { x.deposit += value })
}

// show redeems a voucher or closes with it. The rogue signs nothing, and every
// eighth voucher is for one wei more than was signed.
func (m *channelModel) show(w *walk, x *modelChannel) string {
	c, amount, signer := w.suite.Channels, pick(w, w.rng.Int64N(x.deposit+x.deposit/8+1), w.rng.Int64N(x.deposit+1), x.deposit-1, x.deposit, x.paid), x.payer
	if signer == rogue {
		signer = stranger
	}
	forged := x.payer == rogue || w.rng.IntN(8) == 0
	signed := amount
	if forged {
		signed++
	}
	sig := w.Sign(signer, digest("Channels", w.at, "Voucher(bytes32 channel,uint256 amount)", x.id, num(signed)))
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
		return w.call(from, 0, "close", c.PackClose(x.id, n(amount), sig[:]), want, func() { m.close(w, x, amount) })
	}
	return w.call(from, 0, "redeem", redeem, want, func() {
		w.move(house, x.payee, amount-x.paid)
		x.paid = amount
	})
}

// close closes a channel for an amount.
func (m *channelModel) close(w *walk, x *modelChannel, amount int64) {
	w.move(house, x.payee, amount-x.paid)
	m.end(w, &x.closing, x.deposit-amount)
}

func (m *channelModel) look(w *walk) string {
	c, x := w.suite.Channels, m.last
	if x == nil {
		return ""
	}
	if wrong := seen("what waits", must(c.UnpackRefunds(w.read(c.PackRefunds(w.who[rogue])))).Int64(), m.parked); wrong != "" {
		return wrong
	}
	got := must(c.UnpackChannels(w.read(c.PackChannels(x.id))))
	if wrong := seen("whether a channel is closed", got.State == 2, x.closed); wrong != "" || x.closed {
		return or(wrong, seen("the payer of a closed channel", got.Payer, nobody))
	}
	if wrong := seen("the deposit", got.Deposit.Int64(), x.deposit); wrong != "" {
		return wrong
	}
	if wrong := seen("what is paid", got.Paid.Int64(), x.paid); wrong != "" {
		return wrong
	}
	return seen("the time of closing", got.ClosesAt, x.closesAt)
}
