package media

import (
	"bytes"
	"encoding/binary"
	"testing"

	"kinetoscope/protocol/demux"
)

var be = binary.BigEndian

// cat joins byte strings.
func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// num writes 32-bit numbers.
func num(v ...uint32) (p []byte) {
	for _, n := range v {
		p = be.AppendUint32(p, n)
	}
	return p
}

// boxed puts a box around parts.
func boxed(name string, parts ...[]byte) []byte {
	p := cat(parts...)
	return cat(num(uint32(8+len(p))), []byte(name), p)
}

// Pictures with just enough of a header to be told apart, behind four bytes of
// length: an IDR picture, a recovery point with count 0 and with count 5, and
// one that needs others.
var classes = map[demux.Key][]byte{
	demux.Closed:  chain("\x65\x88\x84"),
	demux.Open:    chain("\x06\x06\x01\xc4\x80", "\x41\x9a\x00"),
	demux.Gradual: chain("\x06\x06\x01\x34\x80", "\x41\x9a\x00"),
	demux.None:    chain("\x41\x9a\x00"),
}

func chain(units ...string) []byte {
	var b []byte
	for _, u := range units {
		b = be.AppendUint32(b, uint32(len(u)))
		b = append(b, u...)
	}
	return b
}

// A film is a fragmented MP4 to be made: pictures at a rate, with the keys
// that key says, and sounds of 1024 at 48 kHz. Each picture and sound has bytes
// of its own.
type film struct {
	rate     Clock // seconds a picture, 1/25 by default
	pictures int
	key      func(i int) demux.Key
	sounds   int
	start    uint64             // ticks of 90 kHz and 48 kHz alike
	size     int                // bytes of a picture, at least 12
	sound    int                // bytes of a sound, at least 4
	round    bool               // times in whole milliseconds, as Matroska has them
	entry    string             // "avc1" by default
	jump     map[int]int64      // ticks by which the clock jumps before picture i
	every    int                // pictures in a fragment, 10 by default
	lose     func(i int) bool   // pictures that are damaged
	shift    func(i int) uint32 // presentation offset, ticks
}

// every is a key function: closed every n pictures.
func every(n int) func(int) demux.Key {
	return func(i int) demux.Key {
		if i%n == 0 {
			return demux.Closed
		}
		return demux.None
	}
}

func (f film) defaults() film {
	if f.rate == (Clock{}) {
		f.rate = Clock{1, 25}
	}
	f.sound = max(f.sound, 4)
	if f.every == 0 {
		f.every = 10
	}
	if f.entry == "" {
		f.entry = "avc1"
	}
	if f.key == nil {
		f.key = every(50)
	}
	return f
}

func (f film) moov() []byte {
	record := boxed("avcC", []byte("\x01\x4d\x40\x0c\xff\xe1\x00\x04\x67\x4d\x40\x0c\x01\x00\x02\x68\xee"))
	trak := func(id, scale uint32, handler string, entry []byte) []byte {
		return boxed("trak", boxed("tkhd", num(0, 0, 0, id), make([]byte, 68)), boxed("mdia",
			boxed("mdhd", num(0, 0, 0, scale, 0, 0)), boxed("hdlr", num(0, 0), []byte(handler), make([]byte, 13)),
			boxed("minf", boxed("stbl", boxed("stsd", num(0, 1), entry)))))
	}
	entry := boxed(f.entry, make([]byte, 24), num(320<<16|180), make([]byte, 50), record)
	sound := boxed("mp4a", make([]byte, 16), num(1<<16|16, 0, 48_000<<16))
	tracks := [][]byte{}
	if f.pictures > 0 {
		tracks = append(tracks, trak(1, 90_000, "vide", entry))
	}
	if f.sounds > 0 {
		tracks = append(tracks, trak(2, 48_000, "soun", sound))
	}
	return boxed("moov", boxed("mvhd", num(0, 0, 0, 1000, 0)), cat(tracks...))
}

// picture is the bytes of picture i.
func (f film) picture(i int) []byte {
	p := bytes.Clone(classes[f.key(i)])
	if f.size > 12 {
		p = cat(p, chain(string(cat([]byte("\x1e"), bytes.Repeat([]byte{byte(i) | 1}, f.size)))))
	}
	p = append(p, chain(string(cat([]byte("\x1e\xff"), num(uint32(i)|1<<31), []byte{0x80})))...)
	if f.lose != nil && f.lose(i) {
		p[0] = 0xff
	}
	return p
}

// ticks is step n of a clock in ticks of a scale, rounded as Matroska does if
// asked for.
func (f film) ticks(n int, c Clock, scale int64) uint64 {
	if f.round {
		ms := (c.micros(int64(n)) + 500) / 1000
		return uint64(ms * scale / 1000)
	}
	return uint64(int64(n) * int64(c.Num) * scale / int64(c.Den))
}

// bytes writes the film, fragments of pictures and the sounds that go with
// them.
func (f film) bytes() []byte {
	f = f.defaults()
	out := [][]byte{boxed("ftyp", []byte("isom\x00\x00\x00\x00isom")), f.moov()}
	perPicture := func(n int) int { return n * int(f.rate.Num) * 48_000 / int(f.rate.Den) / 1024 }
	moved := int64(0)
	for v, a := 0, 0; v < f.pictures || a < f.sounds; {
		moved += f.jump[v]
		toV := min(v+f.every, f.pictures)
		for i := v + 1; i < toV; i++ {
			if f.jump[i] != 0 {
				toV = i
			}
		}
		toA := min(max(a, perPicture(toV)), f.sounds)
		if v == f.pictures {
			toA = min(a+100, f.sounds)
		}
		out = append(out, f.fragment(v, toV, a, toA, moved))
		v, a = toV, toA
	}
	return cat(out...)
}

// fragment writes pictures and sounds as one moof and mdat.
func (f film) fragment(v, toV, a, toA int, moved int64) []byte {
	var rows, data, sounds []byte
	for i := v; i < toV; i++ {
		p := f.picture(i)
		flags, shift := uint32(0x10000), uint32(0)
		if k := f.key(i); k == demux.Closed {
			flags = 0
		}
		if f.shift != nil {
			shift = f.shift(i)
		}
		dur := f.ticks(i+1, f.rate, 90_000) - f.ticks(i, f.rate, 90_000)
		rows = append(rows, num(uint32(dur), uint32(len(p)), flags, shift)...)
		data = append(data, p...)
	}
	var lengths []byte
	for i := a; i < toA; i++ {
		sounds = append(append(sounds, num(uint32(i)|0xab<<24)...), make([]byte, f.sound-4)...)
		lengths = append(lengths, num(uint32(f.ticks(i+1, Clock{1024, 48_000}, 48_000)-f.ticks(i, Clock{1024, 48_000}, 48_000)))...)
	}
	moof := func(at int) []byte {
		var trafs [][]byte
		if toV > v {
			trafs = append(trafs, boxed("traf", boxed("tfhd", num(0x20000, 1)),
				boxed("tfdt", cat(num(1<<24), be.AppendUint64(nil, f.start+f.ticks(v, f.rate, 90_000)+uint64(moved)))),
				boxed("trun", num(0xf01, uint32(toV-v), uint32(at)), rows)))
		}
		if toA > a {
			from := f.ticks(a, Clock{1024, 48_000}, 48_000)
			trafs = append(trafs, boxed("traf", boxed("tfhd", num(0x20018, 2, 1024, uint32(f.sound))),
				boxed("tfdt", cat(num(1<<24), be.AppendUint64(nil, f.start*48/90+from+uint64(moved*48/90)))),
				boxed("trun", num(0x101, uint32(toA-a), uint32(at+len(data))), lengths)))
		}
		return boxed("moof", boxed("mfhd", num(0, 1)), cat(trafs...))
	}
	return cat(moof(len(moof(0))+8), boxed("mdat", data, sounds))
}

// cutAll cuts a whole source.
func cutAll(t testing.TB, b []byte, c *Cutter) []Segment {
	t.Helper()
	c.Feed(b)
	c.Close()
	var out []Segment
	for s, ok := c.Next(); ok; s, ok = c.Next() {
		out = append(out, s)
	}
	return out
}

// decoded are the parts of a segment.
func decoded(t testing.TB, s *Segment) []Part {
	t.Helper()
	parts, err := DecodePayload(s.Payload)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}
