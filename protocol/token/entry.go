package token

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Limits of what an entry says about one segment.
const (
	MaxRepairs = 32 // different rules
	MaxRule    = 80 // bytes of a rule's name
)

// A Repair says how often a rule mended something in a segment.
type Repair struct {
	Rule  string // printable ASCII, as the tokenizer prints it
	Count uint32 // at least 1
}

// Facts say what is not in a segment as its source meant it, in counts. The
// zero value is a segment in which nothing was lost, guessed or mended.
type Facts struct {
	Lost    uint32   // samples that are missing before or in it
	Guessed uint32   // samples whose time is guessed
	Broken  uint32   // samples whose bytes are damaged: a length chain that does not end with the sample
	Skipped uint64   // bytes of the source that no sample was found in
	Doubt   uint8    // 100 % less the confidence, in percent: 0 is sure, 100 a mere guess
	Repairs []Repair // in the order of Rule, each rule once
}

// An Entry is what a manifest says about one slot: the root of its headers and
// the facts of each segment.
type Entry struct {
	Seq   uint32  // slot number within the stream
	Root  ID      // of the slot's headers, as Token.Root has it
	Facts []Facts // by rendition; at most MaxRenditions
}

// check says what in an entry is out of its range.
func (e *Entry) check() error {
	if len(e.Facts) < 1 || len(e.Facts) > MaxRenditions {
		return fmt.Errorf("facts of %d segments: a slot has 1 to %d", len(e.Facts), MaxRenditions)
	}
	for i := range e.Facts {
		if err := e.Facts[i].check(); err != nil {
			return fmt.Errorf("rendition %d: %w", i, err)
		}
	}
	return nil
}

func (f *Facts) check() error {
	if f.Doubt > 100 {
		return fmt.Errorf("a doubt of %d %%: the most is 100 %%", f.Doubt)
	}
	if len(f.Repairs) > MaxRepairs {
		return fmt.Errorf("%d repairs: the most is %d", len(f.Repairs), MaxRepairs)
	}
	for i, r := range f.Repairs {
		if err := r.check(); err != nil {
			return err
		}
		if i > 0 && r.Rule <= f.Repairs[i-1].Rule {
			return fmt.Errorf("repair %q after %q: rules stand in order, each once", r.Rule, f.Repairs[i-1].Rule)
		}
	}
	return nil
}

func (r *Repair) check() error {
	if len(r.Rule) < 1 || len(r.Rule) > MaxRule {
		return fmt.Errorf("the name of a rule has %d bytes: allowed are 1 to %d", len(r.Rule), MaxRule)
	}
	for _, c := range []byte(r.Rule) {
		if c < ' ' || c > '~' {
			return fmt.Errorf("the name of a rule is %q: allowed is printable ASCII", r.Rule)
		}
	}
	if r.Count == 0 {
		return errors.New("a repair that was never made: leave it out")
	}
	return nil
}

// factsPresent are the bits of the byte in front of the facts of a segment: a
// fact that is zero is left out.
const (
	factLost = 1 << iota
	factGuessed
	factBroken
	factSkipped
	factDoubt
	factRepairs

	factsPresent = 1<<iota - 1
)

// numbers are the facts that one varint each carries, in the order of the wire
// form, with their names and limits.
func (f *Facts) numbers() [5]uint64 {
	return [...]uint64{uint64(f.Lost), uint64(f.Guessed), uint64(f.Broken), f.Skipped, uint64(f.Doubt)}
}

var factNames = [...]string{"lost samples", "guessed times", "broken samples", "skipped bytes", "doubt"}
var factLimits = [...]uint64{math.MaxUint32, math.MaxUint32, math.MaxUint32, math.MaxUint64, 100}

// AppendEntry appends the wire form of e, of which its leaf in the manifest is
// the hash. The facts of a clean segment take one byte. It panics if e is not
// fit for a Manifest.
func AppendEntry(b []byte, e *Entry) []byte {
	if err := e.check(); err != nil {
		panic("token: an entry with " + err.Error())
	}
	b = append(b, version)
	b = binary.AppendUvarint(b, uint64(e.Seq))
	b = append(b, byte(len(e.Facts)))
	b = append(b, e.Root[:]...)
	for i := range e.Facts {
		b = e.Facts[i].append(b)
	}
	return b
}

func (f *Facts) append(b []byte) []byte {
	at := len(b)
	b = append(b, 0)
	for i, x := range f.numbers() {
		if x != 0 {
			b[at] |= 1 << i
			b = binary.AppendUvarint(b, x)
		}
	}
	if len(f.Repairs) == 0 {
		return b
	}
	b[at] |= factRepairs
	b = append(b, byte(len(f.Repairs)))
	for _, r := range f.Repairs {
		b = append(append(b, byte(len(r.Rule))), r.Rule...)
		b = binary.AppendUvarint(b, uint64(r.Count))
	}
	return b
}

// ParseEntry reads one entry from the front of b and says how many bytes it
// took. An entry has exactly one wire form: anything else is refused with an
// error that matches ErrFormat and names the place.
func ParseEntry(b []byte) (*Entry, int, error) {
	r := reader{b: b}
	e := r.entry()
	if r.err != nil {
		return nil, 0, r.err
	}
	return e, r.at, nil
}

func (r *reader) entry() *Entry {
	r.version()
	e := &Entry{Seq: uint32(r.uvarint("slot", math.MaxUint32))}
	n := int(r.byte("number of renditions"))
	r.fixed("root", e.Root[:])
	for i := 0; i < min(n, MaxRenditions) && r.err == nil; i++ {
		e.Facts = append(e.Facts, r.facts())
	}
	if r.err == nil && n > MaxRenditions {
		r.fail("number of renditions", fmt.Sprintf("is %d: the most is %d", n, MaxRenditions))
	}
	if r.err == nil {
		if err := e.check(); err != nil {
			r.fail("entry", "has "+err.Error())
		}
	}
	return e
}

func (r *reader) facts() (f Facts) {
	present := r.byte("facts")
	if unknown := present &^ factsPresent; unknown != 0 {
		r.fail("facts", fmt.Sprintf("have unknown bits %#02x", unknown))
	}
	var x [len(factNames)]uint64
	for i, name := range factNames {
		if present&(1<<i) != 0 {
			x[i] = r.some(name, factLimits[i])
		}
	}
	f.Lost, f.Guessed, f.Broken, f.Skipped, f.Doubt = uint32(x[0]), uint32(x[1]), uint32(x[2]), x[3], uint8(x[4])
	if present&factRepairs == 0 || r.err != nil {
		return f
	}
	for n := r.some("number of repairs", MaxRepairs); n > 0 && r.err == nil; n-- {
		rule := make([]byte, r.some("length of a rule", MaxRule))
		r.fixed("rule", rule)
		f.Repairs = append(f.Repairs, Repair{string(rule), uint32(r.some("repairs", math.MaxUint32))})
	}
	return f
}

// some reads a varint that is not zero, which would have been left out.
func (r *reader) some(field string, most uint64) uint64 {
	x := r.uvarint(field, most)
	if r.err == nil && x == 0 {
		r.fail(field, "is 0: what is zero is left out")
	}
	return x
}
