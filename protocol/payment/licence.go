package payment

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
)

// A Licence is what viewers must have to be served by an edge: the owner of the
// asset grants one to each when it presses play, free of charge.
type Licence struct {
	Period  time.Duration `yaml:"period" doc:"How long a licence lasts, from the block that has it, in whole seconds; 0s: nobody needs one."`
	TTL     time.Duration `yaml:"ttl" doc:"How long an edge takes a licence that it has read from the chain for valid."`
	Read    time.Duration `yaml:"read" doc:"How long the chain's answer to an edge takes: 0s if it has a node of its own, 50ms to 300ms if it asks another's. The request waits for it."`
	Revoked unit.Ratio    `yaml:"revoked" doc:"Share of viewers whose licence the owner takes back."`
	After   time.Duration `yaml:"after" doc:"How long after the viewer has pressed play it does so."`
}

// Validate reports every value that makes no sense.
func (l Licence) Validate() error {
	if l.Period < 0 || l.Period%time.Second != 0 {
		return unit.Bad("period", fmt.Sprintf("%v is negative or not in whole seconds", l.Period))
	}
	if l.TTL < 0 || l.TTL > 24*time.Hour {
		return unit.Bad("ttl", fmt.Sprintf("%v is not between 0s and 24h", l.TTL))
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

// maxRead is less than the time after which a viewer takes silence for trouble.
const maxRead = 500 * time.Millisecond
