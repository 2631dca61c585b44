package datasets

import (
	"math"
	"math/big"
	"math/bits"
)

// A decimal is a number as text says it: mant times ten to the exp. Digits
// beyond the nineteenth are cut.
type decimal struct {
	mant uint64
	exp  int
	neg  bool
	cut  bool // there were more digits
}

// maxExponent bounds exponents: beyond it nothing fits.
const maxExponent = 400

// parseDecimal reads digits with an optional sign, point and exponent.
func parseDecimal(b []byte) (d decimal, ok bool) {
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		d.neg = b[i] == '-'
		i++
	}
	digits, point := 0, false
	for ; i < len(b); i++ {
		c := b[i]
		switch {
		case c >= '0' && c <= '9':
			digits++
			if d.mant < (math.MaxUint64-9)/10 {
				d.mant = d.mant*10 + uint64(c-'0')
				if point {
					d.exp--
				}
			} else {
				d.cut = true
				if !point {
					d.exp++
				}
			}
			continue
		case c == '.' && !point:
			point = true
			continue
		}
		break
	}
	if digits == 0 {
		return decimal{}, false
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		e, ok := exponent(b[i+1:])
		d.exp += e
		return d, ok
	}
	return d, i == len(b)
}

// whole says whether nothing but zeros stands behind the point.
func (d decimal) whole() bool {
	return d.exp >= 0 || d.mant == 0 || -d.exp < len(powers) && d.mant%powers[-d.exp] == 0
}

// exponent reads what follows an e.
func exponent(b []byte) (e int, ok bool) {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 4 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		e = e*10 + int(c-'0')
	}
	if neg {
		e = -e
	}
	return e, true
}

// powers are the powers of ten that fit 64 bits.
var powers = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// in is d times a scale, rounded to the nearest whole number, halves up; false
// where it does not fit. The sign is kept.
func (d decimal) in(s scale) (int64, bool) {
	exp := d.exp + s.pow
	hi, lo := bits.Mul64(d.mant, s.mul)
	switch {
	case d.mant == 0:
		return 0, true
	case exp > 19 || exp < -maxExponent:
		return 0, exp < 0
	case exp >= 0:
		if hi != 0 {
			return 0, false
		}
		hi, lo = bits.Mul64(lo, powers[exp])
		exp = 0
	}
	for exp < -18 { // one digit at a time: rare, and exact enough
		hi, lo = divide(hi, lo, 10)
		exp++
	}
	by, over := bits.Mul64(powers[-exp], s.div)
	if by != 0 || over == 0 {
		return 0, by != 0 // so large a divisor leaves nothing
	}
	lo, carry := bits.Add64(lo, over/2, 0)
	hi += carry
	if hi, lo = divide(hi, lo, over); hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if d.neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

// divide is a number of 128 bits divided by one of 64, rounded down.
func divide(hi, lo, by uint64) (uint64, uint64) {
	q, rest := hi/by, hi%by
	lo, _ = bits.Div64(rest, lo, by)
	return q, lo
}

// exact is a number of any size times a scale as a whole number, halves up. ok
// is false for what is no number or absurdly long.
func exact(b []byte, s scale) (*big.Int, bool) {
	d, ok := parseDecimal(b)
	if ok && !d.cut {
		if n, ok := d.in(s); ok {
			return big.NewInt(n), true
		}
	}
	if !ok || len(b) > 100 || d.exp > 100 || d.exp < -100 {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(string(b))
	if !ok {
		return nil, false
	}
	r.Mul(r, new(big.Rat).SetFrac(s.times(), new(big.Int).SetUint64(s.div)))
	r.Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()), true // rounds down, as Denom is positive
}

// toFloat reads a number for moments and for detection, never for a model.
func toFloat(b []byte) (float64, bool) {
	d, ok := parseDecimal(b)
	if !ok {
		return 0, false
	}
	x := float64(d.mant) * math.Pow(10, float64(d.exp))
	if d.neg {
		x = -x
	}
	return x, !math.IsInf(x, 0)
}
