package payment

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// Shared says that a payment could be shown to several edges, each of which would
// serve for it: a Referee keeps that from counting twice. Where each edge is paid
// by itself nothing has to.
func (t *Terms) Shared() bool { return t.Edges > 1 && !t.needs.Direct }

// A Referee sees to it that what a payer has promised counts at one edge at a time,
// and nowhere twice. An edge says when a payer first asks it, and the one that has
// counted so far is asked to stop and to say how much; the new one then counts what
// is above that. The collector's side runs it.
type Referee struct {
	terms *Terms
	sole  Book[Account]     // the only edge that a payer has asked, plus one; 0: none, or more
	of    map[Account]*rota // of payers who have asked more; looked up, never walked
}

// A rota is the edges that a payer has asked.
type rota struct {
	at      Account   // the one that counts
	waiting []Account // those that want to, first come first
	owing   []Account // those that were asked to stop and have not answered
	had     []count   // by those that have
	newest  unit.Wei  // the newest payment that those had seen whose turn it was
	below   unit.Wei  // when the turn passed: of that, what the one that counts had not counted
}

type count struct {
	edge   Account
	amount unit.Wei
}

// A Turn is what an edge is told of a payer: to stop counting and to say how much it
// has counted, or to count what is above what others have.
type Turn struct {
	Edge, Payer Account
	Stop        bool
	Elsewhere   unit.Wei
}

// NewReferee makes the referee of a stream.
func NewReferee(t *Terms) *Referee {
	return &Referee{terms: t, of: map[Account]*rota{}}
}

// Asked hears that an edge is asked by a payer and may not count. One that was asked
// to stop has to answer first.
func (r *Referee) Asked(payer, edge Account, out []Turn) []Turn {
	if !r.terms.Shared() {
		return out
	}
	b := r.of[payer]
	if b == nil {
		switch sole := r.sole.Of(payer); {
		case sole == 0 || sole == edge+1: // nobody else can have counted anything
			r.sole.Set(payer, edge+1)
			return append(out, Turn{Edge: edge, Payer: payer})
		default:
			b = &rota{at: sole - 1}
			r.sole.Set(payer, 0)
			r.of[payer] = b
		}
	}
	switch {
	case slices.Contains(b.owing, edge):
		return append(out, Turn{Edge: edge, Payer: payer, Stop: true})
	case slices.Contains(b.waiting, edge):
		return out
	case b.at == edge && len(b.waiting) == 0:
		return append(out, Turn{Edge: edge, Payer: payer, Elsewhere: b.elsewhere(r.terms)})
	}
	if b.waiting = append(b.waiting, edge); len(b.waiting) == 1 {
		out = b.stop(payer, out)
	}
	return out
}

// Counted hears how much an edge that was asked to stop has counted, and the newest
// payment that it has seen. One that answers twice means what it says last.
func (r *Referee) Counted(payer, edge Account, amount, newest unit.Wei, out []Turn) []Turn {
	b := r.of[payer]
	if b == nil {
		return out
	}
	i := b.index(edge)
	if !slices.Contains(b.owing, edge) && (i < 0 || edge == b.at || b.had[i].amount == amount) {
		return out
	}
	b.owing = slices.DeleteFunc(b.owing, func(a Account) bool { return a == edge })
	b.newest = max(b.newest, newest)
	if i >= 0 {
		b.had[i].amount = amount
	} else {
		b.had = append(b.had, count{edge, amount})
	}
	if edge == b.at && len(b.waiting) > 0 {
		return b.next(r.terms, payer, out)
	}
	if slices.Contains(b.owing, b.at) { // it stops now, and is not to go on
		return out
	}
	return append(out, Turn{Edge: b.at, Payer: payer, Elsewhere: b.elsewhere(r.terms)}) // it comes late
}

// Silent says that an edge that was asked to stop has had time to answer, and that it
// counts nothing more before it has. If it has not, the next one counts meanwhile, and
// again says that it is asked once more.
func (r *Referee) Silent(payer, edge Account, out []Turn) (turns []Turn, again bool) {
	b := r.of[payer]
	if b == nil || !slices.Contains(b.owing, edge) {
		return out, false
	}
	if edge == b.at && len(b.waiting) > 0 {
		out = b.next(r.terms, payer, out)
	}
	return append(out, Turn{Edge: edge, Payer: payer, Stop: true}), true
}

func (b *rota) stop(payer Account, out []Turn) []Turn {
	if !slices.Contains(b.owing, b.at) {
		b.owing = append(b.owing, b.at)
	}
	return append(out, Turn{Edge: b.at, Payer: payer, Stop: true})
}

func (b *rota) next(t *Terms, payer Account, out []Turn) []Turn {
	b.at, b.waiting, b.below = b.waiting[0], b.waiting[1:], b.newest
	if i := b.index(b.at); i >= 0 && !t.needs.Chance {
		b.below -= min(b.below, b.had[i].amount)
	}
	out = append(out, Turn{Edge: b.at, Payer: payer, Elsewhere: b.elsewhere(t)})
	if len(b.waiting) > 0 {
		out = b.stop(payer, out)
	}
	return out
}

// elsewhere is what all edges but the one that counts have counted; of tickets, the
// newest number, since each is drawn where it is shown. While one has not said, it may
// be all that had been seen.
func (b *rota) elsewhere(t *Terms) (sum unit.Wei) {
	for _, c := range b.had {
		switch {
		case c.edge == b.at:
		case t.needs.Chance:
			sum = max(sum, c.amount)
		default:
			sum += c.amount
		}
	}
	if len(b.owing) > 0 {
		sum = max(sum, b.below)
	}
	return sum
}

// index is which of those that have said what they have counted an edge is.
func (b *rota) index(edge Account) int {
	return slices.IndexFunc(b.had, func(c count) bool { return c.edge == edge })
}

// Trust makes sure of what was counted until the edge's lease ended: until then, as it
// last heard, no other edge could count. What is not sure buys nothing.
func (t *Tab) Trust(lease time.Duration, on *Terms) {
	if !t.Told() || time.Duration(t.booked)*time.Millisecond >= lease {
		return
	}
	if t.firm = t.Paid; on.needs.Chance {
		t.apart(on).drawn = t.Best.Amount
	}
}

// Told says that the referee has said what others have counted.
func (t *Tab) Told() bool { return t.booked > 0 }

// rose notes that Paid may count for more.
func (t *Tab) rose(now time.Duration) {
	if t.Told() {
		t.booked = max(1, ms(now))
	}
}

// ms is a time in ms, rounded up.
func ms(t time.Duration) uint32 { return uint32((t + time.Millisecond - 1) / time.Millisecond) }

// Stop ends counting, and is how much was counted. What was paid ahead of what was
// sent is left to the next edge, and so is what is not sure.
func (t *Tab) Stop(on *Terms) unit.Wei {
	own := t.apart(on)
	t.Stopped, own.first, t.Paid = true, 0, min(t.Paid, t.firm)
	if on.needs.Chance {
		return t.drawn
	}
	t.Paid = min(t.Paid, t.Served)
	own.kept, own.again = t.Paid, min(own.again, t.Served-t.Paid)
	return t.Paid + own.again
}

// Count begins counting, above what other edges have counted; price is that of a
// segment now. What was counted before and is theirs becomes debt, but what was
// counted when the last turn ended is nobody else's, though the newest payment that
// this edge has seen may be old.
func (t *Tab) Count(now time.Duration, on *Terms, elsewhere, price unit.Wei) {
	if t.Stopped, t.booked = false, max(1, ms(now)); elsewhere != t.elsewhere {
		t.apart(on).elsewhere = elsewhere
	}
	defer func() { t.firm = min(t.firm, t.Paid) }()
	if !on.needs.Chance {
		t.Paid = max(min(t.above(on), t.Served+max(price, on.Ahead())), min(t.Paid, t.kept))
		return
	}
	if t.first > 0 && t.first <= elsewhere {
		t.Paid -= min(t.Paid, elsewhere-t.first+on.Most)
	}
}

// above is what is promised and no other edge has counted.
func (t *Tab) above(on *Terms) unit.Wei {
	total := t.Best.Amount
	if on.needs.Every && on.scheme.trust(on) == unlimited {
		total = t.Settled
	}
	return total - min(total, t.elsewhere)
}
