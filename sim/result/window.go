package result

import (
	"fmt"
	"time"
)

// A Window is the part of a stream that is measured, from its beginning to just
// before its end. The zero Window is all of it, and what comes after.
type Window struct{ From, To time.Duration }

// Whole reports whether nothing is left out.
func (w Window) Whole() bool { return w == Window{} }

// Holds reports whether a moment is measured.
func (w Window) Holds(at time.Duration) bool { return w.Whole() || w.From <= at && at < w.To }

// Within is how much of the time between two moments is measured.
func (w Window) Within(from, to time.Duration) time.Duration {
	if !w.Whole() {
		from, to = max(from, w.From), min(to, w.To)
	}
	return max(0, to-from)
}

// Text words a Window for people: "from 10 s to 85 s".
func (w Window) Text() string {
	seconds := func(d time.Duration) string { return Metrics[StartupP50].Text(d.Seconds()) }
	return fmt.Sprintf("from %s to %s", seconds(w.From), seconds(w.To))
}

// windowed is the metrics that are taken within the Window: what viewers
// experience and what the network carries. All others are of the whole run: a
// channel is opened before the window and closed after it, a fault has its own
// time, and a bill is not paid in part.
var windowed = func() (list []bool) {
	list = make([]bool, len(Metrics))
	for _, id := range []MetricID{StartupP50, StartupP95, StartupP99, NeverStarted, ExitsBeforeStart, ExitsInStall, SeekP50, SeekP95, RebufferRatio, StalledViewers, StallP95,
		Bitrate, DownloadP50, DownloadP95, DownloadP99, Switches, SwitchSize, StallEvents, QoeLin, QoeLog, QoeHd, SabreScore, Lolp,
		Skipped, Survival, GapTime, AffectedViewers, LatencyP50, LatencyP95, Goodput, GoodputEfficiency, PeerShare, EdgeShare, ProviderShare,
		SourceRate, HeaderShare, ControlBytes, ControlShare, PaymentShare, ProbeShare, CorruptCaught, CorruptShown, Abandoned, Denied, TurnedAway,
		HitRatio, Coalesced, OriginShare, CrossRegion, RebufferHot, RebufferCold, UndecodableBytes, DiscardedBytes, BytesPerViewer} {
		list[id] = true
	}
	return list
}()

// Windowed reports whether a metric is taken within the Window of its Set.
func (id MetricID) Windowed() bool { return windowed[id] }
