package netem

import (
	"strings"
	"testing"
	"time"
)

// Endpoints stand at places of the matrix, drawn by chance and always the same
// for one seed; what lies between two is half of the round trip of their places,
// and nothing is nearer than Least.
func TestPlaces(t *testing.T) {
	cfg := plain()
	cfg.Latency.Places = []Place{
		{[]time.Duration{2 * ms, 40 * ms, 90 * ms}}, {[]time.Duration{50 * ms, 4 * ms, 70 * ms}}, {[]time.Duration{90 * ms, 70 * ms, 6 * ms}}}
	ends := make([]Endpoint, 300)
	top, err := NewTopology(cfg, ends, draws(1))
	if err != nil {
		t.Fatal(err)
	}
	again, err := NewTopology(cfg, ends, draws(1))
	if err != nil {
		t.Fatal(err)
	}
	access := top.path(0, 1).latency
	stood := make([]int, len(cfg.Latency.Places))
	for i := range int32(len(ends)) {
		stood[top.place(i)]++
		for k := range int32(20) {
			if i == k {
				continue
			}
			want := cfg.Latency.Places[top.place(i)].RTT[top.place(k)]/2 + access
			if got := top.OneWay(i, k); got != want || got != again.OneWay(i, k) || got < top.Least() {
				t.Fatalf("%d to %d: %v, want %v, at least %v", i, k, got, want, top.Least())
			}
		}
	}
	for i, n := range stood {
		if n < 60 || n > 140 {
			t.Errorf("%d of %d endpoints stand at place %d", n, len(ends), i)
		}
	}
}

func TestPlacesAreChecked(t *testing.T) {
	for want, places := range map[string][]Place{
		"1 times, but there are 2 places":  {{[]time.Duration{ms}}, {[]time.Duration{ms, ms}}},
		"-1ms is not between 0s and 20s":   {{[]time.Duration{-ms}}},
		"49 places: at most 48":            make([]Place, MaxPlaces+1),
		"there are places too: write one ": {{[]time.Duration{ms}}},
	} {
		cfg := plain()
		cfg.Latency.Places = places
		if strings.HasPrefix(want, "there are") {
			cfg.Latency.Dataset = "x"
		}
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
