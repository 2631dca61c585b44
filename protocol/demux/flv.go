package demux

import "bytes"

// What the FLV reader mends.
const (
	mendTags   = "FLV tags whose trailing size is wrong, taken"
	lostTags   = "bytes between FLV tags, skipped"
	lostSealed = "encrypted FLV tags, dropped"
	lostPacket = "FLV packets that are cut or of an unknown kind, dropped"
)

// flvHead is the bytes of a tag before its body.
const flvHead = 11

// An flvReader reads FLV (Adobe Flash Video File Format 10.1, annex E) with the
// codecs and tracks of Enhanced RTMP 2.
type flvReader struct {
	begun bool
	lost  bool // out of step: the next tag must have the right trailing size
	known []*trackFLV
}

func openFLV() scanner { return &flvReader{} }

// sniffFLV looks for the signature, or for two tags in a row behind other bytes.
func sniffFLV(head []byte, _ int64) confidence {
	if bytes.HasPrefix(head, []byte("FLV\x01")) {
		return sure
	}
	for i := 0; i+flvHead < len(head); i++ {
		if n := tagFLV(head[i:]); n > 0 && i+n < len(head) && closesFLV(head[i:], n) && tagFLV(head[i+n:]) > 0 {
			return likely
		}
	}
	return no
}

// tagFLV is the bytes of the tag at the start of p with its trailing size; 0:
// that is no tag.
func tagFLV(p []byte) int {
	if len(p) < flvHead || p[0]&0xc0 != 0 || p[8]|p[9]|p[10] != 0 {
		return 0
	}
	switch p[0] & 0x1f {
	case 8, 9, 18:
		return flvHead + int(be.Uint32(p)&0xffffff) + 4
	}
	return 0
}

// closesFLV says that the tag of n bytes at the start of p ends as it should.
func closesFLV(p []byte, n int) bool { return int(be.Uint32(p[n-4:])) == n-4 }

func (r *flvReader) scan(m *Movie, b []byte, at int64, last bool) int {
	used := 0
	if !r.begun {
		n, ok := frontFLV(b, last)
		if !ok {
			return 0
		}
		r.begun, r.lost, used = true, n == 0, n
		m.Index += int64(n)
	}
	for used < len(b) && !m.enough() {
		n := r.tag(m, b[used:], at+int64(used), last)
		if n == 0 {
			break
		}
		used += n
	}
	return used
}

// frontFLV is how many bytes the file header takes, 0 if there is none, with
// the trailing size of the tag that is none. It is not ok if it has not all come.
func frontFLV(b []byte, last bool) (n int, ok bool) {
	const least = 9
	if len(b) >= least && bytes.HasPrefix(b, []byte("FLV")) {
		n = int(min(max(be.Uint32(b[5:]), least), 64)) + 4
	}
	return min(n, len(b)), last || len(b) >= max(n, least)
}

// tag reads the tag at the start of p, or passes over what is none. It returns
// the bytes used, 0 if it needs more.
func (r *flvReader) tag(m *Movie, p []byte, at int64, last bool) int {
	n := tagFLV(p)
	switch {
	case len(p) < flvHead && !last, n > len(p) && !last:
		return 0
	case n == 0 || n > len(p):
		return r.resync(m, p, last)
	case !closesFLV(p, n):
		if len(p) < n+flvHead && !last {
			return 0
		}
		if r.lost || len(p) > n && tagFLV(p[n:]) == 0 {
			return r.resync(m, p, last)
		}
		m.repair(mendTags, 1)
	}
	r.lost = false
	m.Index += flvHead + 4
	r.body(m, p[:n-4:n-4], at)
	return n
}

// resync passes over bytes up to the next one that can begin a tag.
func (r *flvReader) resync(m *Movie, p []byte, last bool) int {
	r.lost = true
	n := 1
	for ; n+flvHead <= len(p); n++ {
		if tagFLV(p[n:]) > 0 {
			m.repair(lostTags, n)
			return n
		}
	}
	if last {
		n = len(p)
	}
	m.repair(lostTags, n)
	return n
}

// body reads what is in a tag.
func (r *flvReader) body(m *Movie, p []byte, at int64) {
	q := packetFLV{
		video: p[0]&0x1f == 9,
		time:  int64(int32(uint32(p[7])<<24 | uint32(u24(p[4:])))),
		at:    at + flvHead,
		body:  p[flvHead:],
	}
	switch {
	case p[0]&0x1f == 18 || len(q.body) == 0: // script data, or nothing
		m.Index += int64(len(q.body))
	case p[0]&0x20 != 0:
		m.repair(lostSealed, 1)
	default:
		size := len(q.body)
		ok := q.head()
		q.at += int64(size - len(q.body))
		m.Index += int64(size - len(q.body))
		m.repair(lostPacket, b2i(!ok || !r.tracks(m, q)))
	}
}

// tracks takes the tracks of a packet. It is not ok if one is cut.
func (r *flvReader) tracks(m *Movie, q packetFLV) bool {
	if q.multi == 0 {
		return r.take(m, q)
	}
	for ok := true; len(q.body) > 0; {
		var one packetFLV
		if one, ok = q.next(); !ok || !r.take(m, one) {
			return false
		}
	}
	return true
}

// A trackFLV is a track and what it is called in the file.
type trackFLV struct {
	*Track
	code    string
	config  []byte // as last told
	changed bool   // since the last sample
}

// of finds the track of q or makes it; nil above the limit.
func (r *flvReader) of(m *Movie, q packetFLV) *trackFLV {
	id := 1 + 2*q.track + uint32(b2i(!q.video))
	for _, t := range r.known {
		if t.ID == id {
			return t
		}
	}
	t := m.grow(id)
	if t == nil {
		return nil
	}
	t.Scale, t.Kind = 1000, Audio
	if q.video {
		t.Kind = Video
	}
	r.known = append(r.known, &trackFLV{Track: t})
	return r.known[len(r.known)-1]
}

// take adds the sample of one track, or takes its configuration.
func (r *flvReader) take(m *Movie, q packetFLV) bool {
	if q.kind > packetCodedX || q.kind == packetEnd {
		return q.kind == packetEnd || q.kind == packetMeta || q.kind == packetMeta+1
	}
	t := r.of(m, q)
	if t == nil {
		return true
	}
	if q.kind == packetConfig || t.code != q.code {
		t.configure(q)
	}
	if q.kind == packetConfig {
		m.Index += int64(len(q.body))
		return true
	}
	if len(q.body) == 0 { // the picture before goes on
		return true
	}
	s := Sample{Bytes: q.body, At: q.at, Size: int32(len(q.body)), Time: q.time, Shift: q.shift, Flags: q.flags}
	if t.changed && t.Total() > 0 {
		s.Flags |= Break
	}
	t.changed = false
	m.add(t.Track, s)
	return true
}

// configure gives t the codec that q tells, if that is news.
func (t *trackFLV) configure(q packetFLV) {
	var config []byte
	if q.kind == packetConfig {
		config = q.body[:min(len(q.body), maxRecord)]
	}
	if t.code == q.code && bytes.Equal(t.config, config) {
		return
	}
	t.code, t.config, t.raw = q.code, bytes.Clone(config), q.code == "pcm" || pcm(q.code)
	t.Codec, t.changed = q.codec(config), true
}
