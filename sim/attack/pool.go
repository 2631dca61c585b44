package attack

import (
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// An overspent is one fund that is promised to many (E17): each recipient serves
// for all of it. The sender's own crowd asks first; ours pays nobody who was not
// named when the pool was locked. Then all who are named ask, and what is left of
// the collateral burns.
type overspent struct {
	*plot
	i    int
	pool [32]byte
	had  *big.Int // wei, by the honest
	left int      // of them, to ask
	sent bool     // the crowd has asked
}

func (p *plot) overspend() {
	p.hire(func(a *Actor) { p.at = p.deploy(a, "ReservePool", p.suite.ReservePool.Code, nil) })
	for i := range p.Count {
		o := &overspent{plot: p, i: i, had: new(big.Int), left: p.Recipients}
		p.hire(o.sender)
		for k := range p.Recipients {
			p.hire(func(a *Actor) { o.recipient(a, k) })
		}
	}
}

// sender locks the pool, lets its crowd ask, and takes back what it gets.
func (o *overspent) sender(a *Actor) {
	c, me := o.suite.ReservePool, o.of(o.i, sender)
	a.Until(Forever, o.ready)
	var named []address
	for k := range o.Recipients {
		named = append(named, a.Address(o.of(o.i, recipient+k)))
	}
	all := o.Value + times(o.Value, o.Collateral)
	a.bill = o.Tally.Cost
	o.must(a.Call(me, o.at, uint64(all), c.PackLock(wei(o.Value), uint32(o.Window/time.Second), named)))
	o.pool = must(c.UnpackPoolId(a.Read(o.at, c.PackPoolId(a.Address(me), 0))))
	served := new(big.Int).Mul(wei(o.Value), big.NewInt(int64(o.Recipients)))
	o.Tally.Locked.Add(o.Tally.Locked, wei(all))
	o.Tally.Served.Add(o.Tally.Served, served)
	expires := o.now + o.Window
	o.there(a, o.Count)
	o.Tally.Tried++
	out := wei(all)
	for k := range 1 + int(o.Collateral+0.999) { // as many as could empty it
		crowd := common.BigToAddress(contentID(o.number, o.i, -1-k)) // anybody
		before := a.Balance(crowd)
		o.expect(a.Call(me, o.at, 0, o.promise(a, crowd)), "NotNamed")
		out.Sub(out, before.Sub(a.Balance(crowd), before))
	}
	o.sent = true
	a.Until(Forever, func() bool { return o.left == 0 })
	a.Until(expires, nil)
	gas := new(big.Int)
	a.bill = gas
	before := a.Balance(a.Address(me))
	o.due(a, me, c.PackRelease(o.pool))
	back := before.Sub(a.Balance(a.Address(me)), before)
	out.Sub(out, back.Add(back, gas))
	lost := served.Sub(served, o.had)
	o.Tally.Cost.Add(o.Tally.Cost, gas.Add(gas, out).Sub(gas, o.had)) // what is gone and nobody has
	o.Tally.Loss.Add(o.Tally.Loss, lost)
	o.Tally.took(lost)
}

// recipient asks for what it was promised.
func (o *overspent) recipient(a *Actor, k int) {
	a.Until(Forever, func() bool { return o.sent })
	me, gas := o.of(o.i, recipient+k), new(big.Int)
	before := a.Balance(a.Address(me))
	a.bill = gas
	if r := a.Call(me, o.at, 0, o.promise(a, a.Address(me))); !r.OK {
		o.Tally.Loss.Add(o.Tally.Loss, gas)
	}
	got := before.Sub(a.Balance(a.Address(me)), before)
	o.had.Add(o.had, got.Add(got, gas))
	o.left--
}

// promise is the call that redeems a promise of the whole fund.
func (o *overspent) promise(a *Actor, to address) []byte {
	c := o.suite.ReservePool
	sig := a.Sign(o.of(o.i, sender), must(c.UnpackDigest(a.Read(o.at, c.PackDigest(o.pool, to, wei(o.Value))))))
	return c.PackRedeem(o.pool, to, wei(o.Value), sig[:])
}
