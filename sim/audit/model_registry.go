package audit

import (
	"math/big"

	"kinetoscope/protocol/payment"
)

// A registryModel is the titles that were registered, by number.
type registryModel struct {
	all  []*modelTitle
	last *modelTitle // that a call was about
}

type modelTitle struct {
	id             *big.Int
	owner, offered payment.Account
	split          payment.Account // where royalties go
	bps            int64
	known          bool // registered
}

func (m *registryModel) step(w *walk) string {
	r := w.suite.Registry
	if len(m.all) == 0 || m.all[len(m.all)-1].known && w.rng.IntN(4) == 0 {
		m.all = append(m.all, &modelTitle{id: n(int64(7 * len(m.all))), owner: none, offered: none})
	}
	x := m.all[len(m.all)-1-w.rng.IntN(min(5, len(m.all)))]
	m.last = x
	anybody := func() payment.Account { return pick(w, creator, payee1, payee2, honest, stranger, rogue) }
	from := pick(w, x.owner, x.owner, anybody())
	if from == none {
		from = anybody()
	}
	switch w.rng.IntN(10) {
	case 0, 1, 2:
		return m.register(w, x, from)
	case 3, 4, 5:
		to := pick(w, anybody(), anybody(), anybody(), none)
		return w.call(from, 0, "offer", r.PackOffer(x.id, w.who[to]), unless(from == x.owner, "NotOwner"), func() { x.offered = to })
	case 6, 7:
		if x.offered != none && w.rng.IntN(4) > 0 {
			from = x.offered
		}
		return w.call(from, 0, "accept", r.PackAccept(x.id), unless(from == x.offered, "NotOffered"), func() { x.owner, x.offered = from, none })
	case 8:
		split, bps, want := m.royalty(w)
		if from != x.owner {
			want = "NotOwner"
		}
		return w.call(from, 0, "setRoyalty", r.PackSetRoyalty(x.id, w.who[split], n(bps)), want, func() { x.split, x.bps = split, bps })
	}
	at, to := w.who[from], w.who[anybody()]
	data := pick(w, r.PackTransferFrom(at, to, x.id), r.PackSafeTransferFrom(at, to, x.id), r.PackApprove(to, x.id), r.PackSetApprovalForAll(to, true))
	return w.call(from, 0, "send", data, "OfferInstead", nil)
}

func (m *registryModel) register(w *walk, x *modelTitle, from payment.Account) string {
	split, bps, want := m.royalty(w)
	if x.known {
		want = "AlreadyRegistered"
	}
	return w.call(from, 0, "register", w.suite.Registry.PackRegister(x.id, w.who[split], n(bps)), want, func() {
		*x = modelTitle{id: x.id, owner: from, offered: none, split: split, bps: bps, known: true}
	})
}

// royalty draws where royalties go and how much, and why that cannot be.
func (m *registryModel) royalty(w *walk) (split payment.Account, bps int64, why string) {
	split, bps = pick(w, payee1, payee2, rogue, none), pick(w, 0, 1, w.rng.Int64N(10_000), 10_000, 10_001)
	switch {
	case bps > 10_000:
		why = "ERC2981InvalidTokenRoyalty"
	case split == none:
		why = "ERC2981InvalidTokenRoyaltyReceiver"
	}
	return split, bps, why
}

func (m *registryModel) look(w *walk) string {
	r, x := w.suite.Registry, m.last
	if wrong := seen("to whom it is offered", must(r.UnpackOfferedTo(w.read(r.PackOfferedTo(x.id)))), w.who[x.offered]); wrong != "" || !x.known {
		return wrong
	}
	if wrong := seen("the owner", must(r.UnpackOwnerOf(w.read(r.PackOwnerOf(x.id)))), w.who[x.owner]); wrong != "" {
		return wrong
	}
	royalty := must(r.UnpackRoyaltyInfo(w.read(r.PackRoyaltyInfo(x.id, n(10_000)))))
	if wrong := seen("the royalty", royalty.Amount.Int64(), x.bps); wrong != "" {
		return wrong
	}
	return seen("the split", royalty.Receiver, w.who[x.split])
}
