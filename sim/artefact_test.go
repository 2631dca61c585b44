package sim

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kinetoscope/protocol/ledger"
	"kinetoscope/sim/result"
)

// An attack is made on whatever contract the scenario brings along.
func TestOwnContract(t *testing.T) {
	const attack = "attacks=[{kind: split-dust, at: 2s}]"
	twin := ledger.Config{Contracts: "SplitDust"}
	var own map[string]any
	text, err := os.ReadFile("../protocol/ledger/contracts/build/Split.json")
	if err == nil {
		err = json.Unmarshal(text, &own)
	}
	if err != nil {
		t.Fatal(err)
	}
	own["bytecode"] = "0x" + hex.EncodeToString(twin.Code("Split", nil))
	if text, err = json.Marshal(own); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "own.json")
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	ours, theirs := run(t, load(t, small, attack), 1), run(t, load(t, small, attack, "ledger.artefact="+path), 1)
	if a, b := ours.Values[result.AttacksSucceeded], theirs.Values[result.AttacksSucceeded]; a != 0 || b != 1 {
		t.Errorf("%v attacks succeed on ours, %v on what is not", a, b)
	}
	if !slices.ContainsFunc(theirs.Notes, func(n string) bool { return strings.HasPrefix(n, "attacked: a Split that is not ours") }) {
		t.Errorf("nothing says so: %v", theirs.Notes)
	}
}
