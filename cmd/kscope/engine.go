package main

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

// engines can play a scenario.
var engines = scenarios.Engine("").Names()

// checkEngine refuses what is no engine; none named leaves it to the scenario.
func checkEngine(name string) error {
	if name != "" && !slices.Contains(engines, name) {
		return fmt.Errorf("--engine: there is no engine %q: there are %s", name, strings.Join(engines, ", "))
	}
	return nil
}

func completeEngines(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return engines, cobra.ShellCompDirectiveNoFileComp
}

// A reply is what a worker has to say, on its standard output.
type reply struct {
	Run    *result.Run
	Broken *sim.Broken
	Error  string
}

// apart plays one job over real hosts, in a process of its own, since such a
// run can be repeated only by a process that does nothing else.
func (p *plan) apart(ctx context.Context, j job) (*result.Run, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, oursError{err}
	}
	records := p.records
	if j.again {
		records = recording{}
	}
	args := slices.Concat([]string{"worker"}, p.typed, records.flags())
	c := exec.CommandContext(ctx, self, append(args, "--variant", j.scenario.Variant, "--seed", fmt.Sprint(j.seed))...)
	c.Args[0] = os.Args[0] // a program that is several looks at its name
	c.Env = slices.Concat(os.Environ(), hosts.Environment(), []string{records.environment()})
	c.Stderr = os.Stderr
	var out bytes.Buffer
	c.Stdout = &out
	failed := c.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var r reply
	switch err := gob.NewDecoder(&out).Decode(&r); {
	case err != nil:
		return nil, oursError{fmt.Errorf("the process that played %s, seed %d, gave no result: %w", j.scenario.Variant, j.seed, errors.Join(failed, err))}
	case r.Broken != nil:
		return nil, r.Broken
	case r.Error != "":
		return nil, errors.New(r.Error)
	}
	return r.Run, nil
}

// newWorker is the command that apart starts.
func newWorker() *cobra.Command {
	var r runCommand
	c := &cobra.Command{
		Use:    "worker SCENARIO",
		Short:  "Play one run over real hosts for kscope run",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(c *cobra.Command, args []string) error { return r.work(c, args[0]) },
	}
	f := c.Flags()
	f.StringArrayVar(&r.sets, "set", nil, "lay `key=value` over the scenario")
	f.StringSliceVar(&r.variants, "variant", nil, "the `variant` to play")
	f.Func("seed", "the `seed`", r.addSeeds)
	f.StringVar(&r.records.pcap, "pcap", "", "write the packets to `file`")
	return c
}

// work plays one run and writes the reply.
func (r *runCommand) work(c *cobra.Command, arg string) error {
	var answer reply
	run, err := r.alone(c.Context(), arg)
	if answer.Run = run; err != nil && !errors.As(err, &answer.Broken) {
		answer.Error = err.Error()
	}
	return gob.NewEncoder(c.OutOrStdout()).Encode(&answer)
}

func (r *runCommand) alone(ctx context.Context, arg string) (*result.Run, error) {
	file, text, err := scenarios.Open(arg)
	if err != nil {
		return nil, err
	}
	all, err := scenarios.Load(file, text, r.sets, r.variants...)
	if err != nil {
		return nil, err
	}
	p, err := r.plan(all)
	if err != nil {
		return nil, err
	}
	j := p.jobs[0]
	hosts.Alone(j.seed)
	ladder := p.ladders[nameOf(j.scenario.Video)]
	if r.records.pcap == "" {
		return hosts.Run(ctx, j.scenario, ladder, j.seed)
	}
	to, err := os.Create(r.records.pcap)
	if err != nil {
		return nil, err
	}
	run, err := hosts.Record(ctx, j.scenario, ladder, j.seed, to)
	return run, errors.Join(err, to.Close())
}
