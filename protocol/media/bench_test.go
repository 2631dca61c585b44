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

// BenchmarkParse sets finding the samples of files beside what cutting adds:
// segments and their payloads, written into memory that is used again. Both cost
// by the sample rather than by the byte.
func BenchmarkParse(b *testing.B) {
	ladder := make([][]byte, len(clipNames))
	for i, name := range clipNames {
		ladder[i] = clipFile(b, name)
	}
	b.Run("ladder", func(b *testing.B) { benchParse(b, ladder) })
	b.Run("large", func(b *testing.B) { benchParse(b, [][]byte{film{pictures: 1500, size: 20_000, sounds: 2800}.bytes()}) })
}

func benchParse(b *testing.B, files [][]byte) {
	size := 0
	var parse, whole []time.Duration
	for b.Loop() {
		start := time.Now()
		for _, f := range files {
			demux.Read(f, func(m *demux.Movie) {
				for _, t := range m.Tracks {
					t.Take(len(t.Samples))
				}
			})
		}
		parse = append(parse, time.Since(start))
		start, size = time.Now(), 0
		for _, f := range files {
			size += len(f)
			c := NewCutter(2 * time.Second)
			c.Feed(f)
			c.Close()
			for s, ok := c.Next(); ok; s, ok = c.Next() {
				c.Reuse(s.Payload)
			}
		}
		whole = append(whole, time.Since(start))
	}
	slices.Sort(parse)
	slices.Sort(whole)
	read, all := parse[len(parse)/2], whole[len(whole)/2]
	b.ReportMetric(float64(size)/float64(read.Nanoseconds()), "parse-GB/s")
	b.ReportMetric(float64(size)/float64((all-read).Nanoseconds()), "cut-GB/s")
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
