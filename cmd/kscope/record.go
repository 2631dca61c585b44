package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// A recording is what a run writes besides its results; the first two over real
// hosts alone, the last by flows alone.
type recording struct {
	pcap  string // a file; empty: none
	qlog  string // a folder; empty: none
	p1203 string // a folder; empty: none
}

// check refuses what cannot be recorded, makes the folder, and makes both
// paths absolute.
func (r *recording) check(p *plan) error {
	if *r == (recording{}) {
		return nil
	}
	for _, f := range []struct {
		flag, path, what string
	}{{"--pcap", r.pcap, "packets"}, {"--qlog", r.qlog, "connections"}} {
		switch {
		case f.path == "":
		case p.jobs[0].scenario.Engine != scenarios.Libp2p:
			return fmt.Errorf("%s: the engine %s has no %s: add --engine %s", f.flag, p.jobs[0].scenario.Engine, f.what, scenarios.Libp2p)
		case len(p.jobs) != 1:
			return fmt.Errorf("%s: %d runs would write the same %s: choose one by --variant and --seed", f.flag, len(p.jobs), f.path)
		case f.flag == "--qlog" && p.jobs[0].scenario.Hosts.Transport != scenarios.QUIC:
			return fmt.Errorf("%s: there is no QUIC in this run: set hosts.transport=%s, or look at the packets with --pcap", f.flag, scenarios.QUIC)
		}
	}
	if err := r.checkP1203(p); err != nil {
		return err
	}
	for _, path := range []*string{&r.pcap, &r.qlog} {
		if *path == "" {
			continue
		}
		full, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = full
	}
	if r.pcap != "" {
		f, err := os.Create(r.pcap)
		if err != nil {
			return fmt.Errorf("--pcap: %w: name a file that you may write", err)
		}
		_ = f.Close()
	}
	if r.qlog != "" {
		if err := os.MkdirAll(r.qlog, 0o755); err != nil {
			return fmt.Errorf("--qlog: %w: name a folder where you may write", err)
		}
	}
	return nil
}

// flags are those that tell the worker what to record.
func (r *recording) flags() []string {
	if r.pcap == "" {
		return nil
	}
	return []string{"--pcap", r.pcap}
}

// environment says where quic-go writes what it logs, or that it does not.
func (r *recording) environment() string { return "QLOGDIR=" + r.qlog }

// checkP1203 refuses runs that no viewer is followed in, and makes the folder.
func (r *recording) checkP1203(p *plan) error {
	if r.p1203 == "" {
		return nil
	}
	for _, j := range p.jobs {
		switch {
		case j.scenario.Engine != scenarios.Flow:
			return fmt.Errorf("--p1203: viewers are followed on the engine %s alone: add --engine %s", scenarios.Flow, scenarios.Flow)
		case j.scenario.Economy.On:
			return fmt.Errorf("--p1203: an economy shows no pictures: take economy.on away")
		case j.scenario.Archive.On:
			return fmt.Errorf("--p1203: an archive shows no pictures: take archive.on away")
		}
	}
	if err := os.MkdirAll(r.p1203, 0o777); err != nil {
		return fmt.Errorf("--p1203: %w: name a folder where you may write", err)
	}
	return nil
}

// logged plays one job and writes what ITU-T P.1203 reads of each viewer that has
// seen a picture: VARIANT-SEED-VIEWER.json, the viewer as in rows.csv.
func (r *recording) logged(ctx context.Context, j job, ladder *media.Ladder) (*result.Run, error) {
	run, logs, err := sim.Logged(ctx, j.scenario, ladder, j.seed)
	if err != nil {
		return nil, err
	}
	for i, v := range run.Viewers {
		if !v.Started() {
			continue
		}
		name := filepath.Join(r.p1203, fmt.Sprintf("%s-%d-%06d.json", run.Variant, j.seed, v.ID))
		if err := os.WriteFile(name, logs[i].P1203(v.ID), 0o666); err != nil {
			return nil, fmt.Errorf("--p1203: %w: name a folder where you may write", err)
		}
	}
	return run, nil
}
