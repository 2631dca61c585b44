package sweep

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func cluster() *Cluster {
	return &Cluster{Program: "/opt/it's here/kscope", Dir: "/data/50% loss", Name: "kscope-loss", Shards: 4, Rounds: 2, Options: []string{"--mem=2G", "--comment=a b"}}
}

func TestScriptsAreOfAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err) // there is no Slurm without one
	}
	c := cluster()
	again := *c
	again.Round = 1
	for name, script := range map[string]string{"task": c.Task(), "merge": c.Merge(), "last merge": again.Merge(), "parallel": c.Parallel()} {
		check := exec.Command(sh, "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s\n%s", name, err, out, script)
		}
	}
	if !strings.Contains(c.Merge(), `--round 1 --rounds 2 --sbatch --mem=2G --sbatch '--comment=a b'`) || strings.Contains(again.Merge(), "submit") {
		t.Errorf("the first merge submits again, the last does not:\n%s\n%s", c.Merge(), again.Merge())
	}
}

// A stand-in for kscope ends with a code, one for scontrol says what it was
// asked.
func TestTaskTriesAgain(t *testing.T) {
	for _, c := range []struct {
		code, restarts string
		want           string
	}{
		{"0", "0", ""},
		{"2", "0", ""},
		{"75", "0", "requeue 9_3"},
		{"137", "2", "requeue 9_3"},
		{"137", "3", ""},
	} {
		k := cluster()
		k.Program = "program"
		script := "program() { echo \"$*\" | grep -q -- '--shard 3/4' || exit 9; return " + c.code + "; }\nscontrol() { echo \"$*\"; }\nsleep() { :; }\n" + k.Task()
		sh := exec.Command("sh")
		sh.Stdin = strings.NewReader(script)
		sh.Env = []string{"SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_JOB_ID=9", "SLURM_RESTART_COUNT=" + c.restarts, "PATH=/usr/bin:/bin"}
		out, _ := sh.Output()
		if got := strings.Contains(string(out), "requeue"); got != (c.want != "") || !strings.Contains(string(out), c.want) {
			t.Errorf("code %s after %s restarts: %q, want %q", c.code, c.restarts, out, c.want)
		}
		if code := sh.ProcessState.ExitCode(); c.code != "0" && code == 0 || c.code == "0" && code != 0 {
			t.Errorf("code %s: the script ends with %d", c.code, code)
		}
	}
}

func TestArguments(t *testing.T) {
	c := cluster()
	want := []string{"--parsable", "--job-name=kscope-loss", "--output=/data/50%% loss/slurm/%A_%a.log", "--mem=2G", "--comment=a b", "--requeue", "--array=0-1,3", "task.sh"}
	if got := c.Array("task.sh", []int{0, 1, 3}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := c.After("merge.sh", "12"); !slices.Contains(got, "--dependency=afterany:12") {
		t.Errorf("%q", got)
	}
}

func TestQuote(t *testing.T) {
	for _, text := range []string{"", "plain", "a b", "it's", `"$x" \`, "ä", "-n", "a;b"} {
		out, err := exec.Command("sh", "-c", "printf %s "+Quote(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("%q comes out as %q: %v", text, out, err)
		}
	}
}
