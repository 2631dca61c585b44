package media

// date mends the times of all tracks and sets every sample's ms: milliseconds
// from the first picture of the main track, rounded once, from the exact
// position. A millisecond is what every container can tell (Matroska and FLV
// know no finer clock), so two files of the same pictures agree on it.
func (m *movie) date() {
	for _, t := range m.tracks {
		m.mend(t)
	}
	lead := m.main()
	if lead == nil {
		return
	}
	epoch := lead.first()
	for _, t := range m.tracks {
		if len(t.samples) == 0 {
			continue
		}
		from := epoch
		if d := t.first() - epoch; d > maxGap*1e9 || d < -maxGap*1e9 {
			from = t.first()
			m.repair(mendStart, 1)
		}
		for i := range t.samples {
			s := &t.samples[i]
			s.ms = floorDiv(nanos(s.dts+int64(s.cts), t.scale)-from+500_000, 1_000_000)
		}
	}
}

// mend makes decode times never go back, closes holes and replaces durations
// and offsets that cannot be. Text and other tracks may rest for long.
func (m *movie) mend(t *track) {
	far := maxGap * t.scale
	last := max(1, t.scale/25)
	var moved int64
	for i := range t.samples {
		s := &t.samples[i]
		if c := int64(s.cts); c > far || c < -far {
			s.cts = 0
			m.repair(mendOffset, 1)
		}
		if t.kind == Video || t.kind == Audio {
			if int64(s.dur) > far {
				s.dur = uint32(last)
				m.repair(mendLong, 1)
			}
			last = int64(s.dur)
		}
		s.dts += moved
		if i == 0 {
			continue
		}
		p := &t.samples[i-1]
		back := s.dts < p.dts
		hole := s.dts-p.dts > far && (t.kind == Video || t.kind == Audio)
		if back || hole {
			d := p.dts + int64(p.dur) - s.dts
			moved += d
			s.dts += d
			if back {
				m.repair(mendBack, 1)
			} else {
				m.repair(mendGap, 1)
			}
		}
	}
}

// first is the earliest presentation time, in nanoseconds.
func (t *track) first() int64 {
	least := t.samples[0].dts + int64(t.samples[0].cts)
	for i := range t.samples {
		least = min(least, t.samples[i].dts+int64(t.samples[i].cts))
	}
	return nanos(least, t.scale)
}

// end is when the last sample has been presented, in milliseconds.
func (t *track) end() int64 {
	var end int64
	for i := range t.samples {
		s := &t.samples[i]
		end = max(end, s.ms+t.length(s))
	}
	return end
}

// length is how long a sample lasts, in milliseconds, rounded.
func (t *track) length(s *sample) int64 {
	return (nanos(int64(s.dur), t.scale) + 500_000) / 1_000_000
}

// frame is the usual length of a sample in milliseconds, at least 1: the mean.
func (t *track) frame() int64 {
	if len(t.samples) == 0 {
		return 1
	}
	return max(1, t.end()/int64(len(t.samples)))
}

// nanos turns ticks into nanoseconds, rounded down. Beyond 272 years it stops
// counting: |nanos| < 2^63 for every input.
func nanos(ticks, scale int64) int64 {
	sec := floorDiv(ticks, scale)
	rest := ticks - sec*scale
	const most = 1 << 33
	switch {
	case sec > most:
		sec, rest = most, 0
	case sec < -most:
		sec, rest = -most, 0
	}
	return sec*1e9 + rest*1_000_000_000/scale
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
