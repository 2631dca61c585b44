package scenarios

import (
	"fmt"
	"strings"

	"kinetoscope/protocol/ledger/contracts"
)

const artefactKey = "ledger.artefact"

// artefacts reads the contracts that the scenario names, found like its videos,
// so that a scenario that was loaded needs their files no more.
func artefacts(file string, st *stack[Scenario]) error {
	var found, quiet problems
	read := func(s *Scenario, where map[string]site, to *problems) {
		text, msg := artefactAt(file, s.Ledger.Artefact, where[artefactKey])
		if msg != "" {
			to.add(where[artefactKey].problem(artefactKey, msg))
		}
		s.Ledger.Artefact = text
	}
	read(&st.base, st.top, &quiet)
	for i := range st.variants {
		read(&st.variants[i], st.where[i], &found)
	}
	return found.err()
}

// artefactAt reads one contract and writes it on one line, or says what is wrong
// with it.
func artefactAt(file, name string, at site) (text, problem string) {
	if name == "" {
		return "", ""
	}
	of, found := "it", []byte(name)
	if !strings.HasPrefix(name, "{") {
		path, msg := locate(file, name, at)
		if msg != "" {
			return "", msg
		}
		var err error
		if found, err = readFile(path); err != nil {
			return "", fmt.Sprintf("the contract cannot be read: %v", err)
		}
		of = path
	}
	own, err := contracts.ReadOwn(found)
	if err != nil {
		return "", fmt.Sprintf("%s: %v", of, err)
	}
	return own.String(), ""
}
