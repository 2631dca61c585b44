package result

// An Audit is what became of the contracts when they were attacked.
type Audit struct {
	Seed       uint64 // of what was drawn
	Operations int    // random ones, on all contracts together
	Attacks    []Attack
	Parts      []Part // other tests
	Coverage   []Coverage
	Twins      []Mutant // looked for without their attacks
	Mutants    []Mutations
}

// An Attack was made on a contract and on its twin, which has one flaw.
type Attack struct {
	Contract, Twin string
	Flaw           string // of the twin
	Cost           string // what the attack costs where it succeeds
	Fell           bool   // it did harm to the twin, so it is an attack
	Stood          bool   // it did none to the contract, whose answer is the one wanted
	Answer         string // why the contract refused; empty if it went on unharmed
	Wanted         string
	Gas, Refusal   uint64 // of the decisive transaction, on the twin and on the contract
	Astray         int64  // wei that are in other hands after the attack on the twin than after that on the contract
}

// A Coverage is how much of a contract's code was executed: instructions, and
// ways of conditional jumps.
type Coverage struct {
	Contract                string
	Instructions, AllOfThem int
	Branches, AllBranches   int
	Sums, Malformed         int      // of the rest, those that end in the compiler's checks of sums and of call data
	Errors                  []string // of the rest, those that end in an error, by name
	Open                    int      // of the rest, all others
}

// A Mutant is a contract with something wrong, looked for by tests that do not
// know what.
type Mutant struct {
	Contract string // and the line, if a rule made the change
	What     string // is wrong: the name of a twin, or what a rule changed
	By       string // what found it; empty if nothing did
	Why      string // why nothing did
}

// Mutations are the mutants that were made by rule of one contract.
type Mutations struct {
	Contract         string
	Made             int      // that differ from the contract and from each other
	Same, Twice      int      // that have the bytecode of the contract, or of another
	Hunted           int      // of those made
	ByModel, ByRules int      // that were found
	Equal            []Mutant // that nothing can tell from the contract, and why
	Lived            []Mutant // that nothing has found
}

// Passed reports whether every attack is one and no contract fell to it, and
// everything else is as it should be.
func (a *Audit) Passed() bool {
	for i := range a.Attacks {
		if !a.Attacks[i].Fell || !a.Attacks[i].Stood {
			return false
		}
	}
	v := Validation{Parts: a.Parts}
	return v.Passed()
}
