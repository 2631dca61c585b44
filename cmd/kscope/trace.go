package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

type traceCommand struct {
	sets     []string
	variant  string
	seed     uint64
	of       sim.Subject
	from, to time.Duration
	chrome   string
	svg      string
}

func newTrace() *cobra.Command {
	var t traceCommand
	c := &cobra.Command{
		Use:   "trace SCENARIO",
		Short: "Show the life of one viewer, edge or provider in one run",
		Long: `Trace plays one variant of a scenario on one seed, the same run as that of
kscope run, and prints what happens to one node between two moments: what it
hears, and below that what it does about it. Requests, deliveries, checks,
payments and stalls are all there, in the order in which they happened.

With --chrome it writes them as a trace that https://ui.perfetto.dev opens:
requests with their attempts and transfers, and lanes for messages, the player,
the processor and payments. With --svg it draws them.`,
		Example: `  kscope trace flash-crowd --viewer 17 --from 42s --to 60s
  kscope trace flash-crowd --variant swarm --edge 0 --from 20s --to 21s --chrome edge.json
  kscope trace flash-crowd --viewer 17 --from 42s --to 60s --svg life.svg`,
		Args:              oneArgument("the name of a built-in scenario or a file", "kscope trace flash-crowd --viewer 17 --from 42s --to 60s"),
		ValidArgsFunction: completeScenarios,
		RunE:              func(c *cobra.Command, args []string) error { return t.run(c, args[0]) },
	}
	f := c.Flags()
	f.StringArrayVar(&t.sets, "set", nil, "lay `key=value` over the scenario (repeatable)")
	f.StringVar(&t.variant, "variant", "", "of this `variant` (default: the baseline)")
	f.Uint64Var(&t.seed, "seed", 1, "on this `seed`")
	f.IntVar(&t.of.Viewer, "viewer", -1, "the life of viewer `n`, as rows.csv counts them")
	f.IntVar(&t.of.Edge, "edge", -1, "the life of edge `n`, from 0 on")
	f.IntVar(&t.of.Provider, "provider", -1, "the life of provider `n`, from 0 on")
	f.DurationVar(&t.from, "from", 0, "from this `time` of the stream on")
	f.DurationVar(&t.to, "to", 0, "up to this `time` (default: the end of the stream)")
	f.StringVar(&t.chrome, "chrome", "", "write a trace for Perfetto to `file`, and print nothing")
	f.StringVar(&t.svg, "svg", "", "draw it into `file` as a timeline, and print nothing")
	_ = c.RegisterFlagCompletionFunc("variant", completeVariants)
	return c
}

// run plays the world of one seed and writes the life.
func (t *traceCommand) run(c *cobra.Command, arg string) error {
	file, text, err := scenarios.Open(arg)
	if err != nil {
		return err
	}
	var played []string
	if t.variant != "" {
		played = append(played, t.variant)
	}
	all, err := scenarios.Load(file, text, t.sets, played...)
	if err != nil {
		return err
	}
	if c.Flags().Changed("to") && t.to <= 0 {
		return backwards(t.from, t.to)
	}
	life, err := t.life(c.Context(), arg, all)
	if err != nil {
		return err
	}
	if t.chrome == "" && t.svg == "" {
		return written(c.OutOrStdout(), life.Text)
	}
	picture := func(w io.Writer) error {
		return reports.LifePicture(w, life, fmt.Sprintf("%s, variant %s, seed %d", all[0].Name, t.variant, t.seed), t.from, t.to)
	}
	return errors.Join(into("--chrome", t.chrome, life.Chrome), into("--svg", t.svg, picture))
}

// into writes the file that a flag names, if it does.
func into(flag, name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("%s: %w: name a file where you may write", flag, err)
	}
	if err := written(f, write); err != nil {
		return oursError{err}
	}
	return f.Close()
}

// written writes through a buffer.
func written(to io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriter(to)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}

// life plays the run that is asked for.
func (t *traceCommand) life(ctx context.Context, arg string, all []scenarios.Scenario) (*result.Life, error) {
	given := 0
	for _, n := range []int{t.of.Viewer, t.of.Edge, t.of.Provider} {
		if n >= 0 {
			given++
		}
	}
	if given != 1 {
		return nil, fmt.Errorf("say whose life: one of --viewer, --edge and --provider, with a number from 0 on")
	}
	if t.variant == "" {
		t.variant = all[0].Baseline
	}
	for _, s := range all {
		if s.Variant == t.variant && s.Engine == scenarios.Libp2p {
			return nil, fmt.Errorf("engine: %s: lives of real hosts are not traced: add --set engine=%s, or write kscope run --engine %s with --pcap or --qlog",
				s.Engine, scenarios.Flow, s.Engine)
		}
	}
	r := runCommand{scenario: arg, sets: t.sets, seeds: []uint64{t.seed}}
	if t.variant != "" {
		r.variants = []string{t.variant}
	}
	p, err := r.plan(all)
	if err != nil {
		return nil, err
	}
	s := p.jobs[0].scenario
	if s.Economy.On {
		return nil, fmt.Errorf("%s: an economy has no messages to trace", arg)
	}
	if s.Archive.On {
		return nil, fmt.Errorf("%s: an archive has no messages to trace", arg)
	}
	if t.to == 0 {
		t.to = s.Duration
	}
	if t.from < 0 || t.to <= t.from {
		return nil, backwards(t.from, t.to)
	}
	life, err := sim.Life(ctx, s, p.ladders[nameOf(s.Video)], t.seed, t.of, t.from, t.to)
	return life, p.fault(err)
}

func backwards(from, to time.Duration) error {
	return fmt.Errorf("--from %v, --to %v: a trace goes from a time to a later one", from, to)
}
