package payment

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// A Notice is what a hub or the collector tells a neighbour on the way.
type Notice struct {
	To      Account
	Viewer  Account
	Pledge  *Pledge
	Answer  *Answer
	Voucher *Voucher // the newest one, to be settled
}

// A Broker is a hub's half of the payments: it passes guarantees on towards the
// collector and settles them from there back, each hop only as far as the one
// behind has signed. So whatever it pays it gets, and its fee.
type Broker struct {
	terms    *Terms
	account  Account
	hop      int // of the ledger channel by which it pays
	out      *Link
	in       map[Account]*Link   // by payer
	early    map[Account]*Pledge // by payer; looked up, never walked
	payers   []Account           // of in, in order of their opening
	virtuals map[Account]*virtual
	said     map[*Link]uint64 // up to which version it has signed; looked up, never walked
	claimed  unit.Wei         // from the hub, on the chain
	suits    suits
}

// A virtual is a virtual channel as a hub knows it.
type virtual struct {
	from    Account // whose guarantee the hub has
	state   virtualState
	voucher Voucher  // the newest one, once it is to be settled
	claimed unit.Wei // from the hub, on the chain
	offer   *Pledge  // a settlement by the payer before the hub knows the voucher
}

type virtualState uint8

const (
	asked    virtualState = iota // the next one is asked
	backed                       // the next one has agreed
	settling                     // the next one is paid, and has not signed that
	settled                      // it has, or nothing came of it
)

// NewBroker makes the hub that pays by a ledger channel at the given hop to next.
func NewBroker(t *Terms, account Account, hop int, next Account, capacity unit.Wei) *Broker {
	b := &Broker{terms: t, account: account, hop: hop, out: NewLink(t, hop, account, next, capacity),
		in: map[Account]*Link{}, virtuals: map[Account]*virtual{}, said: map[*Link]uint64{}, early: map[Account]*Pledge{}}
	b.suits = newSuits(t, account)
	return b
}

// Opened hears of the opening of a ledger channel, and takes what its payer has
// pledged too early. It is not ok unless it pays this hub, which signs for itself,
// and its closing leaves time to claim after whoever claims from the hub.
func (b *Broker) Opened(r *Receipt, out []Notice) (notices []Notice, ok bool) {
	payer := r.From
	l := NewLink(b.terms, b.hop-1, payer, b.account, r.Amount)
	if !l.opens(r) {
		return out, false
	}
	if b.in[payer] != nil {
		return out, true
	}
	b.in[payer] = l
	b.payers = append(b.payers, payer)
	if p := b.early[payer]; p != nil {
		delete(b.early, payer)
		out, _ = b.Pledged(payer, p, out)
	}
	return out, true
}

// Closing hears that somebody has asked the chain to close a ledger channel. If
// it is one that pays the hub, it shows its newest balance at once, and later
// claims what vouchers are worth; wake says when. No balance follows.
func (b *Broker) Closing(now time.Duration, id ChannelID, out []Tx) (wake time.Duration, txs []Tx) {
	if id == b.out.id {
		b.out.closing = true
	}
	for _, p := range b.payers {
		if l := b.in[p]; l.id == id {
			return b.suits.answer(now, l, out)
		}
	}
	return 0, out
}

// Claimed hears that a guarantee of the hub's has been claimed on the chain: by
// the same voucher it claims from whom it has a guarantee for that.
func (b *Broker) Claimed(c *ClaimLedger, out []Tx) []Tx {
	viewer := c.Guarantee.Signer
	v := b.virtuals[viewer]
	if c.Ledger != b.out.id || v == nil || v.claimed > 0 {
		return out
	}
	if v.state == settling { // by a balance that the next one never took
		b.out.amount -= b.terms.Worth(b.hop, v.voucher.Amount)
	}
	v.claimed = c.Guarantee.Worth(c.Voucher.Amount)
	if b.claimed += v.claimed; c.Voucher.Amount > v.voucher.Amount {
		v.voucher = c.Voucher
	}
	if l := b.in[v.from]; l.has(viewer) {
		out = b.suits.sue(l, true, out)
	}
	return out
}

// Locked is what it has locked towards the next.
func (b *Broker) Locked() unit.Wei { return b.out.deposit }

// Standing is the transaction that locked it before the stream.
func (b *Broker) Standing() Tx { return b.out.Standing() }

// Pledged hears a pledge. It is not ok if that is no payer's, or nonsense.
func (b *Broker) Pledged(from Account, p *Pledge, out []Notice) (notices []Notice, ok bool) {
	l := b.in[from]
	if l == nil {
		early := *p // the chain has not confirmed it yet
		b.early[from] = &early
		return out, true
	}
	v := b.virtuals[p.Viewer]
	if b.hop == 1 && p.Viewer != from || v != nil && v.from != from { // nobody pledges for another
		return out, false
	}
	if p.Settles && v != nil && v.state < settling { // what it is worth is not known yet
		offer := *p
		v.offer = &offer
		return out, true
	}
	if p.Settles && v != nil && p.Voucher < v.voucher.Amount {
		return out, true // the guarantee is worth more
	}
	switch err := l.Take(p); {
	case err == ErrKnown: // it is impatient
		return b.again(l, p.Viewer, out), true
	case err == ErrGap:
		return out, true
	case err != nil:
		return out, false
	}
	if p.Settles {
		return b.agree(l, out), true
	}
	v = &virtual{from: from}
	b.virtuals[p.Viewer] = v
	if !b.out.Guarantee(p.Viewer) {
		v.state = settled
		return b.refuse(p.Viewer, v, out), true
	}
	return append(out, b.pledge(len(b.out.pending)-1)), true
}

func (b *Broker) pledge(i int) Notice {
	p := &b.out.pending[i]
	return Notice{To: b.out.agent, Viewer: p.Viewer, Pledge: p}
}

// again says once more, because a viewer asks, what has no answer, on both sides:
// on the next side all of it if the viewer's is the newest there, since one that was lost
// holds up what follows, and else the viewer's alone. Were it all of it each time, each
// hub would say for each of these messages all that it has, and they would multiply
// from hub to hub.
func (b *Broker) again(l *Link, viewer Account, out []Notice) []Notice {
	for i := range b.out.pending {
		if newest := b.out.pending[len(b.out.pending)-1].Viewer == viewer; newest || b.out.pending[i].Viewer == viewer {
			out = append(out, b.pledge(i))
		}
	}
	a := l.Agree(b.signable(l))
	return append(out, Notice{To: l.payer, Viewer: a.Viewer, Answer: &a})
}

func (b *Broker) refuse(viewer Account, v *virtual, out []Notice) []Notice {
	out = append(out, Notice{To: v.from, Viewer: viewer, Answer: &Answer{Viewer: viewer, Refused: true}})
	return b.agree(b.in[v.from], out)
}

// Answered hears what the next one says to what the hub has pledged.
func (b *Broker) Answered(from Account, a *Answer, out []Notice) []Notice {
	if from != b.out.agent {
		return out
	}
	if v := b.virtuals[a.Viewer]; a.Refused && v != nil && v.state == asked && b.out.has(a.Viewer) {
		v.state = settling
		b.out.Settle(a.Viewer, 0) // takes the guarantee back
		return b.refuse(a.Viewer, v, append(out, b.pledge(len(b.out.pending)-1)))
	}
	var touched []*Link
	for _, p := range b.out.Agreed(a) {
		v := b.virtuals[p.Viewer]
		switch {
		case v.state == asked:
			v.state = backed
		case p.Settles && v.state == settling:
			v.state = settled
		}
		if l := b.in[v.from]; !slices.Contains(touched, l) {
			touched = append(touched, l)
		}
	}
	for _, l := range touched {
		out = b.agree(l, out)
	}
	return out
}

// signable is the newest version of a balance that the hub may sign: all that
// it changes is done behind the hub too.
func (b *Broker) signable(l *Link) uint64 {
	for i := range l.unsigned {
		u := &l.unsigned[i]
		if v := b.virtuals[u.Viewer]; v != nil && (!u.Settles && v.state == asked || u.Settles && v.state == settling) {
			return u.Balance.Version - 1
		}
	}
	return l.version
}

// agree signs what it may and has not.
func (b *Broker) agree(l *Link, out []Notice) []Notice {
	upTo := b.signable(l)
	if upTo <= b.said[l] {
		return out
	}
	b.said[l] = upTo
	a := l.Agree(upTo)
	l.signed(upTo)
	return append(out, Notice{To: l.payer, Viewer: a.Viewer, Answer: &a})
}

// Shown hears the newest voucher of a virtual channel that is to be settled: the
// hub pays the next one, and asks to be paid.
func (b *Broker) Shown(from, viewer Account, v *Voucher, out []Notice) []Notice {
	x := b.virtuals[viewer]
	if from != b.out.agent || x == nil || !b.terms.genuine(viewer, nil, v) || v.Amount > b.terms.Deposit {
		return out
	}
	if x.state != backed && x.state != asked {
		return b.again(b.in[x.from], viewer, out)
	}
	x.state, x.voucher = settling, *v
	b.out.Settle(viewer, v.Amount)
	out = append(out, b.pledge(len(b.out.pending)-1))
	if b.hop > 1 {
		return append(out, Notice{To: x.from, Viewer: viewer, Voucher: &x.voucher})
	}
	if p := x.offer; p != nil {
		x.offer = nil
		out, _ = b.Pledged(x.from, p, out)
	}
	return out
}

// Owed is what a payer owes the hub: by the balance, and by vouchers of virtual
// channels that were never settled.
func (b *Broker) owed(l *Link) unit.Wei {
	sum := l.amount
	for _, viewer := range l.open {
		if v := b.virtuals[viewer]; v != nil {
			sum += b.terms.Worth(l.hop, v.voucher.Amount)
		}
	}
	return sum
}

// Books is what the hub is owed, or has had, in all, and what it has paid, or
// owes. The difference are its fees.
func (b *Broker) Books() (in, out unit.Wei) {
	for _, p := range b.payers {
		in += b.owed(b.in[p])
	}
	return in, b.out.amount + b.claimed
}

// Unredeemed is what the hub could still take to the chain of what it is owed by a
// payer: nothing of a ledger channel that is being closed, since all is then taken.
func (b *Broker) Unredeemed(payer Account) unit.Wei {
	l := b.in[payer]
	if l == nil || l.closing {
		return 0
	}
	return b.owed(l) - b.suits.taken[l.id].Amount
}

// Payers are those who have a ledger channel with the hub, in order of opening.
func (b *Broker) Payers() []Account { return b.payers }

// Next is whom the hub pays: another hub, or the collector, who has redeemed all
// when it is done.
func (b *Broker) Next() Account { return b.out.agent }

// Redeem takes to the chain, at the end, what is owed enough.
func (b *Broker) Redeem(out []Tx) []Tx {
	for _, p := range b.payers {
		l := b.in[p]
		if owed := b.owed(l); owed == 0 || float64(owed) < float64(b.terms.Hub.Redeem)*float64(l.deposit) {
			continue
		}
		out = b.suits.sue(l, len(b.claims(l)) > 0, out)
	}
	return out
}

// claims are what guarantees to the hub are worth by vouchers that were never
// settled.
func (b *Broker) claims(l *Link) (all []ClaimLedger) {
	for _, viewer := range l.open {
		if v := b.virtuals[viewer]; v != nil && v.voucher.Amount > 0 {
			all = append(all, l.Claim(viewer, v.voucher))
		}
	}
	return all
}

// Confirm hears what became of a transaction of the hub; wake says when there is
// more to do, if it is known now.
func (b *Broker) Confirm(now time.Duration, r *Receipt, out []Tx) (wake time.Duration, txs []Tx) {
	return b.suits.confirm(now, r, out)
}

// Wake makes claims whose time has come.
func (b *Broker) Wake(now time.Duration, out []Tx) []Tx { return b.suits.claim(now, b.claims, out) }

// Done says that the hub waits for nothing on the chain.
func (b *Broker) Done() bool { return b.suits.done() }
