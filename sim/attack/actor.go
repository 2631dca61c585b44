package attack

import (
	"iter"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// A Machine is a chain as a script calls it: an Actor in a run, a ledger.Bare
// in an audit.
type Machine interface {
	Address(a payment.Account) common.Address
	Sign(a payment.Account, digest [32]byte) payment.Signature
	Now() uint64 // Unix seconds
	Wait(d time.Duration)
	Balance(a common.Address) *big.Int
	Deploy(from payment.Account, code, args []byte) ledger.Outcome
	Call(from payment.Account, to common.Address, value uint64, data []byte) ledger.Outcome
	Read(to common.Address, data []byte) []byte
	Abroad() *ledger.Bare // another chain, where the same accounts begin anew
}

var _ Machine = (*ledger.Bare)(nil)
var _ Machine = (*Actor)(nil)

// An Actor is one script of a crew. It is a Machine whose accounts are those of
// its plot, from 0 on.
type Actor struct {
	crew  *Crew
	first payment.Account
	play  func(*Actor)

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	until time.Duration
	holds func() bool // or so long as this does not hold; nil: until alone
	waits *errand     // or until this is back
	over  bool

	offer *ledger.Offer // for one gas; nil: the usual one
	bill  *big.Int      // what it pays for gas is added here; nil: to nothing
	gas   uint64        // limit of a call; 0: the usual one
}

// An errand is a transaction under way.
type errand struct {
	from payment.Account
	id   uint32
	bill *big.Int
	here bool
	got  payment.Receipt
	at   time.Duration // when that came
}

// stopped unwinds the script of an actor whose run is over.
type stopped struct{}

// actor adds a script to the crew.
func (c *Crew) actor(first payment.Account, play func(*Actor)) *Actor {
	a := &Actor{crew: c, first: first, play: play, until: c.now}
	c.actors = append(c.actors, a)
	return a
}

// ready says that the actor can go on.
func (a *Actor) ready() bool {
	switch {
	case a.over:
		return false
	case a.waits != nil:
		return a.waits.here
	}
	return a.until <= a.crew.now || a.holds != nil && a.holds()
}

// resume lets the script go on until it waits again.
func (a *Actor) resume() {
	if a.next == nil {
		a.next, a.stop = iter.Pull(a.run)
	}
	a.crew.moved = true
	if _, more := a.next(); !more {
		a.over = true
	}
}

// run is the script as a coroutine; no two ever run at the same time.
func (a *Actor) run(yield func(struct{}) bool) {
	defer func() {
		if p := recover(); p != nil && p != (any)(stopped{}) {
			panic(p)
		}
	}()
	a.yield = yield
	a.play(a)
}

// end stops the script where it stands.
func (a *Actor) end() {
	if a.stop != nil && !a.over {
		a.over = true
		a.stop()
	}
}

// park waits for whatever the caller has set.
func (a *Actor) park() {
	if !a.yield(struct{}{}) {
		panic(stopped{})
	}
}

// Until waits for a time, or until what holds says is true, if that is sooner.
// It looks whenever there is a block or somebody has acted.
func (a *Actor) Until(at time.Duration, holds func() bool) {
	a.until, a.holds = at, holds
	if at > a.crew.now && (holds == nil || !holds()) {
		a.park()
	}
	a.holds = nil
}

// Wait waits for a time.
func (a *Actor) Wait(d time.Duration) { a.Until(a.crew.now+d, nil) }

// Now is the present in Unix seconds.
func (a *Actor) Now() uint64 { return a.crew.Chain.Stamp(a.crew.now) }

// Address is where an account is.
func (a *Actor) Address(who payment.Account) common.Address {
	return a.crew.Chain.Address(a.first + who)
}

// Sign signs with an account's key.
func (a *Actor) Sign(who payment.Account, digest [32]byte) payment.Signature {
	return a.crew.Chain.SignDigest(a.first+who, digest)
}

// Balance is what an address holds.
func (a *Actor) Balance(at common.Address) *big.Int { return a.crew.Chain.BalanceAt(at) }

// Read is what a view function says.
func (a *Actor) Read(to common.Address, data []byte) []byte { return a.crew.Chain.Look(to, data) }

// Abroad is another chain, beside the run's, for the accounts of a Script.
func (a *Actor) Abroad() *ledger.Bare { return a.crew.Chain.Abroad(a.first, scriptAccounts) }

// Deploy makes a contract, and waits until it is there.
func (a *Actor) Deploy(from payment.Account, code, args []byte) ledger.Outcome {
	at := a.crew.Chain.Creates(a.first + from)
	o := a.transact(from, nil, 0, append(append([]byte(nil), code...), args...), gasOfDeploy)
	o.Created = at
	return o
}

// Call sends value and data to a contract, and waits for the receipt.
func (a *Actor) Call(from payment.Account, to common.Address, value uint64, data []byte) ledger.Outcome {
	return a.transact(from, &to, value, data, a.limit())
}

// Gas limits; what actors call uses less.
const (
	gasOfCall   = 2_000_000
	gasOfDeploy = 2_000_000
)

// limit is the gas limit of a call.
func (a *Actor) limit() uint64 {
	if a.gas > 0 {
		return a.gas
	}
	return gasOfCall
}

// transact sends and waits. Where the pool is full it tries again.
func (a *Actor) transact(from payment.Account, to *common.Address, value uint64, data []byte, gas uint64) ledger.Outcome {
	for {
		e := a.send(from, to, value, data, gas)
		r := a.await(e)
		if r.Reason != ledger.PoolFull {
			return ledger.Outcome{OK: r.OK, Reason: r.Reason, Gas: r.Gas}
		}
		a.Wait(a.crew.Config.BlockTime)
	}
}

// send sends without waiting; gas is what it may use on Osaka.
func (a *Actor) send(from payment.Account, to *common.Address, value uint64, data []byte, gas uint64) *errand {
	return a.order(from, to, value, data, gas*a.crew.Config.Fork.Headroom())
}

// order sends with a gas limit.
func (a *Actor) order(from payment.Account, to *common.Address, value uint64, data []byte, gas uint64) *errand {
	a.crew.last++
	e := &errand{from: a.first + from, id: a.crew.last, bill: a.bill}
	a.crew.errands[e.id] = e
	offer := a.crew.Chain.Usual()
	if a.offer != nil {
		offer = *a.offer
	}
	a.crew.Chain.Send(a.crew.now, ledger.Order{From: e.from, ID: e.id, To: to, Value: unit.Wei(value), Data: data, Gas: gas, Offer: offer})
	return e
}

// await waits for the receipt of what was sent.
func (a *Actor) await(e *errand) payment.Receipt {
	if !e.here {
		a.waits = e
		a.park()
		a.waits = nil
	}
	return e.got
}
