package audit

import (
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A ticketModel is the senders' money, who is admitted, and every ticket.
type ticketModel struct {
	senders  [purses]modelSender
	admitted map[payment.Account]bool
	tickets  []*modelTicket
}

type modelSender struct {
	deposit, reserve, claimed int64
	claims                    [purses]int64 // of the reserve, by recipient
	unlocksAt                 uint64
}

type modelTicket struct {
	contracts.TicketsTicket
	sig        []byte
	to         payment.Account
	face, paid int64
	wins       bool
}

func (m *ticketModel) step(w *walk) string {
	c, x := w.suite.Tickets, &m.senders[honest]
	switch w.rng.IntN(16) {
	case 0, 1:
		return m.fund(w, x)
	case 2:
		return w.call(honest, 0, "unlock", c.PackUnlock(), m.unless(x.unlocksAt == 0, "BadUnlock"), func() { x.unlocksAt = w.Now() + 3600 })
	case 3:
		return w.call(honest, 0, "lock", c.PackLock(), m.unless(x.unlocksAt != 0, "BadUnlock"), func() { x.unlocksAt = 0 })
	case 4:
		w.Wait(1800e9)
		return w.call(honest, 0, "withdraw", c.PackWithdraw(), m.unless(x.unlocksAt != 0 && w.next() >= x.unlocksAt, "TooEarly"), func() {
			w.move(house, honest, x.deposit+x.reserve-x.claimed)
			*x = modelSender{}
		})
	case 5:
		to, may, want := pick(w, payee1, payee2, victim), w.rng.IntN(3) > 0, ""
		from := pick(w, creator, creator, stranger)
		if m.admitted[to] == may {
			want = "NoChange"
		}
		if from == stranger {
			want = "OwnableUnauthorizedAccount"
		}
		return w.call(from, 0, "admit", c.PackAdmit(w.who[to], may), want, func() { m.admitted[to] = may })
	}
	if len(m.tickets) == 0 || w.rng.IntN(3) > 0 {
		m.write(w)
	}
	return m.redeem(w, x, m.tickets[len(m.tickets)-1-w.rng.IntN(min(9, len(m.tickets)))])
}

func (m *ticketModel) unless(fine bool, why string) string {
	if fine {
		return ""
	}
	return why
}

// fund is by anybody.
func (m *ticketModel) fund(w *walk, x *modelSender) string {
	value, reserve := w.rng.Int64N(3000), w.rng.Int64N(3000)
	return w.call(stranger, value, "fund", w.suite.Tickets.PackFund(w.who[honest], n(reserve)), m.unless(value > 0 && reserve <= value, "BadFunding"), func() {
		x.deposit += value - reserve
		x.reserve += reserve
	})
}

// write makes a ticket that wins for sure, or one that never does.
func (m *ticketModel) write(w *walk) {
	t := &modelTicket{to: pick(w, payee1, payee2, victim), face: w.rng.Int64N(500), wins: w.rng.IntN(8) > 0}
	chance := n(0)
	if t.wins {
		chance = surely
	}
	t.TicketsTicket, t.sig = w.ticket(w.who[t.to], t.face, chance, uint64(len(m.tickets)), [32]byte{})
	m.tickets = append(m.tickets, t)
}

func (m *ticketModel) redeem(w *walk, x *modelSender, t *modelTicket) string {
	due := t.face - t.paid
	fromDeposit := min(due, x.deposit)
	fromReserve := int64(0)
	if m.admitted[t.to] {
		fromReserve = min(due-fromDeposit, x.reserve/5-x.claims[t.to], x.reserve-x.claimed)
	}
	want := ""
	switch {
	case !t.wins:
		want = "NotWinning"
	case due == 0:
		want = "Used"
	case fromDeposit+fromReserve == 0:
		want = "Broke"
	}
	return w.call(stranger, 0, "redeem", w.suite.Tickets.PackRedeem(t.TicketsTicket, t.sig, [32]byte{}), want, func() {
		t.paid += fromDeposit + fromReserve
		x.deposit -= fromDeposit
		x.claimed += fromReserve
		x.claims[t.to] += fromReserve
		w.move(house, t.to, fromDeposit+fromReserve)
	})
}
