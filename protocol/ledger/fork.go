package ledger

import (
	"fmt"
	"strings"
)

// A Fork names a version of Ethereum's rules.
type Fork string

// Forks.
const (
	Cancun    Fork = "cancun"    // March 2024: 3 blobs a block; what contracts can do before is less than ours need
	Prague    Fork = "prague"    // May 2025: 6 blobs a block, no floor under their fee
	Osaka     Fork = "osaka"     // December 2025, with blob schedule BPO2: 14 blobs a block, the floor of EIP-7918
	Amsterdam Fork = "amsterdam" // as go-ethereum has it so far: new state is several times dearer (EIP-8037)
)

// Names lists the forks.
func (Fork) Names() []string {
	return []string{string(Cancun), string(Prague), string(Osaka), string(Amsterdam)}
}

// UnmarshalText accepts the names in Names.
func (f *Fork) UnmarshalText(b []byte) error {
	for _, n := range f.Names() {
		if n == string(b) {
			*f = Fork(n)
			return nil
		}
	}
	return fmt.Errorf("unknown fork %q: use one of %s", b, strings.Join(f.Names(), ", "))
}

// floors says that a blob costs at least what it takes to execute (EIP-7918).
func (f Fork) floors() bool { return f == Osaka || f == Amsterdam }

// dearer is by how much more gas an operation may need than its limit in the
// table of operations, which is that of Osaka.
func (f Fork) dearer() uint64 {
	if f == Amsterdam {
		return 8
	}
	return 1
}

// limit is the gas limit of an operation, at most a whole block.
func (c Config) limit(op operation) uint64 {
	return min(operations[op].gasLimit*c.Fork.dearer(), uint64(c.GasLimit))
}
