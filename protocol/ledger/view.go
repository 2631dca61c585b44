package ledger

import (
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// Signer makes and checks vouchers with the accounts' keys, for the Channels
// contract of this chain.
func (c *Chain) Signer() payment.Signer { return c.signer }

// Height is the number of the last block.
func (c *Chain) Height() uint64 { return c.height }

// BaseFee is the base fee of the next block, in wei for one gas.
func (c *Chain) BaseFee() *big.Int { return new(big.Int).SetUint64(c.baseFee) }

// BlobFee is the blob base fee of the next block, in wei for one blob gas.
func (c *Chain) BlobFee() unit.Wei { return unit.Wei(c.blobFee) }

// Pending is how many transactions wait for a block.
func (c *Chain) Pending() int { return c.pool.count + len(c.air) }

// Busy says that there are transactions whose receipts are still to come.
func (c *Chain) Busy() bool { return c.Pending()+len(c.waiting)+len(c.ready) > 0 }

// Root is the root of the state, as Ethereum defines it, over all accounts that
// have been used. Asking changes nothing.
func (c *Chain) Root() [32]byte { return c.world.root() }

// Balance is what a holds, in wei. It panics for an account that does not exist.
func (c *Chain) Balance(a payment.Account) *big.Int {
	if !c.wallets.at(a).awake {
		return c.allotment(a)
	}
	return c.world.balance(c.wallets.address(a))
}

// Locked is what the Channels contract holds, in wei: the deposits of all open
// channels.
func (c *Chain) Locked() *big.Int { return c.world.balance(c.channels) }

// Held is what contracts hold for payers, in wei: Locked, and what the contracts
// of Genesis.Contracts hold.
func (c *Chain) Held() *big.Int {
	sum := c.Locked()
	for _, a := range c.extra {
		if a != (common.Address{}) {
			sum.Add(sum, c.world.balance(a))
		}
	}
	return sum
}

// SplitBalance is what the split holds, in wei: credits and what is not settled.
func (c *Chain) SplitBalance() *big.Int { return c.world.balance(c.split) }

// Splits is what each split holds, in wei: the asset's, then those of
// Genesis.Others.
func (c *Chain) Splits() (held []*big.Int) {
	for _, a := range c.splits {
		held = append(held, c.world.balance(a))
	}
	return held
}

// Credits is what each payee may withdraw from the split, in wei, in the order
// of Genesis.Payees.
func (c *Chain) Credits() []*big.Int {
	split := c.suite.Split
	credits := make([]*big.Int, len(c.genesis.Payees))
	for i, p := range c.genesis.Payees {
		account := must(split.UnpackAccounts(c.world.read(c.split, split.PackAccounts(c.wallets.address(p.Account)))))
		credits[i] = account.Credit
	}
	return credits
}

// Supply is all wei that exist: what the genesis gave out less what base fees
// have burnt. It is the sum of the balances of all accounts, Locked,
// SplitBalance, Tips and Remainder.
func (c *Chain) Supply() *big.Int { return new(big.Int).Sub(&c.supply, c.world.burnt) }

// Burnt is what base fees have burnt, in wei.
func (c *Chain) Burnt() *big.Int { return new(big.Int).Set(c.world.burnt) }

// Tips is what the blocks' proposers have got, in wei.
func (c *Chain) Tips() *big.Int { return c.world.balance(proposer) }

// Remainder is what the deployer of the shared contracts has left, in wei.
func (c *Chain) Remainder() *big.Int { return c.world.balance(c.deployer) }

// must is what a contract of ours has answered, which its binding can read.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("ledger: a contract's answer: %v", err))
	}
	return v
}
