package demux

import (
	"bytes"
	"fmt"
	"math/bits"
)

// A family is a group of codecs whose samples this package can look into.
type family uint8

const (
	plain family = iota // not looked into
	h264
	h265
	h266
	av1
	vp8
	vp9
	mpeg2 // MPEG-1 and MPEG-2 video
	mpeg4 // MPEG-4 part 2
	theora
)

// units says whether samples are chains of NAL units.
func (f family) units() bool { return f == h264 || f == h265 || f == h266 }

// A Codec says how to decode the samples of a track.
type Codec struct {
	Name     string // for a player: RFC 6381 where the record allows it; "" unknown
	Record   []byte // what a decoder must be given first, container-free
	Cipher   bool   // samples are encrypted
	Width    int    // pixels, of video; 0 unknown
	Height   int    //
	Rate     int    // sounds a second, of audio; 0 unknown
	Channels int    //

	family family
	code   string // in front of Name, of families with NAL units
	prefix int    // bytes of length before a NAL unit in the container: 1 to 4; 0: unknown
	sets   sets   // parameter sets in Record
	layers int    // temporal layers; 0 unknown
	heard  bool   // a sample has been asked what it is
	still  bool   // AV1: frames have no header, each is a key frame

	startCodes bool // the container puts start codes between NAL units, not lengths
}

// families by sample entry code (MP4 registration authority), also used by
// other containers that carry the same codes.
func familyOf(code string) family {
	switch code {
	case "avc1", "avc2", "avc3", "avc4", "dva1", "dvav":
		return h264
	case "hvc1", "hev1", "dvh1", "dvhe":
		return h265
	case "vvc1", "vvi1":
		return h266
	case "av01":
		return av1
	case "vp08", "vp8":
		return vp8
	case "vp09":
		return vp9
	case "mp4v":
		return mpeg4
	case "theora":
		return theora
	}
	return plain
}

// describe sets text, prefix and record from the configuration box name of a
// sample entry named code. It says whether it knows the box.
func (c *Codec) describe(code, name string, p []byte) bool {
	switch name {
	case "avcC", "hvcC", "vvcC":
		return c.describeUnits(code, name, p)
	case "av1C":
		if len(p) < 4 {
			return false
		}
		c.Name, c.Record, c.family = code+textAV1(p), p, av1
		if own, ok := codecAV1(c.sequence()); ok {
			own.Cipher = c.Cipher
			*c = own
		}
	case "vpcC":
		if len(p) < 8 {
			return false
		}
		if c.Name = "vp8"; c.family == vp9 {
			c.Name = fmt.Sprintf("%s.%02d.%02d.%02d", code, p[4], p[5], p[6]>>4)
		}
	case "esds":
		return len(p) > 4 && c.describeES(code, p[4:])
	case "dOps":
		c.opus(p)
	case "dfLa":
		c.flac(flacRecord(p))
	case "dac3", "dec3", "dac4", "dmlp", "ddts", "alac", "damr", "d263", "dtse", "mhaC", "iacb":
		c.Name, c.Record = code, p
	default:
		return false
	}
	return true
}

// textHEVC is the tail of the codec string (ISO 14496-15, annex E.3).
// p are the 12 bytes of general profile, tier and level.
func textHEVC(p []byte) string {
	space := []string{"", "A", "B", "C"}[p[0]>>6]
	tier := "LH"[p[0]>>5&1]
	s := fmt.Sprintf(".%s%d.%X.%c%d", space, p[0]&31, bits.Reverse32(be.Uint32(p[1:])), tier, p[11])
	limits := p[5:11]
	for len(limits) > 0 && limits[len(limits)-1] == 0 {
		limits = limits[:len(limits)-1]
	}
	for _, b := range limits {
		s += fmt.Sprintf(".%X", b)
	}
	return s
}

// textAV1 is the tail of the codec string (AV1 in ISOBMFF, section 5).
func textAV1(p []byte) string {
	depth := 8
	if p[2]&0x40 != 0 {
		depth = 10
		if p[2]&0x20 != 0 && p[1]>>5 == 2 {
			depth = 12
		}
	}
	return fmt.Sprintf(".%d.%02d%c.%02d", p[1]>>5, p[1]&31, "MH"[p[2]>>7], depth)
}

// describeES reads an elementary stream descriptor (ISO 14496-1, 7.2.6.5). The
// record is the decoder specific part alone: the bit rates beside it depend on
// the muxer.
func (c *Codec) describeES(code string, p []byte) bool {
	tag, es, _ := descriptor(p)
	if tag != 3 || len(es) < 3 {
		return false
	}
	flags := es[2]
	es = es[3:]
	if flags&0x80 != 0 {
		es = es[min(2, len(es)):]
	}
	if flags&0x40 != 0 && len(es) > 0 {
		es = es[min(1+int(es[0]), len(es)):]
	}
	if flags&0x20 != 0 {
		es = es[min(2, len(es)):]
	}
	tag, conf, _ := descriptor(es)
	if tag != 4 || len(conf) < 13 {
		return false
	}
	if tag, own, _ := descriptor(conf[13:]); tag == 5 {
		c.Record = own
	}
	c.object(code, conf[0])
	return true
}

// object sets name and more from an object type (MP4 registration authority)
// and the record.
func (c *Codec) object(code string, object byte) {
	c.Name = fmt.Sprintf("%s.%02x", code, object)
	switch {
	case object == 0x40 && len(c.Record) > 0, object >= 0x66 && object <= 0x68 && len(c.Record) > 0:
		c.describeAAC(c.Record)
	case object == 0x20:
		c.family = mpeg4
		c.shape(mpeg4.readFront(c.Record))
	case object >= 0x60 && object <= 0x65, object == 0x6a:
		c.family = mpeg2
		c.shape(mpeg2.readFront(c.Record))
	case object == 0xdd:
		c.Name = "vorbis"
		c.xiph(c.Record)
	case c.family == mpeg4:
		c.family = plain // JPEG and the like in an mp4v entry
	}
}

// descriptor splits one tagged descriptor off p; a claimed length beyond p is
// cut. Tag 0 means there is none.
func descriptor(p []byte) (tag byte, body, rest []byte) {
	if len(p) < 2 {
		return 0, nil, nil
	}
	tag = p[0]
	n, i := 0, 1
	for i < min(5, len(p)) {
		n = n<<7 | int(p[i]&0x7f)
		i++
		if p[i-1]&0x80 == 0 {
			break
		}
	}
	n = min(n, len(p)-i)
	return tag, p[i : i+n], p[i+n:]
}

// audioConfig reads the start of an AudioSpecificConfig (ISO 14496-3, 1.6.2.1):
// object type, sounds a second, channels. Zero: not told here.
func audioConfig(p []byte) (object, rate, channels int) {
	r := bitReader{b: p}
	if object = r.read(5); object == 31 {
		object = 32 + r.read(6)
	}
	rates := [16]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}
	if i := r.read(4); i == 15 {
		rate = r.read(24)
	} else {
		rate = rates[i]
	}
	if channels = r.read(4); channels == 7 {
		channels = 8
	}
	return object, rate, channels
}

// same says that two codecs would be written alike.
func same(a, b *Codec) bool {
	return a.Name == b.Name && bytes.Equal(a.Record, b.Record) && a.Cipher == b.Cipher &&
		a.Width == b.Width && a.Height == b.Height && a.Rate == b.Rate && a.Channels == b.Channels
}
