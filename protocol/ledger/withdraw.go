package ledger

import (
	"math/big"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// An exit is wei that have left the second layer.
type exit struct {
	from   payment.Account
	amount unit.Wei
	at     time.Duration // when the second layer executed it
}

// Withdraw moves wei of from's to the first layer: they leave the second with
// its next block, and come to from's account on the first when the batch that
// says so has been posted and cannot be disputed any more. Nothing happens if
// from does not have them.
func (r *Rollup) Withdraw(now time.Duration, from payment.Account, amount unit.Wei) {
	c := r.Chain
	c.wake(from)
	c.wake(r.staff(bridge))
	to := c.wallets.address(r.staff(bridge))
	t := &call{from: c.wallets.address(from), to: &to, value: uint64(amount), gasLimit: transferGas * c.cfg.Fork.dearer()}
	c.send(slot{tx: payment.Tx{Kind: other, From: from, Amount: amount}, price: c.usual().price(), gas: t.gasLimit, since: now, other: t})
}

const transferGas = 21_000

// release pays those who have waited long enough.
func (r *Rollup) release(now time.Duration) {
	for len(r.exits) > 0 {
		e := r.exits[0]
		b := r.batchOf(e.at)
		if b == nil || !b.posted() || now < b.at+r.cfg.WithdrawDelay {
			return
		}
		r.exits = r.exits[1:]
		to := r.first.wallets.address(e.from)
		r.first.wake(e.from)
		r.sent++
		r.send(now, bridge, r.sent, &call{to: &to, value: uint64(e.amount), gasLimit: transferGas * r.first.cfg.Fork.dearer()})
	}
}

// batchOf is the batch that holds what the second layer executed at a time, or
// nil if it is not on its way.
func (r *Rollup) batchOf(at time.Duration) *batch {
	i, _ := slices.BinarySearchFunc(r.batches, at, func(b *batch, at time.Duration) int {
		if b.until < at {
			return -1
		}
		return 1
	})
	if i == len(r.batches) {
		return nil
	}
	return r.batches[i]
}

// RollupStats is what a rollup has counted beside what its layers count.
type RollupStats struct {
	Batches, Blobs int
	Bytes          int             // compressed, of all batches
	Txs            int             // in all batches
	Fees           *big.Int        // wei that posting cost on the first layer, of batches confirmed there
	Duties         *big.Int        // wei that users paid for their bytes
	Forced         int             // transactions that went by the first layer
	Delays         []time.Duration // of each transaction in a batch that is confirmed: then - submitted
}

// Posting is what the rollup has counted so far.
func (r *Rollup) Posting() RollupStats {
	s := RollupStats{Fees: new(big.Int), Duties: new(big.Int).Set(&r.duties), Forced: r.forced}
	for _, b := range r.batches {
		if !b.posted() {
			continue
		}
		s.Batches++
		s.Blobs += b.blobs
		s.Bytes += r.packed(b.bytes)
		s.Txs += len(b.txs)
		s.Fees.Add(s.Fees, new(big.Int).SetUint64(uint64(b.fee)))
		for _, t := range b.txs {
			s.Delays = append(s.Delays, b.at-t)
		}
	}
	return s
}
