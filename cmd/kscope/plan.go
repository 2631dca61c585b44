package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kinetoscope/reports"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/archive"
	"kinetoscope/sim/economy"
	"kinetoscope/sim/result"
)

// A plan is the runs of one command: every chosen variant on every seed.
type plan struct {
	set     *result.Set
	jobs    []job
	ladders videos
	engine  string   // as on the command line; empty: the scenario's
	typed   []string // the scenario and what was laid over it, as on the command line
	records recording
	known   map[string]*result.Run // of an earlier look, by variant and seed
}

type job struct {
	scenario scenarios.Scenario
	seed     uint64
	again    bool // the run shows how far it varies, and is no result
}

// key tells a job from the others of its plan.
func (j job) key() string { return fmt.Sprint(j.scenario.Variant, " ", j.seed, " ", j.again) }

func (r *runCommand) addSeeds(text string) error {
	for _, t := range strings.Split(text, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(t), 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no seed: a seed is a whole number from 0 on", t)
		}
		if !slices.Contains(r.seeds, n) {
			r.seeds = append(r.seeds, n)
		}
	}
	return nil
}

// plan makes the empty set of results, reads the videos, and lists the runs.
func (r *runCommand) plan(all []scenarios.Scenario) (*plan, error) {
	set, chosen, err := r.blank(all)
	if err != nil {
		return nil, err
	}
	p := &plan{set: set, ladders: videos{}, engine: r.engine, typed: []string{r.scenario}}
	for _, text := range r.sets {
		p.typed = append(p.typed, "--set", text)
	}
	for _, s := range chosen {
		if err := p.read(&s); err != nil {
			return nil, err
		}
		for _, seed := range set.Seeds {
			p.jobs = append(p.jobs, job{scenario: s, seed: seed})
		}
	}
	if len(chosen) < len(all) {
		set.Notes = append(set.Notes, "not judged: thresholds and claim need all variants, --variant chose "+strings.Join(r.variants, ", "))
	}
	return p, nil
}

// blank chooses variants and seeds, and makes the set of results as far as the
// scenario says it.
func (r *runCommand) blank(all []scenarios.Scenario) (set *result.Set, chosen []scenarios.Scenario, err error) {
	var names []string
	for _, s := range all {
		names = append(names, s.Variant)
	}
	if chosen, err = choose(all, names, r.variants); err != nil {
		return nil, nil, err
	}
	first := &chosen[0]
	set = &result.Set{Name: first.Name, Title: first.Title, Claim: first.Claim, Rows: first.Grid.Rows, Columns: first.Grid.Columns, Duration: first.Duration,
		Scenario: scenarios.Effective(all), Baseline: first.Baseline, Seeds: r.seeds, Marks: marks(chosen), Window: first.Window()}
	for n := uint64(1); len(r.seeds) == 0 && n <= uint64(first.Seeds); n++ {
		set.Seeds = append(set.Seeds, n)
	}
	for _, s := range chosen {
		set.Variants = append(set.Variants, result.Variant{Name: s.Variant, Doc: outline(&s)})
	}
	if len(chosen) == len(all) {
		set.Thresholds, set.RefutedIf, err = first.Assertions(names)
	} else if !slices.Contains(set.VariantNames(), set.Baseline) {
		set.Baseline = set.Variants[0].Name
	}
	return set, chosen, err
}

// marks is what happens when, each with the variants that it happens to, none
// named where it happens to all.
func marks(chosen []scenarios.Scenario) []result.Mark {
	list := unmeasured(&chosen[0])
	for _, s := range chosen {
		for _, f := range s.Faults {
			m := result.Mark{At: f.At, Until: f.At + f.For, Label: describe(f)}
			i := slices.IndexFunc(list, func(o result.Mark) bool { return o.At == m.At && o.Until == m.Until && o.Label == m.Label })
			if i < 0 {
				i, list = len(list), append(list, m)
			}
			if !slices.Contains(list[i].Variants, s.Variant) {
				list[i].Variants = append(list[i].Variants, s.Variant)
			}
		}
	}
	for i := range list {
		if len(list[i].Variants) == len(chosen) {
			list[i].Variants = nil
		}
	}
	return list
}

// unmeasured is what of the stream is left out of the measuring, which is the
// same for all variants.
func unmeasured(s *scenarios.Scenario) (list []result.Mark) {
	if s.Measure.WarmUp > 0 {
		list = append(list, result.Mark{Until: s.Measure.WarmUp, Label: "warm-up"})
	}
	if s.Measure.CoolDown > 0 {
		list = append(list, result.Mark{At: s.Duration - s.Measure.CoolDown, Until: s.Duration, Label: "cool-down"})
	}
	return list
}

// describe names a fault: blackout of 2 provider sites.
func describe(f scenarios.Fault) string {
	switch f.Kind {
	case scenarios.Errors, scenarios.Lies, scenarios.Censorship:
		return fmt.Sprintf("%s of %v of %s", f.Kind, f.Share, f.Of)
	case scenarios.Codec, scenarios.DRM, scenarios.Damaged:
		if len(f.Renditions) == 0 {
			return fmt.Sprintf("%s of all renditions", f.Kind)
		}
		return fmt.Sprintf("%s of %s", f.Kind, counted(len(f.Renditions), "rendition"))
	case scenarios.Removal:
		return fmt.Sprintf("%s of %s", f.Kind, counted(f.Nodes, strings.TrimSuffix(string(f.Of), "s")))
	}
	level, n := f.Within()
	if n == 0 {
		return fmt.Sprintf("%s of %s", f.Kind, f.Of)
	}
	return fmt.Sprintf("%s of %s", f.Kind, counted(n, strings.TrimSuffix(string(f.Of), "s")+" "+string(level)))
}

// outline says in a line how a variant serves and charges its viewers.
func outline(s *scenarios.Scenario) string {
	d := fmt.Sprintf("%d edges of %v", s.Edges.Count, s.Edges.Up)
	if s.Edges.Count == 1 {
		d = fmt.Sprintf("one edge of %v", s.Edges.Up)
	}
	if s.Publisher.To == scenarios.ToProviders {
		d += fmt.Sprintf(", %d providers on %d sites, ", s.Providers.Count, s.Providers.Sites)
		if s.Storage.Shards() == 1 {
			d += "single copies"
		} else {
			d += string(s.Storage.Scheme)
			d += fmt.Sprintf(" %d of %d", s.Storage.Needed(), s.Storage.Shards())
		}
	}
	d += fmt.Sprintf(", %d neighbours, payment by %s", s.Swarm.Neighbours, s.Payment.Method)
	for _, f := range s.Faults {
		d += fmt.Sprintf(", %s at %v", describe(f), f.At)
	}
	return d
}

func choose(all []scenarios.Scenario, names, want []string) ([]scenarios.Scenario, error) {
	if len(want) == 0 {
		return all, nil
	}
	var chosen []scenarios.Scenario
	for k, w := range want {
		if slices.Contains(want[:k], w) {
			continue
		}
		i := slices.Index(names, w)
		if i < 0 {
			return nil, fmt.Errorf("--variant: there is no variant %q: the scenario has %s", w, strings.Join(names, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// read loads what a variant streams and notes what was read.
func (p *plan) read(s *scenarios.Scenario) error {
	l, fresh, err := p.ladders.read(s)
	if err != nil || !fresh {
		return err
	}
	for _, s := range l.Sources {
		p.set.Manifest.Inputs = append(p.set.Manifest.Inputs, result.Input{Name: s.Name, Bytes: int64(s.Size), SHA256: hex.EncodeToString(s.SHA256[:])})
	}
	p.set.Notes = append(p.set.Notes, l.Notes...)
	return nil
}

// play runs all jobs, several at a time; the order of the results does not
// depend on how many.
func (p *plan) play(ctx context.Context, workers int, bar *progress) (*result.Set, error) {
	defer bar.done()
	runs := make([]*result.Run, len(p.jobs))
	err := each(ctx, len(p.jobs), workers, func(ctx context.Context, i int) (err error) {
		if runs[i] = p.known[p.jobs[i].key()]; runs[i] == nil {
			runs[i], err = p.run(ctx, p.jobs[i])
		}
		if err == nil {
			bar.step()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if last := len(runs) - 1; p.jobs[last].again {
		p.set.Notes = append(p.set.Notes, spread(runs[p.real()], runs[last]))
		runs = runs[:last]
	}
	p.set.Runs = runs
	return p.set, nil
}

// each does n things, several at a time, in their order as far as that goes.
// The first error keeps those that have not begun from beginning, and is what
// it returns.
func each(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(workers, n) {
		wait.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		if ctx.Err() == nil {
			next <- i
		}
	}
	close(next)
	wait.Wait()
	return context.Cause(ctx)
}

// engines are those that the runs need, each once.
func (p *plan) engines() (list []string) {
	for _, j := range p.jobs {
		if e := string(j.scenario.Engine); !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

// real is the first job over real hosts, or -1.
func (p *plan) real() int {
	return slices.IndexFunc(p.jobs, func(j job) bool { return j.scenario.Engine == scenarios.Libp2p })
}

// twice adds a second run of the first seed if the engine does not promise
// that it is the same.
func (p *plan) twice() {
	if i := p.real(); i >= 0 {
		first := p.jobs[i]
		first.again = true
		p.jobs = append(p.jobs, first)
	}
}

// run plays one job.
func (p *plan) run(ctx context.Context, j job) (*result.Run, error) {
	if j.scenario.Engine == scenarios.Libp2p {
		run, err := p.apart(ctx, j)
		return run, p.fault(err)
	}
	if j.scenario.Economy.On {
		run, err := economy.Run(ctx, j.scenario, j.seed)
		return run, p.fault(err)
	}
	if j.scenario.Archive.On {
		run, err := archive.Run(ctx, j.scenario, j.seed)
		return run, p.fault(err)
	}
	if p.records.p1203 != "" {
		run, err := p.records.logged(ctx, j, p.ladders[nameOf(j.scenario.Video)])
		return run, p.fault(err)
	}
	run, err := sim.Run(ctx, j.scenario, p.ladders[nameOf(j.scenario.Video)], j.seed)
	return run, p.fault(err)
}

// fault tells a broken invariant from a bad scenario.
func (p *plan) fault(err error) error {
	var broken *sim.Broken
	if errors.As(err, &broken) {
		broken.Command = p.again(broken.Variant, broken.Seed)
		return oursError{err}
	}
	return err
}

// again is the command line that plays one run alone.
func (p *plan) again(variant string, seed uint64) string {
	line := append([]string{"kscope", "run"}, p.typed...)
	if p.engine != "" {
		line = append(line, "--engine", p.engine)
	}
	return reports.ShellLine(append(line, "--variant", variant, "--seed", fmt.Sprint(seed)))
}

// stamp fills in where and when the results were made.
func stamp(m *result.Manifest, begun time.Time) {
	v := version()
	m.Version, m.Go = v.Version, v.Go
	m.Command = append([]string{"kscope"}, os.Args[1:]...)
	m.Host = result.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(),
		Started: begun.UTC().Format(time.RFC3339), WallSeconds: time.Since(begun).Seconds()}
}
