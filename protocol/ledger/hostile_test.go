package ledger

import (
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A splitter is a split of our own making, whose first payee is hostile.
func (d *desk) splitter(h hostile) common.Address {
	d.t.Helper()
	owners := []common.Address{h.at, d.address(payee2)}
	o := d.execute(call{from: d.address(creator), data: creation(d.suite.Split.Code, d.suite.Split.PackConstructor(owners, []uint16{4000, 6000}))})[0]
	if !o.ok {
		d.t.Fatal(d.reason(&o))
	}
	return o.created
}

// pay sends value to a contract and settles it.
func (d *desk) pay(split common.Address, value unit.Wei) {
	d.t.Helper()
	from := d.address(creator)
	for _, o := range d.execute(call{from: from, to: &split, value: uint64(value)},
		call{from: from, to: &split, data: d.suite.Split.PackSettle()}) {
		if !o.ok {
			d.t.Fatal(d.reason(&o))
		}
	}
}

func (d *desk) draw(split, payee common.Address) outcome {
	return d.execute(call{from: d.address(creator), to: &split, data: d.suite.Split.PackWithdraw(payee)})[0]
}

// A payee that cannot be paid keeps its credit and keeps nobody else waiting.
func TestHostilePayeeBlocksNobody(t *testing.T) {
	for _, c := range []struct {
		name   string
		manner uint8
		want   string
	}{{"refuses", refuse, "Error"}, {"burns gas", burn, "FailedCall"}} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, testConfig(), 10)
			h := d.hostile()
			d.behave(h, c.manner, common.Address{}, nil)
			split := d.splitter(h)
			d.pay(split, 1000)
			if o := d.draw(split, h.at); d.reason(&o) != c.want {
				t.Errorf("paying the hostile payee: %q, want %s", d.reason(&o), c.want)
			}
			before := d.Balance(payee2)
			if o := d.draw(split, d.address(payee2)); !o.ok {
				t.Errorf("the other payee is not paid: %s", d.reason(&o))
			}
			if got := before.Sub(d.Balance(payee2), before); got.Int64() != 600 {
				t.Errorf("the other payee got %v wei of 600", got)
			}
			d.behave(h, accept, common.Address{}, nil)
			if o := d.draw(split, h.at); !o.ok || d.world.balance(h.at).Int64() != 400 {
				t.Errorf("the payee has come to reason: %s, holds %v", d.reason(&o), d.world.balance(h.at))
			}
		})
	}
}

// A payee that calls back while it is paid gets its credit once.
func TestReentrantPayee(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	h := d.hostile()
	split := d.splitter(h)
	d.pay(split, 1000)
	d.behave(h, reenter, split, d.suite.Split.PackWithdraw(h.at))
	if o := d.draw(split, h.at); d.reason(&o) != "ReentrancyGuardReentrantCall" {
		t.Errorf("withdrawing twice at once: %q", d.reason(&o))
	}
	// Settling meanwhile is allowed: credits and balance agree at that moment.
	from := d.address(creator)
	d.execute(call{from: from, to: &split, value: 500})
	d.behave(h, reenter, split, d.suite.Split.PackSettle())
	if o := d.draw(split, h.at); !o.ok {
		t.Fatalf("settling while withdrawing: %s", d.reason(&o))
	}
	d.behave(h, accept, split, nil)
	if o := d.draw(split, h.at); !o.ok || d.world.balance(h.at).Int64() != 600 {
		t.Errorf("two parts of 40%%, of 1000 and of 500: holds %v", d.world.balance(h.at))
	}
	d.draw(split, d.address(payee2))
	if left := d.world.balance(split); left.Sign() != 0 {
		t.Errorf("%v wei are left", left)
	}
}

// A payer that is a contract cannot keep the payee from its money: its refund
// waits for it.
func TestHostilePayerRefundWaits(t *testing.T) {
	for name, manner := range map[string]uint8{"refuses": refuse, "burns gas": burn, "calls back": reenter} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, testConfig(), 10)
			h, channels := d.hostile(), d.suite.Channels
			open := channels.PackOpen(d.split, d.address(collector), uint64(0), uint32(60))
			o := d.act(h, d.channels, 1000, open)
			if !o.ok {
				t.Fatal(d.reason(&o))
			}
			id := said(t, &o, channels.UnpackOpenedEvent).Id
			take := channels.PackTakeRefund(d.address(payee1))
			d.behave(h, manner, d.channels, take)

			if o = d.act(h, d.channels, 0, channels.PackRequestClose(id)); !o.ok {
				t.Fatal(d.reason(&o))
			}
			d.next += 60e9
			if o = d.act(h, d.channels, 0, channels.PackFinalize(id)); !o.ok {
				t.Fatal(d.reason(&o))
			}
			if parked := said(t, &o, channels.UnpackRefundParkedEvent).Amount; parked.Int64() != 1000 {
				t.Errorf("%v wei wait, not 1000", parked)
			}
			if o = d.act(h, d.channels, 0, take); !o.ok {
				t.Fatal(d.reason(&o))
			}
			if got := new(big.Int).Sub(d.Balance(payee1), wei(eth)); got.Int64() != 1000 || d.Locked().Sign() != 0 {
				t.Errorf("took %v wei of 1000; %v are left", got, d.Locked())
			}
			if o = d.act(h, d.channels, 0, take); d.reason(&o) != "NothingDue" {
				t.Errorf("taking the refund twice: %q", d.reason(&o))
			}
		})
	}
}

// A payee that refuses makes its own closing fail; the payer gets its deposit
// back in the end.
func TestRefusingChannelPayee(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	h, channels := d.hostile(), d.suite.Channels
	d.behave(h, refuse, common.Address{}, nil)
	payer, to := d.address(firstPayer), d.address(collector)
	o := d.execute(call{from: payer, to: &d.channels, value: 1000, data: channels.PackOpen(h.at, to, uint64(0), uint32(60))})[0]
	v := payment.NewVoucher(said(t, &o, channels.UnpackOpenedEvent).Id, 10)
	d.Signer().Sign(firstPayer, &v)
	o = d.execute(call{from: to, to: &d.channels, data: channels.PackClose(v.Channel(), big.NewInt(10), flatten(v.Sig()))})[0]
	if d.reason(&o) != "Error" {
		t.Errorf("closing to a payee that refuses: %q", d.reason(&o))
	}
	d.execute(call{from: payer, to: &d.channels, data: channels.PackRequestClose(v.Channel())})
	d.next += 60e9
	if o = d.execute(call{from: payer, to: &d.channels, data: channels.PackFinalize(v.Channel())})[0]; !o.ok || d.Locked().Sign() != 0 {
		t.Errorf("finalizing: %s, %v wei are left", d.reason(&o), d.Locked())
	}
}

// What open refuses that no payment.Tx can ask for.
func TestOpenRefuses(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	to, zero := d.address(collector), common.Address{}
	for _, c := range []struct {
		payee, collector common.Address
		period           uint32
		value            uint64
		want             string
	}{
		{zero, to, 60, 1, "ZeroAddress"}, {d.split, zero, 60, 1, "ZeroAddress"},
		{d.split, to, 0, 1, "NoChallengePeriod"}, {d.split, to, 60, 0, "NoDeposit"}, {d.split, to, 60, 1, ""},
	} {
		data := d.suite.Channels.PackOpen(c.payee, c.collector, uint64(7), c.period)
		o := d.execute(call{from: d.address(firstPayer), to: &d.channels, value: c.value, data: data})[0]
		if got := d.reason(&o); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	// Nobody can send ether past open.
	if o := d.execute(call{from: d.address(firstPayer), to: &d.channels, value: 1})[0]; o.ok {
		t.Error("the Channels contract takes ether as it comes")
	}
}
