package demux

import (
	"fmt"
)

// Records of codecs with NAL units are built from their parameter sets, also
// where the container has one: so they are equal whatever the container left
// out, added or put in another order.

// code is what the name of a codec begins with.
func (f family) code() string {
	switch f {
	case h264:
		return "avc1"
	case h265:
		return "hvc1"
	case h266:
		return "vvc1"
	}
	return ""
}

func (f family) spsKind() byte {
	switch f {
	case h264:
		return spsAVC
	case h265:
		return spsHEVC
	}
	return spsVVC
}

// complete says that the codec knows a sequence parameter set.
func (c *Codec) complete() bool { return len(c.sets.of(c.family.spsKind())) > 0 }

// describeUnits reads an avcC, hvcC or vvcC box (ISO 14496-15, 5.3.3, 8.3.3
// and 11.2.4). Whether parameter sets may also stand in-band (avc3, hev1) is
// not told by the name: they are always taken out.
func (c *Codec) describeUnits(code, name string, p []byte) bool {
	var s sets
	switch {
	case name == "avcC" && len(p) >= 7:
		c.family, c.prefix = h264, int(p[4]&3)+1
		c.Name = fmt.Sprintf(".%02x%02x%02x", p[1], p[2], p[3])
		s = setsAVC(p)
	case name == "hvcC" && len(p) >= 23:
		c.family, c.prefix = h265, int(p[21]&3)+1
		c.Name = textHEVC(p[1:13])
		s = setsArrays(h265, p[22:])
	case name == "vvcC" && len(p) >= 5:
		c.family, c.prefix = h266, int(p[4]>>1&3)+1
		c.Name = ""
		s = setsArrays(h266, arraysVVC(p))
	default:
		return false
	}
	c.code = c.family.code()
	switch code { // Dolby Vision: not to be shown by others
	case "dva1", "dvav":
		c.code = "dva1"
	case "dvh1", "dvhe":
		c.code = "dvh1"
	}
	c.Name = c.code + c.Name
	c.tell(s)
	return true
}

// tell sets everything that follows from the parameter sets s. Without a
// sequence parameter set nothing does, and the codec stays as it was.
func (c *Codec) tell(s sets) {
	c.sets = s
	if !c.complete() {
		return
	}
	v, ok := c.family.readSPS(s.of(c.family.spsKind())[0])
	if !ok {
		return
	}
	c.Name, c.Width, c.Height, c.layers = c.code+v.text, v.width, v.height, v.layers
	switch c.family {
	case h264:
		c.Record = recordAVC(s)
	case h265:
		c.Record = recordHEVC(s, v)
	default:
		c.Record = appendArrays([]byte{0, 0, 0, 0, 0xfe}, s)
	}
}

// recordAVC writes an AVCDecoderConfigurationRecord without the fields that
// only some profiles and some muxers have.
func recordAVC(s sets) []byte {
	sps, pps := s.of(spsAVC), s.of(ppsAVC)
	sps, pps = sps[:min(len(sps), 31)], pps[:min(len(pps), 255)]
	out := []byte{1, sps[0][1], sps[0][2], sps[0][3], 0xff, 0xe0 | byte(len(sps))}
	out = appendUnits(out, sps)
	return appendUnits(append(out, byte(len(pps))), pps)
}

// recordHEVC writes an HEVCDecoderConfigurationRecord that says unknown where
// muxers differ: segmentation, parallelism, frame rate.
func recordHEVC(s sets, v sps) []byte {
	out := append([]byte{1}, v.general[:]...)
	out = append(out, 0xf0, 0, 0xfc, 0xfc|byte(v.chroma&3), 0xf8|byte(v.luma&7), 0xf8|byte(v.colour&7), 0, 0)
	return appendArrays(append(out, byte(v.layers&7)<<3|byte(b2i(v.nested))<<2|3), s)
}

// appendArrays writes the sets by kind, each kind complete.
func appendArrays(out []byte, s sets) []byte {
	at := len(out)
	out = append(out, 0)
	for i := 0; i < len(s); {
		units := s.of(s[i].kind)
		out = append(out, 0x80|s[i].kind, byte(len(units)>>8), byte(len(units)))
		out = appendUnits(out, units)
		out[at]++
		i += len(units)
	}
	return out
}

func appendUnits(out []byte, units [][]byte) []byte {
	for _, u := range units {
		out = append(append(out, byte(len(u)>>8), byte(len(u))), u...)
	}
	return out
}

// setsAVC reads the parameter sets of an AVCDecoderConfigurationRecord.
func setsAVC(p []byte) (s sets) {
	counts := []byte{31, 255} // masks: sequence sets, then picture sets
	p = p[5:]
	for _, mask := range counts {
		if len(p) == 0 {
			return s
		}
		n := int(p[0] & mask)
		s, p = s.read(h264, p[1:], n)
	}
	return s
}

// setsArrays reads the arrays of NAL units at the end of an hvcC or vvcC box.
func setsArrays(f family, p []byte) (s sets) {
	if len(p) == 0 {
		return nil
	}
	arrays := int(p[0])
	p = p[1:]
	for ; arrays > 0 && len(p) >= 3; arrays-- {
		n := 1
		if kind := p[0] & 0x1f; f == h266 && (kind == 12 || kind == 13) { // one unit, not counted
			p = p[1:]
		} else {
			n = int(p[1])<<8 | int(p[2])
			p = p[3:]
		}
		s, p = s.read(f, p, n)
	}
	return s
}

// read adds n units, each behind two bytes of length, as far as they are
// there and are parameter sets.
func (s sets) read(f family, p []byte, n int) (sets, []byte) {
	for ; n > 0 && len(p) >= 2; n-- {
		size := min(int(p[0])<<8|int(p[1]), len(p)-2)
		unit := p[2 : 2+size]
		if f.role(unit) == roleSet && !s.has(unit) {
			s = s.with(f, unit)
		}
		p = p[2+size:]
	}
	return s, p
}

// arraysVVC finds the arrays of a VvcDecoderConfigurationRecord: behind
// profile, tier and level, where it has them.
func arraysVVC(p []byte) []byte {
	r := bitReader{b: p, n: 39}
	if r.read(1) == 1 {
		r.skip(9)
		layers := r.read(3)
		r.skip(12)
		constraints := r.read(8) & 63
		r.skip(16 + 8*max(1, constraints)) // two of these bits are not constraints
		levels := 0
		if layers > 1 {
			for range layers - 1 {
				levels += r.read(1)
			}
			r.skip(9 - layers)
		}
		r.skip(8 * levels)
		r.skip(32 * r.read(8))
		r.skip(48) // width, height, frame rate
	}
	return p[min(r.n/8, len(p)):]
}
