package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
	"kinetoscope/sim/sweep"
)

// A sweepCommand is `kscope sweep run`, plan or merge with its flags.
type sweepCommand struct {
	sets    []string
	out     string
	shard   string
	workers int
	quiet   bool
}

// A swept scenario is a plan and, for each of its points, the runs that fill
// it.
type swept struct {
	plan   *sweep.Plan
	points []scenarios.Point
	runs   []*plan // by point
	jobs   []job   // by task
}

func newSweep() *cobra.Command {
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Run a scenario at many points, here or on many machines",
		Long: `Sweep plays a scenario at every point of its sweep section. Every run has an ID, a
hash of all that it depends on, and what is there is not run again: a sweep
that was stopped goes on where it was, and one with more points runs the new
ones.

Run plays all points here. On many machines each plays a shard into the same
folder, in any order and as often as it likes, and merge puts them together.`,
		Example: `  kscope sweep run loss.yaml --out loss
  kscope sweep plan loss.yaml > plan.jsonl
  kscope sweep run plan.jsonl --shard 0/8 --out loss
  kscope sweep merge loss`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSweepRun(), newSweepPlan(), newSweepMerge(), newSweepSubmit(), newSweepStatus(), newSweepCancel())
	return c
}

func newSweepRun() *cobra.Command {
	var r sweepCommand
	c := &cobra.Command{
		Use:   "run SCENARIO|PLAN",
		Short: "Play what of a sweep is not there yet",
		Long: `Run plays every run of a sweep that the folder does not have, and merges them.
With --shard it plays its part of them and merges nothing.`,
		Example: `  kscope sweep run loss.yaml --out loss
  kscope sweep run plan.jsonl --shard 0/8 --out loss`,
		Args:              oneArgument("a scenario or a plan", "kscope sweep run loss.yaml"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := r.prepare(args[0])
			if err != nil {
				return err
			}
			return r.run(c, s)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&r.sets, "set", nil, "lay `key=value` over every point (repeatable)")
	f.StringVarP(&r.out, "out", "o", "", "keep runs and results in `folder` (default kscope-out/sweep-NAME)")
	f.StringVar(&r.shard, "shard", "", "play only this `part` of the runs: 0/8 to 7/8")
	f.IntVar(&r.workers, "workers", runtime.NumCPU(), "play `n` runs at the same time (default: one for each processor)")
	f.Lookup("workers").DefValue = "0"
	f.BoolVarP(&r.quiet, "quiet", "q", false, "print nothing but errors")
	return c
}

func newSweepPlan() *cobra.Command {
	var r sweepCommand
	c := &cobra.Command{
		Use:     "plan SCENARIO",
		Short:   "Write the runs of a sweep, one in a line",
		Example: "  kscope sweep plan loss.yaml > plan.jsonl",
		Args:    oneArgument("a scenario", "kscope sweep plan loss.yaml"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := r.prepare(args[0])
			if err != nil {
				return err
			}
			if err := s.plan.Write(c.OutOrStdout()); err != nil {
				return oursError{err}
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&r.sets, "set", nil, "lay `key=value` over every point (repeatable)")
	return c
}

func newSweepMerge() *cobra.Command {
	var r sweepCommand
	var shards int
	c := &cobra.Command{
		Use:   "merge FOLDER",
		Short: "Put the runs of a sweep together",
		Long: `Merge makes a run folder of every point of a sweep, and a table of all. If runs
are missing it makes nothing, says which, and ends with 4.`,
		Example: "  kscope sweep merge loss --shards 8",
		Args:    oneArgument("the folder of a sweep", "kscope sweep merge loss"),
		RunE: func(c *cobra.Command, args []string) error {
			r.out = args[0]
			s, err := r.prepare(filepath.Join(r.out, planName))
			if err != nil {
				return err
			}
			err = r.merge(c, s)
			var missing *sweep.Incomplete
			if errors.As(err, &missing) && shards > 0 {
				return fmt.Errorf("%w\nThey are of the shards --array=%s", err, sweep.Ranges(sweep.Shards(missing.Missing, shards)))
			}
			return err
		},
	}
	c.Flags().IntVar(&shards, "shards", 0, "say which of so `many` shards what is missing belongs to")
	c.Flags().BoolVarP(&r.quiet, "quiet", "q", false, "print nothing but errors")
	return c
}

// planName is the plan in the folder of a sweep.
const planName = "plan.jsonl"

// prepare reads a scenario, or a plan that was made of one, and takes it apart
// into runs.
func (r *sweepCommand) prepare(arg string) (*swept, error) {
	if r.workers < 1 {
		r.workers = 1
	}
	s := &swept{}
	var given *sweep.Plan
	if strings.HasSuffix(arg, ".jsonl") {
		f, err := os.Open(arg)
		if err != nil {
			return nil, fmt.Errorf("%w: name a plan that kscope sweep plan wrote, or a folder of a sweep", err)
		}
		defer f.Close()
		if given, err = sweep.Read(f); err != nil {
			return nil, fmt.Errorf("%s: %w", arg, err)
		}
		if len(r.sets) > 0 {
			return nil, errors.New("--set: the plan has been made: lay it over the scenario and plan again")
		}
		s.plan = &sweep.Plan{Head: given.Head}
	} else {
		file, text, err := scenarios.Open(arg)
		if err != nil {
			return nil, err
		}
		s.plan = &sweep.Plan{Head: sweep.Head{File: file, Scenario: string(text), Sets: r.sets}}
	}
	if err := s.expand(arg); err != nil {
		return nil, err
	}
	if given != nil && !slices.EqualFunc(given.Tasks, s.plan.Tasks, func(a, b sweep.Task) bool { return a.ID == b.ID }) {
		return nil, fmt.Errorf("%s: it was planned by %s and this is %s, or its video is another: plan again, and use one program for all", arg, given.Program, s.plan.Program)
	}
	return s, nil
}

// expand loads every point of the scenario and lists its runs.
func (s *swept) expand(arg string) error {
	head := &s.plan.Head
	all, err := scenarios.Load(head.File, []byte(head.Scenario), head.Sets)
	if err != nil {
		return err
	}
	head.Name, head.Program = all[0].Name, program()
	if s.points = all[0].Sweep.List(); len(s.points) == 0 {
		return fmt.Errorf("%s: it sweeps nothing: write a section sweep with axes, as in\n  sweep: {axes: [{key: live.delay, values: [4s, 8s]}]}", arg)
	}
	for _, point := range s.points {
		all, err := scenarios.LoadPoint(head.File, []byte(head.Scenario), head.Sets, point)
		if err != nil {
			return err
		}
		r := runCommand{scenario: source(head.File), sets: slices.Concat(head.Sets, point.Sets)}
		p, err := r.plan(all)
		if err != nil {
			return err
		}
		if err := onDisk(head, p); err != nil {
			return err
		}
		s.runs = append(s.runs, p)
		for _, j := range p.jobs {
			s.plan.Tasks = append(s.plan.Tasks, sweep.Task{Index: len(s.plan.Tasks), Point: point.Name, Sets: point.Sets,
				Variant: j.scenario.Variant, Seed: j.seed, ID: p.identity(head.Program, j)})
			s.jobs = append(s.jobs, j)
		}
	}
	return nil
}

// source is what a command line calls a scenario's text.
func source(file string) string {
	if name, ok := strings.CutPrefix(file, "builtin/"); ok {
		return strings.TrimSuffix(name, ".yaml")
	}
	return file
}

// onDisk refuses runs over real hosts, which are processes that read the
// scenario themselves, if its file is no longer what was planned.
func onDisk(head *sweep.Head, p *plan) error {
	if p.real() < 0 {
		return nil
	}
	_, text, err := scenarios.Open(source(head.File))
	if err == nil && string(text) != head.Scenario {
		err = fmt.Errorf("%s: it is not what was planned: real hosts read it again, so plan again", head.File)
	}
	return err
}

// identity is a hash of everything that a run depends on.
func (p *plan) identity(program string, j job) string {
	parts := []string{program, string(j.scenario.Substance()), j.scenario.Variant, fmt.Sprint(j.seed)}
	for _, source := range p.ladders[nameOf(j.scenario.Video)].Sources {
		parts = append(parts, source.Name, hex.EncodeToString(source.SHA256[:]))
	}
	return sweep.ID(parts...)
}

// program names what runs: its version or, where that says too little, a hash
// of the program itself.
func program() string {
	v := version()
	text := v.Version + " " + v.Go + " go-ethereum " + v.Geth
	if stamped != "" && !strings.Contains(stamped, "modified") && !strings.Contains(stamped, "dirty") {
		return text
	}
	self, err := os.Executable()
	if err != nil {
		return text
	}
	f, err := os.Open(self)
	if err != nil {
		return text
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return text
	}
	return fmt.Sprintf("%s %.16x", text, h.Sum(nil))
}

// run plays what is missing of the shard, or of all.
func (r *sweepCommand) run(c *cobra.Command, s *swept) error {
	tasks := s.plan.Tasks
	if r.shard != "" {
		shard, err := sweep.ParseShard(r.shard)
		if err != nil {
			return fmt.Errorf("--shard: %w", err)
		}
		tasks = shard.Tasks(s.plan)
	}
	if r.out == "" {
		r.out = filepath.Join(outFolder, "sweep-"+s.plan.Name)
	}
	if err := r.keepPlan(s.plan); err != nil {
		return err
	}
	store := r.store()
	missing := store.Missing(tasks)
	defer watchMemory(c.ErrOrStderr(), r.quiet)()
	bar := newProgress(c.ErrOrStderr(), len(missing), r.quiet)
	err := each(c.Context(), len(missing), r.workers, func(ctx context.Context, i int) error {
		t := missing[i]
		run, err := s.runs[s.pointOf(t)].run(ctx, s.jobs[t.Index])
		if err != nil {
			return err
		}
		run.Seal()
		if err := store.Put(t.ID, run); err != nil {
			return retryError{fmt.Errorf("%s: %w", r.out, err)}
		}
		bar.step()
		return nil
	})
	bar.done()
	if errors.Is(err, context.Canceled) {
		return interrupted(fmt.Sprintf("%d of %d runs are there", len(tasks)-len(store.Missing(tasks)), len(tasks)))
	}
	if err != nil {
		return err
	}
	if !r.quiet {
		fmt.Fprintf(c.ErrOrStderr(), "kscope: %s played, %d were there\n", counted(len(missing), "run"), len(tasks)-len(missing))
	}
	if r.shard != "" {
		return nil
	}
	return r.merge(c, s)
}

// pointOf is the index of a task's point.
func (s *swept) pointOf(t sweep.Task) int {
	return slices.IndexFunc(s.points, func(p scenarios.Point) bool { return p.Name == t.Point })
}

func (r *sweepCommand) store() sweep.Store { return sweep.Store{Dir: filepath.Join(r.out, "runs")} }

// keepPlan writes the plan into the folder; another plan that is there gives
// way, since its runs stay.
func (r *sweepCommand) keepPlan(p *sweep.Plan) error {
	if err := os.MkdirAll(r.out, 0o777); err != nil {
		return fmt.Errorf("--out: %w: name a folder where you may write", err)
	}
	temp, err := os.CreateTemp(r.out, ".tmp-plan-*")
	if err != nil {
		return fmt.Errorf("--out: %w: name a folder where you may write", err)
	}
	defer os.Remove(temp.Name())
	if err := errors.Join(p.Write(temp), temp.Chmod(0o644), temp.Close()); err != nil {
		return retryError{err}
	}
	if err := os.Rename(temp.Name(), filepath.Join(r.out, planName)); err != nil {
		return retryError{err}
	}
	return nil
}

// merge makes a run folder of every point and a table of all.
func (r *sweepCommand) merge(c *cobra.Command, s *swept) error {
	begun := time.Now()
	runs, err := r.store().Collect(s.plan.Tasks)
	if err != nil {
		return err
	}
	var points []reports.Point
	for i, p := range s.runs {
		p.set.Runs, runs = runs[:len(p.jobs)], runs[len(p.jobs):]
		stamp(&p.set.Manifest, begun)
		p.set.Manifest.Engine = strings.Join(p.engines(), ", ")
		points = append(points, reports.Point{Name: s.points[i].Name, Sets: s.points[i].Sets, Set: p.set})
	}
	// What was played is told whole, whoever interrupts now.
	if err := each(context.WithoutCancel(c.Context()), len(points), max(1, r.workers), func(_ context.Context, i int) error {
		return reports.Write(filepath.Join(r.out, "points", points[i].Name), points[i].Set)
	}); err != nil {
		return oursError{err}
	}
	files, err := reports.SweepFiles(points)
	if err != nil {
		return oursError{err}
	}
	if err := result.Place(r.out, files); err != nil {
		return retryError{err}
	}
	if r.quiet {
		return nil
	}
	color, width := terminal(c.OutOrStdout())
	if err := reports.Sweep(c.OutOrStdout(), points, reports.Options{Color: color, Width: width, Dir: r.out}); err != nil {
		return oursError{err}
	}
	return nil
}

// A retryError is the machine's fault, and may be gone when one tries again.
type retryError struct{ error }

// An interrupted command kept what it says it did.
type interrupted string

func (e interrupted) Error() string {
	return fmt.Sprintf("interrupted; %s: the same command goes on", string(e))
}

// Is makes it an interruption like all others.
func (interrupted) Is(target error) bool { return target == context.Canceled }
