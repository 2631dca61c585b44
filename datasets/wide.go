package datasets

import (
	"bufio"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// wide reads UTF-16 as UTF-8. Half a pair, or half a letter at the end, becomes
// the sign for what cannot be read.
type wide struct {
	in   *bufio.Reader
	big  bool // the high byte comes first
	left []byte
}

// unwidened is in itself, or as UTF-8 where it begins with the byte-order mark of
// UTF-16.
func unwidened(in *bufio.Reader) (*bufio.Reader, bool) {
	head, _ := in.Peek(2)
	if len(head) < 2 || !(head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff) {
		return in, false
	}
	w := &wide{in: in, big: head[0] == 0xfe}
	_, _ = in.Discard(2) // they are there
	return bufio.NewReaderSize(w, headSize), true
}

// unit reads two bytes.
func (w *wide) unit() (rune, error) {
	a, err := w.in.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := w.in.ReadByte()
	if err == io.EOF {
		return utf8.RuneError, nil
	}
	if w.big {
		a, b = b, a
	}
	return rune(a) | rune(b)<<8, err
}

// Read implements io.Reader.
func (w *wide) Read(out []byte) (n int, err error) {
	for n < len(out) {
		if len(w.left) > 0 {
			k := copy(out[n:], w.left)
			w.left, n = w.left[k:], n+k
			continue
		}
		r, err := w.unit()
		if err != nil {
			if n > 0 && err == io.EOF {
				return n, nil
			}
			return n, err
		}
		if utf16.IsSurrogate(r) {
			r = w.pair(r)
		}
		w.left = utf8.AppendRune(w.left[:0], r)
	}
	return n, nil
}

// pair joins a first half with the second, which is not taken if it is none.
func (w *wide) pair(first rune) rune {
	next, err := w.in.Peek(2)
	if err != nil {
		return utf8.RuneError
	}
	second := rune(next[0]) | rune(next[1])<<8
	if w.big {
		second = rune(next[1]) | rune(next[0])<<8
	}
	r := utf16.DecodeRune(first, second)
	if r != utf8.RuneError {
		_, _ = w.in.Discard(2)
	}
	return r
}
