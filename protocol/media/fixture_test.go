package media

import (
	"bytes"
	"strings"
	"testing"
)

// A spot is one box of a file, for tests that damage it.
type spot struct {
	path     string
	off, end int
}

// spots lists all boxes of a sound file with their paths.
func spots(b []byte) []spot {
	var out []spot
	var walk func(prefix string, from, to int)
	walk = func(prefix string, from, to int) {
		for from+8 <= to {
			x, ok := boxAt(b[from:to])
			if !ok {
				return
			}
			path := prefix + x.name
			out = append(out, spot{path, from, from + x.size()})
			switch x.name {
			case "moov", "trak", "edts", "mdia", "minf", "stbl", "mvex", "moof", "traf":
				walk(path+"/", from+x.head, from+x.size())
			}
			from += x.size()
		}
	}
	walk("", 0, len(b))
	return out
}

// the finds the first box whose path ends so.
func the(t testing.TB, b []byte, path string) spot {
	t.Helper()
	for _, s := range spots(b) {
		if strings.HasSuffix(s.path, path) {
			return s
		}
	}
	t.Fatalf("no box %s", path)
	return spot{}
}

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

// largeFile is an MP4 of a minute at 4 Mbit/s: 1500 pictures of 20 kB, every
// 50th a key.
func largeFile(t testing.TB) []byte {
	const pictures, size, every = 1500, 20_000, 50
	clip := clipFile(t, "180p.mp4")
	entry := the(t, clip, "stbl/stsd")
	sei, rest := "\x06\x05\x03abc\x80", string(noise(1, size-17))
	key, other := chain(sei, "\x65\x88"+rest), chain(sei, "\x41\x9a"+rest)
	var sizes, syncs, film []byte
	for i := range uint32(pictures) {
		p := other
		if i%every == 0 {
			p = key
			syncs = cat(syncs, num(i+1))
		}
		sizes = cat(sizes, num(uint32(len(p))))
		film = append(film, p...)
	}
	moov := func(at int) []byte {
		return boxed("moov", boxed("trak",
			boxed("tkhd", num(0, 0, 0, 1), make([]byte, 68)),
			boxed("mdia",
				boxed("mdhd", num(0, 0, 0, 12_800, pictures*512, 0)),
				boxed("hdlr", num(0, 0), []byte("vide"), make([]byte, 13)),
				boxed("minf", boxed("stbl",
					clip[entry.off:entry.end],
					boxed("stts", num(0, 1, pictures, 512)),
					boxed("stss", num(0, pictures/every), syncs),
					boxed("stsc", num(0, 1, 1, pictures, 1)),
					boxed("stsz", num(0, 0, pictures), sizes),
					boxed("stco", num(0, 1, uint32(at))))))))
	}
	head := boxed("ftyp", []byte("isom\x00\x00\x00\x00isom"))
	return cat(head, moov(len(head)+len(moov(0))+8), boxed("mdat", film))
}
