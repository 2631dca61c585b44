package payment

import (
	"errors"
	"fmt"
	"math"
	"time"

	"kinetoscope/internal/unit"
)

// A HubConfig says what hubs there are and what they take.
type HubConfig struct {
	Hops     int        `yaml:"hops" doc:"Hubs between a viewer and the collector, 1 to 5."`
	Count    int        `yaml:"count" doc:"Such chains of hubs side by side; a viewer has its ledger channel with the nearest first hub."`
	Regions  []string   `yaml:"regions" doc:"Where hubs stand, dealt out in turn along each chain and from chain to chain."`
	Fee      unit.Ratio `yaml:"fee" doc:"What each hub takes of what it passes on, in whole hundredths of a percent."`
	Fixed    unit.Wei   `yaml:"fixed" doc:"What each hub takes besides of a virtual channel by which something is paid."`
	Capacity unit.Wei   `yaml:"capacity" doc:"What each hub locks towards the next; when it is promised, the hub refuses. 0ETH: as much as all viewers need."`
	Redeem   unit.Ratio `yaml:"redeem" doc:"What part of a ledger channel must be owed before a hub redeems it on the chain."`
}

// maxHops is the most hubs on a way.
const maxHops = 5

// Validate reports every value that makes no sense.
func (c HubConfig) Validate() error {
	var errs []error
	bad := func(wrong bool, key, format string, args ...any) {
		if wrong {
			errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
		}
	}
	bad(c.Hops < 1 || c.Hops > maxHops, "hops", "%d is not between 1 and %d", c.Hops, maxHops)
	bad(c.Count < 1 || c.Count > 100, "count", "%d is not between 1 and 100", c.Count)
	bad(len(c.Regions) == 0, "regions", "hubs stand somewhere: name at least one region")
	bps := float64(c.Fee) * 10_000
	bad(c.Fee < 0 || c.Fee > 0.1 || math.Abs(bps-math.Round(bps)) > 1e-6, "fee", "%v is not a whole number of hundredths of a percent up to 10%%", c.Fee)
	bad(c.Fixed > 1e15, "fixed", "%v is above 0.001ETH", c.Fixed)
	return errors.Join(errs...)
}

// hub is payment through intermediaries. Viewer, hubs and collector, each with
// the next, have a ledger channel that stands for long; when play is pressed a
// virtual channel from the viewer to the collector is opened off the chain: each
// in turn guarantees the next what the viewer's vouchers will say, up to Deposit,
// and the fees of the hubs behind. Vouchers then go to whoever serves, as with
// channel. In the end the newest voucher is settled off the chain into the
// ledger channels, which are redeemed now and then, or on the chain where
// somebody is silent (Perun: Dziembowski et al. 2019; Nitro: Close 2019).
//
// Bound: Credit segments, and while the virtual channel is not open what can be
// watched in Optimistic.
type hub struct{ channel }

func (hub) needs(c *Config, _ unit.Wei) Needs {
	first := c.Hub.guarantee(0, c.Deposit)
	return Needs{Chain: OnL1, Lock: first.Worth(c.Deposit), Standing: c.Preopened, Kind: Invoke, Contract: HubContract, Virtual: true}
}

// guarantee is what is owed at a hop, 0 being the viewer's own, without its
// channel and signer.
func (c *HubConfig) guarantee(hop int, size unit.Wei) Guarantee {
	behind := c.Hops - hop
	return Guarantee{Cap: size, Fixed: unit.Wei(behind) * c.Fixed, BPS: behind * Share{Share: c.Fee}.BPS()}
}

// guarantee is what is owed at a hop of a viewer's virtual channel.
func (t *Terms) guarantee(hop int, viewer Account) Guarantee {
	g := t.Hub.guarantee(hop, t.Deposit)
	g.Channel, g.Signer = t.scheme.of(t, viewer), viewer
	return g
}

// Worth is what a voucher of that amount costs at a hop: nothing if it is for
// nothing.
func (t *Terms) Worth(hop int, voucher unit.Wei) unit.Wei {
	if voucher == 0 {
		return 0
	}
	g := t.Hub.guarantee(hop, t.Deposit)
	return g.Worth(voucher)
}

// HubPeriod is each half of the closing of a ledger channel at a hop: the nearer
// to the viewer the longer, so that a hub has time to answer.
func (c *HubConfig) HubPeriod(hop int) time.Duration {
	return time.Duration(c.Hops+1-hop) * time.Hour
}

func (hub) open(p *Payer) (tx Tx, needed bool) {
	t := p.terms
	if p.state == Idle {
		p.newest.name(t.scheme.of(t, p.account))
		p.apart().link = NewLink(t, 0, p.account, t.Entry(p.account), t.needs.Lock)
	}
	return Tx{Kind: Invoke, Channel: p.link.id, Amount: t.needs.Lock, Call: p.link.Opening()}, !t.Preopened
}

func (hub) pay(p *Payer, _ time.Duration, _ bool) Deed {
	t, due := p.terms, p.due()
	if due == 0 || p.newest.Amount+due > t.Deposit {
		return Deed{}
	}
	p.newest.Amount, p.newest.sig, p.newest.Signed = p.newest.Amount+due, nil, false
	if t.signs() {
		t.Notary.SignVirtual(p.account, &p.newest)
	}
	return Deed{Tell: true, Work: Work{Signs: 1}}
}

// of names the virtual channel as the ledger channel would be called that it
// stands for.
func (hub) of(t *Terms, payer Account) ChannelID { return t.Notary.Ledger(payer, TheSplit, 0) }

func (hub) genuine(t *Terms, payer Account, _, v *Voucher) bool {
	return v.Amount <= t.Deposit && t.Notary.VerifyVirtual(payer, v)
}

func (hub) watch(*Terms, *Tab, *Receipt) {}

func (hub) frees(_, amount unit.Wei) unit.Wei { return amount }

func (hub) redeem(*Collector, Account, *claim, []Tx) []Tx { return nil }

// Pledge asks the viewer's hub for a virtual channel; nothing if there is no
// need, or not yet. What was asked and not answered is asked again.
func (p *Payer) Pledge() []Pledge {
	if !p.terms.needs.Virtual || p.state == Idle || p.state == Refused || p.anchored || p.link == nil {
		return nil
	}
	if p.link.version == 0 {
		p.link.Guarantee(p.account)
	}
	return p.link.pending
}

// Part settles the virtual channel off the chain with the viewer's hub, since
// the viewer leaves.
func (p *Payer) Part() []Pledge {
	if !p.anchored || !p.link.has(p.account) {
		return nil
	}
	p.link.Settle(p.account, p.newest.Amount)
	return p.link.pending
}

// Answered hears from the viewer's hub and says whether the virtual channel is
// open now, for the first time.
func (p *Payer) Answered(a *Answer) (open bool) {
	switch {
	case p.link == nil || p.state == Idle || p.state == Refused:
	case a.Refused && !p.anchored:
		p.become(Refused)
	case !a.Refused && len(p.link.Agreed(a)) > 0 && !p.anchored:
		p.anchored = true
		return true
	}
	return false
}

// Anchored says that the payer's virtual channel is open.
func (p *Payer) Anchored() bool { return p.anchored }

// Via is the hub that the payer has its ledger channel with.
func (p *Payer) Via() Account { return p.link.payee }
