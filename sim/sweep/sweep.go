// Package sweep plans many runs, divides them among machines that know nothing
// of each other, keeps what each gave, and says what is missing.
//
// A run is known by its ID, a hash of everything that it depends on. What was
// run once is there for every later sweep into the same folder, a run that is
// made twice gives the same file, and no file has its name before it is whole.
// So tasks may be killed, repeated and resumed in any order: at least once, and
// with one result.
//
// What it leaves out: what a run is (package sim plays them) and who starts the
// tasks.
package sweep

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A Plan is a sweep taken apart into runs: enough for any machine with the same
// program to play its share.
type Plan struct {
	Head
	Tasks []Task // in the order of points, variants and seeds
}

// A Head is what all tasks of a plan share.
type Head struct {
	Plan     int      `json:"plan"`    // format: 1
	Program  string   `json:"program"` // what made the plan, and must play it
	Name     string   `json:"name"`    // of the scenario
	File     string   `json:"file"`    // what messages call its text
	Scenario string   `json:"scenario"`
	Sets     []string `json:"sets"` // laid over every point
}

// A Task is one run.
type Task struct {
	Index   int      `json:"index"` // in the plan, from 0
	Point   string   `json:"point"`
	Sets    []string `json:"sets"`
	Variant string   `json:"variant"`
	Seed    uint64   `json:"seed"`
	ID      string   `json:"id"`
}

// format is the version of the plan file.
const format = 1

// ID is the SHA-256 of the parts, each behind its length.
func ID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Write writes the plan as lines of JSON: the head, then one for each task.
func (p *Plan) Write(w io.Writer) error {
	p.Head.Plan = format
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	err := e.Encode(&p.Head)
	for i := range p.Tasks {
		err = errors.Join(err, e.Encode(&p.Tasks[i]))
	}
	return err
}

// Read reads what Write wrote. An error says in which line it is no plan.
func Read(r io.Reader) (*Plan, error) {
	const longest = 16 << 20 // the head has the whole scenario
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longest)
	p := &Plan{}
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			if err := strict(lines.Bytes(), &p.Head); err != nil || p.Head.Plan != format {
				return nil, fmt.Errorf("line 1: no plan of a sweep of format %d: kscope sweep plan writes one", format)
			}
			continue
		}
		var t Task
		if err := strict(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("line %d: no task: %w", n, err)
		}
		if raw, err := hex.DecodeString(t.ID); t.Index != len(p.Tasks) || err != nil || len(raw) != sha256.Size {
			return nil, fmt.Errorf("line %d: task %d with the ID %q where task %d is due", n, t.Index, t.ID, len(p.Tasks))
		}
		p.Tasks = append(p.Tasks, t)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", len(p.Tasks)+2, err)
	}
	if p.Head.Plan == 0 {
		return nil, errors.New("it is empty: kscope sweep plan writes a plan")
	}
	return p, nil
}

// strict reads one JSON value without unknown keys.
func strict(text []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// A Shard is one of so many equal parts of a plan, counted from 0.
type Shard struct{ Index, Of int }

// ParseShard reads "2/10".
func ParseShard(text string) (Shard, error) {
	index, of, ok := strings.Cut(text, "/")
	i, err := strconv.Atoi(index)
	n, err2 := strconv.Atoi(of)
	if !ok || err != nil || err2 != nil || n < 1 || i < 0 || i >= n {
		return Shard{}, fmt.Errorf("%q is no shard: write its number, from 0, and how many there are, as in 2/10", text)
	}
	return Shard{i, n}, nil
}

// Tasks is what falls to the shard: every Of-th, so that shards take about as
// long where neighbouring tasks do.
func (s Shard) Tasks(p *Plan) (tasks []Task) {
	for i := s.Index; i < len(p.Tasks); i += s.Of {
		tasks = append(tasks, p.Tasks[i])
	}
	return tasks
}

// Shards is which of so many shards have one of the tasks.
func Shards(tasks []Task, of int) (shards []int) {
	for _, t := range tasks {
		if s := t.Index % of; !slices.Contains(shards, s) {
			shards = append(shards, s)
		}
	}
	slices.Sort(shards)
	return shards
}

// Ranges writes numbers in order as Slurm's --array takes them: 0-3,7,9-12.
func Ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		k := i
		for k+1 < len(numbers) && numbers[k+1] == numbers[k]+1 {
			k++
		}
		part := strconv.Itoa(numbers[i])
		if k > i {
			part += "-" + strconv.Itoa(numbers[k])
		}
		parts = append(parts, part)
		i = k + 1
	}
	return strings.Join(parts, ",")
}
