package token

import "testing"

// Every piece climbs by its path to the content id, and no other does.
func TestPossession(t *testing.T) {
	for _, size := range []int{1, pieceSize, 2*pieceSize + 1, 7 * pieceSize, 13*pieceSize + 5} {
		p := testPayload(size)
		for i := range p.Pieces() {
			for j := range p.Pieces() {
				got, fits := contentTree.climb(contentTree.leaf(p.Piece(j)), i, p.Pieces(), p.Path(i))
				if ok := fits && got == p.ID(); ok != (i == j) {
					t.Errorf("%d bytes: piece %d in the place of %d: %v", size, j, i, ok)
				}
			}
			if p.Leaf(i) != contentTree.leaf(p.Piece(i)) {
				t.Errorf("%d bytes: the hash of piece %d is another", size, i)
			}
		}
	}
}
