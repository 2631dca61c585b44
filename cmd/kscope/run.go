package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// A runCommand is `kscope run` with its flags.
type runCommand struct {
	sets     []string
	variants []string
	seeds    []uint64
	out      string
	workers  int
	json     bool
	quiet    bool
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
	f.IntVar(&r.workers, "workers", runtime.NumCPU(), "play `n` runs at the same time (default: one for each processor)")
	f.Lookup("workers").DefValue = "0" // the help is the same on every machine
	f.BoolVar(&r.json, "json", false, "print the summary as JSON")
	f.BoolVarP(&r.quiet, "quiet", "q", false, "print nothing but errors")
	_ = c.RegisterFlagCompletionFunc("variant", completeVariants)
	return c
}

// run is the path from a scenario to a verdict.
func (r *runCommand) run(c *cobra.Command, arg string) error {
	if err := r.check(); err != nil {
		return err
	}
	file, text, err := scenarios.Open(arg)
	if err != nil {
		return err
	}
	all, err := scenarios.Load(file, text, r.sets)
	if err != nil {
		return err
	}
	p, err := r.plan(all)
	if err != nil {
		return err
	}
	begun := time.Now()
	set, err := p.play(c.Context(), r.workers, newProgress(c.ErrOrStderr(), len(p.jobs), r.quiet))
	if err != nil {
		return err
	}
	stamp(&set.Manifest, begun)
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

// write puts the results and the reports into the run folder and points
// "latest" at it.
func (r *runCommand) write(ctx context.Context, set *result.Set) (dir string, err error) {
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if dir = r.out; dir == "" {
		dir = unused(filepath.Join(outFolder, set.Name+"-"+time.Now().Format("20060102-150405")))
	}
	files, err := reports.Files(set)
	if err != nil {
		return "", oursError{err}
	}
	if err := result.Write(dir, set, files...); errors.Is(err, result.ErrOccupied) {
		return "", fmt.Errorf("--out: %w", err)
	} else if err != nil {
		return "", oursError{err}
	}
	if r.out == "" {
		relink(filepath.Join(outFolder, "latest"), filepath.Base(dir))
	}
	return dir, nil
}

const outFolder = "kscope-out"

// check refuses flags that could only fail after all runs.
func (r *runCommand) check() error {
	if r.workers < 1 {
		return fmt.Errorf("--workers: %d runs at the same time: at least 1 is allowed", r.workers)
	}
	if r.out == "" {
		return nil
	}
	entries, err := os.ReadDir(r.out)
	named := func(e os.DirEntry) bool { return e.Name() == "manifest.json" }
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--out: %s is no folder: name a new one, an empty one or an older run", r.out)
	case len(entries) > 0 && !slices.ContainsFunc(entries, named):
		return fmt.Errorf("--out: %s %w: name a new folder, an empty one or an older run", r.out, result.ErrOccupied)
	}
	return nil
}

// unused is path or, if something is there, path with a number behind it.
func unused(path string) string {
	for n, try := 2, path; ; n++ {
		if _, err := os.Lstat(try); err != nil {
			return try
		}
		try = fmt.Sprintf("%s-%d", path, n)
	}
}

// relink points a link at target; where links are not to be had it does
// nothing, since they are a convenience.
func relink(link, target string) {
	if fi, err := os.Lstat(link); err == nil && fi.Mode()&os.ModeSymlink == 0 {
		return // somebody else's
	}
	next := fmt.Sprintf("%s.%d", link, os.Getpid())
	if os.Symlink(target, next) == nil && os.Rename(next, link) != nil {
		os.Remove(next)
	}
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
