package ledger

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// allotment is what account a holds at genesis.
func (c *Chain) allotment(a payment.Account) *big.Int {
	if a == c.genesis.Creator || a == c.genesis.Collector || slices.Contains(c.genesis.Buyers, a) || int(a) >= c.genesis.Accounts-c.genesis.Actors {
		return Purse()
	}
	return new(big.Int).SetUint64(uint64(c.genesis.Balance))
}

// allot gives every account its allotment. The sum counts as supply at once; an
// account's part enters the state when the account is first used, which nothing
// on the chain can tell: before that nobody has derived its address. It saves
// deriving the addresses of accounts that never pay.
func (c *Chain) allot() {
	g := &c.genesis
	purses := int64(2)
	if g.Creator == g.Collector {
		purses = 1
	}
	purses += int64(len(g.Buyers) + g.Actors)
	c.supply.Mul(big.NewInt(int64(g.Accounts)-purses), new(big.Int).SetUint64(uint64(g.Balance)))
	purses += 1 + int64(g.staff) // and the deployer's
	c.supply.Add(&c.supply, new(big.Int).Mul(big.NewInt(purses), Purse()))
	c.world.enter(c.deployer, Purse())
	c.wake(g.Creator)
	c.wake(g.Collector)
	for _, payees := range append([][]Payee{g.Payees}, g.Others...) {
		for _, p := range payees {
			c.wake(p.Account)
		}
	}
}

// wake enters a's allotment into the state, once.
func (c *Chain) wake(a payment.Account) {
	if x := c.wallets.at(a); !x.awake {
		x.awake = true
		c.world.enter(c.wallets.address(a), c.allotment(a))
	}
}

// deploy builds the first block. It counts as used to the target, so that the
// base fee at the start is the one configured.
func (c *Chain) deploy() error {
	c.height++
	c.world.open(c.height, epoch, c.cfg.GasLimit, c.baseFee, c.blobFee)
	defer c.world.close()
	creator := c.wallets.address(c.genesis.Creator)
	var err error
	if c.registry, err = c.first(deployRegistry, c.deployer, nil, c.suite.Registry.Code); err != nil {
		return err
	}
	if c.channels, err = c.first(deployChannels, c.deployer, nil, c.suite.Channels.Code); err != nil {
		return err
	}
	if err := c.divide(creator); err != nil {
		return err
	}
	for _, name := range c.genesis.Contracts {
		if err := c.establish(name); err != nil {
			return err
		}
	}
	if c.genesis.staff > 0 && c.place == payment.OnL1 {
		c.deployInbox()
	}
	_, err = c.first(operation(payment.Register), creator, &c.registry, c.registration(c.genesis.ContentID))
	return err
}

// divide deploys the splits.
func (c *Chain) divide(creator common.Address) error {
	for _, payees := range append([][]Payee{c.genesis.Payees}, c.genesis.Others...) {
		owners, shares := make([]common.Address, len(payees)), make([]uint16, len(payees))
		for i, p := range payees {
			owners[i], shares[i] = c.wallets.address(p.Account), uint16(p.BPS)
		}
		split, err := c.first(deploySplit, creator, nil, creation(c.suite.Split.Code, c.suite.Split.PackConstructor(owners, shares)))
		if err != nil {
			return err
		}
		c.splits = append(c.splits, split)
	}
	c.split = c.splits[0]
	return nil
}

// first executes one transaction of the first block.
func (c *Chain) first(op operation, from common.Address, to *common.Address, data []byte) (common.Address, error) {
	offer := price{tip: uint64(c.cfg.Tip), cap: c.baseFee + uint64(c.cfg.Tip)}
	o, included := c.world.execute(&call{from: from, to: to, data: data, gasLimit: c.cfg.limit(op), offer: offer})
	if !included {
		panic("ledger: a purse does not pay for the first block")
	}
	c.gas.add(op, &o)
	if !o.ok {
		return common.Address{}, fmt.Errorf("genesis: %s: the contract says %s", operations[op].name, c.reason(&o))
	}
	return o.created, nil
}

// creation is the data of a transaction that deploys code with the packed
// arguments of its constructor.
func creation(code, args []byte) []byte { return append(bytes.Clone(code), args...) }

// Stand executes txs, which were sent long before the start, in one block,
// however large. It is called before anything is submitted.
func (c *Chain) Stand(txs []payment.Tx) (receipts []payment.Receipt) {
	if len(txs) == 0 {
		return nil
	}
	for i := range txs {
		c.wake(txs[i].From)
	}
	c.height++
	c.world.open(c.height, epoch, c.cfg.GasLimit, c.baseFee, c.blobFee)
	defer c.world.close()
	offer := price{tip: uint64(c.cfg.Tip), cap: c.baseFee + uint64(c.cfg.Tip)}
	for i := range txs {
		tx, op := &txs[i], c.operation(&txs[i])
		to, data := c.encode(tx)
		o, included := c.world.execute(&call{from: c.wallets.address(tx.From), to: &to, value: c.value(tx), data: data,
			gasLimit: c.cfg.limit(op), offer: offer})
		if !included {
			receipts = append(receipts, c.receipt(tx, InsufficientFunds))
			continue
		}
		r := c.answer(tx, &o)
		r.Gas, r.Fee = o.gas, unit.Wei(o.gas*o.price)
		c.gas.add(op, &o)
		receipts = append(receipts, r)
	}
	return receipts
}
