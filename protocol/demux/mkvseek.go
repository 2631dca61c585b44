package demux

import "bytes"

// marks are the first bytes of what reading can go on with after damage.
var marks = func() (m [256]bool) {
	for _, c := range []byte{0x1f, 0x1a, 0x18, 0x15, 0x16, 0x1c, 0x12, 0xae, 0xa0, 0xa3} {
		m[c] = true
	}
	return m
}()

// seek finds the first place in p where reading can go on. short: nothing
// before n is one, and whether n is one needs more bytes.
func (r *mkvReader) seek(p []byte) (n int, v answer) {
	for i, c := range p {
		if !marks[c] {
			continue
		}
		switch v := r.place(p[i:]); {
		case v == good:
			return i, good
		case v == short && !r.last:
			return i, short
		}
	}
	return len(p), short
}

// place says whether reading can go on at the front of p.
func (r *mkvReader) place(p []byte) answer {
	switch p[0] {
	case 0xa3:
		return r.vouched(p)
	case 0xa0:
		e, v := elementAt(p)
		if v != good {
			return v
		}
		return r.vouched(p[e.head:])
	}
	return r.landmark(p)
}

// landmark says whether a top-level element or the description of a track
// begins at the front of p. Four bytes of number are not enough: an index of
// elements is full of them.
func (r *mkvReader) landmark(p []byte) answer {
	e, v := elementAt(p)
	if v != good {
		return v
	}
	inside := p[e.head:]
	switch e.id {
	case idCluster:
		return oneOf(inside, "\xe7", "\xbf\x84", "\xab", "\xa7", "\xec", "\xa3", "\xa0")
	case idTracks:
		return oneOf(inside, "\xae", "\xbf\x84\xae", "\xbf\x84", "\xec")
	case idEntry:
		return oneOf(inside, "\xd7\x81")
	case idEBML:
		return oneOf(inside, "\x42\x86", "\x42\xf7", "\x42\x82", "\xbf\x84", "\xec")
	case idSegment:
		return oneOf(inside, "\x11\x4d\x9b\x74", "\x15\x49\xa9\x66", "\xec", "\xbf\x84")
	case idInfo:
		return oneOf(inside, "\x2a\xd7\xb1", "\xbf\x84", "\x73\xa4", "\x4d\x80", "\x44\x89")
	case idCues:
		return oneOf(inside, "\xbb", "\xbf\x84")
	case idTags:
		return oneOf(inside, "\x73\x73", "\xbf\x84")
	}
	return bad
}

// oneOf says whether p starts with one of signs.
func oneOf(p []byte, signs ...string) answer {
	v := bad
	for _, s := range signs {
		switch {
		case bytes.HasPrefix(p, []byte(s)):
			return good
		case len(p) < len(s) && bytes.HasPrefix([]byte(s), p):
			v = short
		}
	}
	return v
}

// follows says whether p, which stands behind a block, can be an element. With
// last, nothing at all and a cut head can be one.
func (r *mkvReader) follows(p []byte, last bool) answer {
	e, v := elementAt(p)
	if v == short && last && len(p) < 4 {
		return good
	}
	if v != good {
		return v
	}
	shape, known := shapesCluster[e.id]
	switch {
	case !known:
		return r.beyond(e, p, last)
	case shape == block:
		_, v := r.head(p[e.head:], e.size)
		if v == short && last {
			return good
		}
		return v
	case small(e.id) && (e.size < 0 || e.size > 8):
		return bad
	case e.id > 1<<24: // four bytes of number
		return good
	case e.id == idGroup && (e.size == unsized || e.size >= 6):
		v := oneOf(p[e.head:], "\xa1")
		if v == short && last {
			return good
		}
		return v
	}
	if e.id == idGroup || e.size == unsized || e.size > maxLeaf {
		return bad
	}
	return good
}

// beyond says whether e, of an unknown number, can be an element of a later
// version of the format: a known one must follow it.
func (r *mkvReader) beyond(e element, p []byte, last bool) answer {
	whole := int64(e.head) + e.size
	switch {
	case e.size <= 0 || e.size > maxStrange:
		return bad
	case whole > int64(len(p)):
		return short
	}
	next, v := elementAt(p[whole:])
	if _, known := shapesCluster[next.id]; v == good && !known {
		return bad
	}
	return r.follows(p[whole:], last)
}

// vouched says whether a block of a known track begins at the front of p for
// whose size something vouches. In an unknown place more is asked of it than
// where blocks are due: no lacing, and something must follow.
func (r *mkvReader) vouched(p []byte) answer {
	e, v := elementAt(p)
	if v != good {
		return v
	}
	if e.id != idSimpleBlock && e.id != idBlock || e.size > maxLeap {
		return bad
	}
	h, v := r.head(p[e.head:], e.size)
	if v != good {
		return v
	}
	if h.flags&0x06 != 0 {
		return bad
	}
	whole := e.head + int(e.size)
	if whole > len(p) {
		return short
	}
	if whole == len(p) && r.last && !r.chain(h, p[e.head+h.size:whole]) {
		return bad
	}
	return r.follows(p[whole:], r.last)
}
