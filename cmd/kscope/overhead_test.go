//go:build unix

package main

import (
	"context"
	"io"
	"testing"
	"time"

	"kinetoscope/scenarios"
)

// BenchmarkResults plays ten thousand viewers for a minute, as kscope run does,
// and reports what share of all processor time goes into statistics, figures,
// page and files once the run is over. What is collected while it plays shows
// in a profile: see docs/explanation/performance.md.
func BenchmarkResults(b *testing.B) {
	viewers, edges := "10000", "40"
	if testing.Short() {
		viewers, edges = "1000", "4"
	}
	r := runCommand{scenario: "hello", seeds: []uint64{1}, workers: 1, sets: []string{"duration=60s", "population.viewers=" + viewers,
		"edges.count=" + edges, "edges.sites=" + edges, "edges.up=200Mbit/s", "payment.method=central"}}
	file, text, err := scenarios.Open(r.scenario)
	if err != nil {
		b.Fatal(err)
	}
	all, err := scenarios.Load(file, text, r.sets)
	if err != nil {
		b.Fatal(err)
	}
	var playing, writing time.Duration
	for b.Loop() {
		r.out = b.TempDir() + "/out"
		begun := processor()
		p, err := r.plan(all)
		if err != nil {
			b.Fatal(err)
		}
		set, err := p.play(context.Background(), 1, newProgress(io.Discard, 1, true))
		if err != nil {
			b.Fatal(err)
		}
		played := processor()
		stamp(&set.Manifest, time.Now())
		if _, err := r.write(context.Background(), set); err != nil {
			b.Fatal(err)
		}
		playing, writing = playing+played-begun, writing+processor()-played
	}
	b.ReportMetric(playing.Seconds()/float64(b.N), "playing-cpu-sec")
	b.ReportMetric(writing.Seconds()/float64(b.N), "writing-cpu-sec")
	b.ReportMetric(100*writing.Seconds()/(playing+writing).Seconds(), "%-writing")
}
