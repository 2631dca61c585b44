package contracts

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the reference anew")

// A userdoc is what the compiler took from the comments of a source.
type userdoc struct {
	Notice  string
	Methods map[string]struct{ Notice string }
	Errors  map[string][]struct{ Notice string }
	Events  map[string]struct{ Notice string }
}

// The reference has every function, error and event of every contract, with
// what its source says of it. What has no such sentence comes from OpenZeppelin.
func TestReference(t *testing.T) {
	const page = "../../../docs/reference/interfaces.md"
	want := reference(t)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || string(got) != want {
		t.Errorf("%s is not what the contracts say (%v): run go test ./protocol/ledger/contracts -update", page, err)
	}
}

func reference(t *testing.T) string {
	var out strings.Builder
	out.WriteString("# Functions, errors and events of the contracts\n\nGenerated from the sources in `protocol/ledger/contracts/src`." +
		" [What the contracts are for](contracts.md), [what they cost](gas.md).\n")
	for _, name := range Names() {
		text, err := artefacts.ReadFile("build/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Userdoc userdoc }
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		u := doc.Userdoc
		fmt.Fprintf(&out, "\n## %s\n\n%s\n", name, plain(u.Notice))
		rows := map[string]string{}
		for sig, x := range u.Methods {
			rows[sig] = x.Notice
		}
		table(&out, "function", rows)
		clear(rows)
		for sig, x := range u.Errors {
			rows[sig] = x[0].Notice
		}
		table(&out, "error", rows)
		clear(rows)
		for sig, x := range u.Events {
			rows[sig] = x.Notice
		}
		table(&out, "event", rows)
	}
	return out.String()
}

func table(out *strings.Builder, kind string, rows map[string]string) {
	fmt.Fprintf(out, "\n| %s | |\n|---|---|\n", kind)
	for _, sig := range slices.Sorted(maps.Keys(rows)) {
		if rows[sig] != "" && sig != "constructor" {
			fmt.Fprintf(out, "| `%s` | %s |\n", sig, plain(rows[sig]))
		}
	}
}

// plain turns the references of NatSpec into Markdown.
func plain(notice string) string {
	return strings.NewReplacer("{", "`", "}", "`", "|", "\\|").Replace(notice)
}
