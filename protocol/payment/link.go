package payment

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// A Link is a ledger channel as one of its sides knows it: the newest balance
// and whose virtual channels it guarantees.
type Link struct {
	terms    *Terms
	hop      int // 0: from a viewer
	id       ChannelID
	payer    Account
	payee    Account // a hub, or TheSplit
	agent    Account // signs for the payee
	deposit  unit.Wei
	version  uint64
	amount   unit.Wei
	sig      Signature // of the other side on that, if it was checked
	reserved unit.Wei  // by guarantees
	open     []Account // whose virtual channels are guaranteed, in the order of their first guarantee
	leaves   []Word    // of open, where signatures are real
	pending  []Pledge  // of the payer: those that the agent has not signed, oldest first
	unsigned []Pledge  // of the agent: those that it has not signed, oldest first, and the last that it has
	closing  bool      // on the chain: no balance follows the newest
}

// NewLink makes a side of the ledger channel at a hop; payee is a hub, or the
// collector, who signs for the split.
func NewLink(t *Terms, hop int, payer, payee Account, deposit unit.Wei) *Link {
	l := &Link{terms: t, hop: hop, payer: payer, payee: payee, agent: payee, deposit: deposit}
	if payee == t.Collector {
		l.payee = TheSplit
	}
	l.id = t.Notary.Ledger(payer, l.payee, 0)
	return l
}

// Opening is what opens the ledger channel on the chain.
func (l *Link) Opening() OpenLedger {
	return OpenLedger{To: l.payee, Agent: l.agent, Period: l.terms.Hub.HubPeriod(l.hop)}
}

// Standing is the transaction that opened the ledger channel before the stream.
func (l *Link) Standing() Tx {
	return Tx{Kind: Invoke, From: l.payer, Payer: l.payer, Channel: l.id, Amount: l.deposit, Call: l.Opening()}
}

// opens says that a receipt is of the opening of l on the chain, for its payee and
// agent, and with a period that leaves time to react.
func (l *Link) opens(r *Receipt) bool {
	o, is := r.Call.(OpenLedger)
	return is && r.OK && !r.Reorged && r.From == l.payer && o.To == l.payee && o.Agent == l.agent && o.Nonce == 0 &&
		o.Period >= l.terms.Hub.HubPeriod(l.hop)
}

// Closes is the ledger channel that somebody asks to close by a transaction.
func (r *Receipt) Closes() (id ChannelID, asks bool) {
	c, asks := r.Call.(CloseLedger)
	return c.Ledger, asks && r.OK && !r.Reorged
}

// Leaves says that a payer asks the chain for what it has locked.
func (r *Receipt) Leaves() bool {
	if !r.OK || r.Reorged || r.From != r.Payer {
		return false
	}
	switch r.Call.(type) {
	case CloseLedger, RequestWords, Unlock:
		return true
	}
	return r.Kind == Request
}

// A Pledge is what a payer tells its payee: a newer balance, which guarantees a
// viewer's virtual channel or settles it at what its newest voucher says.
type Pledge struct {
	Viewer  Account
	Settles bool
	Voucher unit.Wei // Settles: at which
	Balance Balance  // without its Ledger, which both know
}

// An Answer is what the payee says to pledges: its signature under the balance
// of a version, and with it of all before, or that it refuses a viewer.
type Answer struct {
	Viewer  Account
	Refused bool
	Version uint64
	Sig     Signature
}

// Errors of Link.Take.
var (
	ErrKnown  = errors.New("pledge is known")
	ErrGap    = errors.New("pledge is not the next one")
	ErrPledge = errors.New("pledge is not what was agreed on, or not the payer's")
)

func (l *Link) has(viewer Account) bool { return slices.Contains(l.open, viewer) }

func (l *Link) add(viewer Account) {
	g := l.terms.guarantee(l.hop, viewer)
	l.open, l.reserved = append(l.open, viewer), l.reserved+g.Worth(g.Cap)
	if l.terms.Signed {
		l.leaves = append(l.leaves, l.terms.Notary.Leaf(&g))
	}
}

func (l *Link) remove(viewer Account) {
	i, g := slices.Index(l.open, viewer), l.terms.guarantee(l.hop, viewer)
	l.open, l.reserved = slices.Delete(l.open, i, i+1), l.reserved-g.Worth(g.Cap)
	if l.terms.Signed {
		l.leaves = slices.Delete(l.leaves, i, i+1)
	}
}

// room says whether the deposit covers one guarantee more.
func (l *Link) room() bool {
	g := l.terms.guarantee(l.hop, l.payer)
	return !l.closing && l.amount+l.reserved+g.Worth(g.Cap) <= l.deposit
}

// Guarantee makes the payer's next balance, with a guarantee for viewer, if the
// deposit covers it.
func (l *Link) Guarantee(viewer Account) bool {
	if !l.room() {
		return false
	}
	l.add(viewer)
	l.next(Pledge{Viewer: viewer})
	return true
}

// Settle makes the payer's next balance: viewer's guarantee becomes what its
// newest voucher is worth.
func (l *Link) Settle(viewer Account, voucher unit.Wei) {
	l.remove(viewer)
	l.amount += l.terms.Worth(l.hop, voucher)
	l.next(Pledge{Viewer: viewer, Settles: true, Voucher: voucher})
}

func (l *Link) next(p Pledge) {
	l.version++
	p.Balance = Balance{Ledger: l.id, Version: l.version, Amount: l.amount}
	if l.terms.Signed {
		p.Balance.Root = l.root()
		l.terms.Notary.SignBalance(l.payer, &p.Balance)
	}
	l.pending = append(l.pending, p)
}

// Agreed books the agent's signature and returns the pledges that it covers.
func (l *Link) Agreed(a *Answer) []Pledge {
	n := 0
	for n < len(l.pending) && l.pending[n].Balance.Version <= a.Version {
		n++
	}
	if n == 0 || l.pending[n-1].Balance.Version != a.Version {
		return nil
	}
	b := l.pending[n-1].Balance
	if b.Sig = a.Sig; l.terms.Signed && !l.terms.Notary.VerifyBalance(l.agent, &b) {
		return nil
	}
	done := slices.Clone(l.pending[:n])
	l.pending = slices.Delete(l.pending, 0, n)
	return done
}

// Take is the payee's: it checks a pledge and makes it the newest balance.
func (l *Link) Take(p *Pledge) error {
	b := p.Balance
	b.Ledger = l.id
	switch {
	case b.Version <= l.version:
		return ErrKnown
	case b.Version > l.version+1:
		return ErrGap
	case l.closing || p.Settles != l.has(p.Viewer) || !p.Settles && !l.room():
		return ErrPledge
	case p.Settles && (p.Voucher > l.terms.Deposit || b.Amount != l.amount+l.terms.Worth(l.hop, p.Voucher)) || !p.Settles && b.Amount != l.amount:
		return ErrPledge
	}
	change, back := l.add, l.remove
	if p.Settles {
		change, back = l.remove, l.add
	}
	change(p.Viewer)
	if l.terms.Signed && (b.Root != l.root() || !l.terms.Notary.VerifyBalance(l.payer, &b)) {
		back(p.Viewer)
		return ErrPledge
	}
	l.version, l.amount, l.sig = b.Version, b.Amount, b.Sig
	l.unsigned = append(l.unsigned, Pledge{p.Viewer, p.Settles, p.Voucher, b})
	return nil
}

// Agree signs, as the agent, the balance of a version that it has taken.
func (l *Link) Agree(version uint64) Answer {
	a := Answer{Version: version}
	i := slices.IndexFunc(l.unsigned, func(p Pledge) bool { return p.Balance.Version == version })
	if i >= 0 {
		a.Viewer = l.unsigned[i].Viewer
	}
	if i >= 0 && l.terms.Signed {
		b := l.unsigned[i].Balance
		l.terms.Notary.SignBalance(l.agent, &b)
		a.Sig = b.Sig
	}
	return a
}

// signed forgets the balances that the agent has signed, but for the last.
func (l *Link) signed(version uint64) {
	n := 0
	for n+1 < len(l.unsigned) && l.unsigned[n+1].Balance.Version <= version {
		n++
	}
	l.unsigned = slices.Delete(l.unsigned, 0, n)
}

// Newest is the newest balance as the payee shows it to the contract, with the
// payer's signature: a modelled one is signed now.
func (l *Link) Newest() Balance {
	b := Balance{Ledger: l.id, Version: l.version, Amount: l.amount, Sig: l.sig}
	b.Root = l.root()
	if !l.terms.Signed {
		l.terms.Notary.SignBalance(l.payer, &b)
	}
	return b
}

// tree is the Merkle tree over what is guaranteed, leaves first; a node without
// a sibling moves up as it is.
func (l *Link) tree() (levels [][]Word) {
	level := l.leaves
	if !l.terms.Signed {
		level = nil
		for _, viewer := range l.open {
			g := l.terms.guarantee(l.hop, viewer)
			level = append(level, l.terms.Notary.Leaf(&g))
		}
	}
	for levels = append(levels, level); len(level) > 1; levels = append(levels, level) {
		var above []Word
		for i := 0; i < len(level); i += 2 {
			if i+1 == len(level) {
				above = append(above, level[i])
			} else {
				above = append(above, l.terms.Notary.Join(level[i], level[i+1]))
			}
		}
		level = above
	}
	return levels
}

func (l *Link) root() Word {
	levels := l.tree()
	if top := levels[len(levels)-1]; len(top) == 1 {
		return top[0]
	}
	return Word{}
}

// Claim is the claim of viewer's guarantee by a voucher.
func (l *Link) Claim(viewer Account, v Voucher) ClaimLedger {
	if !v.Signed {
		l.terms.Notary.SignVirtual(viewer, &v)
	}
	c := ClaimLedger{Ledger: l.id, Guarantee: l.terms.guarantee(l.hop, viewer), Voucher: v}
	i := slices.Index(l.open, viewer)
	for _, level := range l.tree() {
		if beside := i ^ 1; beside < len(level) {
			c.Path = append(c.Path, level[beside])
		}
		i /= 2
	}
	return c
}

// Append encodes p without its viewer: whether it settles, version, amount and
// voucher, 8 bytes each, root and signature.
func (p *Pledge) Append(b []byte) []byte {
	settles := byte(0)
	if p.Settles {
		settles = 1
	}
	b = append(b, settles)
	for _, n := range []uint64{p.Balance.Version, uint64(p.Balance.Amount), uint64(p.Voucher)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return append(append(b, p.Balance.Root[:]...), p.Balance.Sig[:]...)
}

// Bytes of a pledge and of an answer.
const (
	pledgeSize = 1 + 3*8 + len(Word{}) + len(Signature{})
	answerSize = 1 + 8 + len(Signature{})
)

// ParsePledge decodes what Append has written.
func ParsePledge(viewer Account, b []byte) (p Pledge, ok bool) {
	if len(b) != pledgeSize || b[0] > 1 {
		return p, false
	}
	p.Viewer, p.Settles = viewer, b[0] == 1
	p.Balance.Version, p.Balance.Amount = binary.BigEndian.Uint64(b[1:]), unit.Wei(binary.BigEndian.Uint64(b[9:]))
	p.Voucher = unit.Wei(binary.BigEndian.Uint64(b[17:]))
	copy(p.Balance.Root[:], b[25:])
	copy(p.Balance.Sig[:], b[25+len(Word{}):])
	return p, true
}

// Append encodes a without its viewer: whether it refuses, version and signature.
func (a *Answer) Append(b []byte) []byte {
	refused := byte(0)
	if a.Refused {
		refused = 1
	}
	b = binary.BigEndian.AppendUint64(append(b, refused), a.Version)
	return append(b, a.Sig[:]...)
}

// ParseAnswer decodes what Append has written.
func ParseAnswer(viewer Account, b []byte) (a Answer, ok bool) {
	if len(b) != answerSize || b[0] > 1 {
		return a, false
	}
	a.Viewer, a.Refused, a.Version = viewer, b[0] == 1, binary.BigEndian.Uint64(b[1:])
	copy(a.Sig[:], b[9:])
	return a, true
}

// period is how long after a closing was asked for guarantees can be claimed.
func (l *Link) period() time.Duration { return l.terms.Hub.HubPeriod(l.hop) }
