package media

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"kinetoscope/internal/unit"
)

// A Harm names what happens to a segment before it is published.
type Harm string

// The harms.
const (
	ForeignCodec Harm = "codec"  // its pictures are in a codec that nobody here has heard of
	Encrypted    Harm = "drm"    // its samples are encrypted with a key that nobody has
	Broken       Harm = "damage" // bits of its bytes are wrong
)

// Spoil is what arrives of a segment: its samples in a fragmented MP4 again,
// with the harm done. Of Broken, each bit of the fragment is wrong with
// probability share; the movie header, which a live stream has sent long ago, is
// whole. It fails on a segment that cannot be wrapped.
func Spoil(s *Segment, h Harm, share float64, draw *rand.Rand) ([]byte, error) {
	w, parts, err := rewrap(s)
	if err != nil {
		return nil, err
	}
	switch h {
	case ForeignCodec:
		plain := w.entry
		w.entry = func(d *described) []byte {
			if d != &w.tracks[0] {
				return plain(d)
			}
			return plainEntry(d, "kx01", box("kx0C", d.record))
		}
	case Encrypted:
		w.entry = protectedEntry
		w.sample = encrypting(draw)
	}
	head, fragment := w.head(parts), w.fragment(parts)
	if h == Broken {
		flip(fragment, share, draw)
	}
	return append(head, fragment...), nil
}

// protectedEntry is the sample entry of an encrypted track (ISO 14496-12, 8.12;
// ISO 23001-7).
func protectedEntry(d *described) []byte {
	code := "enca"
	if d.width > 0 {
		code = "encv"
	}
	return plainEntry(d, code, configBox(d.code(), d.record), box("sinf", box("frma", []byte(d.code())),
		box("schm", words(0), []byte("cenc"), words(0x10000)), box("schi", box("tenc", words(0, 0x108), make([]byte, 16)))))
}

// encrypting encrypts samples by AES in counter mode, as the scheme "cenc" does,
// and forgets the key.
func encrypting(draw *rand.Rand) func(int, []byte) []byte {
	var key, iv [16]byte
	for i := 0; i < 16; i += 8 {
		binary.BigEndian.PutUint64(key[i:], draw.Uint64())
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("media: " + err.Error())
	}
	return func(_ int, b []byte) []byte {
		binary.BigEndian.PutUint64(iv[:], draw.Uint64())
		out := make([]byte, len(b))
		cipher.NewCTR(block, iv[:]).XORKeyStream(out, b)
		return out
	}
}

// flip turns each bit of b with probability share: the distance from one to the
// next is drawn, so that few flips of many bits cost little.
func flip(b []byte, share float64, draw *rand.Rand) {
	if share <= 0 {
		return
	}
	for at := 0.0; ; at++ {
		if share < 1 {
			at += math.Floor(math.Log(1-draw.Float64()) / math.Log1p(-share))
		}
		if at >= float64(8*len(b)) {
			return
		}
		b[int(at)/8] ^= 1 << (int(at) % 8)
	}
}

// Damage is how the files of a video are spoilt before they are read.
type Damage struct {
	Kind  DamageKind `yaml:"kind" doc:"What happens to the bytes of every file."`
	Share unit.Ratio `yaml:"share" doc:"How much of them: of the bits that flip, of the bytes that are missing or zero. Not read by none and no-header."`
	Seed  int        `yaml:"seed" doc:"Where it hits. Not read by none, no-header, truncated and late."`
}

// A DamageKind names a kind of Damage.
type DamageKind string

// The kinds of damage.
const (
	Clean     DamageKind = "none"
	Truncated DamageKind = "truncated" // the end is missing
	Late      DamageKind = "late"      // the front is missing: joined late
	Headless  DamageKind = "no-header" // the movie header is missing or, without one, the first 4 KiB
	Flips     DamageKind = "flips"     // bits are wrong
	Cuts      DamageKind = "cuts"      // ten stretches are missing
	Hole      DamageKind = "hole"      // a stretch is zero
)

// Names lists the kinds.
func (DamageKind) Names() []string {
	return []string{string(Clean), string(Truncated), string(Late), string(Headless), string(Flips), string(Cuts), string(Hole)}
}

// UnmarshalText accepts the names in Names.
func (k *DamageKind) UnmarshalText(b []byte) error {
	if !slices.Contains(k.Names(), string(b)) {
		return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(k.Names(), ", "))
	}
	*k = DamageKind(b)
	return nil
}

// check reports every value that makes no sense.
func (d Damage) check() (errs []error) {
	if d.Share < 0 || d.Share > 1 {
		errs = append(errs, unit.Bad("damage.share", fmt.Sprintf("found %v, allowed is 0%% to 100%%", d.Share)))
	}
	if d.Seed < 0 {
		errs = append(errs, unit.Bad("damage.seed", fmt.Sprintf("found %d, allowed is 0 and more", d.Seed)))
	}
	return errs
}

// do is what the damage leaves of the bytes b of a file called name. It leaves
// b as it is, and at least a byte of what had one.
func (d Damage) do(name string, b []byte) []byte {
	h := fnv.New64a()
	h.Write([]byte(name))
	draw := rand.New(rand.NewPCG(uint64(d.Seed), h.Sum64()))
	n := min(int(float64(d.Share)*float64(len(b))), max(0, len(b)-1))
	switch d.Kind {
	case Truncated:
		return b[:len(b)-n]
	case Late:
		return b[n:]
	case Headless:
		return headless(b)
	case Flips:
		b = slices.Clone(b)
		flip(b, float64(d.Share), draw)
	case Cuts:
		b = slices.Clone(b)
		for range cuts {
			at := draw.IntN(max(1, len(b)-n/cuts))
			b = slices.Delete(b, at, min(len(b), at+n/cuts))
		}
	case Hole:
		b = slices.Clone(b)
		at := draw.IntN(max(1, len(b)-n))
		clear(b[at : at+n])
	}
	return b
}

// cuts is how many stretches Cuts takes out.
const cuts = 10

// headless is b without its first box called moov or, if there is none, without
// its first 4 KiB.
func headless(b []byte) []byte {
	for at := 0; at+8 <= len(b); {
		n := int(binary.BigEndian.Uint32(b[at:]))
		if n < 8 || n > len(b)-at {
			break
		}
		if string(b[at+4:at+8]) == "moov" {
			return append(slices.Clone(b[:at]), b[at+n:]...)
		}
		at += n
	}
	return b[min(4<<10, max(0, len(b)-1)):]
}
