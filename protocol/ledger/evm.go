package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/misc/eip1559"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/triedb"
	"github.com/holiman/uint256"
)

// ChainID is the id of every chain of this package. It means nothing elsewhere.
const ChainID = 1893

// forks is every fork up to Osaka, from the first block on.
func forks() *params.ChainConfig {
	c := *params.MergedTestChainConfig
	c.ChainID = big.NewInt(ChainID)
	return &c
}

// proposer is who gets the tips.
var proposer = common.HexToAddress("0x70726f706f736572") // "proposer"

// A world is the state of the chain and the machine that changes it. This file
// is the only one that knows them as go-ethereum does.
//
// The state lives in memory and is hashed only when root is called.
type world struct {
	seed   uint64
	forks  *params.ChainConfig
	state  *state.StateDB
	jumps  jumps
	block  vm.BlockContext
	rules  params.Rules
	evm    *vm.EVM // of the open block; nil between blocks
	txs    int     // executed so far
	burnt  *big.Int
	audit  audit
	events bool // keep events; tests read them, a run has no use for them
}

// An audit collects who was touched since a block was opened, with the balance
// from before, and what was burnt.
type audit struct {
	seen    map[common.Address]bool
	touched []holding
	burnt   uint256.Int
}

type holding struct {
	address common.Address
	before  uint256.Int
}

// A call is a transaction as the machine takes it.
type call struct {
	from     common.Address
	to       *common.Address // nil to deploy data
	value    uint64
	data     []byte
	gasLimit uint64
	offer    price
}

// An outcome is what a call that went into the block did.
type outcome struct {
	ok      bool
	gas     uint64 // used
	price   uint64 // paid for one gas, in wei
	data    []byte // returned, or what a revert said
	fault   string // why it failed without a revert; empty after a revert
	created common.Address
	events  []*types.Log
}

func newWorld(seed uint64) *world {
	w := &world{seed: seed, forks: forks(), jumps: jumps{}, burnt: new(big.Int)}
	w.rules = w.forks.Rules(new(big.Int), true, epoch)
	w.audit.seen = map[common.Address]bool{}
	db := rawdb.NewMemoryDatabase()
	tries := triedb.NewDatabase(db, triedb.HashDefaults)
	st, err := state.New(types.EmptyRootHash, state.NewMPTDatabase(tries, state.NewCodeDB(db)))
	if err != nil {
		panic(fmt.Sprintf("ledger: an empty state: %v", err))
	}
	w.state = st
	return w
}

// enter puts wei that the genesis gave out into the state. Not while a block is
// open: the audit would not know them.
func (w *world) enter(a common.Address, amount *big.Int) {
	if w.evm != nil {
		panic("ledger: wei of the genesis entered during a block")
	}
	w.state.AddBalance(a, uint256.MustFromBig(amount), tracing.BalanceIncreaseGenesisBalance)
	// At once: a journal that once was long makes every later transaction slow.
	w.state.Finalise(w.rules)
}

// open starts a block.
func (w *world) open(number, seconds, gasLimit, baseFee uint64) {
	mix := w.randao(number)
	w.block = vm.BlockContext{
		CanTransfer: core.CanTransfer, Transfer: core.Transfer, GetHash: w.randao,
		Coinbase: proposer, BlockNumber: new(big.Int).SetUint64(number), Time: seconds, GasLimit: gasLimit,
		BaseFee: new(big.Int).SetUint64(baseFee), BlobBaseFee: big.NewInt(1), Difficulty: new(big.Int), Random: &mix,
	}
	w.rules = w.forks.Rules(w.block.BlockNumber, true, seconds)
	w.evm = vm.NewEVM(w.block, watched{w.state, w}, w.forks, vm.Config{})
	w.evm.SetJumpDestCache(w.jumps)
}

// randao is a block's PREVRANDAO, and what BLOCKHASH says of it: the SHA-256 of
// seed and number. It depends on nothing else, so that two runs of one seed
// draw the same whatever their transactions.
func (w *world) randao(number uint64) common.Hash {
	text := binary.BigEndian.AppendUint64([]byte("kinetoscope randao"), w.seed)
	return sha256.Sum256(binary.BigEndian.AppendUint64(text, number))
}

// execute runs c in the open block. It reports false, and changes nothing, when
// the sender cannot pay for it, so that no block may hold it.
func (w *world) execute(c *call) (o outcome, included bool) {
	base := w.block.BaseFee.Uint64()
	o.price = base + min(c.offer.tip, c.offer.cap-base)
	msg := &core.Message{
		From: c.from, To: c.to, Nonce: w.state.GetNonce(c.from), Value: uint256.NewInt(c.value), Data: c.data,
		GasLimit: c.gasLimit, GasPrice: uint256.NewInt(o.price),
		GasTipCap: uint256.NewInt(c.offer.tip), GasFeeCap: uint256.NewInt(c.offer.cap),
	}
	w.txs++
	id := common.BytesToHash(word(uint64(w.txs)))
	w.state.SetTxContext(id, w.txs, 0)
	snapshot := w.state.Snapshot()
	res, err := core.ApplyMessage(w.evm, msg, core.NewGasPool(c.gasLimit))
	if errors.Is(err, core.ErrInsufficientFunds) || errors.Is(err, core.ErrInsufficientFundsForTransfer) {
		w.state.RevertToSnapshot(snapshot)
		return o, false
	} else if err != nil {
		panic(fmt.Sprintf("ledger: a transaction that fits in no block: %v", err))
	}
	w.state.Finalise(w.rules)
	if c.to == nil {
		o.created = crypto.CreateAddress(c.from, msg.Nonce)
	}
	if w.events {
		o.events = w.state.GetLogs(id, 0, common.Hash{}, 0)
	}
	burnt := uint256.NewInt(res.UsedGas)
	w.audit.burnt.Add(&w.audit.burnt, burnt.Mul(burnt, uint256.NewInt(base)))
	o.ok, o.gas, o.data, o.fault = !res.Failed(), res.UsedGas, res.ReturnData, fault(res.Err)
	return o, true
}

// fault names why execution stopped; a revert says so itself.
func fault(err error) string {
	switch {
	case err == nil || errors.Is(err, vm.ErrExecutionReverted):
		return ""
	case errors.Is(err, vm.ErrOutOfGas):
		return "OutOfGas"
	}
	return err.Error()
}

// close ends the block and audits it: the balances touched in it have changed
// by what the base fee burnt and by nothing else, to the wei.
func (w *world) close() {
	a := &w.audit
	var before, after uint256.Int
	for _, h := range a.touched {
		before.Add(&before, &h.before)
		after.Add(&after, w.state.GetBalance(h.address))
	}
	if sum := new(uint256.Int).Add(&after, &a.burnt); !sum.Eq(&before) {
		panic(fmt.Sprintf("ledger: wei not conserved in block %v (seed %d): %d accounts held %s before, hold %s after, %s were burnt",
			w.block.BlockNumber, w.seed, len(a.touched), before.Dec(), after.Dec(), a.burnt.Dec()))
	}
	if err := w.state.Error(); err != nil {
		panic(fmt.Sprintf("ledger: state of block %v: %v", w.block.BlockNumber, err))
	}
	w.burnt.Add(w.burnt, a.burnt.ToBig())
	clear(a.seen)
	a.touched, a.burnt = a.touched[:0], uint256.Int{}
	w.evm.Release()
	w.evm = nil
}

// read calls a view function of the contract at to as of the last block.
func (w *world) read(to common.Address, data []byte) []byte {
	snapshot := w.state.Snapshot()
	defer w.state.RevertToSnapshot(snapshot)
	evm := vm.NewEVM(w.block, w.state, w.forks, vm.Config{})
	defer evm.Release()
	evm.SetJumpDestCache(w.jumps)
	evm.SetTxContext(vm.TxContext{GasPrice: new(uint256.Int)})
	out, _, err := evm.StaticCall(common.Address{}, to, data, vm.NewGasBudget(params.MaxTxGas, 0))
	if err != nil {
		panic(fmt.Sprintf("ledger: reading %v: %v", to, err))
	}
	return out
}

func (w *world) balance(a common.Address) *big.Int { return w.state.GetBalance(a).ToBig() }

// root hashes the state into its Merkle-Patricia root, as Ethereum does.
func (w *world) root() [32]byte { return w.state.IntermediateRoot(w.rules) }

// nextBaseFee is EIP-1559 as go-ethereum computes it.
func (w *world) nextBaseFee(gasLimit, used, baseFee uint64) uint64 {
	next := eip1559.CalcBaseFee(w.forks, &types.Header{Number: new(big.Int), GasLimit: gasLimit, GasUsed: used,
		BaseFee: new(big.Int).SetUint64(baseFee)})
	if !next.IsUint64() {
		panic(fmt.Sprintf("ledger: a base fee of %v wei", next))
	}
	return next.Uint64()
}

// watched is the state as the machine sees it: it tells the audit of every
// balance that is about to change.
type watched struct {
	*state.StateDB
	world *world
}

// AddBalance implements vm.StateDB.
func (s watched) AddBalance(a common.Address, n *uint256.Int, why tracing.BalanceChangeReason) uint256.Int {
	s.touch(a, n)
	return s.StateDB.AddBalance(a, n, why)
}

// SubBalance implements vm.StateDB.
func (s watched) SubBalance(a common.Address, n *uint256.Int, why tracing.BalanceChangeReason) uint256.Int {
	s.touch(a, n)
	return s.StateDB.SubBalance(a, n, why)
}

// AddLog implements vm.StateDB. The state would keep events for ever.
func (s watched) AddLog(l *types.Log) {
	if s.world.events {
		s.StateDB.AddLog(l)
	}
}

func (s watched) touch(a common.Address, n *uint256.Int) {
	audit := &s.world.audit
	if n.IsZero() || audit.seen[a] {
		return
	}
	audit.seen[a] = true
	audit.touched = append(audit.touched, holding{a, *s.StateDB.GetBalance(a)})
}

// jumps remembers where code may jump to, by code hash, over all blocks.
type jumps map[common.Hash]vm.BitVec

// Load implements vm.JumpDestCache.
func (j jumps) Load(code common.Hash) (vm.BitVec, bool) { v, ok := j[code]; return v, ok }

// Store implements vm.JumpDestCache.
func (j jumps) Store(code common.Hash, v vm.BitVec) { j[code] = v }
