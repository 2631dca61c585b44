package hosts_test

import (
	"context"
	"testing"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/hosts"
	"kinetoscope/sim/result"
)

func load(t testing.TB, name string, sets ...string) (scenarios.Scenario, *media.Ladder) {
	t.Helper()
	file, text, err := scenarios.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := scenarios.Load(file, text, sets)
	if err != nil {
		t.Fatal(err)
	}
	l, err := media.Load(all[0].Video)
	if err != nil {
		t.Fatal(err)
	}
	return all[0], l
}

func TestHello(t *testing.T) {
	s, l := load(t, "hello")
	a, err := sim.Run(context.Background(), s, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := hosts.Run(context.Background(), s, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Values {
		t.Logf("%-30s %12.5g %12.5g", result.Metrics[i].Name, a.Values[i], b.Values[i])
	}
	t.Log(b.Notes)
}
