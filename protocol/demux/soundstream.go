package demux

import (
	"bytes"
	"math"
)

// Elementary streams of sound: frames one behind the other, tags in between.

// A soundReader reads a stream of one kind of frame. Its times are exact: each
// frame tells how long it lasts.
type soundReader struct {
	*soundFramer
	t     *Track
	skip  int64 // bytes of a tag that are still to come
	begun bool
	next  int64 // time of the next frame, in ticks
	rest  int64 // and in parts of a tick, of which the rate of the frame before makes one
}

// openSoundES makes readers of one format.
func openSoundES(f *soundFormat) func() scanner {
	return func() scanner { return &soundReader{soundFramer: &soundFramer{soundFormat: f}} }
}

// sniffSound wants some frames in a row that say the same, at the start or
// behind a tag; else more of them soon after other bytes, or nothing else.
func sniffSound(f *soundFormat) func([]byte, int64) confidence {
	const few, many, soon = 3, 6, 8 << 10
	return func(head []byte, _ int64) confidence {
		tag := tagSize(head)
		if tag >= len(head) && tag > 0 {
			if f == mpegSound && len(head) == sniffed {
				return likely // a large picture in front
			}
			return no
		}
		n, all := f.row(head[tag:], few)
		if n == few {
			return sure
		}
		if n > 0 && all {
			return likely
		}
		for i := tag + 1; i < min(len(head), soon); i++ {
			if n, _ := f.row(head[i:], many); n == many {
				return likely
			}
		}
		return no
	}
}

// row counts the frames at the start of p that say the same, up to most, and
// says whether they fill it.
func (f *soundFormat) row(p []byte, most int) (n int, all bool) {
	var first soundConfig
	for n < most && len(p) >= f.least {
		h, ok := f.read(p)
		if !ok || h.size > len(p) || n > 0 && h.soundConfig != first {
			return n, false
		}
		first = h.soundConfig
		n, p = n+1, p[h.size:]
	}
	return n, len(p) == 0
}

// tagSize is how many bytes the tag at the start of p takes (ID3v2, 3.1; ID3v1
// has 128), 0 if there is none, or not enough of it to tell.
func tagSize(p []byte) int {
	switch {
	case len(p) >= 10 && bytes.HasPrefix(p, []byte("ID3")) && p[6]|p[7]|p[8]|p[9] < 0x80:
		return 10 + int(p[6])<<21 + int(p[7])<<14 + int(p[8])<<7 + int(p[9])
	case len(p) == 128 && bytes.HasPrefix(p, []byte("TAG")):
		return 128
	}
	return 0
}

func (r *soundReader) scan(m *Movie, b []byte, at int64, last bool) int {
	used := 0
	for used < len(b) && !m.enough() {
		n := r.step(m, b[used:], at+int64(used), last)
		if n == 0 {
			break
		}
		used += n
	}
	return used
}

// step reads a frame or a tag, or passes over what is neither. It returns the
// bytes used, 0 if it needs more.
func (r *soundReader) step(m *Movie, p []byte, at int64, last bool) int {
	if r.skip > 0 {
		n := int(min(r.skip, int64(len(p))))
		r.skip -= int64(n)
		m.Index += int64(n)
		return n
	}
	if !last && (len(p) < 10 || len(p) <= 128 && bytes.HasPrefix(p, []byte("TAG"))) {
		return 0
	}
	if n := tagSize(p); n > 0 && (n != 128 || last) {
		r.skip = int64(n)
		return r.step(m, p, at, last)
	}
	e := goesOn
	if last {
		e = nothing
	}
	f := r.frame(p, e)
	m.repair(lostAmong, f.skip)
	if f.size == 0 {
		if f.skip == 0 && last {
			m.repair(lostAmong, len(p))
			return len(p)
		}
		return f.skip
	}
	r.add(m, f, at+int64(f.skip))
	return f.skip + f.size
}

// add takes a frame. The first sets the time scale.
func (r *soundReader) add(m *Movie, f frame, at int64) {
	if !r.begun {
		r.begun = true
		if r.t = m.grow(1); f.codec.Rate > 0 {
			r.t.Scale = int64(f.codec.Rate)
		}
		r.t.Kind, r.t.Codec = Audio, f.codec
		if infoFrame(f.body) {
			m.Index += int64(f.size)
			return
		}
	}
	s := Sample{Bytes: f.body, At: at, Size: int32(f.size), Time: r.next}
	if f.codec != r.t.Codec {
		r.t.Codec, r.rest = f.codec, 0
		s.Flags |= Break
	}
	if f.torn {
		m.repair(lostTorn, 1)
		s.Flags |= Damaged
	}
	if rate := int64(f.codec.Rate); rate > 0 {
		r.rest += int64(f.sounds) * r.t.Scale
		s.Dur = uint32(min(r.rest/rate, math.MaxUint32))
		r.next, r.rest = r.next+r.rest/rate, r.rest%rate
	}
	m.add(r.t, s)
}

// infoFrame says that a frame of MPEG audio holds no sound: encoders put one in
// front that tells how long the stream is.
func infoFrame(p []byte) bool {
	head := p[:min(len(p), 64)]
	for _, sign := range []string{"Xing", "Info", "VBRI"} {
		if i := bytes.Index(head, []byte(sign)); i >= 13 && head[0] == 0xff {
			return true
		}
	}
	return false
}
