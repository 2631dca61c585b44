package payment

import (
	"time"

	"kinetoscope/internal/unit"
)

// words is PayWord (Rivest and Shamir 1996): the payer commits to the last hash
// of a chain with its deposit and pays for each piece of watching, as long as
// the longest segment, by revealing the hash before. Nobody signs a payment, and
// checking one is a hash.
//
// Bound: as channel, and one segment that does not fill a word.
type words struct{ channel }

// maxWords is the longest hash chain: what closing it may cost a contract.
const maxWords = 4096

func (words) needs(c *Config, most unit.Wei) Needs {
	return Needs{Chain: OnL1, Lock: most * min(c.Deposit/most, maxWords), Standing: c.Preopened, Kind: Invoke, Contract: WordContract}
}

// length is the number of words in a chain.
func (t *Terms) length() uint32 { return uint32(t.needs.Lock / t.Most) }

func (words) open(p *Payer) (tx Tx, needed bool) {
	t := p.terms
	if p.state == Idle {
		p.apart().purse = newPurse(t, p.account)
		p.newest.name(ChannelID(p.purse.at(t, 0)))
	}
	return Tx{Kind: Invoke, Channel: p.newest.Channel(), Amount: t.needs.Lock,
		Call: OpenWords{Anchor: Word(p.newest.Channel()), Price: t.Most, Words: t.length()}}, !t.Preopened
}

func (words) pay(p *Payer, _ time.Duration, _ bool) Deed {
	t := p.terms
	n := uint32((p.newest.Amount + p.due()) / t.Most)
	if total := unit.Wei(n) * t.Most; total <= p.newest.Amount || n > t.length() {
		return Deed{}
	}
	p.newest.Amount, p.newest.Short, p.newest.Signed = unit.Wei(n)*t.Most, true, t.Signed
	if t.Signed {
		w := p.purse.at(t, n)
		p.newest.SetSig(w.signature())
	}
	return Deed{Tell: true, Work: Work{Hashes: 1}}
}

// of is the anchor, which the chain names with the deposit.
func (words) of(t *Terms, payer Account) ChannelID {
	return ChannelID(newPurse(t, payer).at(t, 0))
}

// genuine climbs from the word to the newest one that is known.
func (words) genuine(t *Terms, _ Account, best, v *Voucher) bool {
	if v.Amount <= best.Amount {
		return v.Equal(best)
	}
	known := Word(v.Channel())
	if best.Amount > 0 {
		known = best.word()
	}
	w := v.word()
	for n := (v.Amount - best.Amount) / t.Most; n > 0; n-- {
		w = t.Notary.Link(w)
	}
	return w == known && v.Amount%t.Most == 0 && v.Amount <= t.needs.Lock
}

// signature has a word in front.
func (w Word) signature() (s Signature) {
	copy(s[:], w[:])
	return s
}

// word is what stands in front of the voucher's signature.
func (v *Voucher) word() Word {
	s := v.Sig()
	return Word(s[:len(Word{})])
}

func (words) work() Work { return Work{Hashes: 1} }

func (words) room(t *Terms, _ *Tab) unit.Wei { return t.segments() + t.Most }

func (w words) bound(t *Terms) unit.Wei { return w.channel.bound(t) + t.Most }

func (words) redeem(c *Collector, payer Account, b *claim, out []Tx) []Tx {
	t, n := c.terms, uint32(b.voucher.Amount/c.terms.Most)
	purse := newPurse(t, payer) // a modelled word is revealed now, the checked one is the same
	return c.send(Tx{Kind: Invoke, Payer: payer, Channel: b.voucher.Channel(), Amount: b.voucher.Amount,
		Call: CloseWords{Chain: t.Notary.WordChain(payer, purse.at(t, 0)), Words: n, Word: purse.at(t, n)}}, out)
}

// A purse is a payer's hash chain: every stride-th word, and those of the
// stride in use.
type purse struct {
	marks []Word // marks[i] is word i*stride; the last one is the seed
	near  []Word // words from*stride to from*stride + stride - 1
	from  uint32
}

const stride = 64

// newPurse makes payer's chain from a seed that only its key gives.
func newPurse(t *Terms, payer Account) *purse {
	v := NewVoucher(t.Signer.Channel(payer, 0), 0)
	t.Signer.Sign(payer, &v)
	n := (t.length() + stride - 1) / stride
	p := &purse{marks: make([]Word, n+1), near: make([]Word, stride), from: n}
	w := v.word()
	p.marks[n] = w
	for i := n; i > 0; i-- {
		for range stride {
			w = t.Notary.Link(w)
		}
		p.marks[i-1] = w
	}
	return p
}

// at is word n; word 0 is the anchor.
func (p *purse) at(t *Terms, n uint32) Word {
	k := n / stride
	if n%stride == 0 {
		return p.marks[k]
	}
	if p.from != k {
		w := p.marks[k+1]
		for i := stride; i > 0; i-- {
			w = t.Notary.Link(w)
			p.near[i-1] = w
		}
		p.from = k
	}
	return p.near[n%stride]
}
