package scenarios

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// A series of fees is read when the scenario is loaded, and written out in its
// echo; what is wrong with it is said with its place.
func TestFeesBesideTheScenario(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"fees.csv": "for,base_fee\n12s,1.5gwei\n24s,3gwei\n", "bad.csv": "for,base_fee\n12s,1.5\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Load("x.yaml", []byte("ledger: {fees: {file: fees.csv, loop: hold}}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(all[0].Ledger.Fees), "{  [{12s 1.5gwei} {24s 3gwei}] hold}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if again, err := Load("elsewhere.yaml", Effective(all), nil); err != nil || fmt.Sprint(again[0].Ledger) != fmt.Sprint(all[0].Ledger) {
		t.Errorf("the echo is another scenario: %v", err)
	}
	for src, want := range map[string]string{
		"ledger: {fees: {file: bad.csv}}":                                        "x.yaml:1:23: ledger.fees.file: bad.csv: line 2: base_fee: ",
		"ledger: {fees: {file: none.csv}}":                                       "ledger.fees.file: there is no none.csv in the working directory",
		"ledger: {fees: {steps: [{for: 12s, base_fee: 1wei}]}}":                  "ledger.fees.steps.0.base_fee: 1wei is not between 7wei",
		"ledger: {fork: shanghai}":                                               "ledger.fork: shanghai is unknown: allowed are cancun, prague, osaka, amsterdam",
		"ledger: {rollup: {data: pigeons}}":                                      "ledger.rollup.data",
		"ledger: {base_fee: 3}":                                                  "ledger.base_fee",
		"ledger: {rollup: {outage: {at: 5}}}":                                    "ledger.rollup.outage.at",
		"ledger: {fees: {file: fees.csv, steps: [{for: 12s, base_fee: 1gwei}]}}": "ledger.fees.file: the series has steps too",
	} {
		if _, err := Load("x.yaml", []byte(src), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", src, err, want)
		}
	}
}
