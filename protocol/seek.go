package protocol

import "time"

// jump goes on at another slot of the catalogue, of the same title or of another
// one: what is ahead is forgotten, and the picture stands still until enough of the
// new place is there. Who has not been let in yet begins with that title.
func (v *Viewer) jump(now time.Duration, to uint32, out *Output) {
	s, p := v.stream, &v.player
	if s.Vault == nil || !s.Vault.has(to) || v.phase == left {
		return
	}
	own := v.apart()
	own.traits.Title = to / s.Vault.Slots
	if v.phase == joining {
		return
	}
	if v.phase == asking || v.phase == receiving {
		out.send(v.req.from, v.about(Drop))
	}
	v.clear(now, out)
	own.gather, own.lock, v.req = nil, nil, request{}
	if stalled := p.Flush(now); stalled > 0 {
		out.fact(Stalled, 1, Fact{Span: stalled})
	}
	p.next, p.before, p.watched = to, unknown, 0
	v.abr.Sought(&p.memory)
	v.plan(now, out)
}

// Dry is when the buffer of a viewer who has begun runs dry, or ran dry or was
// thrown away for a jump.
func (v *Viewer) Dry() time.Duration { return v.player.EmptyAt() }

// StandsStill says since when playback stands still, of a viewer who has begun and is there.
func (v *Viewer) StandsStill(now time.Duration) (since time.Duration, yes bool) {
	since, yes = v.player.StalledSince(now)
	return since, yes && v.phase != left
}
