package media

import (
	"bytes"
	"slices"
)

// classify sets the key class of every sample of t and drops pictures whose
// bytes are gone although the index still points at them.
func (m *movie) classify(t *track) {
	f := t.codec.family
	m.repair(noteCipher, b2i(t.codec.cipher && len(t.samples) > 0))
	switch {
	case t.kind != Video: // each sound and each text stands for itself
		for i := range t.samples {
			t.samples[i].key = Closed
		}
	case t.codec.cipher:
		t.hinted()
	case f.units():
		m.walk(t)
		t.closeClean()
	case f == av1:
		t.keyed(keyAV1, m)
	case f == vp9:
		t.keyed(keyVP9, m)
	case f == vp8:
		t.keyed(keyVP8, m)
	case f == mpeg4:
		t.keyed(keyMPEG4, m)
	default:
		t.hinted()
	}
}

// hinted believes the container.
func (t *track) hinted() {
	for i := range t.samples {
		if t.samples[i].sync {
			t.samples[i].key = Closed
		}
	}
}

func (t *track) keyed(class func([]byte) Key, m *movie) {
	for i := range t.samples {
		t.samples[i].key = class(m.bytes(&t.samples[i]))
	}
}

// walk checks the chain of NAL units of each sample, classifies it, and drops
// it if the chain is broken: an index may be whole while the bytes it points
// to were cut out, moved or overwritten.
func (m *movie) walk(t *track) {
	kept := t.samples[:0]
	for i := range t.samples {
		s := t.samples[i]
		pic := look(t.codec.family, m.bytes(&s), t.codec.prefix, s.sync)
		if !pic.whole {
			t.broken = append(t.broken, s.off)
			continue
		}
		s.key, s.lead, s.odd = pic.key, pic.lead, pic.odd
		kept = append(kept, s)
	}
	m.repair(lostBroken, len(t.samples)-len(kept))
	t.samples = kept
}

// closeClean calls a CRA picture closed if no picture that leads it is lost
// when starting there. A recovery point stays open.
func (t *track) closeClean() {
	for i := range t.samples {
		if t.samples[i].lead != heads {
			continue
		}
		j := i + 1
		for j < len(t.samples) && t.samples[j].lead == decodes {
			j++
		}
		if j == len(t.samples) || t.samples[j].lead != skipped {
			t.samples[i].key = Closed
		}
	}
}

// distrust drops sounds that cannot be right. They have no chain to check, but
// they live among pictures: what lies behind a broken one, before the next
// whole one, has most likely moved with it. Compressed sound is never all
// zeros: that is a hole in the file.
func (m *movie) distrust() {
	type mark struct {
		off   int64
		whole bool
	}
	var marks []mark
	bad := false
	for _, t := range m.tracks {
		for _, off := range t.broken {
			marks = append(marks, mark{off, false})
			bad = true
		}
		if t.codec.family.units() && !t.codec.cipher {
			for i := range t.samples {
				marks = append(marks, mark{t.samples[i].off, true})
			}
		}
	}
	for _, t := range m.tracks {
		if t.kind == Audio && !t.raw {
			n := len(t.samples)
			t.samples = slices.DeleteFunc(t.samples, func(s sample) bool { return s.size > 3 && blank(m.bytes(&s)) })
			m.repair(lostBlank, n-len(t.samples))
		}
	}
	if !bad {
		return
	}
	slices.SortFunc(marks, func(a, b mark) int { return int(a.off - b.off) })
	for _, t := range m.tracks {
		if t.kind != Audio {
			continue
		}
		n := len(t.samples)
		t.samples = slices.DeleteFunc(t.samples, func(s sample) bool {
			i, _ := slices.BinarySearchFunc(marks, s.off, func(m mark, off int64) int { return int(m.off - off) })
			return i > 0 && !marks[i-1].whole
		})
		m.repair(lostNear, n-len(t.samples))
	}
}

func blank(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}

// keyAV1 reads the OBU headers of one temporal unit (AV1 bitstream
// specification, 5.3 and 5.9.2). A key frame that is shown is closed; one that
// is kept for later is a delayed random access point.
func keyAV1(p []byte) Key {
	reduced := false
	for len(p) > 0 {
		head := p[0]
		p = p[1:]
		if head&4 != 0 && len(p) > 0 { // extension
			p = p[1:]
		}
		body := p
		if head&2 != 0 {
			n, k := leb128(p)
			if k == 0 || n > uint64(len(p)-k) {
				return None
			}
			body, p = p[k:k+int(n)], p[k+int(n):]
		} else {
			p = nil
		}
		r := bitReader{b: body}
		switch head >> 3 & 15 {
		case 1: // sequence header
			r.read(4)
			reduced = r.read(1) == 1
		case 3, 6: // frame header, frame
			switch {
			case reduced:
				return Closed
			case r.read(1) == 1: // shows an earlier frame
				return None
			case r.read(2) != 0:
				return None
			case r.read(1) == 1:
				return Closed
			}
			return Open
		}
	}
	return None
}

// leb128 reads a little-endian base-128 number; k is the bytes it took, 0 if
// there is none.
func leb128(p []byte) (n uint64, k int) {
	for k < min(8, len(p)) {
		n |= uint64(p[k]&0x7f) << (7 * k)
		k++
		if p[k-1]&0x80 == 0 {
			return n, k
		}
	}
	return 0, 0
}

// keyVP9 reads the first bits of the uncompressed header (VP9 bitstream
// specification, 6.2).
func keyVP9(p []byte) Key {
	r := bitReader{b: p}
	if len(p) == 0 || r.read(2) != 2 {
		return None
	}
	if low := r.read(1); r.read(1)<<1|low == 3 {
		r.read(1)
	}
	if r.read(1) == 0 && r.read(1) == 0 { // new, key
		return Closed
	}
	return None
}

// keyVP8 reads the frame tag (RFC 6386, 9.1).
func keyVP8(p []byte) Key {
	if len(p) > 0 && p[0]&1 == 0 {
		return Closed
	}
	return None
}

// keyMPEG4 looks for the first video object plane (ISO 14496-2, 6.2.5).
func keyMPEG4(p []byte) Key {
	i := bytes.Index(p, []byte{0, 0, 1, 0xb6})
	if i >= 0 && i+4 < len(p) && p[i+4]>>6 == 0 {
		return Closed
	}
	return None
}

// guess helps a track that came without a description, or with one that lost
// its configuration: if every sample is a chain of NAL units behind four bytes
// of length, the codec is the one whose headers they fit.
func (m *movie) guess(t *track) {
	c := &t.codec
	if c.text != "" && (!c.family.units() || c.prefix > 0) || c.cipher || len(t.samples) == 0 {
		return
	}
	avc, hevc := m.votes(t)
	switch {
	case avc+hevc == 0:
		c.family = plain
	case c.family != plain:
	case hevc > avc:
		c.family, c.text = h265, "hvc1"
	default:
		c.family, c.text = h264, "avc1"
	}
	if c.family != plain {
		t.kind, c.prefix = Video, 4
		m.repair(guessCodec, 1)
	} else if c.text == "" {
		c.text = "unknown"
	}
}

// votes counts the units of t that fit each codec. Both are zero if some
// sample is no chain of units.
func (m *movie) votes(t *track) (avc, hevc int) {
	for i := range t.samples {
		p := m.bytes(&t.samples[i])
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
