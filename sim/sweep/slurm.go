package sweep

import (
	"fmt"
	"strings"
)

// A Cluster says how a sweep is handed to a scheduler.
type Cluster struct {
	Program string   // path of kscope, the same on every machine
	Dir     string   // folder of the sweep, seen by every machine
	Name    string   // of the jobs
	Shards  int      // tasks of the whole sweep
	Round   int      // how often the sweep was submitted before this
	Rounds  int      // how often it may be
	Options []string // for every job, as after sbatch: --time=2:00:00
}

// retries is how often a task tries again by itself.
const retries = 3

// Task is the script of one element of a Slurm job array: it plays its shard,
// and has Slurm start it again where that may help.
func (c *Cluster) Task() string {
	var b strings.Builder
	fmt.Fprintf(&b, `#!/bin/sh
# One shard of a sweep, as an element of a Slurm job array.
%s sweep run %s --shard "$SLURM_ARRAY_TASK_ID/%d" --out %s --workers "${SLURM_CPUS_PER_TASK:-1}" --quiet
code=$?
case $code in
0 | 2) ;; # done; or bad input, which trying again does not mend
*)
	echo "ended with $code, attempt ${SLURM_RESTART_COUNT:-0} of %d"
	if [ "${SLURM_RESTART_COUNT:-0}" -lt %d ]; then
		scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60 # until Slurm takes it away
	fi ;;
esac
exit $code
`, Quote(c.Program), Quote(c.Dir+"/plan.jsonl"), c.Shards, Quote(c.Dir), retries, retries)
	return b.String()
}

// Merge is the script of the job that follows the array: it merges, or submits
// what was lost once more.
func (c *Cluster) Merge() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\n# What follows the job array of a sweep.\n%s sweep merge %s --shards %d\ncode=$?\n", Quote(c.Program), Quote(c.Dir), c.Shards)
	if c.Round+1 < c.Rounds {
		fmt.Fprintf(&b, "if [ $code = 4 ]; then\n\texec %s sweep submit %s --engine slurm --out %s --shards %d --round %d --rounds %d%s\nfi\n",
			Quote(c.Program), Quote(c.Dir+"/plan.jsonl"), Quote(c.Dir), c.Shards, c.Round+1, c.Rounds, c.passed())
	}
	b.WriteString("exit $code\n")
	return b.String()
}

// Array is the arguments of sbatch that submit Task for some of the shards.
func (c *Cluster) Array(script string, shards []int) []string {
	return append(c.common(c.Name, "%A_%a"), "--requeue", "--array="+Ranges(shards), script)
}

// After is the arguments of sbatch that submit Merge when a job is over,
// however it ended.
func (c *Cluster) After(script, job string) []string {
	return append(c.common(c.Name+"-merge", "%A-merge"), "--dependency=afterany:"+job, script)
}

// common is what both jobs are told. Slurm reads percent signs in the path of a
// log.
func (c *Cluster) common(name, log string) []string {
	args := []string{"--parsable", "--job-name=" + name, "--output=" + strings.ReplaceAll(c.Dir, "%", "%%") + "/slurm/" + log + ".log"}
	return append(args, c.Options...)
}

// passed is the options as flags of kscope.
func (c *Cluster) passed() string {
	var b strings.Builder
	for _, o := range c.Options {
		b.WriteString(" --sbatch " + Quote(o))
	}
	return b.String()
}

// Kubernetes is a manifest of an indexed job for the sweep. It is a template:
// image, volume and limits are the user's.
func (c *Cluster) Kubernetes() string {
	return fmt.Sprintf(`# A template, written by kscope and not run on a cluster by it. Put in the image with kscope
# (the same program that planned the sweep) and the claim of a volume that all pods share, with plan.jsonl
# in it. A shard that ends with 2 is not tried again: its input is wrong.
apiVersion: batch/v1
kind: Job
metadata:
  name: %[1]s
spec:
  completionMode: Indexed
  completions: %[2]d
  parallelism: %[2]d
  backoffLimitPerIndex: %[3]d
  podFailurePolicy:
    rules:
      - action: FailIndex
        onExitCodes: {containerName: kscope, operator: In, values: [2]}
      - action: Ignore
        onPodConditions: [{type: DisruptionTarget, status: "True"}]
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: kscope
          image: IMAGE
          command: ["sh", "-c", 'exec kscope sweep run /sweep/plan.jsonl --shard "$JOB_COMPLETION_INDEX/%[2]d" --out /sweep --quiet']
          resources: {requests: {cpu: "1", memory: 1Gi}}
          volumeMounts: [{name: sweep, mountPath: /sweep}]
      volumes:
        - name: sweep
          persistentVolumeClaim: {claimName: CLAIM}
`, c.Name, c.Shards, retries)
}

// Parallel is a command for GNU parallel that plays the sweep on machines with
// a shared folder. It is a template: the machines are the user's.
func (c *Cluster) Parallel() string {
	return fmt.Sprintf(`# A template, written by kscope and not run on more than one machine by it. Put in the machines after -S.
seq 0 %d | parallel -S : -j 1 --retries %d --joblog %s %s sweep run %s --shard {}/%d --out %s --quiet
%s sweep merge %s --shards %d
`, c.Shards-1, retries, Quote(c.Dir+"/parallel.log"), Quote(c.Program), Quote(c.Dir+"/plan.jsonl"), c.Shards, Quote(c.Dir),
		Quote(c.Program), Quote(c.Dir), c.Shards)
}

// Quote makes one word of a shell of any text.
func Quote(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
