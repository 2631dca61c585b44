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

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// A plan is the runs of one command: every chosen variant on every seed.
type plan struct {
	set     *result.Set
	jobs    []job
	ladders map[media.Config]*media.Ladder
}

type job struct {
	scenario scenarios.Scenario
	seed     uint64
}

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

// plan chooses variants and seeds, reads the videos, and makes the empty set of
// results.
func (r *runCommand) plan(all []scenarios.Scenario) (*plan, error) {
	var names []string
	for _, s := range all {
		names = append(names, s.Variant)
	}
	chosen, err := choose(all, names, r.variants)
	if err != nil {
		return nil, err
	}
	first := &chosen[0]
	set := &result.Set{Name: first.Name, Title: first.Title, Claim: first.Claim, Duration: first.Duration,
		Scenario: scenarios.Effective(all), Baseline: first.Baseline, Seeds: r.seeds}
	for n := uint64(1); len(r.seeds) == 0 && n <= uint64(first.Seeds); n++ {
		set.Seeds = append(set.Seeds, n)
	}
	p := &plan{set: set, ladders: map[media.Config]*media.Ladder{}}
	for _, s := range chosen {
		set.Variants = append(set.Variants, result.Variant{Name: s.Variant, Doc: outline(&s)})
		if err := p.read(s.Video); err != nil {
			return nil, err
		}
		for _, seed := range set.Seeds {
			p.jobs = append(p.jobs, job{s, seed})
		}
		for _, f := range s.Faults {
			m := result.Mark{At: f.At, Until: f.At + f.For, Label: fmt.Sprintf("%s of %d %s sites", f.Kind, f.Sites, f.Of)}
			if !slices.Contains(set.Marks, m) {
				set.Marks = append(set.Marks, m)
			}
		}
	}
	if len(r.variants) == 0 {
		set.Thresholds, set.RefutedIf, err = first.Assertions(names)
		return p, err
	}
	if !slices.Contains(set.VariantNames(), set.Baseline) {
		set.Baseline = set.Variants[0].Name
	}
	set.Notes = append(set.Notes, "not judged: thresholds and claim need all variants, --variant chose "+strings.Join(r.variants, ", "))
	return p, nil
}

// outline says in a line how a variant serves and charges its viewers.
func outline(s *scenarios.Scenario) string {
	d := fmt.Sprintf("%d edges of %v", s.Edges.Count, s.Edges.Up)
	if s.Edges.Count == 1 {
		d = fmt.Sprintf("one edge of %v", s.Edges.Up)
	}
	if s.Publisher.To == scenarios.ToProviders {
		d += fmt.Sprintf(", %d providers on %d sites, %v", s.Providers.Count, s.Providers.Sites, s.Storage.Scheme)
		if s.Storage.Shards() > 1 {
			d += fmt.Sprintf(" %d of %d", s.Storage.Needed(), s.Storage.Shards())
		}
	}
	d += fmt.Sprintf(", %d neighbours, payment by %s", s.Swarm.Neighbours, s.Payment.Method)
	for _, f := range s.Faults {
		d += fmt.Sprintf(", %s of %d %s sites at %v", f.Kind, f.Sites, f.Of, f.At)
	}
	return d
}

func choose(all []scenarios.Scenario, names, want []string) ([]scenarios.Scenario, error) {
	if len(want) == 0 {
		return all, nil
	}
	var chosen []scenarios.Scenario
	for _, w := range want {
		i := slices.Index(names, w)
		if i < 0 {
			return nil, fmt.Errorf("--variant: there is no variant %q: the scenario has %s", w, strings.Join(names, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// read loads a video once, however many variants stream it.
func (p *plan) read(c media.Config) error {
	if p.ladders[c] != nil {
		return nil
	}
	l, err := media.Load(c)
	if err != nil {
		return inSection("video", err)
	}
	p.ladders[c] = l
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
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	runs := make([]*result.Run, len(p.jobs))
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(workers, len(p.jobs)) {
		wait.Go(func() {
			for i := range next {
				run, err := p.run(ctx, p.jobs[i])
				if err != nil {
					cancel(err)
					continue
				}
				runs[i] = run
				bar.step()
			}
		})
	}
	for i := range p.jobs {
		if ctx.Err() == nil {
			next <- i
		}
	}
	close(next)
	wait.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, p.fault(err)
	}
	p.set.Runs = runs
	return p.set, nil
}

// run plays one job. A panic here would end the program without a word on which
// run it was.
func (p *plan) run(ctx context.Context, j job) (run *result.Run, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = oursError{fmt.Errorf("internal error: %v\nThis is a bug in kscope. It happens again with:\n  kscope run %s --variant %s --seed %d",
				broken, j.scenario.Name, j.scenario.Variant, j.seed)}
		}
	}()
	return sim.Run(ctx, j.scenario, p.ladders[j.scenario.Video], j.seed)
}

// fault tells a broken invariant from a bad scenario.
func (p *plan) fault(err error) error {
	var broken *sim.Broken
	if errors.As(err, &broken) {
		return oursError{err}
	}
	return err
}

// stamp fills in where and when the results were made.
func stamp(m *result.Manifest, begun time.Time) {
	v := version()
	m.Version, m.Go = v.Version, v.Go
	m.Command = append([]string{"kscope"}, os.Args[1:]...)
	m.Host = result.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(),
		Started: begun.UTC().Format(time.RFC3339), WallSeconds: time.Since(begun).Seconds()}
}

// inSection puts the name of a section before the key that an error names.
func inSection(section string, err error) error {
	var key *unit.KeyError
	if errors.As(err, &key) {
		return unit.Bad(section+"."+key.Key, key.Msg)
	}
	return fmt.Errorf("%s: %w", section, err)
}
