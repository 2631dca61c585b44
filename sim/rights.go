package sim

import (
	"encoding/binary"
	"time"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// rights is where viewers have from what shows that they may watch, and what edges
// check that with: the run's chain. Where signatures are not executed, neither are
// these: a book of what was given out stands for them, as ideal ones would, and what
// is shown has the size of the real thing.
type rights struct {
	world  *world
	on     payment.Licence
	real   bool
	size   int // of a proof that is not made
	book   map[payment.Account]shown
	serial uint64
	bytes  int64 // of proofs and capabilities, by each way that they went
}

// A shown is what a viewer was given last, if that is not executed.
type shown struct {
	serial uint64
	until  time.Duration
}

func (w *world) newRights() *rights {
	s := w.scenario
	r := &rights{world: w, on: s.Payment.Licence, real: w.stream.Terms.Signed}
	if !r.real {
		r.book = map[payment.Account]shown{}
		r.size = ledger.ProofSize(w.visits, w.visits)
		w.note("what viewers show of their licences (%s) is charged, neither made nor checked: payment.signatures", r.on.Proof)
	}
	return r
}

// Show implements payment.Rights.
func (r *rights) Show(a payment.Account, now time.Duration) (b []byte) {
	if r.world.reads++; r.on.Proof == payment.Light {
		b = r.prove(a)
	} else {
		b = r.grant(a, now)
	}
	r.bytes += int64(len(b))
	return b
}

// prove is what a node of the chain answers.
func (r *rights) prove(a payment.Account) []byte {
	w, id := r.world, r.world.watched(a)
	if r.real {
		return w.chain.ProveLicence(id, a)
	}
	return r.enter(a, make([]byte, r.size), min(w.chain.LicenceEnd(id, a), w.due()+r.on.TTL))
}

// enter numbers what is not made, and writes it into the book.
func (r *rights) enter(a payment.Account, b []byte, until time.Duration) []byte {
	r.serial++
	binary.BigEndian.PutUint64(b, r.serial)
	r.book[a] = shown{r.serial, until}
	return b
}

// A capability is when it ends, in milliseconds since the start, and a signature.
const capabilitySize = 8 + len(payment.Signature{})

// grant is what the publisher signs for who has a licence.
func (r *rights) grant(a payment.Account, now time.Duration) []byte {
	w, id := r.world, r.world.watched(a)
	ends := min(w.chain.LicenceEnd(id, a), now+r.on.TTL).Truncate(time.Millisecond)
	if ends <= now {
		return nil
	}
	b := make([]byte, capabilitySize)
	if !r.real {
		return r.enter(a, b, ends)
	}
	binary.BigEndian.PutUint64(b, uint64(ends/time.Millisecond))
	sig := w.chain.SignCapability(payment.Account(publisherID), id, a, ends)
	copy(b[8:], sig[:])
	return b
}

// Check implements payment.Rights.
func (r *rights) Check(a payment.Account, b []byte, now time.Duration) time.Duration {
	w, id := r.world, r.world.watched(a)
	r.bytes += int64(len(b))
	switch {
	case !r.real:
		if s := r.book[a]; len(b) >= 8 && binary.BigEndian.Uint64(b) == s.serial {
			return s.until
		}
		return 0
	case r.on.Proof == payment.Light:
		end, due, err := w.chain.CheckLicence(id, a, b)
		if err != nil {
			return 0
		}
		return min(end, due+r.on.TTL)
	case len(b) != capabilitySize:
		return 0
	}
	ms := binary.BigEndian.Uint64(b)
	if ms > uint64(now/time.Millisecond)+uint64(r.on.TTL/time.Millisecond) { // nor would the arithmetic hold
		return 0
	}
	ends := time.Duration(ms) * time.Millisecond
	if ends <= now || !w.chain.VerifyCapability(payment.Account(publisherID), id, a, ends, payment.Signature(b[8:])) {
		return 0
	}
	return ends
}

// due is when the contracts' chain makes its next block.
func (w *world) due() time.Duration {
	if w.rollup != nil {
		return w.rollup.Chain.Next()
	}
	return w.chain.Next()
}

// followed is what the headers take that edges hold, of all blocks due during the stream.
func (w *world) followed() int64 {
	every := w.scenario.Ledger.BlockTime
	if w.rollup != nil {
		every = w.scenario.Ledger.Rollup.BlockTime
	}
	return int64(w.end/every) * int64(len(w.stream.Edges)) * int64(ledger.HeaderSize)
}
