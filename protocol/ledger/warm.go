package ledger

import (
	"encoding/binary"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/params"
)

// equip gives a machine what outlives it: where code may jump to, and who signed what.
func (w *world) equip(evm *vm.EVM) {
	evm.SetPrecompiles(w.builtIn)
	evm.SetJumpDestCache(w.jumps)
}

// Prepare implements vm.StateDB. EIP-2929 puts each precompiled contract on every
// transaction's list of addresses that were used already; a twentieth of what a mint takes
// went into writing them there. They are known instead.
func (s watched) Prepare(rules params.Rules, from, coinbase common.Address, to *common.Address, _ []common.Address, list types.AccessList) {
	s.StateDB.Prepare(rules, from, coinbase, to, nil, list)
}

// AddressInAccessList implements vm.StateDB.
func (s watched) AddressInAccessList(a common.Address) bool {
	return s.world.precompiled(a) || s.StateDB.AddressInAccessList(a)
}

// precompiled says whether the machine has the contract at a built in. All such addresses
// are small numbers.
func (w *world) precompiled(a common.Address) bool {
	return binary.BigEndian.Uint64(a[:8])|binary.BigEndian.Uint64(a[8:16]) == 0 && w.builtIn[a] != nil
}
