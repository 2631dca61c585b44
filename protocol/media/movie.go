package media

import (
	"cmp"
	"fmt"
	"slices"
)

// Limits of one file. They bound memory and time whatever the file claims.
const (
	maxTracks   = 256     // further ones are ignored and counted
	maxSamples  = 1 << 22 // of all tracks: 15 hours of 30 pictures and 47 sounds a second
	maxTries    = 1 << 24 // samples that tables name, found or not
	maxClaims   = 4       // times the file's size that samples may add up to: few, that a bomb stays small; not one, that one lie leaves room for the truth
	maxGap      = 60      // seconds between two samples of picture or sound; a longer hole is closed
	maxSegments = 1 << 16 // 36 hours of 2 s; more than this is kept as opaque pieces
)

// A Kind says what a track holds.
type Kind string

// Kinds of track, in the order in which a payload carries them.
const (
	Video Kind = "video"
	Audio Kind = "audio"
	Text  Kind = "text"
	Other Kind = "other"
)

var kinds = []Kind{Video, Audio, Text, Other}

// A Repair counts one thing that was mended, guessed or dropped.
type Repair struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

// What a Repair can be about. A reader may add its own.
const (
	lostOutside  = "samples that lie outside the file, dropped"
	lostEmpty    = "samples of no bytes, dropped"
	lostTwice    = "samples that add up to more than four times the file, dropped"
	lostLimit    = "samples above what one file may have, dropped"
	lostBroken   = "pictures that are not a chain of NAL units, dropped"
	lostNear     = "sounds behind a broken picture, dropped"
	lostBlank    = "sounds of nothing but zeros, dropped"
	mendBack     = "decode times that went back, moved on"
	mendGap      = "holes of more than 60 s, closed"
	mendLong     = "sample durations of more than 60 s, replaced"
	mendOffset   = "presentation offsets of more than 60 s, set to zero"
	mendStart    = "tracks that start more than 60 s from the pictures, moved"
	guessScale   = "tracks without a time scale, guessed"
	guessCodec   = "tracks without a description, codec guessed from the bytes"
	guessTimes   = "tracks without durations, guessed"
	noteCipher   = "encrypted tracks, carried without their protection boxes"
	lostTracks   = "tracks above the limit of 256, ignored"
	lostUnmapped = "tracks whose samples cannot be found, dropped"
)

// A movie is what a format makes of one file: tracks of samples that lie
// inside it. A scan function fills it through add and repair; settle then
// checks, classifies and dates the samples.
type movie struct {
	b       []byte   // the file
	tracks  []*track // as found; after settle in payload order: the main one, then by kind and number
	repairs []Repair // in the order of their first appearance
	index   int64    // bytes that are structure: headers and tables
	claimed int64    // bytes that samples have claimed
	count   int      // samples of all tracks
	tries   int      // calls of add
	shift   int64    // what index tables must add to their file positions
}

// A track is one stream of samples in decode order.
type track struct {
	id      uint32
	kind    Kind
	codec   codec
	scale   int64 // ticks a second, 1 to 2^32-1
	guessed bool  // scale or durations are not from the file
	raw     bool  // uncompressed sound
	samples []sample
	broken  []int64 // file positions of pictures that were dropped
}

// A sample is one picture or sound, or one run of raw sound.
type sample struct {
	off  int64
	size int32
	key  Key
	sync bool   // the container calls it a key picture: a hint
	odd  bool   // must be rewritten before it goes into a payload
	lead lead   // needs an earlier picture than the key before it
	dts  int64  // ticks
	cts  int32  // presentation minus decode time, ticks
	dur  uint32 // ticks
	ms   int64  // presentation, after settle: since the movie's first picture
}

func (m *movie) repair(what string, n int) {
	if n == 0 {
		return
	}
	for i := range m.repairs {
		if m.repairs[i].What == what {
			m.repairs[i].Count += n
			return
		}
	}
	m.repairs = append(m.repairs, Repair{what, n})
}

// add appends a sample if its bytes exist and the limits allow it. Two tables
// that point at the same place many times cannot make a small file large: it
// says false when there is no room for more samples like this one, and the
// caller then counts the rest of its run with lose.
func (m *movie) add(t *track, off, size, dts int64, cts int32, dur uint32, sync bool) bool {
	m.tries++
	switch {
	case size <= 0:
		m.repair(lostEmpty, 1)
		return m.tries < maxTries
	case off < 0 || off > int64(len(m.b))-size:
		m.repair(lostOutside, 1)
		return m.tries < maxTries
	case m.claimed+size > maxClaims*int64(len(m.b)):
		m.repair(lostTwice, 1)
		return false
	case m.count >= m.room():
		m.repair(lostLimit, 1)
		return false
	}
	m.claimed += size
	m.count++
	t.samples = append(t.samples, sample{off: off, size: int32(size), sync: sync, dts: dts, cts: cts, dur: dur})
	return true
}

// room is how many samples a file of this size may have: four bytes for each,
// which its own place in a table would take.
func (m *movie) room() int { return min(maxSamples, 1024+len(m.b)/4) }

// lose counts n samples that add did not get to see.
func (m *movie) lose(n int64) { m.repair(lostLimit, int(n)) }

// bytes are the sample's own, still in the file.
func (m *movie) bytes(s *sample) []byte { return m.b[s.off : s.off+int64(s.size)] }

// main is the track that segments follow: the one with the most pictures, else
// the one with the most sounds. It is nil if no track has samples.
func (m *movie) main() *track {
	var best *track
	for _, t := range m.tracks {
		switch {
		case len(t.samples) == 0:
		case best == nil || rank(t.kind) < rank(best.kind):
			best = t
		case t.kind == best.kind && len(t.samples) > len(best.samples):
			best = t
		}
	}
	return best
}

func rank(k Kind) int { return slices.Index(kinds, k) }

// settle turns what a scan found into something that can be cut: unknown
// codecs are guessed, broken samples dropped, key pictures classified, times
// mended and counted in milliseconds from the first picture.
func (m *movie) settle() {
	for _, t := range m.tracks {
		m.guess(t)
		m.classify(t)
	}
	m.distrust()
	lead := m.main()
	slices.SortStableFunc(m.tracks, func(a, b *track) int {
		return cmp.Or(b2i(b == lead)-b2i(a == lead), rank(a.kind)-rank(b.kind), cmp.Compare(a.id, b.id))
	})
	m.date()
}

// guessed says that the times of the main track are not from the file.
func (m *movie) guessed() bool {
	t := m.main()
	return t == nil || t.guessed
}

// covered counts the bytes of the file that lie in at least one sample.
func (m *movie) covered() int64 {
	type span struct{ from, to int64 }
	var spans []span
	for _, t := range m.tracks {
		for i := range t.samples {
			s := &t.samples[i]
			spans = append(spans, span{s.off, s.off + int64(s.size)})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return int(a.from - b.from) })
	var sum, end int64
	for _, s := range spans {
		if s.to > end {
			sum += s.to - max(s.from, end)
			end = s.to
		}
	}
	return sum
}

// codecs lists the codec strings of the tracks that have samples.
func (m *movie) codecs() []string {
	var out []string
	for _, t := range m.carried() {
		out = append(out, t.codec.text)
	}
	return out
}

// carried are the tracks that have samples: those of a payload, in its order.
func (m *movie) carried() []*track {
	var out []*track
	for _, t := range m.tracks {
		if len(t.samples) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// notes tells the repairs as sentences about the file name.
func notes(name string, repairs []Repair) []string {
	var out []string
	for _, r := range repairs {
		out = append(out, fmt.Sprintf("%s: %s: %d", name, r.What, r.Count))
	}
	return out
}
