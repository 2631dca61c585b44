package sim

import (
	"fmt"
	"math"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// measure makes the record of a finished run.
func (w *world) measure() *result.Run {
	r := &result.Run{Variant: w.scenario.Variant, Seed: w.seed, Values: result.NewValues()}
	r.Viewers = slices.Grow(r.Viewers, len(w.viewers))
	for i := range w.viewers {
		if v := &w.viewers[i]; w.counted(v) {
			r.Viewers = append(r.Viewers, w.row(i, v))
		}
	}
	result.Tally(r.Viewers, r.Values, w.window)
	r.Values[result.UnpaidBytes] = w.unpaidBytes() // a debt is whole
	w.measureSessions(r)
	w.measureHabits(r)
	w.measurePublisher(r)
	w.measureTraffic(r)
	w.measureNetwork(r)
	w.measureStorage(r)
	w.measureMoney(r)
	w.measurePayments(r)
	w.measureChain(r)
	w.measureAttacks(r)
	w.measureFallback(r)
	w.measureShifts(r)
	w.measureCatalogue(r)
	w.measureSpread(r)
	w.measureEdges(r)
	w.measureVideo(r)
	w.measureWorld()
	r.Downloads = w.downloads
	r.Values[result.DownloadP50] = w.downloads.Quantile(0.50)
	r.Values[result.DownloadP95] = w.downloads.Quantile(0.95)
	r.Values[result.DownloadP99] = w.downloads.Quantile(0.99)
	r.Series = w.timeline()
	w.measureRecovery(r)
	r.Notes = w.notes
	r.Seal()
	return r
}

// watched is how long a viewer saw moving pictures.
func (v *visitor) watched() time.Duration {
	if !v.started {
		return 0
	}
	return max(0, v.leave-v.join-v.startup-v.stalled-v.oddities().gap-v.oddities().waited)
}

func (w *world) row(i int, v *visitor) result.Viewer {
	p := w.scenario.Population
	c := v.measured()
	seen := c.seen(w)
	row := result.Viewer{ID: i, Region: p.Regions[v.region].Name, Class: p.Classes[v.class].Name,
		Join: v.join, Leave: v.leave, Startup: -1, Watched: v.watchedWithin(w.window), Stalled: c.stalled,
		Stalls: int(c.stalls), Switches: int(seen.Switches), FromPeers: c.from[protocol.FromPeer],
		FromEdges: c.from[protocol.FromEdge], FromProviders: c.from[protocol.FromProviders],
		Uploaded: c.uploaded, Paid: uint64(v.promised), Unpaid: v.unpaid(w.claim(i))}
	if v.started {
		row.Startup = v.startup
	}
	if seen.Played > 0 {
		row.Bitrate = seen.rateTime / seen.Played.Seconds()
	}
	row.GaveUp = int(v.tired)
	if w.habits != nil {
		row.Seeks, row.Zaps = w.habits[i].seeks, w.habits[i].zaps
	}
	row.Abandoned, row.Climb = int(c.abandoned), 1e6*seen.Linear.Change
	row.QoELin, row.QoELog, row.QoEHD = seen.Lin(), seen.Log(), seen.HD()
	row.SabreScore, row.LoLP = seen.Sabre().Score, seen.LoLP(w.rungs)
	if c.behinds > 0 {
		row.Latency = c.behind / time.Duration(c.behinds)
	}
	return row
}

// claim is what the i-th viewer has paid: on the chain, what its channel paid
// out; with the platform, what the ledger charged.
func (w *world) claim(i int) unit.Wei {
	a := payment.Account(w.viewerID(i))
	if len(w.brokers) > 0 {
		return w.collector.Paid(a)
	}
	if w.chain != nil {
		return w.closed[a]
	}
	return w.collector.Claim(a)
}

// unpaid is the bytes for which no payment reached the collector.
func (v *visitor) unpaid(claim unit.Wei) int64 {
	if v.due == 0 || claim >= v.due {
		return 0
	}
	return int64(float64(v.from[0]+v.from[1]+v.from[2]) * (1 - float64(claim)/float64(v.due)))
}

// unpaidBytes is what all viewers have not paid for.
func (w *world) unpaidBytes() (sum float64) {
	for i := range w.viewers {
		if v := &w.viewers[i]; v.joined && !v.is(sybil) {
			sum += float64(v.unpaid(w.claim(i)))
		}
	}
	return sum
}

func (w *world) measureSessions(r *result.Run) {
	var first, open []float64
	var watched, within time.Duration
	came, turnedAway := 0, 0
	for i := range w.viewers {
		v := &w.viewers[i]
		watched += v.watched()
		within += v.watchedWithin(w.window)
		if w.window.Holds(v.join) {
			came += one(v.joined && !v.is(sybil))
			turnedAway += one(v.turnedAway)
		}
		if v.paid {
			first = append(first, v.firstPaid.Seconds())
		}
		if v.channelOpen > 0 {
			open = append(open, v.channelOpen.Seconds())
		}
	}
	slices.Sort(first)
	slices.Sort(open)
	r.Values[result.TurnedAway] = ratio(float64(turnedAway), float64(came))
	r.Values[result.TimeToFirstPaymentP50] = result.Quantile(first, 0.50)
	r.Values[result.TimeToFirstPaymentP95] = result.Quantile(first, 0.95)
	r.Values[result.OpenConfirmP50] = result.Quantile(open, 0.50)
	r.Values[result.ViewerCPU] = ratio(w.cpu[roleViewer].Seconds(), watched.Hours())
	now, _ := w.within()
	r.Values[result.BytesPerViewer] = ratio(float64(now.inbound), float64(len(r.Viewers)))
	r.Values[result.Skipped] = ratio(now.skipped.Seconds(), within.Hours())
	if w.stream.Coder != nil {
		r.Values[result.ProviderCPU] = ratio(w.cpu[roleProvider].Seconds(), watched.Hours())
	}
	r.Values[result.EdgeCPU] = ratio(w.cpu[roleEdge].Seconds(), watched.Hours())
}

// measurePublisher says what sealing cost and how long it took.
func (w *world) measurePublisher(r *result.Run) {
	slots := float64(w.slots)
	r.Values[result.PublishDelay] = ratio(w.sealing.Seconds(), slots)
	slices.Sort(w.delays)
	r.Values[result.AddedDelayP50] = result.Quantile(w.delays, 0.50)
	r.Values[result.AddedDelayP95] = result.Quantile(w.delays, 0.95)
	r.Values[result.AddedDelayP99] = result.Quantile(w.delays, 0.99)
	var took time.Duration
	for stage, id := range [protocol.Stages]result.MetricID{result.ParseTime, result.CutTime, result.CipherTime, result.HashTime,
		result.MerkleTime, result.SignTime, result.CodeTime, result.HeaderTime} {
		r.Values[id] = ratio(w.labour[stage].Seconds(), slots)
		took += w.labour[stage]
	}
	r.Values[result.PublisherCPU] = ratio(took.Seconds(), w.end.Hours())
	r.Values[result.StreamsPerCore] = ratio(w.end.Seconds(), took.Seconds())
	r.Values[result.CoreDemand] = float64(w.scenario.Publisher.Streams) * took.Seconds() / w.end.Seconds()
}

func (w *world) measureTraffic(r *result.Run) {
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	var good int64
	for i := range w.viewers {
		for _, n := range w.viewers[i].measured().from {
			good += n
		}
	}
	w.left()
	now, length := w.within()
	sent := func(t netem.Traffic) float64 { return float64(now.class[t]) }
	all := sent(classMedia) + sent(classControl) + sent(classPayment)
	set(result.Goodput, 8*float64(good)/length.Seconds())
	set(result.GoodputEfficiency, ratio(float64(good), float64(now.inbound)))
	set(result.SourceRate, 8*float64(now.sent[rolePublisher])/length.Seconds())
	set(result.SegmentsLost, float64(len(w.lost)))
	set(result.Expansion, float64(len(w.edges)))
	if w.stream.Coder != nil {
		set(result.Expansion, ratio(float64(w.shards), float64(w.published)))
	}
	set(result.HeaderBytes, ratio(float64(w.headerBytes), float64(w.tokens)))
	set(result.HeaderShare, ratio(float64(now.headers), all))
	set(result.ControlBytes, ratio(sent(classControl), float64(len(r.Viewers))))
	set(result.ControlShare, ratio(sent(classControl), all))
	set(result.ProbeShare, ratio(float64(now.probes), all))
	set(result.PaymentShare, ratio(sent(classPayment), all))
	slices.Sort(w.searches)
	set(result.LookupP50, result.Quantile(w.searches, 0.50))
	set(result.LookupP95, result.Quantile(w.searches, 0.95))
	set(result.LookupAsked, ratio(float64(w.inquired), float64(len(w.searches))))
	set(result.Abandoned, float64(now.abandoned))
	set(result.Denied, float64(now.denied))
	set(result.CorruptCaught, float64(now.rejected))
	set(result.CorruptShown, ratio(float64(now.deceived), float64(good)))
	set(result.Events, float64(w.events))
}

// measureWorld notes what a reader must know of the world behind the numbers:
// what was modelled, and what was drawn.
func (w *world) measureWorld() {
	for _, line := range w.scenario.Inputs {
		w.note("data: %s", line)
	}
	w.note("modelled: processor time is charged from the scenario's cpu section, not measured")
	w.noteTokens()
	w.notePrices()
	if w.chain != nil {
		w.note("executed: channels, split and registry run on a real EVM; gas of other people's transactions is modelled as a share of each block")
		if w.rollup != nil {
			w.note("executed: both layers of the rollup, and the transactions that post its batches; proofs and disputes of its state are modelled as a delay, bytes after compression as a share")
		}
		w.noteSignatures()
	}
	w.noteWiles()
	w.noteLaws()
	w.noteCurves()
	for _, n := range w.net.Notes() {
		w.note("%s", n)
	}
}

func (w *world) timeline() []result.Point {
	points := make([]result.Point, len(w.series))
	gapped := w.gapped()
	var joined, playing int
	for i, b := range w.series {
		joined += b.joined - b.left
		playing += b.started - b.quit
		rate := func(r role) float64 { return 8 * float64(b.egress[r]) / b.length.Seconds() }
		points[i] = result.Point{At: time.Duration(i) * w.bucket, Joined: joined, Playing: playing - b.stalled - gapped[i],
			Stalled: b.stalled, Gapped: gapped[i], PeerRate: rate(roleViewer), EdgeRate: rate(roleEdge),
			ProviderRate: rate(roleProvider), SourceRate: rate(rolePublisher), BaseFee: b.baseFee}
		if b.played > 0 {
			points[i].Bitrate = b.rateTime / b.played
		}
	}
	return points
}

// noteTokens says where tokens are not those that are executed.
func (w *world) noteTokens() {
	t := w.scenario.Token
	if t.Header != 0 {
		w.note("assumed: each fragment has a header of %v, whatever its proof takes", t.Header)
	}
	if t != (protocol.TokenConfig{Encoding: protocol.Binary, Proof: protocol.ByPath, Delay: t.Delay}) {
		w.note("modelled: bytes and processor time are those of the token section; tokens are executed whole, with one binary header")
	}
	if p := w.scenario.Publisher; p.Streams > 1 {
		w.note("modelled: %d streams share the publisher's processor; the network carries the one that is watched", p.Streams)
	}
}

// note keeps a remark for the report, once.
func (w *world) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(w.notes, n) {
		w.notes = append(w.notes, n)
	}
}

// one is 1 where something holds, and 0 where not.
func one(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

// ratio is a/b, and NaN if there is nothing to divide by.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
