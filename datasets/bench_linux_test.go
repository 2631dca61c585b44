package datasets

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"
)

// BenchmarkRead tells how fast each format is read, in MB for each second of processor
// time, beside a plain scan for line ends of the same bytes; and how much the heap
// holds at most, in bytes for each byte that is read.
func BenchmarkRead(b *testing.B) {
	for _, c := range bulks() {
		b.Run(c.name, func(b *testing.B) {
			text := c.text()
			var took, plain time.Duration
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				begin := processorTime()
				if _, err := Read(c.file(), text, c.desc); err != nil {
					b.Fatal(err)
				}
				read := processorTime()
				for range 10 {
					scan(text)
				}
				took, plain = took+read-begin, plain+(processorTime()-read)/10
			}
			mega := float64(len(text)) * float64(b.N) / 1e6
			b.ReportMetric(mega/took.Seconds(), "cpu-MB/s")
			b.ReportMetric(mega/plain.Seconds(), "scan-MB/s")
			b.ReportMetric(float64(peak(b, &c, text))/float64(len(text)), "peak-B/B")
		})
	}
}

// processorTime is what this process has had of the processors so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it does not fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is how many bytes the heap holds at most while a text is read, above what it
// held before: a garbage collector that hardly waits is asked again and again.
func peak(b *testing.B, c *bulkText, text []byte) int64 {
	b.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	held := func() int64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	before, most, done, end := held(), int64(0), make(chan bool), make(chan bool)
	go func() {
		defer close(end)
		for {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Microsecond):
				most = max(most, held()-before)
			}
		}
	}()
	s, err := Read(c.file(), text, c.desc)
	close(done)
	<-end
	if err != nil {
		b.Fatal(err)
	}
	runtime.KeepAlive(s)
	return most
}

// scan counts lines.
func scan(text []byte) (n int) {
	in := bufio.NewReaderSize(bytes.NewReader(text), headSize)
	for {
		line, err := in.ReadSlice('\n')
		n += bytes.Count(line, []byte{'\n'})
		if err == io.EOF {
			return n
		}
	}
}
