package demux

import (
	"bytes"
	"cmp"
	"slices"
)

// Limits of parameter sets.
const (
	maxSets   = 512     // of one stream
	maxRecord = 1 << 16 // bytes of all of them
)

const lostSets = "parameter sets above what one source may have, left among the pictures"

// sets are parameter sets by kind and number, each at most once. They are
// never changed, only replaced.
type sets []set

type set struct {
	kind byte // NAL unit type
	id   int
	unit []byte
}

func (a set) compare(b set) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id)) }

// readSet reads kind and number of a parameter set (ITU-T H.264 7.3.2.1 and
// 7.3.2.2; H.265 7.3.2.1 to 7.3.2.3; H.266 7.3.2.3 to 7.3.2.5). It is not ok
// if the unit is too short or too long to be one.
func (f family) readSet(unit []byte) (s set, ok bool) {
	if len(unit) <= f.header() || len(unit) > maxRecord/16 {
		return s, false
	}
	s = set{kind: f.kind(unit), unit: unit}
	r := bitReader{b: unbroken(unit[:min(len(unit), 128)]), n: 8 * f.header()}
	switch {
	case f == h264 && s.kind == spsAVC:
		r.skip(24)
		s.id = r.golomb()
	case f == h264, f == h265 && s.kind == ppsHEVC:
		s.id = r.golomb()
	case f == h265 && s.kind == spsHEVC:
		r.skip(4)
		layers := r.read(3)
		r.skip(1)
		skipProfileHEVC(&r, layers)
		s.id = r.golomb()
	case f == h266 && s.kind == ppsVVC:
		s.id = r.read(6)
	default:
		s.id = r.read(4)
	}
	return s, s.id < maxSets
}

// has says whether unit is one of the sets.
func (s sets) has(unit []byte) bool {
	for i := range s {
		if bytes.Equal(s[i].unit, unit) {
			return true
		}
	}
	return false
}

// with is s and one more set, which takes the place of an earlier one of its
// kind and number. The unit is copied: a set outlives the bytes it came in.
func (s sets) with(f family, unit []byte) sets {
	n, ok := f.readSet(unit)
	i, found := slices.BinarySearchFunc(s, n, set.compare)
	if !ok || !found && len(s) >= maxSets {
		return s
	}
	n.unit = bytes.Clone(unit)
	out := slices.Clone(s)
	if found {
		out[i] = n
		return out
	}
	return slices.Insert(out, i, n)
}

// of lists the sets of one kind.
func (s sets) of(kind byte) (units [][]byte) {
	for i := range s {
		if s[i].kind == kind {
			units = append(units, s[i].unit)
		}
	}
	return units
}

func (s sets) equal(o sets) bool {
	return slices.EqualFunc(s, o, func(a, b set) bool { return bytes.Equal(a.unit, b.unit) })
}

// decoder is the parameter sets that a decoder of t has by now: those of the
// codec, and those that came in-band since.
func (t *Track) decoder() sets {
	if t.told != t.Codec {
		t.told, t.now = t.Codec, t.Codec.sets
	}
	return t.now
}

// learn reads the parameter sets in a sample that is a chain of NAL units, and
// returns those that need not stay in it. At a picture that decoding can start
// at, a change becomes a new codec, and so it does while none is known. Before
// any other picture changed sets stay where they are; the next start tells
// them anew.
func (m *Movie) learn(t *Track, s *Sample, key Key) (known sets) {
	c, before := t.Codec, t.decoder()
	now := before
	for unit := range chained(s.Bytes, c.prefix) {
		if c.family.role(unit) == roleSet && !now.has(unit) && m.afford(now) {
			now = now.with(c.family, unit)
		}
	}
	t.now = now
	switch {
	case key == None && c.complete(), !m.afford(now):
		return before
	case now.equal(c.sets) && before.equal(c.sets):
		return now
	}
	fresh := *c
	fresh.tell(now)
	t.Codec, t.told, s.Codec = &fresh, &fresh, &fresh
	if t.Total() > 0 {
		s.Flags |= Break
	}
	return now
}

// afford says whether the movie can hold one more copy of s. All copies
// together stay below a quarter of the source.
func (m *Movie) afford(s sets) bool {
	cost := int64(64 * len(s))
	for i := range s {
		cost += int64(len(s[i].unit))
	}
	if m.learnt+cost > maxRecord+m.size/4 {
		m.repair(lostSets, 1)
		return false
	}
	m.learnt += cost
	return true
}
