package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/sim/audit"
)

func newAudit() *cobra.Command {
	var short, quiet bool
	var out string
	var operations int
	var seed uint64
	c := &cobra.Command{
		Use:   "audit",
		Short: "Attack the contracts",
		Long: `Audit attacks every contract on the real machine, and a broken twin of it, where
the attack has to succeed or it proves nothing. It tries who may call what in
which state, sends malformed calls, and runs random operations against a plain
model to the wei. Then it looks whether these alone would have found each twin
and each of hundreds of mutants, which a script makes of the sources by rule. It
ends with 1 if a contract falls, if a twin stands, or if too many are not found.`,
		Example: `  kscope audit --short
  kscope audit --out audit                            the page
  kscope audit --operations 1000000 --seed 7          for longer, and other ones`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			scale := audit.Full()
			if short {
				scale = audit.Short()
			}
			if c.Flags().Changed("operations") {
				if scale.Operations = operations; operations < 1 {
					return fmt.Errorf("--operations: %d is too few: give 1 or more", operations)
				}
			}
			tell := func(what string) {
				if !quiet {
					fmt.Fprintf(c.ErrOrStderr(), "kscope: trying %s\n", what)
				}
			}
			scale.Seed = seed
			a, err := audit.Run(c.Context(), scale, tell)
			if err != nil {
				return err
			}
			if err := save(out, reports.AuditFiles(a)); err != nil {
				return err
			}
			color, width := terminal(c.OutOrStdout())
			if err := reports.Audit(c.OutOrStdout(), a, reports.Options{Color: color, Width: width}); err != nil {
				return oursError{err}
			}
			if !a.Passed() {
				return errVerdict
			}
			return nil
		},
	}
	f := c.Flags()
	f.BoolVar(&short, "short", false, "everything, with fewer random operations")
	f.IntVar(&operations, "operations", audit.Full().Operations, "`how many` random operations")
	f.Uint64Var(&seed, "seed", 1, "of what is drawn: random operations, keys, the pieces that are asked for")
	f.BoolVarP(&quiet, "quiet", "q", false, "do not say what is being tried")
	f.StringVarP(&out, "out", "o", "", "write the page into `folder`")
	return c
}
