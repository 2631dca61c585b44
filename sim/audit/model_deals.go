package audit

import (
	"math/big"

	"kinetoscope/protocol/payment"
)

// A dealModel is the deals that were ever offered.
type dealModel struct {
	all  []*modelDeal
	last *modelDeal
}

type modelDeal struct {
	id                         int
	client, provider           payment.Account
	price, bond, paid          int64
	pieces, piece              int
	period, window, began, due uint64
	challenges                 int
	state                      dealState
	root                       [32]byte
	shown                      func(int) []byte
	path                       func(int) [][32]byte
}

type dealState uint8

const (
	dealNone dealState = iota
	dealOffered
	dealRunning
	dealOver
)

func (m *dealModel) step(w *walk) string {
	d := w.suite.StorageDeals
	roll := w.rng.IntN(24)
	if len(m.all) == 0 || roll == 0 {
		return m.offer(w)
	}
	if roll == 2 {
		w.later(pick(w, 1, 3, 10, 40))
		return ""
	}
	x := m.all[len(m.all)-1-w.rng.IntN(min(3, len(m.all)))]
	m.last = x
	id := n(int64(x.id))
	if w.rng.IntN(8) == 0 {
		w.behaves(pick(w, d.PackCollect(id), d.PackSlash(id), d.PackCancel(id)))
	}
	party := func(p payment.Account) payment.Account { return pick(w, p, p, p, p, stranger) }
	switch roll {
	case 3:
		from := party(x.client)
		want := m.may(x, dealOffered, from == x.client)
		if want == "" && x.price > 0 {
			want = w.refusal(x.client)
		}
		return w.call(from, 0, "cancel", d.PackCancel(id), want, func() { m.end(w, x, 0, x.price) })
	case 4, 5, 6:
		from, value := party(x.provider), max(0, x.bond+pick[int64](w, 0, 0, 0, 0, 1, -1))
		want := m.may(x, dealOffered, from == x.provider)
		if want == "" && value != x.bond {
			want = "WrongBond"
		}
		at := w.next()
		return w.call(from, value, "accept", d.PackAccept(id), want, func() { x.state, x.began = dealRunning, at })
	case 7, 8, 9, 10:
		return m.challenge(w, x, party(x.client))
	case 11, 12:
		w.until(x.due)
		want := m.may(x, dealRunning, true)
		switch {
		case want == "" && x.due == 0:
			want = "NotChallenged"
		case want == "" && w.next() <= x.due:
			want = "TooEarly"
		}
		return m.pay(w, x, stranger, "slash", d.PackSlash(id), want, 0, x.price-x.paid+x.bond)
	case 13, 14, 15, 16, 17:
		return m.collect(w, x, party(x.provider))
	}
	return m.prove(w, x)
}

// may is why something is refused in another state or to another party.
func (m *dealModel) may(x *modelDeal, in dealState, party bool) string {
	switch {
	case x.state != in:
		return "WrongState"
	case !party:
		return "NotParty"
	}
	return ""
}

func (m *dealModel) offer(w *walk) string {
	x := &modelDeal{id: len(m.all), client: pick(w, honest, rogue), provider: pick(w, victim, victim, rogue, none), price: pick(w, 0, 1, w.rng.Int64N(5000), w.rng.Int64N(5000)), bond: pick(w, 0, 1, w.rng.Int64N(500), w.rng.Int64N(500)),
		pieces: w.rng.IntN(10), period: uint64(pick(w, 0, 30, 60, 100, 100)), window: uint64(pick(w, 0, 5, 9, 20, 20)), challenges: w.rng.IntN(4), state: dealOffered}
	if w.rng.IntN(2) == 0 {
		x.provider, x.pieces, x.period, x.window, x.challenges = pick(w, victim, rogue), 5, 60, 9, 3
	}
	if x.pieces > 0 {
		x.root, x.shown, x.path = shard(x.pieces)
	}
	fine := x.provider != none && x.pieces > 0 && x.period > 0 && x.window > 0
	data := w.suite.StorageDeals.PackOffer(w.who[x.provider], x.root, uint32(x.pieces), n(x.bond), uint32(x.period), uint32(x.window), uint16(x.challenges))
	return w.call(x.client, x.price, "offer", data, unless(fine, "BadTerms"), func() {
		m.all = append(m.all, x)
		m.last = x
	})
}

// challenge draws a piece from the block's randomness.
func (m *dealModel) challenge(w *walk, x *modelDeal, from payment.Account) string {
	w.until(x.began + x.period)
	want := m.may(x, dealRunning, from == x.client)
	switch {
	case want != "":
	case x.due != 0:
		want = "Challenging"
	case x.challenges == 0 || w.next() >= x.began+x.period:
		want = "NoMoreChallenges"
	}
	due := w.next() + x.window
	return w.call(from, 0, "challenge", w.suite.StorageDeals.PackChallenge(n(int64(x.id))), want, func() {
		x.challenges--
		x.due = due
		x.piece = w.drawn(0, x.id, x.challenges, x.pieces)
	})
}

// drawn is the piece of a deal that the block so many after the newest draws.
func (s *stage) drawn(after uint64, deal, challenges, pieces int) int {
	draw := hashed(s.bare.Randao(after), num(deal), num(challenges))
	return int(new(big.Int).Mod(new(big.Int).SetBytes(draw[:]), n(int64(pieces))).Int64())
}

// prove shows the piece that is asked for, or now and then another, or one with
// a path that is too short.
func (m *dealModel) prove(w *walk, x *modelDeal) string {
	w.until(x.due)
	piece, path, good := x.shown(x.piece), x.path(x.piece), true
	switch w.rng.IntN(8) {
	case 0:
		other := w.rng.IntN(x.pieces)
		piece, path, good = x.shown(other), x.path(other), other == x.piece
	case 1:
		good = len(path) == 0
		path = path[:max(0, len(path)-1)]
	case 2:
		path, good = append(path, [32]byte{}), false
	}
	want := m.may(x, dealRunning, true)
	switch {
	case want != "":
	case x.due == 0:
		want = "NotChallenged"
	case w.next() > x.due:
		want = "TooLate"
	case !good:
		want = "BadProof"
	}
	return w.call(stranger, 0, "prove", w.suite.StorageDeals.PackProve(n(int64(x.id)), piece, path), want, func() { x.due = 0 })
}

func (m *dealModel) collect(w *walk, x *modelDeal, from payment.Account) string {
	w.until(x.began + x.period)
	want := m.may(x, dealRunning, from == x.provider)
	if want == "" && x.due != 0 {
		want = "Challenging"
	}
	data := w.suite.StorageDeals.PackCollect(n(int64(x.id)))
	passed := int64(w.next() - x.began)
	if want != "" || passed >= int64(x.period) {
		return m.pay(w, x, from, "collect", data, want, x.price-x.paid+x.bond, 0)
	}
	amount := x.price*passed/int64(x.period) - x.paid
	return w.call(from, 0, "collect", data, w.refusal(x.provider), func() {
		w.move(house, x.provider, amount)
		x.paid += amount
	})
}

// pay is a call that ends the deal and pays one of the two.
func (m *dealModel) pay(w *walk, x *modelDeal, from payment.Account, what string, data []byte, want string, toProvider, toClient int64) string {
	to := x.provider
	if toClient > 0 {
		to = x.client
	}
	if want == "" && toProvider+toClient > 0 {
		want = w.refusal(to)
	}
	return w.call(from, 0, what, data, want, func() { m.end(w, x, toProvider, toClient) })
}

func (m *dealModel) end(w *walk, x *modelDeal, toProvider, toClient int64) {
	x.state = dealOver
	w.move(house, x.provider, toProvider)
	w.move(house, x.client, toClient)
}

func (m *dealModel) look(w *walk) string {
	d, x := w.suite.StorageDeals, m.last
	if x == nil {
		return ""
	}
	got := must(d.UnpackDeal(w.read(d.PackDeal(n(int64(x.id))))))
	if wrong := seen("the state of a deal", dealState(got.State), x.state); wrong != "" || x.state == dealOver {
		return wrong
	}
	if wrong := seen("the time of an answer", got.Due, x.due); wrong != "" {
		return wrong
	}
	if x.due != 0 {
		if wrong := seen("the piece that is asked for", int(got.Piece), x.piece); wrong != "" {
			return wrong
		}
	}
	return seen("what a provider has had", got.Paid.Int64(), x.paid)
}
