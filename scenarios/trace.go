package scenarios

import (
	"fmt"
	"io"
	"os"
	"strings"

	"kinetoscope/netem"
	"kinetoscope/protocol/ledger"
	"kinetoscope/sim/law"
)

// traces reads the traces and the data sets that the file names, found like its
// videos, so that a scenario that was loaded needs them no more.
func traces(file string, st *stack[Scenario]) error {
	var found, quiet problems
	in := inputs{}
	fill(file, &st.base, st.top, in, &quiet) // nobody plays the top: what it lacks is no problem
	for i := range st.variants {
		fill(file, &st.variants[i], st.where[i], in, &found)
	}
	return found.err()
}

// fill replaces the name of each trace, of the series of fees, and of each data
// set by what it holds.
func fill(file string, s *Scenario, where map[string]site, in inputs, found *problems) {
	for i := range s.Network.Classes {
		t := &s.Network.Classes[i].Trace
		if t.File == "" {
			continue
		}
		key := fmt.Sprintf("network.classes.%d.trace.file", i)
		steps, msg := readSteps(file, t.File, "trace", key, where, netem.ParseTrace)
		if msg != "" {
			found.add(where[key].problem(key, msg))
			continue
		}
		t.File, t.Steps = "", steps
	}
	if f := &s.Ledger.Fees; f.File != "" {
		const key = "ledger.fees.file"
		steps, msg := readSteps(file, f.File, "series", key, where, ledger.ParseSeries)
		if msg != "" {
			found.add(where[key].problem(key, msg))
			return
		}
		f.File, f.Steps = "", steps
	}
	for _, n := range s.needs() {
		if *n.name == "" {
			continue
		}
		x, msg := in.get(file, *n.name, where[n.key])
		left, err := "", error(nil)
		if msg == "" {
			if left, err = n.take(x); err != nil {
				msg = err.Error()
			}
		}
		if msg != "" {
			found.add(where[n.key].problem(n.key, msg))
			continue
		}
		*n.name = ""
		s.Inputs = append(s.Inputs, strings.TrimSuffix(n.key, ".dataset")+": "+x.says+left)
	}
}

// A need is one key that may name a data set.
type need struct {
	key  string
	name *string
	take func(x *input) (left string, err error)
}

// needs lists every key that may name a data set.
func (s *Scenario) needs() []need {
	list := []need{
		{"video.dataset", &s.Video.Dataset, func(x *input) (left string, err error) {
			s.Video.Rates, s.Video.Pattern, left, err = x.pattern()
			return left, err
		}},
		{"population.dataset", &s.Population.Dataset, func(x *input) (left string, err error) {
			s.Population.Trace, left, err = x.waves()
			return left, err
		}},
		{"network.latency.dataset", &s.Network.Latency.Dataset, func(x *input) (left string, err error) {
			s.Network.Latency.Places, left, err = x.places()
			return left, err
		}},
		{"ledger.fees.dataset", &s.Ledger.Fees.Dataset, func(x *input) (left string, err error) {
			s.Ledger.Fees.Steps, left, err = x.fees()
			return left, err
		}},
	}
	for _, l := range []struct {
		key string
		law *law.Config
	}{{"population.session", &s.Population.Session}, {"population.off", &s.Population.Off}, {"population.gaps", &s.Population.Gaps},
		{"habits.endures", &s.Habits.Endures}, {"habits.pause", &s.Habits.Pause}, {"habits.seeks", &s.Habits.Seeks}, {"habits.zaps", &s.Habits.Zaps},
		{"archive.life", &s.Archive.Life}, {"archive.up", &s.Archive.Up}, {"archive.away", &s.Archive.Away}} {
		list = append(list, need{l.key + ".dataset", &l.law.Dataset, func(x *input) (left string, err error) {
			l.law.Law = law.Table
			l.law.Quantiles, left, err = x.times()
			return left, err
		}})
	}
	for i := range s.Network.Classes {
		t := &s.Network.Classes[i].Trace
		list = append(list, need{fmt.Sprintf("network.classes.%d.trace.dataset", i), &t.Dataset, func(x *input) (left string, err error) {
			t.Steps, left, err = x.steps()
			return left, err
		}})
	}
	return list
}

// readSteps reads one file, or says what is wrong with it.
func readSteps[T any](file, path, what, key string, where map[string]site, parse func([]byte) ([]T, error)) ([]T, string) {
	path, msg := locate(file, path, where[key])
	if msg != "" {
		return nil, msg
	}
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Sprintf("the %s cannot be read: %v", what, err)
	}
	steps, err := parse(text)
	if err != nil {
		return nil, fmt.Sprintf("%s: %v", path, err)
	}
	return steps, ""
}

// readFile reads a file that a scenario names, as much of it as one may have.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBytes))
}
