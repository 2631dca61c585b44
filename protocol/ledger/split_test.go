package ledger

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/payment"
)

// shares draws n shares of at least one that make 10,000.
func shares(rng *rand.Rand, n int) (bps []int) {
	left := 10_000
	for i := range n {
		b := left
		if rest := n - 1 - i; rest > 0 {
			b = 1 + rng.IntN(left-rest)
			if rng.IntN(3) > 0 {
				b = min(b, 10_000/n)
			}
		}
		bps = append(bps, b)
		left -= b
	}
	return bps
}

// FuzzDivide compares the contract's division with one by rational numbers and
// with the one that the payment package does off the chain.
func FuzzDivide(f *testing.F) {
	d := newDesk(f, testConfig(), 20)
	var owners []common.Address
	for a := range payment.Account(payment.MaxPayees) {
		owners = append(owners, d.address(a))
	}
	split := d.suite.Split
	for _, hi := range []uint64{0, 1, 1 << 40} {
		for _, lo := range []uint64{0, 1, 9_999, 10_001, 1e18 - 1} {
			f.Add(hi, lo, hi^lo)
		}
	}
	for seed := range uint64(100) {
		f.Add(uint64(0), seed, seed)
	}
	f.Fuzz(func(t *testing.T, hi, lo, seed uint64) {
		d.t = t
		rng := rand.New(rand.NewPCG(seed, 0))
		n := 1 + rng.IntN(payment.MaxPayees)
		bps := shares(rng, n)
		shares16 := make([]uint16, n)
		for i, b := range bps {
			shares16[i] = uint16(b)
		}
		o := d.execute(call{from: owners[0], data: creation(split.Code, split.PackConstructor(owners[:n], shares16))})[0]
		if !o.ok {
			t.Fatalf("shares %v: %s", bps, d.reason(&o))
		}
		amount := new(big.Int).Lsh(new(big.Int).SetUint64(hi), 64)
		amount.Add(amount, new(big.Int).SetUint64(lo))
		parts := must(split.UnpackDivide(d.world.read(o.created, split.PackDivide(amount))))
		want, off, sum := share(amount, bps), payment.Divide(amount, bps), new(big.Int)
		for i := range bps {
			if parts[i].Cmp(want[i]) != 0 || off[i].Cmp(want[i]) != 0 {
				t.Fatalf("%v among %v: the contract gives %v, package payment %v, should be %v", amount, bps, parts, off, want)
			}
			sum.Add(sum, parts[i])
		}
		if sum.Cmp(amount) != 0 {
			t.Fatalf("%v among %v: the parts make %v", amount, bps, sum)
		}
	})
}

// Sixteen payees and many odd settlements: every credit is paid out, nothing is
// left, however often the split is settled in between.
func TestSplitPaysOutToTheWei(t *testing.T) {
	g := testGenesis(20)
	g.Payees = nil
	for i := range payment.MaxPayees {
		g.Payees = append(g.Payees, Payee{payment.Account(i), 625})
	}
	c, err := New(testConfig(), 1, g)
	if err != nil {
		t.Fatal(err)
	}
	d, rng := &desk{Chain: c, t: t}, rand.New(rand.NewPCG(3, 3))
	total, from := new(big.Int), d.address(17)
	for range 50 {
		n := rng.Uint64N(1000)
		total.Add(total, new(big.Int).SetUint64(n))
		d.execute(call{from: from, to: &d.split, value: n})
		if rng.IntN(2) == 0 {
			d.must(payment.Tx{Kind: payment.Settle, From: 18})
		}
	}
	d.must(payment.Tx{Kind: payment.Settle, From: 18})
	paid := new(big.Int)
	for i, credit := range d.Credits() {
		paid.Add(paid, credit)
		before := d.Balance(payment.Account(i))
		d.must(payment.Tx{Kind: payment.Withdraw, From: 18, Payer: payment.Account(i)})
		if got := before.Sub(d.Balance(payment.Account(i)), before); got.Cmp(credit) != 0 {
			t.Errorf("payee %d got %v of %v", i, got, credit)
		}
	}
	if paid.Cmp(total) != 0 || d.SplitBalance().Sign() != 0 {
		t.Errorf("%v came in, %v went out, %v are left", total, paid, d.SplitBalance())
	}
}
