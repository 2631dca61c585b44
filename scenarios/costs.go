package scenarios

import (
	"fmt"
	"reflect"

	"kinetoscope/protocol"
)

// A costsFile is what kscope calibrate writes.
type costsFile struct {
	CPU protocol.Costs `yaml:"cpu"`
}

// ReadCosts reads a file of measured costs; what it leaves out is at its
// default. file is what messages call the text. The error is an *Error.
func ReadCosts(file string, text []byte) (protocol.Costs, error) {
	def := func() costsFile { return costsFile{protocol.DefaultCosts()} }
	fine := func(*costsFile, []string) error { return nil }
	st, err := layers(file, text, nil, def, fine)
	if err == nil && st.base.CPU.File != "" {
		err = plain(file, "cpu.file: a file of costs does not name another: write the costs out")
	}
	return st.base.CPU, err
}

// costs reads the files of costs that the scenario names, found like its
// videos, so that a scenario that was loaded needs them no more.
func costs(file string, st *stack[Scenario]) error {
	var found, quiet problems
	adopt(file, &st.base, st.top, &quiet) // nobody plays the top: what it lacks is no problem
	for i := range st.variants {
		adopt(file, &st.variants[i], st.where[i], &found)
	}
	return found.err()
}

const costsKey = "cpu.file"

// adopt replaces the name of a file by its costs, but for those that the
// scenario itself states.
func adopt(file string, s *Scenario, where map[string]site, found *problems) {
	name := s.CPU.File
	if name == "" {
		return
	}
	read, msg := costsAt(file, name, where[costsKey])
	if msg != "" {
		found.add(where[costsKey].problem(costsKey, msg))
		return
	}
	to, from := reflect.ValueOf(&s.CPU).Elem(), reflect.ValueOf(read)
	for _, f := range fieldsOf(to.Type()) {
		if _, stated := where[join("cpu", f.name)]; !stated || f.name == "file" {
			to.Field(f.index).Set(from.Field(f.index))
		}
	}
}

// costsAt reads one file, or says what is wrong with it.
func costsAt(file, path string, at site) (protocol.Costs, string) {
	path, msg := locate(file, path, at)
	if msg != "" {
		return protocol.Costs{}, msg
	}
	text, err := readFile(path)
	if err != nil {
		return protocol.Costs{}, fmt.Sprintf("the costs cannot be read: %v", err)
	}
	c, err := ReadCosts(path, text)
	if err != nil {
		return c, err.Error()
	}
	return c, ""
}
