package payment

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A Method names a way to pay.
type Method string

// Methods of payment.
const (
	Central   Method = "central"   // a ledger that the platform keeps
	L1        Method = "l1"        // a transaction of the viewer's own for each interval, ahead
	L1Batch   Method = "l1-batch"  // promises, made good by a transaction for each interval, behind
	Rollup    Method = "rollup"    // as l1, on a second layer
	Tickets   Method = "tickets"   // lottery tickets, of which winners are redeemed
	HashChain Method = "hashchain" // a chain of hashes, revealed one by one
	Channel   Method = "channel"   // a unidirectional channel on the chain, vouchers for each segment
	Interval  Method = "interval"  // a channel, vouchers for intervals that grow
	Hub       Method = "hub"       // a virtual channel through intermediaries
	Pool      Method = "pool"      // a reserve with collateral, promises to each edge that serves
	Credit    Method = "credit"    // mutual credit: debts above a threshold are paid by a cheque on a channel
)

// Names lists the methods in the order that messages and reports show them.
func (Method) Names() []string {
	return []string{string(Central), string(L1), string(L1Batch), string(Rollup), string(Channel), string(Tickets),
		string(HashChain), string(Interval), string(Credit), string(Pool), string(Hub)}
}

// UnmarshalText accepts the names in Names.
func (m *Method) UnmarshalText(b []byte) error {
	for _, n := range m.Names() {
		if n == string(b) {
			*m = Method(n)
			return nil
		}
	}
	return fmt.Errorf("unknown payment method %q: use one of %s", b, strings.Join(m.Names(), ", "))
}

// Signatures says whether vouchers are signed for real.
type Signatures string

// Choices of Signatures.
const (
	Auto     Signatures = "auto"     // real up to Config.RealPayers viewers, modelled above
	Real     Signatures = "real"     // every voucher is signed and verified
	Modelled Signatures = "modelled" // only vouchers that reach a contract are
)

// Names lists the choices.
func (Signatures) Names() []string { return []string{string(Auto), string(Real), string(Modelled)} }

// UnmarshalText accepts the names in Names.
func (s *Signatures) UnmarshalText(b []byte) error {
	for _, n := range s.Names() {
		if n == string(b) {
			*s = Signatures(n)
			return nil
		}
	}
	return fmt.Errorf("unknown choice %q: use one of %s", b, strings.Join(s.Names(), ", "))
}

// SignsFor says whether every voucher of n viewers is signed for real.
func (c *Config) SignsFor(n int) bool {
	return c.Signatures == Real || c.Signatures == Auto && n <= c.RealPayers
}

// A Share is one payee's part of the revenue.
type Share struct {
	Payee string     `yaml:"payee" doc:"Who is paid."`
	Share unit.Ratio `yaml:"share" doc:"What part of the revenue, in whole hundredths of a percent."`
}

// BPS is the share in basis points, hundredths of a percent.
func (s Share) BPS() int { return int(float64(s.Share)*10_000 + 0.5) }

// Config is the payment section of a scenario.
type Config struct {
	Method       Method        `yaml:"method" doc:"How viewers pay."`
	PricePerHour unit.USD      `yaml:"price_per_hour" doc:"What an hour of watching costs a viewer."`
	Deposit      unit.Wei      `yaml:"deposit" doc:"What a viewer locks in its channel; the rest comes back when the channel closes."`
	Credit       int           `yaml:"credit" doc:"Segments that an edge sends to a viewer before it is paid for them."`
	Optimistic   time.Duration `yaml:"optimistic" doc:"How long an edge takes vouchers of a channel that the chain has not confirmed yet."`
	Preopened    bool          `yaml:"preopened" doc:"Deposits are locked before the stream, not when play is pressed."`
	Interval     time.Duration `yaml:"interval" doc:"Watching that one payment is for, where not every segment is paid for by itself: l1, l1-batch, rollup, interval, and the threshold of credit."`
	Growth       time.Duration `yaml:"growth" doc:"By how much the interval method's interval grows with each payment."`
	Collateral   float64       `yaml:"collateral" doc:"What the pool method locks above the deposit, in deposits, 1 to 16; always a wei more than one."`
	Refresh      unit.Ratio    `yaml:"refresh" doc:"Part of the price of watching that the credit method forgives as time passes."`
	OneIn        int           `yaml:"one_in" doc:"Of how many lottery tickets one wins; it pays so many times what it is for."`
	Face         float64       `yaml:"face" doc:"How many times the fee for redeeming it, at the base fee of the moment, a winning lottery ticket must be worth for an edge to serve for it; 0: that is not asked. Livepeer's nodes ask for 100."`
	PlatformCut  unit.Ratio    `yaml:"platform_cut" doc:"What the platform keeps of the revenue under the central method."`
	PayoutDelay  time.Duration `yaml:"payout_delay" doc:"How long after the stream the platform pays out under the central method; 0s: that is not said, and not measured."`
	Rounding     Rounding      `yaml:"rounding" doc:"How the central method's books divide what a viewer has paid: by largest-remainder, as contracts do; floor: whole wei; percent: by whole percents, so that a share below one gets nothing. What is left over stays with the platform."`
	Hub          HubConfig     `yaml:"hub" doc:"The intermediaries of the hub method."`
	Signatures   Signatures    `yaml:"signatures" doc:"Whether every voucher is signed and verified for real, or only those that reach a contract."`
	RealPayers   int           `yaml:"real_payers" doc:"Up to how many viewers signatures: auto signs every voucher for real."`
	Sample       int           `yaml:"sample" doc:"Where vouchers are not all signed for real: of how many one is, signature and check; 0: none. Those that reach a contract always are, and so is the check of whatever carries a signature. Hash chains are not sampled, lottery tickets always signed."`
	Split        []Share       `yaml:"split" doc:"Who owns the asset's royalties; the shares make 100%."`
	Licence      Licence       `yaml:"licence" doc:"What an edge wants to know before it serves."`
	Sales        []Sale        `yaml:"sales" doc:"When the asset's title and a payee's share of the split are sold, soonest first."`
}

// Default is a channel for each viewer at the price of a cheap ticket. The
// platform's cut is the lower of those that large platforms are said to take
// (30 %, from memory, provisional).
func Default() Config {
	return Config{Method: Channel, PricePerHour: 600_000_000, Deposit: 2_000_000_000_000_000, Credit: 3,
		Optimistic: 30 * time.Second, Interval: 10 * time.Second, Growth: time.Second, Collateral: 1, Refresh: 0.1, OneIn: 100, PlatformCut: 0.3, Rounding: LargestRemainder,
		Hub: HubConfig{Hops: 1, Count: 2, Regions: []string{"europe", "na_east"}, Fee: 0.005, Redeem: 0.5}, Signatures: Auto, RealPayers: 1000, Sample: 1000, Licence: Licence{Proof: Read},
		Split: []Share{{"creator", 0.70}, {"performer", 0.15}, {"composer", 0.05}, {"storage", 0.06}, {"edges", 0.04}}}
}

// MaxPayees is the most that a split contract takes.
const MaxPayees = 16

// Validate reports every value that makes no sense.
func (c Config) Validate() error {
	errs := append(below("hub", c.Hub.Validate()), below("licence", c.Licence.Validate())...)
	if c.PricePerHour < 0 {
		errs = append(errs, unit.Bad("price_per_hour", "a price is not negative"))
	}
	if c.Credit < 2 || c.Credit > 1000 { // a payment and the next request travel side by side
		errs = append(errs, unit.Bad("credit", fmt.Sprintf("%d is not between 2 and 1000 segments", c.Credit)))
	}
	if c.PayoutDelay < 0 || c.PayoutDelay > 365*24*time.Hour {
		errs = append(errs, unit.Bad("payout_delay", fmt.Sprintf("%v is not between 0s and a year", c.PayoutDelay)))
	}
	if c.Optimistic < 0 {
		errs = append(errs, unit.Bad("optimistic", fmt.Sprintf("%v is negative", c.Optimistic)))
	}
	if c.Interval < 100*time.Millisecond || c.Interval > 24*time.Hour {
		errs = append(errs, unit.Bad("interval", fmt.Sprintf("%v is not between 100ms and 24h", c.Interval)))
	}
	if c.RealPayers < 0 {
		errs = append(errs, unit.Bad("real_payers", fmt.Sprintf("%d is negative", c.RealPayers)))
	}
	if c.Sample < 0 {
		errs = append(errs, unit.Bad("sample", fmt.Sprintf("%d is negative: write 0 for none", c.Sample)))
	}
	if c.Growth < 0 || c.Growth > time.Hour {
		errs = append(errs, unit.Bad("growth", fmt.Sprintf("%v is not between 0s and 1h", c.Growth)))
	}
	if c.OneIn < 1 || c.OneIn > 1_000_000 {
		errs = append(errs, unit.Bad("one_in", fmt.Sprintf("%d is not between 1 and 1000000", c.OneIn)))
	}
	if c.Face < 0 || c.Face > 1_000_000 {
		errs = append(errs, unit.Bad("face", fmt.Sprintf("%v is not between 0 and 1000000 times the fee", c.Face)))
	}
	if c.Collateral < 1 || c.Collateral > MaxPayees {
		errs = append(errs, unit.Bad("collateral", fmt.Sprintf("%v is not between 1 and %d deposits", c.Collateral, MaxPayees)))
	}
	if c.Rounding != LargestRemainder && c.Method != Central {
		errs = append(errs, unit.Bad("rounding", fmt.Sprintf("%s, but the contract divides by largest-remainder: write that, or the method central", c.Rounding)))
	}
	if c.Refresh < 0 || c.Refresh > 1 {
		errs = append(errs, unit.Bad("refresh", fmt.Sprintf("%v is not between 0%% and 100%%", c.Refresh)))
	}
	if len(c.Split) == 0 || len(c.Split) > MaxPayees {
		errs = append(errs, unit.Bad("split", fmt.Sprintf("%d payees: give 1 to %d", len(c.Split), MaxPayees)))
		return errors.Join(errs...)
	}
	sum := 0.0
	for i, s := range c.Split {
		if slices.ContainsFunc(c.Split[:i], func(o Share) bool { return o.Payee == s.Payee }) {
			errs = append(errs, unit.Bad(fmt.Sprintf("split.%d.payee", i), fmt.Sprintf("%s is there twice: write it once, with the share of both", s.Payee)))
		}
		if s.Payee == "" {
			errs = append(errs, unit.Bad(fmt.Sprintf("split.%d.payee", i), "a payee needs a name"))
		}
		if off := float64(s.Share)*10_000 - float64(s.BPS()); s.BPS() == 0 || off > 1e-6 || off < -1e-6 {
			errs = append(errs, unit.Bad(fmt.Sprintf("split.%d.share", i),
				fmt.Sprintf("%v is not a whole positive number of hundredths of a percent", s.Share)))
		}
		sum += float64(s.Share)
	}
	if math.Abs(sum-1) > 1e-9 {
		errs = append(errs, unit.Bad("split", fmt.Sprintf("the shares make %s%%: write shares that make 100%%", strconv.FormatFloat(sum*100, 'g', 10, 64))))
	}
	return errors.Join(append(errs, c.sellable()...)...)
}

// below says of every bad value of a section where that stands.
func below(section string, err error) (errs []error) {
	if all, several := err.(interface{ Unwrap() []error }); several {
		for _, e := range all.Unwrap() {
			errs = append(errs, below(section, e)...)
		}
		return errs
	}
	if k := (*unit.KeyError)(nil); errors.As(err, &k) {
		errs = append(errs, unit.Bad(section+"."+k.Key, k.Msg))
	}
	return errs
}
