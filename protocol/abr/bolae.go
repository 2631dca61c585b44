package abr

import "time"

// The buffer that bola-e is laid out for, as in dash.js and Sabre: seconds, and
// seconds more for each rung.
const (
	enhancedBuffer  = 10.0
	enhancedPerRung = 2.0
)

// An enhanced is BOLA-E's layout of a ladder for a buffer. Its utilities are
// one more than those of BOLA, so that gp may be small. Levels are seconds of
// buffer.
type enhanced struct {
	control, gp float64
	least       []float64       // from this level a rung is chosen rather than any below
	most        []float64       // beyond this level it gains nothing
	given       []time.Duration // the level that is left to who gives up for a rung: the least one, on the side of it that ties have
}

func (r *rule) enhance(buffer time.Duration) enhanced {
	laid := max(enhancedBuffer+enhancedPerRung*float64(len(r.ladder)), buffer.Seconds())
	gp := r.utility[len(r.utility)-1] / (laid/enhancedBuffer - 1)
	if gp == 0 {
		gp = 1 // one rung: there is nothing to choose
	}
	e := enhanced{control: enhancedBuffer / gp, gp: gp + 1}
	taken := r.ties(laid)
	for i, hi := range r.ladder {
		level := 0.0
		for q, lo := range r.ladder[:i] {
			cross := (float64(hi*r.utility[q]) - float64(lo*r.utility[i])) / (hi - lo)
			level = max(level, e.control*(e.gp+cross))
		}
		e.least = append(e.least, level)
		e.most = append(e.most, e.control*(e.gp+r.utility[i]))
		e.given = append(e.given, seconds(level))
		if taken[i] {
			e.given[i] += 2
		}
	}
	return e
}

// bolaE is BOLA-E of Spiteri, Sitaraman and Sparacio, "From Theory to Practice:
// Improving Bitrate Adaptation in the DASH Reference Player", MMSys 2018, as
// Sabre has it: what the buffer cannot hold, at the start or live, is made up
// by a placeholder; a climb stops one rung above what the throughput carries.
func (r *rule) bolaE(m *Memory, v *View) (rung int, wait time.Duration) {
	e := &r.layout
	carried := r.timely(float64(v.Throughput), m, v)
	own := m.noted()
	if m.buffers == 0 {
		m.buffers = 1
		own.placeholder = max(0, seconds(e.least[carried])-v.Buffer)
		return carried, 0
	}
	last := int(m.fetched)
	rung = r.gainful(e.control, e.gp, (v.Buffer + own.placeholder).Seconds())
	if rung > last && rung > carried {
		rung = max(last, carried) + 1
	}
	wait = own.drain(v.Buffer + own.placeholder - seconds(e.most[rung]))
	if rung == len(r.ladder)-1 {
		wait = 0
	}
	choices := m.buffers - 1
	low := r.sufficient(rung, &choices, m, v)
	m.buffers = choices + 1
	if low < rung {
		wait = 0
		own.placeholder = min(own.placeholder, max(0, seconds(e.least[low])-v.Buffer))
	}
	return low, wait
}

// drain takes what is above the level of a rung out of the placeholder, and
// leaves the rest to be waited for.
func (n *notes) drain(over time.Duration) (wait time.Duration) {
	if over <= 0 {
		return 0
	}
	from := min(over, n.placeholder)
	n.placeholder -= from
	return over - from
}

// settle keeps the placeholder within what the rung that has come stands for.
func (r *rule) settle(m *Memory, d *Download) {
	own := m.noted()
	if d.Replaces {
		own.placeholder += d.Segment
		return
	}
	e := &r.layout
	was := d.Buffer + d.Took
	own.placeholder = min(own.placeholder, max(0, seconds(e.most[d.Rung])-was))
	if d.Buffer > 0 {
		own.placeholder = max(own.placeholder, seconds(e.least[d.Rung])-was)
	}
}

// shrink lowers the placeholder after a download was given up: something went
// wrong.
func (r *rule) shrink(m *Memory, d *Download, to int) {
	want := seconds(enhancedBuffer)
	if to > 0 {
		want = r.layout.given[to]
	}
	own := m.noted()
	own.placeholder = min(own.placeholder, max(0, want-d.Buffer))
}

// hopeless is the rung for which bola-e gives a download up, which costs another
// latency.
func (r *rule) hopeless(m *Memory, d *Download) (rung int, yes bool) {
	took := (d.Took - d.Latency).Seconds()
	if d.Got <= 0 || d.Got >= d.Size || took <= 0 {
		return 0, false
	}
	e := &r.layout
	level := max(0, (d.Buffer + m.noted().placeholder - d.Latency).Seconds())
	left := float64(d.Size-d.Got) - float64(d.Latency.Seconds()*(float64(d.Got)/took))
	if left <= 0 {
		return 0, false
	}
	best := (float64(e.control*(e.gp+r.utility[d.Rung])) - level) / left
	return r.cheaper(d, e.control, e.gp, level, left, best)
}

// seconds is rounded down, so that of rungs that tie at a level the lower is chosen; ties
// says where that is not what is wanted.
func seconds(s float64) time.Duration { return time.Duration(s * 1e9) }
