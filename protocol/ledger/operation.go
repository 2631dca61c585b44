package ledger

import (
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/payment"
)

// An operation is a payment.TxKind, one of those that only the first block
// holds, or what a payment.Call asks for, which has a name and a limit of its
// own.
type operation int

// Operations of the first block.
const (
	deployRegistry = operation(payment.Pay) + 1 + iota
	deployChannels
	deploySplit
	deployLicences
	deployTickets
	deployHashChain
	deployReservePool
	deployStorageDeals
	deployVirtualChannels
)

// Operations that a payment.Call asks for.
const (
	topUp = deployVirtualChannels + 1 + iota
	redeem
	offerTitle
	acceptTitle
	setRoyalty
	offerSplit
	acceptSplit
	setShares
	setTerms
	buy
	buyMany
	revoke
	openWords
	redeemWords
	closeWords
	requestWords
	finalizeWords
	fund
	redeemTicket
	unlock
	lock
	reclaim
	admit
	lockPool
	redeemPool
	releasePool
	openLedger
	redeemLedger
	closeLedger
	claimLedger
	finalizeLedger
	offerDeal
	cancelDeal
	acceptDeal
	challengeDeal
	proveDeal
	collectDeal
	slashDeal
)

// operations has a name and a gas limit for each. The limits lie well above
// what the gas table in testdata has: Settle and deploySplit for
// payment.MaxPayees payees, Withdraw for a payee new to the chain. Those of the
// first block and of a registration together fit in MinGasLimit.
var operations = [...]struct {
	contract, name string
	gasLimit       uint64
}{
	payment.Register:      {"Registry", "register", 200_000},
	payment.Open:          {"Channels", "open", 150_000},
	payment.Close:         {"Channels", "close", 200_000},
	payment.Settle:        {"Split", "settle", 600_000},
	payment.Withdraw:      {"Split", "withdraw", 150_000},
	payment.Request:       {"Channels", "request", 100_000},
	payment.Finalize:      {"Channels", "finalize", 150_000},
	payment.Pay:           {"Split", "pay", 50_000},
	deployRegistry:        {"Registry", "deploy registry", 2_000_000},
	deployChannels:        {"Channels", "deploy channels", 2_000_000},
	deploySplit:           {"Split", "deploy split", 3_000_000},
	deployTickets:         {"Tickets", "deploy tickets", 3_000_000},
	deployHashChain:       {"HashChain", "deploy hash chain", 2_000_000},
	deployLicences:        {"Licences", "deploy licences", 1_000_000},
	deployReservePool:     {"ReservePool", "deploy reserve pool", 2_000_000},
	deployStorageDeals:    {"StorageDeals", "deploy storage deals", 2_000_000},
	deployVirtualChannels: {"VirtualChannels", "deploy virtual channels", 2_500_000},
	offerTitle:            {"Registry", "offer title", 100_000},
	acceptTitle:           {"Registry", "accept title", 100_000},
	setRoyalty:            {"Registry", "set royalty", 100_000},
	offerSplit:            {"Split", "offer split", 100_000},
	acceptSplit:           {"Split", "accept split", 100_000},
	setShares:             {"Split", "set shares", 1_500_000},
	setTerms:              {"Licences", "set terms", 100_000},
	buy:                   {"Licences", "buy", 150_000},
	buyMany:               {"Licences", "buy for many", 10_000_000},
	revoke:                {"Licences", "revoke", 80_000},
	lockPool:              {"ReservePool", "lock pool", 1_000_000},
	redeemPool:            {"ReservePool", "redeem pool", 200_000},
	releasePool:           {"ReservePool", "release pool", 150_000},
	openLedger:            {"VirtualChannels", "open ledger", 200_000},
	redeemLedger:          {"VirtualChannels", "redeem ledger", 200_000},
	closeLedger:           {"VirtualChannels", "close ledger", 100_000},
	claimLedger:           {"VirtualChannels", "claim ledger", 250_000},
	finalizeLedger:        {"VirtualChannels", "finalize ledger", 150_000},
	offerDeal:             {"StorageDeals", "offer deal", 300_000},
	cancelDeal:            {"StorageDeals", "cancel deal", 100_000},
	acceptDeal:            {"StorageDeals", "accept deal", 100_000},
	challengeDeal:         {"StorageDeals", "challenge deal", 150_000},
	proveDeal:             {"StorageDeals", "prove deal", 2_000_000},
	collectDeal:           {"StorageDeals", "collect deal", 150_000},
	slashDeal:             {"StorageDeals", "slash deal", 100_000},
	topUp:                 {"Channels", "top up", 100_000},
	redeem:                {"Channels", "redeem", 150_000},
	openWords:             {"HashChain", "open words", 300_000},
	redeemWords:           {"HashChain", "redeem words", 1_000_000},
	closeWords:            {"HashChain", "close words", 1_000_000},
	requestWords:          {"HashChain", "request words", 100_000},
	finalizeWords:         {"HashChain", "finalize words", 150_000},
	fund:                  {"Tickets", "fund", 150_000},
	redeemTicket:          {"Tickets", "redeem ticket", 300_000},
	unlock:                {"Tickets", "unlock", 100_000},
	lock:                  {"Tickets", "lock", 100_000},
	reclaim:               {"Tickets", "reclaim", 100_000},
	admit:                 {"Tickets", "admit", 200_000},
}

// Reasons in a Receipt that the ledger itself gives. All others are names of
// the contracts' errors, or OutOfGas.
const (
	UnknownKind       = "UnknownKind"       // no such payment.TxKind
	UnknownAccount    = "UnknownAccount"    // an account beyond Genesis.Accounts
	NoContract        = "NoContract"        // a split that is not there, or a payment.Call of a contract that Genesis.Contracts does not name
	WrongChannel      = "WrongChannel"      // an Open whose Channel is not Signer.Channel(From, Nonce)
	PoolFull          = payment.PoolFull    // Config.Pool transactions wait already
	InsufficientFunds = "InsufficientFunds" // the sender has less than Amount and Config.Reserve when its turn comes
)

// refusal says why tx does not get into the pool, or is empty.
func (c *Chain) refusal(tx *payment.Tx) string {
	exists := func(a payment.Account) bool { return int64(a) < int64(c.genesis.Accounts) }
	switch {
	case tx.Kind > payment.Pay || tx.Kind == payment.Invoke && tx.Call == nil:
		return UnknownKind
	case !exists(tx.From) || tx.Kind == payment.Withdraw && !exists(tx.Payer):
		return UnknownAccount
	case tx.Kind == payment.Open && tx.Channel != c.signer.Channel(tx.From, tx.Nonce):
		return WrongChannel
	case tx.Kind == payment.Invoke && slices.ContainsFunc(named(tx.Call), func(a payment.Account) bool { return a != payment.TheSplit && !exists(a) }):
		return UnknownAccount
	case int(tx.Split) >= len(c.splits) || tx.Kind == payment.Invoke && c.callee(tx.Call) == (common.Address{}):
		return NoContract
	}
	return ""
}

// encode is the contract that tx calls, and with what.
func (c *Chain) encode(tx *payment.Tx) (to common.Address, data []byte) {
	channels, split := c.suite.Channels, c.suite.Split
	switch tx.Kind {
	case payment.Register:
		return c.registry, c.registration(tx.Channel)
	case payment.Open:
		period := uint32(c.cfg.ChallengePeriod / time.Second)
		return c.channels, channels.PackOpen(c.split, c.wallets.address(c.genesis.Collector), tx.Nonce, period)
	case payment.Close:
		return c.channels, channels.PackClose(tx.Channel, new(big.Int).SetUint64(uint64(tx.Amount)), tx.Sig[:])
	case payment.Settle:
		return c.splits[tx.Split], split.PackSettle()
	case payment.Withdraw:
		return c.splits[tx.Split], split.PackWithdraw(c.wallets.address(tx.Payer))
	case payment.Request:
		return c.channels, channels.PackRequestClose(tx.Channel)
	case payment.Finalize:
		return c.channels, channels.PackFinalize(tx.Channel)
	case payment.Invoke:
		return c.callee(tx.Call), c.arguments(tx.Call)
	case payment.Pay:
		return c.splits[tx.Split], nil
	}
	panic("ledger: a transaction of no kind got into the pool")
}

// operation is what tx counts as.
func (c *Chain) operation(tx *payment.Tx) operation {
	if tx.Kind == payment.Invoke {
		return asks(tx.Call)
	}
	return operation(tx.Kind)
}

// value is the wei that tx carries.
func (c *Chain) value(tx *payment.Tx) uint64 {
	switch tx.Kind {
	case payment.Open, payment.Pay:
		return uint64(tx.Amount)
	case payment.Invoke:
		switch asks(tx.Call) {
		case redeem, redeemWords, closeWords, redeemTicket, redeemPool, redeemLedger, claimLedger: // what they are to pay out
			return 0
		}
		return uint64(tx.Amount)
	}
	return 0
}

// registration is the data of a Register.
func (c *Chain) registration(contentID [32]byte) []byte {
	return c.suite.Registry.PackRegister(new(big.Int).SetBytes(contentID[:]), c.split, big.NewInt(int64(c.genesis.RoyaltyBPS)))
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
