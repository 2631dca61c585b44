package attack

import (
	"math/big"
	"time"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// A Keeper is a provider of the run, as who has a deal with it sees it.
type Keeper struct {
	Newest func() (shard []byte, of Held)          // what it said last that it stores; nil if it has said nothing yet
	Holds  func(of Held) []byte                    // what it has of that: nil if nothing, or if it is dark
	Failed func() int                              // how often it has failed the publisher's audits
	Lies   func() (lies bool, since time.Duration) // whether it pretends, for the count alone
}

// Held names a shard of a token.
type Held struct {
	Seq              uint32
	Rendition, Shard uint8
}

// Bonds is what came of storage deals. Amounts are in wei.
type Bonds struct {
	Made, Asked int             // deals that ran, and challenges on the chain
	Slashed     int             // deals whose provider lost its bond
	Honest      int             // of them, those of providers that did not lie
	Paid        int             // deals of liars that were paid to the end, bond included
	Lost        *big.Int        // bonds lost
	Earned      *big.Int        // prices of deals that were paid to their end
	Gas         *big.Int        // what clients and providers paid for gas
	Caught      []time.Duration // from the begin of a lie to the bond lost
}

// A keeping is the deals of a run: for each provider one after the other, about
// the newest shard that it has acknowledged. Where the publisher's audits fail a
// provider, the client of its deal challenges it on the chain; who then shows no
// piece of the shard in time loses its bond, and gets no deal any more.
type keeping struct {
	*plot
	terms storage.Deals
	end   time.Duration // no deal begins after that
}

// A deal is one, as both sides know it.
type deal struct {
	*keeping
	Keeper
	provider payment.Account
	payload  *token.Payload
	of       Held
	id       *big.Int
	ends     time.Duration // 0: it does not run yet
	due      time.Duration // when the open challenge has to be answered; 0: there is none
	seen     int           // failed audits that have led to a challenge
	over     bool
	gone     bool // there are no more deals with this provider
}

// client is who makes all deals of a run; providers follow.
const client payment.Account = 0

// DealAccounts is how many accounts the deals with so many providers need.
func DealAccounts(providers int) int { return 1 + providers }

// Keep makes deals with providers until end. Their accounts begin at first.
func (c *Crew) Keep(first payment.Account, terms storage.Deals, end time.Duration, keepers []Keeper) {
	c.Bonds = &Bonds{Lost: new(big.Int), Earned: new(big.Int), Gas: new(big.Int)}
	k := &keeping{plot: &plot{Crew: c, first: first}, terms: terms, end: end}
	k.hire(func(a *Actor) { k.at = k.deploy(a, "StorageDeals", k.suite.StorageDeals.Code, nil) })
	for i, keeper := range keepers {
		d := &deal{keeping: k, Keeper: keeper, provider: payment.Account(1 + i)}
		k.hire(d.client)
		k.hire(d.keep)
	}
}

// client makes one deal after the other.
func (d *deal) client(a *Actor) {
	a.bill = d.Bonds.Gas
	for !d.gone && d.now < d.end {
		var shard []byte
		a.Until(d.end, func() bool {
			if d.ready() && shard == nil {
				shard, d.of = d.Newest()
			}
			return shard != nil
		})
		if shard == nil {
			break
		}
		d.payload = token.NewPayload(shard)
		d.offer(a)
		a.Until(Forever, func() bool { return d.ends > 0 })
		d.watch(a)
		a.Until(Forever, func() bool { return d.over })
		if d.gone {
			return
		}
		d.ends, d.id, d.over = 0, nil, false
	}
	d.gone = true
}

// offer offers a deal about the shard and looks its number up.
func (d *deal) offer(a *Actor) {
	c, to := d.suite.StorageDeals, a.Address(d.provider)
	d.must(a.Call(client, d.at, uint64(d.terms.Price), c.PackOffer(to, d.payload.ID(), uint32(d.payload.Pieces()), wei(d.terms.Bond),
		uint32(d.terms.Period/time.Second), uint32(d.terms.Window/time.Second), dealChallenges)))
	for n := must(c.UnpackCount(a.Read(d.at, c.PackCount()))); ; {
		n.Sub(n, big.NewInt(1))
		if x := d.read(a, n); x.Provider == to {
			d.id = n
			return
		}
	}
}

// dealChallenges is how often a client may ask in one deal.
const dealChallenges = 8

func (d *deal) read(a *Actor, id *big.Int) contracts.StorageDealsDeal {
	c := d.suite.StorageDeals
	return must(c.UnpackDeal(a.Read(d.at, c.PackDeal(id))))
}

// watch challenges the provider as often as audits fail it, and takes the bond
// if it does not answer.
func (d *deal) watch(a *Actor) {
	c := d.suite.StorageDeals
	for {
		a.Until(d.ends, func() bool { return d.Failed() > d.seen || d.over })
		if d.now >= d.ends || d.over {
			return
		}
		d.seen = d.Failed()
		if o := a.Call(client, d.at, 0, c.PackChallenge(d.id)); !o.OK {
			return // the period is over, or it was asked often enough
		}
		d.Bonds.Asked++
		d.due = d.time(d.read(a, d.id).Due)
		a.Until(d.due+1, func() bool { return d.due == 0 })
		if d.due == 0 {
			continue
		}
		if o := a.Call(client, d.at, 0, c.PackSlash(d.id)); o.OK {
			d.slashed()
			return
		}
		d.due = 0 // it has answered at the last moment
	}
}

// slashed counts a bond that is lost.
func (d *deal) slashed() {
	d.over, d.gone, d.due = true, true, 0
	d.Bonds.Slashed++
	d.Bonds.Lost.Add(d.Bonds.Lost, wei(d.terms.Bond))
	if lies, since := d.Lies(); lies {
		d.Bonds.Caught = append(d.Bonds.Caught, d.now-since)
	} else {
		d.Bonds.Honest++
	}
}

// keep is the provider's side: it accepts, answers and collects.
func (d *deal) keep(a *Actor) {
	c := d.suite.StorageDeals
	a.bill = d.Bonds.Gas
	for {
		a.Until(Forever, func() bool { return d.id != nil && !d.over && d.ends == 0 || d.gone })
		if d.gone {
			return
		}
		d.must(a.Call(d.provider, d.at, uint64(d.terms.Bond), c.PackAccept(d.id)))
		d.Bonds.Made++
		x := d.read(a, d.id)
		d.ends = d.time(x.Began + uint64(x.Period))
		for !d.over {
			a.Until(d.ends, func() bool { return d.due > 0 || d.over })
			switch {
			case d.over:
			case d.due > 0:
				d.answer(a)
			default:
				d.collect(a)
			}
		}
	}
}

// collect takes the price and the bond when the period is over. Not while a
// challenge is open.
func (d *deal) collect(a *Actor) {
	o := a.Call(d.provider, d.at, 0, d.suite.StorageDeals.PackCollect(d.id))
	if !o.OK {
		a.Wait(d.block())
		return
	}
	if lies, _ := d.Lies(); lies {
		d.Bonds.Paid++
	}
	d.Bonds.Earned.Add(d.Bonds.Earned, wei(d.terms.Price))
	d.over = true
}

// answer shows the piece that is asked for, as soon as the provider is there. A
// liar has other things to show: the hash of the piece, and a piece of a shard
// that it made up.
func (d *deal) answer(a *Actor) {
	var shard []byte
	a.Until(d.due, func() bool {
		shard = d.Holds(d.of)
		return shard != nil || d.over || d.lying()
	})
	i := int(d.read(a, d.id).Piece)
	var tries [][]byte
	switch {
	case d.over:
		return
	case shard != nil:
		tries = append(tries, d.proof(token.NewPayload(shard), i))
	case d.lying():
		c, made := d.suite.StorageDeals, token.NewPayload(make([]byte, d.payload.Len()))
		leaf := d.payload.Leaf(i)
		tries = append(tries, c.PackProve(d.id, leaf[:], words(d.payload.Path(i))), d.proof(made, i))
	}
	var sent []*errand
	for _, data := range tries {
		sent = append(sent, a.send(d.provider, &d.at, 0, data, a.limit()))
	}
	for _, e := range sent {
		if a.await(e).OK {
			d.due = 0
		}
	}
	a.Until(Forever, func() bool { return d.due == 0 || d.over })
}

func (d *deal) lying() bool {
	lies, _ := d.Lies()
	return lies
}

// proof is the call that shows a piece of a payload.
func (d *deal) proof(p *token.Payload, piece int) []byte {
	return d.suite.StorageDeals.PackProve(d.id, p.Piece(piece), words(p.Path(piece)))
}

// words are hashes as a contract takes them.
func words(path []token.ID) (all [][32]byte) {
	for _, id := range path {
		all = append(all, id)
	}
	return all
}
