package demux

// A source is the cursor of one track with the sample that it names next.
type source struct {
	walker
	t     *trak
	head  named
	at    int64 // its decode time in nanoseconds
	order int   // of tracks that are at the same time
}

// A walker names the samples of one track, one after the other.
type walker interface {
	next(*named) bool // names the next sample
	rest() int64      // passes over the run of equal samples that it is in
	remain() int64    // samples not named yet
	floor() int64     // no sample to come lies below it
}

// push puts the samples that w names in line with those of the other tracks.
func (r *mp4Reader) push(t *trak, w walker) {
	s := &source{walker: w, t: t, order: len(r.queue)}
	if !s.next(&s.head) {
		return
	}
	s.at = nanos(s.head.dts, t.ticks())
	r.queue = append(r.queue, s)
	for i := len(r.queue) - 1; i > 0 && r.queue[i].before(r.queue[(i-1)/2]); i = (i - 1) / 2 {
		r.queue[i], r.queue[(i-1)/2] = r.queue[(i-1)/2], r.queue[i]
	}
}

func (s *source) before(o *source) bool { return s.at < o.at || s.at == o.at && s.order < o.order }

// settle puts the front of the queue where it belongs.
func (r *mp4Reader) sift() {
	q := r.queue
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < len(q) && q[c+1].before(q[c]) {
			c++
		}
		if c >= len(q) || !q[c].before(q[i]) {
			return
		}
		q[i], q[c] = q[c], q[i]
		i = c
	}
}

// emit adds the earliest of the samples that the cursors name. It says false
// if its bytes have not come.
func (r *mp4Reader) emit() bool {
	s := r.queue[0]
	n := &s.head
	if !r.settled(s) {
		return false
	}
	off := n.off + r.moved(n.off)
	end := off + n.size
	switch {
	case off < r.low || r.last && end > r.end():
		lost := 1 + s.rest()
		r.repair(lostOutside, int(min(lost, 1<<30)))
		if r.tries++; r.tries >= maxTries {
			r.drop(s)
			return true
		}
	case end > r.end(), !r.last && !r.fits(n.size):
		return false
	default:
		r.reach = max(r.reach, end)
		if !r.add(s.t, n, off) {
			r.drop(s)
			return true
		}
	}
	if !s.next(n) {
		r.remove()
		return true
	}
	s.at = nanos(n.dts, s.t.ticks())
	r.sift()
	return true
}

// fits says whether there is room for a sample of that size. How much there is
// grows with the source.
func (m *Movie) fits(size int64) bool {
	return m.claimed+size <= maxClaims*m.size && m.count() < m.room()
}

// drop gives up what s has not named.
func (r *mp4Reader) drop(s *source) {
	r.lose(s.remain())
	r.remove()
}

// remove takes the front off the queue.
func (r *mp4Reader) remove() {
	n := len(r.queue) - 1
	r.queue[0], r.queue[n] = r.queue[n], nil
	r.queue = r.queue[:n]
	r.sift()
}

// add hands a sample whose bytes are in, at off, to the movie. It says false when there
// is no room for more samples like this one.
func (r *mp4Reader) add(t *trak, n *named, off int64) bool {
	t.turn = t.become(n.entry) || t.turn
	s := Sample{Bytes: r.from(off)[:n.size:n.size], At: off, slid: off - n.off, Size: int32(min(n.size, maxSample)),
		Time: n.dts, Shift: n.cts, Dur: n.dur}
	if n.sync {
		s.Flags = Sync
	}
	if t.turn {
		s.Flags |= Break
	}
	if from := t.ticks(); from != t.Scale { // an earlier header told another
		s.Time = rescale(n.dts, from, t.Scale)
		s.Shift = int32(rescale(n.dts+int64(n.cts), from, t.Scale) - s.Time)
		s.Dur = uint32(rescale(n.dts+int64(n.dur), from, t.Scale) - s.Time)
	}
	total := t.Total()
	ok := r.Movie.add(t.Track, s)
	t.turn = t.turn && t.Total() == total
	return ok
}

// rescale turns ticks of one scale into those of another, rounded down.
func rescale(v, from, to int64) int64 {
	sec := floorDiv(v, from)
	return min(max(sec, -farAway/to), farAway/to)*to + (v-sec*from)*to/from
}
