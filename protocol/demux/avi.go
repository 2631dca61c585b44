package demux

import (
	"encoding/binary"
	"slices"
)

var le = binary.LittleEndian

// What the AVI reader mends.
const (
	lostBetween = "bytes between AVI chunks, skipped"
	lostOrphans = "AVI chunks of streams without a header, dropped"
	lostLying   = "AVI chunks whose size leads to no other chunk, dropped"
	guessTypes  = "AVI streams without a header, guessed from their chunks"
)

const (
	chunkHead   = 8       // bytes before the body of a chunk
	listHead    = 12      // bytes before the first chunk of a list
	maxAVISpeed = 1 << 20 // samples a second that a stream may claim without a size
)

// An aviReader reads AVI, also of several parts (OpenDML 1.02), as a flat row
// of chunks: the sizes of the lists around them say nothing that is needed, and
// neither does an index, because chunks stand in the order in which they are
// decoded.
type aviReader struct {
	lost     bool  // out of step
	skip     int64 // bytes of a chunk that are not looked at
	streams  []*aviStream
	headed   int // stream headers of the present file
	promised int // by the main header
}

func openAVI() scanner { return &aviReader{} }

// sniffAVI looks for the front, or for two data chunks in a row.
func sniffAVI(head []byte, _ int64) confidence {
	for i := 0; i+listHead <= len(head); i++ {
		switch {
		case string(head[i:i+4]) == "RIFF" && (string(head[i+8:i+12]) == "AVI " || string(head[i+8:i+12]) == "AVIX"):
			if i == 0 {
				return sure
			}
			return likely
		case head[i] == '0' && streamOf(head[i:]) >= 0:
			next := i + chunkHead + int(le.Uint32(head[i+4:]))
			next += next & 1 & ^i
			if next+chunkHead <= len(head) && next > i+chunkHead && streamOf(head[next:]) >= 0 {
				return likely
			}
		}
	}
	return no
}

// streamOf is the number of the stream that a data chunk belongs to: "00dc" and
// the like. It is -1 for what is none.
func streamOf(p []byte) int {
	if len(p) < 4 || p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9' {
		return -1
	}
	switch string(p[2:4]) {
	case "dc", "db", "wb", "tx", "sb", "iv":
		return int(p[0]-'0')*10 + int(p[1]-'0')
	}
	return -1
}

// known are the names of chunks that hold no samples.
var known = []string{
	"RIFF", "LIST", "avih", "strh", "strf", "strd", "strn", "indx", "vprp", "JUNK", "idx1", "odml", "dmlh", "IDIT", "ISFT", "JUNQ", "vedt",
}

// chunky says that a chunk may start at p.
func chunky(p []byte) bool {
	return streamOf(p) >= 0 || len(p) >= 4 && (slices.Contains(known, string(p[:4])) || string(p[:2]) == "ix" && p[2] >= '0' && p[2] <= '9')
}

func (r *aviReader) scan(m *Movie, b []byte, at int64, last bool) int {
	used := 0
	for used < len(b) && !m.enough() {
		if r.skip > 0 {
			n := int(min(r.skip, int64(len(b)-used)))
			r.skip -= int64(n)
			used += n
			continue
		}
		n := r.chunk(m, b[used:], at+int64(used), last)
		if n == 0 {
			break
		}
		used += n
	}
	if last && used == len(b) {
		for _, s := range r.streams {
			s.finish(m)
		}
	}
	return used
}

// chunk reads the chunk at the start of p, or passes over what is none. It
// returns the bytes used, 0 if it needs more.
func (r *aviReader) chunk(m *Movie, p []byte, at int64, last bool) int {
	if len(p) < listHead && !last {
		return 0
	}
	if len(p) < chunkHead || !chunky(p) {
		return r.resync(m, p, last)
	}
	name, size := string(p[:4]), int(le.Uint32(p[4:]))
	switch {
	case name == "RIFF" || name == "LIST" && len(p) >= listHead && string(p[8:12]) != "INFO":
		if string(p[8:min(12, len(p))]) == "AVI " { // another file may follow the first
			r.headed = 0
		}
		m.Index += listHead
		r.lost = false
		return min(listHead, len(p))
	case name == "strh" || name == "strf":
		return r.header(m, p, size, last)
	case streamOf(p) >= 0:
		return r.data(m, p, at, size, last)
	case name == "JUNK" && r.lost, size > maxSample:
		return r.resync(m, p, last)
	case name == "avih":
		if len(p) < chunkHead+28 && !last {
			return 0
		}
		r.promised = int(le.Uint32(append(p[min(len(p), chunkHead+24):len(p):len(p)], 0, 0, 0, 0)))
	}
	m.Index += chunkHead + int64(size+size&1)
	r.skip = int64(size + size&1)
	return chunkHead
}

// resync passes over bytes up to the next that can begin a chunk.
func (r *aviReader) resync(m *Movie, p []byte, last bool) int {
	r.lost = true
	for _, s := range r.streams {
		s.gap()
	}
	n := 1
	for ; n+4 <= len(p); n++ {
		if chunky(p[n:]) {
			m.repair(lostBetween, n)
			return n
		}
	}
	if last {
		n = len(p)
	}
	m.repair(lostBetween, n)
	return n
}

// header reads a stream header, or the format that follows it.
func (r *aviReader) header(m *Movie, p []byte, size int, last bool) int {
	if size > maxRecord {
		return r.resync(m, p, last)
	}
	n := chunkHead + size
	if len(p) < n && !last {
		return 0
	}
	n = min(n, len(p))
	body := p[chunkHead:n]
	switch k := r.headed - 1; {
	case string(p[:4]) == "strf":
		if k >= 0 && k < len(r.streams) {
			r.streams[k].format(body)
		}
	case k+1 < len(r.streams):
		r.headed++
		r.streams[k+1].header(body)
	case len(r.streams) < 100:
		r.headed++
		r.streams = append(r.streams, &aviStream{Track: m.grow(uint32(k + 2))})
		r.streams[k+1].header(body)
	}
	m.Index += int64(n)
	r.skip = int64(size & 1)
	return n
}

// data reads a chunk of samples. Its size has to lead to another chunk or to
// the end.
func (r *aviReader) data(m *Movie, p []byte, at int64, size int, last bool) int {
	n := chunkHead + size
	if size > maxSample {
		return r.resync(m, p, last)
	}
	if len(p) < n+1+4 && !last {
		return 0
	}
	even := n + size&1
	switch {
	case n > len(p):
		m.repair(lostLying, 1)
		return r.resync(m, p, last)
	case even < len(p) && (len(p) < even+4 || !chunky(p[even:])):
		if even = n; !chunky(p[n:]) { // not even padded
			m.repair(lostLying, 1)
			return r.resync(m, p, last)
		}
	}
	r.lost = false
	m.Index += int64(even - size)
	if s := r.stream(m, p[:n]); s != nil {
		s.take(m, p[chunkHead:n:n], at+chunkHead)
	}
	return min(even, len(p))
}

// stream finds the stream of a data chunk. If the headers in front of it were
// lost, one is made up; if none were, further numbers are damage.
func (r *aviReader) stream(m *Movie, p []byte) *aviStream {
	k, sound := streamOf(p), string(p[2:4]) == "wb"
	if k >= len(r.streams) && r.promised > 0 && r.promised <= len(r.streams) {
		m.repair(lostOrphans, 1)
		return nil
	}
	if k < len(r.streams) && r.promised != len(r.streams) && r.streams[k].strange(sound) { // the header is of a later one
		r.streams = slices.Insert(r.streams, k, &aviStream{made: true})
	}
	for len(r.streams) <= k {
		r.streams = append(r.streams, &aviStream{made: true})
	}
	s := r.streams[k]
	if s.made && s.Track == nil {
		if s.Track = m.grow(uint32(k + 1)); s.Track != nil {
			s.makeUp(p)
			m.repair(guessTypes, 1)
		}
	}
	if s.Track == nil {
		return nil
	}
	return s
}

// strange says that the stream has had no sample and is not of the kind that a
// chunk says.
func (s *aviStream) strange(sound bool) bool {
	return s.Track != nil && s.Total() == 0 && (s.Kind == Audio && !sound || s.Kind == Video && sound)
}
