package demux

import "bytes"

// confidence is how sure a format is that a source is its own.
type confidence uint8

const (
	no     confidence = iota
	likely            // something of the format turns up behind other bytes
	sure              // the source starts as the format says
)

// A format is one container. To add one: a file with its scanner and a line in
// formats.
type format struct {
	name string
	// sniff looks at the first bytes, at most 64 KiB, of a source of which
	// size bytes have come so far. It never sees a name: names lie.
	sniff func(head []byte, size int64) confidence
	// open makes the scanner. Nil: the format is recognised, not read.
	open func() scanner
}

// formats in the order in which they are asked. The first that is sure wins,
// else the first that finds itself likely.
var formats = []format{
	{"mp4", sniffMP4, openMP4},
	{"matroska", sniffMKV, openMKV},
	{"mpeg-ts", sniffTS, openTS},
	{"flv", sniffFLV, openFLV},
	{"avi", sniffAVI, openAVI},
	{"ogg", sniffOgg, openOgg},
	{"ivf", sniffIVF, openIVF},
	{"av1", sniffOBU, openOBU},
	{"mpeg-ps", sniffPS, openPS},
	{"asf", magic(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"), nil},
	{"mxf", sniffMXF, nil},
	{"realmedia", magic(0, ".RMF"), nil},
	{"wtv", magic(0, "\xb7\xd8\x00\x20"), nil},
	{"nut", magic(0, "nut/multimedia"), nil},
	{"swf", magic(0, "FWS"), nil},
	{"dv", magic(0, "\x1f\x07\x00"), nil},
	{"gxf", magic(0, "\x00\x00\x00\x00\x01\xbc"), nil},
	{"gif", magic(0, "GIF8"), nil},
	{"yuv4mpeg", magic(0, "YUV4MPEG2"), nil},
	{"h264", sniffES(h264), openES(h264)},
	{"h265", sniffES(h265), openES(h265)},
	{"h266", sniffES(h266), openES(h266)},
	{"mpeg-video", sniffES(mpeg2), openES(mpeg2)},
	{"mpeg-4 video", sniffES(mpeg4), openES(mpeg4)},
	{"adts", sniffSound(adtsSound), openSoundES(adtsSound)},
	{"ac-3", sniffSound(dolbySound), openSoundES(dolbySound)},
	{"dts", sniffSound(dtsSound), openSoundES(dtsSound)},
	{"mp3", sniffSound(mpegSound), openSoundES(mpegSound)},
}

// sniffed is how much of a source sniff functions see.
const sniffed = 64 << 10

// recognise finds the format of a source that starts with b, nil if none is.
func recognise(b []byte, size int64) (*format, confidence) {
	head := b[:min(len(b), sniffed)]
	var second *format
	for i := range formats {
		f := &formats[i]
		switch f.sniff(head, size) {
		case sure:
			return f, sure
		case likely:
			if second == nil {
				second = f
			}
		}
	}
	if second != nil {
		return second, likely
	}
	return nil, no
}

// magic is sure of sources that have sign at position at.
func magic(at int, sign string) func([]byte, int64) confidence {
	return func(head []byte, _ int64) confidence {
		if len(head) >= at && bytes.HasPrefix(head[at:], []byte(sign)) {
			return sure
		}
		return no
	}
}

// sniffMXF looks for the key that all labels begin with (SMPTE ST 336): the
// pictures inside would pass for an elementary stream.
func sniffMXF(head []byte, _ int64) confidence {
	switch bytes.Index(head, []byte("\x06\x0e\x2b\x34")) {
	case -1:
		return no
	case 0:
		return sure
	}
	return likely
}

// hex shows the first bytes of a source.
func hex(b []byte) string {
	const digits = "0123456789abcdef"
	var out []byte
	for _, c := range b[:min(len(b), 8)] {
		out = append(out, digits[c>>4], digits[c&15], ' ')
	}
	return string(bytes.TrimSpace(out))
}
