package ledger

import (
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/payment"
)

// An operation is a payment.TxKind, or one of those that only the first block
// holds.
type operation int

// Operations of the first block.
const (
	deployRegistry = operation(payment.Finalize) + 1 + iota
	deployChannels
	deploySplit
)

// operations has a name and a gas limit for each. The limits lie well above
// what the gas table in testdata has: Settle and deploySplit for
// payment.MaxPayees payees, Withdraw for a payee new to the chain. Those of the
// first block and of a registration together fit in MinGasLimit.
var operations = [...]struct {
	name     string
	gasLimit uint64
}{
	payment.Register: {"register", 200_000},
	payment.Open:     {"open", 150_000},
	payment.Close:    {"close", 200_000},
	payment.Settle:   {"settle", 600_000},
	payment.Withdraw: {"withdraw", 150_000},
	payment.Request:  {"request", 100_000},
	payment.Finalize: {"finalize", 150_000},
	deployRegistry:   {"deploy registry", 2_000_000},
	deployChannels:   {"deploy channels", 2_000_000},
	deploySplit:      {"deploy split", 3_000_000},
}

// Reasons in a Receipt that the ledger itself gives. All others are names of
// the contracts' errors, or OutOfGas.
const (
	UnknownKind       = "UnknownKind"       // no such payment.TxKind
	UnknownAccount    = "UnknownAccount"    // an account beyond Genesis.Accounts
	WrongChannel      = "WrongChannel"      // an Open whose Channel is not Signer.Channel(From, Nonce)
	PoolFull          = payment.PoolFull    // Config.Pool transactions wait already
	InsufficientFunds = "InsufficientFunds" // the sender has less than Amount and Config.Reserve when its turn comes
)

// refusal says why tx does not get into the pool, or is empty.
func (c *Chain) refusal(tx *payment.Tx) string {
	exists := func(a payment.Account) bool { return int64(a) < int64(c.genesis.Accounts) }
	switch {
	case tx.Kind > payment.Finalize:
		return UnknownKind
	case !exists(tx.From) || tx.Kind == payment.Withdraw && !exists(tx.Payer):
		return UnknownAccount
	case tx.Kind == payment.Open && tx.Channel != c.signer.Channel(tx.From, tx.Nonce):
		return WrongChannel
	}
	return ""
}

// encode is the contract that tx calls, and with what.
func (c *Chain) encode(tx *payment.Tx) (to common.Address, data []byte) {
	channels, split := &c.suite.channels, &c.suite.split
	switch tx.Kind {
	case payment.Register:
		return c.registry, c.registration(tx.Channel)
	case payment.Open:
		period := uint32(c.cfg.ChallengePeriod / time.Second)
		return c.channels, channels.call("open", c.split, c.wallets.address(c.genesis.Collector), tx.Nonce, period)
	case payment.Close:
		return c.channels, channels.call("close", tx.Channel, new(big.Int).SetUint64(uint64(tx.Amount)), tx.Sig[:])
	case payment.Settle:
		return c.split, split.call("settle")
	case payment.Withdraw:
		return c.split, split.call("withdraw", c.wallets.address(tx.Payer))
	case payment.Request:
		return c.channels, channels.call("requestClose", tx.Channel)
	case payment.Finalize:
		return c.channels, channels.call("finalize", tx.Channel)
	}
	panic("ledger: a transaction of no kind got into the pool")
}

// registration is the data of a Register.
func (c *Chain) registration(contentID [32]byte) []byte {
	return c.suite.registry.call("register", new(big.Int).SetBytes(contentID[:]), c.split, big.NewInt(int64(c.genesis.RoyaltyBPS)))
}

// A GasRow is what one kind of transaction has cost so far, failed ones
// included. A transaction that got into no block counts nowhere.
type GasRow struct {
	Operation     string
	Count, Failed int
	Least, Most   uint64   // gas of one
	Total         uint64   // gas of all
	Fee           *big.Int // wei paid for it
}

// A gasTable has a row for each operation.
type gasTable [len(operations)]GasRow

func (t *gasTable) add(op operation, o *outcome) {
	r := &t[op]
	if r.Count == 0 {
		r.Least, r.Fee = o.gas, new(big.Int)
	}
	r.Count++
	if !o.ok {
		r.Failed++
	}
	r.Least, r.Most = min(r.Least, o.gas), max(r.Most, o.gas)
	r.Total += o.gas
	r.Fee.Add(r.Fee, new(big.Int).Mul(new(big.Int).SetUint64(o.gas), new(big.Int).SetUint64(o.price)))
}

// remove takes back one that add has counted; Least and Most stay.
func (t *gasTable) remove(op operation, o *outcome) {
	r := &t[op]
	r.Count--
	if !o.ok {
		r.Failed--
	}
	r.Total -= o.gas
	r.Fee.Sub(r.Fee, new(big.Int).Mul(new(big.Int).SetUint64(o.gas), new(big.Int).SetUint64(o.price)))
}

// GasByKind lists what each kind of transaction has cost, the deployments of
// the first block first, then in the order of payment.TxKind. Kinds that did
// not occur are left out.
func (c *Chain) GasByKind() []GasRow {
	var rows []GasRow
	n := len(operations)
	for i := range n {
		op := (int(deployRegistry) + i) % n
		if r := c.gas[op]; r.Count > 0 {
			r.Operation, r.Fee = operations[op].name, new(big.Int).Set(r.Fee)
			rows = append(rows, r)
		}
	}
	return rows
}
