//go:build unix

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
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

// run makes one token of b and calls lap at the end of each stage. name gives b
// its content id.
func (l *line) run(tb testing.TB, b []byte, name func() *token.Payload, lap func(stage int)) {
	if n := l.coder.Room(len(b)); len(l.room) < n {
		l.room = make([]byte, n)
	}
	shards := l.coder.EncodeInto(l.room, b)
	lap(stageRS)
	p := name()
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

// A sending is the shipped clip as an encoder sends it at some rate, in a
// fragmented MP4: its pictures are padded.
type sending struct {
	files  [][]byte // each segment of 2 s, in one fragment
	head   []byte
	chunks [][]byte // fragments of some pictures each, as they come live
	sent   int      // chunks
}

func newSending(tb testing.TB, size int) *sending {
	tb.Helper()
	l, err := media.Load(media.Default())
	if err != nil {
		tb.Fatal(err)
	}
	out := &sending{}
	for _, s := range l.Renditions[3].Segments {
		parts, err := media.DecodePayload(s.Payload)
		if err != nil {
			tb.Fatal(err)
		}
		more := (size - len(s.Payload)) / len(parts[0].Samples)
		for i := range parts[0].Samples {
			x := &parts[0].Samples[i]
			unit := append([]byte{byte(more >> 24), byte(more >> 16), byte(more >> 8), byte(more), 0x1e}, segmentOf(max(1, more)-1)...)
			x.Bytes = append(slices.Clone(x.Bytes), unit...)
		}
		for i := range parts {
			parts[i].Start += s.Start.Milliseconds()
		}
		wrap := func(parts []media.Part) (fragment []byte) {
			s.Payload = media.EncodePayload(parts)
			if out.head, fragment, err = media.Wrap(&s); err != nil {
				tb.Fatal(err)
			}
			return fragment
		}
		for sent := make([]int, len(parts)); sent[0] < len(parts[0].Samples); {
			out.chunks = append(out.chunks, wrap(chunk(parts, sent)))
		}
		whole := wrap(parts)
		out.files = append(out.files, slices.Concat(out.head, whole))
	}
	return out
}

// next is the next chunk of the clip, which repeats every ten seconds.
func (s *sending) next() []byte {
	b := s.chunks[s.sent%len(s.chunks)]
	if s.sent++; s.sent > len(s.chunks) {
		head := b[:binary.BigEndian.Uint32(b)]
		for at := bytes.Index(head, []byte("tfdt")); at >= 0; at = bytes.Index(head, []byte("tfdt")) {
			scale := []uint64{25, 48_000}[binary.BigEndian.Uint32(head[at-8:])-1]
			head = head[at+8:] // behind version and flags: the decode time
			binary.BigEndian.PutUint64(head, binary.BigEndian.Uint64(head)+10*scale)
		}
	}
	return b
}

// chunk is what comes next of parts, of which as many samples as sent says are
// sent: pictures for a tenth of a second or some more, up to one that is shown
// behind them all, and the sounds until then.
func chunk(parts []media.Part, sent []int) []media.Part {
	out := make([]media.Part, len(parts))
	var until time.Duration
	for i := range parts {
		p, n := &parts[i], sent[i]
		if i == 0 {
			n, until = behind(p, n)
		}
		for n < len(p.Samples) && p.Time(n) < until && i > 0 {
			n++
		}
		if out[i].Clock = p.Clock; n > sent[i] {
			out[i].Start = p.Time(sent[i]).Round(time.Millisecond).Milliseconds()
		}
		for _, x := range p.Samples[sent[i]:n] {
			x.Step -= p.Samples[sent[i]].Step
			out[i].Samples = append(out[i].Samples, x)
		}
		sent[i] = n
	}
	return out
}

// behind finds the first picture that is shown behind all before it, and a
// tenth of a second behind picture from.
func behind(p *media.Part, from int) (n int, at time.Duration) {
	last := p.Time(from)
	for n = from; n < len(p.Samples); n++ {
		if at = p.Time(n); at > last && at >= p.Time(from)+100*time.Millisecond {
			return n, at
		}
		last = max(last, at)
	}
	return n, time.Hour
}

// BenchmarkAddedDelay is what making the token of a segment of 2 s takes on one
// core, in microseconds of processor time, stage by stage: so much later than
// its last byte is it ready to be sent. A segment of a file is there at once. A
// live one ends with the chunk that shows the next; what that and the chunk
// before take is counted. The memory of the payload and of the parity is used
// again. The garbage that a stage collects is its own.
func BenchmarkAddedDelay(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, rate := range []float64{1.5, 6, 16} { // Mbit/s
		s := newSending(b, int(rate*1e6/8*2))
		b.Run(fmt.Sprintf("file/%vMbit", rate), func(b *testing.B) {
			var payload []byte
			addedDelay(b, func(i int) (media.Segment, time.Duration) {
				start := processor()
				x := cutOne(b, s.files[i%len(s.files)], payload)
				payload = x.Payload
				return x, processor() - start
			})
		})
		b.Run(fmt.Sprintf("live/%vMbit", rate), func(b *testing.B) {
			c := media.NewCutter(2 * time.Second)
			c.Feed(s.head)
			var payload []byte
			addedDelay(b, func(int) (media.Segment, time.Duration) {
				c.Reuse(payload)
				x, took := cutNext(c, s)
				payload = x.Payload
				return x, took
			})
		})
	}
}

// cutOne cuts a file of one segment, into room.
func cutOne(tb testing.TB, file, room []byte) media.Segment {
	c := media.NewCutter(2 * time.Second)
	c.Reuse(room)
	c.Feed(file)
	c.Close()
	s, ok := c.Next()
	if !ok || s.Samples < 100 {
		tb.Fatalf("%d samples", s.Samples)
	}
	return s
}

// cutNext cuts the next segment of a live stream and says how long the last two
// chunks took.
func cutNext(c *media.Cutter, s *sending) (x media.Segment, took time.Duration) {
	var before time.Duration
	for ok := false; !ok; {
		p := s.next()
		start := processor()
		c.Feed(p)
		x, ok = c.Next()
		now := processor() - start
		took, before = before+now, now
	}
	return x, took
}

func addedDelay(b *testing.B, next func(i int) (media.Segment, time.Duration)) {
	l := newLine(b, token.NewPayload)
	var laps [stageCount + 1][]float64 // the last is the sum
	for i := 0; b.Loop(); i++ {
		var took [stageCount + 1]time.Duration
		var s media.Segment
		s, took[stageParse] = next(i)
		took[stageCount] = took[stageParse]
		start := processor()
		l.run(b, s.Payload, s.Content, func(stage int) {
			now := processor()
			took[stage] += now - start
			took[stageCount] += now - start
			start = now
		})
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
				floor, name := kernels(b, h.sum, segment), func() *token.Payload { return h.content(segment) }
				var ratios []float64
				var line, least time.Duration
				for b.Loop() {
					want := floor()
					start := processor()
					l.run(b, segment, name, func(int) {})
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

// In a steady stream a segment costs a bounded number of small allocations: the
// hashes of its pieces, 32 bytes for each 16 KiB of payload and parity, and what
// is known of each of its 143 samples.
func TestAllocationsOfASegmentAreBounded(t *testing.T) {
	for _, size := range []int{375_000, 1_500_000, 4_000_000} {
		segment, sent := segmentOf(size), newSending(t, size)
		l, c := newLine(t, token.NewPayload), media.NewCutter(2*time.Second)
		c.Feed(sent.head)
		for _, x := range []struct {
			what        string
			one         func()
			count, most int // allocations, bytes
		}{
			{"made into a token", func() {
				l.run(t, segment, func() *token.Payload { return token.NewPayload(segment) }, func(int) {})
			}, 30, 8<<10 + size/256},
			{"cut and made into a token", func() {
				s, _ := cutNext(c, sent)
				l.run(t, s.Payload, s.Content, func(int) {})
				c.Reuse(s.Payload)
			}, 600, 96<<10 + size/256},
		} {
			count := testing.AllocsPerRun(20, x.one) // a first round is not counted: it makes the room
			var before, after runtime.MemStats
			const rounds = 50
			runtime.ReadMemStats(&before)
			for range rounds {
				x.one()
			}
			runtime.ReadMemStats(&after)
			got := int(after.TotalAlloc-before.TotalAlloc) / rounds
			if int(count) > x.count || got > x.most {
				t.Errorf("%d bytes %s: %v allocations of %d bytes a segment, allowed are %d of %d", size, x.what, count, got, x.count, x.most)
			}
			t.Logf("%d bytes %s: %v allocations, %d bytes a segment", size, x.what, count, got)
		}
	}
}
