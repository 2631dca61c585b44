package protocol

import (
	"kinetoscope/internal/prefetch"
	"kinetoscope/protocol/payment"
)

// A guestBook finds an edge's guests by account. It does what a map does, and
// says beforehand where it will look, so that this can be fetched from memory
// before it is needed. It is open addressing with linear probing; who is in it
// stays.
type guestBook struct {
	slots []guestSlot
	count int
}

type guestSlot struct {
	account payment.Account
	guest   *guest // nil: nobody is here
}

// at is where the search for an account begins.
func (b *guestBook) at(a payment.Account) int {
	return int(uint64(a)*0x9e3779b97f4a7c15>>32) & (len(b.slots) - 1)
}

// of is the guest with that account, nil if there is none.
func (b *guestBook) of(a payment.Account) *guest {
	if b.count == 0 {
		return nil
	}
	for i := b.at(a); ; i = (i + 1) & (len(b.slots) - 1) {
		if s := &b.slots[i]; s.guest == nil || s.account == a {
			return s.guest
		}
	}
}

// add enters a guest who is not in the book.
func (b *guestBook) add(a payment.Account, g *guest) {
	if 4*(b.count+1) > 3*len(b.slots) {
		old := b.slots
		b.slots = make([]guestSlot, max(16, 2*len(old)))
		for _, s := range old {
			if s.guest != nil {
				b.put(s)
			}
		}
	}
	b.count++
	b.put(guestSlot{a, g})
}

func (b *guestBook) put(s guestSlot) {
	i := b.at(s.account)
	for b.slots[i].guest != nil {
		i = (i + 1) & (len(b.slots) - 1)
	}
	b.slots[i] = s
}

// Foresee has the place fetched from memory where the edge will look for an
// account.
func (e *Edge) Foresee(a payment.Account) {
	if b := &e.guests; b.count > 0 {
		prefetch.Line(&b.slots[b.at(a)])
	}
}

// ForeseeGuest does so with what the edge knows of it; Foresee came before.
func (e *Edge) ForeseeGuest(a payment.Account) {
	if g := e.guests.of(a); g != nil {
		prefetch.All(g)
	}
}
