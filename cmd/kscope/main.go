// Kscope runs scenarios of video tokenization protocols and reports what they
// gave: quality of experience, redundancy and cost, with intervals.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"kinetoscope/scenarios"
	"kinetoscope/sim/sweep"
)

// Exit codes. docs/reference/exit-codes.md explains them.
const (
	exitPass        = 0
	exitVerdict     = 1  // a threshold was missed or a claim refuted
	exitInput       = 2  // bad scenario, flag or data
	exitOurs        = 3  // a bug of ours, or the machine failed us
	exitIncomplete  = 4  // runs of a sweep are missing
	exitRetry       = 75 // the machine failed, and may not the next time
	exitInterrupted = 130
)

// Errors of which the output has said all there is to say.
var (
	errVerdict = errors.New("verdict failed")     // everything ran, and the answer is no
	errInvalid = errors.New("scenario not valid") // scenarios check --json has printed why
)

// An oursError is a failure that the user cannot mend by changing the input.
type oursError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(kscope(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// kscope is the program: it runs one command line and returns the exit code.
func kscope(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "kscope: internal error: %v\nThis is a bug in kscope, not in your input. The command was: kscope %q\n", p, args)
			code = exitOurs
		}
	}()
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	code = exitCode(err)
	switch {
	case errors.As(err, new(interrupted)):
		fmt.Fprintf(stderr, "kscope: %v\n", err)
	case code == exitInterrupted:
		fmt.Fprintln(stderr, "kscope: interrupted; nothing was written")
	case err != nil && !errors.Is(err, errVerdict) && !errors.Is(err, errInvalid):
		fmt.Fprintf(stderr, "kscope: %v\n", err)
	}
	return code
}

func exitCode(err error) int {
	var ours oursError
	var missing *sweep.Incomplete
	switch {
	case err == nil:
		return exitPass
	case errors.Is(err, errVerdict):
		return exitVerdict
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &missing):
		return exitIncomplete
	case errors.As(err, new(retryError)):
		return exitRetry
	case errors.As(err, &ours):
		return exitOurs
	}
	return exitInput
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "kscope",
		Short: "Simulate and compare video tokenization protocols: quality, redundancy and cost in one run",
		Long: `Kscope plays a scenario: real video becomes signed tokens, storage providers,
edges and viewers pass them on over an emulated network, and viewers pay. It
compares the variants of the scenario on the same seeds and says whether the
scenario's thresholds and claim hold.

Exit codes: 0 pass, 1 threshold missed or claim refuted, 2 bad scenario, flag
or data, 3 our fault, 4 runs of a sweep are missing, 75 try again, 130 interrupted.`,
		Example: `  kscope run flash-crowd                 run a built-in scenario
  kscope run my.yaml --set seeds=20      run your own, with more seeds
  kscope scenarios                       list what is built in
  kscope tokenize film.mp4               see what the tokenizer makes of a file`,
		Args:          noArgument,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w\nSee '%s --help'", inWords(err), c.CommandPath())
	})
	root.AddCommand(newRun(), newSweep(), newReport(), newWatch(), newTrace(), newVerify(), newCompare(), newBaseline(), newValidate(), newAudit(), newCalibrate(), newScenarios(), newDatasets(), newReplay(), newTokenize(), newVersion(), newWorker())
	root.Version = version().String()
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "print the version of kscope and of what it runs on")
	root.InitDefaultCompletionCmd("completion")
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args, c.RunE = noArgument, root.RunE
		case "help":
			c.RunE = helpOn
		}
	}
	return root
}

// helpOn prints the help of the command that the arguments name.
func helpOn(c *cobra.Command, args []string) error {
	on, rest, err := c.Root().Find(args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0 && on.HasAvailableSubCommands():
		return noArgument(on, rest)
	case len(rest) > 0:
		return fmt.Errorf("%s has no commands, so there is no help on %q\nSee '%s --help'", on.CommandPath(), rest[0], on.CommandPath())
	}
	on.InitDefaultHelpFlag()
	return on.Help()
}

// noArgument accepts nothing and lists the commands that there are.
func noArgument(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("%s takes no argument, not %q", c.CommandPath(), args[0])
	}
	return fmt.Errorf("unknown command %q: %s has %s\nSee '%s --help'", args[0], c.CommandPath(), strings.Join(names, ", "), c.CommandPath())
}

// completeScenarios offers the built-in scenarios, then files.
func completeScenarios(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.Names(), cobra.ShellCompDirectiveDefault
}
