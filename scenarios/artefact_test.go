package scenarios

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// compiled is one of our contracts as the compiler wrote it, changed.
func compiled(t *testing.T, change func(map[string]any)) string {
	t.Helper()
	text, err := os.ReadFile("../protocol/ledger/contracts/build/Split.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	change(all)
	if text, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "own.json")
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func without(name string) func(map[string]any) {
	return func(all map[string]any) {
		var kept []any
		for _, part := range all["abi"].([]any) {
			if part.(map[string]any)["name"] != name {
				kept = append(kept, part)
			}
		}
		all["abi"] = kept
	}
}

// Somebody's own contract is read with the scenario, and one that does not fit
// is refused with what is wrong with it.
func TestArtefacts(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(map[string]any)
		want   string // nothing if it is good
	}{
		{"as it is", func(map[string]any) {}, ""},
		{"of Hardhat", func(all map[string]any) { all["contractName"] = "Split"; delete(all, "contract") }, ""},
		{"a function gone", without("settle"), "its ABI does not match that of Split: there is no function settle() nonpayable returns (uint256): compile a version that keeps what ours has"},
		{"an error gone", without("BadSum"), "there is no error BadSum(uint256)"},
		{"an event gone", without("Settled"), "there is no event Settled(uint256)"},
		{"of another contract", func(all map[string]any) { all["contract"] = "Vault" }, "its ABI does not match that of Vault: there is no "},
		{"of none of ours", func(all map[string]any) { all["contract"] = "Splt" }, `its contract is "Splt": use one of Registry, Split, `},
		{"an interface", func(all map[string]any) { all["bytecode"] = "0x" }, "it has no bytecode, as of an interface or an abstract contract: name one that can be deployed"},
		{"not linked", func(all map[string]any) { all["bytecode"] = "0x60__$lib$__" }, "its bytecode is not in hexadecimal"},
		{"no ABI", func(all map[string]any) { delete(all, "abi") }, "its ABI cannot be read: "},
		{"another ABI", func(all map[string]any) {
			all["abi"] = []any{map[string]any{"type": "function", "name": "f", "inputs": []any{map[string]any{"type": "money"}}}}
		}, "its ABI cannot be read: "},
		{"no object", func(all map[string]any) { all["abi"] = 5 }, "its ABI cannot be read: "},
	} {
		path := compiled(t, c.change)
		all, err := Load("x.yaml", []byte("ledger: {artefact: "+path+"}"), nil)
		if c.want == "" {
			if err != nil || !strings.HasPrefix(all[0].Ledger.Artefact, `{"contract":"Split","abi":[`) {
				t.Errorf("%s: %v", c.name, err)
			} else if again, err := Load("x.yaml", Effective(all), nil); err != nil || again[0].Ledger.Artefact != all[0].Ledger.Artefact {
				t.Errorf("%s: not the same again: %v", c.name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "x.yaml:1:20: ledger.artefact: "+path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := Load("x.yaml", []byte("ledger: {artefact: nowhere.json}"), nil); err == nil || !strings.Contains(err.Error(), "ledger.artefact: there is no nowhere.json in the working directory") {
		t.Errorf("nowhere: %v", err)
	}
	if _, err := Load("x.yaml", []byte("ledger: {contracts: SplitDust, artefact: "+compiled(t, func(map[string]any) {})+"}"), nil); err == nil || !strings.Contains(err.Error(), "and so does SplitDust: write contracts: ours") {
		t.Errorf("both: %v", err)
	}
}
