package demux

// unknown says that nobody has described the codec of t yet.
func (t *Track) unknown() bool {
	c := t.Codec
	return !c.Cipher && (c.Name == "" || c.family.units() && c.prefix == 0)
}

// prepare turns the bytes of s into what a payload carries and sets its key
// class. It says false for a sample that cannot be right, which it counts.
func (m *Movie) prepare(t *Track, s *Sample) bool {
	switch f := t.Codec.family; {
	case t.Kind == Audio && !t.raw && len(s.Bytes) > 3 && blank(s.Bytes):
		m.repair(lostBlank, 1) // compressed sound is never all zeros: that is a hole
		return false
	case t.Kind == Audio && !m.listen(t, s):
		return false
	case t.Kind != Video: // each sound and each text stands for itself
		if s.Key = Closed; t.Kind == Audio {
			t.Codec.hear(s.Bytes)
		}
	case t.Codec.Cipher:
		s.hinted()
	case f.units():
		return m.units(t, s)
	case f == mpeg2, f == mpeg4:
		return m.headed(t, s)
	case f == av1:
		return m.temporal(t, s)
	case f == vp8, f == vp9, f == theora:
		return m.frame(t, s)
	default:
		s.hinted()
	}
	return true
}

// hinted believes the container.
func (s *Sample) hinted() {
	if s.Flags&Sync != 0 {
		s.Key = Closed
	}
}

// units checks the chain of NAL units of s, classifies it, and refuses it if
// the chain is broken: an index may be whole while the bytes it points to were
// cut out, moved or overwritten.
func (m *Movie) units(t *Track, s *Sample) bool {
	c := t.Codec
	pic := look(c.family, s.Bytes, c.prefix, s.Flags&Sync != 0)
	if !m.show(t, s, pic.whole) {
		return false
	}
	s.Key, s.lead = pic.key, pic.lead
	var known sets
	if pic.sets {
		known = m.learn(t, s, pic.key)
	}
	if pic.apart && pic.layer >= t.Codec.layers-1 && (c.family != h265 || t.Codec.layers > 0) {
		s.Flags |= Disposable
	}
	if s.Bytes = prefixed(c.family, s.Bytes, c.prefix, pic.odd, known); len(s.Bytes) == 0 {
		m.repair(lostEmpty, 1)
		return false
	}
	return true
}

// closeClean calls a CRA picture closed if no picture that leads it is lost
// when starting there. A recovery point stays open. While the pictures that
// may lead it have not come, it stays open too.
func (t *Track) closeClean(last bool) {
	for i := range t.Samples {
		if t.Samples[i].lead != heads || t.Samples[i].Key == Closed {
			continue
		}
		j := i + 1
		for j < len(t.Samples) && t.Samples[j].lead == decodes {
			j++
		}
		if j == len(t.Samples) && last || j < len(t.Samples) && t.Samples[j].lead != skipped {
			t.Samples[i].Key = Closed
		}
	}
}

// frame checks and classifies a picture whose codec describes itself.
func (m *Movie) frame(t *Track, s *Sample) (ok bool) {
	var c Codec
	switch t.Codec.family {
	case vp8:
		s.Key, c, ok = lookVP8(s.Bytes)
	case vp9:
		s.Key, c, ok = lookVP9(s.Bytes)
	case theora:
		s.Key, ok = lookTheora(s.Bytes)
	}
	if !m.show(t, s, ok) {
		return false
	}
	if c.Name != "" {
		t.tell(s, c)
	}
	return true
}

// temporal checks and classifies a temporal unit of AV1, and takes out of it
// what a payload leaves out.
func (m *Movie) temporal(t *Track, s *Sample) bool {
	u := lookAV1(s.Bytes, t.Codec.still)
	if !m.show(t, s, u.whole) {
		return false
	}
	s.Key = u.key
	if u.sequence != nil && (u.key != None || t.Codec.Record == nil) {
		if c, ok := codecAV1(u.sequence); ok {
			t.tell(s, c)
		}
	}
	if u.odd {
		s.Bytes = leanAV1(s.Bytes, t.Codec.sequence())
	}
	if len(s.Bytes) == 0 {
		m.repair(lostEmpty, 1)
		return false
	}
	return true
}

// tell gives t the codec that the key picture s describes.
func (t *Track) tell(s *Sample, c Codec) {
	if same(t.Codec, &c) {
		return
	}
	if t.Codec, s.Codec = &c, &c; t.Total() > 0 {
		s.Flags |= Break
	}
}
