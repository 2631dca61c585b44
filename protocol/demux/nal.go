package demux

import "bytes"

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
	seen := false
	for len(p) > 0 {
		unit, rest, ok := nextUnit(p, prefix)
		if !ok || unit[0]&0x80 != 0 {
			return pic
		}
		p = rest
		switch r := f.role(unit); {
		case r == roleDelimiter:
			pic.odd = true
		case r == roleSEI && point < 0:
			point = recoveryPoint(unbroken(unit[min(f.header(), len(unit)):]))
		case r >= roleSlice && !seen:
			seen = true
			pic.key, pic.lead = r.class(f, unit, point, hint)
		}
	}
	pic.whole = true
	return pic
}

// A role is what a NAL unit is for, as far as cutting needs to know.
type role uint8

const (
	roleOther role = iota
	roleDelimiter
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

func (f family) role(unit []byte) role {
	switch f {
	case h264:
		return rolesAVC[unit[0]&0x1f]
	case h265:
		return rolesHEVC[unit[0]>>1&0x3f]
	}
	if len(unit) < 2 {
		return roleOther
	}
	return rolesVVC[unit[1]>>3]
}

// Unit types of ITU-T H.264 table 7-1, H.265 table 7-1, H.266 table 5.
var (
	rolesAVC = [32]role{1: roleSlice, 2: roleSlice, 5: roleIDR, 6: roleSEI, 9: roleDelimiter}

	rolesHEVC = [64]role{
		0: roleSlice, 1: roleSlice, 2: roleSlice, 3: roleSlice, 4: roleSlice, 5: roleSlice,
		6: roleRADL, 7: roleRADL, 8: roleRASL, 9: roleRASL,
		16: roleIDR, 17: roleIDR, 18: roleIDR, 19: roleIDR, 20: roleIDR, 21: roleCRA,
		35: roleDelimiter, 39: roleSEI,
	}

	rolesVVC = [32]role{
		0: roleSlice, 1: roleSlice, 2: roleRADL, 3: roleRASL,
		7: roleIDR, 8: roleIDR, 9: roleCRA, 10: roleGradual,
		20: roleDelimiter, 23: roleSEI,
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

// unbroken removes the emulation prevention bytes (00 00 03) of a NAL unit. It
// returns p itself if there are none.
func unbroken(p []byte) []byte {
	mark := []byte{0, 0, 3}
	if !bytes.Contains(p, mark) {
		return p
	}
	out := make([]byte, 0, len(p))
	for {
		i := bytes.Index(p, mark)
		if i < 0 {
			return append(out, p...)
		}
		out = append(out, p[:i+2]...)
		p = p[i+3:]
	}
}

// bitReader reads single bits from the highest down. Beyond the end it reads zeros.
type bitReader struct {
	b []byte
	n int
}

func (r *bitReader) read(k int) (v int) {
	for ; k > 0; k-- {
		v <<= 1
		if r.n>>3 < len(r.b) {
			v |= int(r.b[r.n>>3]>>(7-r.n&7)) & 1
		}
		r.n++
	}
	return v
}

// golomb reads an unsigned Exp-Golomb number below 2^30; a larger or cut one
// reads as 2^30.
func (r *bitReader) golomb() int {
	zeros := 0
	for r.read(1) == 0 {
		if zeros++; zeros > 29 || r.n>>3 >= len(r.b) {
			return 1 << 30
		}
	}
	return 1<<zeros - 1 + r.read(zeros)
}

// prefixed is the sample as a payload carries it: each NAL unit behind four
// bytes of length, delimiters left out (the end of the sample says the same).
// It returns p itself where nothing has to change.
func prefixed(f family, p []byte, prefix int, odd bool) []byte {
	if prefix == 4 && !odd {
		return p
	}
	out := make([]byte, 0, len(p)+16)
	for len(p) > 0 {
		unit, rest, ok := nextUnit(p, prefix)
		if !ok {
			panic("demux: a sample that was checked is no chain of NAL units")
		}
		p = rest
		if f.role(unit) == roleDelimiter {
			continue
		}
		n := len(unit)
		out = append(out, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		out = append(out, unit...)
	}
	return out
}
