package payment

import "kinetoscope/internal/unit"

// Seals is the book of the signatures of one stream's vouchers. Where not every
// one is executed, it stands for them as an ideal signature would: a voucher
// without a signature is the payer's if the book says that its key has signed for
// as much. So a forged voucher is worth as little as with real signatures, whoever
// made it and whether or not it would have been sampled. A voucher that comes with
// a signature, from anybody, is checked for real.
type Seals struct {
	made              uint64              // by payers, those that are only charged included
	newest            []noted             // by payer
	others            map[sealed]unit.Wei // of payers who have promised something else before
	executed, charged int
}

// A sealed is what one signature is about: cumulative vouchers that replace each
// other.
type sealed struct {
	payer   Account
	channel ChannelID
	to      Account
}

// A noted is what a payer has signed for, as most do: one channel for good.
type noted struct {
	channel *ChannelID // the voucher's
	amount  unit.Wei
	to      Account
}

// known bounds the payers that are looked up by their number.
const known = 1 << 24

// of is where a payer's first kind of voucher is noted; nil if v is of another.
func (s *Seals) of(payer Account, v *Voucher) *noted {
	if int64(payer) >= int64(len(s.newest)) {
		return nil
	}
	if n := &s.newest[payer]; n.amount == 0 || n.to == v.To && v.on(&Voucher{channel: n.channel}) {
		return n
	}
	return nil
}

// note takes down an amount.
func (s *Seals) note(payer Account, v *Voucher) {
	if n := int(payer) + 1 - len(s.newest); n > 0 && payer < known {
		s.newest = append(s.newest, make([]noted, n)...)
	}
	if n := s.of(payer, v); n != nil {
		*n = noted{v.channel, v.Amount, v.To}
		return
	}
	if s.others == nil {
		s.others = map[sealed]unit.Wei{}
	}
	s.others[sealed{payer, v.Channel(), v.To}] = v.Amount
}

// amount is what a payer has signed for last of what v is of.
func (s *Seals) amount(payer Account, v *Voucher) unit.Wei {
	if n := s.of(payer, v); n != nil {
		return n.amount
	}
	return s.others[sealed{payer, v.Channel(), v.To}]
}

// Signatures says how many signatures of vouchers were made or checked for real,
// and how many were only charged.
func (t *Terms) Signatures() (executed, charged int) { return t.seals.executed, t.seals.charged }

// signs says whether the next voucher is signed for real: all are, or it is the
// one of so many.
func (t *Terms) signs() bool {
	s := t.seals
	s.made++
	return t.counts(t.Signed || t.Sample > 0 && s.made%uint64(t.Sample) == 0)
}

// counts counts one signature.
func (t *Terms) counts(real bool) bool {
	if real {
		t.seals.executed++
	} else {
		t.seals.charged++
	}
	return real
}

// note takes down what a payer has just promised.
func (t *Terms) note(payer Account, v *Voucher) {
	if t.Signed {
		return // nobody asks the book
	}
	t.seals.note(payer, v)
}

// genuine says whether a payment is the payer's, by its proof, or by the book.
func (t *Terms) genuine(payer Account, best, v *Voucher) bool {
	if t.counts(t.Signed || v.Signed) {
		return t.scheme.genuine(t, payer, best, v)
	}
	return v.Sig() == (Signature{}) && v.Amount <= t.seals.amount(payer, v)
}
