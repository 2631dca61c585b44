package demux

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// Trust: an index may be whole while the bytes it points to were cut out,
// moved or overwritten. Some samples show whether they are what they should
// be; the others are judged by where they lie.

// maxMarks is how many changes between right and wrong samples a track keeps.
const maxMarks = 1 << 12

// A mark says that samples are right, or wrong, from one position on.
type mark struct {
	at    int64
	right bool
}

// trust is what a track knows of its samples.
type trust struct {
	marks []mark // in the order of positions; the last holds up to seen and beyond
	seen  int64  // position of the last sample that showed whether it is right
	sound int    // sounds in a row that end as they must
	tuned bool   // there have been enough that one which does not is wrong
}

// inTune is how many sounds in a row must end as they must before one that
// does not counts as wrong. By chance one in sixteen does.
const inTune = 16

// show notes whether a picture is made as its codec says, and counts one that
// is not, which is lost.
func (m *Movie) show(t *Track, s *Sample, right bool) bool {
	switch t.mark(s, right); {
	case right:
	case t.Codec.family.units():
		m.repair(lostBroken, 1)
	default:
		m.repair(lostShape, 1)
	}
	return right
}

// listen notes whether a sound ends as its codec says. It says false for one
// that does not in a track where the others do. One that is known to be damaged
// is kept as that.
func (m *Movie) listen(t *Track, s *Sample) bool {
	if c := t.Codec; c.Cipher || s.Flags&Damaged != 0 || c.Name != "mp4a.40.2" && c.Name != "mp4a.40.5" && c.Name != "mp4a.40.29" {
		return true
	}
	s.odd = !wholeAAC(s.Bytes, t.Codec.Channels)
	if !s.odd {
		t.sound++
		if s.sure = t.sound >= inTune; s.sure && !t.tuned {
			t.tune()
		}
		return true
	}
	t.sound = 0
	if t.tuned {
		m.repair(lostOdd, 1)
	}
	return !t.tuned
}

// tune finds out that sounds of t end as they must: those that wait and do not
// are wrong, if it was a table that named them.
func (t *Track) tune() {
	t.tuned = true
	if !t.movie.tabled {
		return
	}
	t.movie.judge(false) // what is found wrong twice counts as what it was found first
	for i := range t.Samples {
		if s := &t.Samples[i]; s.odd {
			t.movie.condemn(s, lostOdd)
		}
	}
}

// telling says whether samples of c show what they are.
func (c *Codec) telling() bool {
	return !c.Cipher && (c.family.units() && c.prefix > 0 || c.family == av1 || c.family == vp8)
}

// made says whether p, as it lies in the source, is made as c says.
func (c *Codec) made(p []byte) bool {
	switch c.family {
	case av1:
		return lookAV1(p, c.still).whole
	case vp8:
		_, _, ok := lookVP8(p)
		return ok
	}
	return look(c.family, p, c.prefix, false).whole
}

// mark notes that a sample showed whether it is right.
func (t *Track) mark(s *Sample, right bool) {
	at, n := s.place(), len(t.marks)
	if n == 0 || n == maxMarks || at < t.seen {
		t.movie.judge(false) // by what is known now: some of it is about to be forgotten
	}
	if n > 0 && at < t.seen {
		t.marks, n = t.marks[:0], 0 // positions go back: another part of the source
	}
	if n == maxMarks {
		t.marks = slices.Delete(t.marks, 0, n/2)
	}
	if t.seen = at; n == 0 || t.marks[n-1].right != right {
		t.marks = append(t.marks, mark{at, right})
	}
	t.movie.shaken = t.movie.shaken || !right
}

// place is where the index thinks that s lies.
func (s *Sample) place() int64 { return s.At - s.slid }

// judge finds sounds wrong that cannot be right. Most have nothing to check, but
// they live among pictures: what lies behind a wrong one, before the next right
// one, has most likely moved with it, unless many sounds in a row show that they
// have not. A sound is judged once, when the pictures around it are known. Those
// that have been judged are in front of the others.
func (m *Movie) judge(last bool) {
	known := m.known(last)
	for _, t := range m.Tracks {
		if t.Kind != Audio {
			continue
		}
		i := sort.Search(len(t.Samples), func(i int) bool { return !t.Samples[i].judged })
		for ; i < len(t.Samples) && t.Samples[i].place() < known; i++ {
			s := &t.Samples[i]
			s.judged = true
			if m.shaken && !s.sure && m.misled(s) {
				m.condemn(s, lostNear)
			}
		}
	}
}

// known is the place up to which all pictures are known that show what they
// are.
func (m *Movie) known(last bool) int64 {
	if last {
		return math.MaxInt64
	}
	known := int64(math.MaxInt64)
	for _, t := range m.Tracks {
		if len(t.marks) > 0 {
			known = min(known, t.seen)
		}
	}
	if known == math.MaxInt64 {
		return math.MinInt64 // none has come
	}
	return known
}

// condemn calls a waiting sample wrong, for what.
func (m *Movie) condemn(s *Sample, what string) {
	if !s.wrong {
		s.wrong = true
		m.repair(what, 1)
	}
}

// misled says whether s lies behind a wrong picture.
func (m *Movie) misled(s *Sample) bool {
	for _, t := range m.Tracks {
		i, exact := slices.BinarySearchFunc(t.marks, s.place(), func(m mark, at int64) int { return int(m.at - at) })
		if i += b2i(exact); i > 0 && !t.marks[i-1].right {
			return true
		}
	}
	return false
}

// wholeAAC says whether p may be a raw data block (ISO 14496-3, 4.4.2.1): it
// begins with an element that fits the channels and ends with ID_END and less
// than a byte of padding. Zero bytes behind that are let pass.
func wholeAAC(p []byte, channels int) bool {
	for len(p) > 1 && p[len(p)-1] == 0 {
		p = p[:len(p)-1]
	}
	if len(p) < 2 {
		return false
	}
	switch first := p[0] >> 5; {
	case first == 7, first == 0 && channels == 2, first == 1 && channels == 1:
		return false
	}
	tail := int(p[len(p)-2])<<8 | int(p[len(p)-1])
	return tail>>bits.TrailingZeros8(p[len(p)-1])&7 == 7
}
