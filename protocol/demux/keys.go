package demux

import (
	"cmp"
)

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
	if t.Codec, s.Codec = &c, &c; t.Total > 0 {
		s.Flags |= Break
	}
}

// guess helps a track that came without a description, or with one that lost
// its configuration: if every waiting sample is a chain of NAL units behind
// four bytes of length, the codec is the one whose headers they fit.
func (m *Movie) guess(t *Track) {
	if len(t.Samples) == 0 {
		return
	}
	c := *t.Codec
	avc, hevc := t.votes()
	switch {
	case avc+hevc == 0:
		c.family = plain
	case c.family != plain:
	case hevc > avc:
		c.family = h265
	default:
		c.family = h264
	}
	if c.family != plain {
		t.Kind, c.prefix = Video, 4
		c.code = c.family.code()
		c.Name = cmp.Or(c.Name, c.code)
		m.repair(guessCodec, 1)
	} else if c.Name == "" {
		c.Name = "unknown"
	}
	t.Codec = &c
	t.drop("", 0, len(t.Samples), func(s *Sample) bool {
		s.Codec = t.Codec
		return !m.prepare(t, s)
	})
	if len(t.Samples) == t.Total && t.Total > 0 {
		t.Samples[0].Flags &^= Break // nothing was before
	}
}

// votes counts the units of t that fit each codec. Both are zero if some
// sample is no chain of units.
func (t *Track) votes() (avc, hevc int) {
	for i := range t.Samples {
		p := t.Samples[i].Bytes
		for len(p) > 0 {
			unit, rest, ok := nextUnit(p, 4)
			if !ok || unit[0]&0x80 != 0 {
				return 0, 0
			}
			p = rest
			avc += b2i(fitsAVC(unit))
			hevc += b2i(fitsHEVC(unit))
		}
	}
	return avc, hevc
}

// fitsAVC: known unit type, and a reference count that this type must have.
func fitsAVC(unit []byte) bool {
	switch refs := unit[0] >> 5 & 3; unit[0] & 0x1f {
	case 1:
		return true
	case 5, 7, 8:
		return refs != 0
	case 6, 9, 12:
		return refs == 0
	}
	return false
}

// fitsHEVC: known unit type in the base layer.
func fitsHEVC(unit []byte) bool {
	if len(unit) < 2 || unit[0]&1 != 0 || unit[1]>>3 != 0 || unit[1]&7 == 0 {
		return false
	}
	t := unit[0] >> 1
	return t <= 9 || t >= 16 && t <= 21 || t >= 32 && t <= 40
}
