package payment

import (
	"fmt"

	"kinetoscope/internal/unit"
)

// Terms are what everybody in a stream agreed on about money. Payers, tabs and
// the collector share them and never change them.
type Terms struct {
	Config
	PerHour unit.Wei // price of an hour of watching
	Most    unit.Wei // price of the longest segment: the unit of credit
	Signer  Signer   // of the chain; nil without one
	Signed  bool     // every voucher is signed and verified, not only those that reach a contract
	scheme  scheme
	needs   Needs
}

// NewTerms completes a checked Config with the stream's prices. Whoever has a
// chain sets Signer and Signed before anybody pays.
func NewTerms(c Config, perHour, most unit.Wei) *Terms {
	return &Terms{Config: c, PerHour: perHour, Most: most, scheme: c.Method.scheme(), needs: c.Needs()}
}

// A scheme is what a method decides; the books around it are the same for all.
// It keeps no state: that is in the Payer, the Tab and the Collector.
type scheme interface {
	// needs says what must be there before the first payment.
	needs(c *Config) Needs
	// open is the transaction that makes a payer ready; if none is needed it is
	// ready at once.
	open(p *Payer) (tx Tx, needed bool)
	// pay pays what was bought and is not promised yet, if that is due.
	pay(p *Payer) Deed
	// channel is what payer's payments are of.
	channel(t *Terms, payer Account) ChannelID
	// genuine says whether a payment is the payer's, by its proof alone.
	genuine(t *Terms, payer Account, v *Voucher) bool
	// work is what paying once, and checking it once, takes of a processor.
	work() (pay, check Work)
	// bound is the most that may be sent beyond what is paid.
	bound(t *Terms) unit.Wei
	// redeem asks the ledger for what a payer has promised.
	redeem(c *Collector, payer Account, b *claim, out []Tx) []Tx
}

// scheme is the rules of a checked method.
func (m Method) scheme() scheme {
	switch m {
	case Central:
		return central{}
	case Channel:
		return channel{}
	}
	panic(fmt.Sprintf("payment: method %q has no rules", m))
}

// Needs is what a method needs of the world before the first payment.
type Needs struct {
	Chain Place    // where its transactions are executed
	Lock  unit.Wei // what each payer puts aside, to be had back but for what it has promised
	Opens TxKind   // the transaction that puts it aside, if Lock is above zero
}

// A Place is where transactions are executed.
type Place uint8

// Places.
const (
	Nowhere Place = iota // there is no chain
	OnL1
	OnL2 // a rollup's sequencer, which posts to the first layer
)

// Needs is what the method needs before the first payment.
func (c *Config) Needs() Needs { return c.Method.scheme().needs(c) }

// Bound is the most that a viewer can have from one edge without paying: what
// is sent whole and not paid for is worth no more.
func (t *Terms) Bound() unit.Wei { return t.scheme.bound(t) }

// segments is the price of the credit that every method gives.
func (t *Terms) segments() unit.Wei { return unit.Wei(t.Credit) * t.Most }

// Work is what a payment takes of a processor, in operations.
type Work struct{ Signs, Verifies int }

// CheckWork is what it takes to check one payment.
func (t *Terms) CheckWork() Work {
	_, check := t.scheme.work()
	return check
}

// A Deed is what a payer does to pay.
type Deed struct {
	Tell bool // it sends Payer.Voucher to whoever serves
	Work Work // done for that
}
