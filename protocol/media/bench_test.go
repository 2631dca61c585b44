package media

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"kinetoscope/protocol/demux"
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
	file := film{pictures: 1500, size: 20_000, sounds: 2800}.bytes()
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		Tokenize("large.mp4", file, 2*time.Second)
	}
}

// BenchmarkParse finds the samples of files; BenchmarkCut cuts them as well, into
// memory that is used again. Both cost by the sample rather than by the byte.
func BenchmarkParse(b *testing.B) {
	benchFiles(b, func(file []byte) {
		demux.Read(file, func(m *demux.Movie) {
			for _, t := range m.Tracks {
				t.Take(len(t.Samples))
			}
		})
	})
}

func BenchmarkCut(b *testing.B) {
	benchFiles(b, func(file []byte) {
		c := NewCutter(2 * time.Second)
		c.Feed(file)
		c.Close()
		for s, ok := c.Next(); ok; s, ok = c.Next() {
			c.Reuse(s.Payload)
		}
	})
}

func benchFiles(b *testing.B, read func(file []byte)) {
	var ladder [][]byte
	for _, name := range clipNames {
		ladder = append(ladder, clipFile(b, name))
	}
	large := film{pictures: 1500, size: 20_000, sounds: 2800}.bytes()
	for _, x := range []struct {
		name  string
		files [][]byte
	}{{"ladder", ladder}, {"large", [][]byte{large}}} {
		b.Run(x.name, func(b *testing.B) {
			b.SetBytes(int64(len(slices.Concat(x.files...))))
			for b.Loop() {
				for _, f := range x.files {
					read(f)
				}
			}
		})
	}
}

func BenchmarkSHA256(b *testing.B) {
	file := film{pictures: 1500, size: 20_000, sounds: 2800}.bytes()
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
