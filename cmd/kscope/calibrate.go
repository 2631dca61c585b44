package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/sim/calibrate"
)

func newCalibrate() *cobra.Command {
	var out string
	var each time.Duration
	var quiet bool
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure what hashing, coding and signing cost on this machine",
		Long: `Calibrate times, on one core, every operation that the cpu section of a scenario
charges for, and writes a file of costs that a scenario names; what the EVM
does in a second stands below them as a comment, since nobody is charged for it:

  cpu: {file: costs.yaml}

Without one, a scenario uses costs that were measured once and never change, so
that its results are the same everywhere. Results with costs of your own can be
compared only with results that use the same file; the run folder keeps the
costs, so they can be repeated.`,
		Example: `  kscope calibrate --out costs.yaml
  kscope calibrate --each 5s                          longer, for a noisy machine
  kscope run few-ms --set cpu.file=costs.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if each <= 0 {
				return fmt.Errorf("--each %v: give each cost some time, such as 1s", each)
			}
			if err := vacant(out); err != nil { // before the work, not after
				return err
			}
			costs, err := calibrate.Measure(c.Context(), each, func(key string) {
				if !quiet {
					fmt.Fprintf(c.ErrOrStderr(), "kscope: measuring %s\n", key)
				}
			})
			if err != nil {
				return err
			}
			text := calibrate.File(costs, []string{
				fmt.Sprintf("Costs on one core of this machine, by kscope calibrate on %s:", time.Now().Format(time.DateOnly)),
				fmt.Sprintf("%d processors, %s", runtime.NumCPU(), version()),
			})
			if out == "" {
				_, err = c.OutOrStdout().Write(text)
				return err
			}
			if err := os.WriteFile(out, text, 0o666); err != nil {
				return fmt.Errorf("--out: %w: name a file in a folder where you may write", err)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVarP(&out, "out", "o", "", "write the costs into `file`, which must not exist (default: standard output)")
	f.DurationVar(&each, "each", time.Second, "measure each cost for about this `long`")
	f.BoolVarP(&quiet, "quiet", "q", false, "do not say what is being measured")
	return c
}

// vacant says why no new file can be written at path; none is asked for by "".
func vacant(path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("--out %s: there is such a file: delete it, or name another", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--out: %w", err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("--out %s: there is no folder %s", path, filepath.Dir(path))
	}
	return nil
}
