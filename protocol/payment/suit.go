package payment

import (
	"time"
)

// Suits are the ledger channels that a payee has taken to the chain: the newest
// balance is shown and, where vouchers were not settled, a closing is asked for
// and they are claimed in its second half.
type suits struct {
	terms   *Terms
	account Account
	sent    map[uint32]Tx // by ID; looked up, never walked
	next    uint32
	open    int // transactions not confirmed
	due     []suit
	failed  int
	shown   map[ChannelID]bool    // ledger channels redeemed, and virtual ones claimed; looked up, never walked
	taken   map[ChannelID]Balance // the newest balances that were shown, or are under way; looked up, never walked
}

type suit struct {
	link *Link
	at   time.Duration // when claims can be made; 0: not known yet
}

// firstSuit is where the numbers of these transactions begin, beside those that
// the same account sends otherwise.
const firstSuit = 1 << 31

func newSuits(t *Terms, account Account) suits {
	return suits{terms: t, account: account, sent: map[uint32]Tx{}, next: firstSuit, shown: map[ChannelID]bool{}, taken: map[ChannelID]Balance{}}
}

// redeem shows the newest balance of a ledger channel, if it is worth more than
// the one before, or what it guarantees is to be claimed.
func (s *suits) redeem(l *Link, claims bool, out []Tx) []Tx {
	before := s.taken[l.id]
	if l.version > before.Version && (l.amount > before.Amount || claims) {
		b := l.Newest()
		s.taken[l.id] = b
		out = s.send(Tx{Kind: Invoke, Payer: l.payer, Channel: l.id, Amount: l.amount - before.Amount, Call: RedeemLedger{b}}, out)
	}
	return out
}

// sue redeems, and with claims asks for a closing.
func (s *suits) sue(l *Link, claims bool, out []Tx) []Tx {
	if l.closing {
		return out // that is done
	}
	if out = s.redeem(l, claims, out); claims {
		l.closing = true
		out = s.send(Tx{Kind: Invoke, Payer: l.payer, Channel: l.id, Call: CloseLedger{Ledger: l.id}}, out)
		s.due = append(s.due, suit{link: l})
	}
	return out
}

// answer redeems since the other side has asked for a closing, and says when
// claims can be made: later than it said before if the closing was taken back and
// has come again.
func (s *suits) answer(now time.Duration, l *Link, out []Tx) (wake time.Duration, txs []Tx) {
	if l.closing {
		return s.reset(now, l.id), out
	}
	l.closing = true
	s.due = append(s.due, suit{link: l, at: now + l.period()})
	return now + l.period(), s.redeem(l, true, out)
}

func (s *suits) send(tx Tx, out []Tx) []Tx {
	s.next++
	tx.ID, tx.From = s.next, s.account
	s.sent[tx.ID] = tx
	s.open++
	return append(out, tx)
}

// confirm takes the receipt of one of the payee's transactions, and says when
// there is more to do, if that is known now.
func (s *suits) confirm(now time.Duration, r *Receipt, out []Tx) (wake time.Duration, txs []Tx) {
	tx, ours := s.sent[r.ID]
	if !ours {
		return 0, out
	}
	if r.Reorged { // it comes again
		s.open++
		s.note(&tx, false)
		if !r.OK {
			s.failed--
		}
		return 0, out
	}
	s.open--
	switch {
	case r.turnedAway():
		delete(s.sent, r.ID)
		return 0, s.send(tx, out)
	case !r.OK:
		s.failed++
		return 0, out
	}
	s.note(&tx, true)
	if c, closes := tx.Call.(CloseLedger); closes {
		wake = s.reset(now, c.Ledger)
	}
	return wake, out
}

// reset counts from a closing that the chain has just executed, for the first time
// or again, until claims can be made; 0 if none are to come.
func (s *suits) reset(now time.Duration, id ChannelID) (wake time.Duration) {
	for i := range s.due {
		if d := &s.due[i]; d.link.id == id {
			d.at = now + d.link.period()
			wake = d.at
		}
	}
	return wake
}

// claim makes the claims whose time has come, those that the payee then has.
func (s *suits) claim(now time.Duration, claims func(*Link) []ClaimLedger, out []Tx) []Tx {
	rest := s.due[:0]
	for _, d := range s.due {
		if d.at == 0 || d.at > now {
			rest = append(rest, d)
			continue
		}
		for _, c := range claims(d.link) {
			due := c.Guarantee.Worth(c.Voucher.Amount)
			out = s.send(Tx{Kind: Invoke, Payer: d.link.payer, Channel: d.link.id, Amount: due, Call: c}, out)
		}
	}
	s.due = rest
	return out
}

// done says that nothing is under way or to come.
func (s *suits) done() bool { return s.open == 0 && len(s.due) == 0 }

// note keeps what the chain has executed.
func (s *suits) note(tx *Tx, done bool) {
	switch c := tx.Call.(type) {
	case RedeemLedger:
		s.shown[c.Balance.Ledger] = done
	case ClaimLedger:
		s.shown[c.Guarantee.Channel] = done
	}
}
