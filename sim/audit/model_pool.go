package audit

import "github.com/ethereum/go-ethereum/common"

// A poolModel is the reserve pools that the honest sender locked.
type poolModel struct{ all []*modelPool }

type modelPool struct {
	id        [32]byte
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
	if roll < 4 {
		want := ""
		if x.gone {
			want = "NoPool"
		} else if w.next() < x.expires {
			want = "TooEarly"
		}
		return w.call(stranger, 0, "release", p.PackRelease(x.id), want, func() {
			to := honest
			if x.claimed > x.fund {
				to = ashes
			}
			w.move(house, to, x.all-x.claimed)
			x.gone = true
		})
	}
	return m.redeem(w, x)
}

func (m *poolModel) lock(w *walk) string {
	p, x := w.suite.ReservePool, &modelPool{fund: w.rng.Int64N(1000)}
	x.all = 2*x.fund + w.rng.Int64N(100)
	want := ""
	if x.fund == 0 || x.all <= 2*x.fund {
		want = "BadCollateral"
	}
	x.id = must(p.UnpackPoolId(w.read(p.PackPoolId(w.who[honest], uint64(len(m.all))))))
	x.expires = w.next() + 60
	data := p.PackLock(n(x.fund), 60, []common.Address{w.who[payee1], w.who[payee2], w.who[victim]})
	return w.call(honest, x.all, "lock", data, want, func() { m.all = append(m.all, x) })
}

func (m *poolModel) redeem(w *walk, x *modelPool) string {
	p, to, amount := w.suite.ReservePool, pick(w, payee1, payee2, victim, stranger), w.rng.Int64N(x.fund+x.fund/8+1)
	signer := pick(w, honest, honest, honest, honest, to)
	sig := w.Sign(signer, must(p.UnpackDigest(w.read(p.PackDigest(x.id, w.who[to], n(amount))))))
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
	case signer != honest:
		want = "BadVoucher"
	case due == 0:
		want = "Exhausted"
	}
	return w.call(stranger, 0, "redeem", p.PackRedeem(x.id, w.who[to], n(amount), sig[:]), want, func() {
		x.paid[to] += due
		x.claimed += due
		w.move(house, to, due)
	})
}
