package audit

import (
	"slices"

	"kinetoscope/protocol/payment"
)

// A wordModel is the hash chains that were ever opened.
type wordModel struct {
	parking
	all  []*modelWords
	last *modelWords
}

type modelWords struct {
	closing
	words       []payment.Word // the last is the anchor
	price, left int64          // left are words that are not paid
	period      uint64
}

func (m *wordModel) step(w *walk) string {
	c := w.suite.HashChain
	if wrong, done := m.aside(w, len(m.all) == 0, m.open, c.PackTakeRefund); done {
		return wrong
	}
	x := m.all[len(m.all)-1-w.rng.IntN(min(8, len(m.all)))]
	m.last = x
	from := pick(w, x.payer, x.payer, x.payer, stranger)
	switch w.rng.IntN(8) {
	case 0:
		return x.request(w, from, x.period, c.PackRequestClose(x.id))
	case 1, 2:
		return x.finalize(w, from, c.PackFinalize(x.id), c.PackTakeRefund(w.who[payee2]), func() { m.end(w, &x.closing, x.left*x.price) })
	}
	return m.show(w, x)
}

// open opens a chain, now and then one that was there.
func (m *wordModel) open(w *walk) string {
	x := &modelWords{closing: closing{payer: pick(w, honest, victim, rogue), payee: pick(w, payee1, payee1, rogue, none)}, price: pick(w, 0, 1, 1, w.rng.Int64N(50), w.rng.Int64N(50)), period: pick[uint64](w, 60, 60, 60, 60, 1, 0),
		left: pick(w, 1, w.rng.Int64N(12), w.rng.Int64N(12))}
	x.words = wordChain(uint64(len(m.all)), int(x.left))
	again := len(m.all) > 0 && w.rng.IntN(8) == 0
	if again {
		old := m.all[w.rng.IntN(len(m.all))]
		x.payer, x.payee, x.words, x.left = old.payer, old.payee, old.words, int64(len(old.words)-1)
	}
	anchor := x.words[len(x.words)-1]
	x.id = idOf(w.who[house], w.who[x.payer], w.who[x.payee], anchor)
	cost := x.price * x.left
	to, value, want := pick(w, payee2, payee2, payee2, payee2, none), max(0, cost+pick[int64](w, 0, 0, 0, 0, 0, 1, -1)), ""
	switch {
	case x.payee == none || to == none:
		want = "ZeroAddress"
	case x.price == 0 || x.left == 0 || x.period == 0:
		want = "BadTerms"
	case value != cost:
		want = "WrongDeposit"
	case again:
		want = "ChainExists"
	}
	data := w.suite.HashChain.PackOpen(w.who[x.payee], w.who[to], anchor, uint64(x.price), uint32(x.left), uint32(x.period))
	return w.call(x.payer, value, "open", data, want, func() {
		m.all = append(m.all, x)
		m.last = x
	})
}

// show redeems words or closes with them. Every eighth word is another than it
// should be.
func (m *wordModel) show(w *walk, x *modelWords) string {
	c, count := w.suite.HashChain, w.rng.Int64N(min(4, x.left+1)+1)
	word, good := x.words[max(0, x.left-count)], count <= x.left
	if w.rng.IntN(8) == 0 {
		word[31] ^= 1
		good = false
	}
	redeem := c.PackRedeem(x.id, uint32(count), word)
	if x.payee == rogue {
		w.behaves(redeem)
	}
	closing, from := w.rng.IntN(3) == 0, pick(w, payee2, payee2, x.payee, stranger)
	want := ""
	switch {
	case x.closed:
		want = "NotOpen"
	case closing && from == stranger:
		want = "NotCollector"
	case count > x.left:
		want = "TooMany"
	case !good:
		want = "BadWord"
	case count > 0:
		want = w.refusal(x.payee)
	}
	then := func() {
		x.left -= count
		w.move(house, x.payee, count*x.price)
		if closing {
			m.end(w, &x.closing, x.left*x.price)
		}
	}
	if closing {
		return w.call(from, 0, "close", c.PackClose(x.id, uint32(count), word), want, then)
	}
	return w.call(from, 0, "redeem", redeem, want, then)
}

func (m *wordModel) look(w *walk) string {
	c, x := w.suite.HashChain, m.last
	if x == nil || !slices.Contains(m.all, x) {
		return ""
	}
	if wrong := seen("what waits", must(c.UnpackRefunds(w.read(c.PackRefunds(w.who[rogue])))).Int64(), m.parked); wrong != "" {
		return wrong
	}
	got := must(c.UnpackChains(w.read(c.PackChains(x.id))))
	if wrong := seen("whether a chain is closed", got.State == 2, x.closed); wrong != "" || x.closed {
		return or(wrong, seen("the payer of a closed chain", got.Payer, nobody))
	}
	if wrong := seen("the time of closing", got.ClosesAt, x.closesAt); wrong != "" {
		return wrong
	}
	return seen("how many words are left", int64(got.Left), x.left)
}
