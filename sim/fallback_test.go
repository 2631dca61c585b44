package sim

import (
	"context"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// spoilt is a world of honest viewers whose stream goes wrong in three ways.
func spoilt(t *testing.T, sets ...string) *result.Run {
	t.Helper()
	return run(t, load(t, small, append([]string{"duration=50s", "population.session={law: endless, scale: 0s}", "population.pollutes=0%",
		"population.defaults=0%", "population.no_decoder=40%", "faults=[{kind: codec, renditions: [2, 3], at: 12s, for: 4s}, " +
			"{kind: drm, at: 20s, for: 4s}, " +
			"{kind: damage, share: 0.3%, at: 28s, for: 2s}, " +
			"{kind: damage, share: 20%, renditions: [1, 2, 3], at: 34s, for: 4s}]"}, sets...)...), 1)
}

// Each level of fallback saves something that the one above it loses.
func TestEachLevelSavesSomething(t *testing.T) {
	at := map[string]func(result.MetricID) float64{}
	for _, level := range []string{"samples", "keyframes", "opaque", "skip", "gap"} {
		r := spoilt(t, "video.fallback="+level)
		at[level] = func(id result.MetricID) float64 { return r.Values[id] }
		if paid := r.Values[result.PaidUndecodable]; paid != 0 {
			t.Errorf("%s: $%v paid for what cannot be shown", level, paid)
		}
	}
	lost := func(level string) float64 { return 1 - at[level](result.Survival) + at[level](result.RebufferRatio) }
	if lost("samples") <= 1.5*lost("keyframes") {
		t.Errorf("lost or waited for: %v without a search for pictures, %v with one", lost("samples"), lost("keyframes"))
	}
	if lost("keyframes") <= lost("opaque") {
		t.Errorf("lost or waited for: %v when bytes are not passed on, %v when they are", lost("keyframes"), lost("opaque"))
	}
	if a, b := at["opaque"](result.UndecodableBytes), at["skip"](result.UndecodableBytes); a <= 5*b || b == 0 {
		t.Errorf("fetched in vain: %v bytes without warnings, %v with them", a, b)
	}
	if b := at["gap"](result.UndecodableBytes); b != 0 {
		t.Errorf("fetched in vain: %v bytes although gaps are signalled", b)
	}
	if got := at["gap"](result.RebufferRatio); got > 0.001 {
		t.Errorf("rebuffer ratio %v although gaps are signalled", got)
	}
	if gap := at["gap"](result.GapTime); gap != 4 {
		t.Errorf("the gap lasts %v s of 4 that nobody can show", gap)
	}
}

// Viewers pay for every slot that they can show and for no other, those without
// the decoder as well.
func TestPaymentsAreDecodableSeconds(t *testing.T) {
	s := load(t, small, "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=0%", "payment.method=central",
		"population.no_decoder=50%", "faults=[{kind: codec, at: 12s, for: 4s}, {kind: drm, renditions: [3], at: 18s, for: 4s}]")
	w, err := newWorld(Flows, s, clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	gaps := map[protocol.NodeID]time.Duration{}
	w.watch = func(id protocol.NodeID, f *protocol.Fact) {
		if f.Kind == protocol.Gapped {
			gaps[id] += f.Span
		}
	}
	if _, err := w.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	lacking := 0
	for i := range w.viewers {
		v := &w.viewers[i]
		if v.promised != v.due || v.promised == 0 {
			t.Errorf("viewer %d promised %v for segments worth %v", i, v.promised, v.due)
		}
		want := time.Duration(0)
		if v.is(noDecoder) && v.started && v.join < 10*time.Second {
			want, lacking = 4*time.Second, lacking+1
		}
		if got := gaps[w.viewerID(i)]; v.join < 10*time.Second && got != want {
			t.Errorf("viewer %d, without the decoder: %v, saw gaps of %v, want %v", i, v.is(noDecoder), got, want)
		}
	}
	if lacking < 3 {
		t.Errorf("only %d viewers lack the decoder", lacking)
	}
}

// With sealed payloads who never pays sees its credit at each of the three edges
// that it was told of and no more, however much neighbours pass on; who pays
// does not notice.
func TestSealedPayloadsStopFreeRiders(t *testing.T) {
	base := []string{"duration=60s", "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=30%", "faults=[]"}
	open := run(t, load(t, small, base...), 1)
	sealed := run(t, load(t, small, append(base, "token.sealed=true")...), 1)
	riders := 0.0
	for _, v := range sealed.Viewers {
		if v.Paid == 0 {
			riders++
		} else if v.Unpaid > 0 || v.Stalled > time.Second {
			t.Errorf("viewer %d pays, and has %d bytes unpaid and stalls of %v", v.ID, v.Unpaid, v.Stalled)
		}
	}
	bound := riders * 3 * 3 * 2 // edges, segments of credit, seconds each
	a, b := open.Values[result.UnpaidTime], sealed.Values[result.UnpaidTime]
	if b > bound || b >= a/1.5 || b == 0 {
		t.Errorf("%v riders see %v s unpaid, %v s if payloads are not sealed; the bound is %v s", riders, b, a, bound)
	}
	if x, y := open.Values[result.StartupP50], sealed.Values[result.StartupP50]; y > x+0.02 {
		t.Errorf("the median startup is %v s, %v s if payloads are not sealed", y, x)
	}
}

// The timeline shows when there was nothing to show, to whom, and that it is no
// stall.
func TestGapsAreOnTheTimeline(t *testing.T) {
	r := run(t, load(t, small, "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=0%", "faults=[{kind: drm, at: 12s, for: 4s}]"), 1)
	most := 0
	for _, p := range r.Series {
		if p.Playing < 0 || p.Gapped > 0 && p.Stalled > 0 {
			t.Errorf("at %v: %d play, %d stall, %d have nothing to show", p.At, p.Playing, p.Stalled, p.Gapped)
		}
		if p.Gapped > 0 && (p.At < 12*time.Second || p.At > 26*time.Second) {
			t.Errorf("%d have nothing to show at %v", p.Gapped, p.At)
		}
		most = max(most, p.Gapped)
	}
	if most < 12 {
		t.Errorf("at most %d of 24 viewers have nothing to show at a time", most)
	}
}

// A title of which nothing can be shown starts nobody and costs nobody.
func TestATitleThatNobodyCanShow(t *testing.T) {
	r := run(t, load(t, small, "faults=[{kind: drm, at: 0s, for: 24s}]"), 1)
	if r.Values[result.NeverStarted] != 1 || r.Values[result.Paid] != 0 || r.Values[result.UndecodableBytes] != 0 {
		t.Errorf("never started %v, paid $%v, %v bytes fetched in vain", r.Values[result.NeverStarted], r.Values[result.Paid], r.Values[result.UndecodableBytes])
	}
}

// Nobody pays for what cannot be shown, whatever the method: what is paid ahead
// lasts the longer.
func TestNoMethodBillsUndecodable(t *testing.T) {
	for _, m := range payment.Method("").Names() {
		for _, fault := range []string{"kind: drm, at: 10s, for: 8s"} {
			r := run(t, load(t, small, "payment={method: "+m+", interval: 4s}", "population.no_decoder=60%", "faults=[{"+fault+"}]"), 1)
			if v := r.Values; v[result.PaidUndecodable] != 0 || !(v[result.Paid] > 0) {
				t.Errorf("%s, %s: $%v of $%v are paid for what nobody can show", m, fault, v[result.PaidUndecodable], v[result.Paid])
			}
		}
	}
}
