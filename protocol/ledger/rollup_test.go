package ledger

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A counter is a rollup, and who stands in front of it.
type counter struct {
	*Rollup
	t        testing.TB
	now      time.Duration
	receipts []payment.Receipt
}

func rollupConfig() Config {
	c := testConfig()
	c.Rollup.On, c.Rollup.BlockTime, c.Rollup.BatchEvery = true, 250*time.Millisecond, 30*time.Second
	return c
}

func newCounter(t testing.TB, cfg Config, accounts int) *counter {
	t.Helper()
	r, err := NewRollup(cfg, 1, testGenesis(accounts))
	if err != nil {
		t.Fatal(err)
	}
	return &counter{Rollup: r, t: t}
}

// until lets everything happen up to a time.
func (c *counter) until(at time.Duration) {
	for c.Next() <= at {
		c.now = c.Next()
		c.Advance(c.now, func(r payment.Receipt) { c.receipts = append(c.receipts, r) })
	}
	c.now = at
}

func (c *counter) open(payer payment.Account) payment.Tx {
	return payment.Tx{ID: uint32(payer), Kind: payment.Open, From: payer, Payer: payer, Amount: milli, Channel: c.Signer().Channel(payer, 0)}
}

// whole holds that no wei is lost on either layer.
func (c *counter) whole() {
	c.t.Helper()
	for _, layer := range []*Chain{c.Chain, c.First()} {
		d := desk{Chain: layer, t: c.t}
		sum := d.held()
		for i := range payment.Account(staff) {
			sum.Add(sum, layer.Balance(c.staff(i)))
		}
		if layer == c.First() {
			sum.Add(sum, layer.world.balance(layer.inbox))
		}
		if sum.Cmp(layer.Supply()) != 0 {
			c.t.Errorf("layer %d: %v held of %v", layer.place, sum, layer.Supply())
		}
	}
}

// The sequencer's word comes with its next block; the batch later, and it costs
// what a blob costs.
func TestRollupConfirmsSoftlyAndPosts(t *testing.T) {
	cfg := rollupConfig()
	c := newCounter(t, cfg, 20)
	c.Submit(0, c.open(firstPayer))
	c.until(250 * time.Millisecond)
	if len(c.receipts) != 1 || !c.receipts[0].OK || c.receipts[0].Place != payment.OnL2 {
		t.Fatalf("%+v", c.receipts)
	}
	if c.Settled() || c.Posting().Batches != 0 {
		t.Errorf("posted at once: %+v", c.Posting())
	}
	c.until(40 * time.Second)
	s := c.Posting()
	if !c.Settled() || s.Batches != 1 || s.Blobs != 1 || s.Txs != 1 || len(s.Delays) != 1 || s.Delays[0] != 36*time.Second {
		t.Errorf("%v %+v", c.Settled(), s)
	}
	base := c.First().Stats().HighestFee
	if least := unit.Wei(blobGas) * c.First().Stats().LowestBlob; s.Fees.Cmp(wei(least)) < 0 || s.Fees.Cmp(wei(least+100_000*(base+cfg.Tip))) > 0 {
		t.Errorf("a batch of one blob costs %v wei, the blob alone about %v", s.Fees, least)
	}
	if s.Duties.Sign() <= 0 || c.receipts[0].Fee < unit.Wei(s.Duties.Uint64()) {
		t.Errorf("duties of %v in a fee of %v", s.Duties, c.receipts[0].Fee)
	}
	c.whole()
}

// As calldata the same bytes cost 40 gas each.
func TestRollupPostsCalldata(t *testing.T) {
	cfg := rollupConfig()
	cfg.Rollup.Data = Calldata
	c := newCounter(t, cfg, 300)
	for i := range payment.Account(250) {
		c.Submit(0, c.open(firstPayer+i))
	}
	c.until(40 * time.Second)
	s := c.Posting()
	price := float64(c.First().Stats().HighestFee + cfg.Tip)
	fees, _ := new(big.Float).SetInt(s.Fees).Float64()
	if per := fees / price / float64(s.Bytes); s.Txs != 250 || s.Batches != 1 || per < 30 || per > 45 {
		t.Errorf("%.1f gas a byte; %+v", per, s.Txs)
	}
	duties, _ := new(big.Float).SetInt(s.Duties).Float64()
	if ratio := duties / fees; ratio < 0.9 || ratio > 2 {
		t.Errorf("users paid %.2f of what posting cost", ratio)
	}
	c.whole()
}

// Receipts wait for the stage that is asked for.
func TestRollupStages(t *testing.T) {
	for stage, want := range map[Stage]time.Duration{Soft: 250 * time.Millisecond, Posted: 36 * time.Second, Final: 36*time.Second + time.Minute} {
		cfg := rollupConfig()
		cfg.Rollup.Receipt, cfg.Finality = stage, time.Minute
		c := newCounter(t, cfg, 20)
		c.Submit(0, c.open(firstPayer))
		for len(c.receipts) == 0 && c.now < 5*time.Minute {
			c.until(c.now + 250*time.Millisecond)
		}
		if c.now != want {
			t.Errorf("%s: the receipt comes at %v, not %v", stage, c.now, want)
		}
	}
}

// In an outage nothing is executed; what waits comes when the sequencer is back,
// unless its sender goes by the first layer.
func TestRollupOutageAndForcedInclusion(t *testing.T) {
	for _, force := range []time.Duration{0, 20 * time.Second} {
		cfg := rollupConfig()
		cfg.Rollup.Outage, cfg.Rollup.ForceAfter = Outage{At: 10 * time.Second, For: 10 * time.Minute}, force
		c := newCounter(t, cfg, 20)
		c.until(15 * time.Second)
		height := c.Height()
		c.Submit(c.now, c.open(firstPayer))
		c.until(2 * time.Minute)
		if forced := force > 0; forced != (len(c.receipts) == 1) || (c.Height() > height) != forced || forced != (c.Posting().Forced == 1) {
			t.Errorf("force after %v: %d receipts in the outage, block %d after %d, %+v", force, len(c.receipts), c.Height(), height, c.Posting())
		}
		c.until(11 * time.Minute)
		if len(c.receipts) != 1 || !c.receipts[0].OK {
			t.Errorf("force after %v: %+v", force, c.receipts)
		}
		if toll := new(big.Int).Sub(wei(eth), c.First().Balance(firstPayer)); force > 0 && wei(c.receipts[0].Fee).Cmp(toll) <= 0 {
			t.Errorf("a fee of %v with a toll of %v wei", c.receipts[0].Fee, toll)
		}
		paid := c.First().Balance(firstPayer).Cmp(wei(eth)) < 0
		if paid != (force > 0) {
			t.Errorf("force after %v: on the first layer it holds %v", force, c.First().Balance(firstPayer))
		}
		c.whole()
	}
}

// A withdrawal arrives when its batch cannot be disputed any more, to the wei.
func TestRollupWithdrawal(t *testing.T) {
	cfg := rollupConfig()
	cfg.Rollup.WithdrawDelay = 10 * time.Minute
	c := newCounter(t, cfg, 20)
	c.Withdraw(0, firstPayer, milli)
	for i := range payment.Account(4) { // a tree whose last leaf is alone
		c.Withdraw(0, firstPayer+2+i, milli+unit.Wei(i))
	}
	c.Withdraw(0, firstPayer+1, 2*eth) // does not have them
	c.until(10*time.Minute + 30*time.Second)
	if got := c.First().Balance(firstPayer); got.Cmp(wei(eth)) != 0 {
		t.Errorf("before the delay is over it holds %v", got)
	}
	c.until(11 * time.Minute)
	if got := c.First().Balance(firstPayer); got.Cmp(wei(eth+milli)) != 0 {
		t.Errorf("after the delay it holds %v", got)
	}
	landed := c.Landed()
	if len(landed) != 5 || landed[0].Account != firstPayer || landed[0].Amount != milli || landed[0].Claim == 0 ||
		c.Balance(firstPayer).Cmp(wei(eth-milli-landed[0].Fee)) != 0 || len(c.Landed()) != 0 {
		t.Errorf("landed are %+v, %v stayed", landed, c.Balance(firstPayer))
	}
	if got := c.Balance(firstPayer); got.Cmp(wei(eth-milli)) >= 0 || c.First().Balance(firstPayer+1).Cmp(wei(eth)) != 0 {
		t.Errorf("on the second layer it holds %v", got)
	}
	for i := range payment.Account(4) {
		if got := c.First().Balance(firstPayer + 2 + i); got.Cmp(wei(eth+milli+unit.Wei(i))) != 0 {
			t.Errorf("account %d holds %v", firstPayer+2+i, got)
		}
	}
	c.whole()
}

// Transactions for the first layer go there.
func TestRollupHasTwoPlaces(t *testing.T) {
	c := newCounter(t, rollupConfig(), 20)
	tx := c.open(firstPayer)
	tx.Place, tx.Channel = payment.OnL1, c.First().Signer().Channel(firstPayer, 0)
	c.Submit(0, tx)
	c.until(time.Minute)
	if len(c.receipts) != 1 || c.receipts[0].Place != payment.OnL1 || !c.receipts[0].OK || c.Locked().Sign() != 0 || c.First().Locked().Cmp(wei(milli)) != 0 {
		t.Errorf("%+v, locked %v and %v", c.receipts, c.Locked(), c.First().Locked())
	}
	if c.Signer().Channel(firstPayer, 0) == c.First().Signer().Channel(firstPayer, 0) {
		t.Error("the same channel on both layers")
	}
}

// Blocks of one second share its timestamp; a batch that the first layer takes
// back is posted again, and receipts that rested on it are revoked.
func TestRollupOnAShakyLayer(t *testing.T) {
	cfg := rollupConfig()
	cfg.Rollup.Receipt, cfg.Reorgs, cfg.Missed, cfg.Rollup.BatchEvery = Posted, Reorgs{0.3, 4}, 0.1, 5*time.Second
	play := func() (string, int) {
		c, rng, revoked := newCounter(t, cfg, 100), rand.New(rand.NewPCG(1, 1)), 0
		for i := range payment.Account(60) {
			c.Submit(c.now, c.open(firstPayer+i))
			c.until(c.now + time.Duration(rng.IntN(20))*time.Second)
		}
		c.First().cfg.Reorgs.Rate = 0
		c.until(c.now + 10*time.Minute)
		said := map[uint32]int{}
		for _, r := range c.receipts {
			if said[r.ID]++; r.Reorged {
				revoked++
				said[r.ID] -= 2
			}
		}
		for id, n := range said {
			if n != 1 {
				t.Errorf("%d: %d receipts hold", id, n)
			}
		}
		if !c.Settled() || len(said) != 60 || c.Posting().Txs != 60 {
			t.Errorf("%d of 60, %+v", len(said), c.Posting().Txs)
		}
		c.whole()
		return fmt.Sprintf("%x %x %v", c.Root(), c.First().Root(), c.Posting().Fees), revoked
	}
	end, revoked := play()
	if revoked == 0 {
		t.Error("nothing was revoked")
	}
	if again, _ := play(); again != end {
		t.Errorf("%s, before %s", again, end)
	}
	const golden = "01b21df6326808cd7868e224b665beae8a55f1d81449602355f341d8a69c323b c1e3d4e2f8e6d1f5cc92dc7731c7595c23f936f272bc21e6f7dda4b50097638e" // roots of both layers
	if roots := strings.Join(strings.Fields(end)[:2], " "); roots != golden {
		t.Errorf("roots %s: what is executed has changed", roots)
	}
}

// What a sequencer takes back waits again and comes again; what is posted stays,
// no batch holds anything twice, and no wei is lost.
func TestRollupThatLies(t *testing.T) {
	cfg := rollupConfig()
	cfg.Rollup.Lies, cfg.Rollup.BatchEvery, cfg.Rollup.ForceAfter = 0.3, 5*time.Second, 3*time.Second
	cfg.Rollup.Outage = Outage{40 * time.Second, 20 * time.Second}
	c, rng := newCounter(t, cfg, 100), rand.New(rand.NewPCG(1, 1))
	for i := range payment.Account(60) {
		c.Submit(c.now, c.open(firstPayer+i))
		if i%5 == 0 {
			c.Withdraw(c.now, firstPayer+i, milli)
		}
		c.until(c.now + time.Duration(rng.IntN(20))*100*time.Millisecond)
	}
	c.until(c.now + 10*time.Minute)
	said, revoked := map[uint32]int{}, 0
	for _, r := range c.receipts {
		if said[r.ID]++; r.Reorged {
			revoked++
			said[r.ID] -= 2
		}
	}
	for id, n := range said {
		if n != 1 {
			t.Errorf("%d: %d receipts hold", id, n)
		}
	}
	if p := c.Posting(); !c.Settled() || len(said) != 60 || revoked == 0 || p.Txs+p.Forced != 72 || p.Forced == 0 {
		t.Errorf("%d of 60, %d revoked, %+v", len(said), revoked, p)
	}
	c.whole()
}

func TestRollupSaysWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		spoil func(c *RollupConfig)
		want  string
	}{
		{func(c *RollupConfig) { c.BlockTime = time.Millisecond }, "rollup.block_time: 1ms is not between 50ms and 1m"},
		{func(c *RollupConfig) { c.GasLimit = 1 }, "rollup.gas_limit: 1 is not between 10000000 and 1000000000"},
		{func(c *RollupConfig) { c.BaseFee = 1 }, "rollup.base_fee: 1wei is not between 7wei and 10000gwei"},
		{func(c *RollupConfig) { c.BatchSize = 1 }, "rollup.batch_size: 1B is not between 1kB and 744KiB, what one transaction can carry"},
		{func(c *RollupConfig) { c.BatchEvery = 0 }, "rollup.batch_every: 0s is not between 1s and 24h"},
		{func(c *RollupConfig) { c.Compression = 0 }, "rollup.compression: 0% is not between 1% and 100%"},
		{func(c *RollupConfig) { c.Outage = Outage{-1, -1} }, "rollup.outage.at: -1ns is negative\nrollup.outage.for: -1ns is not between 0s and 168h"},
		{func(c *RollupConfig) { c.ForceAfter = -1 }, "rollup.force_after: -1ns is not between 0s and 168h"},
		{func(c *RollupConfig) { c.Lies = 1 }, "rollup.lies: 100% is not between 0% and 90%: a chain grows"},
		{func(c *RollupConfig) { c.Lies, c.Receipt = 0.1, Final }, "rollup.lies: nobody is told before a batch is posted: take it out, or write receipt: soft"},
		{func(c *RollupConfig) { c.WithdrawDelay = -1 }, "rollup.withdraw_delay: -1ns is not between 0s and 720h"},
	} {
		cfg := Default()
		c.spoil(&cfg.Rollup)
		if _, err := NewRollup(cfg, 1, testGenesis(10)); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}
