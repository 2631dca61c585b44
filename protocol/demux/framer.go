package demux

// A videoFramer finds the access units of video.
type videoFramer struct {
	*splitter
	lost bool // inside of some picture, or before the first
}

func openPictures(f family) func() framer {
	return func() framer { return &videoFramer{newSplitter(f), true} }
}

func (v *videoFramer) tear() { v.lost = true }

func (v *videoFramer) frame(b []byte, e end) frame {
	if v.lost {
		n, ok := v.f.fresh(b, e != goesOn)
		if !ok || n > 0 {
			return frame{skip: n}
		}
		v.lost = false
	}
	n := v.next(b, e != goesOn)
	return frame{size: n, body: b[:n:n], torn: e == hole && n == len(b)}
}

// fresh finds the first place in b where an access unit can begin. It is not
// ok if there is none; the bytes before n are of no use then.
func (f family) fresh(b []byte, last bool) (n int, ok bool) {
	at := nextCode(b, 0)
	for ; at < len(b); at = nextCode(b, at+3) {
		unit := b[at+3:]
		if len(unit) < 4 && !last {
			return at, false
		}
		if len(unit) > 0 && f.leads(unit) {
			return max(0, at-zerosBefore(b, at)), true
		}
	}
	if last {
		return len(b), false
	}
	return max(0, len(b)-2), false
}

// leads says whether a unit can be the first of an access unit.
func (f family) leads(unit []byte) bool {
	switch code := unit[0]; {
	case f == mpeg2:
		return code == 0 || code == 0xb3 || code == 0xb8
	case f == mpeg4:
		return code == 0xb6 || code == 0xb3 || code == 0xb0 || code == 0xb5 || code < 0x30
	case unit[0]&0x80 != 0:
		return false
	}
	first := f.header() < len(unit) && unit[f.header()]&0x80 != 0 // of the slices of a picture
	switch r := f.role(unit); {
	case r >= roleSlice:
		return first
	case f == h265:
		return f.kind(unit) != 40 // SEI behind the picture
	case f == h266:
		return f.kind(unit) != 24 && f.kind(unit) != 18
	}
	return unit[0]&0x1f < 10 || unit[0]&0x1f > 12
}

// A packetFramer takes each PES packet for a frame.
type packetFramer struct{}

func (packetFramer) tear() {}

func (packetFramer) frame(b []byte, e end) frame {
	if e == goesOn {
		return frame{}
	}
	return frame{size: len(b), body: b, torn: e == hole}
}
