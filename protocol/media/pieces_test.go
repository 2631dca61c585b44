package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

// noise is n repeatable bytes.
func noise(seed byte, n int) []byte {
	var key [32]byte
	key[0] = seed
	b := make([]byte, n)
	rand.NewChaCha8(key).Read(b)
	return b
}

func TestPieces(t *testing.T) {
	for _, n := range []int{0, 1, minPiece - 1, minPiece, minPiece + 1, 200_000, maxPiece, maxPiece + 1, 5 << 20} {
		b := noise(1, n)
		got := Pieces(b)
		if !bytes.Equal(bytes.Join(got, nil), b) {
			t.Fatalf("%d bytes: the pieces do not add up", n)
		}
		if n > 0 && len(got) == 0 {
			t.Fatalf("%d bytes: no piece", n)
		}
		for i, p := range got {
			if len(p) > maxPiece || len(p) == 0 || len(p) < minPiece && i+1 < len(got) {
				t.Errorf("%d bytes: piece %d has %d", n, i, len(p))
			}
		}
	}
	if got := Pieces(make([]byte, 3<<20+5)); len(got) != 4 {
		t.Errorf("3 MiB and 5 bytes of zeros: %d pieces, want three of the largest and a rest", len(got))
	}
}

func TestPiecesMean(t *testing.T) {
	b := noise(2, 64<<20)
	mean := len(b) / len(Pieces(b))
	if mean < meanPiece*85/100 || mean > meanPiece*115/100 {
		t.Errorf("the mean piece of 64 MiB of noise has %d bytes, want about %d", mean, meanPiece)
	}
}

// slowEdge says the same as edge in the words of the definition: an edge falls
// at the first position behind the minimum where the hash of the 64 bytes
// before it is below the threshold.
func slowEdge(b []byte) int {
	for n := minPiece; n < min(len(b), maxPiece); n++ {
		var h uint64
		for _, c := range b[n-64 : n] {
			h = 2*h + gear[c]
		}
		if h < (1<<64-1)/(meanPiece-minPiece) {
			return n
		}
	}
	return min(len(b), maxPiece)
}

func TestEdgeAgainstItsDefinition(t *testing.T) {
	b := noise(3, 2<<20)
	for len(b) > 0 {
		got, want := edge(b), slowEdge(b)
		if got != want {
			t.Fatalf("edge at %d, want %d", got, want)
		}
		b = b[got:]
	}
}

// The table is part of what names a piece: it must never change.
func TestGearTable(t *testing.T) {
	var all []byte
	for _, v := range gear {
		all = binary.BigEndian.AppendUint64(all, v)
	}
	const want = "f099ef2aa1d129726cfbc8193b1f069381806b6b30a00a92f34c7a72d032253d"
	if got := fmt.Sprintf("%x", sha256.Sum256(all)); got != want {
		t.Errorf("the table has the sum %s, want %s", got, want)
	}
}

// A byte put in front moves one edge, not all of them.
func TestPiecesSurviveAnInsertion(t *testing.T) {
	b := noise(4, 16<<20)
	known := map[[32]byte]bool{}
	for _, p := range Pieces(b) {
		known[sha256.Sum256(p)] = true
	}
	for _, c := range []struct {
		what string
		b    []byte
	}{
		{"a byte in front", cat([]byte{7}, b)},
		{"a byte in the middle", cat(b[:8<<20], []byte{7}, b[8<<20:])},
		{"a hundredth cut out", cat(b[:8<<20], b[8<<20+len(b)/100:])},
	} {
		same, all := 0, 0
		for _, p := range Pieces(c.b) {
			all++
			if known[sha256.Sum256(p)] {
				same++
			}
		}
		if same < all-3 {
			t.Errorf("%s: %d of %d pieces are known, want all but 3", c.what, same, all)
		}
	}
}

func FuzzPieces(f *testing.F) {
	f.Add([]byte("short"), 1)
	f.Add(bytes.Repeat([]byte("0123456789abcdef"), 10), 30_000)
	f.Fuzz(func(t *testing.T, b []byte, times int) {
		b = bytes.Repeat(b, max(1, min(times, (4<<20)/(len(b)+1))))
		got := Pieces(b)
		if !bytes.Equal(bytes.Join(got, nil), b) {
			t.Error("the pieces do not add up")
		}
		for i, p := range got {
			if len(p) > maxPiece || len(p) < minPiece && i+1 < len(got) || len(p) == 0 {
				t.Errorf("piece %d of %d has %d bytes", i, len(got), len(p))
			}
		}
	})
}
