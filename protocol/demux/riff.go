package demux

import (
	"fmt"
	"strings"
)

// The two descriptions that AVI began with, and that Matroska and ASF took
// over for the codecs of their time.

// bitmaps are the codecs by the four letters of a BITMAPINFOHEADER, in upper
// case: sample entry, and configuration box or object type, as MP4 has them.
var bitmaps = map[string]mkvCodec{
	"H264": {"avc1", "avcC", 0}, "X264": {"avc1", "avcC", 0}, "AVC1": {"avc1", "avcC", 0}, "DAVC": {"avc1", "avcC", 0}, "VSSH": {"avc1", "avcC", 0},
	"HEVC": {"hvc1", "hvcC", 0}, "H265": {"hvc1", "hvcC", 0}, "X265": {"hvc1", "hvcC", 0}, "HVC1": {"hvc1", "hvcC", 0}, "HEV1": {"hvc1", "hvcC", 0},
	"VVC1": {"vvc1", "vvcC", 0}, "AV01": {"av01", "av1C", 0}, "VP80": {"vp8", "", 0}, "VP90": {"vp09", "", 0},
	"XVID": {"mp4v", "", 0x20}, "DIVX": {"mp4v", "", 0x20}, "DX50": {"mp4v", "", 0x20}, "FMP4": {"mp4v", "", 0x20}, "MP4V": {"mp4v", "", 0x20},
	"M4S2": {"mp4v", "", 0x20}, "MP4S": {"mp4v", "", 0x20}, "3IV2": {"mp4v", "", 0x20},
	"MPG1": {"mp4v", "", 0x6a}, "MPG2": {"mp4v", "", 0x61}, "MPEG": {"mp4v", "", 0x61}, "MJPG": {"mp4v", "", 0x6c},
}

// describeBitmap reads a BITMAPINFOHEADER of at least 40 bytes: size, width,
// height, planes and depth, four letters of codec, image size, resolutions,
// colours; then what the decoder needs. A negative height says that rows come
// from the top.
func (c *Codec) describeBitmap(p []byte) {
	height := int(int32(le.Uint32(p[8:])))
	c.Width, c.Height = int(min(le.Uint32(p[4:]), maxSide)), min(max(height, -height), maxSide)
	code, private := strings.ToUpper(strings.Trim(string(p[16:20]), "\x00 ")), p[40:]
	known, ok := bitmaps[code]
	switch f := familyOf(known.entry); {
	case f.units() && (len(private) < 7 || private[0] != 1):
		c.behindCodes(f, private)
	case ok:
		c.describeAs(known, private)
	case code == "": // pixels: the header says how they lie
		c.Name, c.Record = "raw", p[:40]
	default:
		c.Name, c.Record = tidy(strings.ToLower(code)), private
	}
}

// behindCodes makes c a codec whose NAL units come behind start codes, as do
// those parameter sets that the container has apart.
func (c *Codec) behindCodes(f family, apart []byte) {
	own := *nalCodec(f)
	own.Width, own.Height, own.Cipher, own.startCodes = c.Width, c.Height, c.Cipher, f.units()
	var s sets
	for unit := range unitsOf(apart) {
		if f.role(unit) == roleSet {
			s = s.with(f, unit)
		}
	}
	*c = own
	c.tell(s)
}

// waves are the codecs by format tag, as MP4 has them.
var waves = map[uint16]mkvCodec{
	6: {"alaw", "", 0}, 7: {"ulaw", "", 0}, 0x50: {"mp4a", "", 0x6b}, 0x55: {"mp4a", "", 0x6b}, 0xff: {"mp4a", "", 0x40}, 0x1610: {"mp4a", "", 0x40},
	0x2000: {"ac-3", "", 0}, 0x2001: {"dtsc", "", 0}, 0xf1ac: {"flac", "", 0}, 0x566f: {"vorbis", "", 0}, 0x704f: {"opus", "", 0},
}

// describeWave reads a WAVEFORMATEX of at least 16 bytes: tag, channels, rate,
// bytes a second, alignment, depth; then how many bytes the decoder needs, and
// those. It says whether the sound is uncompressed.
func (c *Codec) describeWave(p []byte) (raw bool) {
	c.Channels, c.Rate = int(le.Uint16(p[2:])), int(min(le.Uint32(p[4:]), 1e7))
	var private []byte
	if len(p) >= 18 {
		private = p[18:min(len(p), 18+int(le.Uint16(p[16:])))]
	}
	tag, depth := le.Uint16(p), le.Uint16(p[14:])
	if tag == 0xfffe && len(private) >= 8 { // the tag stands behind mask and size
		tag = le.Uint16(private[6:])
	}
	known, ok := waves[tag]
	switch {
	case tag == 1 && depth <= 8:
		c.Name = "pcm-u8"
	case tag == 1:
		c.Name = fmt.Sprintf("pcm-s%dle", depth)
	case tag == 3:
		c.Name = fmt.Sprintf("pcm-f%dle", depth)
	case ok:
		c.describeAs(known, private)
	default:
		c.Name, c.Record = fmt.Sprintf("acm-%04x", tag), private
	}
	return tag == 1 || tag == 3
}
