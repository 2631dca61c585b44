package media

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"
)

// Cutting a file costs little beside hashing it: compare the MB/s of these.

func BenchmarkTokenize(b *testing.B) {
	for _, name := range clipNames {
		file := clipFile(b, name)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				Tokenize(name, file, 2*time.Second)
			}
		})
	}
}

// A film of usual size: pictures of 10 kB instead of 0.5 kB.
func BenchmarkTokenizeLarge(b *testing.B) {
	file := largeFile(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		Tokenize("large.mp4", file, 2*time.Second)
	}
}

func BenchmarkScanLarge(b *testing.B) {
	file := largeFile(b)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		scan(file)
	}
}

func BenchmarkSHA256(b *testing.B) {
	file := largeFile(b)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		sha256.Sum256(file)
	}
}

func BenchmarkPieces(b *testing.B) {
	file := noise(1, 32<<20)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		Pieces(file)
	}
}

func BenchmarkDecodePayload(b *testing.B) {
	l, err := Load(Default())
	if err != nil {
		b.Fatal(err)
	}
	p := l.Renditions[3].Segments[0].Payload
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		if _, err := DecodePayload(p); err != nil {
			b.Fatal(err)
		}
	}
}

// largeFile is an MP4 of 1500 pictures of 20 kB each: a minute at 4 Mbit/s.
func largeFile(t testing.TB) []byte {
	clip := clipFile(t, "180p.mp4")
	head := the(t, clip, "moov")
	trak := the(t, clip, "moov/trak")
	moov := bytes.Clone(clip[head.off:trak.end])
	be.PutUint32(moov, uint32(len(moov)))
	const pictures, size = 1500, 20_000
	picture := cat(chain("\x06\x05\x03abc\x80", "\x41\x9a"+string(noise(1, size-20))))
	key := cat(chain("\x06\x05\x03abc\x80", "\x65\x88"+string(noise(1, size-20))))
	x := &movieWriter{clip: moov}
	for i := range pictures {
		if i%50 == 0 {
			x.samples = append(x.samples, key)
		} else {
			x.samples = append(x.samples, picture)
		}
	}
	return x.file()
}

// A movieWriter puts samples into an MP4 file whose header, but for the sample
// tables, is that of a clip.
type movieWriter struct {
	clip    []byte
	samples [][]byte
}

func (x *movieWriter) file() []byte {
	var sizes, syncs []byte
	for i, s := range x.samples {
		sizes = be.AppendUint32(sizes, uint32(len(s)))
		if i%50 == 0 {
			syncs = be.AppendUint32(syncs, uint32(i+1))
		}
	}
	n := uint32(len(x.samples))
	full := func(name string, rows uint32, body []byte) []byte {
		p := be.AppendUint32(be.AppendUint32(nil, 0), rows)
		return boxed(name, p, body)
	}
	num := func(v ...uint32) (p []byte) {
		for _, u := range v {
			p = be.AppendUint32(p, u)
		}
		return p
	}
	ftyp := boxed("ftyp", []byte("isom\x00\x00\x00\x00isom"))
	stsd := func() []byte {
		for _, s := range spots(x.clip) {
			if s.path == "moov/trak/mdia/minf/stbl/stsd" {
				return x.clip[s.off:s.end]
			}
		}
		panic("no stsd")
	}()
	moov := func(at uint32) []byte {
		stbl := boxed("stbl", stsd,
			full("stts", 1, num(n, 512)), full("stss", n/50, syncs), full("stsc", 1, num(1, n, 1)),
			boxed("stsz", num(0, 0, n), sizes), full("stco", 1, num(at)))
		mdhd := boxed("mdhd", num(0, 0, 0, 12800, n*512, 0))
		hdlr := boxed("hdlr", num(0, 0), []byte("vide"), make([]byte, 13))
		tkhd := boxed("tkhd", num(0, 0, 0, 1), make([]byte, 68))
		return boxed("moov", boxed("trak", tkhd, boxed("mdia", mdhd, hdlr, boxed("minf", stbl))))
	}
	head := len(ftyp) + len(moov(0)) + 8
	return cat(ftyp, moov(uint32(head)), boxed("mdat", x.samples...))
}

func boxed(name string, body ...[]byte) []byte {
	p := cat(body...)
	return cat(be.AppendUint32(nil, uint32(8+len(p))), []byte(name), p)
}
