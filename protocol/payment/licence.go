package payment

import (
	"fmt"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A Licence is what viewers must have to be served by an edge: the owner of the
// asset grants one to each, free of charge.
type Licence struct {
	Period  time.Duration `yaml:"period" doc:"How long a licence lasts, from the block that has it, in whole seconds; 0s: nobody needs one."`
	Held    bool          `yaml:"held" doc:"Viewers have their licences before the stream, not when play is pressed."`
	Proof   Proof         `yaml:"proof" doc:"What shows an edge that a viewer has one. read: the edge asks a node of the chain, under the central method the platform. light: the viewer shows its slot in the chain's state, with the path to the state root of a block whose header the edge holds. capability: the viewer shows what the publisher, who asks the chain, has signed for it."`
	TTL     time.Duration `yaml:"ttl" doc:"How long that counts: what the edge has read, from when it has asked; a path, from when the next block is due; a capability, from when it is signed."`
	Read    time.Duration `yaml:"read" doc:"How long the answer of a node takes that an edge (proof: read) or a viewer (proof: light) asks: 0s if it has its own, 50ms to 300ms if it asks another's. The request waits for it."`
	Revoked unit.Ratio    `yaml:"revoked" doc:"Share of viewers whose licence the owner takes back."`
	After   time.Duration `yaml:"after" doc:"How long after the viewer has pressed play it does so."`
}

// A Proof names what shows that a viewer has a licence.
type Proof string

// Proofs.
const (
	Read       Proof = "read"
	Light      Proof = "light"
	Capability Proof = "capability"
)

// Names lists the proofs.
func (Proof) Names() []string { return []string{string(Read), string(Light), string(Capability)} }

// UnmarshalText accepts the names in Names.
func (p *Proof) UnmarshalText(b []byte) error {
	for _, n := range p.Names() {
		if n == string(b) {
			*p = Proof(n)
			return nil
		}
	}
	return fmt.Errorf("unknown proof %q: use one of %s", b, strings.Join(p.Names(), ", "))
}

// Rights makes and checks what viewers show.
type Rights interface {
	// Show is what shows now that viewer may watch: the path to its slot, whatever
	// that says, or a capability; nothing if no capability is due.
	Show(viewer Account, now time.Duration) []byte
	// Check says until when what viewer shows counts: not after now if it does not.
	Check(viewer Account, shown []byte, now time.Duration) time.Duration
}

// Validate reports every value that makes no sense.
func (l Licence) Validate() error {
	if l.Period < 0 || l.Period%time.Second != 0 {
		return unit.Bad("period", fmt.Sprintf("%v is negative or not in whole seconds", l.Period))
	}
	if l.TTL < 0 || l.TTL > 24*time.Hour {
		return unit.Bad("ttl", fmt.Sprintf("%v is not between 0s and 24h", l.TTL))
	}
	if l.Proof == Capability && l.TTL < time.Second && l.Period > 0 {
		return unit.Bad("ttl", fmt.Sprintf("a capability that ends %v after it is signed is of no use: write 1s or more", l.TTL))
	}
	if l.Read < 0 || l.Read > maxRead {
		return unit.Bad("read", fmt.Sprintf("%v is not between 0s and %v, after which viewers turn away", l.Read, maxRead))
	}
	if l.Revoked < 0 || l.Revoked > 1 {
		return unit.Bad("revoked", fmt.Sprintf("%v is not between 0%% and 100%%", l.Revoked))
	}
	if l.After < 0 || l.After > 24*time.Hour {
		return unit.Bad("after", fmt.Sprintf("%v is not between 0s and 24h", l.After))
	}
	return nil
}

// central reports what of licences a platform's own books cannot do.
func (l Licence) central() error {
	switch {
	case l.Period == 0:
		return nil
	case l.Proof != Read:
		return unit.Bad("licence.proof", fmt.Sprintf("%s: a platform has neither a chain nor signs rights, edges ask it: write read", l.Proof))
	case l.Read > 0:
		return unit.Bad("licence.read", fmt.Sprintf("%v: the central method has no chain's node; the platform answers after the way there and back: write 0s", l.Read))
	}
	return nil
}

// maxRead is less than the time after which a viewer takes silence for trouble.
const maxRead = 500 * time.Millisecond
