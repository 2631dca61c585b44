package ledger

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// Books are what everybody must hold by the receipts alone, in plain Go. Who is refused,
// and why, is not theirs to know: sim/audit has a model of each contract.
type books struct {
	payees   []Payee
	balances []*big.Int
	deposits map[payment.ChannelID]*big.Int // of open channels
	payers   map[payment.ChannelID]payment.Account
	locked   *big.Int
	income   *big.Int // in the split, not settled
	credits  []*big.Int
}

func newBooks(d *desk) *books {
	m := &books{payees: d.genesis.Payees, deposits: map[payment.ChannelID]*big.Int{}, payers: map[payment.ChannelID]payment.Account{},
		locked: new(big.Int), income: new(big.Int)}
	for a := range payment.Account(d.genesis.Accounts) {
		m.balances = append(m.balances, d.Balance(a))
	}
	for range m.payees {
		m.credits = append(m.credits, new(big.Int))
	}
	return m
}

// share divides by the largest remainder with rational numbers and a sort.
func share(amount *big.Int, bps []int) []*big.Int {
	type part struct {
		i     int
		whole *big.Int
		rest  *big.Rat
	}
	parts, left := make([]part, len(bps)), new(big.Int).Set(amount)
	for i, b := range bps {
		exact := new(big.Rat).Mul(new(big.Rat).SetInt(amount), big.NewRat(int64(b), 10_000))
		whole := new(big.Int).Quo(exact.Num(), exact.Denom())
		parts[i] = part{i, whole, new(big.Rat).Sub(exact, new(big.Rat).SetInt(whole))}
		left.Sub(left, whole)
	}
	slices.SortStableFunc(parts, func(a, b part) int { return b.rest.Cmp(a.rest) })
	out := make([]*big.Int, len(bps))
	for rank, p := range parts {
		if int64(rank) < left.Int64() {
			p.whole.Add(p.whole, big.NewInt(1))
		}
		out[p.i] = p.whole
	}
	return out
}

// note books a receipt.
func (m *books) note(tx *payment.Tx, r *payment.Receipt) {
	purse := m.balances[tx.From]
	if purse.Sub(purse, wei(r.Fee)); !r.OK {
		return
	}
	switch amount := wei(tx.Amount); tx.Kind {
	case payment.Open:
		m.deposits[tx.Channel], m.payers[tx.Channel] = amount, tx.From
		purse.Sub(purse, amount)
		m.locked.Add(m.locked, amount)
	case payment.Close:
		m.close(tx.Channel, amount)
	case payment.Finalize:
		m.close(tx.Channel, new(big.Int))
	case payment.Settle:
		bps := make([]int, len(m.payees))
		for i, p := range m.payees {
			bps[i] = p.BPS
		}
		for i, part := range share(m.income, bps) {
			m.credits[i].Add(m.credits[i], part)
		}
		m.income.SetInt64(0)
	case payment.Withdraw:
		i := slices.IndexFunc(m.payees, func(p Payee) bool { return p.Account == tx.Payer })
		m.balances[tx.Payer].Add(m.balances[tx.Payer], m.credits[i])
		m.credits[i].SetInt64(0)
	}
}

// close divides an open channel's deposit between the split and its payer.
func (m *books) close(id payment.ChannelID, paid *big.Int) {
	deposit, payer := m.deposits[id], m.balances[m.payers[id]]
	delete(m.deposits, id)
	m.income.Add(m.income, paid)
	payer.Add(payer, new(big.Int).Sub(deposit, paid))
	m.locked.Sub(m.locked, deposit)
}

// differs says where the chain and the books disagree.
func (m *books) differs(d *desk) string {
	for a, want := range m.balances {
		if got := d.Balance(payment.Account(a)); got.Cmp(want) != 0 {
			return fmt.Sprintf("account %d holds %v, should hold %v", a, got, want)
		}
	}
	split := new(big.Int).Set(m.income)
	for i, want := range m.credits {
		if got := d.Credits()[i]; got.Cmp(want) != 0 {
			return fmt.Sprintf("payee %d has a credit of %v, should have %v", i, got, want)
		}
		split.Add(split, want)
	}
	if got := d.SplitBalance(); got.Cmp(split) != 0 {
		return fmt.Sprintf("the split holds %v, should hold %v", got, split)
	}
	if got := d.Locked(); got.Cmp(m.locked) != 0 {
		return fmt.Sprintf("the channels hold %v, should hold %v", got, m.locked)
	}
	if held, supply := d.held(), d.Supply(); held.Cmp(supply) != 0 {
		return fmt.Sprintf("all hold %v, there are %v", held, supply)
	}
	return ""
}

// random draws a transaction, most of the time a sensible one.
func (d *desk) random(rng *rand.Rand) (tx payment.Tx) {
	anybody := func() payment.Account { return payment.Account(rng.IntN(d.genesis.Accounts)) }
	payer, nonce := firstPayer+payment.Account(rng.IntN(d.genesis.Accounts-int(firstPayer))), rng.Uint64N(12)
	id := d.Signer().Channel(payer, nonce)
	switch rng.IntN(12) {
	case 0, 1, 2, 3:
		tx = d.open(payer, nonce, unit.Wei(rng.Uint64N(uint64(eth/4))))
		if rng.IntN(30) == 0 {
			tx.Amount = 0
		}
	case 4, 5, 6:
		tx = d.close(payer, nonce, unit.Wei(rng.Uint64N(uint64(eth/8))))
		if rng.IntN(10) == 0 {
			tx.Sig[rng.IntN(64)] ^= 1 << rng.IntN(8)
		}
		if rng.IntN(10) == 0 {
			tx.From = anybody()
		}
	case 7, 8:
		tx = payment.Tx{Kind: payment.Request, From: payer, Payer: payer, Channel: id}
	case 9:
		tx = payment.Tx{Kind: payment.Finalize, From: payer, Payer: payer, Channel: id}
		if rng.IntN(5) == 0 {
			tx.From = anybody()
		}
	case 10:
		tx = payment.Tx{Kind: payment.Settle, From: anybody()}
	case 11:
		tx = d.withdraw(payment.Account(rng.IntN(int(firstPayer) + 1)))
		if rng.IntN(10) == 0 {
			tx = payment.Tx{Kind: payment.Register, From: anybody(), Channel: payment.ChannelID{byte(rng.IntN(5))}}
		}
	}
	return tx
}

// TestMoneyFollowsReceipts plays random transactions and compares, after every block,
// what everybody holds with what the receipts say, to the wei.
func TestMoneyFollowsReceipts(t *testing.T) {
	const seeds, blocks = 3, 250
	seen := map[string]int{}
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 0))
		cfg := testConfig()
		cfg.ChallengePeriod = 5 * cfg.BlockTime
		cfg.Background = 0.5
		d := newDesk(t, cfg, int(firstPayer)+6)
		m := newBooks(d)
		for range blocks {
			var txs []payment.Tx
			for range rng.IntN(8) {
				tx := d.random(rng)
				d.last++
				tx.ID = d.last
				d.Submit(d.Next(), tx)
				txs = append(txs, tx)
			}
			got := map[uint32]payment.Receipt{}
			d.Advance(d.Next(), func(r payment.Receipt) { got[r.ID] = r })
			if len(got) != len(txs) {
				t.Fatalf("seed %d, block %d: %d receipts for %d transactions", seed, d.Height(), len(got), len(txs))
			}
			for i := range txs {
				r := got[txs[i].ID]
				m.note(&txs[i], &r)
				seen[operations[r.Kind].name+" "+r.Reason]++
			}
			if why := m.differs(d); why != "" {
				t.Fatalf("seed %d, block %d: %s", seed, d.Height(), why)
			}
		}
	}
	// Operations that never succeed, or errors that never occur, prove nothing.
	total := 0
	for _, n := range seen {
		total += n
	}
	for _, want := range []string{"open ", "close ", "request ", "finalize ", "settle ", "withdraw ", "register ", "open ChannelExists",
		"open NoDeposit", "open InsufficientFunds", "close OverDeposit", "close BadVoucher", "close NotCollector", "close NotOpen",
		"request AlreadyRequested", "request NotOpen", "finalize TooEarly", "finalize NotPayer", "finalize NotOpen", "withdraw NothingDue",
		"register AlreadyRegistered"} {
		if seen[want] == 0 {
			t.Errorf("%q never happened in %d transactions", want, total)
		}
	}
	if total < 2000 {
		t.Errorf("only %d transactions", total)
	}
}
