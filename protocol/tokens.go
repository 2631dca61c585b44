package protocol

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A TokenConfig is the section "token" of a scenario: what a token costs in
// bytes and time beside its payload. Tokens are executed in one form, that of
// package token: one binary header for each segment, with a path to a signed
// root. Every other choice is modelled: bytes on the wire and processor time
// are those of the choice, tokens are still checked whole.
type TokenConfig struct {
	Fragment unit.Size     `yaml:"fragment" doc:"What is checked and sent as a unit, each with a header of its own: 4KiB to 1MiB, or 0B for the whole segment."`
	Header   unit.Size     `yaml:"header" doc:"Assumed size of each fragment's header with its proof, 32B to 4KiB; 0B is what encoding and proof really take."`
	Encoding Encoding      `yaml:"encoding" doc:"How a header's facts are written. Read when header is 0B."`
	Proof    Proof         `yaml:"proof" doc:"How a fragment shows that it is the publisher's: its path to the root that the slot's signature covers, a list of all fragments' hashes in front of the segment, or a signature of its own."`
	Sealed   bool          `yaml:"sealed" doc:"Whether payloads are encrypted, so that a viewer needs a key for each slot from the edge that it pays. Executed, not modelled."`
	Delay    time.Duration `yaml:"delay" doc:"What tokenizing adds to the delay of every slot beside the processor's work, 0s to 500ms."`
}

// An Encoding names a way to write the facts of a header.
type Encoding string

// Encodings.
const (
	Binary   Encoding = "binary"   // as docs/reference/token.md has it: fields in a fixed order, numbers as varints
	CBOR     Encoding = "cbor"     // RFC 8949, a map with small integers as keys, in preferred serialization
	Protobuf Encoding = "protobuf" // Protocol Buffers, proto3, field numbers below 16
	JSON     Encoding = "json"     // RFC 8259 without blanks, bytes as base64
)

// Names lists the encodings.
func (Encoding) Names() []string {
	return []string{string(Binary), string(CBOR), string(Protobuf), string(JSON)}
}

// UnmarshalText accepts the names in Names.
func (e *Encoding) UnmarshalText(b []byte) error { return choose(e, b, e.Names()) }

// A Proof names a way to show that a fragment is the publisher's.
type Proof string

// Proofs.
const (
	ByPath      Proof = "path"      // the fragment carries its Merkle path; one signature covers the slot
	ByList      Proof = "list"      // the segment's header carries the hash of each fragment; one signature covers the slot
	BySignature Proof = "signature" // the publisher signs each fragment
)

// Names lists the proofs.
func (Proof) Names() []string { return []string{string(ByPath), string(ByList), string(BySignature)} }

// UnmarshalText accepts the names in Names.
func (p *Proof) UnmarshalText(b []byte) error { return choose(p, b, p.Names()) }

func choose[T ~string](to *T, b []byte, names []string) error {
	if !slices.Contains(names, string(b)) {
		return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(names, ", "))
	}
	*to = T(b)
	return nil
}

// DefaultTokens is the form that is executed.
func DefaultTokens() TokenConfig { return TokenConfig{Encoding: Binary, Proof: ByPath} }

// Limits of a TokenConfig. A chunk of Swarm has 4 KiB, and nothing in use is
// above 1 MiB; 32 bytes hold a hash and nothing else.
const (
	minFragment = 4 << 10
	maxFragment = 1 << 20
	minHeader   = 32
	maxHeader   = 4 << 10
	maxDelay    = 500 * time.Millisecond
)

// Validate reports every value that makes no sense.
func (c TokenConfig) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if c.Fragment != 0 && (c.Fragment < minFragment || c.Fragment > maxFragment) {
		bad("fragment", "%v is not between %v and %v, nor 0B for the whole segment", c.Fragment, unit.Size(minFragment), unit.Size(maxFragment))
	}
	if c.Header != 0 && (c.Header < minHeader || c.Header > maxHeader) {
		bad("header", "%v is not between %v and %v, nor 0B for what it really takes", c.Header, unit.Size(minHeader), unit.Size(maxHeader))
	}
	if c.Header != 0 && c.Encoding != Binary {
		bad("encoding", "%s changes nothing while header assumes %v: leave one of the two out", c.Encoding, c.Header)
	}
	if c.Delay < 0 || c.Delay > maxDelay {
		bad("delay", "%v is not between 0s and %v", c.Delay, maxDelay)
	}
	return errors.Join(errs...)
}

// Executed says that bytes on the wire are those of tokens as they are executed.
func (c *TokenConfig) Executed() bool {
	return c.Fragment == 0 && c.Header == 0 && (c.Encoding == Binary || c.Encoding == "") && c.Proof != BySignature
}

// fragments is how many fragments n bytes are sent in.
func (c *TokenConfig) fragments(n int) int {
	if c.Fragment == 0 {
		return 1
	}
	return (n + int(c.Fragment) - 1) / int(c.Fragment)
}
