package ledger

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/holiman/uint256"

	"kinetoscope/protocol/payment"
)

// play runs random transactions and digests every receipt and the final root.
// It asks for the root after every block if often is set.
func play(t *testing.T, seed uint64, often bool) string {
	return playLagging(t, seed, often, writeBehind)
}

func playLagging(t *testing.T, seed uint64, often bool, lag int) string {
	d, rng, h := newDesk(t, testConfig(), 40), rand.New(rand.NewPCG(seed, 9)), sha256.New()
	d.world.lag = lag
	for range 60 {
		for range rng.IntN(20) {
			tx := d.random(rng)
			d.last++
			tx.ID = d.last
			d.Submit(d.Next(), tx)
		}
		d.Advance(d.Next(), func(r payment.Receipt) { fmt.Fprintf(h, "%+v\n", r) })
		if often {
			d.Root()
		}
	}
	fmt.Fprintf(h, "%x %v %v\n", d.Root(), d.Supply(), d.GasByKind())
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestSameSeedSameBytes(t *testing.T) {
	want := play(t, 1, false)
	for _, procs := range []int{1, 2, 2} {
		old := runtime.GOMAXPROCS(procs)
		got := play(t, 1, false)
		runtime.GOMAXPROCS(old)
		if got != want {
			t.Errorf("on %d cores: %s, before %s", procs, got, want)
		}
	}
	if got := play(t, 1, true); got != want {
		t.Errorf("asking for the root after every block: %s, before %s", got, want)
	}
	for _, lag := range []int{1, math.MaxInt} { // written after every block, and never
		if got := playLagging(t, 1, false, lag); got != want {
			t.Errorf("with a state that keeps %d at hand: %s, before %s", lag, got, want)
		}
	}
	if play(t, 2, false) == want {
		t.Error("another workload gives the same")
	}
}

// The digest over machines and versions: it moves when gas, keys, the state or
// the order of transactions do.
func TestRootIsGolden(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	d.must(d.open(firstPayer, 0, milli))
	if got, want := fmt.Sprintf("%x", d.Root()), "12f86c294367954769587b9eba23f6881c5150d2f635850fda88ab852b4dffb1"; got != want {
		t.Errorf("root %s, want %s", got, want)
	}
	g := testGenesis(10)
	other, err := New(testConfig(), 2, g)
	if err != nil {
		t.Fatal(err)
	}
	if other.Root() == newDesk(t, testConfig(), 10).Root() {
		t.Error("another seed gives the same root")
	}
}

// Accounts that nobody uses change nothing but the supply.
func TestUnusedAccountsChangeNothing(t *testing.T) {
	few, many := newDesk(t, testConfig(), 10), newDesk(t, testConfig(), 5000)
	for _, d := range []*desk{few, many} {
		d.must(d.open(firstPayer, 0, milli))
	}
	if few.Root() != many.Root() {
		t.Error("the roots differ")
	}
	if got := new(big.Int).Sub(many.Supply(), few.Supply()); got.Cmp(new(big.Int).Mul(big.NewInt(4990), wei(eth))) != 0 {
		t.Errorf("4990 more accounts with an ether each make the supply larger by %v", got)
	}
	if got := many.Balance(4999); got.Cmp(wei(eth)) != 0 {
		t.Errorf("an account that nobody used holds %v", got)
	}
	root := many.Root()
	many.Balance(4998)
	if many.Signer().Channel(4997, 0); many.Root() != root {
		t.Error("looking at an account changes the root")
	}
}

func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	play(t, 3, true)
	if after := runtime.NumGoroutine(); after != before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// broken runs f and wants it to panic with all the words.
func broken(t *testing.T, f func(), words ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		said := fmt.Sprint(recover())
		for _, w := range words {
			if !strings.Contains(said, w) {
				t.Errorf("%q does not say %q", said, w)
			}
		}
	}()
	f()
}

// One wei that comes or goes in a block is caught when the block ends.
func TestAuditCatchesOneWei(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(w *world, s watched, d *desk)
	}{
		{"made", func(w *world, s watched, d *desk) {
			s.AddBalance(d.split, uint256.NewInt(1), tracing.BalanceChangeUnspecified)
		}},
		{"lost", func(w *world, s watched, d *desk) {
			s.SubBalance(proposer, uint256.NewInt(1), tracing.BalanceChangeUnspecified)
		}},
		{"burnt but not counted", func(w *world, s watched, d *desk) { w.audit.burnt.SubUint64(&w.audit.burnt, 1) }},
		{"behind the watch", func(w *world, s watched, d *desk) {
			w.state.AddBalance(proposer, uint256.NewInt(1), tracing.BalanceChangeUnspecified)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, testConfig(), 10)
			d.wake(firstPayer)
			d.world.open(2, epoch+12, d.cfg.GasLimit, d.baseFee, d.blobFee)
			settle := call{from: d.wallets.address(firstPayer), to: &d.split, data: d.suite.Split.PackSettle(), gasLimit: 100_000,
				offer: price{tip: 1, cap: 2 * d.baseFee}}
			if _, included := d.world.execute(&settle); !included {
				t.Fatal("not included")
			}
			c.f(d.world, watched{d.world.state, d.world}, d)
			broken(t, d.world.close, "wei not conserved in block 2 (seed 1)")
		})
	}
}

func TestMisusePanics(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	broken(t, func() { d.Submit(d.Next()+1, d.open(firstPayer, 0, milli)) }, "Submit at 12.000000001s before Advance to the block due at 12s")
	broken(t, func() { d.Balance(10) }, "account 10 is asked for, there are 10")
	broken(t, func() { d.Signer().Channel(10, 0) }, "account 10 is asked for")
	broken(t, func() { d.Signer().Sign(10, &payment.Voucher{}) }, "account 10 is asked for")
}

// What a receipt leads to may be submitted while receipts are handed out.
func TestSubmitFromEmit(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	d.Submit(0, d.open(firstPayer, 0, milli))
	heights := []uint64{}
	for range 3 {
		now := d.Next()
		d.Advance(now, func(r payment.Receipt) {
			heights = append(heights, r.Height)
			if r.Kind == payment.Open {
				d.Submit(now, d.close(firstPayer, 0, milli))
			}
		})
	}
	if fmt.Sprint(heights) != "[2 3]" {
		t.Errorf("receipts of blocks %v", heights)
	}
}
