package attack

import (
	"math"
	"math/big"
	"math/rand/v2"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A Chain is what actors need of a ledger.Chain.
type Chain interface {
	Send(now time.Duration, o ledger.Order)
	Seen(now time.Duration) []ledger.Seen
	Address(a payment.Account) common.Address
	SignDigest(a payment.Account, digest [32]byte) payment.Signature
	Creates(a payment.Account) common.Address
	Look(to common.Address, data []byte) []byte
	Ask(to common.Address, data []byte) ([]byte, bool)
	BalanceAt(a common.Address) *big.Int
	BaseFee() *big.Int
	Usual() ledger.Offer
	Stamp(at time.Duration) uint64
	Room(at time.Duration) uint64
	Replace(from payment.Account, id uint32, offer ledger.Offer) error
	Ignore(a payment.Account, ignored bool)
	Abroad(first payment.Account, count int) *ledger.Bare
}

// A Script is an attack that the audit makes too: it reports whether it did
// harm, what it took in wei, by what accounts hold before and after, and what the
// decisive transaction said, beside what ours should say.
type Script func(m Machine, code func(name string, own []byte) []byte, unit unit.Wei) (harm bool, loot *big.Int, got, want string)

// A Scene is where the attacks of a run happen.
type Scene struct {
	Chain   Chain
	Config  ledger.Config
	First   payment.Account                                // the actors' accounts, as many as Accounts says, begin here
	Draw    func(purpose string, entity uint64) *rand.Rand // random streams
	Scripts func(twin string) Script                       // of the kinds that have the name of a twin
}

// A Crew is the actors of a run. It belongs to one goroutine.
type Crew struct {
	Scene
	Tally  Tally
	Bonds  *Bonds // of storage deals; nil if there are none
	suite  *contracts.Suite
	now    time.Duration
	actors []*Actor
	plots  []*plot
	moved  bool // somebody has done something since the last look around

	errands map[uint32]*errand // by their number
	last    uint32
}

// Forever is when what never happens happens.
const Forever = time.Duration(math.MaxInt64)

// Accounts is how many accounts the attacks of a run need.
func Accounts(attacks []Config) (n int) {
	for _, c := range attacks {
		c = c.complete()
		n += c.accounts()
	}
	return n
}

// NewCrew makes the actors of all attacks; Advance lets them begin.
func NewCrew(s Scene, attacks []Config) *Crew {
	c := &Crew{Scene: s, suite: contracts.New(), Tally: newTally(), errands: map[uint32]*errand{}}
	first := s.First
	for i, a := range attacks {
		a = a.complete()
		p := &plot{Crew: c, Config: a, number: uint64(i), first: first}
		c.plots = append(c.plots, p)
		p.begin()
		first += payment.Account(a.accounts())
	}
	return c
}

// Next is when somebody next wants to act by itself.
func (c *Crew) Next() time.Duration {
	at := Forever
	for _, a := range c.actors {
		if !a.over && a.waits == nil {
			at = min(at, a.until)
		}
	}
	return at
}

// Done says that nobody has anything left to do.
func (c *Crew) Done() bool {
	for _, a := range c.actors {
		if !a.over {
			return false
		}
	}
	return true
}

// Advance lets everybody act whose time has come, and who waits for what has
// become true, until nobody has anything to do at now.
func (c *Crew) Advance(now time.Duration) {
	c.now = now
	for c.moved = true; c.moved; {
		c.moved = false
		for _, a := range c.actors {
			if a.ready() {
				a.resume()
			}
		}
	}
}

// Receipt tells who sent a transaction what became of it. One that is revoked
// comes again.
func (c *Crew) Receipt(now time.Duration, r *payment.Receipt) {
	e := c.errands[r.ID]
	if e == nil {
		return
	}
	fee := new(big.Int).SetUint64(uint64(r.Fee))
	if r.Reorged {
		fee.Neg(fee)
	} else {
		e.got, e.here, e.at = *r, true, now
	}
	if e.bill != nil {
		e.bill.Add(e.bill, fee)
	}
	if !c.shaky() { // nothing of it comes again
		delete(c.errands, r.ID)
	}
}

// Stop ends everybody, wherever they stand.
func (c *Crew) Stop() {
	for _, a := range c.actors {
		a.end()
	}
}
