package ledger

import (
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A Bare is the machine alone: no pool, no fee that moves, no contract but those
// that are deployed. Anybody calls anything, one transaction a block, and every
// block is audited as on a Chain. Gas is counted and costs nothing, so that
// balances change by what contracts do. It is for those who attack contracts.
type Bare struct {
	world   *world
	wallets *wallets
	first   payment.Account // in wallets, of whom it calls 0
	count   int
	suite   *contracts.Suite
	height  uint64
	now     time.Duration
}

// An Outcome is what became of one transaction.
type Outcome struct {
	OK      bool
	Reason  string // why it failed, as contracts.Suite.Reason names it; empty if it did not
	Gas     uint64
	Created common.Address // what it deployed
	Data    []byte         // what it returned, or what a revert said
}

// bareGas is the most that a transaction may use (EIP-7825).
const bareGas = 1 << 24

// NewBare is a chain of the newest fork that is live, on which every account
// holds an ether. suite names the errors.
func NewBare(suite *contracts.Suite, seed uint64, accounts int) *Bare {
	return newBare(suite, seed, ChainID, newWallets(seed, accounts), 0, accounts, ether())
}

// newBare is a chain of that id, whose accounts are some of wallets and hold a
// purse each.
func newBare(suite *contracts.Suite, seed, chainID uint64, w *wallets, first payment.Account, count int, purse *big.Int) *Bare {
	b := &Bare{world: newWorld(seed, chainID, Osaka), wallets: w, first: first, count: count, suite: suite}
	for a := range payment.Account(count) {
		b.world.enter(b.Address(a), purse)
	}
	b.begin()
	b.world.close()
	return b
}

// Abroad is another chain, of another id, on which the same accounts have the
// same keys and have done nothing yet: what they deploy comes to be at the
// addresses at which it did here. Each holds a Purse.
func (b *Bare) Abroad() *Bare {
	return newBare(b.suite, b.world.seed, RollupID, b.wallets, b.first, b.count, Purse())
}

// Abroad is the chain of another id for accounts of a run: so many from first on.
func (c *Chain) Abroad(first payment.Account, count int) *Bare {
	return newBare(c.suite, c.world.seed, RollupID, c.wallets, first, count, Purse())
}

// Address is where an account is.
func (b *Bare) Address(a payment.Account) common.Address { return b.wallets.address(b.first + a) }

// Sign signs a digest with an account's key.
func (b *Bare) Sign(a payment.Account, digest [32]byte) payment.Signature {
	return b.wallets.sign(b.first+a, digest)
}

// Now is the present, in Unix seconds: the time stamp of the newest block, and
// what was waited since.
func (b *Bare) Now() uint64 { return stamp(b.now) }

// Stamp is the time stamp of the newest block, which views see.
func (b *Bare) Stamp() uint64 { return b.world.block.Time }

// Wait lets time pass until the next block.
func (b *Bare) Wait(d time.Duration) { b.now += d }

// Balance is what an address holds, in wei.
func (b *Bare) Balance(a common.Address) *big.Int { return b.world.balance(a) }

// Deploy makes a contract of code and the packed arguments of its constructor.
func (b *Bare) Deploy(from payment.Account, code, args []byte) Outcome {
	return b.transact(call{from: b.Address(from), data: creation(code, args)})
}

// Call sends value and data to a contract, in a block of its own that follows
// the one before by a second.
func (b *Bare) Call(from payment.Account, to common.Address, value uint64, data []byte) Outcome {
	return b.transact(call{from: b.Address(from), to: &to, value: value, data: data})
}

// CallBlobs is Call with so many blobs and no value. It returns their hashes.
func (b *Bare) CallBlobs(from payment.Account, to common.Address, blobs int, data []byte) (o Outcome, hashes []common.Hash) {
	for i := range blobs {
		hashes = append(hashes, blobHash(b.world.txs, i))
	}
	return b.transact(call{from: b.Address(from), to: &to, blobs: blobs, data: data}), hashes
}

// Randao is the PREVRANDAO of the block so many after the newest.
func (b *Bare) Randao(after uint64) [32]byte { return b.world.randao(b.height + after) }

// Try is Call without any effect; it takes no time, and its gas is not counted.
func (b *Bare) Try(from payment.Account, to common.Address, value uint64, data []byte) Outcome {
	ret, err := b.world.try(&call{from: b.Address(from), to: &to, value: value, data: data, gasLimit: bareGas})
	return b.outcome(&outcome{ok: err == nil, data: ret, fault: fault(err)})
}

// Read is what a view function says, as of the newest block.
func (b *Bare) Read(to common.Address, data []byte) []byte { return b.world.read(to, data) }

func (b *Bare) begin() {
	b.height++
	b.now += time.Second
	b.world.open(b.height, stamp(b.now), 4*bareGas, 0, 0)
}

func (b *Bare) transact(c call) Outcome {
	c.gasLimit = bareGas
	b.begin()
	defer b.world.close()
	o, included := b.world.execute(&c)
	if !included {
		return Outcome{Reason: InsufficientFunds}
	}
	return b.outcome(&o)
}

func (b *Bare) outcome(o *outcome) Outcome {
	out := Outcome{OK: o.ok, Gas: o.gas, Created: o.created, Reason: o.fault, Data: o.data}
	if !o.ok && o.fault == "" {
		out.Reason = b.suite.Reason(o.data)
	}
	return out
}
