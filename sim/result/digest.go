package result

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
)

// Seal computes the Digest of a Run that is complete.
func (r *Run) Seal() { r.Digest = r.digest() }

// digest is SHA-256 over every field but Digest itself, in canonical form:
// integers as 8 bytes big endian, floats by their bits (all NaN alike),
// strings and lists behind their length.
func (r *Run) digest() string {
	c := canon{h: sha256.New()}
	c.text("kinetoscope run 1")
	c.text(r.Variant)
	c.num(int64(r.Seed))
	c.num(int64(len(r.Values)))
	for _, v := range r.Values {
		c.float(v)
	}
	c.num(int64(len(r.Viewers)))
	for i := range r.Viewers {
		c.viewer(&r.Viewers[i])
	}
	c.num(int64(len(r.Series)))
	for i := range r.Series {
		c.point(&r.Series[i])
	}
	c.num(int64(len(r.Flows)))
	for _, f := range r.Flows {
		c.text(f.Payee)
		c.float(f.USD)
	}
	c.num(int64(len(r.Downloads.counts)))
	for _, n := range r.Downloads.counts {
		c.num(int64(n))
	}
	for _, h := range r.rare() {
		if h.of.n > 0 {
			c.text(h.name)
			for b, n := range h.of.counts {
				c.num(int64(b))
				c.num(int64(n))
			}
		}
	}
	c.num(int64(len(r.Notes)))
	for _, n := range r.Notes {
		c.text(n)
	}
	return c.sum()
}

// rare is the histograms that most runs do not have.
func (r *Run) rare() []struct {
	name string
	of   *Histogram
} {
	return []struct {
		name string
		of   *Histogram
	}{{"money", &r.Money}, {"assets", &r.Assets}, {"unseen", &r.Unseen}}
}

// digest is SHA-256 over the scenario and the digests of all runs.
func (s *Set) digest() string {
	c := canon{h: sha256.New()}
	c.text("kinetoscope set 1")
	c.text(s.Name)
	c.text(string(s.Scenario))
	c.num(int64(len(s.Runs)))
	for _, r := range s.Runs {
		c.text(r.Variant)
		c.num(int64(r.Seed))
		c.text(r.Digest)
	}
	return c.sum()
}

// A canon feeds a hash with values in canonical form.
type canon struct {
	h   hash.Hash
	buf [8]byte
}

func (c *canon) num(v int64) {
	binary.BigEndian.PutUint64(c.buf[:], uint64(v))
	c.h.Write(c.buf[:])
}

func (c *canon) float(v float64) {
	if math.IsNaN(v) {
		v = math.NaN()
	}
	c.num(int64(math.Float64bits(v)))
}

func (c *canon) text(s string) {
	c.num(int64(len(s)))
	c.h.Write([]byte(s))
}

func (c *canon) viewer(v *Viewer) {
	c.num(int64(v.ID))
	c.text(v.Region)
	c.text(v.Class)
	for _, d := range [...]int64{int64(v.Join), int64(v.Leave), int64(v.Startup), int64(v.Watched), int64(v.Stalled),
		int64(v.Stalls), int64(v.Switches), int64(v.Latency), v.FromPeers, v.FromEdges, v.FromProviders, v.Uploaded,
		int64(v.Paid), v.Unpaid, int64(v.Abandoned), int64(v.GaveUp), int64(v.Seeks), int64(v.Zaps)} {
		c.num(d)
	}
	for _, f := range [...]float64{v.Bitrate, v.Climb, v.QoELin, v.QoELog, v.QoEHD, v.SabreScore, v.LoLP} {
		c.float(f)
	}
}

func (c *canon) point(p *Point) {
	for _, d := range [...]int64{int64(p.At), int64(p.Joined), int64(p.Playing), int64(p.Stalled), int64(p.Gapped)} {
		c.num(d)
	}
	for _, f := range [...]float64{p.PeerRate, p.EdgeRate, p.ProviderRate, p.SourceRate, p.Bitrate, p.BaseFee} {
		c.float(f)
	}
}

func (c *canon) sum() string { return hex.EncodeToString(c.h.Sum(nil)) }
