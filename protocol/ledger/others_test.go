package ledger

import (
	"math/big"
	"testing"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// Each asset has its split: what is paid into one is divided among its payees
// and nobody else's. A split that is not there is refused.
func TestOtherAssetsHaveSplitsOfTheirOwn(t *testing.T) {
	g := testGenesis(20)
	g.Others = [][]Payee{{{10, 2500}, {11, 7500}}, {{11, 10_000}}}
	c, err := New(testConfig(), 1, g)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[uint32]string{}
	do := func(id uint32, tx payment.Tx) {
		tx.ID, tx.From = id, 12
		c.Submit(c.next, tx)
		c.Advance(c.next, func(r payment.Receipt) { reasons[r.ID] = r.Reason })
	}
	for i, amount := range []unit.Wei{1000, 2002, 5} {
		do(uint32(i), payment.Tx{Kind: payment.Pay, Split: uint32(i), Amount: amount})
	}
	if got := c.Splits(); got[0].Int64() != 1000 || got[1].Int64() != 2002 || got[2].Int64() != 5 {
		t.Errorf("the splits hold %v", got)
	}
	do(3, payment.Tx{Kind: payment.Settle, Split: 1})
	do(4, payment.Tx{Kind: payment.Withdraw, Split: 1, Payer: 10})
	do(5, payment.Tx{Kind: payment.Withdraw, Split: 1, Payer: 11})
	do(6, payment.Tx{Kind: payment.Withdraw, Split: 1, Payer: payee1})
	do(7, payment.Tx{Kind: payment.Pay, Split: 3, Amount: 1})
	for a, want := range map[payment.Account]int64{10: 501, 11: 1501, payee1: 0} { // 500.5 each way: the odd wei to the first named
		if got := new(big.Int).Sub(c.Balance(a), new(big.Int).SetUint64(uint64(eth))); got.Int64() != want {
			t.Errorf("account %d got %v, want %d", a, got, want)
		}
	}
	if reasons[6] != "NothingDue" || reasons[7] != NoContract {
		t.Errorf("%v", reasons)
	}
}
