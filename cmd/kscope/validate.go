package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/sim/result"
	"kinetoscope/sim/validate"
)

func newValidate() *cobra.Command {
	var short, quiet bool
	var out string
	var only []string
	c := &cobra.Command{
		Use:   "validate",
		Short: "Put the harness itself to the test",
		Long: `Validate measures what the emulated networks do against what they are told to
do, solves textbook cases and another simulator's examples, holds the model of
transfers against real libp2p hosts, and plays whole scenarios on both engines.
It prints what is not as it should be, and ends with 1 if anything is not.`,
		Example: `  kscope validate --short
  kscope validate --out validation                    the page and its plot`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			scale := validate.Full()
			if short {
				scale = validate.Short()
			}
			if only != nil {
				for _, name := range only {
					if !slices.Contains(validate.Names(), name) {
						return fmt.Errorf("--only: there is no %q: name some of %s", name, strings.Join(validate.Names(), ", "))
					}
				}
				scale = scale.Only(only)
			}
			tell := func(what string) {
				if !quiet {
					fmt.Fprintf(c.ErrOrStderr(), "kscope: measuring %s\n", what)
				}
			}
			v, err := validate.Run(c.Context(), scale, tell)
			if err != nil {
				return err
			}
			if err := save(out, reports.ValidationFiles(v)); err != nil {
				return err
			}
			color, width := terminal(c.OutOrStdout())
			if err := reports.Validation(c.OutOrStdout(), v, reports.Options{Color: color, Width: width}); err != nil {
				return oursError{err}
			}
			if !v.Passed() {
				return errVerdict
			}
			return nil
		},
	}
	f := c.Flags()
	f.BoolVar(&short, "short", false, "a sample of everything, in half a minute instead of six")
	f.StringSliceVar(&only, "only", nil, "only these `parts`: "+strings.Join(validate.Names(), ", "))
	f.BoolVarP(&quiet, "quiet", "q", false, "do not say what is being measured")
	f.StringVarP(&out, "out", "o", "", "write the page and its plot into `folder`")
	return c
}

// save writes files into a folder, which it makes; no folder is no file.
func save(dir string, files []result.File) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("--out: %w: name a folder where you may write", err)
	}
	for _, f := range files {
		var text bytes.Buffer
		if err := f.Write(&text); err != nil {
			return oursError{err}
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), text.Bytes(), 0o666); err != nil {
			return fmt.Errorf("--out: %w: name a folder where you may write", err)
		}
	}
	return nil
}
