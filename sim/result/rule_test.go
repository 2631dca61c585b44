package result

import (
	"slices"
	"strings"
	"testing"
)

func TestRuleSet(t *testing.T) {
	var r Rule
	for _, text := range []string{"2%", "startup-p95=50ms", "bitrate=5%", "rebuffer-ratio=0.1pp", "cost-per-viewer-hour=$0.01", "switches=1/min"} {
		if err := r.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	want := []Least{{StartupP95, 0.05, true}, {Bitrate, 0.05, false}, {RebufferRatio, 0.001, true}, {CostPerViewerHour, 0.01, true}, {Switches, 1, true}}
	if r.Least != 0.02 || !slices.Equal(r.Own, want) {
		t.Errorf("%+v", r)
	}
}

func TestRuleSetRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"2":                    `"2" is no least change: write a share of what it was, as in 2%, or METRIC=CHANGE, as in startup-p95=50ms`,
		"-1%":                  `"-1%" is no least change`,
		"Inf%":                 `"Inf%" is no least change`,
		"startup=2%":           `"startup=2%": no metric "startup"; there is startup-p50, `,
		"startup-p95=50":       `"50" is no change of startup-p95: write a share of what it was, as in 2%, or 2s or 500ms`,
		"startup-p95=-1s":      `"-1s" is no change of startup-p95`,
		"startup-p95=1s later": `"1s later" is no change of startup-p95`,
		"rebuffer-ratio=0.1":   `"0.1" is no change of rebuffer-ratio: write a share of what it was, as in 2%, or 0.1pp`,
	} {
		if err := new(Rule).Set(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
