// Package portable computes Exp, Exp2 and Ln with the same bits on every processor,
// which package math does not promise: by the four operations alone, and with each
// product rounded by itself, so that no compiler makes one step of two.
//
// They find how far their argument is from the nearest place of a table, and sum a few
// terms of a series for the rest (Tang, "Table-driven implementation of the
// exponential function in IEEE floating-point arithmetic", 1989). They leave out
// infinities, NaN, and numbers outside of their bounds.
package portable

import "math"

// The tables: 2^(i/powers), and the inverse and the logarithm of i/centres.
const (
	log2powers = 6
	powers     = 1 << log2powers
	centres    = 128
)

var (
	power  [powers]float64
	centre [2 * centres]struct{ inverse, ln float64 }
)

func init() {
	for i := range power {
		power[i] = slowExp(float64(i) / powers * math.Ln2)
	}
	for i := centres / 2; i < len(centre); i++ {
		centre[i].inverse, centre[i].ln = centres/float64(i), slowLn(float64(i)/centres)
	}
}

// ln2/powers in two parts, of which the first has so few digits that it times a number
// of 17 bits is exact.
const (
	high = 0x1.62e42fep-7
	low  = math.Ln2/powers - high
)

// Exp is e^x for |x| < 700, correct to 1e-15 of it.
func Exp(x float64) float64 {
	k := math.Floor(float64(x*(powers/math.Ln2)) + 0.5)
	return exp(int(k), x-float64(k*high)-float64(k*low))
}

// Exp2 is 2^x for |x| < 1022, correct to 1e-15 of it.
func Exp2(x float64) float64 {
	k := math.Floor(float64(x*powers) + 0.5)
	return exp(int(k), float64((x-k/powers)*math.Ln2))
}

// exp is 2^(k/powers) e^r for |r| < 0.006, where r^6/720 is below 1e-16.
func exp(k int, r float64) float64 {
	tail := 1./2 + float64(r*(1./6+float64(r*(1./24+float64(r*(1./120))))))
	scale := math.Float64frombits(uint64(1023+k>>log2powers) << 52)
	return float64(power[k&(powers-1)]*scale) * (1 + (r + float64(float64(r*r)*tail)))
}

// Ln is the natural logarithm of x, which is above 1e-307, correct to 1e-15 or, if that
// is more, 1e-15 of it.
func Ln(x float64) float64 {
	const digits = 52
	b := math.Float64bits(x)
	exponent := int(b>>digits) - 1023
	m := math.Float64frombits(b<<12>>12 | 1023<<digits) // 1 <= m < 2
	if m > math.Sqrt2 {
		m, exponent = m/2, exponent+1
	}
	i := uint(int(m*centres+0.5)) % uint(len(centre))
	r := float64((m - float64(int(i))/centres) * centre[i].inverse) // |r| < 0.006: r^7/7 is below 1e-16
	tail := -1./2 + float64(r*(1./3+float64(r*(-1./4+float64(r*(1./5+float64(r*(-1./6))))))))
	return float64(float64(exponent)*math.Ln2) + (centre[i].ln + (r + float64(float64(r*r)*tail)))
}

// slowExp is e^x for 0 <= x < 1 by its series.
func slowExp(x float64) float64 {
	sum := 1.0
	for i := 20; i > 0; i-- {
		sum = 1 + float64(float64(x/float64(i))*sum)
	}
	return sum
}

// slowLn is the logarithm of m for 1/2 <= m < 2, as 2 atanh((m-1)/(m+1)) by its series.
func slowLn(m float64) float64 {
	z := (m - 1) / (m + 1)
	sum := 0.0
	for i := 41; i > 0; i -= 2 {
		sum = float64(sum*float64(z*z)) + 1/float64(i)
	}
	return float64(2 * float64(z*sum))
}
