package demux

import "fmt"

// VP8 and VP9 describe themselves: each key picture tells what a decoder must
// know. So there is no record, and the name is told from the pictures whatever
// the container says: "vp8", and "vp09.PP.LL.DD" with profile and depth of the
// bitstream and the least level that admits the size of the picture. (The
// level in a vpcC box may be higher, for the frame rate. Only MP4 has one.)

// lookVP9 reads the front of the uncompressed header (VP9 bitstream
// specification, 6.2). Of a key picture it tells the codec.
func lookVP9(p []byte) (key Key, c Codec, ok bool) {
	r := bitReader{b: p[:min(len(p), 16)]}
	if len(p) == 0 || r.read(2) != 2 {
		return None, c, false
	}
	profile := r.read(1)
	if profile |= r.read(1) << 1; profile == 3 && r.read(1) == 1 {
		return None, c, false
	}
	if r.read(1) == 1 || r.read(1) == 1 { // shows an earlier picture, or is no key
		return None, c, true
	}
	r.skip(2)
	if r.read(24) != 0x498342 {
		return None, c, false
	}
	depth := 8
	if profile >= 2 {
		depth = 10 + 2*r.read(1)
	}
	const rgb = 7
	if r.read(3) != rgb {
		r.skip(1)
		r.skip(3 * (profile & 1))
	} else {
		r.skip(profile & 1)
	}
	c = Codec{family: vp9, Width: r.read(16) + 1, Height: r.read(16) + 1}
	if r.past() {
		return None, c, false
	}
	c.Name = fmt.Sprintf("vp09.%02d.%02d.%02d", profile, levelVP9(c.Width*c.Height), depth)
	return Closed, c, true
}

// levelVP9 is the least level for a picture of so many pixels (VP9 levels).
func levelVP9(area int) int {
	for _, l := range []struct{ level, area int }{
		{10, 36_864}, {11, 73_728}, {20, 122_880}, {21, 245_760}, {30, 552_960}, {31, 983_040}, {40, 2_228_224}, {50, 8_912_896},
	} {
		if area <= l.area {
			return l.level
		}
	}
	return 60
}

// lookVP8 reads the frame tag (RFC 6386, 9.1): a flag, three bits of version,
// one of visibility, 19 of the size of the first partition.
func lookVP8(p []byte) (key Key, c Codec, ok bool) {
	if len(p) < 3 || p[0]>>1&7 > 3 {
		return None, c, false
	}
	first := int(p[0])>>5 | int(p[1])<<3 | int(p[2])<<11
	if p[0]&1 == 1 {
		return None, c, first <= len(p)-3
	}
	if len(p) < 10 || string(p[3:6]) != "\x9d\x01\x2a" || first > len(p)-10 {
		return None, c, false
	}
	c = Codec{family: vp8, Name: "vp8", Width: int(le.Uint16(p[6:]) & 0x3fff), Height: int(le.Uint16(p[8:]) & 0x3fff)}
	return Closed, c, true
}

// lookTheora reads the first bits of a picture (Theora specification, 7.1). An
// empty one repeats the picture before.
func lookTheora(p []byte) (key Key, ok bool) {
	switch {
	case len(p) == 0:
		return None, true
	case p[0]&0x80 != 0:
		return None, false
	case p[0]&0x40 == 0:
		return Closed, true
	}
	return None, true
}
