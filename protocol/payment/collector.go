package payment

import (
	"fmt"
	"math/big"
	"slices"

	"kinetoscope/internal/unit"
)

// A Phase is where a Collector stands.
type Phase uint8

// Phases of a Collector.
const (
	Collecting Phase = iota // payments come in, channels of leavers close
	Closing                 // the stream is over, the other channels close
	Settling                // the split divides what it received
	Paying                  // every payee takes its credit
	Done                    // all receipts are in
)

var phaseNames = [...]string{"collecting", "closing", "settling", "paying", "done"}

// String is the phase's name in traces.
func (p Phase) String() string { return phaseNames[p] }

// A Collector is the rights holders' half of a payment: it keeps the newest
// voucher of every payer, redeems each once, and sees the money through the
// split. Under the central method it is the platform's ledger.
type Collector struct {
	terms   *Terms
	account Account
	payees  []Account
	phase   Phase
	payers  []Account // in order of their first payment
	best    map[Account]*claim
	open    int           // transactions not yet confirmed
	sent    map[uint32]Tx // those, by ID; looked up, never walked
	next    uint32
	failed  int
	hubbed  hubbed
}

type claim struct {
	voucher Voucher
	paid    unit.Wei  // by the payer's own transactions
	winners []Voucher // where payments are money by chance: those that are
	parts   []Voucher // where each edge is paid by itself: the newest of each
	closed  bool
	left    bool // has said goodbye to an edge
}

// amount is what a claim is worth.
func (c *Collector) amount(b *claim) unit.Wei {
	if c.terms.needs.Chance {
		return unit.Wei(len(b.winners)) * c.terms.face()
	}
	sum := max(b.voucher.Amount, b.paid)
	for i := range b.parts {
		sum += b.parts[i].Amount
	}
	return sum
}

// NewCollector makes the collecting half. It signs with account; payees are in
// the order of the split.
func NewCollector(t *Terms, account Account, payees []Account) *Collector {
	return &Collector{terms: t, account: account, payees: payees, best: map[Account]*claim{}, sent: map[uint32]Tx{}}
}

// Phase is where the collector stands.
func (c *Collector) Phase() Phase { return c.phase }

// Failed counts the transactions that the chain refused.
func (c *Collector) Failed() int { return c.failed + c.hubbed.suits.failed }

// Take keeps v if it is the payer's newest. An older one is no error: edges
// report in any order. What comes after Finish comes too late. A payment that
// is not the payer's changes nothing.
func (c *Collector) Take(payer Account, v *Voucher) (genuine bool) {
	if !c.terms.genuine(payer, c.newest(payer), v) {
		return false
	}
	if c.phase != Collecting {
		return true
	}
	b := c.of(payer)
	if c.terms.needs.Direct {
		b.part(v)
		return true
	}
	if c.terms.needs.Chance {
		c.draw(payer, b, v)
	}
	if !b.closed && v.Amount > b.voucher.Amount {
		b.voucher = *v
	}
	return true
}

// Leave hears that a payer has said goodbye; first says that it had not before.
func (c *Collector) Leave(payer Account) (first bool) {
	b := c.of(payer)
	first, b.left = !b.left, true
	return first
}

// Left says whether a payer has said goodbye.
func (c *Collector) Left(payer Account) bool {
	b := c.best[payer]
	return b != nil && b.left
}

// Newest is a payer's newest voucher, the zero one if there is none.
func (c *Collector) Newest(payer Account) Voucher { return *c.newest(payer) }

// newest is payer's newest voucher.
func (c *Collector) newest(payer Account) *Voucher {
	if b := c.best[payer]; b != nil {
		return &b.voucher
	}
	return &Voucher{}
}

// draw keeps a winner, once, as long as the deposit pays it.
func (c *Collector) draw(payer Account, b *claim, v *Voucher) {
	same := func(w Voucher) bool { return w.Amount == v.Amount }
	if !b.closed && len(b.winners) < c.terms.float() && c.terms.scheme.wins(c.terms, payer, v) && !slices.ContainsFunc(b.winners, same) {
		b.winners = append(b.winners, *v)
	}
}

// part keeps the newest of what one edge was promised.
func (b *claim) part(v *Voucher) {
	i := slices.IndexFunc(b.parts, func(o Voucher) bool { return o.To == v.To })
	switch {
	case i < 0:
		b.parts = append(b.parts, *v)
	case v.Amount > b.parts[i].Amount:
		b.parts[i] = *v
	}
}

// of is what is known of a payer.
func (c *Collector) of(payer Account) *claim {
	b := c.best[payer]
	if b == nil {
		b = &claim{}
		c.best[payer] = b
		c.payers = append(c.payers, payer)
	}
	return b
}

// Owed is what the payers have promised in all.
func (c *Collector) Owed() *big.Int {
	sum := new(big.Int)
	for _, p := range c.payers {
		sum.Add(sum, new(big.Int).SetUint64(uint64(c.amount(c.best[p]))))
	}
	return sum
}

// books says that there is no chain: what is in the books is the payment.
func (c *Collector) books() bool { return c.terms.needs.Chain == Nowhere }

// Claim is the most that a payer has promised.
func (c *Collector) Claim(payer Account) unit.Wei {
	if b := c.best[payer]; b != nil {
		return c.amount(b)
	}
	return 0
}

// Claims lists each payer with the most it has promised, in order of first payment.
func (c *Collector) Claims(each func(payer Account, amount unit.Wei)) {
	for _, p := range c.payers {
		each(p, c.amount(c.best[p]))
	}
}

// Close redeems one payer's newest voucher, once.
func (c *Collector) Close(payer Account, out []Tx) []Tx {
	b := c.best[payer]
	if c.books() || b == nil || b.closed || c.terms.needs.Virtual || c.amount(b) == 0 {
		return out
	}
	b.closed = true
	return c.terms.scheme.redeem(c, payer, b, out)
}

// Finish closes every channel that is still open; nothing is collected after.
func (c *Collector) Finish(out []Tx) []Tx {
	if c.phase != Collecting {
		return out
	}
	c.phase = Closing
	if c.books() {
		c.phase = Done
		return out
	}
	if c.terms.needs.Virtual {
		return c.advance(c.sue(out))
	}
	for _, p := range slices.Clone(c.payers) {
		out = c.Close(p, out)
	}
	return c.advance(out)
}

// Confirm takes the receipt of one of the collector's transactions and returns
// what follows from it. Of others it keeps what payers have paid by themselves.
func (c *Collector) Confirm(r *Receipt, out []Tx) []Tx {
	if r.From == r.Payer && r.Kind == Pay && r.OK && !c.terms.needs.Direct {
		b := c.of(r.Payer)
		if b.paid += r.Amount; r.Reorged { // it comes again
			b.paid -= 2 * r.Amount
		}
	}
	if r.From != c.account || r.Kind == Register || r.ID >= firstSuit {
		return out
	}
	if r.Reorged { // it comes again: transactions that were in a block find room
		c.revoke(r)
		return out
	}
	tx, ok := c.sent[r.ID]
	if !ok {
		panic(fmt.Sprintf("payment: a receipt for transaction %d that nobody waits for", r.ID))
	}
	delete(c.sent, r.ID)
	c.open--
	switch {
	case r.turnedAway():
		return c.send(tx, out)
	case !r.OK:
		c.failed++
	}
	return c.advance(out)
}

// revoke forgets what a receipt has said. Later transactions of the collector
// wait behind this one, so that no phase begins too early.
func (c *Collector) revoke(r *Receipt) {
	c.sent[r.ID] = Tx{ID: r.ID, Kind: r.Kind, From: r.From, Payer: r.Payer, Channel: r.Channel, Amount: r.Amount}
	c.open++
	if !r.OK {
		c.failed--
	}
}

// advance goes on to the next phase once nothing is open.
func (c *Collector) advance(out []Tx) []Tx {
	if c.open > 0 || !c.hubbed.suits.done() {
		return out
	}
	switch c.phase {
	case Closing:
		c.phase = Settling
		return c.send(Tx{Kind: Settle}, out)
	case Settling:
		c.phase = Paying
		for _, p := range c.payees {
			out = c.send(Tx{Kind: Withdraw, Payer: p}, out)
		}
	case Paying:
		c.phase = Done
	}
	return out
}

// send gives a transaction a number and remembers it until its receipt.
func (c *Collector) send(tx Tx, out []Tx) []Tx {
	c.next++
	tx.ID, tx.From = c.next, c.account
	c.sent[tx.ID] = tx
	c.open++
	return append(out, tx)
}

// Payout is what the central ledger owes the platform and each payee.
func (c *Collector) Payout() (cut *big.Int, parts []*big.Int) {
	platform := Share{Share: c.terms.PlatformCut}.BPS()
	theirs := func(amount *big.Int) *big.Int { return Divide(amount, []int{platform, 10_000 - platform})[1] }
	var rest []*big.Int
	if c.terms.Rounding == LargestRemainder {
		rest = append(rest, theirs(c.Owed()))
	} else {
		for _, p := range c.payers {
			rest = append(rest, theirs(new(big.Int).SetUint64(uint64(c.amount(c.best[p])))))
		}
	}
	bps := make([]int, len(c.terms.Split))
	for i, s := range c.terms.Split {
		bps[i] = s.BPS()
	}
	cut, parts = c.Owed(), c.terms.Rounding.parts(rest, bps)
	for _, p := range parts {
		cut.Sub(cut, p)
	}
	return cut, parts
}
