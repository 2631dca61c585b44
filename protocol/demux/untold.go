package demux

// A stream that no table describes is told by its bytes.

const (
	guessFrom = 2 << 10  // bytes of it that are looked at first; then twice as many, and so on
	guessMost = 64 << 10 // bytes after which it is taken for something else
)

// What is guessed of streams.
const (
	guessStream = "streams that no table describes, told by their bytes"
	lostUntold  = "streams that nothing describes, not even their bytes, skipped"
)

// recognise finds out what an unknown stream is, when enough of it is there.
func (s *stream) recognise(e end) bool {
	if len(s.buf) < s.enough && e < nothing || len(s.buf) == 0 {
		return false
	}
	patient := e < nothing && s.enough < guessMost
	guess, ok := guessEssence(s.buf, e, patient)
	switch {
	case !ok && patient:
		s.enough *= 2
		return false
	case !ok && s.stray:
		s.repair(lostUntold, 1)
	case !ok:
		s.become(other("unknown", Other))
	default:
		s.become(guess)
		s.repair(guessStream, b2i(!s.native))
	}
	if s.f == nil {
		s.forget(len(s.buf))
		s.enough = maxFrame // no second time
	}
	return s.f != nil
}

// guessEssence tells the essence by what most of b fits. As long as it is
// patient, only headers of pictures and rows of sounds count.
func guessEssence(b []byte, e end, patient bool) (essence, bool) {
	best, most := plain, 3
	for _, f := range []family{h264, h265, h266, mpeg2, mpeg4} {
		v := votes{f: f}
		for at := nextCode(b, 0); at+3 < len(b); {
			next := nextCode(b, at+3)
			v.unit(b[at+3:next], next < len(b))
			at = next
		}
		switch {
		case v.bad*8 > v.good:
		case v.header:
			return video(f), true
		case v.good > most && !patient:
			best, most = f, v.good
		}
	}
	for _, a := range []essence{
		audio("mp4a.40.2", adtsSound), audio("ac-3", dolbySound), audio("dtsc", dtsSound),
		{"mp4a.40.2", Audio, plain, openLATM}, audio(mp3, mpegSound),
	} {
		if filled(a.open(), b, e)*4 > len(b)*3 {
			return a, true
		}
	}
	return video(best), best != plain
}

// filled is how many bytes of b are frames.
func filled(f framer, b []byte, e end) (n int) {
	for len(b) > 0 {
		found := f.frame(b, e)
		if found.size == 0 && found.skip == 0 {
			return n + len(b)*b2i(n > 0) // the rest may be the front of a frame
		}
		n += found.size
		b = b[found.skip+found.size:]
	}
	return n
}
