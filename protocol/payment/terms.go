package payment

import (
	"fmt"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// Terms are what everybody in a stream agreed on about money. Payers, tabs and
// the collector share them and never change them.
type Terms struct {
	Config
	PerHour unit.Wei        // price of an hour of watching
	Most    unit.Wei        // price of the longest segment: the unit of credit
	Signer  Signer          // of the chain; nil without one
	Notary  Notary          // of the chain; nil without one
	GasFee  func() unit.Wei // what a unit of gas costs now; nil: nobody asks
	Signed  bool            // every voucher is signed and verified, not only those that reach a contract

	Collector  Account                      // who redeems
	Entry      func(viewer Account) Account // the hub that a viewer has its ledger channel with
	Edges      int                          // how many a payer can ask; 0: one
	Recipients []Account                    // the edges, where each is paid by itself; at most MaxPayees
	scheme     scheme
	needs      Needs
	seed       Word // of secrets, once they are asked for
	seals      *Seals
	nothing    special // what payers share who need nothing of it
	unwritten  seldom  // and tabs
}

// NewTerms completes a checked Config with the stream's prices. Whoever has a
// chain sets Signer, Notary, Signed and Collector before anybody pays.
func NewTerms(c Config, perHour, most unit.Wei) *Terms {
	t := &Terms{Config: c, PerHour: perHour, Most: most, seals: &Seals{}, scheme: c.Method.scheme(), needs: c.Method.scheme().needs(&c, max(most, 1))}
	t.nothing.terms = t
	return t
}

// A scheme is what a method decides; the books around it are the same for all.
// It keeps no state: that is in the Payer, the Tab and the Collector. The type
// plain decides everything as a ledger without a chain does, for the others to
// embed.
type scheme interface {
	// needs says what must be there before the first payment; most is the price of
	// the longest segment.
	needs(c *Config, most unit.Wei) Needs
	// open is the transaction that makes a payer ready; if none is needed it is
	// ready at once.
	open(p *Payer) (tx Tx, needed bool)
	// pay pays what is due, now or later as the method has it; with rest, all of it
	// now, since the payee asks for it or the payer leaves.
	pay(p *Payer, now time.Duration, rest bool) Deed
	// of is the channel that payer's payments are of.
	of(t *Terms, payer Account) ChannelID
	// genuine says whether a payment is the payer's, by its proof and by the newest
	// one known.
	genuine(t *Terms, payer Account, best, v *Voucher) bool
	// wins says whether a payment, which is by chance, is money.
	wins(t *Terms, payer Account, v *Voucher) bool
	// work is what it takes to check a payment.
	work() Work
	// watch books what the chain says of the tab's payer.
	watch(t *Terms, tab *Tab, r *Receipt)
	// room is how far a tab may be in debt now, and what of its debt is a gift.
	room(t *Terms, tab *Tab) unit.Wei
	// lump is the most that one payment is for, if that is more than a segment.
	lump(t *Terms) unit.Wei
	// trust is how much may be promised beyond what the chain has seen.
	trust(t *Terms) unit.Wei
	// bound is the most that an edge ever sends of which nothing comes back.
	bound(t *Terms) unit.Wei
	// frees is what of what is locked a payout of amount ends.
	frees(lock, amount unit.Wei) unit.Wei
	// redeem asks the ledger for what a payer has promised.
	redeem(c *Collector, payer Account, b *claim, out []Tx) []Tx
}

// scheme is the rules of a checked method.
func (m Method) scheme() scheme {
	switch m {
	case Central:
		return plain{}
	case Channel:
		return channel{}
	case Interval:
		return interval{}
	case Credit:
		return credit{}
	case Hub:
		return hub{}
	case Pool:
		return pool{}
	case HashChain:
		return words{}
	case Tickets:
		return tickets{}
	case L1:
		return transfer{place: OnL1}
	case Rollup:
		return transfer{place: OnL2}
	case L1Batch:
		return batch{}
	}
	panic(fmt.Sprintf("payment: method %q has no rules", m))
}

// Needs is what a method needs of the world before the first payment.
type Needs struct {
	Chain    Place    // where its transactions are executed
	Lock     unit.Wei // what each payer puts aside, to be had back but for what it has promised
	Standing bool     // that is done before the stream
	Kind     TxKind   // the payer's transaction: it locks, or it pays
	Every    bool     // the payer has one for each Interval, not one in all
	Contract Contract // besides channels and split
	Virtual  bool     // a payer's channel leads through hubs: who serves hears from the collector that it is open
	Direct   bool     // edges are paid by themselves, and pass it on
	Chance   bool     // payments are money by chance: they are worth what they say on average
}

// A Contract is one that only some methods need.
type Contract uint8

// Contracts.
const (
	NoContract Contract = iota
	TicketContract
	WordContract
	PoolContract
	HubContract
)

// A Place is where transactions are executed.
type Place uint8

// Places.
const (
	Nowhere Place = iota // there is no chain
	OnL1
	OnL2 // a rollup's sequencer, which posts to the first layer
)

// Needs is what the method needs before the first payment.
func (c *Config) Needs() Needs { return c.Method.scheme().needs(c, 1) }

// Needs is what the method needs, to the wei.
func (t *Terms) Needs() Needs { return t.needs }

// Opens says that a receipt, of a payer's transaction that was executed, is of one
// that locks what the method needs for whom it is meant: not less, not for others,
// and in the channel that its payer's promises are of, not in another one.
func (t *Terms) Opens(r *Receipt) bool {
	if r.Kind != t.needs.Kind || r.From != r.Payer || r.Amount < t.needs.Lock {
		return false
	}
	switch c := r.Call.(type) {
	case OpenWords:
		return ChannelID(c.Anchor) == t.scheme.of(t, r.Payer) && c.Price == t.Most
	case Fund:
		return c.Sender == r.Payer && c.Reserve <= t.reserve()
	case LockPool:
		return c.Fund <= t.Deposit && c.Period >= expiry && slices.Equal(c.Recipients, t.Recipients) && r.Channel == t.scheme.of(t, r.Payer)
	}
	return r.Kind == Open && r.Channel == t.scheme.of(t, r.Payer)
}

// Skimp is a payer's opening transaction with next to nothing locked: as little as the
// contract takes. Its promises, and the tickets that win, are worth no more.
func (t *Terms) Skimp(tx Tx) Tx {
	switch c := tx.Call.(type) {
	case OpenWords:
		c.Words = 1
		tx.Amount, tx.Call = c.Price, c
	case Fund:
		c.Reserve = 0
		tx.Amount, tx.Call = 1, c
	case LockPool:
		c.Fund = 1
		tx.Amount, tx.Call = 3, c
	default:
		if t.needs.Lock > 0 {
			tx.Amount = 1
		}
	}
	return tx
}

// Closes says that the first redemption of a payer's promises to the split is the
// last one, so that nobody may take a promise after its goodbye.
func (t *Terms) Closes() bool { return t.needs.Lock > 0 && !t.needs.Direct }

// Frees is what of a payer's lock ends with a payout of amount: all of it where that
// closes a channel, however little was locked.
func (t *Terms) Frees(lock, amount unit.Wei) unit.Wei { return t.scheme.frees(lock, amount) }

// Transactions is how many a payer may send in a stream of the given length.
func (c *Config) Transactions(length time.Duration) int {
	switch n := c.Needs(); {
	case n.Chain == Nowhere:
		return 0
	case n.Every:
		return int(length/c.Interval) + 3
	}
	return 1
}

// Bound is the most that a viewer can have from one edge without paying: what
// is sent whole and never becomes money is worth no more.
func (t *Terms) Bound() unit.Wei { return t.scheme.bound(t) }

// Ahead is how far payments may run ahead of what was bought.
func (t *Terms) Ahead() unit.Wei {
	if t.needs.Every && t.scheme.trust(t) == unlimited {
		return 2 * t.price(t.Interval)
	}
	return 0
}

// price is what watching for d costs.
func (t *Terms) price(d time.Duration) unit.Wei {
	return t.PerHour / 3_600_000 * unit.Wei(d/time.Millisecond)
}

// segments is the price of the credit that every method gives.
func (t *Terms) segments() unit.Wei { return unit.Wei(t.Credit) * t.Most }

// opening is what may be sent while the chain has not confirmed anything of the
// payer: the optimistic start.
func (t *Terms) opening() unit.Wei {
	if t.needs.Chain == Nowhere || t.needs.Standing && !t.needs.Virtual {
		return 0
	}
	return t.price(t.Optimistic)
}

// Work is what a payment takes of a processor, in operations.
type Work struct{ Signs, Verifies, Hashes uint8 }

// CheckWork is what it takes to check one payment.
func (t *Terms) CheckWork() Work { return t.scheme.work() }

// A Deed is what a payer does to pay.
type Deed struct {
	Tell bool // it sends Payer.Voucher to whoever serves
	Work Work // done for that
	Tx   *Tx  // it sends that to the ledger; nil: nothing
}
