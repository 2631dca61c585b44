package ledger

import (
	"slices"

	"kinetoscope/protocol/ledger/contracts"
)

// Contracts says which contracts actors deploy (Chain.Send): Ours, or those with
// one replaced by its broken twin, which it then names. The chain's own are ours.
type Contracts string

// Ours is all contracts as they are meant.
const Ours Contracts = "ours"

// Names lists Ours and the twins.
func (Contracts) Names() []string {
	return slices.Concat([]string{string(Ours)}, contracts.TwinNames())
}

// UnmarshalText accepts the names in Names.
func (k *Contracts) UnmarshalText(b []byte) error { return choose(k, b, k.Names()) }

// Code creates the contract of a name: own, or that of its twin.
func (k Contracts) Code(name string, own []byte) []byte {
	if k == Ours {
		return own
	}
	if twin := contracts.TwinOf(string(k)); twin.Of == name {
		return twin.Code
	}
	return own
}
