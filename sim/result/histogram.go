package result

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"time"
)

// A Histogram counts durations in buckets whose width grows with what they
// hold: 128 of them between any power of two nanoseconds and the next, so that
// a quantile is right to 0.4 %. This is DDSketch (Masson, Rim and Lee, VLDB 2019)
// with its linearly interpolated mapping, and the layout of HdrHistogram.
// Its arithmetic is that of whole numbers, and Merge gives the same in any
// order. The zero value is empty.
type Histogram struct {
	counts []uint64 // by bucket, up to the last that is not empty
	n      uint64
}

// precision is the number of bits by which a bucket knows its durations.
const precision = 7

// bucketOf is the bucket of a number of nanoseconds.
func bucketOf(v uint64) int {
	if v < 1<<precision {
		return int(v)
	}
	shift := bits.Len64(v) - precision - 1
	return shift<<precision + int(v>>shift)
}

// middle is the number of nanoseconds that stands for a bucket.
func middle(bucket int) float64 {
	if bucket < 2<<precision {
		return float64(bucket)
	}
	shift := bucket>>precision - 1
	low := uint64(bucket-shift<<precision) << shift
	return float64(low) + float64(uint64(1)<<shift-1)/2
}

// Add counts one duration; what is negative counts as nothing.
func (h *Histogram) Add(d time.Duration) {
	b := bucketOf(uint64(max(d, 0)))
	h.grow(b + 1)
	h.counts[b]++
	h.n++
}

// AddAll counts n durations that are the same; what is negative counts as nothing.
func (h *Histogram) AddAll(d time.Duration, n uint64) {
	if n > 0 {
		b := bucketOf(uint64(max(d, 0)))
		h.grow(b + 1)
		h.counts[b] += n
		h.n += n
	}
}

// Each visits every bucket that is not empty, the shortest durations first.
func (h *Histogram) Each(visit func(seconds float64, count uint64)) {
	for b, n := range h.counts {
		if n > 0 {
			visit(middle(b)/1e9, n)
		}
	}
}

// Merge counts all that another histogram has counted.
func (h *Histogram) Merge(o *Histogram) {
	h.grow(len(o.counts))
	for b, c := range o.counts {
		h.counts[b] += c
	}
	h.n += o.n
}

func (h *Histogram) grow(n int) {
	if n > len(h.counts) {
		h.counts = append(h.counts, make([]uint64, n-len(h.counts))...)
	}
}

// Count is how many durations were added.
func (h *Histogram) Count() uint64 { return h.n }

// Quantile is the p-quantile in seconds by nearest rank, 0 <= p <= 1; NaN if
// nothing was added.
func (h *Histogram) Quantile(p float64) float64 {
	if h.n == 0 {
		return math.NaN()
	}
	rank := max(uint64(math.Ceil(p*float64(h.n))), 1)
	for b, c := range h.counts {
		if rank <= c {
			return middle(b) / 1e9
		}
		rank -= c
	}
	panic("sim/result: a histogram has counted less than it says")
}

// MarshalBinary gives the counts as varints, for one process to hand to
// another.
func (h Histogram) MarshalBinary() ([]byte, error) {
	var b []byte
	for _, n := range h.counts {
		b = binary.AppendUvarint(b, n)
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary gave; anything else is an error.
func (h *Histogram) UnmarshalBinary(b []byte) error {
	*h = Histogram{}
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		if k <= 0 || len(h.counts) > bucketOf(math.MaxInt64) {
			return errors.New("result: not the bytes of a histogram")
		}
		h.counts = append(h.counts, n)
		h.n += n
		b = b[k:]
	}
	return nil
}
