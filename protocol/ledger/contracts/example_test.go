package contracts_test

import (
	"fmt"

	"kinetoscope/protocol/ledger/contracts"
)

// A revert is named by the error that the contract says, and its arguments are
// read by the contract's binding.
func Example() {
	s := contracts.New()
	id := contracts.ChannelsStaleErrorID()
	revert := append(id[:4], make([]byte, 64)...)
	revert[4+31], revert[4+63] = 5, 7
	fmt.Println(s.Reason(revert))
	said, err := s.Channels.UnpackError(revert)
	if stale, ok := said.(*contracts.ChannelsStale); ok {
		fmt.Println(stale.Amount, "is less than", stale.Paid, err)
	}
	// Output:
	// Stale
	// 5 is less than 7 <nil>
}
