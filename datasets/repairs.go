package datasets

import (
	"fmt"
	"strconv"
	"strings"
)

// Repairs says what became of the rows of a set. Always
// Rows = Kept + Repaired + Dropped. A row that several rules met counts once,
// for the gravest.
type Repairs struct {
	Rows     int64   `json:"rows"` // read: lines, cells, objects or segments, as the format says
	Kept     int64   `json:"kept"` // as they were
	Repaired int64   `json:"repaired"`
	Dropped  int64   `json:"dropped"`
	Tallies  []Tally `json:"rules"` // of the rules that were met, in the order of Rules
}

// A Tally is how often a rule was met.
type Tally struct {
	Rule  string   `json:"rule"`
	Act   Act      `json:"act"`
	Count int64    `json:"count"`
	First []string `json:"first"` // the first places, at most three: file:line
}

// firstPlaces is how many places a tally keeps.
const firstPlaces = 3

// Count is how often a rule was met.
func (r *Repairs) Count(rule string) int64 {
	for i := range r.Tallies {
		if r.Tallies[i].Rule == rule {
			return r.Tallies[i].Count
		}
	}
	return 0
}

// String is the line of a report: how many rows were repaired and dropped, and
// by which rules.
func (r *Repairs) String() string {
	var b strings.Builder
	rows := "rows"
	if r.Rows == 1 {
		rows = "row"
	}
	switch {
	case r.Repaired == 0 && r.Dropped == 0:
		fmt.Fprintf(&b, "%s %s, all kept as read", Grouped(r.Rows), rows)
	case r.Dropped == 0:
		fmt.Fprintf(&b, "%s of %s %s repaired", Grouped(r.Repaired), Grouped(r.Rows), rows)
	default:
		fmt.Fprintf(&b, "%s of %s %s repaired, %s dropped", Grouped(r.Repaired), Grouped(r.Rows), rows, Grouped(r.Dropped))
	}
	for i := range r.Tallies {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s %s", sep, r.Tallies[i].Rule, Grouped(r.Tallies[i].Count))
	}
	return b.String()
}

// Grouped writes n with commas between thousands.
func Grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// A journal is the account of a set while it is read.
type journal struct {
	strict bool
	err    error // the first refusal, when reading is strict
	rows   int64 // read
	states [3]int64
	counts [rules]int64
	first  [rules][]string
}

// A state is what has become of one row so far.
type state uint8

const (
	isKept state = iota
	isRepaired
	isDropped
)

// note counts a rule at a place and returns what it does to a row. Places are
// only worded where they are kept.
func (j *journal) note(d dirt, where func() string) state { return j.notes(d, 1, where) }

// notes counts a rule n times.
func (j *journal) notes(d dirt, n int64, where func() string) state {
	if n == 0 {
		return isKept
	}
	j.counts[d] += n
	if len(j.first[d]) < firstPlaces {
		j.first[d] = append(j.first[d], where())
	}
	act := ruleTable[d].Act
	if j.strict && act != Noted && j.err == nil {
		j.err = d.refusal(where())
	}
	switch act {
	case Repaired:
		return isRepaired
	case Dropped:
		return isDropped
	}
	return isKept
}

// settle says what became of n rows in the end.
func (j *journal) settle(s state, n int64) { j.states[s] += n }

// repairs is the account. It panics if rows are missing in it, which is a bug
// of a reader.
func (j *journal) repairs() Repairs {
	r := Repairs{Rows: j.rows, Kept: j.states[isKept], Repaired: j.states[isRepaired], Dropped: j.states[isDropped]}
	if r.Rows != r.Kept+r.Repaired+r.Dropped {
		panic(fmt.Sprintf("datasets: %d rows read, but %d kept + %d repaired + %d dropped", r.Rows, r.Kept, r.Repaired, r.Dropped))
	}
	for d := range rules {
		if j.counts[d] > 0 {
			r.Tallies = append(r.Tallies, Tally{ruleTable[d].Name, ruleTable[d].Act, j.counts[d], j.first[d]})
		}
	}
	return r
}

// drop counts a rule that drops and settles the row.
func (j *journal) drop(d dirt, where func() string) {
	j.note(d, where)
	j.settle(isDropped, 1)
}
