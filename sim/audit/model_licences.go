package audit

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/payment"
)

// A licenceModel is one asset's terms and until when everybody may watch. Its
// title and where its royalties go change in the registry.
type licenceModel struct {
	owner, split  payment.Account // split is none while it is the stage's
	price, period int64
	endsAt        [purses]int64
}

func (m *licenceModel) step(w *walk) string {
	l := w.suite.Licences
	switch w.rng.IntN(12) {
	case 0:
		m.pass(w)
		return ""
	case 1:
		w.Wait(20e9)
		return ""
	case 2, 3:
		from, price, period := pick(w, m.owner, m.owner, m.owner, creator, stranger), w.rng.Int64N(500), pick(w, 0, 40, 40, 40, w.rng.Int64N(99))
		return w.call(from, 0, "setTerms", l.PackSetTerms(contentID, n(price), uint64(period)), unless(from == m.owner, "NotOwner"),
			func() { m.price, m.period = price, period })
	case 4:
		return w.call(m.owner, 0, "setTerms", l.PackSetTerms(n(5), n(1), 1), "ERC721NonexistentToken", nil)
	}
	if w.rng.IntN(6) == 0 {
		from, whose := pick(w, m.owner, m.owner, creator, stranger), pick(w, honest, stranger, victim)
		return w.call(from, 0, "revoke", l.PackRevoke(contentID, w.who[whose]), unless(from == m.owner, "NotOwner"), func() { m.endsAt[whose] = 0 })
	}
	return m.buy(w)
}

// pass hands the title on, or sends royalties elsewhere.
func (m *licenceModel) pass(w *walk) {
	r, at := w.suite.Registry, must(w.suite.Licences.UnpackREGISTRY(w.read(w.suite.Licences.PackREGISTRY())))
	if w.rng.IntN(2) == 0 {
		m.split = pick(w, payee1, payee2, rogue)
		w.set(w.Call(m.owner, at, 0, r.PackSetRoyalty(contentID, w.who[m.split], n(500))))
		return
	}
	to := pick(w, creator, payee1, payee2)
	w.set(w.Call(m.owner, at, 0, r.PackOffer(contentID, w.who[to])))
	w.set(w.Call(to, at, 0, r.PackAccept(contentID)))
	m.owner = to
}

// buy is for up to four, of whom one may be named twice. The rogue, when it is
// paid, buys for the stranger without paying.
func (m *licenceModel) buy(w *walk) string {
	l, free := w.suite.Licences, []common.Address{w.who[stranger]}
	w.behaves(l.PackBuy(contentID, free))
	who := []payment.Account{}
	for range w.rng.IntN(5) {
		who = append(who, pick(w, honest, stranger, victim))
	}
	cost := m.price * int64(len(who))
	value, want := max(0, cost+pick[int64](w, 0, 0, 0, 0, 1, -1)), ""
	again := m.split == rogue && w.manner == reenter // and it does not refuse
	switch {
	case m.period == 0:
		want = "NotForSale"
	case len(who) == 0:
		want = "BadLength"
	case value != cost:
		want = "WrongPrice"
	case m.split == rogue && w.manner == refuse:
		want = "Error"
	case again && m.price > 0:
		want = "WrongPrice"
	}
	var at []common.Address
	for _, a := range who {
		at = append(at, w.who[a])
	}
	now := int64(w.next())
	return w.call(honest, value, "buy", l.PackBuy(contentID, at), want, func() {
		if again {
			who = append(slices.Clone(who), stranger)
		}
		for _, a := range who {
			m.endsAt[a] = max(m.endsAt[a], now) + m.period
		}
		if m.split == none {
			w.due[house] -= cost // to a split that is no purse
			return
		}
		w.move(house, m.split, cost)
	})
}

func (m *licenceModel) look(w *walk) string {
	l := w.suite.Licences
	for _, a := range []payment.Account{honest, stranger, victim} {
		if wrong := seen("the end of a licence", int64(must(l.UnpackEndsAt(w.read(l.PackEndsAt(contentID, w.who[a]))))), m.endsAt[a]); wrong != "" {
			return wrong
		}
		now := int64(w.bare.Stamp()) // views see the newest block
		if wrong := seen("whether one may watch", must(l.UnpackValid(w.read(l.PackValid(contentID, w.who[a])))), now < m.endsAt[a]); wrong != "" {
			return wrong
		}
	}
	t := must(l.UnpackTerms(w.read(l.PackTerms(contentID))))
	if wrong := seen("the price", t.Price.Int64(), m.price); wrong != "" {
		return wrong
	}
	return seen("the period", int64(t.Period), m.period)
}
