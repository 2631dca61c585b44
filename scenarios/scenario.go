// Package scenarios loads and checks scenario files, and ships the built-in
// ones.
//
// A scenario file is YAML. What it does not write keeps its default; a variant
// lays the same keys over the file, and --set lays single keys over both:
//
//	defaults <- file <- variant <- --set
//
// Reading is strict. An unknown or repeated key, a value of the wrong kind, a
// bare number where a unit is due, an unknown name and whatever the Validate
// of a section refuses are problems with file, line, column and an excerpt;
// all problems of a file are reported together, in the order of the file.
//
// The machinery works on any struct by its tags: yaml has the name of the key,
// doc one sentence for the schema and the reference, and variant:"no" marks a
// key that is the same for all variants. A section of the scenario is one
// field of [Scenario]; its package owns the struct, its defaults and its
// Validate.
//
// What it leaves out: YAML anchors, aliases, merge keys, tags and several
// documents in a file are refused. Nothing is run here.
package scenarios

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/protocol"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/swarm"
	"kinetoscope/sim/attack"
)

// A Scenario is one variant of a scenario file with every value filled in.
type Scenario struct {
	Name       string        `yaml:"name" variant:"no" doc:"Names the result folder; by default the name of the file."`
	Title      string        `yaml:"title" variant:"no" doc:"A line that heads the report."`
	Claim      string        `yaml:"claim" variant:"no" doc:"The sentence that the scenario puts to the test."`
	RefutedIf  []string      `yaml:"refuted_if" variant:"no" doc:"Observations that refute the claim."`
	Thresholds []string      `yaml:"thresholds" variant:"no" doc:"What the metrics must reach for a run to pass."`
	Duration   time.Duration `yaml:"duration" variant:"no" doc:"How long the stream lasts, in virtual time."`
	Seeds      int           `yaml:"seeds" variant:"no" doc:"How many times each variant runs, with seeds from 1 on."`
	Baseline   string        `yaml:"baseline" variant:"no" doc:"The variant that the others are compared with; by default the first."`
	Grid       Crossing      `yaml:"grid" variant:"no" doc:"What the two parts of variants' names stand for that are ROW-at-COLUMN: the names of the axes of their map."`
	Inputs     []string      `yaml:"inputs" doc:"What the data sets were that it names, with hash, licence and repairs: the program writes it into the record of a run, and among its notes."`
	Measure    Measure       `yaml:"measure" variant:"no" doc:"Which part of the stream is measured."`
	Sweep      Sweep         `yaml:"sweep" variant:"no" doc:"Keys that kscope sweep varies."`

	Engine     Engine               `yaml:"engine" doc:"What carries the messages: flows, or real libp2p hosts in virtual time. Variants may differ in it."`
	Video      media.Config         `yaml:"video" doc:"What is streamed."`
	Live       protocol.Live        `yaml:"live" doc:"How close to live viewers play."`
	Catalogue  Catalogue            `yaml:"catalogue" doc:"Titles on demand, instead of the live stream."`
	Population Population           `yaml:"population" doc:"Who watches, from where, how long."`
	Habits     Habits               `yaml:"habits" doc:"What viewers do while they watch: lose patience, try again, seek, change the channel."`
	Network    netem.Config         `yaml:"network" doc:"What the network does to bytes."`
	Packets    packet.Config        `yaml:"packets" doc:"What packets meet beside that: real hosts only."`
	Hosts      Hosts                `yaml:"hosts" doc:"What real hosts are made of: real hosts only."`
	Publisher  Origin               `yaml:"publisher" doc:"Where tokens come from."`
	Token      protocol.TokenConfig `yaml:"token" doc:"What a token costs beside its payload. Every choice but the default is modelled in bytes and time."`
	Providers  Fleet                `yaml:"providers" doc:"Who stores shards. Read when the publisher sends to providers."`
	Edges      EdgeFleet            `yaml:"edges" doc:"Who caches tokens near viewers."`
	Storage    storage.Config       `yaml:"storage" doc:"How tokens are spread over providers. Read when the publisher sends to providers."`
	Swarm      swarm.Config         `yaml:"swarm" doc:"Whom viewers ask for what."`
	Protection protocol.Protection  `yaml:"protection" doc:"What viewers do against malice among themselves (population.pollutes, forges, withholds, freeloads, sybils)."`
	Player     abr.Config           `yaml:"player" doc:"What viewers play, and how much they buffer."`
	Payment    payment.Config       `yaml:"payment" doc:"How viewers pay, and whom."`
	Ledger     ledger.Config        `yaml:"ledger" doc:"The chain. Its price of ether also converts the central ledger's books."`
	CPU        protocol.Costs       `yaml:"cpu" doc:"What processors need for what nodes compute."`
	Prices     Prices               `yaml:"prices" doc:"The price sheet: what traffic, storage, processors, capital and card payments cost, each with its source and its date. The chain's own fees are simulated; ether has its price in the ledger section."`
	Economy    Economy              `yaml:"economy" doc:"Payments alone, of many creators over many days."`
	Archive    Archive              `yaml:"archive" doc:"Storage alone, of many assets over many months."`
	Faults     []Fault              `yaml:"faults" doc:"What goes wrong on schedule."`
	Attacks    []attack.Config      `yaml:"attacks" doc:"Who attacks the contracts. Attackers and attacked have accounts and contracts of their own on the run's chain; the run goes on until all are through."`

	Variant string    `yaml:"-"` // the name of this variant
	top     *Scenario // what the file says before its variants, for Effective
}

// A Crossing names the axes of the map of variants that are crossed.
type Crossing struct {
	Rows    string `yaml:"rows" doc:"What differs from row to row, with its unit, as in: what is stored."`
	Columns string `yaml:"columns" doc:"What differs from column to column, with its unit, as in: sites that go dark, %."`
}

// maxSeeds bounds how often a variant runs.
const maxSeeds = 10_000

// Default is what a scenario file that writes nothing means. Ten seeds are
// what a paired comparison needs to tell 2 % apart.
func Default() Scenario {
	return Scenario{Duration: time.Minute, Seeds: 10, Sweep: DefaultSweep(), Engine: Flow,
		Video: media.Default(), Live: protocol.DefaultLive(), Network: netem.Default(), Packets: packet.Default(), Hosts: Hosts{Transport: QUIC}, Storage: storage.Default(),
		Swarm: swarm.Default(), Protection: protocol.DefaultProtection(), Player: abr.Default(), Payment: payment.Default(), Ledger: ledger.Default(),
		CPU: protocol.DefaultCosts(), Token: protocol.DefaultTokens(), Population: defaultPopulation(), Habits: defaultHabits(), Catalogue: defaultCatalogue(), Publisher: defaultOrigin(),
		Providers: defaultProviders(), Edges: defaultEdges(), Prices: defaultPrices(), Economy: defaultEconomy(), Archive: defaultArchive()}
}

// Validate checks the keys that belong to no section, and what sections ask of
// each other. The sections answer for themselves.
func (s *Scenario) Validate() error {
	var errs []error
	if !isName(s.Name) {
		errs = append(errs, unit.Bad("name", fmt.Sprintf("%q cannot name a folder: %s", s.Name, nameRule)))
	}
	if s.Duration <= 0 {
		errs = append(errs, unit.Bad("duration", fmt.Sprintf("%v: a stream lasts longer than 0s", s.Duration)))
	}
	if s.Seeds < 1 || s.Seeds > maxSeeds {
		errs = append(errs, unit.Bad("seeds", fmt.Sprintf("%d seeds: allowed are 1 to %d", s.Seeds, maxSeeds)))
	}
	return errors.Join(append(errs, s.together()...)...)
}
