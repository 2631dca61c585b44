package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/sim/sweep"
)

func newWatch() *cobra.Command {
	w := watchCommand{every: time.Second}
	c := &cobra.Command{
		Use:   "watch FOLDER",
		Short: "Show live how far a sweep is",
		Long: `Watch shows how many runs of each point of a sweep are there, how fast they come,
and when the last is due, wherever they are played: here, by shards or by Slurm.
It ends when all are there. Where it writes to no terminal it writes a line
whenever more have come.`,
		Example: `  kscope watch loss
  kscope watch loss --every 10s > loss.log`,
		Args: oneArgument("the folder of a sweep", "kscope watch loss"),
		RunE: func(c *cobra.Command, args []string) error {
			if w.every < 10*time.Millisecond {
				return fmt.Errorf("--every: %v: at least 10ms", w.every)
			}
			p, err := planOf(args[0])
			if err != nil {
				return err
			}
			_, live := isTerminal(c.OutOrStdout())
			return w.watch(c.Context(), c.OutOrStdout(), live, p, (&sweepCommand{out: args[0]}).store())
		},
	}
	c.Flags().DurationVar(&w.every, "every", w.every, "look every so `often`")
	return c
}

// A watchCommand is `kscope watch` with its flag.
type watchCommand struct{ every time.Duration }

// watch looks again and again, and writes what it sees over what it wrote if
// the place is live.
func (w *watchCommand) watch(ctx context.Context, out io.Writer, live bool, p *sweep.Plan, store sweep.Store) error {
	clock := time.NewTicker(w.every)
	defer clock.Stop()
	begun, first, last, drawn := time.Now(), -1, -1, 0
	for {
		points := tally(p, store)
		there := 0
		for _, point := range points {
			there += point.there
		}
		if first < 0 {
			first = there
		}
		head := fmt.Sprintf("%s: %d of %d runs are there%s", p.Name, there, len(p.Tasks), pace(there-first, len(p.Tasks)-there, time.Since(begun)))
		switch {
		case live:
			fmt.Fprint(out, strings.Repeat("\x1b[1A\x1b[2K", drawn), head, "\n")
			for _, point := range points {
				fmt.Fprintln(out, point)
			}
			drawn = 1 + len(points)
		case there != last:
			fmt.Fprintln(out, head)
		}
		if last = there; there == len(p.Tasks) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-clock.C:
		}
	}
}

// pace says how fast runs come and when the last is due, once any has come.
func pace(came, missing int, took time.Duration) string {
	if came <= 0 || missing == 0 {
		return ""
	}
	each := took / time.Duration(came)
	return fmt.Sprintf(", %.3g a minute, %v left", time.Minute.Seconds()/each.Seconds(), (each * time.Duration(missing)).Round(time.Second))
}

// A pointTally is how many runs of a point are there.
type pointTally struct {
	name, sets string
	there, of  int
}

// tally counts the runs of each point, in the order of the plan.
func tally(p *sweep.Plan, store sweep.Store) (points []pointTally) {
	for _, t := range p.Tasks {
		if n := len(points); n == 0 || points[n-1].name != t.Point {
			points = append(points, pointTally{name: t.Point, sets: strings.Join(t.Sets, " ")})
		}
		at := &points[len(points)-1]
		if at.of++; store.Has(t.ID) {
			at.there++
		}
	}
	return points
}

// String is the point's line, with a bar.
func (p pointTally) String() string {
	const width = 20
	full := width * p.there / p.of
	return fmt.Sprintf("  %s %s%s %*d/%d  %s", p.name, strings.Repeat("█", full), strings.Repeat("░", width-full), len(fmt.Sprint(p.of)), p.there, p.of, p.sets)
}
