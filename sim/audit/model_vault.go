package audit

import (
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A vaultModel is who has how many tokens, and how much of those in the vault.
// The token keeps one in a hundred of what moves, rounded down.
type vaultModel struct {
	fee             *contracts.FeeToken
	token           common.Address
	tokens, credits [purses]int64
}

// begin gives everybody tokens, and the vault leave to take them.
func (m *vaultModel) begin(w *walk) {
	v, f := w.suite.Vault, contracts.NewFeeToken()
	m.fee = f
	m.token = must(v.UnpackTOKEN(w.read(v.PackTOKEN())))
	leave := f.PackApprove(w.at, new(big.Int).Lsh(n(1), 255))
	m.tokens[creator] = 1_000_000
	for _, a := range []payment.Account{honest, stranger, rogue} {
		w.set(w.Call(creator, m.token, 0, f.PackMint(w.who[a], n(1_000_000_000))))
		m.tokens[a] = 1_000_000_000
	}
	for _, a := range []payment.Account{honest, stranger} {
		w.set(w.Call(a, m.token, 0, leave))
	}
	w.set(w.act(w.h, m.token, 0, leave))
}

func (m *vaultModel) step(w *walk) string {
	if m.fee == nil {
		m.begin(w)
	}
	v, from := w.suite.Vault, pick(w, honest, stranger, rogue)
	if w.rng.IntN(4) == 0 {
		w.behaves(pick(w, v.PackDeposit(n(50)), v.PackWithdraw(n(50))))
	}
	amount := w.rng.Int64N(m.credits[from] + 20)
	switch w.rng.IntN(5) {
	case 0, 1:
		amount = w.rng.Int64N(min(2000, m.tokens[from]) + 2)
		want := unless(amount <= m.tokens[from], "ERC20InsufficientBalance")
		return w.call(from, 0, "deposit", v.PackDeposit(n(amount)), want, func() { m.credits[from] += m.send(from, house, amount) })
	case 2, 3:
		return w.call(from, 0, "withdraw", v.PackWithdraw(n(amount)), unless(amount <= m.credits[from], "OverCredit"), func() {
			m.credits[from] -= amount
			m.send(house, from, amount)
		})
	}
	to := pick(w, honest, stranger, rogue)
	return w.call(from, 0, "pay", v.PackPay(w.who[to], n(amount)), unless(amount <= m.credits[from], "OverCredit"), func() {
		m.credits[from] -= amount
		m.credits[to] += amount
	})
}

// send moves tokens and says how many arrive.
func (m *vaultModel) send(from, to payment.Account, amount int64) int64 {
	arrive := amount - amount/100
	m.tokens[from] -= amount
	m.tokens[to] += arrive
	return arrive
}

func (m *vaultModel) look(w *walk) string {
	v, f := w.suite.Vault, m.fee
	for _, a := range []payment.Account{honest, stranger, rogue, house} {
		if wrong := seen("the tokens of somebody", must(f.UnpackBalanceOf(w.Read(m.token, f.PackBalanceOf(w.who[a])))).Int64(), m.tokens[a]); wrong != "" {
			return wrong
		}
		if wrong := seen("the credit of somebody", must(v.UnpackCredits(w.read(v.PackCredits(w.who[a])))).Int64(), m.credits[a]); wrong != "" {
			return wrong
		}
	}
	return ""
}
