package contracts

import (
	"compress/gzip"
	"encoding/json"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
)

// Mutants are all that test/mutants.mjs makes of one contract by rule.
type Mutants struct {
	Of    string
	Same  int // that have the bytecode of the contract, and so are none
	Twice int // that have the bytecode of another
	All   []Mutant
}

// A Mutant is a contract with one small change of its source.
type Mutant struct {
	Line int    // of the source
	What string // that was left out, or became something else
	Code []byte // creates it when the constructor's arguments follow
}

// UnmarshalJSON reads what mutate.mjs writes.
func (m *Mutant) UnmarshalJSON(text []byte) error {
	var raw struct {
		Line           int
		What, Bytecode string
	}
	err := json.Unmarshal(text, &raw)
	*m = Mutant{raw.Line, raw.What, common.FromHex(raw.Bytecode)}
	return err
}

// MutantsOfAll are those of every contract, by name. Reading them takes about
// 50 ms.
func MutantsOfAll() (all []Mutants) {
	f, err := artefacts.Open("build/mutants.json.gz")
	if err != nil {
		panic(fmt.Sprintf("contracts: %v", err))
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(text).Decode(&all)
	}
	if err != nil {
		panic(fmt.Sprintf("contracts: the mutants: %v", err))
	}
	return all
}
