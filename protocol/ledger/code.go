package ledger

import (
	"crypto/sha256"
	"fmt"
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

// Altered says what contract actors deploy in the place of one of ours; nothing
// if there is none.
func (c *Config) Altered() string {
	if c.Artefact != "" {
		own := c.own()
		return fmt.Sprintf("attacked: a %s that is not ours, whose bytecode has the SHA-256 %x", own.Contract, sha256.Sum256(own.Bytecode))
	}
	if c.Contracts != Ours {
		return fmt.Sprintf("broken on purpose: the contracts are the twin %s", c.Contracts)
	}
	return ""
}

// own is the Artefact. It panics if contracts.ReadOwn has not accepted it.
func (c *Config) own() contracts.Own {
	own, err := contracts.ReadOwn([]byte(c.Artefact))
	if err != nil {
		panic(fmt.Sprintf("ledger: the artefact: %v", err))
	}
	return own
}

// Code creates the contract of a name as actors deploy it: own, its twin's, or
// that of the Artefact.
func (c *Config) Code(name string, own []byte) []byte {
	switch {
	case c.Artefact != "":
		if a := c.own(); a.Contract == name {
			return a.Bytecode
		}
	case c.Contracts != Ours:
		if twin := contracts.TwinOf(string(c.Contracts)); twin.Of == name {
			return twin.Code
		}
	}
	return own
}
