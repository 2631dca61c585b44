package protocol

import (
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/token"
)

// A Stage is one step of what a publisher computes for each slot, in the order
// in which it does.
type Stage uint8

// Stages of publishing.
const (
	StageParse  Stage = iota // find the samples in what the encoder wrote
	StageCut                 // copy them into segments without their container
	StageCipher              // encrypt payloads, of a sealed stream
	StageHash                // compute content ids
	StageMerkle              // build the trees over fragments and over the slot's headers
	StageSign                // sign
	StageCode                // compute shards
	StageHeader              // write headers
	Stages                   // how many there are
)

var stageNames = [Stages]string{"parse", "cut", "cipher", "hash", "merkle", "sign", "code", "header"}

// String is the stage's name.
func (s Stage) String() string { return stageNames[s] }

// A Host is the processor that a publisher computes on.
type Host struct {
	Speed   float64 // relative to the core that Costs were measured on; above 0
	Streams int     // that share it, all with the same segments; at least 1
	Cuts    Cuts
}

// Cuts names when the segments of streams that share a processor end.
type Cuts string

// Cuts.
const (
	Spread   Cuts = "spread"   // evenly over a slot
	Together Cuts = "together" // at the same instant, as those of encoders that cut by the wall clock
)

// Names lists the cuts.
func (Cuts) Names() []string { return []string{string(Spread), string(Together)} }

// UnmarshalText accepts the names in Names.
func (c *Cuts) UnmarshalText(b []byte) error { return choose(c, b, c.Names()) }

// DefaultHost is one core for one stream.
func DefaultHost() Host { return Host{Speed: 1, Streams: 1, Cuts: Spread} }

// takes is how long the host's processor needs for what takes the calibrated
// core d.
func (h *Host) takes(d time.Duration) time.Duration {
	if h.Speed == 1 {
		return d
	}
	return time.Duration(float64(d) / h.Speed)
}

// arrived is how long before the end of its own slot, of that length, the i-th
// stream's slot was over. The stream that is watched comes last.
func (h *Host) arrived(i int, length time.Duration) time.Duration {
	if h.Cuts == Together {
		return 0
	}
	return length * time.Duration(h.Streams-1-i) / time.Duration(h.Streams)
}

// serve hands the slots of all streams that ended up to now to the processor,
// which takes one after the other in the order of their ends and needs work for
// each. It is free from free on, and later from the result on. It calls delayed
// for each slot with the time from its end until its work is done.
func (h *Host) serve(now, length, work, free time.Duration, delayed func(i int, d time.Duration)) time.Duration {
	for i := range h.Streams {
		end := now - h.arrived(i, length)
		free = max(free, end) + work
		delayed(i, free-end)
	}
	return free
}

// labour is the processor time of each stage of publishing the tokens of a
// slot, on the stream's host.
func (s *Stream) labour(tokens []*token.Token) (w [Stages]time.Duration) {
	c, f := &s.CPU, &s.Tokens
	w[StageMerkle] = c.Node * time.Duration(2*len(tokens)-1)
	for _, t := range tokens {
		n := t.Payload.Len()
		parts, size := s.parts(n)
		w[StageParse] += c.Parse.Time(unit.Size(n))
		w[StageCut] += c.Cut.Time(unit.Size(n))
		if f.Sealed {
			w[StageCipher] += c.Cipher.Time(unit.Size(n))
		}
		w[StageHash] += c.hashing(n)
		w[StageMerkle] += c.Node * time.Duration(f.nodes(n))
		if parts > 1 {
			w[StageCode] += c.coding(n)
			if f.Fragment != 0 { // shards are checked as well
				w[StageHash] += c.hashing(parts * size)
				w[StageMerkle] += c.Node * time.Duration(parts*f.nodes(size))
			}
		}
		if f.Proof == BySignature {
			w[StageSign] += c.Seal * time.Duration(parts*f.fragments(size))
		}
		w[StageHeader] += c.Header.Time(unit.Size(parts * f.headers(t, size)))
	}
	if f.Proof != BySignature {
		w[StageSign] = c.Seal
	}
	for i := range w {
		w[i] = s.Host.takes(w[i])
	}
	return w
}

// parts is how many different things the publisher sends of n payload bytes,
// and their size: one payload, or the shards of an erasure code.
func (s *Stream) parts(n int) (count, size int) {
	if s.Coder == nil || s.Coder.K() == 1 {
		return 1, n
	}
	return s.Coder.N(), (n + s.Coder.K() - 1) / s.Coder.K()
}

// nodes is how many inner nodes the trees over n bytes have: that of the
// content id, and that over fragments. A list of fragments' hashes is hashed at
// once, two of them in the time of a node.
func (c *TokenConfig) nodes(n int) int {
	nodes := (n - 1) / contentPiece
	switch cut := c.fragments(n); {
	case c.Proof == BySignature, cut == 1:
	case c.Proof == ByList:
		nodes += (cut + 1) / 2
	default:
		nodes += cut - 1
	}
	return nodes
}

// contentPiece is how many bytes one leaf of a content id covers.
const contentPiece = 16 << 10

// verifying is the time to check n payload bytes that have arrived. Who checks
// keeps the nodes of the tree that held, so that each is hashed once.
func (s *Stream) verifying(n int) time.Duration {
	signatures := 1
	if s.Tokens.Proof == BySignature {
		signatures = s.Tokens.fragments(n)
	}
	return s.CPU.hashing(n) + s.CPU.Node*time.Duration(s.Tokens.nodes(n)) + s.CPU.Check*time.Duration(signatures)
}

// check reports a host that makes no sense.
func (h *Host) check() error {
	if !(h.Speed > 0) || h.Streams < 1 {
		return fmt.Errorf("a host has a speed above 0 and at least one stream, not %v and %d", h.Speed, h.Streams)
	}
	return nil
}
