package audit

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// A virtualModel is the ledger channels that were ever opened.
type virtualModel struct {
	all  []*modelLedger
	last *modelLedger
}

type modelLedger struct {
	id            [32]byte
	payer, payee  payment.Account // payee2 signs for the payee
	nonce         uint64
	deposit, paid int64
	version       uint64
	caps          int64    // of the guarantee in the newest balance; none: 0
	claimed       [4]int64 // how often, by its cap
	closesAt      uint64
	closed        bool
}

func (m *virtualModel) step(w *walk) string {
	v := w.suite.VirtualChannels
	roll := w.rng.IntN(12)
	if len(m.all) == 0 || roll == 0 {
		return m.open(w)
	}
	x := m.all[len(m.all)-1-w.rng.IntN(min(3, len(m.all)))]
	m.last = x
	switch from := pick(w, x.payer, payee2, stranger); {
	case roll == 1:
		w.Wait(20e9)
		return m.finalize(w, x)
	case roll == 2:
		want := x.lasts()
		if want == "" && from == stranger {
			want = "NotParty"
		} else if want == "" && x.closesAt != 0 {
			want = "AlreadyRequested"
		}
		at := w.next() + 60
		return w.call(from, 0, "requestClose", v.PackRequestClose(x.id), want, func() { x.closesAt = at })
	case roll < 8:
		return m.redeem(w, x, from)
	}
	return m.claim(w, x)
}

func (x *modelLedger) lasts() string {
	if x.closed {
		return "NotOpen"
	}
	return ""
}

func (m *virtualModel) open(w *walk) string {
	x := &modelLedger{payer: pick(w, honest, victim), payee: pick(w, payee1, rogue, none), nonce: w.rng.Uint64N(uint64(2 + len(m.all))), deposit: w.rng.Int64N(3000)}
	want := ""
	switch {
	case x.payee == none:
		want = "ZeroAddress"
	case x.deposit == 0:
		want = "NoDeposit"
	case slices.ContainsFunc(m.all, func(o *modelLedger) bool { return o.payer == x.payer && o.payee == x.payee && o.nonce == x.nonce }):
		want = "LedgerExists"
	}
	x.id = idOf(w.who[house], w.who[x.payer], w.who[x.payee], num(x.nonce))
	data := w.suite.VirtualChannels.PackOpen(w.who[x.payee], w.who[payee2], x.nonce, 60)
	return w.call(x.payer, x.deposit, "open", data, want, func() { m.all, m.last = append(m.all, x), x })
}

// guarantee is one of three, told apart by its cap: 100, 200 or 300 wei.
func (w *walk) guarantee(i int64) (g contracts.VirtualChannelsGuarantee, leaf [32]byte) {
	g = contracts.VirtualChannelsGuarantee{Channel: num(i), Signer: w.who[creator], Cap: n(100 * i), FixedFee: n(3), Bps: 250}
	inner := hashed(g.Channel, place(g.Signer), large(g.Cap), large(g.FixedFee), num(int64(g.Bps)))
	return g, hashed(inner)
}

// redeem shows a balance; every eighth is signed by somebody else.
func (m *virtualModel) redeem(w *walk, x *modelLedger, from payment.Account) string {
	caps, version, amount := w.rng.Int64N(4), x.version+w.rng.Uint64N(4), x.paid+w.rng.Int64N(x.deposit/8+2)-1
	amount = max(amount, 0)
	var root [32]byte
	if caps > 0 {
		_, root = w.guarantee(caps)
	}
	other, signer := x.payer, x.payer
	if from == x.payer {
		other = payee2
	}
	signer = other
	if w.rng.IntN(8) == 0 {
		signer = pick(w, stranger, from)
	}
	sig := w.Sign(signer, digest("VirtualChannels", w.at, "Balance(bytes32 ledger,uint64 version,uint256 amount,bytes32 root)", x.id, num(version), num(amount), root))
	data := w.suite.VirtualChannels.PackRedeem(x.id, contracts.VirtualChannelsBalance{Version: version, Amount: n(amount), Root: root}, sig[:])
	if x.payee == rogue {
		w.behaves(data)
	}
	want := x.lasts()
	switch {
	case want != "":
	case x.closesAt != 0 && w.next() >= x.closesAt:
		want = "TooLate"
	case version <= x.version || amount < x.paid:
		want = "StaleBalance"
	case amount > x.deposit:
		want = "OverDeposit"
	case signer != other:
		want = "BadBalance"
	case amount > x.paid:
		want = w.refusal(x.payee)
	}
	return w.call(from, 0, "redeem", data, want, func() {
		w.move(house, x.payee, amount-x.paid)
		x.version, x.paid, x.caps = version, amount, caps
	})
}

func (m *virtualModel) claim(w *walk, x *modelLedger) string {
	i, amount, signer := pick(w, max(x.caps, 1), max(x.caps, 1), 1+w.rng.Int64N(3)), w.rng.Int64N(400), pick(w, creator, creator, creator, stranger)
	g, _ := w.guarantee(i)
	sig := w.Sign(signer, digest("VirtualChannels", w.at, "Voucher(bytes32 channel,uint256 amount)", g.Channel, num(amount)))
	data := w.suite.VirtualChannels.PackClaim(x.id, g, nil, n(amount), sig[:])
	if x.payee == rogue {
		w.behaves(data)
	}
	counts := min(amount, 100*i)
	due := counts + 3 + counts*250/10_000
	want := x.lasts()
	switch {
	case want != "":
	case x.closesAt == 0 || w.next() < x.closesAt:
		want = "TooEarly"
	case w.next() >= x.closesAt+60:
		want = "TooLate"
	case x.caps != i:
		want = "NotGuaranteed"
	case x.claimed[i] > 0:
		want = "AlreadyClaimed"
	case signer != creator:
		want = "BadVoucher"
	case x.paid+due > x.deposit:
		want = "OverDeposit"
	default:
		want = w.refusal(x.payee)
	}
	return w.call(stranger, 0, "claim", data, want, func() {
		x.claimed[i]++
		x.paid += due
		w.move(house, x.payee, due)
	})
}

func (m *virtualModel) finalize(w *walk, x *modelLedger) string {
	want := x.lasts()
	if want == "" && (x.closesAt == 0 || w.next() < x.closesAt+60) {
		want = "TooEarly"
	}
	return w.call(stranger, 0, "finalize", w.suite.VirtualChannels.PackFinalize(x.id), want, func() {
		w.move(house, x.payer, x.deposit-x.paid)
		x.closed = true
	})
}

func (m *virtualModel) look(w *walk) string {
	v, x := w.suite.VirtualChannels, m.last
	if x == nil {
		return ""
	}
	got := must(v.UnpackLedgers(w.read(v.PackLedgers(x.id))))
	if x.closed {
		return seen("the payer of a ledger channel that is closed", got.Payer, common.Address{})
	}
	if wrong := seen("what was paid", got.Paid.Int64(), x.paid); wrong != "" {
		return wrong
	}
	return seen("the newest version", got.Version, x.version)
}
