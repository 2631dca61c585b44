package protocol

import (
	"time"

	"kinetoscope/protocol/payment"
)

// licensed says whether a guest has a licence, as the chain has it now or, if
// the edge has looked within the time that a look counts for, had it then. Only
// a licence is remembered, never the lack of one.
func (e *Edge) licensed(now time.Duration, g *guest, of NodeID, out *Output) bool {
	if e.stream.Licensed == nil {
		return true
	}
	if now >= g.licensed {
		out.fact(Looked, 1, Fact{Node: of})
		if !e.stream.Licensed(payment.Account(of), now) {
			return false
		}
		g.licensed = now + e.stream.Payment.Licence.TTL
	}
	out.fact(Admitted, 1, Fact{Node: of})
	return true
}
