package storage

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
)

// A Repair says when shards that are gone are made anew.
type Repair string

// The policies of repair. Eager heals every outage at once, also those that
// end by themselves; lazy waits until a token comes near its loss (Bhagwan et
// al., Total Recall, 2004).
const (
	Never Repair = "none"
	Eager Repair = "eager"
	Lazy  Repair = "lazy"
)

// Names lists the policies in the order of the documentation.
func (Repair) Names() []string { return []string{string(Never), string(Eager), string(Lazy)} }

// UnmarshalText reads the name of a policy. The error lists the names.
func (r *Repair) UnmarshalText(text []byte) error {
	if err := known(string(text), r.Names()); err != nil {
		return err
	}
	*r = Repair(text)
	return nil
}

// Due says whether a token with so many live shards is to be repaired. One
// with fewer than Needed is beyond repair.
func (c Config) Due(live int) bool {
	if live < c.Needed() {
		return false
	}
	switch c.Repair {
	case Eager:
		return live < c.Shards()
	case Lazy:
		return live <= c.Needed()+c.Threshold && live < c.Shards()
	}
	return false
}

// upkeep checks the keys of repair and audit. No policy is that of none.
func (c Config) upkeep() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	repairs := c.Repair != Never && c.Repair != ""
	if err := known(string(c.Repair), c.Repair.Names()); err != nil && repairs {
		bad("repair", "%v", err)
	}
	if spare := c.Shards() - c.Needed(); c.Repair == Lazy && (c.Threshold < 0 || c.Threshold >= max(spare, 1)) {
		bad("threshold", "%d: with %d shards beyond k, allowed are 0 to %d", c.Threshold, spare, max(spare-1, 0))
	}
	if c.Audit < 0 {
		bad("audit", "%v is negative: write 0s for no audits", c.Audit)
	}
	if repairs && c.Audit == 0 {
		bad("audit", "0s: who never asks never learns what to repair: give a time, such as 2s")
	}
	if c.Audit > 0 && c.Detect <= 0 {
		bad("detect", "%v: an answer takes more than 0s", c.Detect)
	}
	if d := c.Deals; d.On() {
		if c.Audit == 0 {
			bad("audit", "0s: a provider with a deal is challenged when it fails an audit: give a time, such as 2s")
		}
		between := func(key string, d, low time.Duration) {
			if d < low || d > MaxDeal || d%time.Second != 0 {
				bad("deals."+key, "%v is not a whole number of seconds between %v and %v", d, low, MaxDeal)
			}
		}
		between("period", d.Period, time.Second)
		between("window", d.Window, time.Second)
		if most := unit.Wei(10_000_000_000_000_000_000); d.Bond > most || d.Price > most {
			bad("deals.bond", "%v and a price of %v: the most is %v each", d.Bond, d.Price, most)
		}
	} else if d != (Deals{}) {
		bad("deals.bond", "0wei: there are no deals without: give a bond, or take the other keys out")
	}
	return errors.Join(errs...)
}

// Deals is the terms of storage deals. A bond of nothing is no deals.
type Deals struct {
	Bond   unit.Wei      `yaml:"bond" doc:"What each provider puts up, and loses if it does not answer; 0wei: there are no deals."`
	Price  unit.Wei      `yaml:"price" doc:"What a deal pays over its period."`
	Period time.Duration `yaml:"period" doc:"How long a deal runs, in whole seconds; the next follows. Providers keep 64 slots, so that it must be shorter by what blocks and window take."`
	Window time.Duration `yaml:"window" doc:"How long a provider has for its answer, in whole seconds."`
}

// MaxDeal is the most that a period or a window may last.
const MaxDeal = 24 * time.Hour

// On says that there are deals.
func (d Deals) On() bool { return d.Bond > 0 }

// ProofSize is the length of a Proof in bytes.
const ProofSize = sha256.Size

// Proof is what a provider answers to a challenge: SHA-256 over the nonce and
// the whole shard. It cannot be computed from less than the shard, and not
// before the nonce is known. Whoever can compute the shard can check it.
func Proof(nonce, shard []byte) [ProofSize]byte {
	h := sha256.New()
	h.Write(nonce)
	h.Write(shard)
	return [ProofSize]byte(h.Sum(nil))
}
