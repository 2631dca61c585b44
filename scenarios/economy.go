package scenarios

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// Economy is an economy of many creators over many days. It is played without
// network and video: a view is a length of time that is paid for.
type Economy struct {
	On         bool          `yaml:"on" doc:"Whether payments alone are played, without network and video, so that a month takes seconds. Viewers come from population, methods are central, l1-batch and, with one creator, channel."`
	Creators   int           `yaml:"creators" doc:"Creators, each with one asset and its split."`
	Popularity float64       `yaml:"popularity" doc:"Exponent of Zipf's law by which viewers choose creators; at 0 all are chosen as often."`
	Follows    int           `yaml:"follows" doc:"Creators that a viewer watches."`
	Views      float64       `yaml:"views" doc:"Views of a viewer in a day, on average, by chance. At 0 every viewer comes once, as population.at, over and arrival say."`
	Watch      time.Duration `yaml:"watch" doc:"Mean length of a view, exponential."`
	Bitrate    unit.Rate     `yaml:"bitrate" doc:"What is watched, to price its bytes as an edge's; nobody sends them."`
	Payees     int           `yaml:"payees" doc:"A split has 2 to so many payees, by chance."`
	Settle     Settle        `yaml:"settle" doc:"When a viewer pays a creator what it owes: after each view, after every so many views of its titles, once a day, or when it owes a threshold. What is left is paid at the end."`
	Every      int           `yaml:"every" doc:"Of how many views of one creator a payment is, with settle: views."`
	Threshold  unit.USD      `yaml:"threshold" doc:"What a viewer owes a creator when it pays, with settle: threshold."`
	Payout     time.Duration `yaml:"payout" doc:"How often creators have their splits divided and paid out; 0s: never."`
	Bridge     time.Duration `yaml:"bridge" doc:"How often payees bring what they have been paid on a rollup to the first layer, and once at the end; 0s: never."`
	Enough     unit.USD      `yaml:"enough" doc:"A payee brings over no less than that: the claim on the first layer would eat it."`
	Least      unit.USD      `yaml:"least" doc:"A payee with less in its split than that is not paid out: the fee would eat it."`
}

// A Settle names when viewers pay what they owe.
type Settle string

// Settlements.
const (
	SettleView      Settle = "view"
	SettleViews     Settle = "views"
	SettleDaily     Settle = "daily"
	SettleThreshold Settle = "threshold"
)

// Names lists the settlements.
func (Settle) Names() []string {
	return []string{string(SettleView), string(SettleViews), string(SettleDaily), string(SettleThreshold)}
}

// UnmarshalText accepts the names in Names.
func (s *Settle) UnmarshalText(b []byte) error { return choose(s, b, s.Names()) }

// defaultEconomy is a small platform: a view a day of ten minutes, of five
// creators that a viewer has come to like. Zipf's exponent is the common 1.
func defaultEconomy() Economy {
	return Economy{Creators: 200, Popularity: 1, Follows: 5, Views: 1, Watch: 10 * time.Minute, Bitrate: 3_000_000, Payees: 12,
		Settle: SettleDaily, Every: 10, Threshold: 1_000_000_000, Payout: 24 * time.Hour, Bridge: 7 * 24 * time.Hour, Enough: 2_000_000_000, Least: 1_000_000_000}
}

// Limits of an Economy.
const (
	maxCreators = 2000
	maxViews    = 10_000_000 // drawn in all
)

// Validate reports every value that makes no sense by itself.
func (e Economy) Validate() error {
	var errs []error
	check := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
		}
	}
	check(e.Creators >= 1 && e.Creators <= maxCreators, "creators", "%d is not between 1 and %d", e.Creators, maxCreators)
	check(e.Popularity >= 0 && e.Popularity <= 5, "popularity", "%v is not between 0 and 5", e.Popularity)
	check(e.Follows >= 1 && e.Follows <= 100, "follows", "%d is not between 1 and 100", e.Follows)
	check(e.Views >= 0 && e.Views <= 1000, "views", "%v is not between 0 and 1000 a day", e.Views)
	check(e.Watch >= time.Second && e.Watch <= 24*time.Hour, "watch", "%v is not between 1s and 24h", e.Watch)
	check(e.Bitrate >= 0, "bitrate", "%v is negative", e.Bitrate)
	check(e.Payees >= 2 && e.Payees <= payment.MaxPayees, "payees", "%d is not between 2 and %d", e.Payees, payment.MaxPayees)
	check(e.Every >= 1 && e.Every <= 100_000, "every", "%d is not between 1 and 100000 views", e.Every)
	check(e.Threshold > 0, "threshold", "a viewer that pays when it owes nothing pays for ever: write more than $0")
	check(e.Payout == 0 || e.Payout >= time.Minute, "payout", "%v is not at least 1m, or 0s", e.Payout)
	check(e.Bridge == 0 || e.Bridge >= time.Hour, "bridge", "%v is not at least 1h, or 0s", e.Bridge)
	return errors.Join(errs...)
}

// economic checks what an economy asks of other sections.
func (s *Scenario) economic() (errs []error) {
	e := s.Economy
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	switch m := s.Payment.Method; {
	case m == payment.Central || m == payment.L1Batch:
	case m == payment.Channel && e.Creators == 1:
	case m == payment.Channel:
		bad("payment.method", "channel, but a channel is to one split: write economy.creators: 1, or the method l1-batch")
	default:
		bad("payment.method", "%s has no economy: write central, l1-batch, or channel with one creator", m)
	}
	if s.Engine != Flow {
		bad("engine", "%s carries bytes, of which an economy has none: write flow", s.Engine)
	}
	if s.Ledger.Reorgs.Rate > 0 {
		bad("ledger.reorgs.rate", "%v: an economy keeps its books by blocks that stay: write 0%%", s.Ledger.Reorgs.Rate)
	}
	if len(s.Payment.Sales) > 0 || s.Payment.Licence.Period > 0 || len(s.Faults)+len(s.Attacks) > 0 {
		bad("economy.on", "an economy has no sales, licences, faults or attacks: take payment.sales, payment.licence, faults and attacks out")
	}
	if a := s.Population.Arrival; a == Poisson || a == ByGaps {
		bad("population.arrival", "%s: viewers of an economy do not come one after the other: write another", a)
	}
	if e.Follows > e.Creators {
		bad("economy.follows", "%d of %d creators cannot be followed", e.Follows, e.Creators)
	}
	if n := e.Views * s.Duration.Hours() / 24 * float64(s.Population.Viewers); n > maxViews {
		bad("economy.views", "%.0f views in all: at most %d are played", n, maxViews)
	}
	return errs
}
