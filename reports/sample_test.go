package reports

import (
	"math"
	"math/rand/v2"
	"time"

	"kinetoscope/sim/result"
)

// sample is a made-up Set with the shape of a real one: a crowd arrives within
// seconds, one variant breaks under a blackout, prices differ. The engine has
// no part in it.
func sample(viewers int, seeds ...uint64) *result.Set {
	s := &result.Set{
		Name:     "flash-crowd",
		Title:    "A crowd arrives at once, and a third of the providers goes dark",
		Claim:    "Edges and peers with erasure-coded tokens carry a flash crowd through a provider blackout with fewer stalls than a central server, and cost less.",
		Duration: 2 * time.Minute,
		Scenario: []byte("name: flash-crowd\nduration: 2m\n"),
		Baseline: "central",
		Seeds:    seeds,
		Variants: []result.Variant{
			{Name: "central", Doc: "one origin with 1 Gbit/s serves everybody; a ledger bills them"},
			{Name: "swarm", Doc: "edges and peers, RS(10,4) over 12 providers, payment channels"},
			{Name: "no-redundancy", Doc: "edges and peers, tokens whole at one provider each"},
		},
		Marks: []result.Mark{{At: 60 * time.Second, Until: 80 * time.Second, Label: "4 of 12 providers dark", Variants: []string{"swarm", "no-redundancy"}}},
		Notes: []string{"Signatures of viewers are modelled at 85 µs each; above 1000 viewers none is computed."},
	}
	s.Manifest = result.Manifest{Version: "v0.1.0", Go: "go1.26.8", Command: []string{"kscope", "run", "flash-crowd", "--seeds", "5"},
		Inputs: []result.Input{{Name: "builtin clip", Bytes: 1893004, SHA256: "2f0d…"}}}
	for _, p := range profiles {
		for _, seed := range seeds {
			s.Runs = append(s.Runs, p.run(viewers, seed, s.Duration))
		}
	}
	for _, text := range []string{"startup-p95[swarm] < 2s", "rebuffer-ratio[swarm] <= 1%", "rebuffer-ratio[no-redundancy] <= 1%", "rights-share[swarm] >= 80%"} {
		s.Thresholds = append(s.Thresholds, assertion(s, text))
	}
	for _, text := range []string{"rebuffer-ratio[swarm] >= rebuffer-ratio[central]", "cost-per-viewer-hour[swarm] > 0.5 * cost-per-viewer-hour[central]"} {
		s.RefutedIf = append(s.RefutedIf, assertion(s, text))
	}
	s.Stamp()
	return s
}

// assertion parses an assertion that must be right.
func assertion(s *result.Set, text string) result.Assertion {
	a, err := result.ParseAssertion(text, s.VariantNames())
	if err != nil {
		panic(err)
	}
	return a
}

// A profile says how a made-up variant behaves.
type profile struct {
	variant               string
	startup, never        float64 // median startup in seconds, share that never starts
	stalls, inBlackout    float64 // mean stall seconds at all times, and during the blackout
	bitrate, cost         float64
	peers, edges, provs   float64 // shares of the bytes
	creator, platform     float64 // shares of the money
	bandwidth, chain, cdn float64
}

var profiles = []profile{
	{"central", 1.9, 0.04, 3.5, 3.0, 2.6e6, 0.061, 0, 1, 0, 0.46, 0.3, 0, 0, 0.24},
	{"swarm", 0.55, 0.003, 0.2, 0.3, 3.9e6, 0.022, 0.63, 0.33, 0.04, 0.80, 0, 0.12, 0.08, 0},
	{"no-redundancy", 0.5, 0.004, 0.2, 9, 3.8e6, 0.021, 0.6, 0.32, 0.08, 0.81, 0, 0.11, 0.08, 0},
}

// run makes up one run.
func (p profile) run(viewers int, seed uint64, length time.Duration) *result.Run {
	rng := rand.New(rand.NewPCG(seed, 99))
	world := 1 + 0.08*rng.NormFloat64() // what all variants of a seed share
	own := rand.New(rand.NewPCG(seed, uint64(len(p.variant))))
	r := &result.Run{Variant: p.variant, Seed: seed, Values: result.NewValues()}
	for i := range viewers {
		r.Viewers = append(r.Viewers, p.viewer(i, rng, own, world, length))
	}
	result.Tally(r.Viewers, r.Values, result.Window{})
	r.Values[result.CostPerViewerHour] = p.cost * world * (1 + 0.02*own.NormFloat64())
	for i, id := range []result.MetricID{result.EgressCost, result.GasCost, result.StorageCost, result.ComputeCost, result.CapitalCost, result.CardCost} {
		share := []float64{p.cdn + p.bandwidth, p.chain, 0.01, 0.02, p.chain / 10, p.platform / 3}[i]
		r.Values[id] = r.Values[result.CostPerViewerHour] * share
	}
	r.Values[result.RightsShare] = p.creator
	r.Values[result.AttackCost], r.Values[result.AttackStolen] = p.cost*world, p.stalls*p.platform // nothing where no platform is
	r.Values[result.SourceRate] = 6.4e6 * world
	r.Values[result.Goodput] = p.bitrate * float64(viewers) * 0.8
	r.Values[result.SegmentsLost] = math.Floor(p.inBlackout * 2)
	r.Values[result.Events] = float64(viewers) * 3000
	r.Values[result.HeaderBytes] = 233
	r.Values[result.PublishDelay] = 0.04
	for i := range viewers {
		r.Downloads.Add(time.Duration(float64(300+i) * p.startup * float64(time.Millisecond)))
	}
	if p.peers > 0 {
		r.Values[result.OpenConfirmP50] = 12 + own.Float64()
		r.Values[result.GasPerSession] = 148200
		r.Notes = []string{"Gas prices follow the base fee rule from 5 gwei."}
	}
	p.flows(r, float64(viewers)*0.0004*world)
	p.series(r, viewers, rng, own, length)
	r.Seal()
	return r
}

// viewer makes up one viewer.
func (p profile) viewer(i int, rng, own *rand.Rand, world float64, length time.Duration) result.Viewer {
	v := result.Viewer{ID: i, Region: []string{"eu-west", "us-east", "ap-south"}[i%3], Class: []string{"fiber", "cable", "mobile"}[rng.IntN(3)]}
	v.Join = time.Duration((10 + rng.ExpFloat64()*9) * float64(time.Second))
	v.Leave = length
	if i%4 == 3 { // some leave before the end
		v.Leave = v.Join + time.Duration(20+i)*time.Second/2
	}
	v.Startup = time.Duration(p.startup * world * math.Exp(0.5*own.NormFloat64()) * float64(time.Second))
	if own.Float64() < p.never || v.Join+v.Startup > length {
		v.Startup = -1
		return v
	}
	stalled := p.stalls * own.ExpFloat64() * world
	if own.Float64() < 0.5 {
		stalled += p.inBlackout * own.ExpFloat64()
	}
	v.Stalled = time.Duration(stalled * float64(time.Second)).Truncate(time.Microsecond)
	v.Watched = max(0, length-v.Join-v.Startup-v.Stalled)
	v.Stalls, v.Switches = int(stalled), own.IntN(4)
	v.Bitrate = p.bitrate * (1 + 0.1*own.NormFloat64())
	v.Latency = 4*time.Second + v.Stalled/2
	bytes := v.Bitrate / 8 * v.Watched.Seconds()
	v.FromPeers, v.FromEdges, v.FromProviders = int64(bytes*p.peers), int64(bytes*p.edges), int64(bytes*p.provs)
	v.Uploaded = int64(bytes * p.peers * float64(i%5)) // some give more than others
	return v
}

// flows makes up where the money went.
func (p profile) flows(r *result.Run, usd float64) {
	for _, f := range []result.Flow{{Payee: "rights holders", USD: p.creator}, {Payee: "platform", USD: p.platform},
		{Payee: "bandwidth sellers", USD: p.bandwidth}, {Payee: "chain fees", USD: p.chain}, {Payee: "cloud egress", USD: p.cdn}} {
		r.Flows = append(r.Flows, result.Flow{Payee: f.Payee, USD: f.USD * usd})
	}
	r.Values[result.Paid] = usd
	for i := range 40 { // the dearer the chain, the later
		r.Money.AddAll(time.Duration(float64(i+1)*(1+100*p.chain)*float64(12*time.Hour)), 1000)
	}
	r.Money.AddAll(math.MaxInt64, 5000)
	for i := range 30 {
		r.Assets.AddAll(time.Duration(float64(i+1)*(1+100*p.chain)*float64(240*time.Hour)), 20)
		r.Unseen.AddAll(time.Duration(float64(i+1)*(1+100*p.chain)*float64(time.Hour)), 20)
	}
	r.Assets.AddAll(math.MaxInt64, 5000)
	r.Unseen.AddAll(math.MaxInt64, 50)
	r.Values[result.AuditFailures] = 3
}

// series makes up the timeline, one bucket a second.
func (p profile) series(r *result.Run, viewers int, rng, own *rand.Rand, length time.Duration) {
	wobble := 0.05 * rng.NormFloat64()
	for at := time.Duration(0); at < length; at += time.Second {
		t := at.Seconds()
		present := 0
		for i := range r.Viewers {
			if r.Viewers[i].Join <= at {
				present++
			}
		}
		stalled := 0.004 * p.stalls * (1 + wobble + 0.3*own.Float64()) * (1 + 6*math.Exp(-math.Abs(t-20)/6))
		if t >= 62 && t < 86 {
			stalled += 0.02 * p.inBlackout * (1 + 0.2*own.NormFloat64())
		}
		n := float64(present)
		waiting := math.Exp(-math.Max(t-12, 0)/(6*p.startup)) * 0.9
		rate := n * p.bitrate * (1 - stalled)
		r.Series = append(r.Series, result.Point{At: at, Joined: present, Stalled: int(n * min(stalled, 1)),
			Playing: int(n * (1 - min(stalled, 1)) * (1 - waiting)), PeerRate: rate * p.peers, EdgeRate: rate * p.edges,
			ProviderRate: rate * p.provs, SourceRate: 6.4e6 * (1 + wobble), Bitrate: p.bitrate, BaseFee: 5})
	}
}
