package sim

import (
	"math"
	"slices"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/sim/result"
)

// shifting is what a run counts of viewers who move between edges.
type shifting struct {
	struck   map[protocol.NodeID]*struck // viewers whose edge a fault hit; the first fault counts
	hit      []protocol.NodeID           // the same, in the order of their numbers
	shifts   int64
	probes   int64     // bytes on the wire
	loads    [][]int64 // bytes that had left each edge at the end of each bucket
	hitSince int       // the bucket of the first such fault
}

// A struck viewer was served by an edge that a fault hit.
type struck struct {
	edge                protocol.NodeID
	at, sensed, shifted time.Duration // sensed, shifted: 0 if it has not
	stalled             bool          // playback stopped after the fault and before it moved
}

// strike notes who is served by the edges that fault i hits.
func (w *world) strike(i int) {
	if len(w.darkness[i]) == 0 || w.roleOf(w.darkness[i][0]) != roleEdge || len(w.hit) > 0 {
		return
	}
	w.struck, w.hitSince = map[protocol.NodeID]*struck{}, len(w.series)-1
	for k := range w.viewers {
		v := &w.viewers[k]
		if v.joined && !v.left && slices.Contains(w.darkness[i], v.server) {
			w.struck[w.viewerID(k)] = &struck{edge: v.server, at: w.now}
			w.hit = append(w.hit, w.viewerID(k))
		}
	}
}

// moves counts what a viewer states of its edge.
func (w *world) moves(id protocol.NodeID, f *protocol.Fact) {
	if f.Kind == protocol.Shifted {
		w.shifts++
	}
	s := w.struck[id]
	if s == nil || s.shifted > 0 {
		return
	}
	switch {
	case f.Kind == protocol.Sensed && f.Node == s.edge && s.sensed == 0:
		s.sensed = w.now
	case f.Kind == protocol.Shifted && f.Node == s.edge:
		s.shifted = w.now
	}
}

// held up says that a viewer's playback stopped at a time before now.
func (w *world) heldUp(id protocol.NodeID, from time.Duration) {
	if s := w.struck[id]; s != nil && from > s.at && (s.shifted == 0 || from < s.shifted) {
		s.stalled = true
	}
}

// measureShifts says how fast viewers left edges that a fault hit, and how even
// the load on edges was.
func (w *world) measureShifts(r *result.Run) {
	var sensed, shifted []float64
	stalled := 0
	for _, id := range w.hit {
		s := w.struck[id]
		took := func(at time.Duration) float64 { // who never did took longer than any
			if at == 0 {
				return math.Inf(1)
			}
			return (at - s.at).Seconds()
		}
		sensed, shifted = append(sensed, took(s.sensed)), append(shifted, took(s.shifted))
		if s.stalled {
			stalled++
		}
	}
	slices.Sort(sensed)
	slices.Sort(shifted)
	finite := func(x float64) float64 {
		if math.IsInf(x, 1) {
			return math.NaN()
		}
		return x
	}
	r.Values[result.SenseP50] = finite(result.Quantile(sensed, 0.50))
	r.Values[result.ShiftP50] = finite(result.Quantile(shifted, 0.50))
	r.Values[result.ShiftP95] = finite(result.Quantile(shifted, 0.95))
	r.Values[result.StalledBeforeShift] = ratio(float64(stalled), float64(len(w.hit)))
	r.Values[result.Shifts] = float64(w.shifts)
	r.Values[result.EdgeImbalance], r.Values[result.EdgeOscillation] = unevenness(w.loads[min(w.hitSince, len(w.loads)):], window(w.bucket))
}

// window is how many buckets make four seconds or more: below two segments the
// load of an edge swings by itself, since viewers ask as soon as a slot is over.
func window(bucket time.Duration) int { return int(max(1, (4*time.Second+bucket-1)/bucket)) }

// unevenness takes the bytes that had left each edge at the end of each bucket,
// in windows of n of them: the mean of the busiest edge ÷ the mean edge, and the
// mean over edges of the standard deviation of what each sent ÷ the mean edge.
func unevenness(left [][]int64, n int) (imbalance, oscillation float64) {
	var windows [][]float64
	var all float64
	for b := n; b < len(left); b += n {
		w := make([]float64, len(left[b]))
		for e := range w {
			w[e] = float64(left[b][e] - left[b-n][e])
			all += w[e]
		}
		windows = append(windows, w)
	}
	if all == 0 {
		return math.NaN(), math.NaN()
	}
	busy := 0
	for _, w := range windows {
		if mean := average(w); mean > 0 {
			imbalance += slices.Max(w) / mean
			busy++
		}
	}
	edges := len(windows[0])
	mean := all / float64(len(windows)*edges)
	for e := range edges {
		var own, square float64
		for _, w := range windows {
			own += w[e] / float64(len(windows))
		}
		for _, w := range windows {
			square += float64((w[e] - own) * (w[e] - own))
		}
		oscillation += math.Sqrt(square/float64(len(windows))) / mean / float64(edges)
	}
	return imbalance / float64(busy), oscillation
}

// gauge notes what has left each edge so far.
func (w *world) gauge() {
	now := make([]int64, len(w.stream.Edges))
	for i, id := range w.stream.Edges {
		now[i] = int64(w.net.Sent(int32(id)))
	}
	w.loads = append(w.loads, now)
}

// average is the mean of at least one number.
func average(list []float64) (sum float64) {
	for _, x := range list {
		sum += x
	}
	return sum / float64(len(list))
}
