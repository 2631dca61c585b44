// Package result is the record of what a scenario gave: one Run for each
// variant and seed, the Set of them all, its file formats, and what counts as
// passing.
//
// The world is the sample: an interval is taken over seeds, never over the
// viewers of one run, and variants are compared seed by seed.
//
// What it leaves out: how the values come about (package sim turns facts into
// metrics) and how they look (package reports draws and words them).
package result

import "time"

// A Run is one scenario, one variant, one seed.
type Run struct {
	Variant string
	Seed    uint64
	Values  []float64 // one for each of Metrics; NaN where it does not apply
	Viewers []Viewer  // one for each viewer that joined, in the order of their IDs
	Series  []Point   // the timeline in equal buckets, the same buckets for every run of a Set
	Flows   []Flow    // who got the money; empty where no money moved
	// Downloads is how long each segment that was played took its viewer, from
	// the first request to the last byte that was checked.
	Downloads Histogram
	// Money is how long money took from the view that earned it until its payee could
	// spend it, in an economy: a count for each millionth of a dollar that was due.
	Money Histogram
	// Assets is after how long the assets of an archive were lost; those that were not
	// count as the longest time that there is.
	Assets Histogram
	// Unseen is how long it took until the loss of a shard of an archive was known, or
	// the longest time that there is.
	Unseen Histogram
	Notes  []string // what was modelled, repaired, dropped or guessed
	Digest string   // SHA-256 over everything above, in canonical form; Seal sets it
}

// A Viewer is one row of rows.csv: what one viewer saw, got and paid.
type Viewer struct {
	ID               int
	Region, Class    string
	Join             time.Duration // since the start of the stream
	Leave            time.Duration // when it left or the stream ended
	Startup          time.Duration // from join to first frame; negative if it never started
	Watched, Stalled time.Duration
	Stalls, Switches int
	Bitrate          float64       // time-weighted mean of what was played, bit/s
	Latency          time.Duration // mean live latency while playing
	FromPeers        int64         // verified payload bytes by source
	FromEdges        int64
	FromProviders    int64
	Uploaded         int64   // bytes sent to other viewers
	Paid             uint64  // wei promised by the last voucher, or charged by the central ledger
	Unpaid           int64   // payload bytes received and not paid for at the end
	Abandoned        int     // requests that it gave up
	GaveUp           int     // why its patience ended: 1 before the first frame, 2 when its picture stood still; 0: it did not
	Seeks, Zaps      int     // jumps within its title, and to others
	Climb            float64 // sum of what its switches changed the bitrate by, bit/s
	QoELin           float64 // scores of docs/explanation/qoe.md, for each segment; 0 of who saw nothing
	QoELog           float64
	QoEHD            float64
	SabreScore       float64 // for each second
	LoLP             float64 // for each segment
}

// Started reports whether the viewer saw a first frame.
func (v *Viewer) Started() bool { return v.Startup >= 0 }

// A Point is one bucket of the timeline. Rates are means over the bucket.
type Point struct {
	At                       time.Duration // start of the bucket
	Joined, Playing, Stalled int           // viewers present (joined and not left), playing and stalled at the end of the bucket
	Gapped                   int           // viewers with nothing to show and nothing to wait for, at the end of the bucket
	PeerRate, EdgeRate       float64       // bit/s leaving viewers, edges
	ProviderRate, SourceRate float64       // bit/s leaving providers, publisher
	Bitrate                  float64       // mean bitrate of segments begun, bit/s; 0 if none began
	BaseFee                  float64       // gwei
}

// A Flow is money that ended with one payee in one run: a rights holder, the
// platform, the chain, a bandwidth seller. Every run of a Set names the same
// payees in the same order.
type Flow struct {
	Payee string
	USD   float64
}
