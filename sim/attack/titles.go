package attack

import (
	"encoding/binary"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/ledger"
)

// A piracy is what owners of titles are up against (E14). Creators register
// their works and sell every fourth; pirates register the same content again,
// offer what is not theirs, accept what is not offered to them, send the
// royalties elsewhere, and register copies with one bit changed. A container
// around the same samples changes nothing: the content id is that of the samples.
// After every block an auditor asks for the owner of every title that is final.
type piracy struct {
	*plot
	works []*work
	left  int // creators and pirates who are not through
	draw  func() float64
}

type work struct {
	id     *big.Int
	by     int
	sent   *errand // its registration
	when   time.Duration
	owner  address
	sold   *errand // its acceptance by a buyer, if it is sold
	seen   bool    // the pirate has looked at its registration
	robbed bool    // and has been first
	raid   []*errand
}

// Accounts of one pirate.
const (
	pirate = iota
	creator
)

func (p *plot) titles() {
	t := &piracy{plot: p, left: 2 * p.Count, draw: p.Draw("attack", p.number<<16).Float64}
	p.hire(func(a *Actor) {
		p.at = p.deploy(a, "Registry", p.suite.Registry.Code, nil)
		t.audit(a)
	})
	for i := range p.Count {
		p.hire(func(a *Actor) { t.creator(a, i) })
		p.hire(func(a *Actor) { t.pirate(a, i) })
	}
}

// every is the time between two registrations of a creator.
func (p *plot) every() time.Duration { return time.Duration(float64(time.Minute) / p.Rate) }

// creator registers works, whatever becomes of those before.
func (t *piracy) creator(a *Actor, i int) {
	me := t.of(i, creator)
	a.gas = titleGas
	a.Until(Forever, t.ready)
	a.Until(t.At+time.Duration(float64(i)/float64(t.Count)*float64(t.every())), nil)
	var mine []*work
	for n := 0; t.now < t.At+t.For; n++ {
		w := &work{id: contentID(t.number, i, n), by: i, when: t.now, owner: a.Address(me)}
		w.sent = a.send(me, &t.at, 0, t.register(a, w.id), titleGas)
		mine, t.works = append(mine, w), append(t.works, w)
		a.Until(t.now+t.every(), nil)
	}
	for n, w := range mine {
		if r := a.await(w.sent); r.OK && n%4 == 3 {
			t.sell(a, w)
		}
		t.Tally.Registers = append(t.Tally.Registers, w.sent.at-w.when)
	}
	t.left--
}

// sell hands a title to a buyer, in the two steps that it takes.
func (t *piracy) sell(a *Actor, w *work) {
	r, buyer := t.suite.Registry, a.Address(tower)
	t.must(a.Call(t.of(w.by, creator), t.at, 0, r.PackOffer(w.id, buyer)))
	w.sold = a.send(tower, &t.at, 0, r.PackAccept(w.id), titleGas)
	if a.await(w.sold).OK {
		w.owner = buyer
	}
}

// pirate goes after the works of one creator: before they are registered, if it
// sees that, and afterwards.
func (t *piracy) pirate(a *Actor, i int) {
	a.Until(Forever, t.ready)
	a.bill = t.Tally.Cost
	raided := 0
	for done := false; !done; {
		done = t.now > t.At+t.For && t.left <= t.Count
		t.overtake(a, i)
		for ; raided < len(t.works); raided++ {
			w := t.works[raided]
			if !w.sent.here {
				break
			}
			if w.by == i {
				t.raid(a, i, w)
			}
		}
		if done = done && raided == len(t.works); !done {
			a.Wait(time.Second)
		}
	}
	for _, w := range t.works {
		if w.by == i {
			t.count(a, w)
		}
	}
	t.left--
}

// overtake registers in the pirate's name what it sees waiting.
func (t *piracy) overtake(a *Actor, i int) {
	if t.Visibility == 0 {
		return
	}
	for _, s := range t.Chain.Seen(t.now) {
		for _, w := range t.works {
			if w.by != i || w.seen || w.sent.id != s.Tx.ID || w.sent.from != s.Tx.From {
				continue
			}
			if w.seen = true; t.draw() < float64(t.Visibility) {
				a.offer = &ledger.Offer{Tip: min(2*s.Offer.Tip+1, s.Offer.Cap), Cap: s.Offer.Cap}
				a.send(t.of(i, pirate), &t.at, 0, t.register(a, w.id), titleGas)
				a.offer, w.robbed = nil, true
			}
		}
	}
}

// raid tries everything on a work that is registered.
func (t *piracy) raid(a *Actor, i int, w *work) {
	r, me := t.suite.Registry, a.Address(t.of(i, pirate))
	t.Tally.Tried++
	for _, data := range [][]byte{t.register(a, w.id), r.PackOffer(w.id, me), r.PackAccept(w.id),
		r.PackSetRoyalty(w.id, me, big.NewInt(500)), t.register(a, new(big.Int).Xor(w.id, big.NewInt(1)))} {
		w.raid = append(w.raid, a.send(t.of(i, pirate), &t.at, 0, data, titleGas))
	}
}

// refusals is what ours says to each step of a raid; nothing keeps a copy with
// one bit changed out.
var refusals = []string{"AlreadyRegistered", "NotOwner", "NotOffered", "NotOwner", ""}

// count sees what came of a raid.
func (t *piracy) count(a *Actor, w *work) {
	for k, e := range w.raid {
		switch r := a.await(e); {
		case k == len(refusals)-1 && r.OK:
			t.Tally.Copies++
		case !r.OK && r.Reason == refusals[k]:
			t.Tally.Refused++
		}
	}
	if owner, ok := t.owner(w); ok && owner == a.Address(t.of(w.by, pirate)) {
		t.Tally.took(wei(t.Value))
		t.Tally.Loss.Add(t.Tally.Loss, wei(t.Value))
	}
	t.Tally.Served.Add(t.Tally.Served, wei(t.Value))
}

// owner is whom the registry names.
func (t *piracy) owner(w *work) (address, bool) {
	r := t.suite.Registry
	out, ok := t.Chain.Ask(t.at, r.PackOwnerOf(w.id))
	if !ok {
		return address{}, false
	}
	return must(r.UnpackOwnerOf(out)), true
}

// audit asks after every block who owns what is final, and compares it with what
// owners have signed.
func (t *piracy) audit(a *Actor) {
	final := func(e *errand) bool { return e.here && e.got.OK && e.at+t.Scene.Config.Finality <= t.now }
	look := func() {
		for _, w := range t.works {
			if !final(w.sent) || w.sold != nil && !final(w.sold) {
				continue
			}
			t.Tally.Reads++
			if owner, ok := t.owner(w); !ok || owner != w.owner {
				t.Tally.Wrong++
			}
		}
	}
	for t.left > 0 {
		look()
		a.Wait(t.block())
	}
	a.Wait(t.Scene.Config.Finality)
	look()
}

func (t *piracy) register(a *Actor, id *big.Int) []byte {
	return t.suite.Registry.PackRegister(id, ground, new(big.Int))
}

// titleGas is the gas limit of whatever concerns a title.
const titleGas = 200_000

// contentID is the n-th work of a creator.
func contentID(plot uint64, by, n int) *big.Int {
	text := binary.BigEndian.AppendUint64([]byte("work"), plot)
	text = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(text, uint64(by)), uint64(n))
	return new(big.Int).SetBytes(crypto.Keccak256(text))
}

// spam is registrations without end, at the usual fee.
func (p *plot) spam() {
	p.hire(func(a *Actor) {
		r := p.suite.Registry
		p.at = p.deploy(a, "Registry", r.Code, nil)
		a.Until(p.At, nil)
		a.bill = p.Tally.Cost
		p.Tally.Tried++
		for sent := 0; p.now < p.At+p.For; a.Wait(time.Second) {
			for ; float64(sent) < p.Rate*(p.now-p.At).Seconds(); sent++ {
				a.send(p.of(0, 0), &p.at, 0, r.PackRegister(contentID(p.number, -1, sent), ground, new(big.Int)), titleGas)
			}
		}
	})
}

// censor is a sequencer that leaves a share of the creators out.
func (p *plot) censor() {
	p.hire(func(a *Actor) {
		a.Until(p.At, nil)
		p.Tally.Tried++
		p.leaveOut(true)
		a.Wait(p.For)
		p.leaveOut(false)
	})
}

func (p *plot) leaveOut(out bool) {
	for _, q := range p.plots {
		for i := range q.Count {
			if q.Kind == Titles && i < int(float64(p.Share)*float64(q.Count)+0.5) {
				p.Chain.Ignore(q.first+q.of(i, creator), out)
			}
		}
	}
}
