package hosts

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"kinetoscope/protocol"
	"kinetoscope/protocol/token"
)

// Limits of what a peer may send in one message.
const (
	maxControl = 64 << 10
	maxBulk    = token.MaxSize + maxControl
)

// errFrame says that a peer's message is longer than its lane allows, or not a
// message.
var errFrame = errors.New("hosts: not a message of this lane")

// readFrame reads one message with its length in front, of at most limit bytes.
// Memory is taken as bytes come, not as they are announced.
func readFrame(r *bufio.Reader, limit int, take func(int) []byte) ([]byte, error) {
	var head [binary.MaxVarintLen64]byte
	var size uint64
	k := 0
	for {
		c, err := r.ReadByte()
		if err != nil {
			if k > 0 && err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if head[k] = c; k == 4 {
			return nil, errFrame
		}
		size |= uint64(c&0x7f) << (7 * k)
		if k++; c < 0x80 {
			break
		}
	}
	if size > uint64(limit) {
		return nil, errFrame
	}
	frame := take(k + min(int(size), trusted))
	copy(frame, head[:k])
	for n := k; n < k+int(size); {
		if n == len(frame) {
			frame = append(frame, make([]byte, min(k+int(size)-n, len(frame)))...)
		}
		got, err := io.ReadFull(r, frame[n:])
		if n += got; err != nil {
			return nil, io.ErrUnexpectedEOF
		}
	}
	return frame, nil
}

// trusted is how much memory is taken for a message before any of it is there.
const trusted = 1 << 20

// parse reads the message that a frame holds, which must ride the lane bulk.
func parse(frame []byte, bulk bool) (protocol.Message, error) {
	m, n, err := protocol.Parse(frame)
	if err == nil && (n != len(frame) || m.Kind.Bulk() != bulk) {
		err = errFrame
	}
	return m, err
}
