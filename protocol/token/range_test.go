package token

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kinetoscope/internal/unit"
)

// testPayload has size bytes of chance.
func testPayload(size int) *Payload {
	draw := rand.New(rand.NewPCG(uint64(size), 3))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(draw.Uint32())
	}
	return NewPayload(b)
}

// slowRangeLen counts the subtrees outside a range by the shape of the tree.
func slowRangeLen(lo, hi, first, last int) int {
	if hi <= first || last <= lo {
		return 1
	}
	if hi-lo == 1 {
		return 0
	}
	k := 1
	for 2*k < hi-lo {
		k *= 2
	}
	return slowRangeLen(lo, lo+k, first, last) + slowRangeLen(lo+k, hi, first, last)
}

func TestEveryRangeIsProved(t *testing.T) {
	for _, size := range []int{1, pieceSize, pieceSize + 1, 3 * pieceSize, 7*pieceSize - 1, 8 * pieceSize, 13*pieceSize + 5} {
		p := testPayload(size)
		count := pieces(size)
		for first := range count {
			for last := first + 1; last <= count; last++ {
				from, to := first*pieceSize, min(last*pieceSize, size)
				proof, err := p.Prove(from, to)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := len(proof.Path), slowRangeLen(0, count, first, last); got != want {
					t.Fatalf("pieces %d to %d of %d: %d hashes, want %d", first, last, count, got, want)
				}
				wire := AppendRangeProof(nil, &proof)
				back, n, err := ParseRangeProof(wire, unit.Size(size))
				if err != nil || n != len(wire) || back.From != from || back.To != to || !slices.Equal(back.Path, proof.Path) {
					t.Fatalf("pieces %d to %d of %d: parsed %+v, %d bytes, %v", first, last, count, back, n, err)
				}
				if err := back.Check(p.ID(), unit.Size(size), p.Bytes()[from:to]); err != nil {
					t.Fatalf("pieces %d to %d of %d: %v", first, last, count, err)
				}
			}
		}
	}
}

func TestProveWidensToPieces(t *testing.T) {
	p := testPayload(3*pieceSize + 100)
	for _, test := range []struct{ from, to, wideFrom, wideTo int }{
		{0, 1, 0, pieceSize},
		{pieceSize - 1, pieceSize + 1, 0, 2 * pieceSize},
		{2 * pieceSize, 3 * pieceSize, 2 * pieceSize, 3 * pieceSize},
		{3*pieceSize + 50, 3*pieceSize + 51, 3 * pieceSize, 3*pieceSize + 100},
	} {
		proof, err := p.Prove(test.from, test.to)
		if err != nil || proof.From != test.wideFrom || proof.To != test.wideTo {
			t.Errorf("%+v: %+v, %v", test, proof, err)
		}
	}
	for _, none := range [][2]int{{-1, 5}, {5, 5}, {6, 5}, {0, p.Len() + 1}} {
		if _, err := p.Prove(none[0], none[1]); !errors.Is(err, ErrRange) {
			t.Errorf("bytes %v: %v", none, err)
		}
	}
	if _, err := NewPayload(nil).Prove(0, 0); !errors.Is(err, ErrRange) {
		t.Error(err)
	}
}

// What a dishonest peer can do to a range is refused: no bit of the bytes or of
// the hashes, no place and no size can be changed.
func TestForgedRangesFail(t *testing.T) {
	p := testPayload(11*pieceSize + 77)
	size := unit.Size(p.Len())
	good, err := p.Prove(3*pieceSize, 6*pieceSize)
	if err != nil {
		t.Fatal(err)
	}
	bytesOf := func(r RangeProof) []byte { return p.Bytes()[r.From:r.To] }
	if err := good.Check(p.ID(), size, bytesOf(good)); err != nil || len(good.Path) < 3 {
		t.Fatalf("%d hashes, %v", len(good.Path), err)
	}
	for bit := 0; bit < 8*len(bytesOf(good)); bit += 1009 {
		b := slices.Clone(bytesOf(good))
		b[bit/8] ^= 1 << (bit % 8)
		if err := good.Check(p.ID(), size, b); !errors.Is(err, ErrContent) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	tests := []struct {
		name   string
		change func(r *RangeProof)
		want   error
	}{
		{"a bit of a hash", func(r *RangeProof) { r.Path[1][31] ^= 1 }, ErrContent},
		{"hashes in another order", func(r *RangeProof) { r.Path[0], r.Path[1] = r.Path[1], r.Path[0] }, ErrContent},
		{"a hash less", func(r *RangeProof) { r.Path = r.Path[1:] }, ErrProof},
		{"a hash more", func(r *RangeProof) { r.Path = append(r.Path, ID{}) }, ErrProof},
		{"another place, another shape", func(r *RangeProof) { r.From, r.To = 0, 3*pieceSize }, ErrProof},
		{"another place, the same shape", func(r *RangeProof) { r.From, r.To = 2*pieceSize, 5*pieceSize }, ErrContent},
		{"not at a piece", func(r *RangeProof) { r.From, r.To = r.From+1, r.To+1 }, ErrProof},
		{"before the start", func(r *RangeProof) { r.From, r.To = -pieceSize, 2*pieceSize }, ErrProof},
		{"beyond the end", func(r *RangeProof) { r.From, r.To = 9*pieceSize, 12*pieceSize }, ErrProof},
		{"empty", func(r *RangeProof) { r.To = r.From }, ErrProof},
		{"longer than the bytes", func(r *RangeProof) { r.To += pieceSize; r.Path = r.Path[:rangeLen(3, 7, 12)] }, ErrSize},
	}
	for _, test := range tests {
		r := RangeProof{From: good.From, To: good.To, Path: slices.Clone(good.Path)}
		test.change(&r)
		if err := r.Check(p.ID(), size, bytesOf(good)); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	// The size comes from a signed header: it gives the tree its shape.
	for _, other := range []unit.Size{0, 1, 6 * pieceSize, 2 * size, MaxSize, MaxSize + 1, -1} {
		if err := good.Check(p.ID(), other, bytesOf(good)); err == nil {
			t.Errorf("a payload of %v is taken for one of %v", size, other)
		}
	}
}

func TestParseRangeProofRefuses(t *testing.T) {
	p := testPayload(11*pieceSize + 77)
	proof, err := p.Prove(3*pieceSize, 6*pieceSize)
	if err != nil {
		t.Fatal(err)
	}
	good := AppendRangeProof(nil, &proof)
	tests := []struct {
		name string
		b    []byte
		size unit.Size
		want string
	}{
		{"nothing", nil, 1, "byte 0: first piece is cut off"},
		{"a start beyond the end", []byte{12, 1}, 12 * pieceSize, "byte 0: first piece is 12: the most is 11"},
		{"no piece", []byte{3, 0}, 12 * pieceSize, "byte 2: number of pieces is 0"},
		{"pieces beyond the end", []byte{3, 10}, 12 * pieceSize, "byte 1: number of pieces is 10: the most is 9"},
		{"a long number", []byte{0x83, 0}, 12 * pieceSize, "byte 0: first piece is not in its shortest form"},
		{"a cut path", good[:40], 12 * pieceSize, "byte 2: path is cut off"},
		{"no payload", []byte{0, 1}, 0, "the most is 0"},
	}
	for _, test := range tests {
		if _, n, err := ParseRangeProof(test.b, test.size); !errors.Is(err, ErrFormat) || n != 0 || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want it to say %q", test.name, err, test.want)
		}
	}
	for n := range good {
		if _, _, err := ParseRangeProof(good[:n], unit.Size(p.Len())); !errors.Is(err, ErrFormat) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestTheLargestRangeProof(t *testing.T) {
	p := NewPayload(make([]byte, MaxSize))
	proof, err := p.Prove(MaxSize/2-1, MaxSize/2+1)
	if err != nil {
		t.Fatal(err)
	}
	// More pieces would take a byte more to count and fewer hashes.
	if got := len(AppendRangeProof(nil, &proof)) + 1; got != MaxRangeProofSize {
		t.Errorf("%d bytes, MaxRangeProofSize is %d", got, MaxRangeProofSize)
	}
}

// A Hasher makes the same payload however its bytes arrive.
func TestHasher(t *testing.T) {
	want := testPayload(5*pieceSize + 9)
	var h Hasher
	for _, step := range []int{1, 7, 188, pieceSize - 1, pieceSize, pieceSize + 1, want.Len()} { // it starts anew
		for n := 0; n < want.Len(); n += step {
			h.Arrived(want.Bytes()[:n])
		}
		if len(h.leaves) < pieces(want.Len()-step)-1 {
			t.Errorf("in steps of %d bytes only %d pieces were hashed before the end", step, len(h.leaves))
		}
		got := h.Payload(want.Bytes())
		if got.ID() != want.ID() || !slices.Equal(got.leaves, want.leaves) {
			t.Errorf("in steps of %d bytes the payload is another", step)
		}
	}
	for _, n := range []int{1, pieceSize - 1, pieceSize, 3 * pieceSize, want.Len()} { // as much is there when the first piece is not yet what it will be
		b := slices.Clone(want.Bytes())
		b[7]++
		h.Arrived(b[:n])
		b[7]--
		h.Mended()
		if got := h.Payload(b); got.ID() != want.ID() || !slices.Equal(got.leaves, want.leaves) {
			t.Errorf("mended after %d bytes the payload is another", n)
		}
	}
	if got := h.Payload(nil); got.ID() != NewPayload(nil).ID() || got.Len() != 0 {
		t.Error("nothing is another payload")
	}
}

func FuzzParseRangeProof(f *testing.F) {
	p := testPayload(11*pieceSize + 77)
	for _, r := range [][2]int{{0, 1}, {3 * pieceSize, 6 * pieceSize}, {p.Len() - 1, p.Len()}, {0, p.Len()}} {
		proof, err := p.Prove(r[0], r[1])
		if err != nil {
			f.Fatal(err)
		}
		wire := AppendRangeProof(nil, &proof)
		f.Add(wire, int64(p.Len()), byte(0))
		f.Add(wire[:len(wire)/2], int64(p.Len()), byte(1))
	}
	f.Add([]byte{0, 1}, int64(1), byte(0))
	f.Add([]byte{0xff, 0x1f, 1}, int64(MaxSize), byte(3))
	f.Fuzz(func(t *testing.T, b []byte, size int64, flip byte) {
		proof, n, err := ParseRangeProof(b, unit.Size(size))
		if err != nil {
			if n != 0 || !errors.Is(err, ErrFormat) {
				t.Fatalf("%d bytes, %v", n, err)
			}
			return
		}
		if again := AppendRangeProof(nil, &proof); !bytes.Equal(again, b[:n]) || n > MaxRangeProofSize {
			t.Fatalf("parsed %x, appended %x", b[:n], again)
		}
		if size == int64(p.Len()) {
			part := slices.Clone(p.Bytes()[proof.From:proof.To])
			honest, err := p.Prove(proof.From, proof.To)
			if err != nil {
				t.Fatal(err)
			}
			part[int(flip)%len(part)] ^= flip
			ok := flip == 0 && slices.Equal(honest.Path, proof.Path)
			if err := proof.Check(p.ID(), unit.Size(size), part); (err == nil) != ok {
				t.Fatalf("changed by %#x: %v", flip, err)
			}
		}
	})
}
