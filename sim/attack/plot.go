package attack

import (
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// A plot is one attack of a run with all who take part in it.
type plot struct {
	*Crew
	Config
	number uint64          // among the attacks of the run
	first  payment.Account // of its accounts
	at     common.Address  // the contract that is attacked
	set    int             // actors who are ready for it
}

// Accounts of a plot that everybody shares: who deploys, a watchtower, and
// those who fill blocks. Those of each attacker follow.
const (
	founder payment.Account = iota
	tower
	filler
	perAttacker = filler + fillers
)

// cast is how many accounts one attacker of a kind takes, with its victims.
func (c *Config) cast() int {
	switch c.Kind {
	case StaleClose, UnlockGrief:
		return 2
	case FrontRun, DepositGrief, Overspend:
		return 2 + c.Recipients
	case Titles:
		return 2
	case Congestion, Spam, Censorship:
		return 1
	}
	return scriptAccounts
}

// scriptAccounts is how many accounts a Script has.
const scriptAccounts = 6

func (c *Config) accounts() int { return int(perAttacker) + c.Count*c.cast() }

// of is the k-th account of the i-th attacker.
func (p *plot) of(i, k int) payment.Account {
	return perAttacker + payment.Account(i*p.cast()+k)
}

// begin puts the actors on.
func (p *plot) begin() {
	switch p.Kind {
	case StaleClose:
		p.staleClose()
	case DepositGrief:
		p.depositGrief()
	case FrontRun:
		p.frontRun()
	case UnlockGrief:
		p.unlockGrief()
	case Overspend:
		p.overspend()
	case Titles:
		p.titles()
	case Congestion:
		p.congestion()
	case Spam:
		p.spam()
	case Censorship:
		p.censor()
	default:
		p.script()
	}
}

// hire adds an actor of this plot.
func (p *plot) hire(play func(*Actor)) *Actor { return p.actor(p.first, play) }

// deploy makes a contract that the plot attacks, in the scenario's version.
func (p *plot) deploy(a *Actor, name string, own, args []byte) address {
	o := a.Deploy(founder, p.Scene.Config.Code(name, own), args)
	p.must(o)
	return o.Created
}

type address = common.Address

// must is for what has to succeed for an attack to mean anything.
func (p *plot) must(o ledger.Outcome) {
	if !o.OK {
		panic(fmt.Sprintf("attack: the stage of %s is not set: %s", p.Kind, o.Reason))
	}
}

// due calls what has its time. Blocks that are taken back may move that, and let
// an earlier try come through after all.
func (p *plot) due(a *Actor, from payment.Account, data []byte) {
	o := a.Call(from, p.at, 0, data)
	for o.Reason == "TooEarly" {
		a.Wait(p.block())
		o = a.Call(from, p.at, 0, data)
	}
	if !p.shaky() {
		p.must(o)
	}
}

// shaky says that blocks may be taken back.
func (c *Crew) shaky() bool { return c.Config.Reorgs.Rate > 0 || c.Config.Rollup.Lies > 0 }

// expect counts what a contract says to an attacker, if it is what it should.
func (p *plot) expect(o ledger.Outcome, want string) {
	if !o.OK && o.Reason == want {
		p.Tally.Refused++
	}
}

// there waits until n actors are set and the attack begins.
func (p *plot) there(a *Actor, n int) {
	p.set++
	a.Until(Forever, func() bool { return p.set >= n })
	a.Until(p.At, nil)
}

// block is the time between two blocks.
func (p *plot) block() time.Duration { return p.Scene.Config.BlockTime }

// script plays an attack of the audit, once for each attacker.
func (p *plot) script() {
	twin, _ := p.Kind.Twin()
	play := p.Scripts(twin)
	for i := range p.Count {
		p.actor(p.first+p.of(i, 0), func(a *Actor) {
			a.Until(p.At, nil)
			a.bill = p.Tally.Cost
			p.Tally.Tried++
			harm, loot, got, want := play(a, p.Scene.Config.Code, p.Value/1000)
			if harm {
				p.Tally.Succeeded++
				p.Tally.Stolen.Add(p.Tally.Stolen, loot)
				p.Tally.Loss.Add(p.Tally.Loss, loot)
			} else if want != "" && got == want {
				p.Tally.Refused++
			}
		})
	}
}
