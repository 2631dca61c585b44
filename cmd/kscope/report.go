package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// A reportCommand is `kscope report` with its flags.
type reportCommand struct {
	out     string
	formats []string
	quiet   bool
}

func newReport() *cobra.Command {
	var r reportCommand
	c := &cobra.Command{
		Use:   "report FOLDER...",
		Short: "Draw run folders again without running anything",
		Long: `Report reads a run folder whole, checks every run against its digest, and writes
the page, the plots and the tables again as this version of kscope draws them.
The results stay what they are.`,
		Example: `  kscope report kscope-out/latest
  kscope report kscope-out/latest --also png,pdf
  kscope report old --out drawn-again`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("which folder? name one or more run folders, as in: kscope report kscope-out/latest")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return r.run(c, args) },
	}
	f := c.Flags()
	f.StringVarP(&r.out, "out", "o", "", "write to `folder` and leave the one that is read as it is")
	f.StringSliceVar(&r.formats, "also", nil, "draw the plots in these `formats` too: png, pdf")
	f.BoolVarP(&r.quiet, "quiet", "q", false, "print nothing but errors")
	return c
}

func (r *reportCommand) run(c *cobra.Command, folders []string) error {
	if r.out != "" && len(folders) > 1 {
		return fmt.Errorf("--out: one folder is written, and %d are to be read: leave it out, or name one", len(folders))
	}
	for _, f := range r.formats {
		if !slices.Contains(reports.Formats(), f) {
			return fmt.Errorf("--also: %q is no format of plots: there are png and pdf, and svg is always there", f)
		}
	}
	for _, folder := range folders {
		if err := r.draw(c, folder); err != nil {
			return err
		}
	}
	return nil
}

// draw writes one folder again.
func (r *reportCommand) draw(c *cobra.Command, folder string) error {
	dir, err := filepath.EvalSymlinks(folder) // what a link points at is replaced, not the link
	if err != nil {
		return fmt.Errorf("%s: there is no such folder: name a run folder, as in: kscope report kscope-out/latest", folder)
	}
	set, err := recall(dir, folder)
	if err != nil {
		return err
	}
	files, err := reports.Files(set)
	if err != nil {
		return oursError{err}
	}
	more, err := reports.Also(set, r.formats)
	if err != nil {
		return oursError{err}
	}
	if r.out != "" {
		dir, folder = r.out, r.out
	}
	if dir, err = replaceable(dir); err != nil && r.out == "" {
		return fmt.Errorf("%w, with --out", err)
	} else if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := result.Write(dir, set, append(files, more...)...); err != nil {
		return oursError{err}
	}
	if r.quiet {
		return nil
	}
	color, width := terminal(c.OutOrStdout())
	return reports.Summary(c.OutOrStdout(), set, reports.Options{Color: color, Width: width, Dir: folder})
}

// recall reads a run folder, shown as from, with what its scenario says.
func recall(dir, from string) (*result.Set, error) {
	old, err := result.Recall(os.DirFS(dir), from)
	if err != nil {
		return nil, err
	}
	all, err := scenarios.Load(filepath.Join(from, "scenario.yaml"), old.Scenario, nil, old.Manifest.Variants...)
	if err != nil {
		return nil, err
	}
	set, _, err := rerun(dir, &old.Manifest, len(all)).blank(all)
	if err != nil {
		return nil, err
	}
	set.Scenario, set.Runs, set.Notes, set.Manifest = old.Scenario, old.Runs, old.Notes, old.Manifest
	return set, nil
}
