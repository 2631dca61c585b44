package protocol

import (
	"time"

	"kinetoscope/protocol/abr"
)

// slowest is how many times Patience the lowest rendition may take: giving it up
// would leave nothing to turn to, so only a dead edge should.
const slowest = 3

// late is called when the token has been on its way for a while. It is given up
// for the lowest rendition, unless it is that already.
func (v *Viewer) late(now time.Duration, in *Input, out *Output) {
	if v.escape(now, out) || v.abandon(now, in, out) {
		return
	}
	s := v.stream
	lowest := nearestAllowed(0, v.choices())
	end := v.req.began + s.Swarm.Patience
	last := v.req.source == FromEdge && v.req.rendition == lowest
	if last {
		end = v.req.began + slowest*s.Swarm.Patience
	}
	if now < end {
		end = v.wary(now, end)
		if v.abr.Abandons() {
			end = min(end, now+lookEvery)
		}
		v.arm(end, out)
		return
	}
	if v.req.source == FromPeer {
		v.shun(v.req.from, out)
	}
	if last {
		v.elsewhere()
	}
	v.giveUp(now, lowest, out)
}

// giveUp gives the running request up for another rendition.
func (v *Viewer) giveUp(now time.Duration, to uint8, out *Output) {
	out.fact(Abandoned, 1, Fact{Seq: v.player.next, Rendition: v.req.rendition, Source: v.req.source})
	out.send(v.req.from, v.about(Drop))
	v.abr.GivenUp(&v.player.memory, abr.Download{Rung: int(v.req.rendition), Buffer: v.player.Buffer(now)}, int(to))
	if v.req.source == FromPeer {
		v.table.Rest(uint32(v.req.from), now+5*v.stream.Swarm.Silence)
	}
	v.req = request{asked: v.req.asked, began: now, rendition: to, accept: 1 << to, tried: v.req.tried}
	v.askEdge(now, out)
}

// lookEvery is how often a viewer looks at a token on its way, if its rule may give
// it up: dash.js is told by its browser, Sabre asks every 50 ms.
const lookEvery = 100 * time.Millisecond

// Awaits is the token that is on its way to the viewer, if its rule would know
// how much of it has come.
func (v *Viewer) Awaits() (from NodeID, seq uint32, rendition uint8, yes bool) {
	return v.req.from, v.player.next, v.req.rendition, v.phase == receiving && v.abr.Abandons()
}

// abandon gives the token that is on its way up if the rule says so, by how much of
// it has come, and says whether it has. The first of all is waited for.
func (v *Viewer) abandon(now time.Duration, in *Input, out *Output) bool {
	p := &v.player
	if in.Got == 0 || in.Got >= in.Size || p.last < 0 {
		return false
	}
	length, took := v.stream.Length(p.next), now-v.req.sent
	to, yes := v.abr.Abandon(&p.memory, v.view(now, length), abr.Download{Rung: int(v.req.rendition), Size: in.Size, Got: in.Got,
		Took: took, Latency: max(0, took-in.Took), Segment: length, Buffer: p.Buffer(now)})
	if !yes {
		return false
	}
	next := nearestAllowed(to, v.choices())
	if next >= v.req.rendition {
		return false
	}
	out.fact(Discarded, int64(in.Got), Fact{Seq: p.next, Rendition: v.req.rendition, Source: v.req.source})
	v.giveUp(now, next, out)
	return true
}
