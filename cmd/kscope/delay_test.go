//go:build unix

package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/reedsolomon"
	"github.com/zeebo/blake3"
	"golang.org/x/sys/unix"

	"kinetoscope/protocol/media"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// A line makes tokens of segments that are cut, as a publisher does: shards of
// Reed-Solomon 10 of 14, content ids of the payload and of the parity, a
// signed slot of one rendition, an entry in the manifest and a signed head.
type line struct {
	coder    storage.Coder
	content  func([]byte) *token.Payload
	key      ed25519.PrivateKey
	manifest *token.Manifest
	seq      uint32
	room     []byte       // of the parity, used again for each segment
	ids      [14]token.ID // of the parity, at the index of the shard
	head     *token.Head
}

// The stages of a line.
const (
	stageParse = iota
	stageHash
	stageMerkle
	stageSign
	stageRS
	stageCount
)

var stageNames = [stageCount]string{"parse", "hash", "merkle", "sign", "rs"}

func newLine(tb testing.TB, content func([]byte) *token.Payload) *line {
	coder, err := storage.New(storage.Config{Scheme: storage.ReedSolomon, K: 10, N: 14, Placement: storage.Ring})
	if err != nil {
		tb.Fatal(err)
	}
	return &line{coder: coder, content: content, key: ed25519.NewKeyFromSeed(make([]byte, 32)), manifest: token.NewManifest(7)}
}

// run makes one token and calls lap at the end of each stage.
func (l *line) run(tb testing.TB, b []byte, lap func(stage int)) {
	if n := l.coder.Room(len(b)); len(l.room) < n {
		l.room = make([]byte, n)
	}
	shards := l.coder.EncodeInto(l.room, b)
	lap(stageRS)
	p := l.content(b)
	for i := l.coder.K(); i < l.coder.N(); i++ {
		l.ids[i] = l.content(shards[i]).ID()
	}
	lap(stageHash)
	h := token.Header{Stream: 7, Seq: l.seq, Flags: token.Independent, Duration: 2 * time.Second}
	tokens, err := token.Sign(l.key, []token.Header{h}, []*token.Payload{p})
	if err != nil {
		tb.Fatal(err)
	}
	lap(stageSign)
	root, err := tokens[0].Root()
	if err != nil {
		tb.Fatal(err)
	}
	if err := l.manifest.Append(&token.Entry{Seq: l.seq, Root: root, Facts: make([]token.Facts, 1)}); err != nil {
		tb.Fatal(err)
	}
	lap(stageMerkle)
	l.head = l.manifest.Head(l.key)
	lap(stageSign)
	l.seq++
}

func segmentOf(size int) []byte {
	b := make([]byte, size)
	chance := rand.NewChaCha8([32]byte{byte(size)})
	chance.Read(b)
	return b
}

// processor is the processor time that this process has used.
func processor() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// recorded is a segment of 2 s as an encoder sends it, in a fragmented MP4: a
// segment of the shipped clip with pictures padded to the rate.
func recorded(tb testing.TB, bytes int) []byte {
	tb.Helper()
	l, err := media.Load(media.Default())
	if err != nil {
		tb.Fatal(err)
	}
	s := l.Renditions[3].Segments[1]
	parts, err := media.DecodePayload(s.Payload)
	if err != nil {
		tb.Fatal(err)
	}
	more := (bytes - len(s.Payload)) / len(parts[0].Samples)
	for i := range parts[0].Samples {
		x := &parts[0].Samples[i]
		unit := append([]byte{byte(more >> 24), byte(more >> 16), byte(more >> 8), byte(more), 0x1e}, segmentOf(max(1, more)-1)...)
		x.Bytes = append(slices.Clone(x.Bytes), unit...)
	}
	s.Payload = media.EncodePayload(parts)
	head, fragment, err := media.Wrap(&s)
	if err != nil {
		tb.Fatal(err)
	}
	return append(head, fragment...)
}

// BenchmarkAddedDelay is what making the token of a segment of 2 s takes on one
// core, in microseconds of processor time, stage by stage: so much later than
// its last byte is it ready to be sent. A segment of a file is there at once; of
// a live one all but the last 16 KB were read when they came. The garbage that
// a stage collects is its own.
func BenchmarkAddedDelay(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, rate := range []float64{1.5, 6, 16} { // Mbit/s
		source := recorded(b, int(rate*1e6/8*2))
		b.Run(fmt.Sprintf("file/%vMbit", rate), func(b *testing.B) { addedDelay(b, source, 0) })
		b.Run(fmt.Sprintf("live/%vMbit", rate), func(b *testing.B) { addedDelay(b, source, len(source)-16_000) })
	}
}

// addedDelay measures from when the bytes behind the first early ones are in.
func addedDelay(b *testing.B, source []byte, early int) {
	l := newLine(b, token.NewPayload)
	var laps [stageCount + 1][]float64 // the last is the sum
	for b.Loop() {
		var took [stageCount + 1]time.Duration
		c := media.NewCutter(2 * time.Second)
		c.Feed(slices.Clip(source[:early]))
		c.Next()
		start := processor()
		lap := func(stage int) {
			now := processor()
			took[stage] += now - start
			took[stageCount] += now - start
			start = now
		}
		c.Feed(source[early:])
		c.Close()
		s, ok := c.Next()
		if !ok || s.Samples < 100 {
			b.Fatalf("%d samples", s.Samples)
		}
		lap(stageParse)
		l.run(b, s.Payload, lap)
		for i, d := range took {
			laps[i] = append(laps[i], float64(d.Nanoseconds())/1e3)
		}
	}
	for i, name := range append(stageNames[:], "sum") {
		slices.Sort(laps[i])
		b.ReportMetric(laps[i][len(laps[i])/2], name+"-p50-µs")
		b.ReportMetric(laps[i][len(laps[i])*99/100], name+"-p99-µs")
	}
	b.ReportMetric(0, "ns/op") // the clock around the stages is not theirs
}

// A hashing is a hash as it comes and the content id that is made of it.
type hashing struct {
	name    string
	sum     func([]byte) [32]byte
	content func([]byte) *token.Payload
}

var hashings = []hashing{
	{"sha-256", sha256.Sum256, token.NewPayload},
	{"blake3", blake3.Sum256, func(b []byte) *token.Payload {
		id := blakeID(b)
		return token.NewPayload(id[:]) // stands in the slot for the payload that it names
	}},
}

// blakeID is the content id as it would be with BLAKE3: the same tree over the
// same pieces, with two modes of the hash in place of two prefixes.
func blakeID(b []byte) token.ID {
	piece := blake3.NewDeriveKey("kinetoscope piece")
	var leaves []token.ID
	for p := range slices.Chunk(b, 16<<10) {
		piece.Reset()
		piece.Write(p)
		leaves = append(leaves, token.ID(piece.Sum(nil)))
	}
	return blakeRoot(blake3.NewDeriveKey("kinetoscope node"), leaves)
}

func blakeRoot(node *blake3.Hasher, leaves []token.ID) (id token.ID) {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	left, right := blakeRoot(node, leaves[:k]), blakeRoot(node, leaves[k:])
	node.Reset()
	node.Write(left[:])
	node.Write(right[:])
	node.Sum(id[:0])
	return id
}

// BenchmarkThroughput sets a line beside the sum of the kernels that it cannot
// do without: 1.4 bytes hashed, 1 coded and 1 copied for each byte. Kernels run
// between segments, on buffers that are there, so that both meet the same
// machine; of-limit is the median of their ratios.
func BenchmarkThroughput(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, h := range hashings {
		for _, size := range []int{1_500_000, 4_000_000} {
			segment := segmentOf(size)
			b.Run(fmt.Sprintf("%s/%.1fMB", h.name, float64(size)/1e6), func(b *testing.B) {
				l := newLine(b, h.content)
				floor := kernels(b, h.sum, segment)
				var ratios []float64
				var line, least time.Duration
				for b.Loop() {
					want := floor()
					start := processor()
					l.run(b, segment, func(int) {})
					took := processor() - start
					ratios = append(ratios, float64(want)/float64(took))
					line, least = line+took, least+want
				}
				slices.Sort(ratios)
				b.ReportMetric(ratios[len(ratios)/2], "of-limit")
				b.ReportMetric(float64(b.N*size)/line.Seconds()/1e6, "MB/s")
				b.ReportMetric(float64(b.N*size)/least.Seconds()/1e6, "limit-MB/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// kernels is a function that says how long the kernels take now.
func kernels(tb testing.TB, sum func([]byte) [32]byte, segment []byte) func() time.Duration {
	code, err := reedsolomon.New(10, 4, reedsolomon.WithMaxGoroutines(1))
	if err != nil {
		tb.Fatal(err)
	}
	shards, err := code.Split(slices.Clone(segment))
	if err != nil {
		tb.Fatal(err)
	}
	to := make([]byte, len(segment))
	return func() time.Duration {
		start := processor()
		sum(segment)
		hashed := processor()
		if err := code.Encode(shards); err != nil {
			tb.Fatal(err)
		}
		copy(to, segment)
		return (hashed-start)*14/10 + processor() - hashed
	}
}

// In a steady stream a segment costs a handful of small allocations, most of
// all the hashes of its pieces: 32 bytes for each 16 KiB of payload and parity.
func TestAllocationsOfASegmentAreBounded(t *testing.T) {
	for _, size := range []int{375_000, 1_500_000, 4_000_000} {
		segment := segmentOf(size)
		l := newLine(t, token.NewPayload)
		one := func() { l.run(t, segment, func(int) {}) }
		count := testing.AllocsPerRun(20, one) // a first round is not counted: it makes the room
		var before, after runtime.MemStats
		const rounds = 50
		runtime.ReadMemStats(&before)
		for range rounds {
			one()
		}
		runtime.ReadMemStats(&after)
		got := int(after.TotalAlloc-before.TotalAlloc) / rounds
		if most := 8<<10 + size/256; count > 30 || got > most {
			t.Errorf("%d bytes: %v allocations of %d bytes a segment, allowed are 30 of %d", size, count, got, most)
		}
		t.Logf("%d bytes: %v allocations, %d bytes a segment", size, count, got)
	}
}
