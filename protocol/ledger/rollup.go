package ledger

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// RollupConfig is a second layer: a chain of one sequencer, which posts what it
// has executed to the first.
type RollupConfig struct {
	On            bool          `yaml:"on" doc:"Whether the contracts are on a rollup; its users have the same balances on both layers."`
	BlockTime     time.Duration `yaml:"block_time" doc:"Time between two blocks of the sequencer. Below a second several blocks have the same timestamp."`
	GasLimit      uint64        `yaml:"gas_limit" doc:"Gas that fits in a block of the sequencer."`
	BaseFee       unit.Wei      `yaml:"base_fee" doc:"Base fee at the start, for one gas on the rollup."`
	Tip           unit.Wei      `yaml:"tip" doc:"What every sender offers the sequencer, for one gas."`
	Receipt       Stage         `yaml:"receipt" doc:"When a receipt is given out: soft, by the sequencer's word; posted, once the batch is confirmed on the first layer; final, once that block is final."`
	Data          Data          `yaml:"data" doc:"What batches are posted as."`
	BatchSize     unit.Size     `yaml:"batch_size" doc:"Compressed bytes at which a batch is posted."`
	BatchEvery    time.Duration `yaml:"batch_every" doc:"The longest that a transaction waits for its batch to be posted."`
	Compression   unit.Ratio    `yaml:"compression" doc:"Bytes of a batch after compression as part of those of its transactions."`
	Outage        Outage        `yaml:"outage" doc:"A time in which the sequencer makes no block and posts no batch."`
	ForceAfter    time.Duration `yaml:"force_after" doc:"How long a sender waits for the sequencer before it puts its transaction on the first layer, at its own cost; the rollup must then include it, sequencer or not. 0s: it waits on."`
	Lies          unit.Ratio    `yaml:"lies" doc:"Probability before each block of the sequencer that it takes back what it has confirmed softly: 1 to 7 of its newest blocks, drawn, as far as they are not posted. Their transactions wait again. Only with receipt: soft, since nobody else was told."`
	WithdrawDelay time.Duration `yaml:"withdraw_delay" doc:"Time in which a posted batch can be disputed: only after it a withdrawal can be claimed on the first layer."`
}

// An Outage is a time without a sequencer.
type Outage struct {
	At  time.Duration `yaml:"at" doc:"When it begins."`
	For time.Duration `yaml:"for" doc:"How long it lasts; 0s is no outage."`
}

func (o Outage) covers(at time.Duration) bool { return at >= o.At && at < o.At+o.For }

// A Stage is how far a transaction of a rollup has come.
type Stage string

// Stages.
const (
	Soft   Stage = "soft"
	Posted Stage = "posted"
	Final  Stage = "final"
)

// Names lists the stages.
func (Stage) Names() []string { return []string{string(Soft), string(Posted), string(Final)} }

// UnmarshalText accepts the names in Names.
func (s *Stage) UnmarshalText(b []byte) error { return choose(s, b, s.Names()) }

// Data is what batches are posted as.
type Data string

// Kinds of Data.
const (
	Blobs    Data = "blobs"
	Calldata Data = "calldata"
)

// Names lists the kinds of data.
func (Data) Names() []string { return []string{string(Blobs), string(Calldata)} }

// UnmarshalText accepts the names in Names.
func (d *Data) UnmarshalText(b []byte) error { return choose(d, b, d.Names()) }

func choose[T ~string](to *T, b []byte, names []string) error {
	for _, n := range names {
		if n == string(b) {
			*to = T(n)
			return nil
		}
	}
	return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(names, ", "))
}

// defaultRollup is like the optimistic rollups of 2025: 2 s blocks, blobs, a
// week to dispute. Fees and compression are round numbers to be set by whoever
// has better ones.
func defaultRollup() RollupConfig {
	return RollupConfig{BlockTime: 2 * time.Second, GasLimit: 60_000_000, BaseFee: gwei / 1000, Tip: gwei / 10_000, Receipt: Soft,
		Data: Blobs, BatchSize: blobBytes, BatchEvery: 5 * time.Minute, Compression: 0.5, WithdrawDelay: 7 * 24 * time.Hour}
}

// Limits of a RollupConfig.
const (
	minRollupTime = 50 * time.Millisecond
	maxBatch      = unit.Size(maxBlobsOfOne * blobBytes)
	maxCalldata   = unit.Size(120_000) // nodes take no transaction above 128 KiB
)

func (c *RollupConfig) check(check func(ok bool, key, format string, args ...any)) {
	day := 24 * time.Hour
	check(c.BlockTime >= minRollupTime && c.BlockTime <= time.Minute, "block_time", "%v is not between %v and 1m", c.BlockTime, minRollupTime)
	check(c.GasLimit >= MinGasLimit && c.GasLimit <= MaxGasLimit, "gas_limit", "%d is not between %d and %d", c.GasLimit, MinGasLimit, MaxGasLimit)
	check(c.BaseFee >= 7 && c.BaseFee <= MaxFeeCap, "base_fee", "%v is not between 7wei and %v", c.BaseFee, MaxFeeCap)
	check(c.Tip <= MaxFeeCap, "tip", "%v is above %v", c.Tip, MaxFeeCap)
	most := maxBatch
	if c.Data == Calldata {
		most = maxCalldata
	}
	check(c.BatchSize >= 1000 && c.BatchSize <= max(most, blobBytes), "batch_size", "%v is not between 1kB and %v, what one transaction can carry", c.BatchSize, most)
	check(c.BatchEvery >= time.Second && c.BatchEvery <= day, "batch_every", "%v is not between 1s and 24h", c.BatchEvery)
	check(c.Compression >= 0.01 && c.Compression <= 1, "compression", "%v is not between 1%% and 100%%", c.Compression)
	check(c.Outage.At >= 0, "outage.at", "%v is negative", c.Outage.At)
	check(c.Outage.For >= 0 && c.Outage.For <= 7*day, "outage.for", "%v is not between 0s and 168h", c.Outage.For)
	check(c.ForceAfter >= 0 && c.ForceAfter <= 7*day, "force_after", "%v is not between 0s and 168h", c.ForceAfter)
	check(c.Lies >= 0 && c.Lies <= maxMissed, "lies", "%v is not between 0%% and %v: a chain grows", c.Lies, maxMissed)
	check(c.Lies == 0 || c.Receipt == Soft, "lies", "nobody is told before a batch is posted: take it out, or write receipt: soft")
	check(c.WithdrawDelay >= 0 && c.WithdrawDelay <= 30*day, "withdraw_delay", "%v is not between 0s and 720h", c.WithdrawDelay)
}

// above is what the second layer of a rollup has besides what every chain has.
type above struct {
	drag     uint64 // how many times slower than on the first layer the base fee moves
	byteFee  uint64 // wei that a transaction pays for each of its bytes
	outage   Outage
	patience time.Duration // after which senders go by the first layer; 0: never
	waiting  []raise       // when they do
	forced   []slot        // come by the first layer, in order
	included func(*slot, *call, payment.Receipt)
	fixed    time.Duration // blocks until then are posted, or on their way
	mark     func() mark   // what is to be posted, before a block
	reset    func(mark)    // to what it was
}

// stands says whether there is no sequencer at a time.
func (a *above) stands(at time.Duration) bool { return a.outage.covers(at) }

// force includes what came by the first layer, before all else, in order, as
// far as it fits and can pay.
func (c *Chain) force(at time.Duration, room *room) {
	n := 0
	for n < len(c.above.forced) && c.above.forced[n].gas <= room.gas {
		if s := &c.above.forced[n]; s.price.cap < c.baseFee {
			c.ready = append(c.ready, c.receipt(&s.tx, Underpriced))
		} else {
			room.gas -= c.include(s, at)
		}
		n++
	}
	c.above.forced = c.above.forced[n:]
}

// Accounts of a rollup on its first layer, after those of the genesis.
const (
	sequencer = iota
	claimant  // claims withdrawals for whoever they are of
	staff
)

// A Rollup is two chains of one genesis, the second of which posts its
// transactions to the first. Its own methods are those of the second layer,
// where a method's contracts are; First is the other.
//
// A block's timestamp is its time in whole seconds, rounded down, so that several
// blocks of a fast sequencer share one: timestamps never fall.
type Rollup struct {
	*Chain
	cfg       RollupConfig
	first     *Chain
	open      batch    // that fills
	batches   []*batch // posted or on their way, oldest first
	handed    int      // so many of them have given out their receipts
	sent      uint32   // transactions of the staff
	detours   []slot   // on their way by the first layer
	owed      []*batch // with withdrawals that are not claimed yet
	exits     uint64   // withdrawals so far
	confirmed uint64   // postings that the first layer has confirmed
	heard     uint64   // forced transactions that it has
	duties    big.Int
	forced    int
	news      []payment.Receipt // for the next Advance to hand out
	claims    map[uint32]exit   // under way on the first layer, by their transactions; looked up, never walked
	landed    []Landing
}

// NewRollup makes both layers. The error says what is wrong with cfg or g.
func NewRollup(cfg Config, seed uint64, g Genesis) (*Rollup, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := g.Validate(); err != nil {
		return nil, err
	}
	g.staff = staff
	first, err := newChain(cfg, seed, g, ChainID)
	if err != nil {
		return nil, err
	}
	second, err := newChain(cfg.second(), seed, g, RollupID)
	if err != nil {
		return nil, err
	}
	r := &Rollup{Chain: second, claims: map[uint32]exit{}, cfg: cfg.Rollup, first: first}
	second.above = above{drag: max(1, uint64(cfg.BlockTime/cfg.Rollup.BlockTime)), outage: cfg.Rollup.Outage,
		patience: cfg.Rollup.ForceAfter, included: r.take, mark: r.mark, reset: r.reset}
	for i := range payment.Account(staff) {
		first.wake(r.staff(i))
	}
	first.endow()
	r.reprice()
	return r, nil
}

// second is the configuration of the second layer: no fork, no proposer who
// misses a turn, nobody else.
func (c Config) second() Config {
	c.BlockTime, c.GasLimit, c.BaseFee, c.Tip = c.Rollup.BlockTime, c.Rollup.GasLimit, c.Rollup.BaseFee, c.Rollup.Tip
	c.FeeCap = max(c.FeeCap, c.BaseFee+c.Tip)
	c.Reorgs = Reorgs{Rate: c.Rollup.Lies, Depth: MaxReorg}
	c.Missed, c.Gossip, c.BumpAfter, c.Background, c.BlobBackground = 0, 0, 0, 0, 0
	c.Confirmations, c.Fees = 0, Series{}
	return c
}

func (r *Rollup) staff(i payment.Account) payment.Account {
	return payment.Account(r.first.genesis.Accounts) + i
}

// First is the first layer: what is submitted to it is executed by its own
// contracts, and its receipts come out of the Rollup's Advance.
func (r *Rollup) First() *Chain { return r.first }

// Submit puts tx into the pool of the layer that its Place names: the second
// unless that is payment.OnL1.
func (r *Rollup) Submit(now time.Duration, tx payment.Tx) {
	if tx.Place == payment.OnL1 {
		r.first.Submit(now, tx)
		return
	}
	r.Chain.Submit(now, tx)
}

// Next is when either layer next wants Advance.
func (r *Rollup) Next() time.Duration { return min(r.first.next, r.Chain.next) }

// Pending is how many transactions wait for a block of either layer.
func (r *Rollup) Pending() int { return r.first.Pending() + r.Chain.Pending() + len(r.above.forced) }

// Busy says that there are transactions whose receipts are still to come.
func (r *Rollup) Busy() bool {
	return r.Chain.Busy() || r.Pending() > 0 || len(r.detours) > 0 ||
		r.cfg.Receipt != Soft && (!r.Settled() || slices.ContainsFunc(r.batches[r.handed:], func(b *batch) bool { return !b.given }))
}

// Settled says whether all that the second layer executed is posted and
// confirmed.
func (r *Rollup) Settled() bool {
	for _, b := range r.batches {
		if !b.posted() {
			return false
		}
	}
	return len(r.open.txs) == 0 && len(r.detours) == 0
}

// Advance builds every block of both layers due up to now, the first layer's
// before the second's, and hands out receipts.
func (r *Rollup) Advance(now time.Duration, emit func(payment.Receipt)) {
	for {
		at := min(r.Next(), now)
		due := at == r.first.next
		r.first.Advance(at, func(p payment.Receipt) { r.hear(at, p) })
		if due {
			r.reprice()
		}
		r.Chain.Advance(at, r.executed)
		r.goAround(at)
		r.batch(at)
		r.release(at)
		if r.Next() > now {
			break
		}
	}
	news := r.news
	r.news = nil
	for _, p := range news {
		emit(p)
	}
}
