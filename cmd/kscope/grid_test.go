package main

import (
	"testing"

	"kinetoscope/scenarios"
)

// The axes of the map of crossed variants are called what the scenario calls them.
func TestGridIsNamed(t *testing.T) {
	all, err := scenarios.Load("x.yaml", []byte("grid: {rows: what is stored, columns: 'sites that go dark, %'}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := new(runCommand).blank(all)
	if err != nil || set.Rows != "what is stored" || set.Columns != "sites that go dark, %" {
		t.Errorf("%q and %q: %v", set.Rows, set.Columns, err)
	}
}
