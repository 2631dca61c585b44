package payment

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// pool is a reserve pool, as Theta has it: the payer locks a fund, Deposit, and
// a collateral above it, once for all edges, and pays whichever serves it by
// service payments: promises that are cumulative for each edge. An edge redeems
// its own and passes the money on to the split. Nothing off the chain keeps a
// payer from promising more than the fund in all; that costs it the collateral.
//
// Bound: as channel, and what fund and collateral fall short of if the payer
// promises the whole fund to every edge and this one comes last (Short): nothing
// if the collateral is the fund times the number of the other edges.
type pool struct{ channel }

func (pool) needs(c *Config, _ unit.Wei) Needs {
	collateral := max(unit.Wei(float64(c.Deposit)*c.Collateral), c.Deposit+1)
	return Needs{Chain: OnL1, Lock: c.Deposit + collateral, Standing: c.Preopened, Kind: Invoke, Contract: PoolContract, Direct: true}
}

func (pool) open(p *Payer) (tx Tx, needed bool) {
	t := p.terms
	if p.state == Idle {
		p.newest.name(t.scheme.of(t, p.account))
	}
	return Tx{Kind: Invoke, Channel: p.newest.Channel(), Amount: t.needs.Lock,
		Call: LockPool{Fund: t.Deposit, Period: expiry, Recipients: t.Recipients}}, !t.Preopened
}

func (pool) pay(p *Payer, _ time.Duration, _ bool) Deed {
	t, due := p.terms, p.due()
	if due == 0 || p.Promised()+due > t.Deposit {
		return Deed{}
	}
	p.newest.Amount, p.newest.sig, p.newest.Signed = p.newest.Amount+due, nil, false
	if t.signs() {
		t.sign(p.account, &p.newest)
	}
	return Deed{Tell: true, Work: Work{Signs: 1}}
}

// promise is what v says: its recipient is not in it, but known to both sides.
func (v *Voucher) promise() Promise {
	return Promise{Pool: v.Channel(), Recipient: v.To, Amount: v.Amount, Sig: v.Sig()}
}

func (t *Terms) sign(payer Account, v *Voucher) {
	p := v.promise()
	t.Notary.SignPromise(payer, &p)
	v.SetSig(p.Sig)
	v.Signed = true
}

func (pool) of(t *Terms, payer Account) ChannelID { return t.Notary.Pool(payer, 0) }

func (pool) genuine(t *Terms, payer Account, _, v *Voucher) bool {
	p := v.promise()
	return v.Amount <= t.Deposit && t.Notary.VerifyPromise(payer, &p)
}

func (x pool) bound(t *Terms) unit.Wei { return x.channel.bound(t) + t.short(t.Deposit) }

// short is how much of a promise of amount is not paid if all other edges
// redeem a whole fund first.
func (t *Terms) short(amount unit.Wei) unit.Wei {
	if !t.needs.Direct || len(t.Recipients) == 0 {
		return 0
	}
	others := unit.Wei(len(t.Recipients)-1) * t.Deposit
	return amount - min(amount, t.needs.Lock-min(t.needs.Lock, others))
}

func (pool) frees(_, amount unit.Wei) unit.Wei { return amount }

func (pool) redeem(_ *Collector, _ Account, _ *claim, out []Tx) []Tx { return out }

// Turn says whom the payer pays from now on, where each edge is paid by itself.
func (p *Payer) Turn(to Account) {
	if !p.terms.needs.Direct || to == p.newest.To {
		return
	}
	next, own := Voucher{channel: p.newest.channel, To: to}, p.apart()
	if i := slices.IndexFunc(own.others, func(v Voucher) bool { return v.To == to }); i >= 0 {
		next = own.others[i]
		own.others = slices.Delete(own.others, i, i+1)
	}
	if p.newest.Amount > 0 {
		own.others = append(own.others, p.newest)
	}
	own.elsewhere += p.newest.Amount - next.Amount // wraps in between
	p.newest = next
}

// A Till is the half of an edge that is paid by itself: it redeems, once, what
// each viewer has promised it, and in the end passes all of it on to the split.
type Till struct {
	terms   *Terms
	account Account
	cashed  map[Account]bool // looked up, never walked
	sent    map[uint32]Tx    // not confirmed, by ID; looked up, never walked
	next    uint32
	got     unit.Wei // by redemptions
	passed  unit.Wei // of that, to the split
	closing bool
}

// NewTill makes the till of the edge with this account.
func NewTill(t *Terms, account Account) *Till {
	return &Till{terms: t, account: account, cashed: map[Account]bool{}, sent: map[uint32]Tx{}}
}

// Cash redeems a payer's newest promise.
func (t *Till) Cash(payer Account, v Voucher, out []Tx) []Tx {
	if !t.terms.needs.Direct || v.Amount == 0 || t.cashed[payer] {
		return out
	}
	t.cashed[payer] = true
	if !v.Signed { // modelled so far: the contract wants it for real
		t.terms.sign(payer, &v)
	}
	return t.send(Tx{Kind: Invoke, Payer: payer, Channel: v.Channel(), Amount: v.Amount, Call: RedeemPool{v.promise()}}, out)
}

// Finish passes on what has come in, as soon as all of it has.
func (t *Till) Finish(out []Tx) []Tx {
	t.closing = true
	return t.passOn(out)
}

// Confirm takes the receipt of one of the edge's transactions.
func (t *Till) Confirm(r *Receipt, out []Tx) []Tx {
	redeemed := r.OK && r.Kind == Invoke
	if r.Reorged { // it comes again: transactions that were in a block find room
		t.sent[r.ID] = Tx{ID: r.ID}
		if redeemed {
			t.got -= r.Amount
		}
		return out
	}
	tx, waits := t.sent[r.ID]
	if !waits {
		return out // an edge that was dark reads again what it knew
	}
	delete(t.sent, r.ID)
	if r.turnedAway() {
		return t.send(tx, out)
	}
	if redeemed {
		t.got += r.Amount
	}
	return t.passOn(out)
}

func (t *Till) passOn(out []Tx) []Tx {
	if rest := t.got - min(t.got, t.passed); t.closing && len(t.sent) == 0 && rest > 0 {
		t.passed += rest
		return t.send(Tx{Kind: Pay, Payer: t.account, Amount: rest}, out)
	}
	return out
}

func (t *Till) send(tx Tx, out []Tx) []Tx {
	t.next++
	tx.ID, tx.From = t.next, t.account
	t.sent[tx.ID] = tx
	return append(out, tx)
}
