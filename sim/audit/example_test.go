package audit_test

import (
	"fmt"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/audit"
)

// A payee that calls back while it is paid.
func Example() {
	a := audit.Attack(contracts.New(), "SplitReentrant")
	fmt.Println("The twin:", a.Flaw)
	fmt.Println("It fell:", a.Fell)
	fmt.Println("The contract says:", a.Answer)
	// Output:
	// The twin: withdraw pays before it takes the credit off, without a guard
	// It fell: true
	// The contract says: ReentrancyGuardReentrantCall
}
