package sim

import (
	"time"

	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/abr"
	"kinetoscope/sim/result"
)

// counts is what one viewer saw and got: over the whole run, or within the
// window that is measured.
type counts struct {
	course
	startup   time.Duration // from the request for the first picture until it was shown
	stalled   time.Duration // after that
	behind    time.Duration // live, sum over segments
	liveCost  float64       // sum of what LoL+ takes off for that
	from      [3]int64      // bytes shown, by source
	uploaded  int64
	odd       *oddities // nil: none
	behinds   int32
	stalls    int32
	abandoned int32 // requests given up
	affected  bool  // it met something that it could not show
}

// Oddities are what few viewers meet.
type oddities struct {
	gap, jumped, stuck time.Duration // of the stream: passed with nothing to show, jumped over, not come to when it left
	waited             time.Duration // for pictures, after jumps
}

// oddly is where to count oddities.
func (c *counts) oddly() *oddities {
	if c.odd == nil {
		c.odd = new(oddities)
	}
	return c.odd
}

// oddities are those counted so far.
func (c *counts) oddities() oddities {
	if c.odd == nil {
		return oddities{}
	}
	return *c.odd
}

// takeWithin counts what a viewer states, as far as it lies within the window.
func (c *counts) takeWithin(w *world, f *protocol.Fact, window result.Window) {
	from := w.now - f.Span // of a stall, which ends now
	if f.Kind == protocol.Gapped {
		from = time.Duration(f.Value)
	}
	span := window.Within(from, from+f.Span)
	switch f.Kind {
	case protocol.Stalled, protocol.Gapped, protocol.Sought:
		if span == 0 {
			return
		}
	case protocol.Started:
		if !window.Holds(w.now) || !window.Holds(w.now-time.Duration(f.Value)) { // it came before
			return
		}
	default:
		if !window.Holds(w.now) {
			return
		}
	}
	c.take(w, f, span)
}

// take counts what a viewer states; of what lasts, so much counts.
func (c *counts) take(w *world, f *protocol.Fact, span time.Duration) {
	switch f.Kind {
	case protocol.Stalled:
		c.stalls++
		if c.stalled += span; f.Value == 0 {
			c.oddly().stuck = span
		}
	case protocol.Sought:
		c.oddly().waited += span
	case protocol.Gapped:
		c.oddly().gap += span
		c.affected = true
	case protocol.Started:
		c.startup = time.Duration(f.Value)
	case protocol.Played, protocol.Replaced:
		if c.from[f.Source] += f.Value; f.Kind == protocol.Played && !w.replaces() {
			c.show(w, f.Rendition, f.Span)
		}
	case protocol.Shown:
		c.show(w, f.Rendition, f.Span)
	case protocol.Abandoned:
		c.abandoned++
	case protocol.Skipped:
		c.oddly().jumped += f.Span
	case protocol.Avoided, protocol.Wasted:
		c.affected = true
	case protocol.Behind:
		c.liveCost += w.rungs.LiveCost(f.Span.Seconds(), 1+float64(f.Value-1)/1000)
		c.behind += f.Span
		c.behinds++
	case protocol.Served:
		c.uploaded += f.Value
	}
}

// replaces says that viewers may fetch a segment of their buffer once more, so that
// what they see is known only when its showing begins.
func (w *world) replaces() bool {
	return w.stream.Player.Replace != "" && w.stream.Player.Replace != abr.ReplaceNone
}

// measured is what a viewer saw within the window.
func (v *visitor) measured() *counts {
	if v.in != nil {
		return v.in
	}
	return &v.counts
}

// watchedWithin is how long a viewer saw moving pictures within the window.
func (v *visitor) watchedWithin(window result.Window) time.Duration {
	if !v.started {
		return 0
	}
	c := v.measured()
	return max(0, window.Within(v.join+v.startup, v.leave)-c.stalled-c.oddities().gap-c.oddities().waited)
}

// counted says that a viewer was there while the run was measured.
func (w *world) counted(v *visitor) bool {
	return v.joined && !v.is(sybil) && (w.window.Whole() || v.join < w.window.To && v.leave > w.window.From)
}

// A reading is what the counters of a run show at one time.
type reading struct {
	sent                                      [roles]int64 // bytes that had left each kind of node
	class                                     [3]int64     // bytes sent, of each kind of traffic
	inbound, headers, probes, abroad, carried int64        // bytes
	abandoned, denied, rejected               int64
	deceived, wasted, discarded               int64
	skipped                                   time.Duration
	lookups                                   [4]int64
}

func (w *world) reading() reading {
	r := reading{inbound: w.inbound, headers: w.headers, probes: w.probes, abroad: w.abroad, carried: w.carried, abandoned: w.abandoned,
		denied: w.denied, rejected: w.rejected, deceived: w.deceived, wasted: w.wasted, discarded: w.discarded, skipped: w.skipped, lookups: w.lookups}
	for id := range w.nodes {
		r.sent[w.roleOf(protocol.NodeID(id))] += int64(w.net.Sent(int32(id)))
	}
	for t := range r.class {
		r.class[t] = int64(w.net.Total(netem.Traffic(t)).Sent)
	}
	return r
}

// since is what was counted after an earlier reading.
func (r reading) since(o reading) reading {
	for i := range r.sent {
		r.sent[i] -= o.sent[i]
	}
	for i := range r.class {
		r.class[i] -= o.class[i]
	}
	for i := range r.lookups {
		r.lookups[i] -= o.lookups[i]
	}
	r.inbound, r.headers, r.probes = r.inbound-o.inbound, r.headers-o.headers, r.probes-o.probes
	r.abroad, r.carried = r.abroad-o.abroad, r.carried-o.carried
	r.abandoned, r.denied, r.rejected = r.abandoned-o.abandoned, r.denied-o.denied, r.rejected-o.rejected
	r.deceived, r.wasted, r.discarded, r.skipped = r.deceived-o.deceived, r.wasted-o.wasted, r.discarded-o.discarded, r.skipped-o.skipped
	return r
}

// within is what was counted within the window, and how long that is.
func (w *world) within() (reading, time.Duration) {
	if w.window.Whole() {
		return w.reading(), w.end
	}
	return w.ends[1].since(w.ends[0]), w.window.To - w.window.From
}

// open schedules the window that is measured, if not all is.
func (w *world) open() {
	if w.window = w.scenario.Window(); w.window.Whole() {
		return
	}
	for i := range w.viewers {
		w.viewers[i].in = new(counts)
	}
	w.push(w.window.From, toFrame, 0, 0)
	w.push(w.window.To, toFrame, 0, 1)
}

// frame reads the counters where the window begins and where it ends.
func (w *world) frame(i int) { w.ends[i] = w.reading() }
