package ledger

import (
	"kinetoscope/protocol/token"
)

// shard is bytes to keep, their content id and the path of each piece, by the
// tree of package token.
func shard(pieces int) (id [32]byte, piece func(i int) []byte, path func(i int) [][32]byte) {
	const size = 16 << 10
	b := make([]byte, (pieces-1)*size+100)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	p := token.NewPayload(b)
	path = func(i int) (all [][32]byte) {
		for _, id := range p.Path(i) {
			all = append(all, id)
		}
		return all
	}
	return p.ID(), p.Piece, path
}
