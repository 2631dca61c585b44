package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"sort"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/misc/eip1559"
	"github.com/ethereum/go-ethereum/consensus/misc/eip4844"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/holiman/uint256"
)

// ChainID is the id of the first layer of this package, and RollupID that of a
// rollup on it. They mean nothing elsewhere.
const (
	ChainID  = 1893
	RollupID = 1894
)

// rules is the protocol of a fork and all before it, from the first block on.
func (f Fork) rules(chainID uint64) *params.ChainConfig {
	c, zero := *params.MergedTestChainConfig, new(uint64)
	c.ChainID = new(big.Int).SetUint64(chainID)
	if !f.floors() {
		if c.OsakaTime = nil; f == Cancun {
			c.PragueTime = nil
		}
		return &c
	}
	c.BPO1Time, c.BPO2Time = zero, zero
	c.BlobScheduleConfig = &params.BlobScheduleConfig{Cancun: params.DefaultCancunBlobConfig,
		Prague: params.DefaultPragueBlobConfig, BPO1: params.DefaultBPO1BlobConfig, BPO2: params.DefaultBPO2BlobConfig}
	if f == Amsterdam {
		c.AmsterdamTime = zero
	}
	return &c
}

// proposer is who gets the tips.
var proposer = common.HexToAddress("0x70726f706f736572") // "proposer"

// A world is the state of the chain and the machine that changes it. This file
// and journal.go are the only ones that know them as go-ethereum does.
//
// The state lives in memory (store.go) and is hashed only when root is called.
type world struct {
	seed    uint64
	branch  uint64 // how often blocks were taken back
	forks   *params.ChainConfig
	store   *store
	state   *state.StateDB // of the open block, and of those since store was written
	jumps   jumps
	head    summit          // of the newest block
	isOpen  bool            // it is not closed yet
	block   vm.BlockContext // of the newest block that somebody has looked at
	rules   params.Rules
	builtIn vm.PrecompiledContracts // under rules
	signers *recovery               // the one of builtIn
	evm     *vm.EVM                 // of the open block, once it executes something
	txs     int                     // executed so far
	burnt   *big.Int
	audit   audit
	journal *journal       // of the open block; nil if no block is ever taken back
	lag     int            // how much may be touched before it is written to store
	events  bool           // keep events; tests read them, a run has no use for them
	trace   *tracing.Hooks // who watches every instruction; nil but for Cover
}

// A summit is what the newest block says of itself. Most blocks of a quiet chain execute
// nothing, and the machine is told of them only when it is needed.
type summit struct{ number, seconds, gasLimit, baseFee, blobFee uint64 }

// An audit collects who was touched since a block was opened, with the balance
// from before, and what was burnt.
type audit struct {
	seen    map[common.Address]bool
	touched []holding
	burnt   uint256.Int
}

type holding struct {
	address       common.Address
	before, after uint256.Int
}

// A call is a transaction as the machine takes it.
type call struct {
	from     common.Address
	to       *common.Address // nil to deploy data
	value    uint64
	data     []byte
	gasLimit uint64
	offer    price
	blobs    int    // blobs that it carries, each of blobGas
	duty     uint64 // wei for the bytes that it takes on the first layer
}

// size is the bytes of c as a signed transaction in Ethereum's encoding.
func (c *call) size() int {
	full := new(big.Int).SetBytes(bytes.Repeat([]byte{0xff}, 32))
	tx := types.NewTx(&types.DynamicFeeTx{ChainID: big.NewInt(RollupID), Nonce: 1, GasTipCap: new(big.Int).SetUint64(c.offer.tip),
		GasFeeCap: new(big.Int).SetUint64(c.offer.cap), Gas: c.gasLimit, To: c.to, Value: new(big.Int).SetUint64(c.value), Data: c.data,
		V: big.NewInt(1), R: full, S: full})
	return int(tx.Size())
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

func newWorld(seed, chainID uint64, f Fork) *world {
	w := &world{seed: seed, forks: f.rules(chainID), jumps: jumps{}, burnt: new(big.Int), lag: writeBehind}
	w.rules = w.forks.Rules(new(big.Int), true, epoch)
	w.builtIn, w.signers = precompiles(w.rules)
	w.audit.seen = map[common.Address]bool{}
	w.store = newStore()
	w.state = w.store.state()
	return w
}

// enter puts wei that the genesis gave out into the state. Not while a block is
// open: the audit would not know them.
func (w *world) enter(a common.Address, amount *big.Int) {
	if w.isOpen {
		panic("ledger: wei of the genesis entered during a block")
	}
	w.store.dirty = append(w.store.dirty, a)
	w.state.AddBalance(a, uint256.MustFromBig(amount), tracing.BalanceIncreaseGenesisBalance)
	// At once: a journal that once was long makes every later transaction slow.
	w.state.Finalise(w.rules)
}

// open starts a block.
func (w *world) open(number, seconds, gasLimit, baseFee, blobFee uint64) {
	w.head, w.isOpen = summit{number, seconds, gasLimit, baseFee, blobFee}, true
}

// look tells the machine of the newest block, if it does not know it.
func (w *world) look() {
	h := &w.head
	if w.evm != nil {
		return
	}
	mix := w.randao(h.number)
	w.block = vm.BlockContext{
		CanTransfer: core.CanTransfer, Transfer: core.Transfer, GetHash: w.randao,
		Coinbase: proposer, BlockNumber: new(big.Int).SetUint64(h.number), Time: h.seconds, GasLimit: h.gasLimit,
		BaseFee: new(big.Int).SetUint64(h.baseFee), BlobBaseFee: new(big.Int).SetUint64(h.blobFee), Difficulty: new(big.Int), Random: &mix, CostPerStateByte: params.CostPerStateByte,
	}
	w.rules = w.forks.Rules(w.block.BlockNumber, true, h.seconds)
}

// machine is the one of the open block.
func (w *world) machine() *vm.EVM {
	if w.evm == nil {
		w.look()
		w.evm = vm.NewEVM(w.block, watched{w.state, w}, w.forks, vm.Config{Tracer: w.trace})
		w.equip(w.evm)
	}
	return w.evm
}

// randao is a block's PREVRANDAO, and what BLOCKHASH says of it: the SHA-256 of
// seed and number, and of the branch once blocks were taken back. It depends on
// nothing else, so that two runs of one seed draw the same whatever their
// transactions.
func (w *world) randao(number uint64) common.Hash {
	text := binary.BigEndian.AppendUint64([]byte("kinetoscope randao"), w.seed)
	text = binary.BigEndian.AppendUint64(text, number)
	if w.branch > 0 {
		text = binary.BigEndian.AppendUint64(text, w.branch)
	}
	return sha256.Sum256(text)
}

// execute runs c in the open block. It reports false, and changes nothing, when
// the sender cannot pay for it, so that no block may hold it.
func (w *world) execute(c *call) (o outcome, included bool) {
	evm, base := w.machine(), w.head.baseFee
	o.price = base + min(c.offer.tip, c.offer.cap-base)
	msg := &core.Message{
		From: c.from, To: c.to, Nonce: w.state.GetNonce(c.from), Value: uint256.NewInt(c.value), Data: c.data,
		GasLimit: c.gasLimit, GasPrice: uint256.NewInt(o.price),
		GasTipCap: uint256.NewInt(c.offer.tip), GasFeeCap: uint256.NewInt(c.offer.cap),
	}
	if c.blobs > 0 {
		msg.BlobGasFeeCap = uint256.MustFromBig(w.block.BlobBaseFee)
		for i := range c.blobs {
			msg.BlobHashes = append(msg.BlobHashes, blobHash(w.txs, i))
		}
	}
	w.txs++
	id := common.BytesToHash(word(uint64(w.txs)))
	w.state.SetTxContext(id, w.txs, 0)
	snapshot := w.state.Snapshot()
	if c.duty > 0 && !w.levy(c) {
		return o, false
	}
	res, err := core.ApplyMessage(evm, msg, core.NewGasPool(c.gasLimit))
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
	w.burn(res.UsedGas, base)
	w.burn(uint64(c.blobs)*blobGas, w.head.blobFee)
	o.ok, o.gas, o.data, o.fault = !res.Failed(), res.UsedGas, res.ReturnData, fault(res.Err)
	return o, true
}

// levy makes c's sender pay its duty to the proposer.
func (w *world) levy(c *call) bool {
	duty := uint256.NewInt(c.duty)
	if w.state.GetBalance(c.from).Lt(duty) {
		return false
	}
	s := watched{w.state, w}
	s.SubBalance(c.from, duty, tracing.BalanceChangeTransfer)
	s.AddBalance(proposer, duty, tracing.BalanceChangeTransfer)
	return true
}

// burn counts gas at a price as gone.
func (w *world) burn(gas, price uint64) {
	n := uint256.NewInt(gas)
	w.audit.burnt.Add(&w.audit.burnt, n.Mul(n, uint256.NewInt(price)))
}

// blobHash is the versioned hash of a blob of which only the fee is modelled.
func blobHash(tx, i int) (h common.Hash) {
	h = sha256.Sum256(word(uint64(tx)*maxBlobsOfOne + uint64(i)))
	h[0] = 1 // of a KZG commitment
	return h
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
	for i := range a.touched {
		h := &a.touched[i]
		h.after = *w.state.GetBalance(h.address)
		before.Add(&before, &h.before)
		after.Add(&after, &h.after)
	}
	if sum := new(uint256.Int).Add(&after, &a.burnt); !sum.Eq(&before) {
		panic(fmt.Sprintf("ledger: wei not conserved in block %v (seed %d): %d accounts held %s before, hold %s after, %s were burnt",
			w.head.number, w.seed, len(a.touched), before.Dec(), after.Dec(), a.burnt.Dec()))
	}
	if err := w.state.Error(); err != nil {
		panic(fmt.Sprintf("ledger: state of block %v: %v", w.head.number, err))
	}
	w.burnt.Add(w.burnt, a.burnt.ToBig())
	if w.journal != nil {
		w.journal.close(a)
		w.journal = nil
	}
	*a = audit{seen: map[common.Address]bool{}} // a block may have touched very many
	w.isOpen = false
	if w.evm != nil {
		w.evm.Release()
		w.evm = nil
	}
	if len(w.store.dirty)+len(w.store.stored) >= w.lag {
		w.give()
	}
}

// read calls a view function of the contract at to as of the last block.
func (w *world) read(to common.Address, data []byte) []byte {
	snapshot := w.state.Snapshot()
	defer w.state.RevertToSnapshot(snapshot)
	w.look()
	evm := vm.NewEVM(w.block, w.state, w.forks, vm.Config{Tracer: w.trace})
	defer evm.Release()
	w.equip(evm)
	evm.SetTxContext(vm.TxContext{GasPrice: new(uint256.Int)})
	out, _, err := evm.StaticCall(common.Address{}, to, data, vm.NewGasBudget(params.MaxTxGas, 0))
	if err != nil {
		panic(fmt.Sprintf("ledger: reading %v: %v", to, err))
	}
	return out
}

// try is what a call from anybody would return as of the last block.
func (w *world) try(c *call) (ret []byte, err error) {
	snapshot := w.state.Snapshot()
	defer w.state.RevertToSnapshot(snapshot)
	w.look()
	evm := vm.NewEVM(w.block, w.state, w.forks, vm.Config{Tracer: w.trace})
	defer evm.Release()
	w.equip(evm)
	evm.SetTxContext(vm.TxContext{Origin: c.from, GasPrice: new(uint256.Int)})
	ret, _, err = evm.Call(c.from, *c.to, c.data, vm.NewGasBudget(c.gasLimit, 0), uint256.NewInt(c.value))
	return ret, err
}

func (w *world) balance(a common.Address) *big.Int { return w.state.GetBalance(a).ToBig() }

// root hashes the state into its Merkle-Patricia root, as Ethereum does.
func (w *world) root() [32]byte {
	w.give()
	return w.store.root(w)
}

// nextBaseFee is EIP-1559 as go-ethereum computes it. Where blocks come more
// often than on the first layer, each moves the fee by as much less: drag is
// how many times.
func (w *world) nextBaseFee(gasLimit, used, baseFee, drag uint64) uint64 {
	next := eip1559.CalcBaseFee(w.forks, &types.Header{Number: new(big.Int), GasLimit: gasLimit, GasUsed: used,
		BaseFee: new(big.Int).SetUint64(baseFee)})
	if !next.IsUint64() {
		panic(fmt.Sprintf("ledger: a base fee of %v wei", next))
	}
	if n := next.Uint64(); n < baseFee {
		return baseFee - (baseFee-n)/drag
	} else if n > baseFee {
		return baseFee + max(1, (n-baseFee)/drag)
	}
	return baseFee
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

// SetNonce implements vm.StateDB.
func (s watched) SetNonce(a common.Address, n uint64, why tracing.NonceChangeReason) {
	s.world.store.dirty = append(s.world.store.dirty, a)
	if j := s.world.journal; j != nil {
		j.account(s.StateDB, a)
	}
	s.StateDB.SetNonce(a, n, why)
}

// SetCode implements vm.StateDB.
func (s watched) SetCode(a common.Address, code []byte, why tracing.CodeChangeReason) []byte {
	s.world.store.dirty = append(s.world.store.dirty, a)
	if j := s.world.journal; j != nil {
		j.account(s.StateDB, a)
	}
	return s.StateDB.SetCode(a, code, why)
}

// SetState implements vm.StateDB.
func (s watched) SetState(a common.Address, key, value common.Hash) common.Hash {
	s.world.store.stored = append(s.world.store.stored, place{a, key})
	if j := s.world.journal; j != nil {
		j.slot(s.StateDB, a, key)
	}
	return s.StateDB.SetState(a, key, value)
}

func (s watched) touch(a common.Address, n *uint256.Int) {
	audit := &s.world.audit
	if n.IsZero() || audit.seen[a] {
		return
	}
	s.world.store.dirty = append(s.world.store.dirty, a)
	audit.seen[a] = true
	audit.touched = append(audit.touched, holding{address: a, before: *s.StateDB.GetBalance(a)})
}

// blobs is how many blobs a block of this fork aims at and can hold.
func (w *world) blobs() (target, most int) {
	return eip4844.TargetBlobsPerBlock(w.forks, epoch), eip4844.MaxBlobsPerBlock(w.forks, epoch)
}

// fraction is how slowly the blob base fee of this fork follows the excess.
func (w *world) fraction() uint64 {
	s := w.forks.BlobScheduleConfig
	switch {
	case w.forks.PragueTime == nil:
		return s.Cancun.UpdateFraction
	case w.forks.OsakaTime == nil:
		return s.Prague.UpdateFraction
	}
	return s.BPO2.UpdateFraction
}

// excessOf is the least excess of blob gas from which a blob base fee of at
// least fee follows.
func (w *world) excessOf(fee uint64) uint64 {
	return uint64(sort.Search(1<<30, func(n int) bool {
		now, fits := exponential(uint64(n), w.fraction())
		return !fits || now >= fee
	}))
}
