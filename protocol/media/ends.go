package media

import "kinetoscope/protocol/demux"

// end looks for the end of the segment among the waiting samples of its lead.
func (c *Cutter) end(lead *lane) (cut, bool) {
	if c.plan != nil {
		return c.planned(lead)
	}
	s := search{rule: c.rule, start: c.start, slack: lead.half()}
	stop := c.change(lead)
	large := c.demuxer.Movie().Waiting() > c.rule.bytes
	for _, l := range c.lanes {
		l.beside = 0
	}
	for i := range lead.track.Samples {
		at := lead.at(&lead.track.Samples[i])
		if i > 0 && at >= stop {
			return cut{i, at, true}, true
		}
		if large {
			s.size += c.beside(lead, at)
		}
		if at := s.look(i, lead); at.found {
			return at, true
		}
	}
	return cut{}, false
}

// beside is how many bytes the other tracks have before t that have not been
// counted yet.
func (c *Cutter) beside(lead *lane, t int64) (size int64) {
	for _, l := range c.lanes {
		for own := l.track.Samples; l != lead && l.beside < len(own) && l.at(&own[l.beside]) < t; l.beside++ {
			size += int64(len(own[l.beside].Bytes))
		}
	}
	return size
}

// change is when another track than the lead changes its configuration, if that
// is before the segment has to end.
func (c *Cutter) change(lead *lane) int64 {
	stop := c.start + c.rule.most
	for _, l := range c.lanes {
		for i := 1; l != lead && i < len(l.track.Samples); i++ {
			at := l.at(&l.track.Samples[i])
			if at < stop && l.breaks(i) {
				stop = at
			}
			if at >= stop {
				break
			}
		}
	}
	if stop == c.start+c.rule.most {
		return everything
	}
	return stop
}

// most is the cut of a segment that cannot wait for its end: the best so far.
// It takes one sample of the lead at least, so that room is made.
func (c *Cutter) most(lead *lane) cut {
	s := search{rule: c.rule, start: c.start}
	last := len(lead.track.Samples) - 1
	if only := &lead.track.Samples[0]; last == 0 {
		return cut{1, lead.at(only) + lead.length(only), true}
	}
	for i := range last {
		s.look(i, lead)
	}
	return s.forced(cut{last, lead.at(&lead.track.Samples[last]), true})
}

// planned is the next given cut: at a picture that can be started at within
// half a picture of it, else at the first that is due.
func (c *Cutter) planned(lead *lane) (cut, bool) {
	if len(c.plan) == 0 {
		return cut{}, false
	}
	own := lead.track.Samples
	slack := lead.half()
	due := -1
	for i := range own {
		at := lead.at(&own[i])
		if at > c.plan[0]+slack && due >= 0 {
			break
		}
		if key := own[i].Key == closed || own[i].Key == open; key && lead.track.Kind == demux.Video && at >= c.plan[0]-slack && at <= c.plan[0]+slack {
			return cut{i, c.plan[0], true}, true
		}
		if at >= c.plan[0] && due < 0 {
			due = i
		}
	}
	if due < 0 || due == len(own)-1 && !c.finished {
		return cut{}, false
	}
	if lead.track.Kind == demux.Audio {
		due = lead.split(c.plan[0])
	}
	return cut{due, c.plan[0], true}, true
}
