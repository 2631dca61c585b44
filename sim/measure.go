package sim

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// measure makes the record of a finished run.
func (w *world) measure() *result.Run {
	r := &result.Run{Variant: w.scenario.Variant, Seed: w.seed, Values: make([]float64, len(result.Metrics)), Notes: w.notes}
	for i := range r.Values {
		r.Values[i] = math.NaN()
	}
	w.measureViewers(r)
	w.measureTraffic(r)
	w.measureMoney(r)
	r.Series = w.timeline()
	r.Seal()
	return r
}

// watched is how long a viewer saw moving pictures.
func (v *visitor) watched() time.Duration {
	if !v.started {
		return 0
	}
	return max(0, v.leave-v.join-v.startup-v.stalled)
}

func (w *world) measureViewers(r *result.Run) {
	var startup, stall, latency, first, open []float64
	var watched, stalled, rate, played float64
	var joined, stalling, switches int
	for i := range w.viewers {
		v := &w.viewers[i]
		if !v.joined {
			continue
		}
		joined++
		r.Viewers = append(r.Viewers, w.row(i, v))
		watched += v.watched().Seconds()
		stalled += v.stalled.Seconds()
		rate += v.rateTime
		played += v.played.Seconds()
		switches += v.switches
		if !v.started {
			continue
		}
		startup = append(startup, v.startup.Seconds())
		stall = append(stall, v.stalled.Seconds())
		if v.stalled > time.Second {
			stalling++
		}
		if v.behinds > 0 {
			latency = append(latency, (v.behind / time.Duration(v.behinds)).Seconds())
		}
		if v.accepted > 0 {
			first = append(first, v.firstPaid.Seconds())
		}
		if v.channelOpen > 0 {
			open = append(open, v.channelOpen.Seconds())
		}
	}
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	set(result.StartupP50, quantile(startup, 0.50))
	set(result.StartupP95, quantile(startup, 0.95))
	set(result.StartupP99, quantile(startup, 0.99))
	set(result.NeverStarted, ratio(float64(joined-len(startup)), float64(joined)))
	set(result.RebufferRatio, ratio(stalled, watched+stalled))
	set(result.StalledViewers, ratio(float64(stalling), float64(len(startup))))
	set(result.StallP95, quantile(stall, 0.95))
	set(result.Bitrate, ratio(rate, played))
	set(result.Switches, ratio(float64(switches), watched/60))
	set(result.LatencyP50, quantile(latency, 0.50))
	set(result.LatencyP95, quantile(latency, 0.95))
	set(result.TimeToFirstPaymentP50, quantile(first, 0.50))
	set(result.OpenConfirmP50, quantile(open, 0.50))
	set(result.BytesPerViewer, ratio(float64(w.inbound), float64(joined)))
	set(result.ViewerCPU, ratio(w.cpu[roleViewer].Seconds(), watched/3600))
}

func (w *world) row(i int, v *visitor) result.Viewer {
	p := w.scenario.Population
	row := result.Viewer{ID: i, Region: p.Regions[v.region].Name, Class: p.Classes[v.class].Name,
		Join: v.join, Leave: v.leave, Startup: -1, Watched: v.watched(), Stalled: v.stalled,
		Stalls: v.stalls, Switches: v.switches, Bitrate: ratio(v.rateTime, v.played.Seconds()),
		FromPeers: v.from[protocol.FromPeer], FromEdges: v.from[protocol.FromEdge],
		FromProviders: v.from[protocol.FromProviders], Uploaded: v.uploaded,
		Paid: uint64(v.promised), Unpaid: v.unpaid(w.collector.Claim(payment.Account(w.viewerID(i))))}
	if v.started {
		row.Startup = v.startup
	}
	if v.behinds > 0 {
		row.Latency = v.behind / time.Duration(v.behinds)
	}
	return row
}

// unpaid is the bytes for which no payment reached the collector.
func (v *visitor) unpaid(claim unit.Wei) int64 {
	got := v.from[0] + v.from[1] + v.from[2]
	if v.due == 0 || claim >= v.due {
		return 0
	}
	return int64(float64(got) * (1 - float64(claim)/float64(v.due)))
}

func (w *world) measureTraffic(r *result.Run) {
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	var from [3]float64
	for i := range w.viewers {
		for k, n := range w.viewers[i].from {
			from[k] += float64(n)
		}
	}
	good := from[0] + from[1] + from[2]
	all := float64(w.bytes[classMedia] + w.bytes[classControl] + w.bytes[classPayment])
	set(result.Goodput, 8*good/w.end.Seconds())
	set(result.PeerShare, ratio(from[protocol.FromPeer], good))
	set(result.EdgeShare, ratio(from[protocol.FromEdge], good))
	set(result.ProviderShare, ratio(from[protocol.FromProviders], good))
	set(result.SourceRate, 8*float64(w.egress[rolePublisher])/w.end.Seconds())
	set(result.SegmentsLost, float64(w.lost))
	if w.stream.Coder != nil {
		set(result.Expansion, ratio(float64(w.stored), float64(w.published)))
	} else {
		set(result.Expansion, float64(len(w.edges)))
	}
	set(result.HeaderBytes, ratio(float64(w.headerBytes), float64(w.tokens)))
	set(result.HeaderShare, ratio(float64(w.bytes[classes]), all))
	set(result.ControlShare, ratio(float64(w.bytes[classControl]), all))
	set(result.PaymentShare, ratio(float64(w.bytes[classPayment]), all))
	set(result.CorruptCaught, float64(w.rejected))
	set(result.PublishDelay, ratio(w.sealing.Seconds(), float64(w.slots)))
	set(result.Events, float64(w.events))
}

// gigabyte is what the price of traffic is quoted for.
const gigabyte = 1e9

func (w *world) measureMoney(r *result.Run) {
	s := w.scenario
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	usd := func(wei float64) float64 { return wei / 1e18 * float64(s.Ledger.ETHPrice) / 1e9 }
	price := func(p unit.USD, n int64) float64 { return float64(p) / 1e9 * float64(n) / gigabyte }
	var paid, watched, unpaid float64
	for i := range w.viewers {
		v := &w.viewers[i]
		claim := w.collector.Claim(payment.Account(w.viewerID(i)))
		paid += float64(claim)
		watched += v.watched().Hours()
		unpaid += float64(v.unpaid(claim))
	}
	received := new(big.Int)
	for _, p := range w.payouts {
		received.Add(received, p)
	}
	got, _ := new(big.Float).SetInt(received).Float64()
	egress := price(s.Prices.Publisher, w.egress[rolePublisher]) + price(s.Prices.Provider, w.egress[roleProvider]) +
		price(s.Prices.Edge, w.egress[roleEdge])
	fees := usd(float64(w.fees))
	set(result.Paid, usd(paid))
	set(result.UnpaidBytes, unpaid)
	set(result.CreatorShare, ratio(got, paid+float64(w.fees)))
	if w.chain != nil {
		set(result.GasPerSession, ratio(float64(w.gas), float64(w.sessions)))
		set(result.FeePerSession, ratio(fees, float64(w.sessions)))
	}
	set(result.CostPerViewerHour, ratio(egress+fees, watched))
}

func (w *world) timeline() []result.Point {
	points := make([]result.Point, len(w.series))
	var joined, playing int
	for i, b := range w.series {
		joined += b.joined - b.left
		playing += b.started - b.quit
		rate := func(r role) float64 { return 8 * float64(b.egress[r]) / w.bucket.Seconds() }
		points[i] = result.Point{At: time.Duration(i) * w.bucket, Joined: joined, Playing: playing - b.stalled,
			Stalled: b.stalled, PeerRate: rate(roleViewer), EdgeRate: rate(roleEdge),
			ProviderRate: rate(roleProvider), SourceRate: rate(rolePublisher),
			Bitrate: ratio(b.rateTime, b.played), BaseFee: b.baseFee}
	}
	return points
}

// note keeps a remark for the report, once.
func (w *world) note(about, format string, args ...any) {
	n := about + ": " + fmt.Sprintf(format, args...)
	if !slices.Contains(w.notes, n) {
		w.notes = append(w.notes, n)
	}
}

// quantile is the nearest-rank quantile of x, which it sorts; NaN if x is empty.
func quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	slices.Sort(x)
	return x[min(len(x)-1, max(0, int(math.Ceil(q*float64(len(x))))-1))]
}

// ratio is a/b, and 0 if there is nothing to divide.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
