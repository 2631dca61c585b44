package payment

import (
	"math"
	"time"

	"kinetoscope/internal/unit"
)

// plain is the central method: a ledger that the platform keeps. A payment is a
// line in its books, and nobody signs.
//
// Bound: Credit segments.
type plain struct{}

func (plain) needs(*Config, unit.Wei) Needs { return Needs{} }

func (plain) open(*Payer) (tx Tx, needed bool) { return tx, false }

func (plain) pay(p *Payer, _ time.Duration, _ bool) Deed {
	if p.due() == 0 {
		return Deed{}
	}
	p.newest.Amount = p.bought
	return Deed{Tell: true}
}

func (plain) of(*Terms, Account) (none ChannelID) { return none }

func (plain) genuine(*Terms, Account, *Voucher, *Voucher) bool { return true }

func (plain) wins(*Terms, Account, *Voucher) bool { return false }

func (plain) frees(lock, _ unit.Wei) unit.Wei { return lock }

func (plain) work() Work { return Work{} }

func (plain) watch(*Terms, *Tab, *Receipt) {}

func (plain) room(t *Terms, _ *Tab) unit.Wei { return t.segments() }

func (plain) lump(*Terms) unit.Wei { return 0 }

// unlimited is more than anybody can promise.
const unlimited = unit.Wei(math.MaxUint64)

func (plain) trust(*Terms) unit.Wei { return unlimited }

func (plain) bound(t *Terms) unit.Wei { return t.segments() }

func (plain) redeem(_ *Collector, _ Account, _ *claim, out []Tx) []Tx { return out }
