package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sweepOf is the sweep of a scenario with this section.
func sweepOf(t *testing.T, section string) Sweep {
	t.Helper()
	all, err := Load("x.yaml", []byte("sweep: "+section), nil)
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Sweep
}

// settings is the points, a line for each.
func settings(s Sweep) string {
	var lines []string
	for _, p := range s.List() {
		lines = append(lines, p.Name+" "+strings.Join(p.Sets, " "))
	}
	return strings.Join(lines, "\n")
}

func TestSweepLists(t *testing.T) {
	for section, want := range map[string]string{
		`{}`: "",
		`{axes: [{key: network.loss, values: [0%, 1%]}, {key: population.viewers, values: [10, 20, 30]}]}`: `001 network.loss=0% population.viewers=10
002 network.loss=0% population.viewers=20
003 network.loss=0% population.viewers=30
004 network.loss=1% population.viewers=10
005 network.loss=1% population.viewers=20
006 network.loss=1% population.viewers=30`,
		`{design: zip, axes: [{key: a, values: [x, "[y, z]"]}, {key: b, values: [true, 2]}]}`: "001 a=x b=true\n002 a=[y, z] b=2",
		`{points: [{set: [seeds=3, name=q]}, {set: []}]}`:                                     "001 seeds=3 name=q\n002 ",
		`{points: [{set: [seeds=3]}], axes: [{key: name, values: [q]}]}`:                      "001 seeds=3\n002 name=q",
	} {
		if got := settings(sweepOf(t, section)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", section, got, want)
		}
	}
}

// A Latin hypercube has one point in each of its strata, on every axis; chance
// has not. Another axis does not move the first, another seed does.
func TestLatinCovers(t *testing.T) {
	const axis = `{key: network.loss, from: 0%, to: 50%}`
	strata := func(s Sweep) int {
		seen := map[int]bool{}
		for _, p := range s.List() {
			v, _, _ := measure(strings.TrimPrefix(p.Sets[0], "network.loss="))
			seen[int(v)] = true
		}
		return len(seen)
	}
	latin := sweepOf(t, `{design: latin, samples: 50, axes: [`+axis+`]}`)
	if n := strata(latin); n != 50 {
		t.Errorf("%d of 50 strata", n)
	}
	if n := strata(sweepOf(t, `{design: random, samples: 50, axes: [`+axis+`]}`)); n > 45 {
		t.Errorf("chance covers %d of 50 strata", n)
	}
	two := sweepOf(t, `{design: latin, samples: 50, axes: [{key: live.delay, values: [4s, 5s]}, `+axis+`]}`)
	for i, p := range two.List() {
		if p.Sets[1] != latin.List()[i].Sets[0] {
			t.Fatalf("point %d: %q beside another axis, %q alone", i, p.Sets[1], latin.List()[i].Sets[0])
		}
	}
	latin.Seed++
	if slices.EqualFunc(latin.List(), two.List(), func(a, b Point) bool { return a.Sets[0] == b.Sets[1] }) {
		t.Error("the seed does nothing")
	}
}

func TestAxisBetween(t *testing.T) {
	for _, c := range []struct {
		axis  Axis
		share float64
		want  string
	}{
		{Axis{From: "2s", To: "10s"}, 0.5, "6s"},
		{Axis{From: "2s", To: "10s"}, 1.0 / 3, "4.667s"},
		{Axis{From: "10", To: "20"}, 0.26, "13"},
		{Axis{From: "0.1", To: "1"}, 0.5, "0.55"},
		{Axis{From: "1Mbit/s", To: "100Mbit/s", Scale: Log}, 0.5, "10Mbit/s"},
		{Axis{From: "1000", To: "1000000", Scale: Log}, 2.0 / 3, "100000"},
	} {
		if got, err := c.axis.between(c.share); got != c.want || err != nil {
			t.Errorf("%+v at %v: %q, %v, want %q", c.axis, c.share, got, err, c.want)
		}
	}
}

func TestSweepRefuses(t *testing.T) {
	for section, want := range map[string]string{
		`{axes: [{key: "", values: [1]}]}`:                                              `"" is no key of a scenario`,
		`{axes: [{key: sweep.seed, values: [1]}]}`:                                      `sweep.seed is no key of a scenario`,
		`{axes: [{key: seeds}]}`:                                                        `no value: write values, as in [1%, 2%]`,
		`{axes: [{key: seeds, values: [1]}, {key: seeds, values: [2]}]}`:                `seeds has an axis already`,
		`{axes: [{key: seeds, from: 1, to: 2}]}`:                                        `a grid takes the values of its axes`,
		`{design: latin, axes: [{key: seeds, values: [1], from: 1, to: 2}]}`:            `either values or from and to`,
		`{design: latin, axes: [{key: live.delay, from: 1s, to: 2000ms}]}`:              `from 1s to 2000ms: write two numbers with the same unit`,
		`{design: random, axes: [{key: seeds, from: 0, to: 5, scale: log}]}`:            `a logarithmic scale has no place for 0`,
		`{design: random, samples: 0, axes: [{key: seeds, values: [5]}]}`:               `0 points: allowed are 1 to 100000`,
		`{design: zip, axes: [{key: seeds, values: [1, 2]}, {key: name, values: [a]}]}`: `1 values beside 2 of the first axis`,
		`{points: [{set: [seeds]}]}`:                                                    `seeds is no setting: write it as after --set`,
		`{axes: [` + axes(17) + `]}`:                                                    `more than 100000 points`,
	} {
		_, err := Load("x.yaml", []byte("sweep: "+section), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", section, err, want)
		}
	}
}

// axes is so many axes of two values.
func axes(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("{key: k%d, values: [1, 2]}", i))
	}
	return strings.Join(all, ", ")
}

func TestLoadPoint(t *testing.T) {
	const text = "seeds: 4\nsweep: {axes: [{key: live.delay, values: [4s, 5s]}]}\nvariants: {a: {}, b: {}}\n"
	swept, err := Load("x.yaml", []byte(text), []string{"seeds=5"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := LoadPoint("x.yaml", []byte(text), []string{"seeds=5"}, swept[0].Sweep.List()[1])
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Load("x.yaml", []byte("seeds: 5\nlive: {delay: 5s}\nvariants: {a: {}, b: {}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(Effective(all)), string(Effective(plain)); got != want {
		t.Errorf("a point is not the scenario that it says:\n%s\nwant\n%s", got, want)
	}
	if _, err := LoadPoint("x.yaml", []byte(text), nil, Point{Sets: []string{"live.late=1s"}}); err == nil || !strings.Contains(err.Error(), "unknown key late") {
		t.Errorf("%v", err)
	}
}

// What a sweep says is echoed so that it can be read again.
func TestSweepEffective(t *testing.T) {
	const text = `sweep: {design: latin, samples: 7, axes: [{key: faults, values: ["[]", "[{kind: blackout, at: 9s, for: 2s}]"]}, {key: seeds, from: 1, to: 9}], points: [{set: ["video.file=a b.mp4"]}]}`
	first, err := Load("x.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load("x.yaml", Effective(first), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, Effective(first))
	}
	if a, b := settings(first[0].Sweep), settings(again[0].Sweep); a != b {
		t.Errorf("read again:\n%s\nwant\n%s", b, a)
	}
}
