package attack

import (
	"bytes"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// Blocks are filled with bytes: nodes take a transaction of up to 128 KiB, and a
// byte that is not zero costs 40 gas (the floor of EIP-7623). Halves and halves
// of them close what is left of a block; each size has a sender of its own, so
// that none waits behind another.
const (
	stuffBytes = 127 << 10
	fillers    = 9 // stuffBytes, and 8 times half of the one before
)

var ballast = bytes.Repeat([]byte{0xff}, stuffBytes)

// stuffGas is what a transaction of so many bytes uses on Prague and Osaka.
func stuffGas(size int) uint64 { return 21_000 + 40*uint64(size) }

// stuff fills blocks until over says that it is enough, as cheaply as it can:
// only blocks at whose base fee the honest would still pay, or after which they
// would again.
func (p *plot) stuff(a *Actor, over func() bool) {
	a.bill = p.Tally.Cost
	honest := p.honest()
	for !over() {
		base := unit.Wei(p.Chain.BaseFee().Uint64())
		if base-base/8 <= honest && base < p.Stuffing {
			tip := 2 * p.Chain.Usual().Tip
			if base <= honest { // outbid who offers all that it has
				tip = max(tip, honest-base+1)
			}
			p.fill(a, ledger.Offer{Tip: min(tip, p.Stuffing), Cap: p.Stuffing})
		}
		a.Until(p.now+p.block(), over)
	}
}

// fill leaves less than a transaction of the smallest size of the next block.
func (p *plot) fill(a *Actor, offer ledger.Offer) {
	a.offer = &offer
	room := p.Chain.Room(p.now + p.block())
	size := stuffBytes
	for k := range fillers {
		for gas := stuffGas(size); gas <= room; room -= gas {
			a.order(filler+payment.Account(k), &ground, 0, ballast[:size], gas)
		}
		size /= 2
	}
}

// congestion fills blocks for a time, whatever for.
func (p *plot) congestion() {
	p.hire(func(a *Actor) {
		a.Until(p.At, nil)
		p.Tally.Tried++
		end := p.At + p.For
		p.stuff(a, func() bool { return p.now >= end })
	})
}
