package tidy

import (
	"go/ast"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors says on which floor each package stands. A package imports only from
// lower floors.
var floors = map[string]int{
	"cmd/kscope":                8,
	"reports":                   7,
	"sim/validate":              7,
	"sim/hosts":                 6,
	"sim/economy":               6,
	"sim/archive":               6,
	"sim/calibrate":             5,
	"sim/sweep":                 6,
	"sim/audit":                 4,
	"sim":                       5,
	"scenarios":                 4,
	"sim/replay":                4,
	"datasets":                  3,
	"datasets/catalogue":        3,
	"sim/qoe":                   2,
	"datasets/generate":         2,
	"sim/result":                3,
	"sim/attack":                3,
	"protocol":                  2,
	"protocol/media":            2,
	"protocol/ledger/contracts": 1,
	"protocol/ledger":           2,
	"netem/packet":              2,
	"netem":                     1,
	"netem/tcp":                 1,
	"protocol/demux":            1,
	"protocol/token":            1,
	"protocol/storage":          1,
	"protocol/swarm":            1,
	"protocol/cache":            1,
	"protocol/abr":              1,
	"protocol/player":           1,
	"protocol/payment":          1,
	"sim/law":                   1,
	"internal/unit":             0,
	"internal/portable":         0,
	"internal/prefetch":         0,
	"internal/hugepages":        0,
	"internal/tidy":             0,
}

// walls are imports that the floors allow and the design does not.
var walls = []struct {
	in, except []string // packages that the wall is around, packages they may import all the same
	from       string   // what is outside, with everything below it
	reason     string
}{
	{[]string{"protocol"}, nil, "netem", "the network stands beside the protocol: emit sends, take deliveries"},
	{[]string{"reports"}, []string{"sim/result", "reports"}, "", "reports are drawn from the record of a run alone"},
	{[]string{"internal/unit", "internal/portable", "internal/prefetch", "internal/hugepages", "internal/tidy"}, []string{"internal/unit"}, "", "it is the ground floor"},
}

// floorRule holds that imports go down.
func floorRule(r *room) []complaint {
	floor, known := floors[r.path]
	if !known {
		return []complaint{r.complain(r.any(), "package %s has no floor: give it one here and in ARCHITECTURE.md", r.path)}
	}
	var found []complaint
	for _, i := range r.imports() {
		to, own := strings.CutPrefix(importPath(i), module+"/")
		if !own || to == r.path { // a test outside the package imports it
			continue
		}
		if below, known := floors[to]; !known || below >= floor {
			found = append(found, r.complain(i, "floor %d imports %s on floor %d: imports go down", floor, to, below))
			continue
		}
		for _, w := range walls {
			outside := w.from == "" || to == w.from || strings.HasPrefix(to, w.from+"/")
			if slices.Contains(w.in, r.path) && outside && !slices.Contains(w.except, to) {
				found = append(found, r.complain(i, "%s imports %s: %s", r.path, to, w.reason))
			}
		}
	}
	return found
}

// imports are those of all files, tests included.
func (r *room) imports() (all []*ast.ImportSpec) {
	for _, f := range slices.Concat(r.files, r.tests) {
		all = append(all, f.Imports...)
	}
	return all
}

// any is a node to point at when the whole package is meant.
func (r *room) any() ast.Node { return slices.Concat(r.files, r.tests)[0].Name }

func TestFloors(t *testing.T) { all(t, floorRule) }

func TestFloorsCatch(t *testing.T) {
	try(t, floorRule, []trial{
		{"down", "sim", `package sample; import _ "kinetoscope/netem"`, ""},
		{"up", "netem", `package sample; import _ "kinetoscope/sim"`, "imports go down"},
		{"same floor", "protocol", `package sample; import _ "kinetoscope/protocol/ledger"`, "imports go down"},
		{"in a test", "netem", `package sample_test; import _ "kinetoscope/sim"`, "imports go down"},
		{"network in protocol", "protocol", `package sample; import _ "kinetoscope/netem"`, "beside the protocol"},
		{"reports of a scenario", "reports", `package sample; import _ "kinetoscope/scenarios"`, "record of a run alone"},
		{"new package", "protocol/novelty", `package sample`, "has no floor"},
		{"import of the unknown", "sim", `package sample; import _ "kinetoscope/novelty"`, "imports go down"},
	})
}

// A row without a package is a mistake in the table.
func TestFloorsAreInhabited(t *testing.T) {
	var paths []string
	for _, r := range open(t).rooms {
		paths = append(paths, r.path)
	}
	for p := range floors {
		if !slices.Contains(paths, p) {
			t.Errorf("there is no package %s: take it off the floor plan", p)
		}
	}
}

// The drawing of the floors in ARCHITECTURE.md has every package where it stands.
func TestFloorsAreDrawn(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^([0-8])  (\S.*)$`).FindAllStringSubmatch(string(text), -1) {
		floor, _ := strconv.Atoi(row[1])
		all, _, _ := strings.Cut(row[2], "   ") // a remark may follow
		for _, name := range strings.Split(all, " · ") {
			base, several, _ := strings.Cut(strings.TrimSuffix(name, "}"), "{")
			for _, last := range strings.Split(several, ",") {
				drawn[base+last] = floor
			}
		}
	}
	want := maps.Clone(floors)
	delete(want, "internal/tidy") // it stands beside the house
	if !maps.Equal(drawn, want) {
		t.Errorf("drawn is\n%v, not\n%v", drawn, want)
	}
}
