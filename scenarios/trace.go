package scenarios

import (
	"fmt"
	"io"
	"os"

	"kinetoscope/netem"
	"kinetoscope/protocol/ledger"
)

// traces reads the traces that the file names, found like its videos, so that
// a scenario that was loaded needs them no more.
func traces(file string, st *stack[Scenario]) error {
	var found, quiet problems
	fill(file, &st.base, st.top, &quiet) // nobody plays the top: what it lacks is no problem
	for i := range st.variants {
		fill(file, &st.variants[i], st.where[i], &found)
	}
	return found.err()
}

// fill replaces the name of each trace, and of the series of fees, by its steps.
func fill(file string, s *Scenario, where map[string]site, found *problems) {
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
