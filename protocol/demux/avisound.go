package demux

import (
	"bytes"
	"math"
)

// A soundRow is sound of a constant rate in AVI: its chunks are cut anywhere,
// and its times count bytes.
type soundRow struct {
	soundFramer
	part []byte // of a frame, from the chunks before
	at   int64  // where that lies
	seen int64  // bytes of the stream before part
}

// rowOf reads the frames of a codec, nil if it is not one that has headers.
func rowOf(c *Codec) *soundRow {
	format := map[string]*soundFormat{mp3: mpegSound, "ac-3": dolbySound, "dtsc": dtsSound}[c.Name]
	if format == nil {
		return nil
	}
	return &soundRow{soundFramer: soundFramer{soundFormat: format}}
}

// tear forgets what a gap makes useless.
func (r *soundRow) tear() {
	r.soundFramer.tear()
	r.seen += int64(len(r.part))
	r.part = nil
}

// frames adds the frames that end in chunk p, which lies at at.
func (s *aviStream) frames(m *Movie, p []byte, at int64, flags Flags, e end) {
	r := s.row
	carried := len(r.part)
	b := append(r.part[:carried:carried], p...)
	place := func(n int) int64 {
		if n < carried {
			return r.at + int64(n)
		}
		return at + int64(n-carried)
	}
	n := 0
	for n < len(b) {
		f := r.frame(b[n:], e)
		m.repair(lostAmong, f.skip)
		if n += f.skip; f.size == 0 {
			if f.skip == 0 {
				break
			}
			continue
		}
		one := Sample{Bytes: f.body, At: place(n), Size: int32(f.size), Time: s.from + (r.seen+int64(n))*s.tick/int64(s.unit), Flags: flags}
		if rate := int64(f.codec.Rate); rate > 0 {
			one.Dur = uint32(min(int64(f.sounds)*s.Scale/rate, math.MaxUint32))
		}
		if f.codec != s.Codec {
			s.Codec, s.changed = f.codec, s.Total() > 0
		}
		s.emit(m, one)
		n += f.size
	}
	r.part, r.at = bytes.Clone(b[n:]), place(n)
	r.seen += int64(n)
}
