package audit

import (
	"bytes"
	"maps"
	"slices"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// panicked is the selector of Panic, which the compiler's own checks end in.
var panicked = [4]byte{0x4e, 0x48, 0x7b, 0x71}

// covered sums up what was executed of each contract since the lab was made.
func covered(l *lab) (all []result.Coverage) {
	for _, name := range contracts.Names() {
		c := l.cover[name]
		r := result.Coverage{Contract: name}
		r.Instructions, r.AllOfThem = c.Instructions()
		var rest map[[4]byte]int
		r.Branches, r.AllBranches, rest, r.Open = c.Branches()
		r.Sums, r.Malformed = rest[panicked], rest[[4]byte{}]
		delete(rest, panicked)
		delete(rest, [4]byte{})
		for _, selector := range slices.SortedFunc(maps.Keys(rest), func(a, b [4]byte) int { return bytes.Compare(a[:], b[:]) }) {
			r.Errors = append(r.Errors, l.suite.Reason(selector[:]))
		}
		slices.Sort(r.Errors)
		r.Errors = slices.Compact(r.Errors)
		all = append(all, r)
	}
	return all
}
