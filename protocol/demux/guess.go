package demux

import "cmp"

// A guess is a codec that samples without a description may be of.
var guesses = []struct {
	codec Codec
	kind  Kind
	// fits says whether a sample may be of the codec, and whether it says so
	// itself.
	fits func(p []byte) (may, says bool)
}{
	{Codec{Name: "av01", family: av1}, Video, func(p []byte) (may, says bool) {
		return wholeAV1(p), lookAV1(p, false).sequence != nil
	}},
	{Codec{Name: "vp09", family: vp9}, Video, func(p []byte) (may, says bool) {
		_, c, ok := lookVP9(p)
		return ok, c.Name != ""
	}},
	{Codec{Name: "vp8", family: vp8}, Video, func(p []byte) (may, says bool) {
		_, c, ok := lookVP8(p)
		return ok, c.Name != ""
	}},
	{Codec{Name: mp3}, Audio, func(p []byte) (may, says bool) {
		_, _, ok := mpegAudio(p)
		return ok, ok
	}},
	{Codec{Name: "ac-3"}, Audio, func(p []byte) (may, says bool) {
		_, _, _, ok := dolby(p)
		return ok, ok
	}},
}

// guess helps a track that came without a description, or with one that lost
// its configuration, once guessAfter samples of that codec wait, by these: if
// every one is a chain of NAL units behind four bytes of length, the codec is
// the one whose headers they fit; else it is one that every sample fits and
// that some sample names.
func (m *Movie) guess(t *Track, last bool) {
	i := len(t.Samples)
	for i > 0 && t.Samples[i-1].Codec == t.Codec {
		i--
	}
	own := t.Samples[i:]
	if len(own) == 0 || len(own) < guessAfter && !last {
		return
	}
	c := *t.Codec
	avc, hevc := fitting(own)
	switch {
	case avc+hevc == 0:
		c.family = plain
	case c.family != plain:
	case hevc > avc:
		c.family = h265
	default:
		c.family = h264
	}
	switch {
	case c.family != plain:
		t.Kind, c.prefix = Video, 4
		c.code = c.family.code()
		c.Name = cmp.Or(c.Name, c.code)
		m.repair(guessCodec, 1)
	case c.Name == "":
		t.likely(m, own, &c)
	}
	t.Codec = &c
	first := t.Total() == len(own)
	m.weigh(own, -1)
	for i := range own {
		s := &own[i]
		s.Codec = t.Codec
		s.wrong = s.wrong || !m.prepare(t, s)
		if first && !s.wrong {
			s.Flags &^= Break // nothing was before
			first = false
		}
	}
	m.weigh(own, 1)
}

// likely makes c the first of guesses that samples of t allow, its own.
func (t *Track) likely(m *Movie, own []Sample, c *Codec) {
	for _, g := range guesses {
		all, some := true, false
		for i := range own {
			may, says := g.fits(own[i].Bytes)
			all, some = all && may, some || says
		}
		if all && some {
			width, height := c.Width, c.Height
			*c, t.Kind = g.codec, g.kind
			c.Width, c.Height = width, height
			m.repair(guessCodec, 1)
			return
		}
	}
	c.Name = "unknown"
}

// fitting counts the units that fit each codec. Both are zero if some sample is
// no chain of units.
func fitting(own []Sample) (avc, hevc int) {
	for i := range own {
		p := own[i].Bytes
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
