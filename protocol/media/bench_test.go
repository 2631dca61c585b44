package media

import (
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
	file := film{pictures: 1500, size: 20_000, sounds: 2800}.bytes()
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		Tokenize("large.mp4", file, 2*time.Second)
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
