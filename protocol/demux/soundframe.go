package demux

// Sound inside a stream is a row of frames, each with a header that tells its
// length: a frame is out as soon as its last byte is in.

// maxParts is how many parts a frame may have: E-AC-3 has up to eight programs
// with eight substreams each.
const maxParts = 64

// A soundFormat is one kind of frame.
type soundFormat struct {
	least int // bytes that a header takes
	read  func(b []byte) (soundHead, bool)
	codec func(soundConfig) *Codec
}

// A soundHead is the header of one frame.
type soundHead struct {
	soundConfig
	size   int  // bytes of the frame
	front  int  // bytes of it that a sample leaves out
	sounds int  // how long it lasts
	parts  bool // further parts may follow
	part   bool // it is a part itself
}

// A soundConfig is what a header says of how to decode the frame.
type soundConfig struct {
	rate, channels int
	more           uint32 // what else the codec is made of
}

// A soundFramer finds the frames of one format.
type soundFramer struct {
	*soundFormat
	config soundConfig
	now    *Codec // made of it
	inStep bool   // a frame has ended here
}

func openSounds(f *soundFormat) func() framer {
	return func() framer { return &soundFramer{soundFormat: f} }
}

func (s *soundFramer) tear() { s.inStep = false }

// frame takes a header that stands where the last frame ended and says the
// same as before; any other must be confirmed by the next.
func (s *soundFramer) frame(b []byte, e end) frame {
	for i := 0; len(b)-i >= s.least; i++ {
		h, ok := s.read(b[i:])
		if !ok {
			continue
		}
		size, whole := s.extent(b[i:], h, e)
		if !s.inStep || i > 0 || h.soundConfig != s.config {
			switch s.confirmed(b[i:], h, size, e) {
			case inside:
				continue
			case maybe:
				return s.wait(i)
			}
		}
		if !whole && e < nothing {
			return s.wait(i)
		}
		return s.take(b[i:min(i+size, len(b))], h, i, !whole)
	}
	return s.wait(max(0, len(b)-s.least+1))
}

// wait asks for more bytes behind the first i, which are no frame.
func (s *soundFramer) wait(i int) frame {
	s.inStep = s.inStep && i == 0
	return frame{skip: i}
}

// extent is the size of the frame with all its parts. It is not whole if b is
// shorter, or if parts may follow b.
func (s *soundFramer) extent(b []byte, h soundHead, e end) (n int, whole bool) {
	n = h.size
	for i := 0; h.parts && i < maxParts && n <= len(b); i++ {
		if len(b)-n < s.least {
			return n, e != goesOn
		}
		next, ok := s.read(b[n:])
		if !ok || !next.part {
			break
		}
		n += next.size
	}
	return n, n <= len(b)
}

// confirmed says whether a frame of the same kind begins where this one ends:
// a header alone may be chance.
func (s *soundFramer) confirmed(b []byte, h soundHead, size int, e end) verdict {
	switch left := len(b) - size; {
	case h.part:
		return inside
	case left >= s.least:
		if next, ok := s.read(b[size:]); ok && next.soundConfig == h.soundConfig {
			return begins
		}
		return inside
	case left == 0 && e != goesOn:
		return begins
	case e < nothing:
		return maybe
	}
	return inside
}

// take makes the frame b, which stands behind i bytes that are none.
func (s *soundFramer) take(b []byte, h soundHead, i int, torn bool) frame {
	if s.now == nil || s.config != h.soundConfig {
		s.config, s.now = h.soundConfig, s.codec(h.soundConfig)
	}
	s.inStep = !torn
	return frame{skip: i, size: len(b), body: b[min(h.front, len(b)):], codec: s.now, sounds: h.sounds, torn: torn}
}

// Formats of sound frames.
var (
	adtsSound  = &soundFormat{7, readADTS, codecADTS}
	mpegSound  = &soundFormat{4, readMPEG, codecNamed(mp3)}
	dolbySound = &soundFormat{8, readDolby, codecNamed("ac-3")}
	dtsSound   = &soundFormat{12, readDTS, codecNamed("dtsc")}
	opusSound  = &soundFormat{3, readOpus, codecOpus}
)

// codecNamed makes codecs without a record: every frame says it all again.
func codecNamed(name string) func(soundConfig) *Codec {
	return func(c soundConfig) *Codec { return &Codec{Name: name, Rate: c.rate, Channels: c.channels} }
}

// readADTS reads the header of a frame of AAC (ISO 14496-3, 1.A.2.2).
func readADTS(b []byte) (h soundHead, ok bool) {
	if b[0] != 0xff || b[1]&0xf6 != 0xf0 {
		return h, false
	}
	r := bitReader{b: b, n: 16}
	object, index := r.read(2)+1, r.read(4)
	r.skip(1)
	channels := r.read(3)
	r.skip(4)
	h.size, h.front = r.read(13), 7
	r.skip(11)
	h.sounds = 1024 * (r.read(2) + 1)
	if b[1]&1 == 0 {
		h.front = 9 // with a check sum
	}
	config := []byte{byte(object<<3 | index>>1), byte(index<<7 | channels<<3)}
	_, h.rate, h.channels = audioConfig(config)
	h.more = uint32(be.Uint16(config))
	return h, h.size > h.front && h.rate > 0
}

// codecADTS is described by the two bytes that say what every header says.
func codecADTS(c soundConfig) *Codec {
	out := &Codec{}
	out.describeAAC(be.AppendUint16(nil, uint16(c.more)))
	return out
}

// Thousand bits a second of MPEG audio (ISO 11172-3, 2.4.2.3; ISO 13818-3,
// 2.4.2.3) by version (1, 2) and layer (1, 2, 3).
var mpegRates = [2][3][15]int{{
	{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
}, {
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
}}

// readMPEG reads the header of a frame of MPEG audio, layers 1 to 3.
func readMPEG(b []byte) (h soundHead, ok bool) {
	rate, channels, ok := mpegAudio(b)
	if !ok || b[2]>>4 == 0 { // free format does not tell its length
		return h, false
	}
	version := b2i(b[1]>>3&3 != 3)
	layer := 4 - int(b[1]>>1&3)
	bits := 1000 * mpegRates[version][layer-1][b[2]>>4]
	padding := int(b[2] >> 1 & 1)
	switch h.sounds = 1152; {
	case layer == 1:
		h.sounds = 384
		h.size = (12*bits/rate + padding) * 4
	case layer == 3 && version == 1:
		h.sounds = 576
		fallthrough
	default:
		h.size = h.sounds/8*bits/rate + padding
	}
	h.soundConfig = soundConfig{rate, channels, uint32(b[1] >> 1 & 15)}
	return h, h.size > 4
}

// Thousand bits a second of AC-3 (ETSI TS 102 366, table 4.13).
var dolbyRates = [19]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}

// readDolby reads the header of a frame of AC-3 or E-AC-3 (ETSI TS 102 366,
// 4.3 and E.1.2). A frame of E-AC-3 goes on with all its further substreams.
func readDolby(b []byte) (h soundHead, ok bool) {
	name, rate, channels, ok := dolby(b)
	if !ok || b[5]>>3 > 16 {
		return h, false
	}
	h.soundConfig = soundConfig{rate, channels, uint32(len(name))}
	if name == "ac-3" {
		index := int(b[4] & 63)
		if index >= 2*len(dolbyRates) {
			return h, false
		}
		h.sounds = 1536
		h.size = dolbyRates[index/2] * 1000 / 8 * h.sounds / rate
		if rate == 44100 {
			h.size = h.size&^1 + index&1*2
		}
		return h, true
	}
	h.more, h.parts, h.part = 1, true, b[2]>>3 != 0
	h.size = 2 * (int(be.Uint16(b[2:])&0x7ff) + 1)
	h.sounds = 256 * 6
	if b[4]>>6 != 3 {
		h.sounds = 256 * [4]int{1, 2, 3, 6}[b[4]>>4&3]
	}
	return h, h.size > 8
}

// readDTS reads the header of a frame of DTS (ETSI TS 102 114, 5.3), or of an
// extension of it (7.4), which is part of the frame before.
func readDTS(b []byte) (h soundHead, ok bool) {
	r := bitReader{b: b, n: 32}
	switch be.Uint32(b) {
	case 0x64582025:
		r.skip(10)
		if r.read(1) == 0 {
			r.skip(8)
			h.size = r.read(16) + 1
		} else {
			r.skip(12)
			h.size = r.read(20) + 1
		}
		h.part = true
		return h, h.size > 12
	case 0x7ffe8001:
	default:
		return h, false
	}
	r.skip(7)
	h.sounds = 32 * (r.read(7) + 1)
	h.size = r.read(14) + 1
	channels := [16]int{1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6, 6, 7, 8, 8}[r.read(6)&15]
	h.rate = [16]int{0, 8000, 16000, 32000, 0, 0, 11025, 22050, 44100, 0, 0, 12000, 24000, 48000, 96000, 192000}[r.read(4)]
	r.skip(15)
	h.channels = channels + b2i(r.read(2) != 0)
	h.parts = true
	return h, h.rate > 0 && h.size >= 96
}

// maxOpus is the bytes of the longest Opus packet: 48 frames of 1275 bytes, and
// their lengths (RFC 6716, 3.2.5 and 3.4).
const maxOpus = 48*(1275+2) + 2

// readOpus reads the control header of an Opus packet (ETSI TS 103 491, 6; the
// first byte of the packet itself is that of RFC 6716, 3.1).
func readOpus(b []byte) (h soundHead, ok bool) {
	if b[0] != 0x7f || b[1]&0xe0 != 0xe0 {
		return h, false
	}
	i := 2
	for {
		if i >= len(b) {
			return soundHead{size: len(b) + 1}, true
		}
		h.size += int(b[i])
		if i++; b[i-1] != 255 {
			break
		}
		if h.size > maxOpus {
			return h, false
		}
	}
	i += 2*int(b[1]>>4&1) + 2*int(b[1]>>3&1) // trimmed at the start, at the end
	if b[1]&4 != 0 && i < len(b) {           // extension
		i += 1 + int(b[i])
	}
	if i >= len(b) {
		return soundHead{size: i + 1}, true
	}
	h.front, h.size = i, h.size+i
	h.rate, h.sounds = 48000, int(opusSounds(b[i:]))
	return h, h.sounds > 0
}

// codecOpus is described as in MP4: stereo, no gain, nothing to skip.
func codecOpus(c soundConfig) *Codec {
	channels := max(2, c.channels)
	return &Codec{Name: "opus", Rate: c.rate, Channels: channels, Record: []byte{0, byte(channels), 0, 0, 0, 0, 0xbb, 0x80, 0, 0, 0}}
}
