package demux

import (
	"encoding/binary"
	"math"
	"slices"
)

// maxDepth is how deep boxes may nest. Real files reach seven.
const maxDepth = 16

var be = binary.BigEndian

// A head is the beginning of a box (ISO 14496-12, 4.2).
type head struct {
	name string
	head int   // bytes of it
	size int64 // of the box, as claimed
	open bool  // it claims to go on to the end
}

// endless is the size of a box that does not say where it ends.
const endless = math.MaxInt64 / 4

// headAt reads the head of the box at the start of p. It is not ok if that
// cannot be one: too short, a name that is not text, or, with the name, a size
// smaller than its head.
func headAt(p []byte) (head, bool) {
	if len(p) < 8 {
		return head{}, false
	}
	for _, c := range p[4:8] {
		if (c < 0x20 || c > 0x7e) && c != 0xa9 {
			return head{}, false
		}
	}
	h := head{name: string(p[4:8]), head: 8, size: int64(be.Uint32(p))}
	switch h.size {
	case 0:
		h.size, h.open = endless, true
	case 1:
		if len(p) < 16 {
			return h, false
		}
		h.size, h.head = int64(min(be.Uint64(p[8:]), endless)), 16
	}
	return h, h.size >= int64(h.head)
}

// A box is one element of an MP4 file.
type box struct {
	name string
	head int    // bytes of header
	body []byte // what is really there
	cut  bool   // it claims more than there is
}

func (b box) size() int { return b.head + len(b.body) }

// boxAt reads the box at the start of p.
func boxAt(p []byte) (box, bool) {
	h, ok := headAt(p)
	if !ok {
		return box{}, false
	}
	n := min(h.size, int64(len(p)))
	return box{name: h.name, head: h.head, body: p[h.head:n], cut: !h.open && h.size > n}, true
}

// holders are the boxes that hold nothing but boxes.
var holders = []string{"moov", "trak", "edts", "mdia", "minf", "stbl", "mvex", "moof", "traf"}

// inner are the names that may stand inside a holder and matter here.
var inner = []string{
	"mvhd", "trak", "mvex", "trex", "udta", "tkhd", "edts", "mdia", "mdhd", "hdlr", "minf",
	"stbl", "stsd", "stts", "ctts", "stsc", "stsz", "stz2", "stco", "co64", "stss", "elst",
	"mfhd", "traf", "tfhd", "tfdt", "trun",
}

// children calls f for each box inside p and returns how many of them lie. A
// holder that claims more than its parent has ends with the parent. Any other
// box that does, and what cannot be a box at all, ends where the next known
// name stands: its neighbours are not lost with it.
func children(p []byte, depth int, f func(box)) (lies int) {
	if depth > maxDepth {
		return 1
	}
	for len(p) >= 8 {
		b, ok := boxAt(p)
		if ok && (!b.cut || slices.Contains(holders, b.name)) {
			lies += b2i(b.cut)
			f(b)
			p = p[b.size():]
			continue
		}
		lies++
		i := nextInner(p, 8)
		if ok {
			b.body = p[min(b.head, i):i]
			f(b)
		}
		p = p[i:]
	}
	return lies
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nextInner is where the next box with a known name starts in p, not before
// from; len(p) if there is none.
func nextInner(p []byte, from int) int {
	for i := from; i+8 <= len(p); i++ {
		switch p[i+4] {
		case 'm', 't', 'u', 'e', 'h', 's', 'c':
			if slices.Contains(inner, string(p[i+4:i+8])) && be.Uint32(p[i:]) >= 8 {
				return i
			}
		}
	}
	return len(p)
}

// nextOuter is where the next box that can hold an index starts in p, not
// before from; -1 if there is none. A box must show its first child, because
// four letters alone turn up by chance in gigabytes of pictures.
func nextOuter(p []byte, from int) int {
	for i := from; i+16 <= len(p); i++ {
		if c := p[i+4]; (c == 'm' || c == 'f') && outer(p[i:]) {
			return i
		}
	}
	return -1
}

// glance is how many bytes outer looks at, at most: a head with a size of 64 bits
// and that of a child.
const glance = 24

// outer says whether a moov, moof or ftyp box plausibly starts at p, which has
// at least 16 bytes. The child tells; a size may be a lie.
func outer(p []byte) bool {
	if len(p) < 16 {
		return false
	}
	name, size := string(p[4:8]), be.Uint32(p)
	if name == "ftyp" {
		return size >= 16 && size <= 1024
	}
	if size == 1 && len(p) >= glance && slices.Contains(childrenOf[name], string(p[20:24])) {
		return true
	}
	return slices.Contains(childrenOf[name], string(p[12:16]))
}

// childrenOf are the boxes that may come first in those that hold an index.
var childrenOf = map[string][]string{
	"moov": {"mvhd", "trak", "udta", "iods", "meta", "mvex", "cmov", "rmra", "free"},
	"moof": {"mfhd", "traf"},
}

// boxesEnd is where the boxes inside one whose size is a lie end, if that is at
// a box of the top level: else it is only where they stop making sense, or
// where more bytes would have to come.
func boxesEnd(p []byte, from int) (end int, found, short bool) {
	for end = min(from, len(p)); ; {
		h, ok := headAt(p[end:])
		switch {
		case ok && slices.Contains(topBoxes, h.name) && h.name != "free" && h.name != "meta" && h.name != "udta" && h.name != "uuid":
			return end, end > from, false
		case len(p)-end < 16, ok && h.size > int64(len(p)-end):
			return end, false, !ok || h.size <= maxHeader
		case !ok:
			return end, false, false
		}
		end += int(h.size)
	}
}

// rows are the table rows of a full box (version, flags, count, rows) that are
// really there, whatever the count claims.
func rows(p []byte, width int) []byte {
	if len(p) < 8 {
		return nil
	}
	n := min(uint64(be.Uint32(p[4:])), uint64((len(p)-8)/width))
	return p[8 : 8+int(n)*width]
}

// fields reads big-endian numbers; beyond the end it reads zeros.
type fields struct{ p []byte }

func (f *fields) u32() uint32 {
	if len(f.p) < 4 {
		f.p = nil
		return 0
	}
	v := be.Uint32(f.p)
	f.p = f.p[4:]
	return v
}

func (f *fields) u64() uint64 {
	hi := f.u32()
	return uint64(hi)<<32 | uint64(f.u32())
}

func (f *fields) skip(n int) { f.p = f.p[min(n, len(f.p)):] }
