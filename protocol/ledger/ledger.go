// Package ledger executes payment transactions on a real Ethereum Virtual
// Machine in virtual time: contracts, gas, EIP-1559 fees, a pool of waiting
// transactions, blocks, receipts.
//
// The contracts (contracts/src) are an ERC-721 registry of assets whose
// royalties go to a split, the split itself, unidirectional payment channels,
// and what Genesis.Contracts names: tickets, hash chains, reserve pools,
// storage deals, licences, ledger channels with hubs. A driver submits transactions, advances the chain to the present
// and gets receipts. Every block is audited: no wei appears or disappears.
//
// Blocks may be missed or taken back, as the configuration says.
//
// What it leaves out: consensus (which branch wins is drawn); signatures of
// transactions (the ledger knows who sends; vouchers are signed for real);
// other people's transactions, of which only the gas is modelled; block hashes
// and state roots, but for Root and ProveLicence when asked. It runs no goroutine beyond a call,
// and reads no clock, disk or network.
package ledger

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// epoch is the block timestamp at the start, in Unix seconds: 2026-01-01 UTC.
const epoch = 1_767_225_600

// maxSkips is how many transactions that are too large for what is left of a
// block are passed over before the block is closed.
const maxSkips = 16

// A Chain is one ledger. It belongs to one goroutine.
type Chain struct {
	cfg     Config
	genesis Genesis
	world   *world
	suite   *contracts.Suite
	wallets *wallets
	signer  *signer
	pool    *pool
	gas     gasTable
	stats   Stats

	deployer, registry, split, channels common.Address
	splits                              []common.Address                   // split, and those of Genesis.Others
	inbox                               common.Address                     // of the rollup on this chain
	extra                               [len(contractNames)]common.Address // of Genesis.Contracts; zero for the rest

	supply  big.Int // wei that the genesis gave out
	height  uint64
	turn    uint64            // how many blocks were due
	next    time.Duration     // when the next block is due
	baseFee uint64            // of the next block; 7 <= baseFee, since the rule rounds falls down
	others  uint64            // other people's gas in a block at the starting base fee
	fees    course            // of the base fee that they are used to
	waiting []payment.Receipt // included, not confirmed yet, oldest first
	ready   []payment.Receipt // for the next Advance to hand out
	air     []slot            // submitted and not heard of by the proposers, oldest first
	raises  []raise           // waiting transactions whose senders will offer more, soonest first
	kept    []block           // the newest ones, oldest first, if blocks are ever taken back

	blobFee    uint64 // of the next block
	excess     uint64 // of blob gas, from which the fee follows
	otherBlobs uint64 // other people's blob gas in a block at the starting blob fee
	target     int    // blobs that a block aims at
	maxBlobs   int    // blobs that a block holds

	ignored []payment.Account // by the proposers
	light   light

	place payment.Place
	above above // what a rollup's second layer has besides
}

// New makes a chain whose first block, at time zero, deploys the contracts and
// registers the asset by real transactions. The error says what is wrong with
// cfg or g.
func New(cfg Config, seed uint64, g Genesis) (*Chain, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := g.Validate(); err != nil {
		return nil, err
	}
	return newChain(cfg, seed, g, ChainID)
}

// newChain is New for a checked configuration and a chain of any id.
func newChain(cfg Config, seed uint64, g Genesis, id uint64) (*Chain, error) {
	c := &Chain{cfg: cfg, genesis: g, world: newWorld(seed, id, cfg.Fork), suite: contracts.New(), wallets: newWallets(seed, g.Accounts+g.staff),
		pool: newPool(cfg.Pool, g.Accounts+g.staff), next: cfg.BlockTime, baseFee: uint64(cfg.BaseFee),
		others: portion(cfg.GasLimit, cfg.Background), fees: newCourse(cfg.Fees), place: payment.OnL1, above: above{drag: 1}}
	if id == RollupID {
		c.place = payment.OnL2
	}
	c.target, c.maxBlobs = c.world.blobs()
	c.excess = c.world.excessOf(uint64(cfg.BlobFee))
	c.reckon()
	c.otherBlobs = portion(uint64(c.maxBlobs)*blobGas, cfg.BlobBackground)
	c.deployer = address(seed, deployer)
	c.allot()
	if err := c.deploy(); err != nil {
		return nil, err
	}
	c.signer = newSigner(c.wallets, id, c.channels, c.split, c.world.signers)
	return c, nil
}

// portion is a share of n, rounded to the nearest.
func portion(n uint64, share unit.Ratio) uint64 { return uint64(float64(n)*float64(share) + 0.5) }

// Submit puts tx into the pool, from which the first block due at now or later
// may take it, once it is heard of. A tx that is refused gets its receipt at the
// next Advance. It panics if a block that was due before now has not been built.
func (c *Chain) Submit(now time.Duration, tx payment.Tx) { c.SubmitFor(now, tx, c.usual()) }

// SubmitFor is Submit by a sender with an offer of its own.
func (c *Chain) SubmitFor(now time.Duration, tx payment.Tx, offer Offer) {
	if now > c.next {
		panic(fmt.Sprintf("ledger: Submit at %v before Advance to the block due at %v", now, c.next))
	}
	if why := c.refusal(&tx); why != "" {
		c.ready = append(c.ready, c.receipt(&tx, why))
		return
	}
	c.wake(tx.From)
	c.wakePaid(&tx)
	c.send(slot{tx: tx, price: offer.price(), gas: c.cfg.limit(c.operation(&tx)), since: now})
}

// send lets s begin its way to the proposers.
func (c *Chain) send(s slot) {
	if c.cfg.Gossip > 0 {
		c.air = append(c.air, s)
		return
	}
	c.hear(s)
}

// hear puts s into the pool.
func (c *Chain) hear(s slot) {
	id := c.pool.add(s)
	if id == none {
		c.ready = append(c.ready, c.receipt(&s.tx, PoolFull))
		return
	}
	if c.cfg.BumpAfter > 0 && s.other == nil {
		c.raises = append(c.raises, raise{s.since + c.cfg.BumpAfter, id, c.pool.slots[id].seq})
	}
	if c.above.patience > 0 {
		c.above.waiting = append(c.above.waiting, raise{s.since + c.above.patience, id, c.pool.slots[id].seq})
	}
}

// Next is when the chain next wants Advance: when its next block is due.
func (c *Chain) Next() time.Duration { return c.next }

// Advance builds every block due up to now and hands out, in order, the
// receipts of refused transactions, of those that are confirmed, and of those
// that were confirmed and are taken back. emit may call Submit.
func (c *Chain) Advance(now time.Duration, emit func(payment.Receipt)) {
	for c.next <= now {
		c.build()
	}
	ready := c.ready
	c.ready = nil
	for _, r := range ready {
		emit(r)
	}
}

// build makes the block that is due, unless its proposer misses its turn.
func (c *Chain) build() {
	c.turn++
	c.listen()
	switch {
	case c.happens("missed", c.cfg.Missed):
		c.stats.Missed++
	case c.above.stands(c.next):
		if len(c.above.forced) > 0 {
			c.produce(c.next, false)
		}
	default:
		c.reorganise()
		c.produce(c.next, true)
	}
	c.next += c.cfg.BlockTime
}

// produce makes one block. Other people's gas comes first, then the pool's
// transactions, as many as fit, unless nobody has heard of them.
func (c *Chain) produce(at time.Duration, heard bool) {
	c.height++
	c.begin(at)
	c.world.open(c.height, epoch+uint64(at/time.Second), c.cfg.GasLimit, c.baseFee, c.blobFee)
	room := room{gas: c.cfg.GasLimit - c.demand(at), blobs: c.maxBlobs - c.blobDemand()}
	c.force(at, &room)
	if heard {
		c.pool.reprice(c.baseFee)
		c.fill(at, &room)
		c.pool.unskip()
	}
	c.world.close()
	c.confirm()
	c.count()
	blobs := uint64(c.maxBlobs-room.blobs) * blobGas
	c.excess = c.nextExcess(blobs)
	c.baseFee = c.world.nextBaseFee(c.cfg.GasLimit, c.cfg.GasLimit-room.gas, c.baseFee, c.above.drag)
	c.reckon()
}

// room is what is left of a block.
type room struct {
	gas   uint64
	blobs int
}

// holds says whether what waits in s fits.
func (r *room) holds(s *slot) bool {
	return s.gas <= r.gas && (s.other == nil || s.other.blobs <= r.blobs)
}

func (c *Chain) fill(at time.Duration, room *room) {
	skips := 0
	for s := c.pool.peek(); s != nil; s = c.pool.peek() {
		if slices.Contains(c.ignored, s.tx.From) {
			c.pool.skip()
			continue
		}
		if !room.holds(s) {
			if skips++; skips > maxSkips {
				break
			}
			c.pool.skip()
			continue
		}
		room.gas -= c.include(s, at)
		if s.other != nil {
			room.blobs -= s.other.blobs
		}
		c.pool.take()
	}
}

// include executes what waits in s and returns the gas that it used.
func (c *Chain) include(s *slot, at time.Duration) uint64 {
	t := c.call(s)
	o, included := c.world.execute(t)
	if !included {
		c.ready = append(c.ready, c.receipt(&s.tx, InsufficientFunds))
		return 0
	}
	r := c.answer(&s.tx, &o)
	r.Gas, r.Fee = o.gas, unit.Wei(o.gas*o.price+uint64(t.blobs)*blobGas*c.blobFee+t.duty)+s.toll
	if s.other == nil {
		c.gas.add(c.operation(&s.tx), &o)
	}
	c.waiting = append(c.waiting, r)
	c.remember(s, r, &o)
	c.stats.Delays = append(c.stats.Delays, at-s.since)
	if c.above.included != nil {
		c.above.included(s, t, c.waiting[len(c.waiting)-1])
	}
	return o.gas
}

// call is what the transaction in s asks of the machine.
func (c *Chain) call(s *slot) *call {
	if s.other != nil {
		t := *s.other
		t.offer = s.price
		return &t
	}
	to, data := c.encode(&s.tx)
	t := &call{from: c.wallets.address(s.tx.From), to: &to, data: data, value: c.value(&s.tx), gasLimit: s.gas, offer: s.price}
	if c.above.byteFee > 0 && !s.forced {
		t.duty = c.above.byteFee * uint64(t.size())
	}
	return t
}

// receipt is the receipt of tx, which failed unless why is empty.
func (c *Chain) receipt(tx *payment.Tx, why string) payment.Receipt {
	return payment.Receipt{ID: tx.ID, Kind: tx.Kind, From: tx.From, Payer: tx.Payer, Channel: tx.Channel, Amount: tx.Amount, Split: tx.Split, Call: tx.Call,
		OK: why == "", Height: c.height, Reason: why, Place: c.place}
}

// answer is the receipt of tx, which was executed. Which of its sender's pools was
// locked, and what a ticket has paid, is the contract's word and not the sender's.
func (c *Chain) answer(tx *payment.Tx, o *outcome) payment.Receipt {
	r := c.receipt(tx, c.reason(o))
	if !o.ok {
		return r
	}
	switch tx.Call.(type) {
	case payment.LockPool:
		copy(r.Channel[:], o.data)
	case payment.RedeemTicket:
		r.Amount = unit.Wei(new(big.Int).SetBytes(o.data).Uint64())
	}
	return r
}

// reason says why o failed; empty if it did not.
func (c *Chain) reason(o *outcome) string {
	switch {
	case o.ok:
		return ""
	case o.fault != "":
		return o.fault
	}
	return c.suite.Reason(o.data)
}

// confirm readies the receipts that have enough blocks on top of theirs.
func (c *Chain) confirm() {
	n := 0
	for n < len(c.waiting) && c.waiting[n].Height+uint64(c.cfg.Confirmations) <= c.height {
		n++
	}
	c.ready = append(c.ready, c.waiting[:n]...)
	c.waiting = c.waiting[n:]
	if len(c.waiting) == 0 {
		c.waiting = nil
	}
}
