package protocol

import (
	"kinetoscope/internal/prefetch"
	"kinetoscope/protocol/payment"
)

// A guestBook finds an edge's guests by account. It does what a map does, and
// says beforehand where it will look, so that this can be fetched from memory
// before it is needed. It is open addressing with linear probing; who is in it
// stays, in pages, which are never moved.
type guestBook struct {
	slots    []guestSlot
	pages    []*[guestPage]guest
	accounts []payment.Account // of all, in the order in which they came
}

type guestSlot struct {
	account payment.Account
	nth     uint32 // in the order of coming, from 1 on; 0: nobody is here
}

const guestPage = 16

// at is where the search for an account begins.
func (b *guestBook) at(a payment.Account) int {
	return int(uint64(a)*0x9e3779b97f4a7c15>>32) & (len(b.slots) - 1)
}

// of is the guest with that account, nil if there is none.
func (b *guestBook) of(a payment.Account) *guest {
	if len(b.slots) == 0 {
		return nil
	}
	for i := b.at(a); ; i = (i + 1) & (len(b.slots) - 1) {
		switch s := b.slots[i]; {
		case s.nth == 0:
			return nil
		case s.account == a:
			return &b.pages[(s.nth-1)/guestPage][(s.nth-1)%guestPage]
		}
	}
}

// add makes a guest of who is not in the book.
func (b *guestBook) add(a payment.Account) *guest {
	n := len(b.accounts)
	if 4*(n+1) > 3*len(b.slots) {
		old := b.slots
		b.slots = make([]guestSlot, max(16, 2*len(old)))
		for _, s := range old {
			if s.nth > 0 {
				b.put(s)
			}
		}
	}
	if n%guestPage == 0 {
		b.pages = append(b.pages, new([guestPage]guest))
	}
	b.accounts = append(b.accounts, a)
	b.put(guestSlot{a, uint32(n + 1)})
	return &b.pages[n/guestPage][n%guestPage]
}

func (b *guestBook) put(s guestSlot) {
	i := b.at(s.account)
	for b.slots[i].nth > 0 {
		i = (i + 1) & (len(b.slots) - 1)
	}
	b.slots[i] = s
}

// Foresee has the place fetched from memory where the edge will look for an
// account.
func (e *Edge) Foresee(a payment.Account) {
	if b := &e.guests; len(b.slots) > 0 {
		prefetch.Line(&b.slots[b.at(a)])
	}
}

// ForeseeGuest does so with what the edge knows of it; Foresee came before.
func (e *Edge) ForeseeGuest(a payment.Account) {
	if g := e.guests.of(a); g != nil {
		prefetch.All(g)
	}
}
