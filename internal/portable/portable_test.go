package portable_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"kinetoscope/internal/portable"
)

func Example() {
	fmt.Println(portable.Exp(1), portable.Exp2(-1), portable.Ln(2))
	// Output: 2.718281828459045 0.5 0.6931471805599453
}

func TestAgainstMath(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 5))
	check := func(name string, x, got, want, scale float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-15*scale {
			t.Fatalf("%s(%v) = %v, want %v", name, x, got, want)
		}
	}
	for range 100_000 {
		x := 1400*draw.Float64() - 700
		check("Exp", x, portable.Exp(x), math.Exp(x), math.Exp(x))
		check("Exp", x/700, portable.Exp(x/700), math.Exp(x/700), math.Exp(x/700))
		check("Exp2", x, portable.Exp2(x), math.Exp2(x), math.Exp2(x))
		u := (float64(draw.Uint64()>>11) + 0.5) / (1 << 53)
		check("Ln", u, portable.Ln(u), math.Log(u), max(1, -math.Log(u)))
		check("Ln", 1e6*u, portable.Ln(1e6*u), math.Log(1e6*u), max(1, math.Log(1e6*u)))
	}
	for _, x := range []float64{0, -700, 700, math.Ln2, -math.Ln2, 0.5 / 64, math.Nextafter(0.5/64, 0)} {
		check("Exp", x, portable.Exp(x), math.Exp(x), math.Exp(x))
		check("Exp2", x, portable.Exp2(x), math.Exp2(x), math.Exp2(x))
	}
	for _, u := range []float64{1e-307, 0x1p-54, 0.5, 0.70710678, 1 - 0x1p-53, 1, 1 + 0x1p-52, math.Sqrt2, 2, 1e300} {
		check("Ln", u, portable.Ln(u), math.Log(u), max(1, math.Abs(math.Log(u))))
	}
	if portable.Exp2(-3) != 0.125 || portable.Ln(1) != 0 || portable.Exp(0) != 1 {
		t.Error("what is exact is not")
	}
}

var sum float64

func Benchmark(b *testing.B) {
	for _, f := range []struct {
		name string
		of   func(float64) float64
	}{{"Exp", portable.Exp}, {"Exp2", portable.Exp2}, {"Ln", portable.Ln}} {
		b.Run(f.name, func(b *testing.B) {
			x := 0.1
			for b.Loop() {
				sum += f.of(x)
				x += 0.001
				if x > 2 {
					x = 0.1
				}
			}
		})
	}
}
