package result

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestHistogramIsRightToFourInAThousand(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var h Histogram
	var all []float64
	for range 20_000 {
		d := time.Duration(math.Exp(40 * r.Float64()))
		h.Add(d)
		all = append(all, d.Seconds())
	}
	slices.Sort(all)
	for _, p := range []float64{0, 0.001, 0.25, 0.5, 0.95, 0.999, 1} {
		want := all[max(int(math.Ceil(p*float64(len(all)))), 1)-1]
		if got := h.Quantile(p); math.Abs(got-want) > 0.004*want {
			t.Errorf("the %v-quantile is %v, want %v", p, got, want)
		}
	}
}

// Every bucket begins where the one before it ends.
func TestBucketsAreInOrder(t *testing.T) {
	last := 0
	for v := uint64(0); v < 1<<20; v++ {
		b := bucketOf(v)
		if b != last && b != last+1 {
			t.Fatalf("%d ns are in bucket %d, %d ns in %d", v-1, last, v, b)
		}
		if m := middle(b); math.Abs(m-float64(v)) > float64(v)/256+0.5 {
			t.Fatalf("bucket %d of %d ns stands for %v", b, v, m)
		}
		last = b
	}
	if b := bucketOf(math.MaxInt64); b != (63-8)<<precision+255 || middle(b) < 0.99*math.MaxInt64 {
		t.Errorf("the longest duration is in bucket %d, which stands for %v", b, middle(b))
	}
}

func TestHistogramsMergeInAnyOrder(t *testing.T) {
	var a, b, all Histogram
	for i := range 1000 {
		d := time.Duration(i*i) * time.Microsecond
		all.Add(d)
		if i%3 == 0 {
			a.Add(d)
		} else {
			b.Add(d)
		}
	}
	var ab, ba Histogram
	ab.Merge(&a)
	ab.Merge(&b)
	ba.Merge(&b)
	ba.Merge(&a)
	if !reflect.DeepEqual(ab, ba) || !reflect.DeepEqual(ab, all) {
		t.Error("merged histograms differ")
	}
	if (&Histogram{}).Count() != 0 || !math.IsNaN((&Histogram{}).Quantile(0.5)) {
		t.Error("an empty histogram has a median")
	}
}

// A histogram comes out of its bytes as it went in; other bytes are refused.
func TestHistogramsTravel(t *testing.T) {
	var h, got Histogram
	for i := range 1000 {
		h.Add(time.Duration(i * i * i))
	}
	b, err := h.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := got.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(got, h) {
		t.Errorf("it comes out with %d of %d, error %v", got.Count(), h.Count(), err)
	}
	for _, bad := range [][]byte{{0x80}, make([]byte, 1<<20)} {
		if got.UnmarshalBinary(bad) == nil {
			t.Errorf("%d bytes that are no histogram are taken", len(bad))
		}
	}
}
