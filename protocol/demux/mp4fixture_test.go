package demux

import (
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

// visual is a sample entry of H.264 in which the length of a unit takes so
// many bytes.
func visual(width uint32, prefix int) []byte {
	record := []byte(avcBox)
	record[4] = 0xfc | byte(prefix-1)
	if width != 160 {
		record[len(record)-5] ^= 4 // another picture parameter set
	}
	return boxed("avc1", make([]byte, 24), num(width<<16|90), make([]byte, 50), boxed("avcC", record))
}

// auditory is a sample entry of sound: version 0 and what follows its fields.
func auditory(name string, channels, rate uint32, more ...[]byte) []byte {
	return boxed(name, num(0, 1, 0, 0, channels<<16|16, 0, rate<<16), cat(more...))
}

// A reel is one track of a file that a test writes.
type reel struct {
	id, scale uint32
	kind      string // of handler
	entries   []byte // sample descriptions
	tables    []byte // all but stsd and stco
	chunks    [][]byte
	extra     []byte // before mdia
	wide      bool   // 64-bit places
}

// trak writes the header of r if its chunks lie at places.
func (r reel) trak(places []uint32) []byte {
	n := 0
	for p := r.entries; len(p) >= 8; p = p[be.Uint32(p):] {
		n++
	}
	stco := boxed("stco", num(0, uint32(len(places))), num(places...))
	if r.wide {
		var rows []byte
		for _, p := range places {
			rows = append(rows, num(0, p)...)
		}
		stco = boxed("co64", num(0, uint32(len(places))), rows)
	}
	return boxed("trak", boxed("tkhd", num(0, 0, 0, r.id), make([]byte, 68)), r.extra, boxed("mdia",
		boxed("mdhd", num(0, 0, 0, r.scale, 0, 0)),
		boxed("hdlr", num(0, 0), []byte(r.kind), make([]byte, 13)),
		boxed("minf", boxed("stbl", boxed("stsd", num(0, uint32(n)), r.entries), r.tables, stco))))
}

// Tables of all samples alike, or listed.
func stts(n, dur uint32) []byte { return boxed("stts", num(0, 1, n, dur)) }
func stsc(per uint32) []byte    { return boxed("stsc", num(0, 1, 1, per, 1)) }
func stsz(sizes ...uint32) []byte {
	return boxed("stsz", num(0, 0, uint32(len(sizes))), num(sizes...))
}

var fileType = boxed("ftyp", []byte("isom\x00\x00\x00\x00isom"))

// film writes a file of reels whose chunks lie in turn. The header comes first
// or last.
func film(first bool, reels ...reel) []byte {
	var media []byte
	places := make([][]uint32, len(reels))
	for k, more := 0, true; more; k++ {
		more = false
		for i, r := range reels {
			if k < len(r.chunks) {
				places[i] = append(places[i], uint32(len(media)))
				media = append(media, r.chunks[k]...)
				more = true
			}
		}
	}
	header := func(at int) []byte {
		out := []byte{}
		for i, r := range reels {
			moved := make([]uint32, len(places[i]))
			for k, p := range places[i] {
				moved[k] = p + uint32(at)
			}
			out = append(out, r.trak(moved)...)
		}
		return boxed("moov", boxed("mvhd", num(0, 0, 0, 1000, 0), make([]byte, 80)), out)
	}
	if first {
		return cat(fileType, header(len(fileType)+len(header(0))+8), boxed("mdat", media))
	}
	return cat(fileType, boxed("mdat", media), header(len(fileType)+8))
}

// frames are n samples of H.264 with units behind so many bytes of length,
// the first of every some a key.
func frames(n, every, prefix int) (samples [][]byte, sizes []uint32, syncs []byte) {
	for i := range n {
		unit := avcP + string(rune('a'+i%26)) + string(rune('a'+i/26%26))
		if i%every == 0 {
			unit = avcIDR + string(rune('a'+i%26)) + string(rune('a'+i/26%26))
			syncs = append(syncs, num(uint32(i+1))...)
		}
		s := append(num(uint32(len(unit)))[4-prefix:], unit...)
		samples = append(samples, s)
		sizes = append(sizes, uint32(len(s)))
	}
	return samples, sizes, boxed("stss", num(0, uint32(len(syncs)/4)), syncs)
}

// flat joins samples.
func flat(chunks [][]byte) []byte { return cat(chunks...) }
