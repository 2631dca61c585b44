package ledger

import (
	"errors"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// An Offer is what a sender offers for one gas.
type Offer struct {
	Tip unit.Wei // to the proposer, at most Cap
	Cap unit.Wei // base fee and tip together, at most MaxFeeCap
}

func (o Offer) price() price {
	limit := min(o.Cap, MaxFeeCap)
	return price{tip: uint64(min(o.Tip, limit)), cap: uint64(limit)}
}

// usual is the offer of a sender with nothing special in mind.
func (c *Chain) usual() Offer {
	o := Offer{c.cfg.Tip, c.cfg.FeeCap}
	if c.cfg.BumpAfter > 0 {
		o.Cap = min(o.Cap, 2*unit.Wei(c.baseFee)+o.Tip)
	}
	return o
}

// A raise is a transaction whose sender will offer more at a time, if it still
// waits then.
type raise struct {
	at  time.Duration
	id  int32
	seq uint64
}

// listen lets the proposers hear of what has come to them before the next
// block, and the senders who have waited long enough offer more.
func (c *Chain) listen() {
	n := 0
	for n < len(c.air) && c.air[n].since+c.cfg.Gossip <= c.next {
		c.hear(c.air[n])
		n++
	}
	c.air = c.air[n:]
	for len(c.raises) > 0 && c.raises[0].at <= c.next {
		r := c.raises[0]
		c.raises = c.raises[1:]
		if !c.pool.holds(r.id, r.seq) {
			continue // included
		}
		was := c.pool.slots[r.id].price
		if most := uint64(c.cfg.FeeCap); was.cap < most {
			now := price{tip: was.tip + was.tip/8 + 1, cap: min(most, was.cap+was.cap/8+1)}
			now.tip = min(now.tip, now.cap)
			c.pool.raise(r.id, now)
			c.stats.Replaced++
			c.raises = append(c.raises, raise{r.at + c.cfg.BumpAfter, r.id, r.seq})
		}
	}
}

// Errors of Replace.
var (
	ErrNotWaiting  = errors.New("no such transaction waits")
	ErrUnderpriced = errors.New("a replacement offers at least a tenth more, tip and cap")
)

// Replace gives from's waiting transaction id another offer. As in go-ethereum's
// pool both its parts must be at least a tenth above the old ones. The
// transaction keeps its arrival.
func (c *Chain) Replace(from payment.Account, id uint32, offer Offer) error {
	at := c.pool.find(from, id)
	if at == none {
		return ErrNotWaiting
	}
	was, now := c.pool.slots[at].price, offer.price()
	if now.tip < tenthAbove(was.tip) || now.cap < tenthAbove(was.cap) {
		return ErrUnderpriced
	}
	c.pool.raise(at, now)
	c.stats.Replaced++
	return nil
}

func tenthAbove(n uint64) uint64 { return n + (n+9)/10 }

// A Seen is a waiting transaction as everybody on the network sees it.
type Seen struct {
	Tx    payment.Tx
	Offer Offer
	Since time.Duration // submitted
}

// Seen lists what waits and has been gossiped for long enough, in no promised
// order but always the same: what somebody who wants to run ahead of others can
// know. It looks at all that waits.
func (c *Chain) Seen(now time.Duration) []Seen {
	var all []Seen
	for i := range c.pool.slots {
		if s := &c.pool.slots[i]; s.seq != 0 && s.tx.Kind != other && s.since+c.cfg.Gossip <= now {
			all = append(all, Seen{s.tx, Offer{unit.Wei(s.price.tip), unit.Wei(s.price.cap)}, s.since})
		}
	}
	for i := range c.air {
		if s := &c.air[i]; s.tx.Kind != other && s.since+c.cfg.Gossip <= now {
			all = append(all, Seen{s.tx, Offer{unit.Wei(s.price.tip), unit.Wei(s.price.cap)}, s.since})
		}
	}
	return all
}
