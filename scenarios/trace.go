package scenarios

import (
	"fmt"
	"io"
	"os"

	"kinetoscope/netem"
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

// fill replaces the name of each trace by its steps.
func fill(file string, s *Scenario, where map[string]site, found *problems) {
	for i := range s.Network.Classes {
		t := &s.Network.Classes[i].Trace
		if t.File == "" {
			continue
		}
		key := fmt.Sprintf("network.classes.%d.trace.file", i)
		steps, msg := readTrace(file, t.File, key, where)
		if msg != "" {
			found.add(where[key].problem(key, msg))
			continue
		}
		t.File, t.Steps = "", steps
	}
}

// readTrace reads one file, or says what is wrong with it.
func readTrace(file, path, key string, where map[string]site) ([]netem.Step, string) {
	path, msg := locate(file, path, where[key])
	if msg != "" {
		return nil, msg
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Sprintf("the trace cannot be read: %v", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxBytes))
	if err != nil {
		return nil, fmt.Sprintf("the trace cannot be read: %v", err)
	}
	steps, err := netem.ParseTrace(text)
	if err != nil {
		return nil, fmt.Sprintf("%s: %v", path, err)
	}
	return steps, ""
}
