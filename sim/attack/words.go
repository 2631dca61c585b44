package attack

import (
	"fmt"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
)

// ground is an address that nobody has the key of and no contract is at.
var ground = common.HexToAddress("0x67726f756e64") // "ground"

// ready says that the contract is there.
func (p *plot) ready() bool { return p.at != (common.Address{}) }

// must is what a binding unpacks of what a contract of ours returned.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("attack: an answer that does not fit its interface: %v", err))
	}
	return v
}

// Of the contracts: recipients who have a part each of a reserve, and the most
// of a pool.
const (
	claimants = ledger.Claimants
	maxPool   = 16
)
