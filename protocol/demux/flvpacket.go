package demux

// A packetFLV is the body of a tag, or what one track has of it.
type packetFLV struct {
	video bool
	kind  byte
	code  string // as in MP4, or a name of its own
	track uint32
	time  int64 // milliseconds
	shift int32
	flags Flags
	sound byte  // of legacy sound: rate, size and channels
	multi byte  // 0: one track; else 1 and how several are written
	at    int64 // of body
	body  []byte
}

// Kinds of packet (Enhanced RTMP 2).
const (
	packetConfig = 0
	packetCoded  = 1 // of H.264 to H.266 pictures, with a composition time
	packetEnd    = 2
	packetCodedX = 3 // without one
	packetMeta   = 4
	packetMulti  = 6 // of pictures; sound has 5
	packetMod    = 7
)

// Ways to write several tracks, as multi has them.
const (
	multiOne   = 1 // only one is there
	multiCodec = 3 // each names its codec
)

// Codecs by number. Those that MP4 has no code for keep their usual name.
var (
	videoFLV = [16]string{
		2: "flv1", 3: "flashsv", 4: "vp6f", 5: "vp6a", 6: "flashsv2", 7: "avc1", 8: "h263", 9: "mp4v", 12: "hvc1", 13: "av01",
	}
	audioFLV = [16]string{
		0: "pcm", 1: "adpcm_swf", 2: ".mp3", 3: "pcm", 4: "nellymoser", 5: "nellymoser", 6: "nellymoser",
		7: "alaw", 8: "ulaw", 10: "mp4a", 11: "speex", 14: ".mp3",
	}
)

func u24(p []byte) int { return int(p[0])<<16 | int(p[1])<<8 | int(p[2]) }

// head reads what stands before the codec's own bytes. It is not ok if that is
// cut, or if the packet is a command.
func (q *packetFLV) head() bool {
	b := q.body[0]
	q.body = q.body[1:]
	if !q.video {
		if b>>4 == 9 {
			return q.extended(b & 15)
		}
		if q.code, q.sound = audioFLV[b>>4], b&15; q.code == "mp4a" {
			return q.legacy(1)
		}
		return q.coded()
	}
	kind := b >> 4
	if b&0x80 != 0 {
		kind &= 7
	}
	switch kind {
	case 1, 4:
		q.flags = Sync
	case 3:
		q.flags = Disposable
	case 5: // a command to the player
		return false
	}
	if b&0x80 != 0 {
		return q.extended(b & 15)
	}
	switch q.code = videoFLV[b&15]; q.code {
	case "avc1", "hvc1", "av01":
		return q.legacy(4)
	}
	return q.coded()
}

// coded says that all of the body is the codec's.
func (q *packetFLV) coded() bool {
	q.kind = packetCodedX
	return q.code != ""
}

// legacy reads the packet kind, and the composition time if it has one.
func (q *packetFLV) legacy(size int) bool {
	if len(q.body) < size {
		return false
	}
	q.kind = q.body[0]
	if q.kind == packetCoded {
		q.kind = packetCodedX
	}
	if size == 4 {
		q.shift = int32(u24(q.body[1:])<<8) >> 8
	}
	q.body = q.body[size:]
	return true
}

// extended reads an enhanced head whose packet kind is kind.
func (q *packetFLV) extended(kind byte) bool {
	for kind == packetMod { // finer times and the like: passed over
		n, size := 1, 0
		if len(q.body) > 3 {
			if size = int(q.body[0]) + 1; size == 256 {
				n, size = 3, u24(q.body)&0xffff+1
			}
		}
		if len(q.body) <= n+size {
			return false
		}
		kind, q.body = q.body[n+size]&15, q.body[n+size+1:]
	}
	q.kind = kind
	if kind == packetMulti-byte(b2i(!q.video)) {
		if len(q.body) == 0 {
			return false
		}
		q.multi, q.kind, q.body = 1+q.body[0]>>4, q.body[0]&15, q.body[1:]
	}
	return q.multi == multiCodec || q.named() && (q.multi > 0 || q.composed())
}

// named reads the codec.
func (q *packetFLV) named() bool {
	if len(q.body) < 4 {
		return false
	}
	q.code, q.body, q.at = string(q.body[:4]), q.body[4:], q.at+4
	return true
}

// composed reads the composition time of pictures that have one.
func (q *packetFLV) composed() bool {
	if q.kind != packetCoded || !familyOf(q.code).units() {
		return true
	}
	if len(q.body) < 3 {
		return false
	}
	q.shift = int32(u24(q.body)<<8) >> 8
	q.body = q.body[3:]
	return true
}

// next takes the first of several tracks off q.
func (q *packetFLV) next() (one packetFLV, ok bool) {
	one = *q
	if q.multi == multiCodec && !one.named() || len(one.body) == 0 {
		return one, false
	}
	one.track, one.body = uint32(one.body[0]), one.body[1:]
	q.body = nil
	if q.multi != multiOne {
		if len(one.body) < 3 || u24(one.body) > len(one.body)-3 {
			return one, false
		}
		n := 3 + u24(one.body)
		one.body, q.body = one.body[3:n:n], one.body[n:]
	}
	return one, one.composed()
}

// boxes are the MP4 boxes whose bodies configure a codec.
var boxesFLV = map[string]string{
	"avc1": "avcC", "hvc1": "hvcC", "vvc1": "vvcC", "av01": "av1C", "vp09": "vpcC", "Opus": "dOps", "fLaC": "dfLa",
}

// codec is what the packet says of its codec in its head, and in p if it is a
// configuration.
func (q *packetFLV) codec(p []byte) *Codec {
	c := &Codec{Name: q.code, family: familyOf(q.code)}
	if !q.video && q.kind != packetConfig {
		c.Rate, c.Channels = []int{5512, 11025, 22050, 44100}[q.sound>>2], int(q.sound&1)+1
	}
	if q.code == "pcm" {
		c.Name = []string{"pcm-u8", "pcm-s16le"}[q.sound>>1&1]
	}
	if q.kind != packetConfig {
		return c
	}
	if q.code == "vp09" && (len(p) < 4 || be.Uint32(p) != 1<<24) { // without version and flags
		p = append([]byte{1, 0, 0, 0}, p...)
	}
	switch {
	case q.code == "mp4a":
		c.describeAAC(p)
	case !c.describe(q.code, boxesFLV[q.code], p):
		c.Record = p
	}
	return c
}
