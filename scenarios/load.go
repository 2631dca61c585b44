package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"kinetoscope/internal/unit"
)

//go:embed library/*.yaml
var library embed.FS

// Load reads a scenario file and gives one Scenario for each of its variants,
// in the order of the file; a file without variants has one named base. sets
// are key.path=value, laid over the file and its variants in their order;
// variants.NAME.key.path=value concerns one variant. file is what messages
// call the text. Where played names variants, what is wrong with the others as
// a whole is not asked, since nobody plays them; a name that is none of the
// file's is the caller's to refuse. The error is an *Error.
func Load(file string, text []byte, sets []string, played ...string) ([]Scenario, error) {
	fresh := func() Scenario {
		s := Default()
		s.Name = stem(file)
		return s
	}
	st, err := layers(file, text, sets, fresh, (*Scenario).among, played...)
	if err != nil {
		return nil, err
	}
	if err := videos(file, &st); err != nil {
		return nil, err
	}
	if err := traces(file, &st); err != nil {
		return nil, err
	}
	if err := costs(file, &st); err != nil {
		return nil, err
	}
	if err := prices(file, &st); err != nil {
		return nil, err
	}
	if err := artefacts(file, &st); err != nil {
		return nil, err
	}
	st.base.defaultBaseline(st.names)
	for i, name := range st.names {
		s := &st.variants[i]
		s.Variant, s.top = name, &st.base
		s.defaultBaseline(st.names)
	}
	return st.variants, nil
}

// among checks what a scenario says of the variants of its file.
func (s *Scenario) among(names []string) error {
	var errs []error
	if s.Baseline != "" && !slices.Contains(names, s.Baseline) {
		errs = append(errs, unit.Bad("baseline", fmt.Sprintf("%s is not a variant: %s",
			clip(s.Baseline), allowed(nearest(s.Baseline, names), names))))
	}
	_, _, err := s.Assertions(names)
	return errors.Join(append(errs, err)...)
}

func (s *Scenario) defaultBaseline(names []string) {
	if s.Baseline == "" {
		s.Baseline = names[0]
	}
}

// stem is the name of a file without folder and extension.
func stem(file string) string {
	base := path.Base(filepath.ToSlash(file))
	return strings.TrimSuffix(base, path.Ext(base))
}

// Names lists the built-in scenarios in alphabetical order.
func Names() []string {
	entries, err := library.ReadDir("library")
	if err != nil {
		panic(fmt.Sprintf("scenarios: the built-in library cannot be read: %v", err))
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = stem(e.Name())
	}
	return names
}

// Builtin is the text of a built-in scenario, and whether there is one of that
// name.
func Builtin(name string) ([]byte, bool) {
	if !isName(name) {
		return nil, false
	}
	text, err := library.ReadFile("library/" + name + ".yaml")
	return text, err == nil
}

// Open finds the scenario that a command line names: a built-in one, else a
// file. It gives what messages call it, and its text. The error is an *Error
// that lists the built-in scenarios.
func Open(arg string) (file string, text []byte, err error) {
	if text, ok := Builtin(arg); ok {
		return "builtin/" + arg + ".yaml", text, nil
	}
	names := Names()
	f, err := os.Open(arg)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, plain(arg, "neither a file nor a built-in scenario: %s", allowed(nearest(stem(arg), names), names))
	}
	if err != nil {
		return "", nil, plain(arg, "%v", err)
	}
	defer f.Close()
	text, err = io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return "", nil, plain(arg, "this is not a file that can be read: %v", err)
	}
	return arg, text, nil
}
