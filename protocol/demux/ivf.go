package demux

import "bytes"

// What the IVF reader mends beyond what movie counts.
const (
	mendFrames = "bytes between frames, skipped"
	mendHead   = "headers that claim a wrong length or time base, replaced"
)

// An ivfReader reads IVF: a header of 32 bytes with codec and time base, then
// frames, each behind four bytes of size and eight of time, lowest byte first.
// (The format has no specification but the tools of libvpx.)
//
// A frame is taken when something vouches for its size: it is a chain of units
// that it exactly fills, or what follows can be the head of a frame.
type ivfReader struct {
	*Movie
	t      *Track
	last   bool
	lost   bool
	tick   int64 // of the track, that the source's time counts
	time   int64 // of the frame before; -1: none
	longer int64 // most that a frame may be later than the one before
}

func openIVF() scanner { return &ivfReader{time: -1, lost: true} }

var ivfMark = []byte("DKIF")

const (
	ivfHeader = 32
	ivfFrame  = 12
)

// sniffIVF looks for a header, else for four frames in a row.
func sniffIVF(head []byte, _ int64) confidence {
	if bytes.HasPrefix(head, ivfMark) {
		return sure
	}
	if at := bytes.Index(head, ivfMark); at > 0 && at+ivfHeader <= len(head) && ivfFamily(head[at:]) != plain {
		return likely
	}
	r := ivfReader{time: -1}
	for at := range head {
		if r.chained(head[at:]) == good {
			return likely
		}
	}
	return no
}

// ivfFamily reads the codec in a header.
func ivfFamily(p []byte) family {
	switch string(p[8:12]) {
	case "VP80":
		return vp8
	case "VP90":
		return vp9
	case "AV01":
		return av1
	}
	return plain
}

func (r *ivfReader) scan(m *Movie, b []byte, at int64, last bool) int {
	r.Movie, r.last = m, last
	off := 0
	for off < len(b) && !m.enough() {
		n := r.step(b[off:], at+int64(off))
		if n == 0 {
			break
		}
		off += n
	}
	return off
}

// step reads a header, a frame or what is neither, and returns how many bytes
// it is done with. Zero: it needs more.
func (r *ivfReader) step(p []byte, at int64) int {
	if r.lost {
		n, found := r.seek(p)
		r.lost = !found
		if r.repair(mendFrames, n); n > 0 || !found {
			return n
		}
	}
	file := bytes.HasPrefix(p, ivfMark)
	if file && len(p) >= ivfHeader {
		return r.header(p)
	}
	size, time, v := r.head(p)
	whole := ivfFrame + int(size)
	if file || v == short || whole > len(p) {
		if r.last {
			return r.lose()
		}
		return 0
	}
	if v == good && !(r.t.Codec.family == av1 && wholeAV1(p[ivfFrame:whole])) {
		if v = r.follows(p[whole:], time); v == short {
			return 0
		}
	}
	if v == bad {
		return r.lose()
	}
	r.Index += ivfFrame
	r.time = time
	r.add(r.t, Sample{Bytes: p[ivfFrame:whole:whole], At: at + ivfFrame, Size: int32(size), Time: time * r.tick})
	return whole
}

// lose gives up what is at the front.
func (r *ivfReader) lose() int {
	r.lost = true
	r.repair(mendFrames, 1)
	return 1
}

// header reads the header of a file: length at 6, codec at 8, size of the
// picture at 12, ticks a second at 16, ticks of a time at 20.
func (r *ivfReader) header(p []byte) int {
	r.lost, r.time = false, -1
	f := ivfFamily(p)
	c := &Codec{family: f, Width: int(le.Uint16(p[12:])), Height: int(le.Uint16(p[14:]))}
	switch f {
	case vp8:
		c.Name = "vp8"
	case vp9:
		c.Name = "vp09"
	case av1:
		c.Name = "av01"
	default:
		c.Name = tidy(string(p[8:12]))
	}
	if r.t == nil {
		if r.t = r.grow(1); r.t == nil {
			return ivfHeader
		}
		r.t.Kind, r.t.Codec = Video, c
	} else if r.t.Codec.family != f {
		r.t.Codec = c
	}
	scale, tick := int64(le.Uint32(p[16:])), int64(le.Uint32(p[20:]))
	if scale == 0 || tick == 0 || tick > 3600*scale || tick > 1<<20 || scale > 1e9 {
		scale, tick, r.t.Guessed = 25, 1, true
		r.repair(mendHead, 1)
	}
	if r.t.Total() == 0 {
		r.t.Scale = scale
	}
	r.tick, r.longer = tick, maxGap*scale/tick+1
	if le.Uint16(p[6:]) != ivfHeader {
		r.repair(mendHead, 1)
	}
	r.Index += ivfHeader
	return ivfHeader
}

// head reads the front of a frame. It is bad if it cannot follow the frame
// before.
func (r *ivfReader) head(p []byte) (size, time int64, v answer) {
	if len(p) < ivfFrame {
		return 0, 0, short
	}
	size, time = int64(le.Uint32(p)), int64(le.Uint64(p[4:]))
	switch {
	case size == 0, size > maxSample, time < 0, time > 1<<40:
		return 0, 0, bad
	case r.time >= 0 && r.longer > 0 && (time < r.time-r.longer || time > r.time+r.longer):
		return 0, 0, bad
	}
	return size, time, good
}

// follows says whether p, which stands behind a frame of that time, can be
// another or another file.
func (r *ivfReader) follows(p []byte, time int64) answer {
	if r.last && len(p) < ivfFrame || bytes.HasPrefix(p, ivfMark) {
		return good
	}
	next := ivfReader{time: time, longer: r.longer}
	_, _, v := next.head(p)
	return v
}

// seek finds the first header in p or the first place from where frames follow
// one another. If it does not, nothing before n is one.
func (r *ivfReader) seek(p []byte) (n int, found bool) {
	for i := range p {
		if mark := p[i:min(i+4, len(p))]; bytes.HasPrefix(ivfMark, mark) && (len(mark) == 4 || !r.last) {
			return i, len(mark) == 4
		}
		switch v := r.chained(p[i:]); {
		case v == good:
			return i, r.t != nil || r.guess(p[i:])
		case v == short && !r.last:
			return i, false
		}
	}
	return len(p), false
}

// chained says whether enough frames stand behind one another: two where a
// header told what to expect, else four.
func (r *ivfReader) chained(p []byte) answer {
	next, links := *r, 1
	if r.t == nil {
		next.longer, links = headless, 3
	}
	for range links {
		size, time, v := next.head(p)
		if v != good || size > maxLeap || r.t == nil && time <= next.time {
			if v == good {
				v = bad
			}
			return v
		}
		if int64(len(p)) < ivfFrame+size {
			return short
		}
		p, next.time = p[ivfFrame+size:], time
	}
	return next.follows(p, next.time)
}

// headless is the most that times may differ from frame to frame where no
// header told the time base.
const headless = 10_000

// guess makes a track of frames without a header: the codec is told from them
// later, and times are taken for milliseconds unless they count pictures.
func (r *ivfReader) guess(p []byte) bool {
	if r.t = r.grow(1); r.t == nil {
		return false
	}
	size, time, _ := r.head(p)
	r.t.Scale, r.t.Guessed, r.tick, r.longer = 1000, true, 1, headless
	if le.Uint64(p[ivfFrame+size+4:])-uint64(time) < 8 {
		r.t.Scale = 25
	}
	r.repair(guessHeader, 1)
	return true
}
