package demux

import "fmt"

// A tsWriter writes transport streams.
type tsWriter struct {
	b     []byte
	pitch int
	count map[int]byte
}

func newTSWriter(pitch int) *tsWriter { return &tsWriter{pitch: pitch, count: map[int]byte{}} }

// packet writes one packet. Flags are those of an adaptation field, which is
// there if they are not zero or the payload does not fill the packet.
func (w *tsWriter) packet(pid int, start bool, flags byte, p []byte) {
	if w.pitch == 192 {
		w.b = append(w.b, 0, 1, 2, 3)
	}
	head := []byte{tsSync, byte(pid >> 8), byte(pid), 0x10 | w.count[pid]}
	if start {
		head[1] |= 0x40
	}
	w.count[pid] = (w.count[pid] + 1) & 15
	if fill := tsPacket - 4 - len(p); fill > 0 {
		head[3] |= 0x20
		field := make([]byte, fill)
		for i := range field {
			field[i] = 0xff
		}
		if field[0] = byte(fill - 1); fill > 1 {
			field[1] = flags
		}
		head = append(head, field...)
	} else if flags != 0 || fill < 0 {
		panic(fmt.Sprintf("%d bytes do not fit beside flags %x", len(p), flags))
	}
	w.b = append(append(w.b, head...), p...)
	if w.pitch == 204 {
		w.b = append(w.b, make([]byte, 16)...)
	}
}

// room is what fits into a packet beside an adaptation field with flags.
const room = tsPacket - 4 - 2

// section writes a table with its check sum.
func (w *tsWriter) section(pid int, table byte, id int, body []byte) {
	w.packet(pid, true, 0, cat([]byte{0}, section(table, id, body)))
}

func section(table byte, id int, body []byte) []byte {
	n := 9 + len(body)
	p := cat([]byte{table, 0xb0 | byte(n>>8), byte(n), byte(id >> 8), byte(id), 0xc1, 0, 0}, body)
	return be.AppendUint32(p, crcMPEG(p))
}

// A listed is a row of a program map.
type listed struct {
	kind byte
	pid  int
	tags string
}

// tables writes one program, its map in packets of 0x1000.
func (w *tsWriter) tables(info string, rows ...listed) {
	w.association(1, 0x1000)
	w.programMap(0x1000, 1, info, rows...)
}

func (w *tsWriter) association(rows ...int) {
	var p []byte
	for i := 0; i < len(rows); i += 2 {
		p = be.AppendUint16(be.AppendUint16(p, uint16(rows[i])), 0xe000|uint16(rows[i+1]))
	}
	w.section(0, 0, 1, p)
}

func (w *tsWriter) programMap(pid, number int, info string, rows ...listed) {
	p := be.AppendUint16([]byte{0xe1, 0x00}, 0xf000|uint16(len(info)))
	p = append(p, info...)
	for _, r := range rows {
		p = be.AppendUint16(append(p, r.kind), 0xe000|uint16(r.pid))
		p = append(be.AppendUint16(p, 0xf000|uint16(len(r.tags))), r.tags...)
	}
	w.section(pid, 2, number, p)
}

// A pesPacket is what stands in one PES packet. A time below zero is left out;
// dts is, if it is that of pts.
type pesPacket struct {
	id       byte
	pts, dts int64
	sized    bool // its length is told
	p        []byte
}

// pes is the bytes of a PES packet.
func (q pesPacket) bytes() []byte {
	var times []byte
	flags := byte(0)
	switch {
	case q.pts < 0:
	case q.dts < 0 || q.dts == q.pts:
		flags, times = 0x80, stampBytes(2, q.pts)
	default:
		flags, times = 0xc0, cat(stampBytes(3, q.pts), stampBytes(1, q.dts))
	}
	n := 0
	if q.sized {
		n = 3 + len(times) + len(q.p)
	}
	return cat([]byte{0, 0, 1, q.id, byte(n >> 8), byte(n), 0x80, flags, byte(len(times))}, times, q.p)
}

func stampBytes(mark byte, t int64) []byte {
	t &= 1<<33 - 1
	return []byte{mark<<4 | byte(t>>30)<<1 | 1, byte(t >> 22), byte(t>>15)<<1 | 1, byte(t >> 7), byte(t)<<1 | 1}
}

// pes writes a PES packet in as many packets as it takes.
func (w *tsWriter) pes(pid int, q pesPacket) {
	b, start := q.bytes(), true
	for len(b) > 0 {
		n := min(len(b), tsPacket-4)
		w.packet(pid, start, 0, b[:n])
		b, start = b[n:], false
	}
}

// adts is a frame of sound, 1024 sounds of 48 kHz stereo.
func adts(body string) []byte {
	n := 7 + len(body)
	return append([]byte{0xff, 0xf1, 0x4c, 0x80 | byte(n>>11), byte(n >> 3), byte(n<<5) | 0x1f, 0xfc}, body...)
}

// codedPicture is a picture of H.264 behind start codes, long enough for several
// packets.
func codedPicture(unit string, fill int) []byte {
	body := make([]byte, fill)
	for i := range body {
		body[i] = byte(i%251) | 1
	}
	b := codes(avcAUD)
	if unit == avcIDR {
		b = append(b, codes(realAVCSPS, realAVCPPS)...)
	}
	return append(b, codes(unit+string(body))...)
}

var avcAndAAC = []listed{{0x1b, 0x100, ""}, {0x0f, 0x101, ""}}

// smallTS is eight pictures of 25 a second, a key first and fifth, and eight
// packets of two sounds each.
func smallTS(pitch int) []byte {
	w := newTSWriter(pitch)
	w.b = append(w.b, smallTSFrom(w, 90_000)...)
	return w.b
}

func smallTSFrom(w *tsWriter, t int64) []byte {
	w.tables("", avcAndAAC...)
	for i := range 8 {
		unit := avcP
		if i%4 == 0 {
			unit = avcIDR
		}
		at := t + int64(i)*3600
		w.pes(0x100, pesPacket{0xe0, at + 7200, at, false, codedPicture(unit, 300*(1+i%3))})
		sounds := cat(adts(fmt.Sprintf("sound %d, first of two", i)), adts(fmt.Sprintf("sound %d, second of two", i)))
		w.pes(0x101, pesPacket{0xc0, t + int64(i)*3840, -1, true, sounds})
	}
	return nil
}
