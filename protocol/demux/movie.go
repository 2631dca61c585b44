package demux

import (
	"bytes"
	"slices"
)

// Limits of one source. They bound memory and time whatever it claims.
const (
	maxTracks  = 256      // further ones are ignored and counted
	maxClaims  = 4        // times the source's size that samples may add up to: few, that a bomb stays small; not one, that one lie leaves room for the truth
	maxTries   = 1 << 24  // samples that tables name, found or not
	fullCount  = 1 << 14  // samples that wait before scanning pauses
	fullBytes  = 16 << 20 // bytes of them
	stepBytes  = 1 << 20  // of samples, after which a step ends: who cuts them may need no more
	maxSample  = 64 << 20 // bytes of one picture
	maxGap     = 60       // seconds between two samples of picture or sound; a longer hole is closed
	guessAfter = 32       // samples of an unknown codec before it is guessed
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

// Kinds lists them in that order.
var Kinds = []Kind{Video, Audio, Text, Other}

// A Repair counts one thing that was mended, guessed or dropped.
type Repair struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

// What a Repair can be about. A scanner may add its own.
const (
	lostOutside  = "samples that lie outside the file, dropped"
	lostEmpty    = "samples of no bytes, dropped"
	lostTwice    = "samples that add up to more than four times the file, dropped"
	lostLimit    = "samples above what one file may have, dropped"
	lostBroken   = "pictures that are not a chain of NAL units, dropped"
	lostShape    = "pictures that are not made as their codec says, dropped"
	lostNear     = "sounds behind a broken picture, dropped"
	lostOdd      = "sounds that do not end as their codec says, dropped"
	lostBlank    = "sounds of nothing but zeros, dropped"
	lostTail     = "bytes behind the last sample, skipped"
	mendBack     = "decode times that went back, held"
	mendJump     = "clocks that jumped, carried on"
	mendLong     = "sample durations of more than 60 s, replaced"
	mendOffset   = "presentation offsets of more than 60 s, set to zero"
	guessScale   = "tracks without a time scale, guessed"
	guessCodec   = "tracks without a description, codec guessed from the bytes"
	guessTimes   = "tracks without durations, guessed"
	noteCipher   = "encrypted tracks, carried without their protection boxes"
	lostTracks   = "tracks above the limit of 256, ignored"
	lostUnmapped = "tracks whose samples cannot be found, dropped"
)

// A Movie is what has been read of one source and not been taken yet.
type Movie struct {
	Tracks  []*Track // in the order in which they were found
	Repairs []Repair // in the order of their first appearance
	Index   int64    // bytes that are structure: headers and tables

	size    int64    // bytes of the source that have come
	claimed int64    // bytes that samples have claimed
	tries   int      // samples named, found or not
	taken   int      // samples that were taken
	waiting int      // samples that wait to be taken
	weight  int64    // bytes of them
	share   int64    // weight at which the step ends
	learnt  int64    // bytes of parameter sets that were copied
	jumped  int64    // nanoseconds by which the last jump of a clock was undone
	kept    [][]byte // units of the sample at hand; memory that is used again
	shaken  bool     // a picture was wrong
	tabled  bool     // samples are found through tables, which may be wrong for all of them
}

// A Track is one stream of samples in decode order.
type Track struct {
	ID      uint32
	Kind    Kind
	Scale   int64 // ticks a second, 1 to 2^32-1
	Guessed bool  // scale or durations are not from the source
	Codec   *Codec
	Samples []Sample // read and not taken yet; any may still turn out wrong and go

	movie *Movie
	taken int    // samples that were taken
	stale int    // how many of them are in front of Samples in its memory
	raw   bool   // uncompressed sound
	told  *Codec // the codec that now began with
	now   sets   // parameter sets that a decoder has by now
	trust
	clock
}

// Flags say what is special about a sample.
type Flags uint8

// The flags of a sample.
const (
	Sync       Flags = 1 << iota // the container calls it a key picture: a hint
	Damaged                      // some of its bytes are lost or wrong
	Guessed                      // its time is guessed
	Break                        // clock, codec or configuration changes before it
	Disposable                   // no other picture needs it
)

// A Sample is one picture or sound, or one run of raw sound.
type Sample struct {
	Bytes []byte // as a decoder takes them
	At    int64  // where the first of them lies in the source
	Size  int32  // bytes in the source
	Shift int32  // presentation minus decode time, ticks
	Time  int64  // decode time, ticks; never goes back within a track
	Dur   uint32 // ticks
	Lost  uint16 // samples right before it that are known to be missing
	Key   Key
	Flags Flags
	Codec *Codec // shared by all samples of one configuration

	lead lead
	slid int64 // how far it lies behind the place that an index gave

	odd    bool // a sound that does not end as it should
	sure   bool // a sound behind many that all end as they should, as it does
	judged bool // what lies around it has been looked at
	wrong  bool // it is about to go
}

// Shown is the presentation time in ticks.
func (s *Sample) Shown() int64 { return s.Time + int64(s.Shift) }

// Total is how many samples have been read so far, but for those that turned
// out wrong.
func (t *Track) Total() int { return t.taken + len(t.Samples) }

// count is that of all tracks.
func (m *Movie) count() int { return m.taken + m.waiting }

func (m *Movie) repair(what string, n int) {
	if n == 0 || what == "" {
		return
	}
	for i := range m.Repairs {
		if m.Repairs[i].What == what {
			m.Repairs[i].Count += n
			return
		}
	}
	m.Repairs = append(m.Repairs, Repair{what, n})
}

// track finds the track of that number or makes it. It is nil above the limit,
// which is counted.
func (m *Movie) track(id uint32) *Track {
	for _, t := range m.Tracks {
		if t.ID == id {
			return t
		}
	}
	return m.grow(id)
}

// grow adds an empty track.
func (m *Movie) grow(id uint32) *Track {
	if len(m.Tracks) >= maxTracks {
		m.repair(lostTracks, 1)
		return nil
	}
	t := &Track{ID: id, Kind: Other, Scale: 90_000, Codec: &Codec{}, movie: m}
	m.Tracks = append(m.Tracks, t)
	return t
}

// Size is how many bytes of the source have come.
func (m *Movie) Size() int64 { return m.size }

// Waiting is how many bytes there are in samples that nobody has taken.
func (m *Movie) Waiting() int64 { return m.weight }

// Full says that reading pauses until samples have been taken.
func (m *Movie) Full() bool { return m.waiting >= fullCount || m.weight >= fullBytes }

// enough says that a scanner is to return: the movie is full, or this step has
// read a share.
func (m *Movie) enough() bool { return m.Full() || m.weight >= m.share }

// add appends a sample whose Bytes, At, Size, Time, Shift, Dur, Lost and Flags
// are set; a Dur of zero is not known yet. It normalises, classifies and dates
// it. It says false when there is no room for more samples like this one: two
// tables that point at the same place many times cannot make a small source
// large. The caller then counts the rest of its run with lose.
func (m *Movie) add(t *Track, s Sample) bool {
	m.tries++
	switch {
	case len(s.Bytes) == 0:
		m.repair(lostEmpty, 1)
		return m.tries < maxTries
	case len(s.Bytes) > maxSample || m.claimed+int64(s.Size) > maxClaims*m.size:
		m.repair(lostTwice, 1)
		return false
	case m.count() >= m.room():
		m.repair(lostLimit, 1)
		return false
	}
	if s.Codec = t.Codec; !t.unknown() && !m.prepare(t, &s) {
		return true
	}
	m.claimed += int64(s.Size)
	m.repair(noteCipher, b2i(t.Codec.Cipher && t.Total() == 0))
	t.date(m, &s)
	t.Samples = append(t.Samples, s)
	m.weigh(t.Samples[len(t.Samples)-1:], 1)
	if t.unknown() {
		m.guess(t, false)
	}
	return true
}

// room is how many samples a source of this size may have: four bytes for
// each, which its own place in a table would take.
func (m *Movie) room() int { return 1024 + int(m.size/4) }

// lose counts n samples that add did not get to see.
func (m *Movie) lose(n int64) { m.repair(lostLimit, int(n)) }

// Take removes the first n waiting samples of t and returns them.
func (t *Track) Take(n int) []Sample {
	taken := slices.Clone(t.Samples[:n])
	clear(t.Samples[:n]) // lets go of their bytes
	t.Samples = t.Samples[n:]
	t.movie.weigh(taken, -1)
	t.movie.taken += n
	t.taken += n
	if t.stale += n; t.stale >= len(t.Samples) { // let go of those that were taken
		t.Samples, t.stale = slices.Clone(t.Samples), 0
	}
	return taken
}

// sweep removes the waiting samples that are wrong. Whoever found them so has
// counted them.
func (t *Track) sweep() {
	i := 0
	for i < len(t.Samples) && !t.Samples[i].wrong {
		i++
	}
	if i == len(t.Samples) {
		return
	}
	t.movie.weigh(t.Samples, -1)
	t.Samples = slices.DeleteFunc(t.Samples, func(s Sample) bool { return s.wrong })
	t.movie.weigh(t.Samples, 1)
}

// weigh takes samples into what waits, or by -1 out of it.
func (m *Movie) weigh(samples []Sample, by int) {
	m.waiting += by * len(samples)
	for i := range samples {
		m.weight += int64(by * len(samples[i].Bytes))
	}
}

// settle finishes what add could not know: codecs that nobody described, open
// pictures that turn out closed, sounds that lie among broken pictures.
func (m *Movie) settle(last bool) {
	for _, t := range m.Tracks {
		if last && t.unknown() {
			m.guess(t, true)
		}
	}
	if m.tabled {
		m.judge(last)
	}
	for _, t := range m.Tracks {
		t.sweep()
		t.closeClean(last)
	}
}

// blank says that p is nothing but zeros.
func blank(p []byte) bool {
	for len(p) > 64 {
		if !bytes.Equal(p[:64], zeros[:]) {
			return false
		}
		p = p[64:]
	}
	return bytes.Equal(p, zeros[:len(p)])
}

var zeros [64]byte
