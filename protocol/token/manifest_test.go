package token

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// dirty are facts with every field in use.
var dirty = Facts{Lost: 3, Guessed: 120, Broken: 1, Skipped: 70_000, Doubt: 25,
	Repairs: []Repair{{"a length ran past the end of its box", 2}, {"times went back", 300}}}

// testArchive has the slots of n tokens, in which every third segment is dirty.
func testArchive(tb testing.TB, n int) (*Archive, [][]*Token) {
	tb.Helper()
	a := NewArchive(0x1234_5678)
	var slots [][]*Token
	for i := range n {
		slot := slotAt(tb, uint32(1000+2*i), 1+i%4)
		e := &Entry{Seq: slot[0].Seq, Root: rootOf(tb, slot[0]), Facts: make([]Facts, len(slot))}
		for r := range e.Facts {
			if (i+r)%3 == 0 {
				e.Facts[r] = dirty
			}
		}
		if err := a.Append(e); err != nil {
			tb.Fatal(err)
		}
		slots = append(slots, slot)
	}
	return a, slots
}

// slotAt signs a slot of n small renditions.
func slotAt(tb testing.TB, seq uint32, n int) []*Token {
	tb.Helper()
	headers := make([]Header, n)
	payloads := make([]*Payload, n)
	for i := range headers {
		headers[i] = Header{Stream: 0x1234_5678, Seq: seq, Rendition: uint8(i), Flags: Independent}
		payloads[i] = NewPayload([]byte{byte(seq), byte(i)})
	}
	tokens, err := Sign(testKey, headers, payloads)
	if err != nil {
		tb.Fatal(err)
	}
	return tokens
}

func rootOf(tb testing.TB, t *Token) ID {
	tb.Helper()
	root, err := t.Root()
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

// A publisher and a viewer who follows keep hashes only, and have the head that
// the archive has.
func TestFollowersHaveTheHeadOfTheArchive(t *testing.T) {
	a, _ := testArchive(t, 20)
	m := NewManifest(0x1234_5678)
	for i := range a.entries {
		if err := m.Append(&a.entries[i]); err != nil {
			t.Fatal(err)
		}
	}
	if m.Root() != a.Root() || *m.Head(testKey) != *a.Head(testKey) || m.Size() != 20 {
		t.Error("the same entries give another head")
	}
}

func TestEverySegmentIsInTheManifest(t *testing.T) {
	const n = 13
	a, slots := testArchive(t, n)
	b, _ := testArchive(t, n-3)
	for _, head := range []*Head{a.Head(testKey), b.Head(testKey)} { // the second is from three slots before
		if err := head.Check(testPublic); err != nil {
			t.Fatal(err)
		}
		for i := range head.Size {
			p, err := a.Prove(i, head.Size)
			if err != nil {
				t.Fatal(err)
			}
			wire := AppendInclusion(nil, &p)
			back, read, err := ParseInclusion(append(wire, "after"...), head.Size)
			if err != nil || read != len(wire) || !reflect.DeepEqual(*back, p) {
				t.Fatalf("parsed %+v, proved %+v, %v", back, p, err)
			}
			for _, tok := range slots[i] {
				if err := back.Check(head, tok); err != nil {
					t.Errorf("slot %d, rendition %d: %v", tok.Seq, tok.Rendition, err)
				}
			}
			if at, ok := a.Find(slots[i][0].Seq); at != i || !ok {
				t.Errorf("slot %d is found at %d, %v", slots[i][0].Seq, at, ok)
			}
		}
	}
	if _, ok := a.Find(1001); ok {
		t.Error("a slot that is not there is found")
	}
	for _, none := range [][2]int{{-1, 5}, {5, 5}, {0, n + 1}} {
		if _, err := a.Prove(none[0], none[1]); !errors.Is(err, ErrRange) {
			t.Errorf("entry %v: %v", none, err)
		}
	}
}

func TestForgedInclusionsFail(t *testing.T) {
	a, slots := testArchive(t, 13)
	head := a.Head(testKey)
	foreign := slotAt(t, 1012, 3) // another slot of the same number and shape
	foreign[0].Content[0] ^= 1
	tests := []struct {
		name   string
		change func(p *Inclusion, h *Head, t **Token)
		want   error
	}{
		{"honest", func(p *Inclusion, h *Head, t **Token) {}, nil},
		{"a hidden fact", func(p *Inclusion, h *Head, t **Token) { p.Entry.Facts[0].Lost = 0 }, ErrManifest},
		{"a hidden repair", func(p *Inclusion, h *Head, t **Token) {
			p.Entry.Facts[0].Repairs = p.Entry.Facts[0].Repairs[:1]
		}, ErrManifest},
		{"another index", func(p *Inclusion, h *Head, t **Token) { p.Index = 5 }, ErrManifest},
		{"an index of another depth", func(p *Inclusion, h *Head, t **Token) { p.Index = 12 }, ErrProof},
		{"an index beyond the end", func(p *Inclusion, h *Head, t **Token) { p.Index = 13 }, ErrProof},
		{"a negative index", func(p *Inclusion, h *Head, t **Token) { p.Index = -1 }, ErrProof},
		{"a changed hash", func(p *Inclusion, h *Head, t **Token) { p.Path[0][0] ^= 1 }, ErrManifest},
		{"a hash less", func(p *Inclusion, h *Head, t **Token) { p.Path = p.Path[1:] }, ErrProof},
		{"no facts", func(p *Inclusion, h *Head, t **Token) { p.Entry.Facts = nil }, ErrManifest},
		{"impossible facts", func(p *Inclusion, h *Head, t **Token) { p.Entry.Facts[0].Doubt = 101 }, ErrProof},
		{"another stream", func(p *Inclusion, h *Head, t **Token) { h.Stream++ }, ErrManifest},
		{"another root", func(p *Inclusion, h *Head, t **Token) { h.Root[0] ^= 1 }, ErrManifest},
		{"another slot's token", func(p *Inclusion, h *Head, t **Token) { *t = slots[2][0] }, ErrManifest},
		{"another slot's root", func(p *Inclusion, h *Head, t **Token) { p.Entry.Root[3] ^= 1 }, ErrManifest},
		{"a token with a header of its own", func(p *Inclusion, h *Head, t **Token) { *t = foreign[0] }, ErrManifest},
		{"a token without a path", func(p *Inclusion, h *Head, t **Token) { *t = &Token{Header: (*t).Header} }, ErrProof},
	}
	for _, test := range tests {
		p, err := a.Prove(6, 13)
		if err != nil {
			t.Fatal(err)
		}
		p.Path, p.Entry.Facts = slices.Clone(p.Path), slices.Clone(p.Entry.Facts)
		h, tok := *head, slots[6][0]
		test.change(&p, &h, &tok)
		if err := p.Check(&h, tok); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
}

func TestHeadsAreConsistentOnlyIfNothingChanged(t *testing.T) {
	const n = 17
	a, _ := testArchive(t, n)
	heads := []*Head{nil}
	m := NewManifest(0x1234_5678)
	for i := range a.entries {
		if err := m.Append(&a.entries[i]); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, m.Head(testKey))
	}
	for to := 1; to <= n; to++ {
		for from := 1; from <= to; from++ {
			c, err := a.Consistency(from, to)
			if err != nil {
				t.Fatal(err)
			}
			back, read, err := ParseConsistency(AppendConsistency(nil, &c))
			if err != nil || read != len(AppendConsistency(nil, &c)) || !reflect.DeepEqual(*back, c) {
				t.Fatalf("parsed %+v, proved %+v, %v", back, c, err)
			}
			if err := back.Check(heads[from], heads[to]); err != nil {
				t.Fatalf("%d to %d: %v", from, to, err)
			}
			taken := *heads[from]
			taken.Root[7] ^= 1
			if err := back.Check(&taken, heads[to]); !errors.Is(err, ErrManifest) {
				t.Fatalf("%d to %d, with another past: %v", from, to, err)
			}
			if from > 1 {
				if err := back.Check(heads[from-1], heads[to]); !errors.Is(err, ErrManifest) {
					t.Fatalf("%d to %d for a head of %d: %v", from, to, from-1, err)
				}
			}
		}
	}
	for _, none := range [][2]int{{0, 5}, {6, 5}, {1, n + 1}} {
		if _, err := a.Consistency(none[0], none[1]); !errors.Is(err, ErrRange) {
			t.Errorf("entries %v: %v", none, err)
		}
	}
	for _, c := range []Consistency{{}, {From: 2, To: 1}, {From: 1, To: 2}, {From: 1, To: 1, Path: make([]ID, 1)}, {From: -1, To: 5}} {
		if err := c.Check(heads[1], heads[2]); !errors.Is(err, ErrProof) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestEveryBitOfAHeadCounts(t *testing.T) {
	a, _ := testArchive(t, 5)
	wire := AppendHead(nil, a.Head(testKey))
	for bit := range 8 * len(wire) {
		changed := slices.Clone(wire)
		changed[bit/8] ^= 1 << (bit % 8)
		h, n, err := ParseHead(changed)
		if err == nil && n == len(wire) {
			err = h.Check(testPublic)
		}
		if err == nil && n == len(wire) {
			t.Errorf("bit %d of byte %d can be flipped unnoticed", bit%8, bit/8)
		}
	}
	if err := a.Head(testKey).Check(testPublic[:31]); !errors.Is(err, ErrSignature) {
		t.Error(err)
	}
	if err := a.Head(testKey).Check(ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)); !errors.Is(err, ErrSignature) {
		t.Error(err)
	}
}

func TestAppendRefuses(t *testing.T) {
	facts := func(f Facts) *Entry { return &Entry{Seq: 9, Facts: []Facts{f}} }
	tests := []struct {
		e    *Entry
		want string
	}{
		{&Entry{Seq: 8, Facts: make([]Facts, 1)}, "slot 8 after slot 8: the slots of a manifest only rise"},
		{&Entry{Seq: 9}, "slot 9: an entry with facts of 0 segments"},
		{&Entry{Seq: 9, Facts: make([]Facts, 65)}, "1 to 64"},
		{facts(Facts{Doubt: 101}), "rendition 0: a doubt of 101 %: the most is 100 %"},
		{facts(Facts{Repairs: make([]Repair, 33)}), "33 repairs: the most is 32"},
		{facts(Facts{Repairs: []Repair{{"", 1}}}), "has 0 bytes: allowed are 1 to 80"},
		{facts(Facts{Repairs: []Repair{{strings.Repeat("x", 81), 1}}}), "has 81 bytes"},
		{facts(Facts{Repairs: []Repair{{"a\nb", 1}}}), "printable ASCII"},
		{facts(Facts{Repairs: []Repair{{"a", 0}}}), "never made"},
		{facts(Facts{Repairs: []Repair{{"b", 1}, {"a", 1}}}), `repair "a" after "b"`},
		{facts(Facts{Repairs: []Repair{{"a", 1}, {"a", 1}}}), "each once"},
	}
	a := NewArchive(1)
	if err := a.Append(&Entry{Seq: 8, Facts: make([]Facts, 1)}); err != nil {
		t.Fatal(err)
	}
	before := a.Root()
	for _, test := range tests {
		if err := a.Append(test.e); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want it to say %q", err, test.want)
		}
	}
	if a.Size() != 1 || a.Root() != before || len(a.entries) != 1 {
		t.Error("a refused entry left a trace")
	}
	if err := a.Append(&Entry{Seq: math.MaxUint32, Facts: make([]Facts, 1)}); err != nil {
		t.Error(err)
	}
}

// The size of what a live stream adds for each slot, as the documentation has
// it: a clean slot of four renditions, and one segment of it with repairs.
func TestManifestIsLean(t *testing.T) {
	e := &Entry{Seq: 1000, Facts: make([]Facts, 4)}
	clean := len(AppendEntry(nil, e))
	e.Facts[1] = Facts{Lost: 3, Guessed: 120, Skipped: 70_000, Doubt: 25}
	counted := len(AppendEntry(nil, e))
	e.Facts[1] = dirty
	named := len(AppendEntry(nil, e))
	head := len(AppendHead(nil, &Head{Stream: 0x1234_5678, Size: 1000}))
	if clean != 40 || counted != 46 || named != 104 || head != 104 {
		t.Errorf("entries of %d, %d and %d bytes, a head of %d: the documentation says otherwise", clean, counted, named, head)
	}
}

func FuzzParseEntry(f *testing.F) {
	a, _ := testArchive(f, 5)
	for i := range a.entries {
		wire := AppendEntry(nil, &a.entries[i])
		f.Add(wire)
		f.Add(wire[:len(wire)-1])
	}
	f.Add(append([]byte{version, 1, 1}, make([]byte, 33)...))
	f.Add(append(append([]byte{version, 1, 1}, make([]byte, 32)...), 0x3f, 1, 1, 1, 1, 1, 2, 1, 'b', 1, 1, 'a', 1))
	f.Add([]byte{version, 0xff, 0xff, 0xff, 0xff, 0x1f, 65})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, n, err := ParseEntry(b)
		if err != nil {
			if e != nil || n != 0 || !errors.Is(err, ErrFormat) {
				t.Fatalf("%v, %d bytes, %v", e, n, err)
			}
			return
		}
		if again := AppendEntry(nil, e); !bytes.Equal(again, b[:n]) {
			t.Fatalf("parsed %x, appended %x", b[:n], again)
		}
		if err := NewManifest(1).Append(e); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseHead(f *testing.F) {
	a, _ := testArchive(f, 5)
	f.Add(AppendHead(nil, a.Head(testKey)))
	f.Add([]byte{version, 7, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := ParseHead(b)
		if err != nil {
			if h != nil || n != 0 || !errors.Is(err, ErrFormat) {
				t.Fatalf("%v, %d bytes, %v", h, n, err)
			}
			return
		}
		if again := AppendHead(nil, h); !bytes.Equal(again, b[:n]) || n > MaxHeadSize {
			t.Fatalf("parsed %x, appended %x", b[:n], again)
		}
		if err := h.Check(testPublic); err != nil && !errors.Is(err, ErrSignature) {
			t.Fatal(err)
		}
	})
}

func FuzzParseInclusion(f *testing.F) {
	a, slots := testArchive(f, 13)
	head := a.Head(testKey)
	for _, i := range []int{0, 6, 12} {
		p, err := a.Prove(i, 13)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(AppendInclusion(nil, &p), 13)
		f.Add(AppendInclusion(nil, &p), MaxEntries)
	}
	f.Add([]byte{0}, -1)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		p, n, err := ParseInclusion(b, size)
		if err != nil {
			if p != nil || n != 0 || !errors.Is(err, ErrFormat) {
				t.Fatalf("%v, %d bytes, %v", p, n, err)
			}
			return
		}
		if again := AppendInclusion(nil, p); !bytes.Equal(again, b[:n]) {
			t.Fatalf("parsed %x, appended %x", b[:n], again)
		}
		h := *head
		h.Size = max(size, 1)
		err = p.check(&h)
		if honest, no := a.Prove(p.Index, 13); err == nil && size == 13 && (no != nil || !reflect.DeepEqual(*p, honest)) {
			t.Fatalf("%+v is taken for an entry", p)
		}
		if err := p.Check(&h, slots[0][0]); err == nil && p.Index != 0 {
			t.Fatal("a token in a foreign slot")
		}
	})
}

func FuzzParseConsistency(f *testing.F) {
	a, _ := testArchive(f, 13)
	for _, c := range [][2]int{{1, 13}, {8, 13}, {6, 13}, {13, 13}} {
		p, err := a.Consistency(c[0], c[1])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(AppendConsistency(nil, &p))
	}
	f.Add([]byte{0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, n, err := ParseConsistency(b)
		if err != nil {
			if c != nil || n != 0 || !errors.Is(err, ErrFormat) {
				t.Fatalf("%v, %d bytes, %v", c, n, err)
			}
			return
		}
		if again := AppendConsistency(nil, c); !bytes.Equal(again, b[:n]) {
			t.Fatalf("parsed %x, appended %x", b[:n], again)
		}
		old, head := &Head{Size: c.From}, &Head{Size: c.To}
		if err := c.Check(old, head); err == nil && c.From != c.To {
			t.Fatal("roots of zeros are consistent")
		} else if err != nil && !errors.Is(err, ErrManifest) {
			t.Fatalf("a parsed proof fails with %v", err) // its length fits by construction
		}
	})
}
