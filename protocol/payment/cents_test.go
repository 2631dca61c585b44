package payment

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

// A branch is a split of a tree of splits, or, without shares, a payee's wallet.
type branch struct {
	bps     []int
	below   []*branch
	part    *big.Rat // of what comes in at the root
	waits   big.Int  // came in and is not divided; of a wallet: all it got
	settled int      // how often anything was divided
	rounds  int      // settlements on the way here, this one's not counted
}

// grow draws a tree of splits up to depth levels high, whose payees may be splits.
func grow(r *rand.Rand, depth int, part *big.Rat) *branch {
	b := &branch{part: part}
	if depth == 0 {
		return b
	}
	b.bps = randomShares(r)
	for _, s := range b.bps {
		under := 0
		if r.IntN(4) == 0 || depth > 1 && len(b.below) == 0 {
			under = depth - 1
		}
		b.below = append(b.below, grow(r, under, new(big.Rat).Mul(part, big.NewRat(int64(s), 10_000))))
	}
	return b
}

// settle divides what waits.
func (b *branch) settle() {
	if len(b.bps) == 0 || b.waits.Sign() == 0 {
		return
	}
	for i, p := range Divide(&b.waits, b.bps) {
		b.below[i].waits.Add(&b.below[i].waits, p)
	}
	b.waits.SetInt64(0)
	b.settled++
}

// each visits b and all below it, from the top.
func (b *branch) each(visit func(*branch)) {
	visit(b)
	for _, x := range b.below {
		x.rounds = b.rounds + b.settled
		x.each(visit)
	}
}

// payAll pays n amounts of 1 wei to 1 ether into random trees, which settle at
// random times, and says by how many wei the worst payee is off for each
// payment. By big.Rat, nothing is lost, and each settlement on a payee's way
// puts it off by less than one wei.
func payAll(t *testing.T, n int, r *rand.Rand) (worst float64) {
	const perTree = 500
	for done := 0; done < n; done += perTree {
		root := grow(r, 1+r.IntN(4), big.NewRat(1, 1))
		var all []*branch
		root.each(func(b *branch) { all = append(all, b) })
		paid := new(big.Int)
		for range perTree {
			amount := new(big.Int).SetUint64(1 + r.Uint64N(uint64(1)<<r.IntN(60)))
			paid.Add(paid, amount)
			root.waits.Add(&root.waits, amount)
			if r.IntN(3) == 0 {
				all[r.IntN(len(all))].settle()
			}
			if r.IntN(8) == 0 {
				root.settle()
			}
		}
		root.each((*branch).settle)
		sum := new(big.Int)
		root.each(func(b *branch) {
			sum.Add(sum, &b.waits)
			if len(b.bps) > 0 {
				return
			}
			due := new(big.Rat).Mul(b.part, new(big.Rat).SetInt(paid))
			off, _ := due.Sub(due, new(big.Rat).SetInt(&b.waits)).Float64()
			if off = max(off, -off); off >= float64(b.rounds) && off > 0 {
				t.Fatalf("a payee is off by %v wei after %d settlements", off, b.rounds)
			}
			worst = max(worst, off/perTree)
		})
		if sum.Cmp(paid) != 0 {
			t.Fatalf("%v came in, %v is there", paid, sum)
		}
	}
	if worst > 1 {
		t.Fatalf("a payee is off by %v wei for each payment", worst)
	}
	return worst
}

// A million payments are settled to the wei.
func TestEveryCent(t *testing.T) {
	worst := payAll(t, 1_000_000, rand.New(rand.NewPCG(1, 2)))
	t.Logf("the worst payee is off by %.3f wei for each payment", worst)
}

// What each way to round loses of payments of 7 and 9 wei in shares of 50.5, 49
// and 0.5 percent.
func TestRounding(t *testing.T) {
	amounts, bps := []*big.Int{big.NewInt(7), big.NewInt(9)}, []int{5050, 4900, 50}
	for r, want := range map[Rounding]string{LargestRemainder: "[8 8 0]", Floor: "[7 7 0]", Percent: "[7 7 0]"} {
		if got := fmt.Sprint(r.parts(amounts, bps)); got != want {
			t.Errorf("%s gives %s, not %s", r, got, want)
		}
	}
	big1 := []*big.Int{big.NewInt(10_000)}
	if got := fmt.Sprint(Percent.parts(big1, bps)); got != "[5000 4900 0]" {
		t.Errorf("whole percents give %s", got)
	}
	terms := NewTerms(Config{Method: Central, PlatformCut: 0.3, Rounding: Percent, Split: []Share{{"a", 0.995}, {"b", 0.005}}}, 1, 1)
	c := NewCollector(terms, 0, nil)
	c.Take(1, &Voucher{Amount: 1000, Signed: true})
	if cut, parts := c.Payout(); cut.Int64() != 307 || parts[0].Int64() != 693 || parts[1].Sign() != 0 {
		t.Errorf("of 1000 wei the platform keeps %v, the payees get %v", cut, parts)
	}
}
