package main

import (
	"fmt"
	"os"
	"path/filepath"

	"kinetoscope/scenarios"
)

// A recording is what a run over real hosts writes besides its results.
type recording struct {
	pcap string // a file; empty: none
	qlog string // a folder; empty: none
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
