package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kinetoscope/sim/sweep"
)

// A submitCommand hands a sweep to a scheduler.
type submitCommand struct {
	sweepCommand
	engine  string
	cluster sweep.Cluster
}

// sweepEngines can take a sweep; slurm submits it, the others print a template.
var sweepEngines = []string{"slurm", "kubernetes", "parallel"}

func newSweepSubmit() *cobra.Command {
	var r submitCommand
	c := &cobra.Command{
		Use:   "submit SCENARIO|PLAN",
		Short: "Hand a sweep to Slurm, or write a template for another scheduler",
		Long: `Submit plans a sweep and gives it to Slurm as a job array, with a job after it that
merges. A task that fails is started again by itself, up to three times; what was
lost all the same (a killed task, a node that died) is submitted again before
the merge, up to --rounds in all. The folder must be one that all nodes see.

For kubernetes and parallel (GNU) it prints a template to fill in.`,
		Example: `  kscope sweep submit loss.yaml --engine slurm --shards 40 --out loss --sbatch --time=2:00:00
  kscope sweep status loss
  kscope sweep submit loss.yaml --engine kubernetes --shards 40 > job.yaml`,
		Args: oneArgument("a scenario or a plan", "kscope sweep submit loss.yaml --engine slurm --shards 40"),
		RunE: func(c *cobra.Command, args []string) error { return r.submit(c, args[0]) },
	}
	f := c.Flags()
	f.StringArrayVar(&r.sets, "set", nil, "lay `key=value` over every point (repeatable)")
	f.StringVarP(&r.out, "out", "o", "", "keep runs and results in `folder` (default kscope-out/sweep-NAME)")
	f.StringVar(&r.engine, "engine", "slurm", "the `scheduler`: "+strings.Join(sweepEngines, ", "))
	f.IntVar(&r.cluster.Shards, "shards", 0, "divide the runs among so `many` tasks (default: one for 20 runs)")
	f.StringArrayVar(&r.cluster.Options, "sbatch", nil, "an `option` of sbatch for all jobs, as in --sbatch --mem=2G (repeatable)")
	f.IntVar(&r.cluster.Rounds, "rounds", 3, "submit what is missing up to so `many` times")
	f.IntVar(&r.cluster.Round, "round", 0, "which `time` this is, from 0")
	_ = f.MarkHidden("round")
	return c
}

func (r *submitCommand) submit(c *cobra.Command, arg string) error {
	if !slices.Contains(sweepEngines, r.engine) {
		return fmt.Errorf("--engine: there is no scheduler %q: there are %s", r.engine, strings.Join(sweepEngines, ", "))
	}
	s, err := r.prepare(arg)
	if err != nil {
		return err
	}
	if r.out == "" {
		r.out = filepath.Join(outFolder, "sweep-"+s.plan.Name)
	}
	if err := r.fill(s); err != nil {
		return err
	}
	switch r.engine {
	case "kubernetes":
		fmt.Fprint(c.OutOrStdout(), r.cluster.Kubernetes())
		return nil
	case "parallel":
		fmt.Fprint(c.OutOrStdout(), r.cluster.Parallel())
		return r.keepPlan(s.plan)
	}
	return r.toSlurm(c, s)
}

// fill completes what the cluster is told.
func (r *submitCommand) fill(s *swept) (err error) {
	k := &r.cluster
	if k.Shards == 0 {
		k.Shards = (len(s.plan.Tasks) + 19) / 20
	}
	if k.Shards < 1 || k.Shards > len(s.plan.Tasks) {
		return fmt.Errorf("--shards: %d shards of %s: allowed are 1 to %d", k.Shards, counted(len(s.plan.Tasks), "run"), len(s.plan.Tasks))
	}
	for _, o := range k.Options {
		if !strings.HasPrefix(o, "-") {
			return fmt.Errorf("--sbatch: %q is no option of sbatch: write it with its dashes, as in --sbatch --mem=2G", o)
		}
	}
	k.Name = "kscope-" + s.plan.Name
	if k.Dir, err = filepath.Abs(r.out); err == nil {
		k.Program, err = os.Executable()
	}
	if err != nil {
		return oursError{err}
	}
	return nil
}

// submitted is what was given to Slurm, as the folder of the sweep remembers
// it.
type submitted struct {
	Array string `json:"array"` // job IDs
	Merge string `json:"merge"`
	Round int    `json:"round"`
}

// toSlurm submits the shards that have missing runs, and a merge after them.
func (r *submitCommand) toSlurm(c *cobra.Command, s *swept) error {
	if _, err := exec.LookPath("sbatch"); err != nil {
		return errors.New("--engine slurm: there is no sbatch here: run it where jobs are submitted, or take kscope sweep run --shard")
	}
	if err := r.keepPlan(s.plan); err != nil {
		return err
	}
	logs := filepath.Join(r.out, "slurm")
	if err := os.MkdirAll(logs, 0o777); err != nil {
		return retryError{err}
	}
	missing := r.store().Missing(s.plan.Tasks)
	if len(missing) == 0 {
		fmt.Fprintf(c.OutOrStdout(), "nothing to submit: all %s are there; kscope sweep merge %s puts them together\n", counted(len(s.plan.Tasks), "run"), r.out)
		return nil
	}
	task, merge := filepath.Join(logs, "task.sh"), filepath.Join(logs, "merge.sh")
	if err := errors.Join(os.WriteFile(task, []byte(r.cluster.Task()), 0o777), os.WriteFile(merge, []byte(r.cluster.Merge()), 0o777)); err != nil {
		return retryError{err}
	}
	shards := sweep.Shards(missing, r.cluster.Shards)
	job := submitted{Round: r.cluster.Round}
	var err error
	if job.Array, err = sbatch(r.cluster.Array(task, shards)); err != nil {
		return err
	}
	if job.Merge, err = sbatch(r.cluster.After(merge, job.Array)); err != nil {
		return err
	}
	text, err := json.Marshal(job)
	if err == nil {
		err = os.WriteFile(filepath.Join(logs, "jobs.json"), append(text, '\n'), 0o666)
	}
	if err != nil {
		return retryError{err}
	}
	fmt.Fprintf(c.OutOrStdout(), "submitted %s in %s as job %s, and job %s to merge them; kscope sweep status %s says how far they are\n",
		counted(len(missing), "run"), counted(len(shards), "task"), job.Array, job.Merge, r.out)
	return nil
}

// sbatch submits a job and gives its ID.
func sbatch(args []string) (id string, err error) {
	out, err := exec.Command("sbatch", args...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("sbatch: %s", strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return "", oursError{err}
	}
	id, _, _ = strings.Cut(strings.TrimSpace(string(out)), ";") // a cluster's name may follow
	return id, nil
}

func newSweepStatus() *cobra.Command {
	return &cobra.Command{
		Use:     "status FOLDER",
		Short:   "Say how much of a sweep is there, and what Slurm does for it",
		Example: "  kscope sweep status loss",
		Args:    oneArgument("the folder of a sweep", "kscope sweep status loss"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := planOf(args[0])
			if err != nil {
				return err
			}
			r := sweepCommand{out: args[0]}
			missing := r.store().Missing(p.Tasks)
			fmt.Fprintf(c.OutOrStdout(), "%s: %d of %d runs are there\n", p.Name, len(p.Tasks)-len(missing), len(p.Tasks))
			job, err := jobsOf(args[0])
			if err != nil || job.Array == "" {
				return err
			}
			out, err := exec.Command("squeue", "--noheader", "--array", "--jobs="+job.Array+","+job.Merge, "--format=%T").Output()
			if err != nil { // squeue forgets jobs that are over, and then knows no such job
				out = nil
			}
			states := strings.Fields(string(out))
			for _, state := range slices.Compact(slices.Sorted(slices.Values(states))) {
				n := len(states) - len(slices.DeleteFunc(slices.Clone(states), func(s string) bool { return s == state }))
				fmt.Fprintf(c.OutOrStdout(), "  Slurm: %d %s\n", n, strings.ToLower(state))
			}
			if len(states) == 0 {
				fmt.Fprintf(c.OutOrStdout(), "  Slurm: jobs %s and %s are over, round %d\n", job.Array, job.Merge, job.Round)
			}
			return nil
		},
	}
}

func newSweepCancel() *cobra.Command {
	return &cobra.Command{
		Use:     "cancel FOLDER",
		Short:   "Take a sweep back from Slurm; what was played stays",
		Example: "  kscope sweep cancel loss",
		Args:    oneArgument("the folder of a sweep", "kscope sweep cancel loss"),
		RunE: func(c *cobra.Command, args []string) error {
			job, err := jobsOf(args[0])
			if err != nil {
				return err
			}
			if job.Array == "" {
				return fmt.Errorf("%s: it was not submitted to Slurm", args[0])
			}
			if out, err := exec.Command("scancel", job.Merge, job.Array).CombinedOutput(); err != nil {
				return fmt.Errorf("scancel: %s", strings.TrimSpace(string(out)))
			}
			fmt.Fprintf(c.OutOrStdout(), "took jobs %s and %s back\n", job.Array, job.Merge)
			return nil
		},
	}
}

// planOf reads the plan in the folder of a sweep, and no more.
func planOf(dir string) (*sweep.Plan, error) {
	f, err := os.Open(filepath.Join(dir, planName))
	if err != nil {
		return nil, fmt.Errorf("%s: it is no folder of a sweep: it has no %s", dir, planName)
	}
	defer f.Close()
	p, err := sweep.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return p, nil
}

// jobsOf is what was submitted last of a sweep, nothing if it never was.
func jobsOf(dir string) (job submitted, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "slurm", "jobs.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return job, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &job)
	}
	return job, err
}
