package ledger

import (
	"bytes"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// An exit is wei that have left the second layer.
type exit struct {
	from   payment.Account
	amount unit.Wei
	nonce  uint64   // tells withdrawals apart
	fee    unit.Wei // that leaving took on the second layer
}

// A Landing is wei that have come to an account on the first layer.
type Landing struct {
	Account payment.Account
	Amount  unit.Wei
	Fee     unit.Wei // of leaving the second layer: the account's own
	Claim   unit.Wei // of the claim on the first, which somebody made for it
}

// Landed are the withdrawals that the first layer has confirmed since the last call.
func (r *Rollup) Landed() []Landing {
	all := r.landed
	r.landed = nil
	return all
}

// Withdraw moves wei of from's to the first layer: they leave the second with
// its next block, and come to from's account on the first when the batch that
// says so has been posted and cannot be disputed any more. Nothing happens if
// from does not have them.
func (r *Rollup) Withdraw(now time.Duration, from payment.Account, amount unit.Wei) {
	c := r.Chain
	c.wake(from)
	c.wake(r.staff(claimant))
	to := c.wallets.address(r.staff(claimant))
	t := &call{from: c.wallets.address(from), to: &to, value: uint64(amount), gasLimit: transferGas * c.cfg.Fork.dearer()}
	c.send(slot{tx: payment.Tx{Kind: other, From: from, Amount: amount}, price: c.usual().price(), gas: t.gasLimit, since: now, other: t})
}

const transferGas = 21_000

// release claims for all whose batch nobody can dispute any more.
func (r *Rollup) release(now time.Duration) {
	for len(r.owed) > 0 && r.owed[0].posted() && now >= r.owed[0].at+r.cfg.WithdrawDelay {
		b := r.owed[0]
		r.owed = r.owed[1:]
		tree := r.tree(b)
		for i, e := range b.exits {
			r.first.wake(e.from)
			r.sent++
			r.claims[r.sent] = e
			data := r.first.suite.RollupInbox.PackWithdraw(b.index, r.first.wallets.address(e.from),
				new(big.Int).SetUint64(uint64(e.amount)), new(big.Int).SetUint64(e.nonce), tree.path(i))
			r.send(now, claimant, r.sent, &call{to: &r.first.inbox, data: data, gasLimit: batchGas * r.first.cfg.Fork.dearer()})
		}
	}
}

// deployInbox puts the contract that batches go to into the first block. What
// it cost is in no table: it is there before anybody uses the rollup.
func (c *Chain) deployInbox() {
	at := func(who payment.Account) common.Address {
		return c.wallets.address(payment.Account(c.genesis.Accounts) + who)
	}
	in := c.suite.RollupInbox
	patience := time.Hour + 2*time.Duration(c.cfg.Confirmations)*c.cfg.BlockTime
	args := in.PackConstructor(at(sequencer), c.deployer, uint64(patience/time.Second), uint64(c.cfg.Rollup.WithdrawDelay/time.Second))
	o, included := c.world.execute(&call{from: c.deployer, data: creation(in.Code, args), gasLimit: 2_000_000 * c.cfg.Fork.dearer(),
		offer: price{cap: c.baseFee}})
	if !included || !o.ok {
		panic(fmt.Sprintf("ledger: the inbox of a rollup cannot be deployed: %s", c.reason(&o)))
	}
	c.inbox = o.created
}

// endow gives the inbox what accounts have on the second layer.
func (c *Chain) endow() {
	c.world.enter(c.inbox, Purse())
	c.supply.Add(&c.supply, Purse())
}

// A tree is the withdrawals of a batch as OpenZeppelin's MerkleProof reads them,
// from the leaves to the root; a node without a neighbour moves up as it is.
type tree [][][32]byte

func (r *Rollup) tree(b *batch) tree {
	var row [][32]byte
	for _, e := range b.exits {
		to := r.first.wallets.address(e.from)
		leaf := crypto.Keccak256(common.LeftPadBytes(to[:], 32), word(uint64(e.amount)), word(e.nonce))
		row = append(row, crypto.Keccak256Hash(leaf))
	}
	t := tree{row}
	for len(row) > 1 {
		var up [][32]byte
		for i := 0; i+1 < len(row); i += 2 {
			a, b := row[i], row[i+1]
			if bytes.Compare(a[:], b[:]) > 0 {
				a, b = b, a
			}
			up = append(up, crypto.Keccak256Hash(a[:], b[:]))
		}
		if len(row)%2 == 1 {
			up = append(up, row[len(row)-1])
		}
		t, row = append(t, up), up
	}
	return t
}

// root is the hash of all; zero if there is nothing.
func (t tree) root() (h [32]byte) {
	if top := t[len(t)-1]; len(top) > 0 {
		h = top[0]
	}
	return h
}

// path leads from a leaf to the root.
func (t tree) path(i int) (path [][32]byte) {
	for _, row := range t[:len(t)-1] {
		if j := i ^ 1; j < len(row) {
			path = append(path, row[j])
		}
		i /= 2
	}
	return path
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
