package demux

import "fmt"

// An sps is what matters here of a sequence parameter set.
type sps struct {
	text          string // tail of the codec string
	width, height int    // of what is shown
	layers        int    // temporal layers
	tick, scale   int    // a picture lasts tick/scale seconds; 0: not told

	general              [12]byte // H.265: profile, tier, level
	chroma, luma, colour int      // chroma format, depths above eight bits
	nested               bool     // H.265: temporal nesting

	fields    bool // H.264: pictures may be single fields
	planes    bool // H.264: colour planes are coded apart
	frameBits int  // H.264: bits of frame_num
	orderBits int  // H.264: bits of pic_order_cnt_lsb, 0 if slices have none
}

// readSPS reads a sequence parameter set. It is not ok if it is cut before its
// size.
func (f family) readSPS(unit []byte) (sps, bool) {
	r := &bitReader{b: unbroken(unit), n: 8 * f.header()}
	switch f {
	case h264:
		return readAVC(r)
	case h265:
		return readHEVC(r)
	}
	return readVVC(r)
}

// size sets what is shown of a picture of so many samples.
func (s *sps) size(width, height int, crop [4]int, x, y int) bool {
	s.width = width - x*(crop[0]+crop[1])
	s.height = height - y*(crop[2]+crop[3])
	return s.width > 0 && s.height > 0 && width <= maxSide && height <= maxSide
}

// maxSide is the largest width or height in pixels that is believed.
const maxSide = 1 << 16

// window reads four numbers where a flag says so.
func window(r *bitReader) (crop [4]int) {
	if r.read(1) == 1 {
		for i := range crop {
			crop[i] = r.golomb()
		}
	}
	return crop
}

// readAVC reads ITU-T H.264, 7.3.2.1.1.
func readAVC(r *bitReader) (s sps, ok bool) {
	profile := r.read(8)
	s.text = fmt.Sprintf(".%02x%04x", profile, r.read(16))
	r.golomb() // number
	s.layers, s.chroma = 1, 1
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		if s.chroma = r.golomb(); s.chroma == 3 {
			s.planes = r.read(1) == 1
		}
		s.luma, s.colour = r.golomb(), r.golomb()
		r.skip(1)
		if r.read(1) == 1 {
			skipScaling(r, 8+4*b2i(s.chroma == 3))
		}
	}
	s.frameBits = min(r.golomb(), 12) + 4
	switch r.golomb() { // picture order count
	case 0:
		s.orderBits = min(r.golomb(), 12) + 4
	case 1:
		r.skip(1)
		r.golomb()
		r.golomb()
		for range min(r.golomb(), 255) {
			r.golomb()
		}
	}
	r.golomb() // reference frames
	r.skip(1)
	width, height := 16*(min(r.golomb(), maxSide)+1), 16*(min(r.golomb(), maxSide)+1)
	s.fields = r.read(1) == 0
	if s.fields {
		height *= 2
		r.skip(1)
	}
	r.skip(1)
	x, y := chromaStep(s.chroma, s.planes)
	ok = s.size(width, height, window(r), x, y*(1+b2i(s.fields))) && !r.past()
	if r.read(1) == 1 {
		usability(r)
		s.timing(r, 2) // ticks are of fields
	}
	return s, ok
}

// chromaStep is how many luma samples one step of a cropping window takes.
func chromaStep(format int, planes bool) (x, y int) {
	switch {
	case format == 1:
		return 2, 2
	case format == 2:
		return 2, 1
	}
	return 1, 1
}

// skipScaling passes over scaling lists (7.3.2.1.1.1).
func skipScaling(r *bitReader, lists int) {
	for i := range lists {
		if r.read(1) == 0 {
			continue
		}
		size := 16
		if i >= 6 {
			size = 64
		}
		last, next := 8, 8
		for range size {
			if next != 0 {
				next = (last + r.signed() + 256) & 255
			}
			if next != 0 {
				last = next
			}
		}
	}
}

// usability passes over the part of the video usability information that
// H.264 (E.1.1) and H.265 (E.2.1) share.
func usability(r *bitReader) {
	if r.read(1) == 1 && r.read(8) == 255 {
		r.skip(32)
	}
	if r.read(1) == 1 {
		r.skip(1)
	}
	if r.read(1) == 1 {
		r.skip(4)
		r.skip(24 * r.read(1))
	}
	if r.read(1) == 1 {
		r.golomb()
		r.golomb()
	}
}

// timing reads how long a picture of so many ticks lasts.
func (s *sps) timing(r *bitReader, ticks int) {
	if r.read(1) == 0 {
		return
	}
	tick, scale := ticks*r.read(32), r.read(32)
	if tick > 0 && scale > 0 && scale < maxPace*tick && tick < 3600*scale && !r.past() {
		s.tick, s.scale = tick, scale
	}
}

// maxPace is how many pictures a second a header may claim.
const maxPace = 1000

// skipProfileHEVC passes over profile, tier and level of all layers (H.265,
// 7.3.3).
func skipProfileHEVC(r *bitReader, layers int) {
	r.skip(96)
	if layers == 0 {
		return
	}
	bits := 0
	for i := range 8 {
		if profile, level := r.read(1), r.read(1); i < layers {
			bits += 88*profile + 8*level
		}
	}
	r.skip(bits)
}

// readHEVC reads H.265, 7.3.2.2.1.
func readHEVC(r *bitReader) (s sps, ok bool) {
	r.skip(4)
	deepest := r.read(3)
	s.layers, s.nested = deepest+1, r.read(1) == 1
	copy(s.general[:], r.b[min(3, len(r.b)):])
	s.text = textHEVC(s.general[:])
	skipProfileHEVC(r, deepest)
	r.golomb() // number
	if s.chroma = r.golomb(); s.chroma == 3 {
		s.planes = r.read(1) == 1
	}
	width, height := r.golomb(), r.golomb()
	x, y := chromaStep(s.chroma, s.planes)
	crop := window(r)
	s.luma, s.colour = r.golomb(), r.golomb()
	if ok = s.size(width, height, crop, x, y) && !r.past(); ok {
		s.restHEVC(r, deepest)
	}
	return s, ok
}

// restHEVC reads on to the timing, behind everything else.
func (s *sps) restHEVC(r *bitReader, deepest int) {
	orderBits := r.golomb() + 4
	times := 1
	if r.read(1) == 1 {
		times = deepest + 1
	}
	for range 3*times + 6 { // buffering, then block sizes
		r.golomb()
	}
	if r.read(1) == 1 && r.read(1) == 1 {
		skipScalingHEVC(r)
	}
	r.skip(2)
	if r.read(1) == 1 { // raw blocks
		r.skip(8)
		r.golomb()
		r.golomb()
		r.skip(1)
	}
	if !skipReferences(r, min(r.golomb(), 65)) {
		return
	}
	if r.read(1) == 1 {
		r.skip(min(r.golomb(), 32) * (orderBits + 1))
	}
	r.skip(2)
	if r.read(1) == 1 {
		usability(r)
		r.skip(3)
		window(r)
		s.timing(r, 1)
	}
}

// skipScalingHEVC passes over 7.3.4.
func skipScalingHEVC(r *bitReader) {
	for size := range 4 {
		for i := 0; i < 6; i += 1 + 2*(size/3) {
			if r.read(1) == 0 {
				r.golomb()
				continue
			}
			if size > 1 {
				r.golomb()
			}
			for range min(64, 1<<(4+2*size)) {
				r.golomb()
			}
		}
	}
}

// skipReferences passes over n short-term reference picture sets (7.3.7). How
// long one is depends on the distances in the one before.
func skipReferences(r *bitReader, n int) bool {
	var before, after []int // distances to earlier and later pictures
	for i := range n {
		if i > 0 && r.read(1) == 1 {
			before, after = predicted(r, before, after)
		} else {
			a, b := r.golomb(), r.golomb()
			if a > 16 || b > 16 {
				return false
			}
			before, after = distances(r, a, -1), distances(r, b, 1)
		}
		if len(before)+len(after) > 32 || r.past() {
			return false
		}
	}
	return n <= 64
}

// distances reads n distances, each further by one or more than the one before.
func distances(r *bitReader, n, sign int) (d []int) {
	at := 0
	for range n {
		at += sign * (r.golomb() + 1)
		r.skip(1)
		d = append(d, at)
	}
	return d
}

// predicted reads a set that is another one moved (7.4.8, equations 7-61 and
// 7-62).
func predicted(r *bitReader, before, after []int) (b, a []int) {
	sign := 1 - 2*r.read(1)
	move := sign * (r.golomb() + 1)
	used := make([]bool, len(before)+len(after)+1)
	for i := range used {
		used[i] = r.read(1) == 1 || r.read(1) == 1
	}
	last := len(used) - 1
	try := func(list *[]int, sign, d, i int) {
		if d*sign > 0 && used[i] {
			*list = append(*list, d)
		}
	}
	for i := len(after) - 1; i >= 0; i-- {
		try(&b, -1, after[i]+move, len(before)+i)
	}
	try(&b, -1, move, last)
	for i, d := range before {
		try(&b, -1, d+move, i)
	}
	for i := len(before) - 1; i >= 0; i-- {
		try(&a, 1, before[i]+move, i)
	}
	try(&a, 1, move, last)
	for i, d := range after {
		try(&a, 1, d+move, len(before)+i)
	}
	return b, a
}

// readVVC reads the front of H.266, 7.3.2.4.
func readVVC(r *bitReader) (s sps, ok bool) {
	r.skip(8)
	deepest := r.read(3)
	s.layers, s.chroma = deepest+1, r.read(2)
	r.skip(2)
	if r.read(1) == 1 {
		profile, tier, level := r.read(7), r.read(1), r.read(8)
		s.text = fmt.Sprintf(".%d.%c%d", profile, "LH"[tier], level)
		r.skip(2)
		skipConstraintsVVC(r, deepest)
	}
	r.skip(1)
	if r.read(1) == 1 {
		r.skip(1)
	}
	width, height := r.golomb(), r.golomb()
	x, y := chromaStep(s.chroma, false)
	return s, s.size(width, height, window(r), x, y) && !r.past()
}

// skipConstraintsVVC passes over the rest of profile, tier and level (7.3.3.1).
func skipConstraintsVVC(r *bitReader, deepest int) {
	align := func() { r.n = (r.n + 7) &^ 7 }
	if r.read(1) == 1 {
		r.skip(71)
		r.skip(r.read(8))
	}
	align()
	levels := 0
	for range deepest {
		levels += r.read(1)
	}
	align()
	r.skip(8 * levels)
	r.skip(32 * r.read(8))
}
