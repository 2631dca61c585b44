package unit

import (
	"encoding"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"
)

// slowTime is Rate.Time by rational arithmetic.
func slowTime(r Rate, n Size) time.Duration {
	if n <= 0 {
		return 0
	}
	if r <= 0 {
		return Never
	}
	ns := new(big.Rat).SetFrac(
		new(big.Int).Mul(big.NewInt(int64(n)), big.NewInt(nanobits)), big.NewInt(int64(r)))
	up := new(big.Int).Add(ns.Num(), new(big.Int).Sub(ns.Denom(), big.NewInt(1)))
	up.Quo(up, ns.Denom())
	if !up.IsInt64() {
		return Never
	}
	return time.Duration(up.Int64())
}

// slowBytes is Rate.Bytes by integers of any length.
func slowBytes(r Rate, d time.Duration) Size {
	if r <= 0 || d <= 0 {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(int64(r)), big.NewInt(int64(d)))
	n.Quo(n, big.NewInt(nanobits))
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return Size(n.Int64())
}

// any63 draws from 0..MaxInt64 with every magnitude equally likely.
func any63(rng *rand.Rand) int64 { return rng.Int64() >> rng.IntN(63) }

func TestTimeAndBytesAgreeWithSlowTwins(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	edges := []int64{math.MinInt64, -1, 0, 1, 7, 8, 9, nanobits, math.MaxInt64 - 1, math.MaxInt64}
	check := func(a, b int64) {
		if got, want := Rate(a).Time(Size(b)), slowTime(Rate(a), Size(b)); got != want {
			t.Fatalf("Rate(%d).Time(%d) = %d, want %d", a, b, got, want)
		}
		if got, want := Rate(a).Bytes(time.Duration(b)), slowBytes(Rate(a), time.Duration(b)); got != want {
			t.Fatalf("Rate(%d).Bytes(%d) = %d, want %d", a, b, got, want)
		}
	}
	for _, a := range edges {
		for _, b := range edges {
			check(a, b)
		}
	}
	for range 20_000 {
		check(any63(rng), any63(rng))
	}
}

func TestBytesAreThroughAtTimeAndNotBefore(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		r, n := Rate(1+rng.Int64N(100e9)), Size(1+rng.Int64N(1<<30))
		d := r.Time(n)
		// Above 8 Gbit/s more than one byte passes in a nanosecond.
		if got := r.Bytes(d); got < n || r.Bytes(d-1) >= n {
			t.Fatalf("%v: %v take %v, in which %d bytes pass, and %d a nanosecond earlier", r, n, d, got, r.Bytes(d-1))
		}
	}
}

func TestStringIsShortest(t *testing.T) {
	for _, c := range []struct {
		value interface{ String() string }
		want  string
	}{
		{Rate(0), "0bit/s"}, {Rate(100), "100bit/s"}, {Rate(500_000), "500kbit/s"},
		{Rate(1_500_000), "1.5Mbit/s"}, {Rate(50e6), "50Mbit/s"}, {Rate(1e9), "1Gbit/s"},
		{Rate(1_234_567), "1234567bit/s"}, {Rate(-1000), "-1kbit/s"},
		{Rate(math.MaxInt64), "9223372036854775807bit/s"}, {Rate(math.MinInt64), "-9223372036854775808bit/s"},
		{Size(0), "0B"}, {Size(64 << 10), "64KiB"}, {Size(1_500_000), "1.5MB"}, {Size(1536), "1536B"},
		{Size(1e6), "1MB"}, {Size(1 << 20), "1MiB"}, {Size(1_572_864), "1.5MiB"},
		{Wei(0), "0wei"}, {Wei(100), "100wei"}, {Wei(5e9), "5gwei"}, {Wei(1e16), "0.01ETH"},
		{Wei(1e17), "0.1ETH"}, {Wei(1e18 + 1), "1000000000000000001wei"}, {Wei(2_500_000_000), "2.5gwei"},
		{USD(0), "$0"}, {USD(85e6), "$0.085"}, {USD(1), "$0.000000001"}, {USD(-5e8), "-$0.5"},
		{USD(math.MinInt64), "-$9223372036.854775808"},
		{Ratio(0), "0%"}, {Ratio(math.Copysign(0, -1)), "0%"}, {Ratio(1), "100%"}, {Ratio(0.05), "5%"},
		{Ratio(0.5), "50%"}, {Ratio(0.123456), "12.3456%"}, {Ratio(0.07), "7%"}, {Ratio(1.0 / 3), "33.33333333333333%"},
		{Ratio(1e-6), "0.0001%"}, {Ratio(1e-9), "1e-09"}, {Ratio(1.7), "170%"}, {Ratio(-0.25), "-25%"},
		{Ratio(math.NaN()), "NaN"},
	} {
		if got := c.value.String(); got != c.want {
			t.Errorf("%T: got %s, want %s", c.value, got, c.want)
		}
	}
}

// A quantity is what the tests ask of every type of this package.
type quantity interface {
	comparable
	String() string
	Pattern() string
	Example() string
	encoding.TextMarshaler
}

// reads calls the UnmarshalText of a Q.
func reads[Q quantity](text string) (Q, error) {
	var q Q
	err := any(&q).(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	return q, err
}

func TestTextReadsBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 5_000 {
		n := any63(rng)
		readsBack(t, Rate(n))
		readsBack(t, Rate(n/1e6*1e6))
		readsBack(t, Size(n))
		readsBack(t, Size(n>>20<<20))
		readsBack(t, Wei(rng.Uint64()>>rng.IntN(64)))
		readsBack(t, Wei(rng.Uint64N(1000)*1e16))
		readsBack(t, USD(n))
		readsBack(t, Ratio(rng.Float64()))
		readsBack(t, Ratio(float64(rng.IntN(1001))/1000))
		readsBack(t, Ratio(math.Pow(rng.Float64(), 40)))
	}
	readsBack(t, Wei(math.MaxUint64))
}

func readsBack[Q quantity](t *testing.T, q Q) {
	t.Helper()
	text, err := q.MarshalText()
	if err != nil || string(text) != q.String() {
		t.Fatalf("%T %v: MarshalText gave %q, %v", q, q, text, err)
	}
	if got, err := reads[Q](string(text)); err != nil || got != q {
		t.Fatalf("%T %s reads back as %v, %v", q, text, got, err)
	}
	if !regexp.MustCompile(q.Pattern()).Match(text) {
		t.Fatalf("%T %s does not match its pattern %s", q, text, q.Pattern())
	}
}

func TestExamplesRead(t *testing.T) {
	exampleReads[Rate](t)
	exampleReads[Size](t)
	exampleReads[Wei](t)
	exampleReads[USD](t)
	exampleReads[Ratio](t)
}

func exampleReads[Q quantity](t *testing.T) {
	var zero Q
	if q, err := reads[Q](zero.Example()); err != nil || q.String() != zero.Example() {
		t.Errorf("%T: the example %s reads as %v, %v", zero, zero.Example(), q, err)
	}
}

func TestReadsExactly(t *testing.T) {
	exactly(t, "0.1ETH", Wei(1e17))
	exactly(t, "18.446744073709551615ETH", Wei(math.MaxUint64))
	exactly(t, "0.000000000000000001ETH", Wei(1))
	exactly(t, "00.30gwei", Wei(3e8))
	exactly(t, "9.2Gbit/s", Rate(9_200_000_000))
	exactly(t, "0.5kbit/s", Rate(500))
	exactly(t, "1.5KiB", Size(1536))
	exactly(t, "$0.000000001", USD(1))
	exactly(t, "$12", USD(12e9))
	exactly(t, "5%", Ratio(0.05))
	exactly(t, "0.05", Ratio(0.05))
	exactly(t, "1", Ratio(1))
	exactly(t, "100.0%", Ratio(1))
	exactly(t, "1e-9", Ratio(1e-9))
}

func exactly[Q quantity](t *testing.T, text string, want Q) {
	t.Helper()
	if got, err := reads[Q](text); err != nil || got != want {
		t.Errorf("%s reads as %v, %v; want %v", text, got, err, want)
	}
}

func TestBadTextSaysWhatIsAllowed(t *testing.T) {
	const rates = "5bit/s, 5kbit/s, 5Mbit/s or 5Gbit/s"
	bad[Rate](t, "5000", "5000 has no unit: write 5000bit/s, 5000kbit/s, 5000Mbit/s or 5000Gbit/s")
	bad[Rate](t, "5mbps", `5mbps has the unknown unit "mbps": write `+rates)
	bad[Rate](t, "5 Mbit/s", `"5 Mbit/s" has a space: write the unit right after the number, like 5kbit/s`)
	bad[Rate](t, "-5Mbit/s", "-5Mbit/s is negative: write a quantity of at least 0bit/s")
	bad[Rate](t, "", `"" is not a number with a unit: write `+rates)
	bad[Rate](t, "NaN", "NaN is not a number with a unit: write "+rates)
	bad[Rate](t, "fast", "fast is not a number with a unit: write "+rates)
	bad[Rate](t, "1e6bit/s", `1e6bit/s has the unknown unit "e6bit/s": write 1bit/s, 1kbit/s, 1Mbit/s or 1Gbit/s`)
	bad[Rate](t, ".5Mbit/s", ".5Mbit/s is not a number with a unit: write "+rates)
	bad[Rate](t, "1..5Mbit/s", "1..5Mbit/s is not a number with a unit: write "+rates)
	bad[Rate](t, "1.5bit/s", "1.5bit/s is not a whole number of bit/s")
	bad[Rate](t, "9223372036854775808bit/s", "9223372036854775808bit/s is too large: the most is 9223372036854775807bit/s")
	bad[Rate](t, "11111111111111111111111111111111111111111bit/s",
		`"1111111111111111111111111111111111111111"... is not a number with a unit: write `+rates)
	bad[Size](t, "64", "64 has no unit: write 64B, 64kB, 64MB, 64GB, 64KiB, 64MiB or 64GiB")
	bad[Size](t, "64Kb", `64Kb has the unknown unit "Kb": write 64B, 64kB, 64MB, 64GB, 64KiB, 64MiB or 64GiB`)
	bad[Size](t, "0.3B", "0.3B is not a whole number of B")
	bad[Wei](t, "0.1", "0.1 has no unit: write 0.1wei, 0.1gwei or 0.1ETH")
	bad[Wei](t, "19ETH", "19ETH is too large: the most is about 18.4ETH")
	bad[Wei](t, "0.1wei", "0.1wei is not a whole number of wei")
	bad[USD](t, "0.085", "0.085 has no unit: write $0.085")
	bad[USD](t, "0.085USD", "0.085USD is not an amount of dollars: write it like $0.085")
	bad[USD](t, "$-1", "$-1 is negative: write an amount of at least $0")
	bad[USD](t, "-$1", "-$1 is negative: write an amount of at least $0")
	bad[USD](t, "$", "$ is not an amount of dollars: write it like $0.085")
	bad[USD](t, "$0.0000000001", "$0.0000000001 has more than nine decimals: the smallest amount is $0.000000001")
	bad[USD](t, "$9999999999", "$9999999999 is too large: the most is $9223372036.854775807")
	bad[Ratio](t, "1.7", "1.7 is above 1: write 1.7% or a number from 0 to 1")
	bad[Ratio](t, "170", "170 is above 1: a ratio lies between 0% and 100%")
	bad[Ratio](t, "170%", "170% is above 100%: a ratio lies between 0% and 100%")
	bad[Ratio](t, "-5%", "-5% is negative: a ratio lies between 0% and 100%")
	bad[Ratio](t, "NaN", "NaN is not a ratio: write it like 5% or 0.05")
	bad[Ratio](t, "1e2", "1e2 is not a ratio: write it like 5% or 0.05")
	bad[Ratio](t, "1e-", "1e- is not a ratio: write it like 5% or 0.05")
	bad[Ratio](t, "1e-2%", "1e-2% is not a ratio: write it like 5% or 0.05")
	bad[Ratio](t, "5 %", `"5 %" is not a ratio: write it like 5% or 0.05`)
}

func bad[Q quantity](t *testing.T, text, want string) {
	t.Helper()
	var zero Q
	got, err := reads[Q](text)
	if err == nil || got != zero {
		t.Errorf("%s reads as %v, %v; want an error and nothing stored", text, got, err)
	} else if err.Error() != want {
		t.Errorf("%s\n got %s\nwant %s", text, err, want)
	}
}

func TestKeyError(t *testing.T) {
	if got, want := Bad("loss", "1.7 is above 1").Error(), "loss: 1.7 is above 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzText holds that what reads also reads back, and that nothing panics.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"50Mbit/s", "1.5KiB", "0.01ETH", "$0.085", "5%", "0.05", "1e-9", "-1B", "9e9", "", "$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fuzzOne[Rate](t, text)
		fuzzOne[Size](t, text)
		fuzzOne[Wei](t, text)
		fuzzOne[USD](t, text)
		fuzzOne[Ratio](t, text)
	})
}

func fuzzOne[Q quantity](t *testing.T, text string) {
	q, err := reads[Q](text)
	if err != nil {
		if len(err.Error()) > 400 {
			t.Fatalf("%q: an error of %d bytes", text, len(err.Error()))
		}
		return
	}
	if !regexp.MustCompile(q.Pattern()).MatchString(text) {
		t.Fatalf("%T reads %q, which its pattern %s forbids", q, text, q.Pattern())
	}
	readsBack(t, q)
}
