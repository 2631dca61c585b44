package result

import (
	"encoding/json"
	"io"
)

// A Manifest says what made a Set: enough to make it again and to see that it
// is the same. The command fills in the first five fields, Stamp the rest.
type Manifest struct {
	Version string   `json:"version"`           // of this program
	Go      string   `json:"go"`                // of the compiler
	Command []string `json:"command"`           // as typed, program name first
	Engine  string   `json:"engine"`            // that played the runs: flow or libp2p
	Inputs  []Input  `json:"inputs"`            // files that were read
	Stopped string   `json:"stopped,omitempty"` // why no more seeds were run, where that was left open
	Host    Host     `json:"host"`              // not covered by any digest

	Measured *Measured   `json:"measured,omitempty"` // which part of the stream, if not all
	Notes    []string    `json:"notes,omitempty"`    // what holds for all runs
	Scenario string      `json:"scenario"`
	Baseline string      `json:"baseline"`
	Variants []string    `json:"variants"`
	Seeds    []uint64    `json:"seeds"`
	Runs     []RunDigest `json:"runs"`
	Digest   string      `json:"digest"` // SHA-256 over scenario and run digests
}

// An Input is one file that the runs depend on.
type Input struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// A RunDigest is the fingerprint of one run.
type RunDigest struct {
	Variant string `json:"variant"`
	Seed    uint64 `json:"seed"`
	Digest  string `json:"digest"`
}

// Measured is a Window in seconds.
type Measured struct {
	From float64 `json:"from_sec"`
	To   float64 `json:"to_sec"`
}

// A Host is where and when the runs were made; it differs between machines
// whose results are the same.
type Host struct {
	OS          string  `json:"os,omitempty"`
	Arch        string  `json:"arch,omitempty"`
	CPUs        int     `json:"cpus,omitempty"`
	Started     string  `json:"started,omitempty"`      // RFC 3339
	WallSeconds float64 `json:"wall_seconds,omitempty"` // of all runs together
}

// Stamp seals runs that are not sealed yet and fills in what the Manifest takes
// from the Set.
func (s *Set) Stamp() {
	m := &s.Manifest
	m.Scenario, m.Baseline, m.Variants, m.Seeds, m.Notes = s.Name, s.Baseline, s.VariantNames(), s.Seeds, s.Notes
	if m.Measured = nil; !s.Window.Whole() {
		m.Measured = &Measured{s.Window.From.Seconds(), s.Window.To.Seconds()}
	}
	m.Runs = m.Runs[:0]
	for _, r := range s.Runs {
		if r.Digest == "" {
			r.Seal()
		}
		m.Runs = append(m.Runs, RunDigest{r.Variant, r.Seed, r.Digest})
	}
	m.Digest = s.digest()
}

// WriteManifest writes manifest.json of a Set that is stamped.
func WriteManifest(w io.Writer, s *Set) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(&s.Manifest)
}
