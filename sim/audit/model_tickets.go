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
	last     payment.Account // whose account a call was about
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
	c, from := w.suite.Tickets, pick(w, honest, honest, honest, honest, rogue)
	x := &m.senders[from]
	m.last = from
	switch w.rng.IntN(16) {
	case 0, 1:
		return m.fund(w, from)
	case 2:
		return w.call(from, 0, "unlock", c.PackUnlock(), unless(x.unlocksAt == 0, "BadUnlock"), func() { x.unlocksAt = w.Now() + 3600 })
	case 3:
		return w.call(from, 0, "lock", c.PackLock(), unless(x.unlocksAt != 0, "BadUnlock"), func() { x.unlocksAt = 0 })
	case 4:
		w.later(pick(w, 1, 1800, 1800, 1799))
		w.behaves(c.PackWithdraw())
		w.until(x.unlocksAt)
		want := w.refusal(from)
		if x.unlocksAt == 0 || w.next() < x.unlocksAt {
			want = "TooEarly"
		}
		return w.call(from, 0, "withdraw", c.PackWithdraw(), want, func() {
			w.move(house, from, x.deposit+x.reserve-x.claimed)
			*x = modelSender{}
		})
	case 5, 6:
		to, may, want := pick(w, payee1, payee2, victim, rogue, creator, stranger, honest), w.rng.IntN(3) > 0, ""
		from := pick(w, creator, creator, stranger)
		if m.admitted[to] == may {
			want = "NoChange"
		}
		if want == "" && may && len(m.admitted) == 5 {
			want = "Full"
		}
		if from == stranger {
			want = "OwnableUnauthorizedAccount"
		}
		return w.call(from, 0, "admit", c.PackAdmit(w.who[to], may), want, func() {
			if m.admitted[to] = may; !may {
				delete(m.admitted, to)
			}
		})
	}
	if len(m.tickets) == 0 || w.rng.IntN(3) > 0 {
		m.write(w)
	}
	m.last = honest
	return m.redeem(w, &m.senders[honest], m.tickets[len(m.tickets)-1-w.rng.IntN(min(9, len(m.tickets)))])
}

// fund is by anybody.
func (m *ticketModel) fund(w *walk, sender payment.Account) string {
	x := &m.senders[sender]
	value := w.rng.Int64N(3000)
	reserve := pick(w, value, value, value, 5, w.rng.Int64N(3000), w.rng.Int64N(3000))
	return w.call(stranger, value, "fund", w.suite.Tickets.PackFund(w.who[sender], n(reserve)), unless(value > 0 && reserve <= value, "BadFunding"), func() {
		x.deposit += value - reserve
		x.reserve += reserve
	})
}

// write makes a ticket that wins for sure, or one that never does.
func (m *ticketModel) write(w *walk) {
	t := &modelTicket{to: pick(w, payee1, payee2, victim, rogue, creator, stranger), face: w.rng.Int64N(500), wins: w.rng.IntN(8) > 0}
	chance := n(0)
	if t.wins {
		chance = surely
	}
	t.TicketsTicket = contracts.TicketsTicket{Sender: w.who[honest], Recipient: w.who[t.to], FaceValue: n(t.face), WinProb: chance,
		Expires: w.Now() + w.rng.Uint64N(9000), Nonce: uint64(len(m.tickets)), Commitment: hashed([32]byte{})}
	sig := w.Sign(honest, digest("Tickets", w.at, "Ticket(address sender,address recipient,uint256 faceValue,uint256 winProb,uint64 expires,uint64 nonce,bytes32 commitment)",
		place(t.Sender), place(t.Recipient), num(t.face), large(chance), num(t.Expires), num(t.Nonce), t.Commitment))
	t.sig = sig[:]
	m.tickets = append(m.tickets, t)
}

func (m *ticketModel) redeem(w *walk, x *modelSender, t *modelTicket) string {
	data := w.suite.Tickets.PackRedeem(t.TicketsTicket, t.sig, [32]byte{})
	if w.rng.IntN(20) == 0 {
		w.until(t.Expires)
	}
	if t.to == rogue {
		w.behaves(data)
	}
	due := t.face - t.paid
	fromDeposit := min(due, x.deposit)
	fromReserve := int64(0)
	if m.admitted[t.to] {
		fromReserve = min(due-fromDeposit, x.reserve/5-x.claims[t.to], x.reserve-x.claimed)
	}
	want := ""
	switch {
	case w.next() > t.Expires:
		want = "Expired"
	case !t.wins:
		want = "NotWinning"
	case due == 0:
		want = "Used"
	case fromDeposit+fromReserve == 0:
		want = "Broke"
	default:
		want = w.refusal(t.to)
	}
	return w.call(stranger, 0, "redeem", data, want, func() {
		t.paid += fromDeposit + fromReserve
		x.deposit -= fromDeposit
		x.claimed += fromReserve
		x.claims[t.to] += fromReserve
		w.move(house, t.to, fromDeposit+fromReserve)
	})
}

func (m *ticketModel) look(w *walk) string {
	c, x := w.suite.Tickets, m.senders[m.last]
	got := must(c.UnpackAccounts(w.read(c.PackAccounts(w.who[m.last]))))
	if wrong := seen("the deposit", got.Deposit.Int64(), x.deposit); wrong != "" {
		return wrong
	}
	if wrong := seen("the reserve", got.Reserve.Int64(), x.reserve); wrong != "" {
		return wrong
	}
	if wrong := seen("what is claimed", got.Claimed.Int64(), x.claimed); wrong != "" {
		return wrong
	}
	return seen("the time of unlocking", got.UnlocksAt, x.unlocksAt)
}
