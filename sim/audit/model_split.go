package audit

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/payment"
)

// A splitModel is the payees, what is not divided yet, and everybody's credit.
type splitModel struct {
	payees  []payment.Account
	shares  []int64
	income  int64
	credits [purses]int64
	returns int64 // what the last call must return; negative if nothing
}

func (m *splitModel) step(w *walk) string {
	c := w.suite.Split
	m.returns = -1
	switch w.rng.IntN(8) {
	case 0, 1, 2:
		value := pick(w, 0, 1, w.rng.Int64N(1_000_000_000), w.rng.Int64N(1_000_000_000))
		return w.call(stranger, value, "pay", nil, "", func() { m.income += value })
	case 3, 4:
		return w.call(pick(w, stranger, payee1), 0, "settle", c.PackSettle(), "", func() {
			m.returns = m.income
			m.settle()
		})
	case 5:
		return m.setShares(w)
	}
	to := pick(w, creator, payee1, payee2, rogue, rogue, victim)
	data := c.PackWithdraw(w.who[to])
	if to == rogue {
		w.behaves(data)
	}
	want := w.refusal(to)
	if m.credits[to] == 0 {
		want = "NothingDue"
	}
	return w.call(stranger, 0, "withdraw", data, want, func() {
		w.move(house, to, m.credits[to])
		m.returns = m.credits[to]
		m.credits[to] = 0
	})
}

// settle divides by the largest remainder; on a tie who is named first comes
// first.
func (m *splitModel) settle() {
	order, left := make([]int, len(m.shares)), m.income
	for i, share := range m.shares {
		order[i] = i
		m.credits[m.payees[i]] += m.income * share / 10_000
		left -= m.income * share / 10_000
	}
	rest := func(i int) int64 { return m.income * m.shares[i] % 10_000 }
	slices.SortStableFunc(order, func(a, b int) int { return int(rest(b) - rest(a)) })
	for _, i := range order[:left] {
		m.credits[m.payees[i]]++
	}
	m.income = 0
}

// setShares divides 10,000 anew, at times one too few.
func (m *splitModel) setShares(w *walk) string {
	from, want := pick(w, creator, creator, stranger), ""
	payees := pick(w, []payment.Account{payee1}, []payment.Account{payee2, rogue}, []payment.Account{rogue, creator, payee1}, []payment.Account{creator, payee1, payee2, rogue})
	left, shares := int64(10_000), []int64{}
	for i := range payees {
		part, others := left, int64(len(payees)-1-i) // one at least for each of them
		if others > 0 {
			part = 1 + w.rng.Int64N(left-others)
		}
		shares, left = append(shares, part), left-part
	}
	if w.rng.IntN(6) == 0 && shares[0] > 1 {
		shares[0]--
		want = "BadSum"
	}
	if from == stranger {
		want = "OwnableUnauthorizedAccount"
	}
	var at []common.Address
	var bps []uint16
	for i, p := range payees {
		at, bps = append(at, w.who[p]), append(bps, uint16(shares[i]))
	}
	return w.call(from, 0, "setShares", w.suite.Split.PackSetShares(at, bps), want, func() {
		m.settle()
		m.payees, m.shares = payees, shares
	})
}

func (m *splitModel) look(w *walk) string {
	c, sum := w.suite.Split, int64(0)
	if m.returns >= 0 {
		if wrong := seen("what is returned", must(c.UnpackSettle(w.said)).Int64(), m.returns); wrong != "" {
			return wrong
		}
	}
	for i := range payment.Account(purses) {
		got := must(c.UnpackAccounts(w.read(c.PackAccounts(w.who[i]))))
		if wrong := seen("the credit of "+purseNames[i], got.Credit.Int64(), m.credits[i]); wrong != "" {
			return wrong
		}
		share := int64(0)
		if at := slices.Index(m.payees, i); at >= 0 {
			share = m.shares[at]
		}
		if wrong := seen("the share of "+purseNames[i], int64(got.Share), share); wrong != "" {
			return wrong
		}
		sum += m.credits[i]
	}
	return seen("the sum of credits", must(c.UnpackCredited(w.read(c.PackCredited()))).Int64(), sum)
}
