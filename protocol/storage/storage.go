// Package storage spreads a token over providers and gets it back.
//
// A [Coder] turns a payload into shards, any K of which give it back; [Place]
// chooses a provider for each. The schemes are none (the payload whole, at one
// place), replication (n whole copies) and reed-solomon (n shards of which any
// k suffice). docs/explanation/redundancy.md has the arithmetic of loss.
//
// [Repair] says when shards that are gone are made anew, [Proof] shows that one
// is there, and a [Census] says what a given placement can lose.
//
// What it leaves out: who holds which shard at the moment and carrying repairs
// out (the roles do that), and finding out which shard is a forgery:
// shards carry no checksum. The content id of the token (protocol/token) tells
// whether the payload that was put together is the right one.
package storage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// Errors of Decode, matched with errors.Is. Both are the fault of peers.
var (
	ErrTooFew = errors.New("storage: too few shards")
	ErrShape  = errors.New("storage: a shard has the wrong length")
)

// MaxShards is the most shards of one token: codewords are over GF(2^8).
const MaxShards = 256

// A Scheme says how a token is made redundant.
type Scheme string

// The schemes.
const (
	None        Scheme = "none"
	Replication Scheme = "replication"
	ReedSolomon Scheme = "reed-solomon"
)

// Names lists the schemes in the order of the documentation.
func (Scheme) Names() []string {
	return []string{string(None), string(Replication), string(ReedSolomon)}
}

// UnmarshalText reads the name of a scheme. The error lists the names.
func (s *Scheme) UnmarshalText(text []byte) error {
	if err := known(string(text), s.Names()); err != nil {
		return err
	}
	*s = Scheme(text)
	return nil
}

// A Placement says how the providers of a token's shards are chosen.
type Placement string

// The placements.
const (
	Random  Placement = "random"  // rendezvous hashing: those with the lowest hash for the token
	Ring    Placement = "ring"    // consistent hashing: the next on a hash ring with virtual nodes
	Domains Placement = "domains" // rendezvous, as few as possible of one operator, in one site, in one rack
	Regions Placement = "regions" // rendezvous, as few as possible in one region, then in one domain
)

// Names lists the placements in the order of the documentation.
func (Placement) Names() []string {
	return []string{string(Random), string(Ring), string(Domains), string(Regions)}
}

// UnmarshalText reads the name of a placement. The error lists the names.
func (p *Placement) UnmarshalText(text []byte) error {
	if err := known(string(text), p.Names()); err != nil {
		return err
	}
	*p = Placement(text)
	return nil
}

// known is nil if name is one of names.
func known(name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("unknown name %q: write %s", name, strings.Join(names, ", "))
}

// A Config is the storage section of a scenario.
type Config struct {
	Scheme    Scheme    `yaml:"scheme" doc:"How a token is made redundant: whole and once, as n whole copies, or as n shards of which any k suffice."`
	K         int       `yaml:"k" doc:"Shards needed to get a token back. Read by reed-solomon; one copy suffices for the other schemes."`
	N         int       `yaml:"n" doc:"Shards or copies stored. Read by reed-solomon and replication; none stores one."`
	Placement Placement `yaml:"placement" doc:"How the providers of a token's shards are chosen."`
	Extra     int       `yaml:"extra" doc:"Shards beyond k that a gathering asks for at once, so that it need not wait for the slowest of k."`

	Repair    Repair        `yaml:"repair" doc:"When shards that are gone are made anew on other providers."`
	Threshold int           `yaml:"threshold" doc:"Lazy repair begins when no more than k + threshold shards of a token are live."`
	Audit     time.Duration `yaml:"audit" doc:"How often the publisher challenges each provider to prove that it holds a shard; 0s never."`
	Detect    time.Duration `yaml:"detect" doc:"How long a challenge, or a shard's acknowledgement, may stay out before it counts as failed. Read by audit and repair."`
	Deals     Deals         `yaml:"deals" doc:"Contracts of the publisher with each provider, about the newest shard that it keeps. A provider that fails an audit is then challenged on the chain, and who shows no piece in time loses its bond."`
}

// Default is Reed-Solomon 4 of 6 over failure domains: half as much again is
// stored, and any two providers may be gone.
func Default() Config {
	return Config{Scheme: ReedSolomon, K: 4, N: 6, Placement: Domains, Repair: Never, Detect: 3 * time.Second}
}

// Validate says which keys are wrong, each with what is allowed. Whether there
// are as many providers as Shards is for the caller to check.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if err := known(string(c.Scheme), c.Scheme.Names()); err != nil {
		bad("scheme", "%v", err)
	}
	if err := known(string(c.Placement), c.Placement.Names()); err != nil {
		bad("placement", "%v", err)
	}
	if c.Scheme != None && (c.N < 1 || c.N > MaxShards) {
		bad("n", "%d shards: allowed are 1 to %d", c.N, MaxShards)
	}
	if c.Scheme == ReedSolomon && (c.K < 1 || c.K > min(c.N, MaxShards)) {
		bad("k", "%d of n=%d shards: allowed are 1 to n", c.K, c.N)
	}
	if spare := c.Shards() - c.Needed(); c.Extra < 0 || c.Extra > max(spare, 0) {
		bad("extra", "%d of the %d shards beyond k: allowed are 0 to %d", c.Extra, spare, max(spare, 0))
	}
	return errors.Join(append(errs, c.upkeep())...)
}

// Needed is how many shards give a token back: the K of the coder.
func (c Config) Needed() int {
	if c.Scheme == ReedSolomon {
		return c.K
	}
	return 1
}

// Shards is how many shards a token has: the N of the coder.
func (c Config) Shards() int {
	if c.Scheme == None {
		return 1
	}
	return c.N
}

// A Coder turns a payload into N shards and any K of them back. It is
// stateless and may be shared between goroutines.
type Coder interface {
	// K is how many shards suffice, 1 <= K <= N.
	K() int
	// N is how many shards there are.
	N() int
	// Encode gives N shards of ShardSize bytes each. Shards may alias the
	// payload and each other: neither they nor the payload may change.
	Encode(payload []byte) [][]byte
	// EncodeInto is Encode that writes into room what is not in the payload, if
	// room has the capacity that Room says; the shards are good until room is
	// used again. Memory that is new for each segment costs more than the code.
	EncodeInto(room, payload []byte) [][]byte
	// Room is how many bytes EncodeInto writes for a payload of size bytes.
	Room(size int) int
	// Decode gives back the payload of size bytes from N shards, of which the
	// missing are nil. It reads the first K that are there and changes none;
	// the result may alias one. ErrTooFew and ErrShape say what is wrong with
	// the shards. A forged shard of the right length gives wrong bytes without
	// an error: compare the content id.
	Decode(shards [][]byte, size int) ([]byte, error)
}

// New makes the coder of a valid configuration. Make one and keep it: making
// one of Reed-Solomon costs as much as coding a few kilobytes.
func New(c Config) (Coder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	switch c.Scheme {
	case None, Replication:
		return copies(c.Shards()), nil
	case ReedSolomon:
		return newReedSolomon(c.K, c.N)
	}
	panic("storage: a valid scheme without a coder: " + string(c.Scheme))
}

// ShardSize is the number of bytes of each shard of a payload of size bytes:
// size/K rounded up.
func ShardSize(c Coder, size int) int { return (size + c.K() - 1) / c.K() }

// gather checks the shards of a payload and says which are the first k that
// are there.
func gather(c Coder, shards [][]byte, size int) ([]int, error) {
	if len(shards) != c.N() || size < 1 {
		panic(fmt.Sprintf("storage: %d shards of a payload of %d bytes: the coder makes %d", len(shards), size, c.N()))
	}
	have := make([]int, 0, c.K())
	for i, s := range shards {
		if s == nil {
			continue
		}
		if want := ShardSize(c, size); len(s) != want {
			return nil, fmt.Errorf("%w: shard %d has %d bytes instead of %d", ErrShape, i, len(s), want)
		}
		if have = append(have, i); len(have) == c.K() {
			return have, nil
		}
	}
	return nil, fmt.Errorf("%w: %d of the %d needed", ErrTooFew, len(have), c.K())
}
