package demux

import "fmt"

// What sound codecs are told by is brought into one form, whatever the
// container: what only some of them can say is left out.

// mp3 is the codec name of MPEG audio until a frame says which.
const mp3 = "mp4a.6b"

// describeAAC reads an AudioSpecificConfig (ISO 14496-3, 1.6.2.1). It drops
// what some muxers add: padding, and an extension that says that there is no
// spectral band replication, which a plain configuration does not deny either.
func (c *Codec) describeAAC(p []byte) {
	object, rate, channels := audioConfig(p)
	r := bitReader{b: p, n: 5}
	if r.read(4) == 15 {
		r.skip(24)
	}
	if r.read(4) > 0 && object >= 1 && object <= 4 && r.read(3) == 0 {
		end := (r.n + 7) / 8
		none := r.read(11) == 0x2b7 && r.read(5) == 5 && r.read(1) == 0
		if end <= len(p) && (none || blank(p[end:])) {
			p = p[:end]
		}
	}
	c.Name, c.Record = fmt.Sprintf("mp4a.40.%d", object), p
	if rate > 0 {
		c.Rate = rate
	}
	if channels > 0 {
		c.Channels = channels
	}
}

// opusRecord turns the head of an Ogg Opus stream (RFC 7845, 5.1) into the body
// of a dOps box, which says the same with the bytes of numbers turned around.
func opusRecord(p []byte) []byte {
	if len(p) < 19 || string(p[:8]) != "OpusHead" {
		return p
	}
	q := append([]byte{0}, p[9:]...)
	for _, span := range [][]byte{q[2:4], q[4:8], q[8:10]} {
		for i, j := 0, len(span)-1; i < j; i, j = i+1, j-1 {
			span[i], span[j] = span[j], span[i]
		}
	}
	return q
}

// flacRecord is the stream information alone, as a native file begins (RFC
// 9639, 8.2): other blocks are tags, pictures and seek tables. p may be that,
// or the body of a dfLa box.
func flacRecord(p []byte) []byte {
	const size = 34
	if len(p) < 8+size {
		return p
	}
	return append([]byte("fLaC\x80\x00\x00\x22"), p[8:8+size]...)
}

// hear takes from the first sample of c what its frame headers say, which is
// truer than what a container says.
func (c *Codec) hear(p []byte) {
	if c.heard {
		return
	}
	c.heard = true
	switch c.Name {
	case mp3, "mp4a.69", ".mp3":
		c.Name, c.Record = mp3, nil
		if rate, channels, ok := mpegAudio(p); ok {
			if c.Rate, c.Channels = rate, channels; rate < 32000 {
				c.Name = "mp4a.69"
			}
		}
	case "ac-3", "ec-3":
		c.Record = nil // every frame says it again
		if name, rate, channels, ok := dolby(p); ok {
			c.Name, c.Rate, c.Channels = name, rate, channels
		}
	}
}

// mpegAudio reads the header of an MPEG audio frame (ISO 11172-3, 2.4.1.3;
// ISO 13818-3; the half rates of MPEG-2.5).
func mpegAudio(p []byte) (rate, channels int, ok bool) {
	if len(p) < 4 || p[0] != 0xff || p[1]&0xe0 != 0xe0 {
		return 0, 0, false
	}
	version, layer, index := p[1]>>3&3, p[1]>>1&3, p[2]>>2&3
	if version == 1 || layer == 0 || index == 3 || p[2]>>4 == 15 {
		return 0, 0, false
	}
	rate = [3]int{44100, 48000, 32000}[index]
	switch version {
	case 2:
		rate /= 2
	case 0:
		rate /= 4
	}
	return rate, 2 - b2i(p[3]>>6 == 3), true
}

// dolby reads the header of an AC-3 or E-AC-3 frame (ETSI TS 102 366, 4.3 and
// E.1.2).
func dolby(p []byte) (name string, rate, channels int, ok bool) {
	if len(p) < 8 || p[0] != 0x0b || p[1] != 0x77 {
		return "", 0, 0, false
	}
	rates := [4]int{48000, 44100, 32000, 0}
	modes := [8]int{2, 1, 2, 3, 3, 4, 4, 5}
	r := bitReader{b: p, n: 40}
	if r.read(5) <= 10 {
		r.skip(3)
		mode := r.read(3)
		if mode&1 != 0 && mode != 1 {
			r.skip(2)
		}
		if mode&4 != 0 {
			r.skip(2)
		}
		if mode == 2 {
			r.skip(2)
		}
		return "ac-3", rates[p[4]>>6], modes[mode] + r.read(1), p[4]>>6 != 3
	}
	rate = rates[p[4]>>6]
	if rate == 0 {
		rate = rates[p[4]>>4&3] / 2
	}
	return "ec-3", rate, modes[p[4]>>1&7] + int(p[4]&1), rate > 0
}
