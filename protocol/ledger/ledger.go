// Package ledger executes payment transactions on a real Ethereum Virtual
// Machine in virtual time: three contracts, gas, EIP-1559 fees, a pool of
// waiting transactions, blocks, receipts.
//
// The contracts (contracts/src) are an ERC-721 registry of assets whose
// royalties go to a split, the split itself, and unidirectional payment
// channels. A driver submits transactions, advances the chain to the present
// and gets receipts. Every block is audited: no wei appears or disappears.
//
// What it leaves out: consensus, forks of the chain and gossip; signatures of
// transactions (the ledger knows who sends; vouchers are signed for real);
// other people's transactions, of which only the gas is modelled; block hashes
// and state roots, but for Root when asked. It runs no goroutine beyond a call,
// and reads no clock, disk or network.
package ledger

import (
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
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
	suite   *suite
	wallets *wallets
	signer  *signer
	pool    *pool
	gas     gasTable

	deployer, registry, split, channels common.Address

	supply  big.Int // wei that the genesis gave out
	height  uint64
	next    time.Duration     // when the next block is due
	baseFee uint64            // of the next block; 7 <= baseFee, since the rule rounds falls down
	others  uint64            // other people's gas in a block at the starting base fee
	waiting []payment.Receipt // included, not confirmed yet, oldest first
	ready   []payment.Receipt // for the next Advance to hand out
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
	c := &Chain{cfg: cfg, genesis: g, world: newWorld(seed), suite: loadSuite(), wallets: newWallets(seed, g.Accounts),
		pool: newPool(cfg.Pool, g.Accounts), next: cfg.BlockTime, baseFee: uint64(cfg.BaseFee),
		others: uint64(float64(cfg.GasLimit)*float64(cfg.Background) + 0.5)}
	c.deployer = address(seed, deployer)
	c.allot()
	if err := c.deploy(); err != nil {
		return nil, err
	}
	c.signer = newSigner(c.wallets, c.channels, c.split)
	return c, nil
}

// Submit puts tx into the pool, from which the first block due at now or later
// may take it. A tx that is refused gets its receipt at the next Advance. It
// panics if a block that was due before now has not been built.
func (c *Chain) Submit(now time.Duration, tx payment.Tx) {
	if now > c.next {
		panic(fmt.Sprintf("ledger: Submit at %v before Advance to the block due at %v", now, c.next))
	}
	if why := c.refusal(&tx); why != "" {
		c.ready = append(c.ready, c.receipt(&tx, why))
		return
	}
	c.wake(tx.From)
	offer := price{tip: uint64(c.cfg.Tip), cap: uint64(c.cfg.FeeCap)}
	if !c.pool.add(tx, offer, operations[tx.Kind].gasLimit) {
		c.ready = append(c.ready, c.receipt(&tx, PoolFull))
	}
}

// Next is when the chain next wants Advance: when its next block is due.
func (c *Chain) Next() time.Duration { return c.next }

// Advance builds every block due up to now and hands out, in order, the
// receipts of refused transactions and of those that are confirmed. emit may
// call Submit.
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

// build makes the block that is due. Other people's gas comes first, then the
// pool's transactions, as many as fit.
func (c *Chain) build() {
	c.height++
	c.world.open(c.height, epoch+uint64(c.next/time.Second), c.cfg.GasLimit, c.baseFee)
	used := c.demand()
	c.pool.reprice(c.baseFee)
	for s := c.pool.peek(); s != nil; s = c.pool.peek() {
		if used+s.gas > c.cfg.GasLimit {
			if len(c.pool.skipped) == maxSkips {
				break
			}
			c.pool.skip()
			continue
		}
		used += c.include(s)
		c.pool.take()
	}
	c.pool.unskip()
	c.world.close()
	c.confirm()
	c.baseFee = c.world.nextBaseFee(c.cfg.GasLimit, used, c.baseFee)
	c.next += c.cfg.BlockTime
}

// include executes what waits in s and returns the gas that it used.
func (c *Chain) include(s *slot) uint64 {
	to, data := c.encode(&s.tx)
	t := call{from: c.wallets.address(s.tx.From), to: &to, data: data, gasLimit: s.gas, offer: s.price}
	if s.tx.Kind == payment.Open {
		t.value = uint64(s.tx.Amount)
	}
	o, included := c.world.execute(&t)
	if !included {
		c.ready = append(c.ready, c.receipt(&s.tx, InsufficientFunds))
		return 0
	}
	r := c.receipt(&s.tx, c.reason(&o))
	r.Gas, r.Fee = o.gas, unit.Wei(o.gas*o.price)
	c.gas.add(operation(s.tx.Kind), &o)
	c.waiting = append(c.waiting, r)
	return o.gas
}

// receipt is the receipt of tx, which failed unless why is empty.
func (c *Chain) receipt(tx *payment.Tx, why string) payment.Receipt {
	return payment.Receipt{ID: tx.ID, Kind: tx.Kind, From: tx.From, Payer: tx.Payer, Channel: tx.Channel, Amount: tx.Amount,
		OK: why == "", Height: c.height, Reason: why}
}

// reason says why o failed; empty if it did not.
func (c *Chain) reason(o *outcome) string {
	switch {
	case o.ok:
		return ""
	case o.fault != "":
		return o.fault
	}
	return c.suite.reason(o.data)
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
