package result

// An Audit is what became of the contracts when they were attacked.
type Audit struct {
	Attacks []Attack
	Parts   []Part // other tests
	Mutants []Mutant
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
}

// A Mutant is a twin that tests looked for which do not know its flaw.
type Mutant struct {
	Twin string
	By   string // what found it; empty if nothing did
	Why  string // why nothing did
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
