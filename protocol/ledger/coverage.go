package ledger

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/vm"
)

// A Coverage is which instructions of a contract were executed, and which ways
// its conditional jumps went.
type Coverage struct {
	code          []byte
	seen          []bool // by place in the code
	jumped, stood []bool // of a JUMPI: it jumped, it went on
}

// Cover starts to watch the code at an address; what was seen of the same code
// before, on this chain or another, goes on in c, which is nil the first time.
func (b *Bare) Cover(at common.Address, c *Coverage) *Coverage {
	code := b.world.state.GetCode(at)
	if c == nil {
		c = &Coverage{code, make([]bool, len(code)), make([]bool, len(code)), make([]bool, len(code))}
	}
	b.world.trace = &tracing.Hooks{OnOpcode: func(pc uint64, op byte, _, _ uint64, scope tracing.OpContext, _ []byte, _ int, _ error) {
		if scope.Address() == at && len(scope.ContractCode()) == len(c.code) {
			c.note(pc, vm.OpCode(op), scope)
		}
	}}
	return c
}

func (c *Coverage) note(pc uint64, op vm.OpCode, scope tracing.OpContext) {
	c.seen[pc] = true
	if op != vm.JUMPI {
		return
	}
	if stack := scope.StackData(); stack[len(stack)-2].IsZero() {
		c.stood[pc] = true
	} else {
		c.jumped[pc] = true
	}
}

// each calls f with every instruction. Data of a push are none.
func (c *Coverage) each(f func(pc int, op vm.OpCode)) {
	for pc := 0; pc < len(c.code); pc++ {
		op := vm.OpCode(c.code[pc])
		f(pc, op)
		pc += width(op)
	}
}

// width is how many bytes a push has behind it.
func width(op vm.OpCode) int {
	if op >= vm.PUSH1 && op <= vm.PUSH32 {
		return int(op-vm.PUSH1) + 1
	}
	return 0
}

// Instructions is how many were executed, of all.
func (c *Coverage) Instructions() (seen, all int) {
	c.each(func(pc int, _ vm.OpCode) {
		all++
		if c.seen[pc] {
			seen++
		}
	})
	return seen, all
}

// Branches is how many ways of conditional jumps were gone, of all. Of the rest
// it says how many end at once in an error: by the error's selector, with that
// of Panic for the compiler's own checks of sums, and zero where there is none,
// as where call data are malformed. Open are those that do not.
func (c *Coverage) Branches() (seen, all int, rest map[[4]byte]int, open int) {
	rest = map[[4]byte]int{}
	c.each(func(pc int, op vm.OpCode) {
		if op != vm.JUMPI {
			return
		}
		all += 2
		for _, way := range []struct {
			gone bool
			to   int
		}{{c.stood[pc], pc + 1}, {c.jumped[pc], c.target(pc)}} {
			if way.gone {
				seen++
			} else if selector, ends := c.fate(way.to); ends {
				rest[selector]++
			} else {
				open++
			}
		}
	})
	return seen, all, rest, open
}

// target is where a JUMPI would go: the compiler pushes it just before. It is
// behind the code if it does not.
func (c *Coverage) target(pc int) int {
	if pc < 3 || vm.OpCode(c.code[pc-3]) != vm.PUSH2 {
		return len(c.code)
	}
	return int(c.code[pc-2])<<8 | int(c.code[pc-1])
}

// fate follows the code from pc on to a revert, along jumps to places that are
// pushed just before. It gives up at the next condition.
func (c *Coverage) fate(pc int) (selector [4]byte, ends bool) {
	for range 200 {
		if pc >= len(c.code) {
			return selector, false
		}
		op := vm.OpCode(c.code[pc])
		switch op {
		case vm.REVERT, vm.INVALID:
			return selector, true
		case vm.JUMPI, vm.STOP, vm.RETURN:
			return selector, false
		case vm.JUMP:
			pc = c.target(pc)
			continue
		}
		if data := c.code[pc+1 : min(len(c.code), pc+1+width(op))]; op == vm.PUSH4 || op == vm.PUSH32 && !slices.ContainsFunc(data[4:], func(b byte) bool { return b != 0 }) {
			copy(selector[:], data)
		}
		pc += 1 + width(op)
	}
	return selector, false
}
