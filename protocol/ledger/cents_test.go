package ledger

import (
	"flag"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

var cents = flag.Int("cents", 10_000, "how many payments TestEveryCentOnChain sends; docs/explanation/ledger.md has what a million came to")

// A branch is a split of a tree of splits, or, without shares, a payee's wallet.
type branch struct {
	at      common.Address
	bps     []int
	below   []*branch
	part    *big.Rat // of what comes in at the root
	waits   big.Int  // by package payment: came in and is not divided; of a wallet, all it got
	owed    []big.Int
	settled int // how often anything was divided
	rounds  int // settlements on the way here, this one's not counted
}

// A forest is where trees of splits grow: a machine, and who pays all gas.
type forest struct {
	*Bare
	t     testing.TB
	split *contracts.Split
	gas   uint64
	calls int
	last  uint64
}

// payer sends everything that happens to a tree.
const payer = payment.Account(0)

// batch executes many calls in one block, each of which must succeed.
func (f *forest) batch(calls ...call) (all []outcome) {
	f.t.Helper()
	f.begin()
	defer f.world.close()
	for i := range calls {
		c := &calls[i]
		c.from, c.gasLimit = f.Address(payer), bareGas
		o, included := f.world.execute(c)
		if !included || !o.ok {
			f.t.Fatalf("call %d: %s", i, f.outcome(&o).Reason)
		}
		f.gas, f.calls = f.gas+o.gas, f.calls+1
		all = append(all, o)
	}
	return all
}

// grow deploys a tree of splits up to depth levels high, whose payees may be
// splits, from its leaves on.
func (f *forest) grow(r *rand.Rand, depth int, part *big.Rat) *branch {
	b := &branch{part: part}
	if depth == 0 {
		f.last++
		b.at = common.BytesToAddress(append([]byte{1}, word(f.last)[24:]...))
		return b
	}
	b.bps = shares(r, 1+r.IntN(payment.MaxPayees))
	b.owed = make([]big.Int, len(b.bps))
	at, bps := make([]common.Address, len(b.bps)), make([]uint16, len(b.bps))
	for i, s := range b.bps {
		under := 0
		if r.IntN(4) == 0 || depth > 1 && i == 0 {
			under = depth - 1
		}
		b.below = append(b.below, f.grow(r, under, new(big.Rat).Mul(part, big.NewRat(int64(s), 10_000))))
		at[i], bps[i] = b.below[i].at, uint16(s)
	}
	b.at = f.batch(call{data: creation(f.split.Code, f.split.PackConstructor(at, bps))})[0].created
	return b
}

// settle divides what waits, on the chain and by package payment.
func (b *branch) settle(f *forest) (calls []call) {
	if b.waits.Sign() > 0 {
		for i, p := range payment.Divide(&b.waits, b.bps) {
			b.owed[i].Add(&b.owed[i], p)
		}
		b.waits.SetInt64(0)
		b.settled++
	}
	return []call{{to: &b.at, data: f.split.PackSettle()}}
}

// payOut moves on what payees have a credit of.
func (b *branch) payOut(f *forest) (calls []call) {
	for i := range b.owed {
		if b.owed[i].Sign() > 0 {
			b.below[i].waits.Add(&b.below[i].waits, &b.owed[i])
			b.owed[i].SetInt64(0)
			calls = append(calls, call{to: &b.at, data: f.split.PackWithdraw(b.below[i].at)})
		}
	}
	return calls
}

// each visits b and all below it, from the top.
func (b *branch) each(visit func(*branch)) {
	visit(b)
	for _, x := range b.below {
		x.rounds = b.rounds + b.settled
		x.each(visit)
	}
}

// pay sends n payments of 1 wei to an ether into a tree, which settles and pays
// out at random times, and says what came in.
func (b *branch) pay(f *forest, r *rand.Rand, n int) *big.Int {
	var splits []*branch
	b.each(func(x *branch) {
		if len(x.bps) > 0 {
			splits = append(splits, x)
		}
	})
	sum := new(big.Int)
	var calls []call
	for range n {
		amount := 1 + r.Uint64N(uint64(1)<<r.IntN(60))
		x := new(big.Int).SetUint64(amount)
		sum.Add(sum, x)
		b.waits.Add(&b.waits, x)
		calls = append(calls, call{to: &b.at, value: amount})
		if r.IntN(8) == 0 {
			calls = append(calls, b.settle(f)...)
		}
		if r.IntN(8) == 0 {
			calls = append(calls, splits[r.IntN(len(splits))].settle(f)...)
		}
		if r.IntN(32) == 0 {
			calls = append(calls, splits[r.IntN(len(splits))].payOut(f)...)
		}
	}
	f.batch(calls...)
	return sum
}

// check holds a tree to what came in: nothing is lost, every balance is what
// package payment says, and with exact fractions each settlement on a payee's
// way puts it off by less than one wei. It gives by how much the worst is off
// for a payment.
func (b *branch) check(f *forest, paid *big.Int, n int, held bool) (worst float64) {
	f.t.Helper()
	sum := new(big.Int)
	b.each(func(x *branch) {
		got, want := f.Balance(x.at), new(big.Int).Set(&x.waits)
		for i := range x.owed {
			want.Add(want, &x.owed[i])
		}
		sum.Add(sum, got)
		if got.Cmp(want) != 0 {
			f.t.Fatalf("%v has %v wei on the chain, by package payment %v", x.at, got, want)
		}
		if len(x.bps) > 0 || held {
			return
		}
		due := new(big.Rat).Mul(x.part, new(big.Rat).SetInt(paid))
		off, _ := due.Sub(due, new(big.Rat).SetInt(got)).Float64()
		if off = max(off, -off); off >= float64(x.rounds) && off > 0 {
			f.t.Fatalf("%v is off by %v wei after %d settlements", x.at, off, x.rounds)
		}
		worst = max(worst, off/float64(n))
	})
	if sum.Cmp(paid) != 0 {
		f.t.Fatalf("%v wei came in, %v are there", paid, sum)
	}
	return worst
}

// Payments go through trees of real splits. At any time sum in is sum out and
// sum held; in the end no payee is off by more than a wei a payment.
func TestEveryCentOnChain(t *testing.T) {
	const perTree = 500
	r := rand.New(rand.NewPCG(1, 2))
	suite := contracts.New()
	worst, trees, most := 0.0, 0, 0
	f := &forest{t: t, split: suite.Split}
	for done := 0; done < *cents; done += perTree {
		if trees%50 == 0 {
			f.Bare = NewBare(suite, uint64(trees), 1)
			f.begin()
			f.world.close()
			f.world.enter(f.Address(payer), new(big.Int).Lsh(ether(), 20))
		}
		trees++
		root := f.grow(r, 1+r.IntN(4), big.NewRat(1, 1))
		paid := root.pay(f, r, perTree)
		root.check(f, paid, perTree, true)
		wallets := 0
		root.each(func(x *branch) {
			if len(x.bps) > 0 {
				f.batch(x.settle(f)...)
				f.batch(x.payOut(f)...)
			} else {
				wallets++
			}
		})
		most = max(most, wallets)
		worst = max(worst, root.check(f, paid, perTree, false))
	}
	if worst > 1 {
		t.Errorf("a payee is off by %v wei for each payment", worst)
	}
	t.Logf("%d payments into %d trees of up to %d payees, %d transactions, %d gas: the worst payee is off by %.3f wei for each payment",
		*cents, trees, most, f.calls, f.gas, worst)
}
