package validate

import (
	"context"
	"testing"
)

// The short form of what `kscope validate` measures holds.
func TestShort(t *testing.T) {
	r, err := Run(context.Background(), Short(), func(what string) { t.Log(what) })
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Parts {
		for _, c := range s.Findings {
			t.Logf("%t %s %s: want %.6g got %.6g %s (%s)", c.Passed, s.ID, c.What, c.Want, c.Got, c.Unit, c.Rule)
			if !c.Passed {
				t.Errorf("%s: %s: %.6g %s, want %.6g %s", s.ID, c.What, c.Got, c.Unit, c.Want, c.Rule)
			}
		}
	}
}
