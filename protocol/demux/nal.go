package demux

import "iter"

// A Key says whether a viewer can start at a sample.
type Key uint8

// Classes of key picture, told from the pictures themselves; what a container
// flags is only a hint where the codec is not understood.
const (
	None    Key = iota // needs earlier samples
	Closed             // can be started at; nothing after it needs anything before it
	Open               // can be started at, but some pictures shown before it are lost
	Gradual            // the picture becomes right only some pictures later
)

var keyNames = [...]string{"none", "closed", "open", "gradual"}

// String is the name of the class.
func (k Key) String() string { return keyNames[k&3] }

// lead says which kind of leading picture a sample is: shown before the key
// picture that it follows.
type lead uint8

const (
	trails  lead = iota // not a leading picture
	heads               // a CRA picture, which others may lead
	decodes             // leading, and needs nothing before the key
	skipped             // leading, and cannot be decoded when starting at the key
)

// A picture is what the headers of one sample say.
type picture struct {
	key   Key
	lead  lead
	whole bool // the sample is a chain of NAL units, exactly filled
	odd   bool // it holds units that a payload leaves out
	sets  bool // it holds parameter sets
	apart bool // no later picture of its layer needs it
	layer int  // temporal layer
}

// nextUnit splits the first length-prefixed NAL unit off p. It is not ok if
// the length is zero or larger than what is left.
func nextUnit(p []byte, prefix int) (unit, rest []byte, ok bool) {
	if len(p) <= prefix {
		return nil, nil, false
	}
	n := 0
	for _, c := range p[:prefix] {
		n = n<<8 | int(c)
	}
	if n < 1 || n > len(p)-prefix {
		return nil, nil, false
	}
	return p[prefix : prefix+n], p[prefix+n:], true
}

// look walks the NAL units of one sample. It touches only their first bytes
// (all of an SEI message), so that checking costs little beside hashing.
func look(f family, p []byte, prefix int, hint bool) picture {
	var pic picture
	point := -1 // recovery point: frames until the picture is right
	seen, refs := false, false
	for len(p) > 0 {
		unit, rest, ok := nextUnit(p, prefix)
		if !ok || unit[0]&0x80 != 0 {
			return pic
		}
		p = rest
		switch r := f.role(unit); {
		case r == roleIdle:
			pic.odd = true
		case r == roleSet:
			pic.sets = true
		case r == roleSEI && point < 0:
			point = recoveryPoint(unbroken(unit[min(f.header(), len(unit)):]))
		case r >= roleSlice:
			if refs = refs || f.refers(unit); !seen {
				pic.key, pic.lead = r.class(f, unit, point, hint)
				pic.layer = f.layer(unit)
			}
			seen = true
		}
	}
	pic.whole, pic.apart = true, seen && !refs
	return pic
}

// refers says whether the picture of a slice may be needed by a later one of
// its temporal layer: nal_ref_idc in H.264, sub-layer non-reference types in
// H.265, ph_non_ref_pic_flag in H.266 where the slice itself tells.
func (f family) refers(unit []byte) bool {
	switch f {
	case h264:
		return unit[0]&0x60 != 0
	case h265:
		t := f.kind(unit)
		return t > 14 || t&1 == 1
	}
	return len(unit) < 3 || unit[2]&0xa0 != 0xa0
}

// layer is the temporal layer of a unit.
func (f family) layer(unit []byte) int {
	if f == h264 || len(unit) < 2 {
		return 0
	}
	return max(0, int(unit[1]&7)-1)
}

// chained yields the units of p, a chain that was checked.
func chained(p []byte, prefix int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(p) > 0 {
			unit, rest, ok := nextUnit(p, prefix)
			if !ok {
				panic("demux: a sample that was checked is no chain of NAL units")
			}
			if p = rest; !yield(unit) {
				return
			}
		}
	}
}

// A role is what a NAL unit is for, as far as cutting needs to know.
type role uint8

const (
	roleOther role = iota
	roleIdle       // delimiters and filler: the end of the sample says the same
	roleSet        // parameter sets
	roleSEI
	roleSlice   // of a picture that is no random access point by its type
	roleIDR     // closed
	roleCRA     // open, if pictures lead it that need more
	roleGradual // VVC says so itself
	roleRADL    // decodable leading picture
	roleRASL    // skipped leading picture
)

// header is how many bytes a NAL unit begins with.
func (f family) header() int {
	if f == h264 {
		return 1
	}
	return 2
}

// kind is the type of a NAL unit that has a whole header.
func (f family) kind(unit []byte) byte {
	switch f {
	case h264:
		return unit[0] & 0x1f
	case h265:
		return unit[0] >> 1 & 0x3f
	}
	return unit[1] >> 3
}

func (f family) role(unit []byte) role {
	switch {
	case len(unit) < f.header():
		return roleOther
	case f == h264:
		return rolesAVC[f.kind(unit)]
	case f == h265:
		return rolesHEVC[f.kind(unit)]
	}
	return rolesVVC[f.kind(unit)]
}

// Types of parameter set.
const (
	spsAVC, ppsAVC            = 7, 8
	vpsHEVC, spsHEVC, ppsHEVC = 32, 33, 34
	vpsVVC, spsVVC, ppsVVC    = 14, 15, 16
)

// Unit types of ITU-T H.264 table 7-1, H.265 table 7-1, H.266 table 5.
var (
	rolesAVC = [32]role{
		1: roleSlice, 2: roleSlice, 5: roleIDR, 6: roleSEI,
		spsAVC: roleSet, ppsAVC: roleSet, 9: roleIdle, 12: roleIdle,
	}

	rolesHEVC = [64]role{
		0: roleSlice, 1: roleSlice, 2: roleSlice, 3: roleSlice, 4: roleSlice, 5: roleSlice,
		6: roleRADL, 7: roleRADL, 8: roleRASL, 9: roleRASL,
		16: roleIDR, 17: roleIDR, 18: roleIDR, 19: roleIDR, 20: roleIDR, 21: roleCRA,
		vpsHEVC: roleSet, spsHEVC: roleSet, ppsHEVC: roleSet,
		35: roleIdle, 38: roleIdle, 39: roleSEI,
	}

	rolesVVC = [32]role{
		0: roleSlice, 1: roleSlice, 2: roleRADL, 3: roleRASL,
		7: roleIDR, 8: roleIDR, 9: roleCRA, 10: roleGradual,
		vpsVVC: roleSet, spsVVC: roleSet, ppsVVC: roleSet,
		20: roleIdle, 23: roleSEI, 25: roleIdle,
	}
)

// class tells the class of the picture whose first slice is unit. For a plain
// slice the recovery point decides; without one, a picture that the container
// flags counts as open if it is an I picture.
func (r role) class(f family, unit []byte, point int, hint bool) (Key, lead) {
	switch r {
	case roleIDR:
		return Closed, trails
	case roleCRA:
		return Open, heads
	case roleGradual:
		return Gradual, trails
	case roleRADL:
		return None, decodes
	case roleRASL:
		return None, skipped
	}
	switch {
	case point == 0:
		return Open, trails
	case point > 0:
		return Gradual, trails
	case hint && f == h264 && intraAVC(unit):
		return Open, trails
	}
	return None, trails
}

// intraAVC says whether an H.264 slice is of type I or SI.
func intraAVC(unit []byte) bool {
	r := bitReader{b: unbroken(unit[1:min(len(unit), 16)])}
	r.golomb() // first macroblock
	t := r.golomb()
	return t == 2 || t == 4 || t == 7 || t == 9
}

// recoveryPoint reads the SEI messages of p until one is a recovery point
// (payload type 6 in all three codecs) and returns its count, or -1.
func recoveryPoint(p []byte) int {
	for len(p) > 2 {
		kind, rest := seiNumber(p)
		size, body := seiNumber(rest)
		if kind == 6 && len(body) > 0 {
			r := bitReader{b: body}
			return r.golomb()
		}
		if size > len(body) {
			return -1
		}
		p = body[size:]
	}
	return -1
}

// seiNumber reads a number written as a run of 255s and a last byte.
func seiNumber(p []byte) (n int, rest []byte) {
	for len(p) > 0 {
		c := p[0]
		p = p[1:]
		n += int(c)
		if c != 255 {
			break
		}
	}
	return n, p
}

// prefixed is the sample as a payload carries it: each NAL unit behind four
// bytes of length, without delimiters, filler and the parameter sets that are
// known. It returns p itself where nothing has to change.
func prefixed(f family, p []byte, prefix int, odd bool, known sets) []byte {
	if prefix == 4 && !odd && len(known) == 0 {
		return p
	}
	kept := func(yield func([]byte) bool) {
		for unit := range chained(p, prefix) {
			if r := f.role(unit); r != roleIdle && (r != roleSet || !known.has(unit)) && !yield(unit) {
				return
			}
		}
	}
	size := 0 // exactly: filler may be most of a sample
	for unit := range kept {
		size += 4 + len(unit)
	}
	out := make([]byte, 0, size)
	for unit := range kept {
		out = append(be.AppendUint32(out, uint32(len(unit))), unit...)
	}
	return out
}
