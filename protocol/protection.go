package protocol

import (
	"slices"
	"time"

	"kinetoscope/protocol/swarm"
	"kinetoscope/protocol/token"
)

// Protection is what viewers do against each other's malice. Each part costs
// something and keeps something off.
type Protection struct {
	Check      Check `yaml:"check" doc:"What a viewer checks of a token that comes whole, before it shows it and passes it on: nothing (none), that the payload is the one that the header names (hash), or also that the publisher signed it (signature)."`
	Reputation bool  `yaml:"reputation" doc:"Whether a viewer parts for good from a neighbour that sent corrupt bytes, promised bytes that did not come in time, or had nothing to give for a while, and tells the directory, which neither proposes nor introduces to others whom three have told it of."`
}

// DefaultProtection checks everything, and remembers nobody.
func DefaultProtection() Protection { return Protection{Check: CheckSignature} }

// A Check names what a viewer checks of a token.
type Check string

// Checks.
const (
	CheckNone      Check = "none"
	CheckHash      Check = "hash"
	CheckSignature Check = "signature"
)

// Names lists the checks.
func (Check) Names() []string {
	return []string{string(CheckNone), string(CheckHash), string(CheckSignature)}
}

// sound checks a token that arrived whole as far as viewers do, and charges
// what that takes.
func (v *Viewer) sound(t *token.Token, out *Output) bool {
	s := v.stream
	switch s.Protection.Check {
	case CheckNone:
		return t.Payload != nil
	case CheckHash:
		out.CPU += s.CPU.hashing(t.Payload.Len())
		return t.Payload != nil && t.Payload.ID() == t.Content
	}
	known := &s.checked[t.Seq%keepSlots][t.Rendition%MaxRenditions]
	if known.token == t {
		out.CPU += known.takes
		return true
	}
	takes := s.verifying(t.Payload.Len())
	out.CPU += takes
	if t.Check(s.Key) != nil {
		return false
	}
	*known = checked{t, takes}
	return true
}

// A checked token was found good, which takes so long. Those who hold a token share it,
// and it never changes, so one that is the same is as good as it was; any other, of
// whatever slot, is checked.
type checked struct {
	token *token.Token
	takes time.Duration
}

// spoiled is what a viewer that means harm sends in place of a token.
func (v *Viewer) spoiled(t *token.Token) *token.Token {
	if v.traits.Pollutes || v.traits.Forges {
		t = t.With(t.Payload.Flip(0))
	}
	if v.traits.Forges { // the header names the false bytes; only the signature tells
		t.Content = t.Payload.ID()
	}
	return t
}

// A shunned list remembers the last neighbours that did wrong.
type shunned [32]NodeID

// shun parts from a neighbour for good, and tells the directory.
func (v *Viewer) shun(id NodeID, out *Output) {
	if !v.stream.Protection.Reputation || v.shuns(id) {
		return
	}
	if v.shunned == nil {
		v.apart().shunned = &shunned{}
	}
	copy(v.shunned[1:], v.shunned[:])
	v.shunned[0] = id
	v.table.Remove(uint32(id))
	out.send(id, Message{Kind: Bye})
	v.tellDirectory(Message{Kind: Gone, Seq: uint32(id)}, out)
}

// shuns says whether a viewer has parted from another for good. Nobody is node
// 0, which is the directory.
func (v *Viewer) shuns(id NodeID) bool { return v.shunned != nil && slices.Contains(v.shunned[:], id) }

// signOfLife is which slots are announced to all neighbours where reputation counts: who is the last of them to
// get everything, and who gets it unasked, would else announce nothing.
const signOfLife = swarm.Window / 2

// expect gives a new neighbour the time that its first sign of life may take: one
// slot to have begun, and those up to the next that is announced to all.
func (v *Viewer) expect(now time.Duration, id NodeID) {
	if seq := v.stream.At(max(0, now-v.live.Delay)); v.stream.Protection.Reputation && seq >= signOfLife {
		v.table.Expect(uint32(id), seq+signOfLife+1-swarm.Window)
	}
}

// purge parts, now and then, from neighbours that have announced nothing for as
// long as a table remembers.
func (v *Viewer) purge(now time.Duration, seq uint32, out *Output) {
	if !v.stream.Protection.Reputation || seq%swarm.Window != 0 {
		return
	}
	for i := v.table.Len() - 1; i >= 0; i-- {
		if v.table.Idle(i, seq) {
			id := NodeID(v.table.At(i))
			v.shun(id, out)
			v.forget(now, id, out)
		}
	}
}
