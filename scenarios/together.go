package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/cache"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/swarm"
	"kinetoscope/sim/law"
	"kinetoscope/sim/result"
)

// The defaults of the sections that live here. Regions and classes of viewers
// are a provisional mix; the node weights of measured networks are not viewers.
func defaultPopulation() Population {
	return Population{Viewers: 100, Initial: 0.2, At: protocol.DefaultLive().Delay, Over: 20 * time.Second, Arrival: Uniform, Patience: Endless, Operators: 4, Abrupt: 0.2,
		Session: law.Config{Law: law.Endless}, Off: law.Config{Law: law.Endless}, Gaps: law.Config{Law: law.Endless},
		Regions: []Weight{{"europe", 40}, {"na_east", 25}, {"na_west", 15}, {"east_asia", 20}},
		Classes: []Weight{{"cable", 35}, {"fibre", 25}, {"dsl", 15}, {"4g", 15}, {"5g", 10}}}
}

func defaultOrigin() Origin {
	host := protocol.DefaultHost()
	return Origin{Region: "europe", Up: 200_000_000, To: ToProviders, CPU: host.Speed, Streams: host.Streams, Cuts: host.Cuts}
}

func defaultProviders() Fleet {
	return Fleet{Count: 12, Sites: 6, Operators: 1, Racks: 1, Up: 100_000_000, Regions: []string{"europe", "na_east", "east_asia"}}
}

func defaultEdges() EdgeFleet {
	return EdgeFleet{Count: 4, Sites: 4, Operators: 1, Racks: 1, Up: 50_000_000, Regions: []string{"europe", "na_east", "na_west", "east_asia"}, Admission: protocol.AdmitAll, Cache: cache.Ring, Capacity: 1_000_000_000}
}

// together checks what sections ask of each other.
func (s *Scenario) together() []error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	region := func(key, name string) {
		if _, err := netem.Region(name); err != nil {
			bad(key, "%v", err)
		}
	}
	if s.Token.Sealed && s.Player.Replace != abr.ReplaceNone {
		bad("player.replace", "%s does not go with token.sealed, where a key is bought for each segment that is shown: write none", s.Player.Replace)
	}
	if s.Swarm.Delivery == swarm.Push && s.Player.Replace != abr.ReplaceNone {
		bad("player.replace", "%s does not go with swarm.delivery: push, where what follows comes unasked: write none", s.Player.Replace)
	}
	if s.Swarm.Delivery == swarm.Push && s.Swarm.Servers == swarm.FromStorage {
		bad("swarm.delivery", "push does not go with swarm.servers: storage, where nobody sends what follows: write pull")
	}
	region("publisher.region", s.Publisher.Region)
	for i, r := range s.Providers.Regions {
		region(fmt.Sprintf("providers.regions.%d", i), r)
	}
	for i, r := range s.Edges.Regions {
		region(fmt.Sprintf("edges.regions.%d", i), r)
	}
	for i, r := range s.Payment.Hub.Regions {
		region(fmt.Sprintf("payment.hub.regions.%d", i), r)
	}
	for i, w := range s.Population.Regions {
		region(fmt.Sprintf("population.regions.%d.name", i), w.Name)
	}
	for i, w := range s.Population.Classes {
		if _, err := s.Network.Class(w.Name); err != nil {
			bad(fmt.Sprintf("population.classes.%d.name", i), "%v", err)
		}
	}
	if s.Edges.Count == 0 {
		bad("edges.count", "viewers pay edges: give at least one")
	}
	if n := s.Storage.Shards(); s.Publisher.To == ToProviders && n > min(s.Providers.Count, maxShards) {
		bad("storage.n", "%d shards need as many providers, there are %d (at most %d shards)", n, s.Providers.Count, maxShards)
	}
	if s.Live.Delay >= s.Player.Buffer+s.Video.Segment {
		bad("player.buffer", "%v is too small to play %v behind live", s.Player.Buffer, s.Live.Delay)
	}
	errs = append(errs, s.shelved()...)
	errs = append(errs, s.used()...)
	errs = append(errs, s.times()...)
	errs = append(errs, s.measured()...)
	errs = append(errs, s.archival()...)
	errs = append(errs, s.failing()...)
	errs = append(errs, s.attacked()...)
	return append(errs, s.money()...)
}

// times checks that viewers can come while there is something to watch, and
// that they can gather what they need to start.
func (s *Scenario) times() []error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if s.Duration > 0 && s.Duration <= s.Live.Delay {
		bad("duration", "%v: nobody comes before the stream has run for live.delay (%v): make it longer", s.Duration, s.Live.Delay)
	}
	if s.Population.Initial < 1 && s.Population.At >= 0 && s.Population.At < s.Live.Delay {
		bad("population.at", "%v: nobody can come before the stream has run for live.delay: write at least %v", s.Population.At, s.Live.Delay)
	}
	for _, gather := range []struct {
		key         string
		time, usual time.Duration
	}{{"player.start", s.Player.Start, abr.Default().Start}, {"player.resume", s.Player.Resume, abr.Default().Resume}} {
		need := gather.time + s.Video.Segment
		if gather.time > s.Player.Buffer || need <= s.Player.Buffer {
			continue // the player's own Validate says the first
		}
		if gather.time == gather.usual {
			bad("player.buffer", "%v has no room for %s (%v) and a segment (%v), so that nobody would ever play: write at least %v",
				s.Player.Buffer, gather.key, gather.time, s.Video.Segment, need)
			break
		}
		bad(gather.key, "%v and a segment (%v) do not fit into player.buffer (%v), so that nobody would ever play", gather.time, s.Video.Segment, s.Player.Buffer)
	}
	return errs
}

// failing checks that faults hit something while the stream runs.
func (s *Scenario) failing() []error {
	var errs []error
	for i, f := range s.Faults {
		bad := func(key, format string, args ...any) {
			errs = append(errs, unit.Bad(fmt.Sprintf("faults.%d.%s", i, key), fmt.Sprintf(format, args...)))
		}
		fleet := s.Providers
		if f.Of == OfEdges {
			fleet = s.Edges.Fleet()
		}
		switch {
		case f.Of == OfProviders && s.Publisher.To == ToEdges && f.Kind == Lies: // a wile that nobody can do: the run notes it
		case f.Of == OfProviders && s.Publisher.To == ToEdges:
			bad("of", "the publisher sends to edges, so that no provider can be missed: write edges")
		case f.Of == OfHubs && !s.Payment.Needs().Virtual:
			bad("of", "there are no hubs with payment.method %s: write hub there", s.Payment.Method)
		case f.Of == OfViewers || f.Of == OfPublisher || f.Of == OfAll || f.Of == OfHubs || f.Of == OfDirectory:
		case f.Nodes > fleet.Count:
			bad("nodes", "%d of %d machines cannot fail", f.Nodes, fleet.Count)
		}
		switch {
		case f.Of == OfProviders || f.Of == OfEdges:
			f.fitsIn(fleet.Domains, bad)
		case f.Of == OfViewers && f.Operators > 0:
			f.fitsIn(func(Level) int { return s.Population.Operators }, bad)
		}
		if f.At >= s.Duration && s.Duration > 0 {
			bad("at", "%v: the stream is over after %v (duration)", f.At, s.Duration)
		}
		switch n := s.Catalogue.Titles; {
		case n == 0 && len(f.Titles) > 0:
			bad("titles", "a live stream has no titles: take it out, or write catalogue.titles")
		default:
			for k, title := range f.Titles {
				if int64(title) >= int64(n) {
					bad(fmt.Sprintf("titles.%d", k), "%d: titles count from 0 to %d (catalogue.titles)", title, n-1)
				}
			}
		}
		s.hits(&f, bad)
	}
	if n := len(s.Faults); n > netem.MaxCuts {
		errs = append(errs, unit.Bad("faults", fmt.Sprintf("%d faults: a network keeps at most %d apart", n, netem.MaxCuts)))
	}
	return errs
}

// hits checks that the regions and classes of a fault are some, and that
// somebody is there.
func (s *Scenario) hits(f *Fault, bad func(key, format string, args ...any)) {
	here := s.those(f.Of)
	for i, name := range f.Regions {
		if _, err := netem.Region(name); err != nil {
			bad(fmt.Sprintf("regions.%d", i), "%v", err)
		} else if f.Kind != Censorship && len(here.regions) > 0 && !slices.Contains(here.regions, name) {
			bad(fmt.Sprintf("regions.%d", i), "no %s in %s: they are in %s", f.Of, name, strings.Join(here.regions, ", "))
		}
	}
	for i, name := range f.Classes {
		if _, err := s.Network.Class(name); err != nil {
			bad(fmt.Sprintf("classes.%d", i), "%v", err)
		} else if len(here.classes) > 0 && !slices.Contains(here.classes, name) {
			bad(fmt.Sprintf("classes.%d", i), "no %s with %s: they have %s", f.Of, name, strings.Join(here.classes, ", "))
		}
	}
	if f.Loss > 0 && s.Network.Loss == netem.NoLoss {
		bad("loss", "%v, but network.loss is none, so that nothing is lost: write random or bursty there", f.Loss)
	}
	if f.To != "" {
		if _, err := s.Network.Class(f.To); err != nil {
			bad("to", "%v", err)
		}
	}
}

// A crowd is where some nodes are and how they are connected.
type crowd struct{ regions, classes []string }

// those says where the victims of faults are to be found; nothing of those who
// may be everywhere.
func (s *Scenario) those(of FaultOf) crowd {
	names := func(list []Weight) (names []string) {
		for _, w := range list {
			if w.Weight > 0 {
				names = append(names, w.Name)
			}
		}
		return names
	}
	switch of {
	case OfViewers:
		return crowd{names(s.Population.Regions), names(s.Population.Classes)}
	case OfPublisher, OfDirectory:
		return crowd{[]string{s.Publisher.Region}, []string{Datacenter}}
	case OfProviders:
		return crowd{s.Providers.Regions, []string{Datacenter}}
	case OfHubs:
		return crowd{s.Payment.Hub.Regions, []string{Datacenter}}
	case OfEdges:
		return crowd{s.Edges.Regions, []string{Datacenter}}
	}
	return crowd{}
}

// Datacenter is the access class of the publisher, providers and edges.
const Datacenter = "datacenter"

// maxShards is the most that the wire format can number.
const maxShards = 255

// money checks that prices and deposits fit each other and stay in range.
func (s *Scenario) money() []error {
	if s.Ledger.ETHPrice <= 0 {
		return nil // the ledger's own Validate says so
	}
	if float64(s.Payment.PricePerHour) >= 18*float64(s.Ledger.ETHPrice) {
		return []error{unit.Bad("payment.price_per_hour", fmt.Sprintf("%v is above the 18 ETH that an amount can be", s.Payment.PricePerHour))}
	}
	switch {
	case s.Archive.On: // nobody pays
		return nil
	case s.Economy.On:
		return s.economic()
	}
	for i, sale := range s.Payment.Sales {
		if sale.At >= s.Duration && s.Duration > 0 {
			return []error{unit.Bad(fmt.Sprintf("payment.sales.%d.at", i), fmt.Sprintf("%v: the stream is over after %v (duration)", sale.At, s.Duration))}
		}
	}
	needs := s.Payment.Needs()
	if n := s.Payment.Transactions(s.Duration); needs.Every && float64(n)*(s.perTransaction()) >= 18e18 {
		return []error{unit.Bad("payment.interval", fmt.Sprintf("%d transactions of %v and their gas are above the 18 ETH that an account can hold: pay for a longer interval, or lower ledger.fee_cap",
			n, s.Payment.Interval))}
	}
	if needs.Direct && s.Edges.Count > payment.MaxPayees {
		return []error{unit.Bad("edges.count", fmt.Sprintf("%d edges: a reserve pool names at most %d", s.Edges.Count, payment.MaxPayees))}
	}
	if float64(float64(s.Payment.Deposit)*(1+s.Payment.Collateral))+float64(s.Ledger.Reserve(needs.Kind)) >= 18e18 && needs.Direct ||
		s.Payment.Deposit+s.Ledger.Reserve(needs.Kind) < s.Payment.Deposit {
		return []error{unit.Bad("payment.deposit", fmt.Sprintf("%v and the gas to lock it are above the 18 ETH that an account can hold", s.Payment.Deposit))}
	}
	need := float64(s.PricePerHour()) * (s.Duration.Hours() + 1.0/60)
	if needs.Lock > 0 && need > float64(s.Payment.Deposit) {
		return []error{unit.Bad("payment.deposit", fmt.Sprintf("%v does not cover %v of watching: raise it to at least %v",
			s.Payment.Deposit, s.Duration, unit.Wei(math.Ceil(need))))}
	}
	return nil
}

// perTransaction is what one of a viewer's transactions pays, at most, and the
// most gas that it may cost, in wei.
func (s *Scenario) perTransaction() float64 {
	hours := (2*s.Payment.Interval + s.Payment.Optimistic).Hours()
	return float64(float64(s.PricePerHour())*hours) + float64(s.Ledger.Reserve(s.Payment.Needs().Kind))
}

// lock is the most that a viewer locks, in wei; the gas is for any method.
func (s *Scenario) lock() unit.Wei {
	return max(s.Payment.Deposit, s.Payment.Needs().Lock)
}

// Purse is what an account must own in the beginning, in wei: what it locks, or
// pays as it goes, and the most gas that this may cost.
func (s *Scenario) Purse() unit.Wei {
	n := s.Payment.Needs()
	if n.Every {
		return unit.Wei(s.Payment.Transactions(s.Duration)) * unit.Wei(s.perTransaction())
	}
	return s.lock() + s.Ledger.Reserve(n.Kind)
}

// PricePerHour is the price of an hour of watching in wei.
func (s *Scenario) PricePerHour() unit.Wei { return s.Ledger.Wei(s.Payment.PricePerHour) }

// Assertions parses the thresholds and refutations against the variants of the
// file.
func (s *Scenario) Assertions(variants []string) (thresholds, refutations []result.Assertion, err error) {
	parse := func(key string, texts []string) (list []result.Assertion, err error) {
		for i, t := range texts {
			a, err := result.ParseAssertion(t, variants)
			if err != nil {
				return nil, unit.Bad(fmt.Sprintf("%s.%d", key, i), err.Error())
			}
			list = append(list, a)
		}
		return list, nil
	}
	if thresholds, err = parse("thresholds", s.Thresholds); err != nil {
		return nil, nil, err
	}
	refutations, err = parse("refuted_if", s.RefutedIf)
	return thresholds, refutations, err
}
