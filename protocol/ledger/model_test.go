package ledger

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A model is registry, split and channels and the accounts in plain Go: slow, obvious,
// and written from the contracts' description rather than from their source.
type model struct {
	cfg      Config
	payees   []Payee
	balances []*big.Int
	channels map[payment.ChannelID]*modelChannel
	locked   *big.Int
	income   *big.Int // in the split, not settled
	credits  []*big.Int
	assets   map[payment.ChannelID]bool
}

type modelChannel struct {
	payer    payment.Account
	deposit  *big.Int
	closed   bool
	closesAt time.Duration // zero if nobody asked
}

func newModel(d *desk) *model {
	m := &model{cfg: d.cfg, payees: d.genesis.Payees, channels: map[payment.ChannelID]*modelChannel{}, locked: new(big.Int), income: new(big.Int),
		assets: map[payment.ChannelID]bool{d.genesis.ContentID: true}}
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

// apply does what tx asks in a block at now and says why it fails. honest says
// whether the voucher of a Close is the payer's.
func (m *model) apply(tx *payment.Tx, now time.Duration, honest bool) string {
	amount := wei(tx.Amount)
	purse := m.balances[tx.From]
	need := wei(m.cfg.Reserve(tx.Kind))
	if tx.Kind == payment.Open {
		need.Add(need, amount)
	}
	if purse.Cmp(need) < 0 {
		return InsufficientFunds
	}
	c := m.channels[tx.Channel]
	switch tx.Kind {
	case payment.Register:
		if m.assets[tx.Channel] {
			return "AlreadyRegistered"
		}
		m.assets[tx.Channel] = true
	case payment.Open:
		switch {
		case tx.Amount == 0:
			return "NoDeposit"
		case c != nil:
			return "ChannelExists"
		}
		m.channels[tx.Channel] = &modelChannel{payer: tx.From, deposit: amount}
		purse.Sub(purse, amount)
		m.locked.Add(m.locked, amount)
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
		if i < 0 || m.credits[i].Sign() == 0 {
			return "NothingDue"
		}
		m.balances[tx.Payer].Add(m.balances[tx.Payer], m.credits[i])
		m.credits[i].SetInt64(0)
	default:
		if c == nil || c.closed {
			return "NotOpen"
		}
		return m.change(c, tx, amount, now, honest)
	}
	return ""
}

// change is apply for an open channel.
func (m *model) change(c *modelChannel, tx *payment.Tx, amount *big.Int, now time.Duration, honest bool) string {
	switch {
	case tx.Kind == payment.Close && tx.From != collector:
		return "NotCollector"
	case tx.Kind == payment.Close && amount.Cmp(c.deposit) > 0:
		return "OverDeposit"
	case tx.Kind == payment.Close && !honest:
		return "BadVoucher"
	case tx.Kind != payment.Close && tx.From != c.payer:
		return "NotPayer"
	case tx.Kind == payment.Request && c.closesAt != 0:
		return "AlreadyRequested"
	case tx.Kind == payment.Request:
		c.closesAt = now + m.cfg.ChallengePeriod
		return ""
	case tx.Kind == payment.Finalize && (c.closesAt == 0 || now < c.closesAt):
		return "TooEarly"
	case tx.Kind == payment.Finalize:
		amount = new(big.Int)
	}
	c.closed = true
	m.income.Add(m.income, amount)
	m.balances[c.payer].Add(m.balances[c.payer], new(big.Int).Sub(c.deposit, amount))
	m.locked.Sub(m.locked, c.deposit)
	return ""
}

// differs says where the chain and the model disagree.
func (m *model) differs(d *desk) string {
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

// random draws a transaction, most of the time a sensible one, and whether the
// voucher in it is honest.
func (d *desk) random(rng *rand.Rand) (tx payment.Tx, honest bool) {
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
		honest = rng.IntN(10) > 0
		if !honest {
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
	return tx, honest
}

// TestAgreesWithModel plays random transactions against the EVM and the model
// and compares every answer and every balance, to the wei.
func TestAgreesWithModel(t *testing.T) {
	const seeds, blocks = 3, 250
	seen := map[string]int{}
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 0))
		cfg := testConfig()
		cfg.ChallengePeriod = 5 * cfg.BlockTime
		cfg.Background = 0.5
		d := newDesk(t, cfg, int(firstPayer)+6)
		m := newModel(d)
		for range blocks {
			var txs []payment.Tx
			var honest []bool
			for range rng.IntN(8) {
				tx, h := d.random(rng)
				d.last++
				tx.ID = d.last
				d.Submit(d.Next(), tx)
				txs, honest = append(txs, tx), append(honest, h)
			}
			now := d.Next()
			got := map[uint32]payment.Receipt{}
			d.Advance(now, func(r payment.Receipt) { got[r.ID] = r })
			for i := range txs {
				tx := &txs[i]
				r := got[tx.ID]
				want := m.apply(tx, now, honest[i])
				if r.Reason != want || r.OK != (want == "") {
					t.Fatalf("seed %d, block %d: %s %+v: ok %v, %q; should be %q", seed, d.Height(), operations[tx.Kind].name, tx, r.OK, r.Reason, want)
				}
				m.balances[tx.From].Sub(m.balances[tx.From], wei(r.Fee))
				seen[operations[tx.Kind].name+" "+want]++
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
