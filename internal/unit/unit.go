// Package unit holds quantities that know their unit: rates in bits, sizes in
// bytes, ratios, and money. Bits and bytes never share a type, and every
// quantity has one text form that a scenario file writes and a report prints.
//
// What it leaves out: durations (time.Duration serves), sums of money beyond
// 64 bits (math/big serves) and signed input: a quantity that is computed may
// be negative and prints so, one that is read may not.
package unit

import (
	"math"
	"math/bits"
	"time"
)

// A Rate is a number of bits per second. Its text form is "50Mbit/s".
type Rate int64

// A Size is a number of bytes. Its text form is "64KiB" or "1.5MB".
type Size int64

// A Ratio is a fraction or probability between 0 and 1. Its text form is "5%".
type Ratio float64

// A Wei is an amount of ether in its smallest unit. Its text form is "0.01ETH",
// "5gwei" or "100wei". The largest amount is 18.4 ETH; sums over many accounts
// use math/big.
type Wei uint64

// A USD is an amount of United States dollars in nano-dollars. Its text form
// is "$0.085".
type USD int64

// Never is the duration that stands for "not in this world": what sending at
// rate zero takes.
const Never = time.Duration(math.MaxInt64)

// nanobits is how many bits at one bit per second take as many nanoseconds as
// one byte at one byte per second: 8 bits times 1e9 nanoseconds.
const nanobits = 8_000_000_000

// Time is how long n bytes take at rate r, rounded up to a nanosecond: after
// r.Time(n) all n bytes are through, a nanosecond earlier they are not. It is
// Never for a rate that is not positive or a time beyond 292 years, and zero
// for a size that is not positive.
func (r Rate) Time(n Size) time.Duration {
	if n <= 0 {
		return 0
	}
	if r <= 0 {
		return Never
	}
	hi, lo := bits.Mul64(uint64(n), nanobits)
	if hi >= uint64(r) {
		return Never
	}
	ns, rest := bits.Div64(hi, lo, uint64(r))
	if rest > 0 {
		ns++
	}
	return time.Duration(min(ns, uint64(Never)))
}

// Bytes is how many whole bytes pass at rate r in time d, rounded down. It is
// zero for a rate or a time that is not positive, and the largest Size when
// the true number is beyond it.
func (r Rate) Bytes(d time.Duration) Size {
	if r <= 0 || d <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(r), uint64(d))
	if hi >= nanobits {
		return math.MaxInt64
	}
	n, _ := bits.Div64(hi, lo, nanobits)
	return Size(min(n, math.MaxInt64))
}

// A KeyError says which key of a configuration is wrong and why. A loader
// turns Key into a place in a file.
type KeyError struct {
	Key string // dotted path below the section that was checked
	Msg string // what was found, what is allowed
}

// Error joins the key and the message.
func (e *KeyError) Error() string { return e.Key + ": " + e.Msg }

// Bad makes a KeyError.
func Bad(key, msg string) error { return &KeyError{Key: key, Msg: msg} }
