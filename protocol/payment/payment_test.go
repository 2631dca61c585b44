package payment

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// change makes one byte of a voucher's signature another.
func change(v *Voucher, at int) {
	s := v.Sig()
	s[at]++
	v.SetSig(s)
}

// another makes a voucher one of another channel.
func another(v *Voucher) {
	id := v.Channel()
	id[0]++
	v.name(id)
}

// stamp is a Signer whose signature is the payer, channel and amount, enough to
// tell a changed voucher; real ones are tested with the ledger.
type stamp struct{ Notary } // of which it has what payments need

func (stamp) Channel(payer Account, n uint64) ChannelID {
	return ChannelID{1, byte(payer), byte(payer >> 8), byte(n)}
}

func (stamp) Sign(payer Account, v *Voucher) { v.SetSig(mark(payer, v)) }

func (stamp) Attest(payer Account, v *Voucher) { v.SetSig(mark(payer, v)) }

func (stamp) Verify(payer Account, v *Voucher) bool { return v.Sig() == mark(payer, v) }

func mark(payer Account, v *Voucher) (s Signature) {
	id := v.Channel()
	copy(s[:], fmt.Sprint(payer, v.Amount, id[:4]))
	return s
}

func (stamp) Ledger(payer, payee Account, n uint64) ChannelID {
	return ChannelID{3, byte(payer), byte(payee), byte(n)}
}

func (s stamp) SignBalance(by Account, b *Balance) {
	b.Sig = print(by, b.Ledger, b.Version, b.Amount, b.Root)
}

func (s stamp) VerifyBalance(by Account, b *Balance) bool {
	return b.Sig == print(by, b.Ledger, b.Version, b.Amount, b.Root)
}

func (s stamp) SignVirtual(payer Account, v *Voucher) {
	v.SetSig(print(payer, v.Channel(), v.Amount))
	v.Signed = true
}

func (s stamp) VerifyVirtual(payer Account, v *Voucher) bool {
	return v.Sig() == print(payer, v.Channel(), v.Amount)
}

func (stamp) Leaf(g *Guarantee) Word { return sha256.Sum256(fmt.Append(nil, *g)) }

func (stamp) Join(a, b Word) Word {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return sha256.Sum256(append(a[:], b[:]...))
}

// print is a signature of anything.
func print(all ...any) (s Signature) {
	sum := sha256.Sum256(fmt.Append(nil, all...))
	copy(s[:], sum[:])
	return s
}

func (stamp) Pool(sender Account, n uint64) ChannelID { return ChannelID{2, byte(sender), byte(n)} }

func (stamp) SignPromise(sender Account, p *Promise) { p.Sig = seal(sender, p) }

func (stamp) VerifyPromise(sender Account, p *Promise) bool { return p.Sig == seal(sender, p) }

func seal(sender Account, p *Promise) (s Signature) {
	copy(s[:], fmt.Sprint(sender, p.Recipient, p.Amount, p.Pool[:4]))
	return s
}

func (stamp) Link(w Word) Word { return sha256.Sum256(w[:]) }

func (stamp) WordChain(_ Account, anchor Word) ChannelID { return ChannelID(anchor) }

func (stamp) SignTicket(t *Ticket) (s Signature) {
	sum := sha256.Sum256(fmt.Append(nil, *t))
	copy(s[:], sum[:])
	return s
}

func (s stamp) VerifyTicket(t *Ticket, sig *Signature) bool { return s.SignTicket(t) == *sig }

func (stamp) Wins(t *Ticket, sig *Signature, secret Word) bool {
	draw := sha256.Sum256(append(sig[:], secret[:]...))
	return bytes.Compare(draw[:], t.WinProb[:]) < 0
}

// divideSlowly is Divide by fractions: floors first, then single wei to the
// largest remainder that has none yet.
func divideSlowly(amount *big.Int, bps []int) []*big.Int {
	parts := make([]*big.Int, len(bps))
	rests := make([]*big.Rat, len(bps))
	sum := new(big.Int)
	for i, b := range bps {
		exact := new(big.Rat).Mul(new(big.Rat).SetInt(amount), big.NewRat(int64(b), 10_000))
		parts[i] = new(big.Int).Quo(exact.Num(), exact.Denom())
		rests[i] = new(big.Rat).Sub(exact, new(big.Rat).SetInt(parts[i]))
		sum.Add(sum, parts[i])
	}
	for sum.Cmp(amount) < 0 {
		best := -1
		for i, r := range rests {
			if r != nil && (best < 0 || r.Cmp(rests[best]) > 0) {
				best = i
			}
		}
		parts[best].Add(parts[best], big.NewInt(1))
		sum.Add(sum, big.NewInt(1))
		rests[best] = nil
	}
	return parts
}

func randomShares(r *rand.Rand) []int {
	left, bps := 10_000, []int(nil)
	for n := r.IntN(MaxPayees); len(bps) < n && left > 1; {
		b := 1 + r.IntN(left-1)
		bps, left = append(bps, b), left-b
	}
	return append(bps, left)
}

func checkDivide(t *testing.T, amount *big.Int, bps []int) {
	t.Helper()
	got, want, sum := Divide(amount, bps), divideSlowly(amount, bps), new(big.Int)
	for i := range got {
		sum.Add(sum, got[i])
		if got[i].Cmp(want[i]) != 0 {
			t.Fatalf("%v wei in shares %v: payee %d gets %v, not %v", amount, bps, i, got[i], want[i])
		}
	}
	if sum.Cmp(amount) != 0 {
		t.Fatalf("%v wei in shares %v make %v", amount, bps, sum)
	}
}

func TestDivideAgreesWithFractions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		amount := new(big.Int).SetUint64(r.Uint64() >> r.IntN(64))
		checkDivide(t, amount, randomShares(r))
	}
}

func FuzzDivide(f *testing.F) {
	f.Add(uint64(10), uint64(1))
	f.Add(uint64(1)<<63, uint64(99))
	f.Fuzz(func(t *testing.T, amount, seed uint64) {
		checkDivide(t, new(big.Int).SetUint64(amount), randomShares(rand.New(rand.NewPCG(seed, 0))))
	})
}

func TestChannelEndsAtTheDeposit(t *testing.T) {
	c := Default()
	c.Deposit = 20
	p := opened(t, termsOf(c))
	for range 2 {
		if !p.Pay(0, 10).Tell {
			t.Fatal("the deposit is not used up yet")
		}
	}
	if p.Pay(0, 1).Tell {
		t.Fatal("more is promised than was deposited")
	}
}

func TestTabRefuses(t *testing.T) {
	c := termsOf(Default())
	p := opened(t, c)
	p.Pay(0, 10)
	v := *p.Voucher()
	for _, tc := range []struct {
		name   string
		change func(*Voucher)
		tab    Tab
		now    time.Duration
		want   error
	}{
		{"another channel", func(v *Voucher) { another(v) }, c.NewTab(0, 0, true), 0, ErrChannel},
		{"a changed amount", func(v *Voucher) { v.Amount++ }, c.NewTab(0, 0, true), 0, ErrSignature},
		{"a changed signature", func(v *Voucher) { change(v, 0) }, c.NewTab(0, 0, true), 0, ErrSignature},
		{"never opened", func(*Voucher) {}, c.NewTab(0, 0, false), c.Optimistic + 1, ErrUnopened},
		{"opened in time", func(*Voucher) {}, c.NewTab(0, 0, false), c.Optimistic, nil},
	} {
		x, tab := v, tc.tab
		tc.change(&x)
		if err := tab.Take(tc.now, c, 5, &x, 10); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, tc := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.PricePerHour = -1 }, "price_per_hour: a price is not negative"},
		{func(c *Config) { c.Credit = 0 }, "credit: 0 is not between 2 and 1000 segments"},
		{func(c *Config) { c.Optimistic = -1 }, "optimistic: -1ns is negative"},
		{func(c *Config) { c.Interval = 0 }, "interval: 0s is not between 100ms and 24h"},
		{func(c *Config) { c.Growth = -1 }, "growth: -1ns is not between 0s and 1h"},
		{func(c *Config) { c.OneIn = 0 }, "one_in: 0 is not between 1 and 1000000"},
		{func(c *Config) { c.Collateral = 0.9 }, "collateral: 0.9 is not between 1 and 16 deposits"},
		{func(c *Config) { c.Refresh = 2 }, "refresh: 200% is not between 0% and 100%"},
		{func(c *Config) { c.Split = nil }, "split: 0 payees: give 1 to 16"},
		{func(c *Config) { c.Split = []Share{{"a", 0.5}} }, "split: the shares make 50%: write shares that make 100%"},
		{func(c *Config) { c.Rounding = Floor }, "rounding: floor, but the contract divides by largest-remainder: write that, or the method central"},
		{func(c *Config) { c.Split = []Share{{"a", 0.33333}, {"b", 0.66667}} },
			"split.0.share: 33.333% is not a whole positive number of hundredths of a percent\n" +
				"split.1.share: 66.667% is not a whole positive number of hundredths of a percent"},
		{func(c *Config) { c.Split = []Share{{"", 1}} }, "split.0.payee: a payee needs a name"},
	} {
		c := Default()
		tc.change(&c)
		if err := c.Validate(); err == nil || err.Error() != tc.want {
			t.Errorf("got  %v\nwant %v", err, tc.want)
		}
	}
	if err := Default().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
}

func ExampleDivide() {
	fmt.Println(Divide(big.NewInt(10), []int{3_334, 3_333, 3_333}))
	// Output: [4 3 3]
}
