package ledger

import (
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// An Order is a transaction of an actor: somebody who speaks to any contract in
// its own words, and not by a payment.Tx. It goes through the pool, the blocks
// and the fees like all others.
type Order struct {
	From  payment.Account
	ID    uint32 // chosen by the sender, handed back in the Receipt
	To    *common.Address
	Value unit.Wei
	Data  []byte // nil To: creates the contract
	Gas   uint64 // limit
	Offer Offer
}

// MaxOrderGas is the most that an Order may use (EIP-7825).
const MaxOrderGas = bareGas

// Send puts an order into the pool, as Submit does with a payment.Tx. Its
// receipt has the kind payment.Invoke. It panics for a sender that does not
// exist.
func (c *Chain) Send(now time.Duration, o Order) {
	c.wake(o.From)
	t := &call{from: c.wallets.address(o.From), to: o.To, value: uint64(o.Value), data: o.Data, gasLimit: o.Gas}
	if c.above.byteFee > 0 {
		t.duty = c.above.byteFee * uint64(t.size())
	}
	c.send(slot{tx: payment.Tx{ID: o.ID, Kind: payment.Invoke, From: o.From}, price: o.Offer.price(), gas: o.Gas, since: now, other: t})
}

// Usual is what a sender with nothing special in mind offers now.
func (c *Chain) Usual() Offer { return c.usual() }

// Address is where an account is. Asking gives it what the genesis has for it.
func (c *Chain) Address(a payment.Account) common.Address {
	c.wake(a)
	return c.wallets.address(a)
}

// SignDigest signs a digest with an account's key.
func (c *Chain) SignDigest(a payment.Account, digest [32]byte) payment.Signature {
	return c.wallets.sign(a, digest)
}

// Creates is where the next contract of an account will be, if nothing of its
// waits.
func (c *Chain) Creates(a payment.Account) common.Address {
	at := c.wallets.address(a)
	return crypto.CreateAddress(at, c.world.state.GetNonce(at))
}

// Look is what a view function says, as of the last block.
func (c *Chain) Look(to common.Address, data []byte) []byte { return c.world.read(to, data) }

// Ask is what a view function says, and whether it says anything: it may refuse.
func (c *Chain) Ask(to common.Address, data []byte) ([]byte, bool) {
	out, err := c.world.try(&call{from: to, to: &to, data: data, gasLimit: bareGas})
	return out, err == nil
}

// BalanceAt is what an address holds, in wei.
func (c *Chain) BalanceAt(a common.Address) *big.Int { return c.world.balance(a) }

// Stamp is the timestamp of a block at a time, in Unix seconds.
func (c *Chain) Stamp(at time.Duration) uint64 { return stamp(at) }

// Headroom is how many times more gas a call may need than on Osaka.
func (f Fork) Headroom() uint64 { return f.dearer() }

// Room is the gas that a block due at a time has for us.
func (c *Chain) Room(at time.Duration) uint64 { return c.cfg.GasLimit - c.demand(at) }

// Ignore makes the proposers leave out what an account sends, or no longer.
func (c *Chain) Ignore(a payment.Account, ignored bool) {
	if i := slices.Index(c.ignored, a); ignored && i < 0 {
		c.ignored = append(c.ignored, a)
	} else if !ignored && i >= 0 {
		c.ignored = slices.Delete(c.ignored, i, i+1)
	}
}
