package attack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger/contracts"
)

// A Config is one attack of a scenario.
type Config struct {
	Kind       Kind          `yaml:"kind" doc:"What is attacked, and how. A kind with the name of a broken twin is the attack of the audit that the twin falls to."`
	At         time.Duration `yaml:"at" doc:"When it begins; what must be there before is set up from the start of the run."`
	For        time.Duration `yaml:"for" doc:"unlock-grief, titles, congestion, spam, censorship: for how long."`
	Count      int           `yaml:"count" doc:"How many attackers; of congestion, spam and censorship there is one. 0, as if not written, is 1."`
	Value      unit.Wei      `yaml:"value" doc:"What is at stake with each attacker: its newest voucher, the face of a ticket, a fund, a locked deposit, what a title is worth; of a twin's attack a thousandth is its unit. Not written: 0.001ETH."`
	Window     time.Duration `yaml:"window" doc:"stale-close: the challenge window. front-run, deposit-grief, unlock-grief: the unlock delay. overspend: until the pool expires. Not written: 1h."`
	Offline    time.Duration `yaml:"offline" doc:"stale-close: how long payees are away from the time of the attack on."`
	Towers     unit.Ratio    `yaml:"towers" doc:"stale-close: share of payees that have a watchtower, which answers for them."`
	TowerDelay time.Duration `yaml:"tower_delay" doc:"stale-close: how long a watchtower takes to notice a closing after the chain has confirmed it."`
	TowerFee   unit.Wei      `yaml:"tower_fee" doc:"stale-close: what a payee pays its watchtower ahead."`
	FeeCap     unit.Wei      `yaml:"fee_cap" doc:"stale-close, congestion: the most that the honest pay for one gas when it matters. Not written: ledger.fee_cap."`
	Stuffing   unit.Wei      `yaml:"stuffing" doc:"stale-close, congestion: the most that attackers pay for one gas to fill blocks, so that what the honest send does not get in; 0wei, as if not written: they do not."`
	Visibility unit.Ratio    `yaml:"visibility" doc:"front-run, titles: how probable it is that attackers see a pending transaction, once ledger.gossip has passed."`
	Recipients int           `yaml:"recipients" doc:"front-run, deposit-grief, overspend: how many are owed by each attacker. 0, as if not written, is 1."`
	Deposit    float64       `yaml:"deposit" doc:"front-run, deposit-grief: the attacker's deposit ÷ the face of one ticket, 0.01 to 1000. Not written: 1."`
	Reserve    float64       `yaml:"reserve" doc:"front-run: the attacker's reserve ÷ the face of one ticket, of which each of five recipients has a part."`
	Refill     float64       `yaml:"refill" doc:"deposit-grief: what the attacker puts in later, since it goes on watching ÷ what it then owes."`
	Collateral float64       `yaml:"collateral" doc:"overspend: collateral ÷ fund, above 1. Not written: 1.01."`
	Rate       float64       `yaml:"rate" doc:"titles: registrations of honest creators in a minute. spam: registrations of the attacker in a second. Not written: 1."`
	Share      unit.Ratio    `yaml:"share" doc:"censorship: share of honest creators that the sequencer leaves out."`
}

// A Kind names an attack.
type Kind string

// Kinds of attack, besides those that have the name of a twin.
const (
	StaleClose   Kind = "stale-close"   // a payer asks for its deposit back while the payee is away
	DepositGrief Kind = "deposit-grief" // tickets are redeemed while the deposit is too small for them
	FrontRun     Kind = "front-run"     // a sender's own accomplices are paid before the honest, whose redemptions it sees
	UnlockGrief  Kind = "unlock-grief"  // a stranger keeps a sender from its money
	Overspend    Kind = "overspend"     // one fund is promised to many
	Titles       Kind = "titles"        // pirates register, offer, take and copy what others own
	Congestion   Kind = "congestion"    // blocks are filled at the going fee
	Spam         Kind = "spam"          // registrations without end
	Censorship   Kind = "censorship"    // a rollup's sequencer leaves somebody out
)

var ownKinds = []Kind{StaleClose, DepositGrief, FrontRun, UnlockGrief, Overspend, Titles, Congestion, Spam, Censorship}

// Names lists the kinds.
func (Kind) Names() (names []string) {
	for _, k := range ownKinds {
		names = append(names, string(k))
	}
	for _, twin := range contracts.TwinNames() {
		names = append(names, string(KindOf(twin)))
	}
	return names
}

// KindOf is the kind that has the name of a twin: channels-no-id for
// ChannelsNoId.
func KindOf(twin string) Kind {
	var b strings.Builder
	for i, c := range twin {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return Kind(b.String())
}

// Twin is the twin that the kind has its name from, if it has.
func (k Kind) Twin() (string, bool) {
	names := contracts.TwinNames()
	i := slices.IndexFunc(names, func(n string) bool { return KindOf(n) == k })
	if i < 0 {
		return "", false
	}
	return names[i], true
}

// UnmarshalText accepts the names in Names.
func (k *Kind) UnmarshalText(b []byte) error {
	if !slices.Contains(k.Names(), string(b)) {
		return fmt.Errorf("unknown kind of attack %q: use one of %s", b, strings.Join(k.Names(), ", "))
	}
	*k = Kind(b)
	return nil
}

// Limits of a Config.
const (
	maxCount      = 1000
	maxRecipients = 100
	maxTime       = 30 * 24 * time.Hour
	maxValue      = 10 * ether
	maxRate       = 2000
	ether         = unit.Wei(1_000_000_000_000_000_000)
)

// complete is c with what was not written.
func (c Config) complete() Config {
	for _, n := range []*int{&c.Count, &c.Recipients} {
		*n = max(*n, 1)
	}
	if c.Value == 0 {
		c.Value = ether / 1000
	}
	if c.Window == 0 {
		c.Window = time.Hour
	}
	if c.Deposit == 0 {
		c.Deposit = 1
	}
	if c.Collateral == 0 {
		c.Collateral = 1.01
	}
	if c.Rate == 0 {
		c.Rate = 1
	}
	return c
}

// reads lists the kinds that read each key which not all of them read.
func (c *Config) reads() []struct {
	key   string
	set   bool
	kinds []Kind
} {
	many := []Kind{FrontRun, DepositGrief, Overspend}
	return []struct {
		key   string
		set   bool
		kinds []Kind
	}{
		{"for", c.For != 0, []Kind{UnlockGrief, Titles, Congestion, Spam, Censorship}},
		{"window", c.Window != 0, append(many, StaleClose, UnlockGrief)},
		{"offline", c.Offline != 0, []Kind{StaleClose}},
		{"towers", c.Towers != 0, []Kind{StaleClose}},
		{"tower_delay", c.TowerDelay != 0, []Kind{StaleClose}},
		{"tower_fee", c.TowerFee != 0, []Kind{StaleClose}},
		{"fee_cap", c.FeeCap != 0, []Kind{StaleClose, Congestion}},
		{"stuffing", c.Stuffing != 0, []Kind{StaleClose, Congestion}},
		{"visibility", c.Visibility != 0, []Kind{FrontRun, Titles}},
		{"recipients", c.Recipients != 0, many},
		{"deposit", c.Deposit != 0, []Kind{FrontRun, DepositGrief}},
		{"reserve", c.Reserve != 0, []Kind{FrontRun}},
		{"refill", c.Refill != 0, []Kind{DepositGrief}},
		{"collateral", c.Collateral != 0, []Kind{Overspend}},
		{"rate", c.Rate != 0, []Kind{Titles, Spam}},
		{"share", c.Share != 0, []Kind{Censorship}},
	}
}

// Validate reports every value that makes no sense by itself.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
		}
	}
	check(c.Kind != "", "kind", "say which attack: %s", strings.Join(c.Kind.Names(), ", "))
	for _, r := range c.reads() {
		check(!r.set || c.Kind == "" || slices.Contains(r.kinds, c.Kind), r.key, "%s does not read it: take it out", c.Kind)
	}
	between := func(d time.Duration, key string) {
		check(d >= 0 && d <= maxTime, key, "%v is not between 0s and %v", d, maxTime)
	}
	between(c.At, "at")
	between(c.For, "for")
	between(c.Window, "window")
	between(c.Offline, "offline")
	between(c.TowerDelay, "tower_delay")
	check(c.Window%time.Second == 0, "window", "%v is not a whole number of seconds", c.Window)
	check(c.For > 0 || !slices.Contains([]Kind{UnlockGrief, Titles, Congestion, Spam, Censorship}, c.Kind), "for", "say for how long")
	check(c.Count >= 0 && c.Count <= maxCount, "count", "%d is not between 1 and %d attackers", c.Count, maxCount)
	check(c.Value <= maxValue, "value", "%v is above %v", c.Value, maxValue)
	check(c.TowerFee <= maxValue, "tower_fee", "%v is above %v", c.TowerFee, maxValue)
	check(c.Rate >= 0 && c.Rate <= maxRate, "rate", "%v is not between 0 and %d", c.Rate, maxRate)
	c.checkMoney(check)
	return errors.Join(errs...)
}

// checkMoney looks at caps and shares.
func (c *Config) checkMoney(check func(ok bool, key, format string, args ...any)) {
	most := map[Kind]int{FrontRun: claimants - 1, Overspend: maxPool}[c.Kind]
	if most == 0 {
		most = maxRecipients
	}
	check(c.Recipients >= 0 && c.Recipients <= most, "recipients", "%d is not between 1 and %d", c.Recipients, most)
	check(c.FeeCap <= maxCap, "fee_cap", "%v is above %v", c.FeeCap, maxCap)
	check(c.Stuffing <= maxCap, "stuffing", "%v is above %v", c.Stuffing, maxCap)
	check(c.Kind != Congestion || c.Stuffing > 0, "stuffing", "say what the attackers pay for one gas")
	share := func(r unit.Ratio, key string) { check(r >= 0 && r <= 1, key, "%v is not between 0%% and 100%%", r) }
	share(c.Towers, "towers")
	share(c.Visibility, "visibility")
	share(c.Share, "share")
	check(c.Deposit == 0 || c.Deposit >= 0.01 && c.Deposit <= 1000, "deposit", "%v is not between 0.01 and 1000", c.Deposit)
	check(c.Reserve >= 0 && c.Reserve <= 1000, "reserve", "%v is not between 0 and 1000", c.Reserve)
	check(c.Refill >= 0 && c.Refill <= 10, "refill", "%v is not between 0 and 10", c.Refill)
	check(c.Collateral == 0 || c.Collateral > 1 && c.Collateral <= 16, "collateral", "%v is not above 1 and up to 16", c.Collateral)
}

// maxCap is the most that anybody pays for one gas; what fills a block then
// still fits a unit.Wei.
const maxCap = unit.Wei(5_000_000_000_000)
