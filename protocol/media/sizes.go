package media

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Sizes names how large segments are.
type Sizes string

// Choices of Sizes.
const (
	Real     Sizes = "real"     // as the files have them
	Constant Sizes = "constant" // in each rendition as large as their mean for their length
)

// Names lists the choices.
func (Sizes) Names() []string { return []string{string(Real), string(Constant)} }

// UnmarshalText accepts the names in Names.
func (s *Sizes) UnmarshalText(b []byte) error {
	if !slices.Contains(s.Names(), string(b)) {
		return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(s.Names(), ", "))
	}
	*s = Sizes(b)
	return nil
}

// build makes a ladder of the files after what c does to them.
func (c Config) build(title string, files []file) (*Ladder, error) {
	for i := range files {
		files[i].b = c.Damage.do(files[i].name, files[i].b)
	}
	l, err := build(title, files, c)
	if err == nil && c.Sizes == Constant {
		l.level()
	}
	return l, err
}

// level makes all segments of a rendition as large as their mean for their
// length, of filler bytes.
func (l *Ladder) level() {
	for i := range l.Renditions {
		r := &l.Renditions[i]
		var seed [32]byte
		binary.BigEndian.PutUint64(seed[:], uint64(r.Bitrate))
		rng := rand.NewChaCha8(seed)
		for n := range r.Segments {
			s := &r.Segments[n]
			s.Payload = make([]byte, max(1, r.Bitrate.Bytes(s.Duration)))
			_, _ = rng.Read(s.Payload) // never fails
		}
	}
	l.note("sizes are constant: segments are filler bytes")
}
