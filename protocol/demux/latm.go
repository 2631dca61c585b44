package demux

// latm reads AAC in LOAS frames (ISO 14496-3, 1.7): what is inside is cut out
// of its multiplex, whose bits do not lie on bytes. Only one program of one
// layer with one frame at a time is read; that is what broadcasters send.
type latm struct {
	soundFramer
	told   bool // a configuration has come
	codec  *Codec
	length int // sounds of a frame
}

func openLATM() framer { return &latm{soundFramer: soundFramer{soundFormat: loasSound}} }

var loasSound = &soundFormat{3, readLOAS, codecNamed("mp4a.40.2")}

// readLOAS reads the header of AudioSyncStream.
func readLOAS(b []byte) (h soundHead, ok bool) {
	if b[0] != 0x56 || b[1]&0xe0 != 0xe0 {
		return h, false
	}
	h.front, h.size = 3, 3+int(be.Uint16(b[1:])&0x1fff)
	return h, h.size > 4
}

func (l *latm) frame(b []byte, e end) frame {
	f := l.soundFramer.frame(b, e)
	if f.size == 0 {
		return f
	}
	body := l.element(f.body)
	if body == nil {
		return frame{skip: f.skip + f.size}
	}
	f.body, f.codec, f.sounds = body, l.codec, l.length
	return f
}

// element reads AudioMuxElement and returns the frame in it, nil if there is
// none that can be read.
func (l *latm) element(p []byte) []byte {
	r := &bitReader{b: p}
	if r.read(1) == 0 {
		if l.told = l.multiplex(r); !l.told {
			return nil
		}
	}
	if !l.told {
		return nil
	}
	n := 0
	for {
		c := r.read(8)
		if n += c; c != 255 {
			break
		}
	}
	if n == 0 || r.n+8*n > 8*len(p) {
		return nil
	}
	return r.bytes(8 * n)
}

// multiplex reads StreamMuxConfig. It says false if it is of a kind that is
// not read.
func (l *latm) multiplex(r *bitReader) bool {
	version := r.read(1)
	if version == 1 && r.read(1) == 1 {
		return false
	}
	if version == 1 {
		latmValue(r) // buffer fullness
	}
	if r.read(1) == 0 || r.read(6) != 0 || r.read(4) != 0 || r.read(3) != 0 { // frames, programs, layers
		return false
	}
	size := 0
	if version == 1 {
		size = latmValue(r)
	}
	start := r.n
	length, ok := audioConfigBits(r)
	if version == 1 {
		ok, r.n = size > 0, start+size
	}
	if !ok || r.past() {
		return false
	}
	record := (&bitReader{b: r.b, n: start}).bytes(r.n - start)
	if l.codec == nil || string(l.codec.Record) != string(record) {
		l.codec, l.length = &Codec{}, length
		l.codec.describeAAC(record)
	}
	if r.read(3) != 0 { // how the length of a frame is told
		return false
	}
	r.skip(8) // buffer fullness
	if r.read(1) == 1 {
		otherData(r, version)
	}
	if r.read(1) == 1 {
		r.skip(8) // check sum
	}
	return true
}

// otherData passes over the length of data behind the frames.
func otherData(r *bitReader, version int) {
	if version == 1 {
		latmValue(r)
		return
	}
	for more := 1; more == 1 && !r.past(); {
		more = r.read(1)
		r.skip(8)
	}
}

// latmValue reads a number that tells its own length.
func latmValue(r *bitReader) (v int) {
	for n := r.read(2); n >= 0; n-- {
		v = v<<8 | r.read(8)
	}
	return v
}

// audioConfigBits passes over an AudioSpecificConfig (ISO 14496-3, 1.6.2.1) of
// plain AAC and returns how many sounds a frame lasts. It is not ok for other
// objects and for channels that are listed one by one.
func audioConfigBits(r *bitReader) (length int, ok bool) {
	object := r.read(5)
	if r.read(4) == 15 {
		r.skip(24)
	}
	channels := r.read(4)
	if object == 5 || object == 29 { // bands are replicated: another rate, the object under it
		if r.read(4) == 15 {
			r.skip(24)
		}
		object = r.read(5)
	}
	length = 1024 - 64*r.read(1)
	if r.read(1) == 1 {
		r.skip(14)
	}
	r.skip(1)
	return length, object >= 1 && object <= 4 && channels > 0
}

// bytes reads so many bits, filled up with zeros.
func (r *bitReader) bytes(bits int) []byte {
	out := make([]byte, 0, (bits+7)/8)
	for ; bits > 8; bits -= 8 {
		out = append(out, byte(r.read(8)))
	}
	return append(out, byte(r.read(bits)<<(8-bits)))
}
