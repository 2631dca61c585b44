package token

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// An Archive is a manifest with all of its entries, which proves what is in
// it. Beside the entries it takes 64 bytes a slot. Anybody who has the entries
// can keep one: nothing in it is secret or signed.
type Archive struct {
	Manifest
	entries []Entry
	history history
}

// NewArchive is an empty archive of a stream's manifest.
func NewArchive(stream uint64) *Archive { return &Archive{Manifest: *NewManifest(stream)} }

// Append adds the entry of the next slot, as Manifest.Append does.
func (a *Archive) Append(e *Entry) error {
	leaf, err := a.Manifest.add(e)
	if err != nil {
		return err
	}
	a.entries = append(a.entries, *e)
	a.history.append(leaf)
	return nil
}

// An Inclusion shows that a manifest has an entry at an index.
type Inclusion struct {
	Index int
	Entry Entry
	Path  []ID // from the entry's leaf to the root, lowest first
}

// Prove is the proof of the entry at index in the manifest's first size
// entries. An error, which matches ErrRange, says that there is no such entry.
func (a *Archive) Prove(index, size int) (Inclusion, error) {
	if index < 0 || index >= size || size > a.Size() {
		return Inclusion{}, fmt.Errorf("%w: entry %d of the first %d of %d", ErrRange, index, size, a.Size())
	}
	return Inclusion{index, a.entries[index], a.history.path(index, 0, size)}, nil
}

// Find is the index of a slot's entry, and whether there is one.
func (a *Archive) Find(seq uint32) (int, bool) {
	return slices.BinarySearchFunc(a.entries, seq, func(e Entry, seq uint32) int { return cmp.Compare(e.Seq, seq) })
}

// Check reports whether the manifest under head has t: whether t's header leads
// to the root of its slot, the slot's entry is at the index, and the entry
// leads to the root of the manifest. The head's own signature is checked by
// Head.Check, and then that of t says nothing new. ErrProof or ErrManifest say
// what is wrong.
func (p *Inclusion) Check(head *Head, t *Token) error {
	slot, err := t.Root()
	if err != nil {
		return err
	}
	if t.Stream != head.Stream || t.Seq != p.Entry.Seq || int(t.Renditions) != len(p.Entry.Facts) || slot != p.Entry.Root {
		return fmt.Errorf("%w: the entry is not that of stream %d, slot %d, rendition %d", ErrManifest, t.Stream, t.Seq, t.Rendition)
	}
	return p.check(head)
}

// check is Check without the token.
func (p *Inclusion) check(head *Head) error {
	if err := p.Entry.check(); err != nil {
		return fmt.Errorf("%w: an entry with %w", ErrProof, err)
	}
	if p.Index < 0 || p.Index >= head.Size {
		return fmt.Errorf("%w: entry %d of %d: they count from 0", ErrProof, p.Index, head.Size)
	}
	root, ok := entryTree.climb(p.Entry.leaf(), p.Index, head.Size, p.Path)
	if !ok {
		return fmt.Errorf("%w: %d steps instead of %d for entry %d of %d",
			ErrProof, len(p.Path), pathLen(p.Index, head.Size), p.Index, head.Size)
	}
	if root != head.Root {
		return fmt.Errorf("%w: slot %d at entry %d of %d", ErrManifest, p.Entry.Seq, p.Index, head.Size)
	}
	return nil
}

// AppendInclusion appends the wire form of p.
func AppendInclusion(b []byte, p *Inclusion) []byte {
	b = binary.AppendUvarint(b, uint64(p.Index))
	b = AppendEntry(b, &p.Entry)
	return appendPath(b, p.Path)
}

// ParseInclusion reads one proof for a manifest of size entries from the front
// of b and says how many bytes it took. How long the path is follows from the
// size. An error matches ErrFormat and names the place.
func ParseInclusion(b []byte, size int) (*Inclusion, int, error) {
	r := reader{b: b}
	size = min(max(size, 1), MaxEntries)
	p := &Inclusion{Index: int(r.uvarint("index", uint64(size-1)))}
	p.Entry = *r.entry()
	if r.err == nil {
		p.Path = r.path(pathLen(p.Index, size))
	}
	if r.err != nil {
		return nil, 0, r.err
	}
	return p, r.at, nil
}

// A Consistency shows that the first To entries of a manifest begin with what
// were its first From entries: that nothing was changed or taken back.
type Consistency struct {
	From, To int  // 1 <= From <= To
	Path     []ID // as RFC 6962, section 2.1.2, has it
}

// Consistency is the proof between two sizes of the manifest. An error, which
// matches ErrRange, says that it never had them.
func (a *Archive) Consistency(from, to int) (Consistency, error) {
	if from < 1 || to < from || to > a.Size() {
		return Consistency{}, fmt.Errorf("%w: from %d to %d entries of %d", ErrRange, from, to, a.Size())
	}
	return Consistency{from, to, a.history.growth(from, 0, to, true)}, nil
}

// Check reports whether the manifest under head grew out of the one under old.
// The signatures of both are checked by Head.Check. ErrProof or ErrManifest say
// what is wrong.
func (c *Consistency) Check(old, head *Head) error {
	if c.From < 1 || c.To < c.From || c.To > MaxEntries || len(c.Path) != growthLen(c.From, c.To) {
		return fmt.Errorf("%w: %d hashes from %d to %d entries", ErrProof, len(c.Path), c.From, c.To)
	}
	before, after := grow(old.Root, c.From, c.To, true, c.Path)
	if old.Stream != head.Stream || old.Size != c.From || head.Size != c.To || before != old.Root || after != head.Root {
		return fmt.Errorf("%w: %d entries do not begin with the %d before", ErrManifest, head.Size, old.Size)
	}
	return nil
}

// AppendConsistency appends the wire form of c.
func AppendConsistency(b []byte, c *Consistency) []byte {
	b = binary.AppendUvarint(b, uint64(c.From))
	b = binary.AppendUvarint(b, uint64(c.To-c.From))
	return appendPath(b, c.Path)
}

// ParseConsistency reads one proof from the front of b and says how many bytes
// it took. An error matches ErrFormat and names the place.
func ParseConsistency(b []byte) (*Consistency, int, error) {
	r := reader{b: b}
	c := &Consistency{From: int(r.some("number of old entries", MaxEntries))}
	c.To = c.From + int(r.uvarint("number of new entries", uint64(MaxEntries-c.From)))
	if r.err == nil {
		c.Path = r.path(growthLen(c.From, c.To))
	}
	if r.err != nil {
		return nil, 0, r.err
	}
	return c, r.at, nil
}
