package demux

import "bytes"

// Records of codecs from the Xiph family, the same whatever container they
// came in:
//
//   - Opus: the body of a dOps box.
//   - FLAC: the stream information alone, as a native file begins.
//   - Vorbis and Theora: their three header packets in Xiph lacing, as Matroska
//     keeps them: 2, the sizes of the first two, the packets. The comments in
//     the second say who muxed the file, so an empty one takes its place.

// xiph sets name and record from what Matroska keeps for the codec c.Name. It
// says whether that is one of the Xiph family.
func (c *Codec) xiph(private []byte) bool {
	switch c.Name {
	case "opus":
		c.opus(opusRecord(private))
	case "flac":
		c.flac(flacRecord(private))
	case "vorbis", "theora":
		if packets, ok := unlace3(private); ok {
			c.headers(packets)
		}
	default:
		return false
	}
	return true
}

// unlace3 splits three packets in Xiph lacing.
func unlace3(p []byte) (packets [3][]byte, ok bool) {
	if len(p) < 3 || p[0] != 2 {
		return packets, false
	}
	a, rest := seiNumber(p[1:])
	b, rest := seiNumber(rest)
	if a+b >= len(rest) {
		return packets, false
	}
	return [3][]byte{rest[:a], rest[a : a+b], rest[a+b:]}, true
}

// lace3 is the record of three packets.
func lace3(packets [3][]byte) []byte {
	out := []byte{2}
	for _, p := range packets[:2] {
		out = append(out, bytes.Repeat([]byte{255}, len(p)/255)...)
		out = append(out, byte(len(p)%255))
	}
	return append(out, bytes.Join(packets[:], nil)...)
}

// headers sets what three header packets of Vorbis (Vorbis I, 4.2) or Theora
// (Theora specification, 6.2) tell.
func (c *Codec) headers(packets [3][]byte) {
	id := packets[0]
	switch {
	case bytes.HasPrefix(id, []byte("\x01vorbis")) && len(id) >= 30:
		c.Name = "vorbis"
		c.Channels, c.Rate = int(id[11]), int(min(le.Uint32(id[12:]), 1e7))
		packets[1] = []byte("\x03vorbis\x00\x00\x00\x00\x00\x00\x00\x00\x01")
	case bytes.HasPrefix(id, []byte("\x80theora")) && len(id) >= 42:
		c.Name, c.family = "theora", theora
		c.Width, c.Height = int(be.Uint32(id[13:])&0xffffff), int(be.Uint32(id[16:])&0xffffff)
		packets[1] = []byte("\x81theora\x00\x00\x00\x00\x00\x00\x00\x00")
	default:
		return
	}
	c.Record = lace3(packets)
}

// opus sets what the body of a dOps box tells.
func (c *Codec) opus(p []byte) {
	if c.Name, c.Rate = "opus", 48_000; len(p) >= 11 {
		c.Channels, c.Record = int(p[1]), p
	}
}

// flac sets what stream information tells, which stands as in a native file.
func (c *Codec) flac(p []byte) {
	if c.Name = "flac"; len(p) >= 42 {
		c.Record = p
		c.Rate, c.Channels = int(be.Uint32(p[18:])>>12), int(p[20]>>1&7)+1
	}
}

// soundTicks is how long one packet of sound lasts in ticks of that scale, 0
// if it does not tell.
func soundTicks(c *Codec, p []byte, scale int64) int64 {
	n := 0
	switch c.Name {
	case "opus":
		return opusSounds(p) * scale / 48_000
	case "flac":
		n = flacSounds(p)
	case "mp4a.40.2":
		n = 1024
	case "mp4a.6b":
		n = 1152
	case "ac-3":
		n = 1536
	}
	if c.Rate <= 0 {
		return 0
	}
	return int64(n) * scale / int64(c.Rate)
}

// opusSounds is how many sounds at 48 kHz a packet holds (RFC 6716, 3.1).
func opusSounds(p []byte) int64 {
	if len(p) == 0 {
		return 0
	}
	frame := int64(0)
	switch mode := p[0] >> 3; {
	case mode < 12:
		frame = []int64{480, 960, 1920, 2880}[mode&3]
	case mode < 16:
		frame = 480 << (mode & 1)
	default:
		frame = 120 << (mode & 3)
	}
	switch p[0] & 3 {
	case 0:
		return frame
	case 3:
		if len(p) < 2 {
			return 0
		}
		return min(frame*int64(p[1]&63), 5760)
	}
	return 2 * frame
}

// flacSounds is how many sounds of each channel a frame holds (RFC 9639, 9.1).
func flacSounds(p []byte) int {
	if len(p) < 8 || p[0] != 0xff || p[1]&0xfc != 0xf8 {
		return 0
	}
	switch n := p[2] >> 4; {
	case n == 1:
		return 192
	case n >= 2 && n <= 5:
		return 576 << (n - 2)
	case n >= 8:
		return 256 << (n - 8)
	case n == 6, n == 7:
		at := 4 + utf8Size(p[4])
		if at+2 > len(p) {
			return 0
		}
		if n == 6 {
			return int(p[at]) + 1
		}
		return int(be.Uint16(p[at:])) + 1
	}
	return 0
}

// utf8Size is how many bytes a number that starts with c takes (RFC 9639, 9.1.5).
func utf8Size(c byte) int {
	n := 1
	for m := byte(0x40); c&0x80 != 0 && c&m != 0; m >>= 1 {
		n++
	}
	return n
}

// vorbisModes says which modes of a Vorbis stream use long blocks. The setup
// header ends with them, and nothing before them is simple to read: so it is
// read from its end (Vorbis I, 4.2.4: each mode has a flag, 32 bits of zero
// and eight of mapping; six bits of count before them).
func vorbisModes(setup []byte) (long []bool) {
	bit := func(i int) int {
		if i < 0 {
			return 1
		}
		return int(setup[i>>3]>>(i&7)) & 1
	}
	field := func(at, n int) (v int) {
		for i := range n {
			v |= bit(at+i) << i
		}
		return v
	}
	end := 8*len(setup) - 1
	for end >= 0 && bit(end) == 0 {
		end--
	}
	best := 0
	for n := 1; n <= 64; n++ {
		at := end - 41*n
		if at < 6 || field(at+1, 32) != 0 || field(at+33, 8) > 63 {
			break
		}
		if field(at-6, 6) == n-1 {
			best = n
		}
	}
	for i := range best {
		long = append(long, bit(end-41*best+41*i) == 1)
	}
	return long
}
