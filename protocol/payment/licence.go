package payment

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
)

// A Licence is what viewers must have to be served by an edge: the owner of the
// asset grants one to each when it presses play, free of charge.
type Licence struct {
	Period time.Duration `yaml:"period" doc:"How long a licence lasts, from the block that has it, in whole seconds; 0s: nobody needs one."`
	TTL    time.Duration `yaml:"ttl" doc:"How long an edge takes a licence that it has read from the chain for valid."`
}

// Validate reports every value that makes no sense.
func (l Licence) Validate() error {
	if l.Period < 0 || l.Period%time.Second != 0 {
		return unit.Bad("period", fmt.Sprintf("%v is negative or not in whole seconds", l.Period))
	}
	if l.TTL < 0 || l.TTL > 24*time.Hour {
		return unit.Bad("ttl", fmt.Sprintf("%v is not between 0s and 24h", l.TTL))
	}
	return nil
}
