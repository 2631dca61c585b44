package tcp

import "encoding/binary"

const checksumAt = 16 // in a segment

// Sum adds the 16-bit words of the Internet checksum: RFC 1071.
func Sum(b []byte) (s uint64) {
	for ; len(b) > 1; b = b[2:] {
		s += uint64(b[0])<<8 | uint64(b[1])
	}
	if len(b) == 1 {
		s += uint64(b[0]) << 8
	}
	return s
}

// Checksum folds a sum.
func Checksum(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

// Seal gives a segment its checksum. addresses is the Sum of those of both
// sides.
func Seal(segment []byte, addresses uint64) {
	segment[checksumAt], segment[checksumAt+1] = 0, 0
	binary.BigEndian.PutUint16(segment[checksumAt:], Checksum(pseudo(segment, addresses)))
}

// Intact says whether the checksum of a segment is right.
func Intact(segment []byte, addresses uint64) bool {
	return len(segment) >= HeaderSize && Checksum(pseudo(segment, addresses)) == 0
}

// pseudo is the sum of a segment and of what it is protected with.
func pseudo(segment []byte, addresses uint64) uint64 {
	const protocol = 6
	return Sum(segment) + addresses + protocol + uint64(len(segment))
}

// Readdress gives a segment another port, of the source or else the
// destination, and corrects the checksum for that and for the change of an
// address, as a NAT does: one that was wrong stays wrong. was and is are the
// Sums of the old and the new address. RFC 1624.
func Readdress(segment []byte, source bool, port uint16, was, is uint64) {
	at := segment[2:4]
	if source {
		at = segment[:2]
	}
	be := binary.BigEndian
	old := ^be.Uint16(segment[checksumAt:])
	sum := uint64(old) + uint64(^be.Uint16(at)) + uint64(port) + uint64(Checksum(was)) + is
	be.PutUint16(at, port)
	be.PutUint16(segment[checksumAt:], Checksum(sum))
}
