package audit

import (
	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// A poolModel is the reserve pools that were ever locked.
type poolModel struct {
	all  []*modelPool
	last *modelPool
}

type modelPool struct {
	id        [32]byte
	sender    payment.Account // the rogue signs nothing
	number    uint64
	fund, all int64 // all is the fund and the collateral
	claimed   int64
	paid      [purses]int64
	expires   uint64
	gone      bool
}

func (m *poolModel) step(w *walk) string {
	p := w.suite.ReservePool
	roll := w.rng.IntN(10)
	if len(m.all) == 0 || roll == 0 {
		return m.lock(w)
	}
	if roll == 1 {
		w.Wait(10e9)
	}
	x := m.all[len(m.all)-1-w.rng.IntN(min(6, len(m.all)))]
	m.last = x
	if roll < 4 {
		data := p.PackRelease(x.id)
		w.behaves(data)
		w.until(x.expires)
		to, want := x.sender, ""
		if x.claimed > x.fund {
			to = ashes
		}
		if want = w.refusal(to); x.gone {
			want = "NoPool"
		} else if w.next() < x.expires {
			want = "TooEarly"
		}
		return w.call(stranger, 0, "release", data, want, func() {
			w.move(house, to, x.all-x.claimed)
			x.gone = true
		})
	}
	return m.redeem(w, x)
}

func (m *poolModel) lock(w *walk) string {
	p, x := w.suite.ReservePool, &modelPool{sender: pick(w, honest, honest, honest, rogue), fund: pick(w, 0, 1, 2, w.rng.Int64N(1000), w.rng.Int64N(1000), w.rng.Int64N(1000))}
	for _, o := range m.all {
		if o.sender == x.sender {
			x.number++
		}
	}
	x.all = 2*x.fund + pick(w, 0, 1, 2, w.rng.Int64N(100), w.rng.Int64N(100))
	want := ""
	if x.fund == 0 || x.all <= 2*x.fund {
		want = "BadCollateral"
	}
	x.id = hashed(num(ledger.ChainID), place(w.at), place(w.who[x.sender]), num(x.number))
	x.expires = w.next() + 60
	data := p.PackLock(n(x.fund), 60, []common.Address{w.who[payee1], w.who[payee2], w.who[rogue]})
	return w.call(x.sender, x.all, "lock", data, want, func() { m.all, m.last = append(m.all, x), x })
}

func (m *poolModel) redeem(w *walk, x *modelPool) string {
	p, to, amount := w.suite.ReservePool, pick(w, payee1, payee2, rogue, stranger), pick(w, x.fund, x.fund, w.rng.Int64N(x.fund+x.fund/8+1))
	signer := pick(w, honest, honest, honest, honest, stranger)
	sig := w.Sign(signer, digest("ReservePool", w.at, "Voucher(bytes32 pool,address recipient,uint256 amount)", x.id, place(w.who[to]), num(amount)))
	data := p.PackRedeem(x.id, w.who[to], n(amount), sig[:])
	if to == rogue {
		w.behaves(data)
	}
	due := min(amount-x.paid[to], x.all-x.claimed)
	want := ""
	switch {
	case x.gone:
		want = "NoPool"
	case to == stranger:
		want = "NotNamed"
	case amount > x.fund:
		want = "OverFund"
	case amount <= x.paid[to]:
		want = "Stale"
	case signer != x.sender:
		want = "BadVoucher"
	case due == 0:
		want = "Exhausted"
	default:
		want = w.refusal(to)
	}
	return w.call(stranger, 0, "redeem", data, want, func() {
		x.paid[to] += due
		x.claimed += due
		w.move(house, to, due)
	})
}

func (m *poolModel) look(w *walk) string {
	p, x := w.suite.ReservePool, m.last
	if x == nil {
		return ""
	}
	got := must(p.UnpackPools(w.read(p.PackPools(x.id))))
	if x.gone {
		return seen("the sender of a pool that is gone", got.Sender, nobody)
	}
	if wrong := seen("the fund", got.Fund.Int64(), x.fund); wrong != "" {
		return wrong
	}
	return seen("what is claimed", got.Claimed.Int64(), x.claimed)
}
