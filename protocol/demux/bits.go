package demux

import "bytes"

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

// signed reads a signed Exp-Golomb number.
func (r *bitReader) signed() int {
	n := r.golomb()
	if n&1 == 1 {
		return (n + 1) / 2
	}
	return -n / 2
}

// skip passes over k bits.
func (r *bitReader) skip(k int) { r.n += k }

// past says that more has been read than there is.
func (r *bitReader) past() bool { return r.n > 8*len(r.b) }
