package result

import (
	"strings"
	"testing"
	"time"
)

// Two classes, of which one stalls: each has a row with its own figures, and
// what its viewers say nothing about is empty.
func TestClasses(t *testing.T) {
	run := &Run{Variant: "swarm", Seed: 3, Values: NewValues(), Viewers: []Viewer{
		{Class: "mobile", Startup: 2 * time.Second, Watched: time.Minute, Stalled: 20 * time.Second, Stalls: 2, Bitrate: 1e6},
		{Class: "fibre", Startup: time.Second, Watched: time.Minute, Bitrate: 4e6, Switches: 3, Climb: 6e6, FromEdges: 9},
		{Class: "mobile", Startup: -1},
	}}
	var b strings.Builder
	if err := WriteClasses(&b, &Set{Runs: []*Run{run}}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), b.String())
	}
	names, rows := strings.Split(lines[0], ","), map[string]map[string]string{}
	for _, l := range lines[1:] {
		cells := map[string]string{}
		for i, c := range strings.Split(l, ",") {
			cells[names[i]] = c
		}
		rows[cells["class"]] = cells
	}
	for _, test := range [][3]string{{"mobile", "viewers", "2"}, {"mobile", "rebuffer-ratio", "0.25"}, {"mobile", "stall-events", "2"}, {"mobile", "never-started", "0.5"}, {"mobile", "switch-size", ""},
		{"fibre", "viewers", "1"}, {"fibre", "bitrate", "4000000"}, {"fibre", "switch-size", "2000000"}, {"fibre", "edge-share", "1"}, {"mobile", "edge-share", ""}} {
		if got, has := rows[test[0]][test[1]]; !has || got != test[2] {
			t.Errorf("%s, %s: %q, want %q", test[0], test[1], got, test[2])
		}
	}
}
