package protocol

import (
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/swarm"
)

// A chart is what a viewer that may move between edges knows of them.
type chart struct {
	scores [swarm.MaxEdges]uint32 // what the selection goes by, by index in Viewer.edges
	probed time.Duration          // when edges were last asked for their load
	two    [2]uint8               // two-choices: which were, besides the one in use
	sensed bool                   // the edge in use seems to be congested
	slow   bool                   // and that is measured, whatever it reports
	due    time.Duration          // sensed: when to move
	moved  time.Duration          // when it last moved because an edge was slow
	vain   uint8                  // how often it has, one time soon after the other
	leave  time.Duration          // until when the edge may take for what was asked last
}

// chooseEdges makes a viewer choose among its edges, unless it keeps to the
// assigned one. While it knows nothing, that one is as good as any.
func (v *Viewer) chooseEdges(now time.Duration, out *Output) {
	by := v.stream.Swarm.Selection
	if by == swarm.Assigned || len(v.edges) < 2 {
		return
	}
	v.apart().chart = &chart{}
	if by == swarm.Random {
		v.home = uint16(v.draw().IntN(len(v.edges)))
	}
	v.probe(now, out)
}

// probe asks edges how loaded they are, if the selection goes by that and what
// is known is old.
func (v *Viewer) probe(now time.Duration, out *Output) {
	c, s := v.chart, &v.stream.Swarm
	if !s.Selection.Reports() || c.probed > 0 && now < c.probed+s.Sense {
		return
	}
	c.probed = now
	if s.Selection != swarm.TwoChoices {
		for _, e := range v.edges {
			out.send(e, Message{Kind: Probe})
		}
		return
	}
	out.send(v.edges[v.home], Message{Kind: Probe})
	for i := range min(2, len(v.edges)-1) {
		c.two[i] = uint8((int(v.home) + 1 + v.draw().IntN(len(v.edges)-1-i)) % len(v.edges))
		if i > 0 && c.two[1] == c.two[0] { // the last, which was left out
			c.two[1] = uint8((int(v.home) + len(v.edges) - 1) % len(v.edges))
		}
		out.send(v.edges[c.two[i]], Message{Kind: Probe})
	}
}

// told hears an edge's report of its load. Of the guests of a congested edge as
// many are to move as are too many: each does so with the probability that is its share of that.
func (v *Viewer) told(now time.Duration, from NodeID, m *Message, out *Output) {
	if v.chart == nil {
		return
	}
	for i, e := range v.edges {
		if e == from {
			v.chart.scores[i] = uint32(m.Wait)
		}
	}
	if most, load := v.bearable(), v.chart.scores[v.home]; from == v.edges[v.home] && load > most &&
		v.draw().Float64()*float64(load) > float64(most) {
		v.sense(now, false, out)
	}
}

// bearable is the load in ms at which an edge counts as congested: what is under
// way there takes longer to leave than it plays.
func (v *Viewer) bearable() uint32 {
	return uint32(v.stream.Length(v.player.next) / time.Millisecond)
}

// sense notes that the edge in use is congested.
func (v *Viewer) sense(now time.Duration, slow bool, out *Output) {
	c := v.chart
	c.slow = c.slow || slow
	if c.sensed {
		return
	}
	c.sensed, c.due = true, now
	if most := v.stream.Swarm.Jitter; most > 0 {
		c.due += time.Duration(v.draw().Int64N(int64(most)))
	}
	out.fact(Sensed, 1, Fact{Node: v.edges[v.home]})
}

// reconsider moves to another edge if the one in use is congested and there is a
// better one. It is called before an edge is asked.
func (v *Viewer) reconsider(now time.Duration, out *Output) {
	if v.chart == nil {
		return
	}
	v.probe(now, out)
	if c := v.chart; c.sensed && now >= c.due {
		if c.slow {
			v.slowed(now)
		}
		v.move(now, out)
	}
}

// move turns to the edge that the selection names. One that is slow is left in
// any case; one that only says so must be twice as loaded as the other.
func (v *Viewer) move(now time.Duration, out *Output) {
	c, by := v.chart, v.stream.Swarm.Selection
	if by == swarm.RoundRobin {
		c.scores[v.home] = ms(now)
	}
	var at [swarm.MaxEdges]uint8
	var scores [swarm.MaxEdges]uint32
	n := 0
	for i := range v.edges {
		if i != int(v.home) && (by != swarm.TwoChoices || len(v.edges) < 4 || slices.Contains(c.two[:], uint8(i))) {
			at[n], scores[n] = uint8(i), c.scores[i]
			n++
		}
	}
	to := int(at[by.Pick(scores[:n], v.draw())])
	stay := !c.slow && 2*c.scores[to] > c.scores[v.home]
	c.sensed, c.slow = false, false
	if stay {
		return
	}
	out.fact(Shifted, 1, Fact{Node: v.edges[v.home]})
	v.home = uint16(to)
}

// patient sets until when the edge that is asked now may take: as long as the
// segment plays, but no longer than half of the buffer lasts, so that there is
// time to turn to another.
func (v *Viewer) patient(now time.Duration) {
	length := v.stream.Length(v.player.next)
	wait := length
	if v.player.Playing() {
		wait = min(length, v.player.Buffer(now)/2)
	}
	v.chart.leave = now + max(wait, v.stream.Swarm.Sense)
}

// rested says that a viewer has not moved for a while: if the other edges are as
// slow, its own link is, and each time it waits twice as long.
func (v *Viewer) rested(now time.Duration) bool {
	c := v.chart
	return c.moved == 0 || now >= c.moved+slowRest<<c.vain*v.stream.Length(v.player.next)
}

// maxVainMoves bounds how often the time to rest doubles.
const maxVainMoves = 4

// slowed moves on the account of a slow edge; whether that was in vain the next
// tokens say.
func (v *Viewer) slowed(now time.Duration) {
	c := v.chart
	c.moved = now
	c.vain = min(c.vain+1, maxVainMoves)
}

// escape leaves an edge that takes too long, while there is something to play.
// It says whether it has done so.
func (v *Viewer) escape(now time.Duration, out *Output) bool {
	c := v.chart
	if c == nil || v.req.source != FromEdge || now < c.leave || !v.rested(now) {
		return false
	}
	v.sense(now, true, out)
	if now < c.due {
		return false
	}
	v.slowed(now)
	out.send(v.req.from, v.about(Drop))
	v.move(now, out)
	v.ask(now, v.edges[v.home], FromEdge, out)
	return true
}

// wary brings the time to look at a request forward to when its edge is to be left.
func (v *Viewer) wary(now, end time.Duration) time.Duration {
	c := v.chart
	if c == nil || v.req.source != FromEdge || !v.rested(now) {
		return end
	}
	if at := max(c.leave, c.due); at > now {
		return min(end, at)
	}
	return end
}

// measured notes how fast a holder has delivered.
func (v *Viewer) measured(now time.Duration, size unit.Size, took time.Duration, out *Output) {
	switch {
	case v.req.source == FromPeer:
		v.clocked(v.req.from, size, took)
	case v.req.source == FromEdge && v.chart != nil:
		if v.stream.Swarm.Selection == swarm.Throughput {
			v.chart.scores[v.home] = slowness(size, took)
		}
		switch slow := now-v.req.sent > v.stream.Length(v.player.next); {
		case slow && v.rested(now):
			v.sense(now, true, out)
		case !slow && v.rested(now): // it has been well here for a while
			v.chart.vain = 0
		}
	}
}

// clocked notes how fast a neighbour has delivered, where that is what neighbours are chosen by.
func (v *Viewer) clocked(from NodeID, size unit.Size, took time.Duration) {
	if v.stream.Swarm.Selection == swarm.Throughput {
		v.table.Score(uint32(from), slowness(size, took))
	}
}

// slowness is a rate as a score: the lower the more kbit/s, and all above that of whom nothing is known.
func slowness(size unit.Size, took time.Duration) uint32 {
	return ^uint32(int64(size) * 8 * int64(time.Second) / 1000 / max(int64(took), 1))
}

// ---- what edges report

// A gauge is how loaded an edge is, as it knows and as it says: how long what is
// under way takes to leave, at the rate at which things have left. Both are means
// over some time, since viewers ask in bursts; it says so once in a while.
type gauge struct {
	under  int            // bytes that are being sent
	sizes  map[SendID]int // of each sending; looked up, never walked
	sum    int64          // under over time, in byte milliseconds; old ones fade
	sent   int64          // bytes that have left; old ones fade
	busy   time.Duration  // time with something to send; old one fades
	last   time.Duration  // when this was brought up to date
	report time.Duration  // the load at the end of the period before
	idle   bool           // it reports to be idle, whatever it does
}

// lately is how far back an edge looks, in all: two segments of 2 s.
const lately = 4 * time.Second

func (g *gauge) begins(id SendID, size int) {
	g.sizes[id] = size
	g.under += size
}

// left notes that a sending is over, ok if it left whole.
func (g *gauge) left(id SendID, ok bool) {
	if ok {
		g.sent += int64(g.sizes[id])
	}
	g.under -= g.sizes[id]
	delete(g.sizes, id)
}

// look moves on to now, before what is under way changes. up is the rate of an
// edge that has not sent anything lately.
func (g *gauge) look(now, every time.Duration, up unit.Rate) {
	for end := (g.last/every + 1) * every; now >= end; end = (g.last/every + 1) * every {
		if end+every <= now && g.sum == 0 && g.under == 0 { // nothing happens in many periods
			g.sent, g.busy, g.report, g.last = 0, 0, 0, now/every*every
			break
		}
		g.add(end)
		rate := int64(up) / 8
		if g.sent > 0 {
			rate = max(1, g.sent*1000/max(1, int64(g.busy/time.Millisecond)))
		}
		g.report = time.Duration(g.sum/int64(max(every, lately)/time.Millisecond)) * time.Second / time.Duration(max(1, rate))
		g.sum -= g.sum * int64(min(every, lately)) / int64(lately)
		g.sent -= g.sent * int64(min(every, lately)) / int64(lately)
		g.busy -= g.busy / time.Millisecond * min(every, lately) / (lately / time.Millisecond)
	}
	g.add(now)
}

func (g *gauge) add(now time.Duration) {
	g.sum += int64(g.under) * int64((now-g.last)/time.Microsecond) / 1000
	if g.under > 0 {
		g.busy += now - g.last
	}
	g.last = now
}

// probed tells who asks how loaded the edge is.
func (e *Edge) probed(from NodeID, out *Output) {
	load := Message{Kind: Load}
	if g := e.gauge; g != nil && !g.idle {
		load.Wait = milliseconds(g.report)
	}
	out.send(from, load)
}

// Pretend makes the edge report that it is idle.
func (e *Edge) Pretend() {
	if e.gauge != nil {
		e.gauge.idle = true
	}
}
