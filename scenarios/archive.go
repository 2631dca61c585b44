package scenarios

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/sim/law"
)

// Archive is many assets in the care of providers over many months. It is played
// without network and video: a shard is there or not.
type Archive struct {
	On      bool          `yaml:"on" doc:"Whether storage alone is played, without network and video, so that a year takes seconds. Providers, placement, repair and audits are those of the sections providers and storage."`
	Assets  int           `yaml:"assets" doc:"Assets, all of them stored at the start."`
	Size    unit.Size     `yaml:"size" doc:"Payload of an asset, cut into the shards of one token."`
	Life    law.Config    `yaml:"life" doc:"From when a provider comes until it leaves for good, with all that it keeps and without a word."`
	Vacancy time.Duration `yaml:"vacancy" doc:"How long the place of a provider that has left stays empty, until another one comes with nothing."`
	Up      law.Config    `yaml:"up" doc:"How long a provider is there until it goes dark for a while. It comes back with what it keeps."`
	Away    law.Config    `yaml:"away" doc:"For how long."`
	Rot     unit.Ratio    `yaml:"rot" doc:"Share of all shards that vanish from their disks in a year, one by one and without notice."`
	Cheats  unit.Ratio    `yaml:"cheats" doc:"How probable it is of each provider, independently of the others, that it drops what it is given and answers audits all the same, with what is no proof."`
	Keeps   unit.Ratio    `yaml:"keeps" doc:"What share of the shards that it is given such a provider keeps, to pass audits with."`
	Sample  int           `yaml:"sample" doc:"Shards that a provider has to prove in one audit. Of a stream it is one."`
	Rate    unit.Rate     `yaml:"rate" doc:"Rate at which a provider fetches shards of others, k for each that it makes anew; it makes one after the other."`
}

// defaultArchive has providers that live as long as those of the notes say, sixteen
// months, by the shape that sessions in open networks have (Steiner et al., ToN 2009: a
// Weibull law with k 0.61), and that are there for 99.6 % of the time between: up for 30
// days, away for two hours in the median. One shard in a hundred rots in a year, about
// what disks fail (Backblaze's drive statistics, from memory).
func defaultArchive() Archive {
	const day = 24 * time.Hour
	return Archive{Assets: 10_000, Size: 1_000_000_000, Vacancy: day,
		Life: law.Config{Law: law.Weibull, Scale: 330 * day, Shape: 0.61}, Up: law.Config{Law: law.Weibull, Scale: 20 * day, Shape: 0.61},
		Away: law.Config{Law: law.Lognormal, Scale: 2 * time.Hour, Shape: 0.8}, Rot: 0.01, Sample: 1, Rate: 100_000_000}
}

// Limits of an Archive.
const (
	maxAssets  = 1_000_000
	maxKept    = 50_000_000 // shards
	maxKeepers = 10_000     // providers
	maxAudits  = 1_000_000
)

// Validate reports every value that makes no sense by itself.
func (a Archive) Validate() error {
	var errs []error
	check := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
		}
	}
	check(a.Assets >= 1 && a.Assets <= maxAssets, "assets", "%d is not between 1 and %d", a.Assets, maxAssets)
	check(a.Size >= 1 && a.Size <= 1e15, "size", "%v is not between 1B and 1000TB", a.Size)
	check(a.Vacancy > 0, "vacancy", "%v: write more than 0s, or more than duration for nobody", a.Vacancy)
	check(a.Up.Ends() == a.Away.Ends(), "away", "%v, and up is %v: who goes away for a while comes back, and who never goes does not: write both, or endless for both", a.Away, a.Up)
	check(a.Sample >= 1 && a.Sample <= 10_000, "sample", "%d is not between 1 and 10000", a.Sample)
	check(a.Rate > 0, "rate", "%v: shards are made anew from others: write more than 0bit/s", a.Rate)
	for _, l := range []struct {
		key string
		law law.Config
	}{{"life", a.Life}, {"up", a.Up}, {"away", a.Away}} {
		errs = append(errs, below(l.key, l.law.Validate()))
	}
	return errors.Join(errs...)
}

// archival checks what an archive asks of other sections.
func (s *Scenario) archival() (errs []error) {
	a := s.Archive
	if !a.On {
		return nil
	}
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if s.Economy.On {
		bad("archive.on", "an archive has no payments, and an economy no providers: take economy.on or archive.on away")
	}
	if s.Engine != Flow {
		bad("engine", "%s carries bytes, which an archive only counts: write flow", s.Engine)
	}
	if s.Publisher.To != ToProviders {
		bad("publisher.to", "%s: an archive is kept by providers: write providers", s.Publisher.To)
	}
	if len(s.Faults)+len(s.Attacks) > 0 || s.Storage.Deals.On() {
		bad("archive.on", "an archive has no faults, attacks or deals: take faults, attacks and storage.deals out, and write archive.life, up, away, rot and cheats")
	}
	if n := s.Providers.Count; n > maxKeepers {
		bad("providers.count", "%d: at most %d keep an archive", n, maxKeepers)
	}
	if n := a.Assets * s.Storage.Shards(); n > maxKept {
		bad("archive.assets", "%d shards in all: at most %d are played", n, maxKept)
	}
	if every := s.Storage.Audit; every > 0 && s.Duration/every > maxAudits {
		bad("storage.audit", "%v in %v: at most %d audits are played", every, s.Duration, maxAudits)
	}
	return errs
}
