package demux

import (
	"fmt"
	"strings"
)

// A mkvCodec says how MP4 calls a codec of Matroska: sample entry, and
// configuration box or object type.
type mkvCodec struct {
	entry, box string
	object     byte
}

// mkvCodecs by codec mappings (Matroska codec specifications), the longest
// front of an identifier that is listed.
var mkvCodecs = map[string]mkvCodec{
	"V_MPEG4/ISO/AVC":  {"avc1", "avcC", 0},
	"V_MPEGH/ISO/HEVC": {"hvc1", "hvcC", 0},
	"V_MPEGI/ISO/VVC":  {"vvc1", "vvcC", 0},
	"V_AV1":            {"av01", "av1C", 0},
	"V_VP8":            {"vp8", "", 0},
	"V_VP9":            {"vp09", "", 0},
	"V_MPEG4/ISO":      {"mp4v", "", 0x20},
	"V_MPEG2":          {"mp4v", "", 0x61},
	"V_MPEG1":          {"mp4v", "", 0x6a},
	"V_MJPEG":          {"mp4v", "", 0x6c},
	"V_THEORA":         {"theora", "", 0},
	"V_PRORES":         {"prores", "", 0},
	"V_FFV1":           {"FFV1", "", 0},
	"A_AAC":            {"mp4a", "", 0x40},
	"A_MPEG":           {"mp4a", "", 0x6b},
	"A_OPUS":           {"opus", "", 0},
	"A_VORBIS":         {"vorbis", "", 0},
	"A_FLAC":           {"flac", "", 0},
	"A_AC3":            {"ac-3", "", 0},
	"A_EAC3":           {"ec-3", "", 0},
	"A_DTS":            {"dtsc", "", 0},
	"A_TRUEHD":         {"mlpa", "", 0},
	"A_ALAC":           {"alac", "", 0},
	"S_TEXT/UTF8":      {"srt", "", 0},
	"S_TEXT/WEBVTT":    {"wvtt", "", 0},
}

// identify sets what the codec identifier and the private data tell.
func (e *trackEntry) identify(c *Codec) {
	switch {
	case e.codec == "V_MS/VFW/FOURCC" && len(e.private) >= 40:
		c.describeBitmap(e.private)
		return
	case e.codec == "A_MS/ACM" && len(e.private) >= 16:
		c.describeWave(e.private)
		return
	case e.raw():
		c.Name = e.rawName()
		return
	}
	id := e.codec
	for mkvCodecs[id].entry == "" && strings.Contains(id, "/") {
		id = id[:strings.LastIndexByte(id, '/')]
	}
	known := mkvCodecs[id]
	if known.entry == "" {
		c.Name, c.Record = strings.ToLower(e.codec), e.private
		return
	}
	c.describeAs(known, e.private)
}

// describeAs sets name and record of a codec that MP4 carries too, or whose
// record is told apart by its name.
func (c *Codec) describeAs(k mkvCodec, private []byte) {
	c.Name, c.family = k.entry, familyOf(k.entry)
	switch {
	case c.xiph(private):
	case k.object != 0:
		c.Record = private
		c.object(k.entry, k.object)
	case k.box != "":
		c.describe(k.entry, k.box, private)
	case c.family == plain && k.entry != "ac-3" && k.entry != "ec-3":
		c.Record = private
	}
}

// raw says that the track is uncompressed sound.
func (e *trackEntry) raw() bool { return strings.HasPrefix(e.codec, "A_PCM/") }

// rawName tells form, depth and order of raw sound.
func (e *trackEntry) rawName() string {
	switch {
	case strings.HasPrefix(e.codec, "A_PCM/FLOAT"):
		return fmt.Sprintf("pcm-f%dle", e.depth)
	case e.depth <= 8:
		return "pcm-u8"
	case strings.HasSuffix(e.codec, "BIG"):
		return fmt.Sprintf("pcm-s%dbe", e.depth)
	}
	return fmt.Sprintf("pcm-s%dle", e.depth)
}
