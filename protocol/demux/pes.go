package demux

// Headers of PES packets (ISO 13818-1, 2.4.3.6; ISO 11172-1, 2.4.3.3).

const maxPESHead = 9 + 255 // bytes

// A pesHead is the header of one PES packet.
type pesHead struct {
	id       byte
	size     int // bytes of the header
	left     int // bytes of the packet behind it; -1: not told
	pts, dts int64
	dated    bool
	cipher   bool
}

// readPES reads the header of a PES packet. A size of zero means that it goes
// on behind b. It is not ok if no packet begins here.
func readPES(b []byte) (h pesHead, ok bool) {
	if len(b) < 6 {
		return h, true
	}
	if b[0] != 0 || b[1] != 0 || b[2] != 1 || b[3] < 0xbc {
		return h, false
	}
	h.id = b[3]
	n := 6
	switch h.id {
	case 0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff: // no more header
	default:
		if n, ok = h.rest(b); !ok || n > len(b) {
			return h, ok
		}
	}
	h.size, h.left = n, -1
	if length := int(be.Uint16(b[4:])); length > 0 {
		h.left = length + 6 - n
	}
	return h, h.left >= -1
}

// rest reads the header from its seventh byte on and returns where it ends;
// beyond b, if it is not whole.
func (h *pesHead) rest(b []byte) (int, bool) {
	if len(b) < 9 {
		return len(b) + 1, true
	}
	if b[6]&0xc0 != 0x80 {
		return h.old(b)
	}
	n := 9 + int(b[8])
	if n <= len(b) {
		h.cipher = b[6]&0x30 != 0
		h.times(b[7]>>6, b[9:n])
	}
	return n, true
}

// old reads a header of MPEG-1.
func (h *pesHead) old(b []byte) (int, bool) {
	i := 6
	for i < len(b) && i < 6+16 && b[i] == 0xff {
		i++
	}
	if i < len(b) && b[i]&0xc0 == 0x40 { // buffer size
		i += 2
	}
	if i >= len(b) {
		return i + 1, true
	}
	length := 1
	switch {
	case b[i]&0xf0 == 0x20:
		length = 5
	case b[i]&0xf0 == 0x30:
		length = 10
	case b[i] != 0x0f:
		return 0, false
	}
	if n := i + length; n <= len(b) {
		h.times(b[i]>>4, b[i:n])
	}
	return i + length, true
}

// times reads the time stamps that flags announce: 2, presentation; 3, also
// decoding.
func (h *pesHead) times(flags byte, p []byte) {
	ok := false
	if flags&2 != 0 {
		h.pts, h.dated = readStamp(p)
		h.dts = h.pts
	}
	if flags == 3 && h.dated {
		if h.dts, ok = readStamp(p[5:]); !ok {
			h.dts = h.pts
		}
	}
}

// readStamp reads a time stamp of 33 bits. It is not ok if its marker bits are
// not set.
func readStamp(p []byte) (int64, bool) {
	if len(p) < 5 || p[0]&p[2]&p[4]&1 == 0 {
		return 0, false
	}
	return int64(p[0]>>1&7)<<30 | int64(p[1])<<22 | int64(p[2]>>1)<<15 | int64(p[3])<<7 | int64(p[4]>>1), true
}
