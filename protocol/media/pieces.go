package media

// Sizes of opaque pieces.
const (
	minPiece  = 64 << 10
	meanPiece = 256 << 10
	maxPiece  = 1 << 20
)

// gearSeed starts the table of the rolling hash: "kineto" in ASCII. Changing
// it changes where every opaque file is cut.
const gearSeed = 0x6b696e65746f

var gear = gearTable()

// gearTable fills the table with SplitMix64 (Steele, Lea, Flood 2014).
func gearTable() (t [256]uint64) {
	x := uint64(gearSeed)
	for i := range t {
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		t[i] = z ^ z>>31
	}
	return t
}

// Pieces cuts any bytes into pieces whose edges depend on the bytes around
// them (gear hash, Xia et al., FAST 2016): an insertion moves the edges near
// it and no others. The pieces share memory with b and add up to it. A piece
// has 64 KiB to 1 MiB, 256 KiB in the mean; the last may be shorter. Bytes
// that are not empty give at least one piece.
func Pieces(b []byte) [][]byte {
	var out [][]byte
	for len(b) > 0 {
		n := edge(b)
		out = append(out, b[:n:n])
		b = b[n:]
	}
	return out
}

// edge is the length of the first piece of b. The hash forgets a byte after
// 64 more, so starting 64 before the earliest edge is the same as starting
// anywhere earlier. An edge falls where the hash is below a threshold: at each
// position behind the minimum with probability 1 in (mean - min).
func edge(b []byte) int {
	if len(b) <= minPiece {
		return len(b)
	}
	const threshold = (1<<64 - 1) / (meanPiece - minPiece)
	var h uint64
	for _, c := range b[minPiece-64 : minPiece] {
		h = h<<1 + gear[c]
	}
	b = b[:min(len(b), maxPiece)]
	for i, c := range b[minPiece:] {
		if h < threshold {
			return minPiece + i
		}
		h = h<<1 + gear[c]
	}
	return len(b)
}
