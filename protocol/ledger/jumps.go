package ledger

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/vm"
)

// jumps remembers where code may jump to, by code hash, over all blocks.
type jumps map[common.Hash]vm.BitVec

// Load implements vm.JumpDestCache.
func (j jumps) Load(code common.Hash) (vm.BitVec, bool) { v, ok := j[code]; return v, ok }

// Store implements vm.JumpDestCache.
func (j jumps) Store(code common.Hash, v vm.BitVec) { j[code] = v }
