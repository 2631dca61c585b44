package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// A runCommand is `kscope run` with its flags.
type runCommand struct {
	scenario string // as typed
	sets     []string
	variants []string
	seeds    []uint64
	out      string
	engine   string
	workers  int
	json     bool
	quiet    bool
	records  recording
	until    []result.Precision
	looks    int
}

func newRun() *cobra.Command {
	var r runCommand
	c := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Run a scenario and report what its variants gave",
		Long: `Run plays every variant of a scenario on every seed, compares the variants seed
by seed, judges the scenario's thresholds and claim, and writes a folder with
the report, the plots and the data behind them.

SCENARIO is the name of a built-in scenario or the path of a YAML file.`,
		Example: `  kscope run flash-crowd
  kscope run flash-crowd --set population.viewers=1000 --set seeds=10
  kscope run flash-crowd --set video.file=my.mp4 --out results
  kscope run hello --until startup-p95=5%          as many seeds as that takes
  kscope run my.yaml --variant swarm --seed 7       one world, again`,
		Args:              oneArgument("the name of a built-in scenario or a file", "kscope run flash-crowd"),
		ValidArgsFunction: completeScenarios,
		RunE:              func(c *cobra.Command, args []string) error { return r.run(c, args[0]) },
	}
	f := c.Flags()
	f.StringArrayVar(&r.sets, "set", nil, "lay `key=value` over the scenario (repeatable)")
	f.StringSliceVar(&r.variants, "variant", nil, "run only these `variants`")
	f.Func("seed", "run only these `seeds` (repeatable, or 3,4,5)", r.addSeeds)
	f.StringVarP(&r.out, "out", "o", "", "write the results to `folder` (default kscope-out/NAME-TIME, with a link kscope-out/latest)")
	f.StringVar(&r.engine, "engine", "", "play on this `engine`, whatever the scenario says: flow, or libp2p, real hosts in virtual time")
	f.StringVar(&r.records.pcap, "pcap", "", "write the packets of the only run to `file`, as pcapng (--engine libp2p)")
	f.StringVar(&r.records.qlog, "qlog", "", "write what QUIC did in the only run to `folder`, a qlog for each end of a connection (--engine libp2p)")
	f.StringVar(&r.records.p1203, "p1203", "", "write what ITU-T P.1203 (mode 0) reads of each viewer of each run into this `folder`")
	f.IntVar(&r.workers, "workers", runtime.NumCPU(), "play `n` runs at the same time (default: one for each processor)")
	f.Lookup("workers").DefValue = "0" // the help is the same on every machine
	f.Func("until", "double the seeds until half the interval of a metric is `METRIC=HALF`, as in startup-p95=2% or startup-p95=20ms (repeatable)", r.addUntil)
	f.IntVar(&r.looks, "looks", 4, "look at most `n` times: the scenario's seeds, twice as many, four times")
	f.BoolVar(&r.json, "json", false, "print the summary as JSON")
	f.BoolVarP(&r.quiet, "quiet", "q", false, "print nothing but errors")
	_ = c.RegisterFlagCompletionFunc("variant", completeVariants)
	_ = c.RegisterFlagCompletionFunc("engine", completeEngines)
	return c
}

// run is the path from a scenario to a verdict.
func (r *runCommand) run(c *cobra.Command, arg string) error {
	r.scenario = arg
	if r.workers < 1 {
		return fmt.Errorf("--workers: %d runs at the same time: at least 1 is allowed", r.workers)
	}
	if r.looks < 1 || r.looks > result.MostLooks {
		return fmt.Errorf("--looks: %d looks: allowed are 1 to %d", r.looks, result.MostLooks)
	}
	if err := checkEngine(r.engine); err != nil {
		return err
	}
	if err := r.checkOut(); err != nil {
		return err
	}
	file, text, err := scenarios.Open(arg)
	if err != nil {
		return err
	}
	all, err := scenarios.Load(file, text, r.laid(), r.variants...)
	if err != nil {
		return err
	}
	if n := len(all[0].Sweep.List()); n > 0 {
		return fmt.Errorf("%s sweeps %s: kscope sweep run plays them, --set sweep.axes=[] --set sweep.points=[] takes them away", arg, counted(n, "point"))
	}
	begun := time.Now()
	p, set, err := r.look(c, all)
	if err != nil {
		return err
	}
	stamp(&set.Manifest, begun)
	set.Manifest.Engine = strings.Join(p.engines(), ", ")
	dir, err := r.write(c.Context(), set)
	if err != nil {
		return err
	}
	if err := r.print(c, set, dir); err != nil {
		return err
	}
	if !result.Passed(result.Check(set)) {
		return errVerdict
	}
	return nil
}

// look plays the scenario on its seeds and, while an interval that --until
// speaks of is too wide, on twice as many.
func (r *runCommand) look(c *cobra.Command, all []scenarios.Scenario) (*plan, *result.Set, error) {
	if len(r.until) > 0 && len(r.seeds) > 0 {
		return nil, nil, errors.New("--until chooses how many seeds to run: it takes no --seed")
	}
	if len(r.until) == 0 && c.Flags().Changed("looks") {
		return nil, nil, errors.New("--looks says how often --until looks: say --until too, as in --until startup-p95=5%")
	}
	defer watchMemory(c.ErrOrStderr(), r.quiet)()
	known := map[string]*result.Run{}
	for n := 1; ; n++ {
		p, err := r.plan(all)
		if err != nil {
			return nil, nil, err
		}
		if err := r.records.check(p); err != nil {
			return nil, nil, err
		}
		p.records, p.known = r.records, known
		p.twice()
		set, err := p.play(c.Context(), r.workers, newProgress(c.ErrOrStderr(), len(p.jobs), r.quiet))
		if err != nil || len(r.until) == 0 {
			return p, set, err
		}
		why := set.TooWide(r.until, r.looks)
		if why == "" || n == r.looks {
			set.Manifest.Stopped = stopped(r, n, len(set.Seeds), why)
			return p, set, nil
		}
		for i, run := range set.Runs {
			known[p.jobs[i].key()] = run
		}
		r.seeds = nil
		for seed := range uint64(2 * len(set.Seeds)) {
			r.seeds = append(r.seeds, seed+1)
		}
	}
}

// stopped says why no more seeds were run.
func stopped(r *runCommand, look, seeds int, why string) string {
	text := fmt.Sprintf("--until stopped at look %d of %d, after %d seeds", look, r.looks, seeds)
	if why != "" {
		return text + ": still too wide is " + why + "; allow more with --looks, or more seeds"
	}
	return text + fmt.Sprintf(": narrow enough at the level that %d looks ask for (Pocock), so that stopping does not make intervals miss more often", r.looks)
}

// addUntil reads --until.
func (r *runCommand) addUntil(text string) error {
	p, err := result.ParsePrecision(text)
	r.until = append(r.until, p)
	return err
}

// laid is what is laid over the scenario.
func (r *runCommand) laid() []string {
	if r.engine == "" {
		return r.sets
	}
	return append(slices.Clone(r.sets), "engine="+r.engine)
}

func (r *runCommand) print(c *cobra.Command, set *result.Set, dir string) error {
	out := c.OutOrStdout()
	var err error
	switch {
	case r.json:
		err = reports.JSON(out, set)
	case !r.quiet:
		color, width := terminal(out)
		err = reports.Summary(out, set, reports.Options{Color: color, Width: width, Dir: dir})
	}
	if err != nil {
		return oursError{err}
	}
	return nil
}

// completeVariants offers the variants of the scenario that the line names.
func completeVariants(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 1 {
		if file, text, err := scenarios.Open(args[0]); err == nil {
			all, _ := scenarios.Load(file, text, nil)
			for _, s := range all {
				names = append(names, s.Variant)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
