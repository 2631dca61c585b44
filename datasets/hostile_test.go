package datasets

import (
	"bytes"
	"encoding/csv"
	"io"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzRead gives any bytes to detection and to a format. Whatever it is, there
// is an error, or a set whose account adds up and whose moments and sheets can be made.
func FuzzRead(f *testing.F) {
	formats := Formats()
	for i, c := range specimens {
		f.Add(c.name, []byte(c.text), uint8(i), true)
	}
	f.Add("x", []byte("\x1f\x8b\x08\x00"), uint8(0), false)
	f.Add("x", []byte("PK\x03\x04\x14\x00"), uint8(0), false)
	f.Add("a.csv", []byte("a,\"\n\"\n\"\n\"\"\"\n,,\"x\"y\n"), uint8(0), true)
	f.Add("a.json", []byte(`[{"a":"\u00e9\"}"},{"a":{"b":[1,"]"]}},{]}`), uint8(1), true)
	f.Add("m", []byte("0\t1\n1\t0\t3\n"), uint8(17), true)
	f.Fuzz(func(t *testing.T, name string, text []byte, which uint8, stated bool) {
		if len(text) > 1<<16 {
			return
		}
		d := Descriptor{}
		if stated {
			d = Descriptor{Format: formats[int(which)%len(formats)].Name, Step: time.Second,
				Units: map[string]string{"": "ms", "time": "s", "down": "Mbit/s", "up": "kB/s", "value": "gwei", "size": "kB", "length": "s", "rtt": "ms"}}
		}
		s, err := Read(name, text, d)
		if err != nil {
			return
		}
		balanced(t, s)
		if s.Repairs.Rows > int64(64*len(text)+64) && !bytes.HasPrefix(text, []byte("PK")) && !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
			t.Errorf("%d rows of %d bytes", s.Repairs.Rows, len(text))
		}
		s.Moments()
		s.Curves()
		s.Spread(10)
		for _, sheet := range s.Sheets() {
			if err := sheet.Write(io.Discard); err != nil {
				t.Error(err)
			}
		}
		d.Strict = true
		if strict, err := Read(name, text, d); err == nil && brief(strict) != brief(s) {
			t.Errorf("strict reading gives something else")
		}
	})
}

// FuzzDecimal holds numbers against math/big, which takes its time.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.5", "1e9", "1e-9", "18446744073709551615", "0.000000000000000000001", "99999999999999999999e-5", "+7.", ".5", "1e400", "12e", "", "."} {
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		if len(text) > 40 {
			return
		}
		m := measures[int(which)%len(measures)]
		d, ok := parseDecimal([]byte(text))
		slow, known := new(big.Rat).SetString(strings.TrimPrefix(text, "+"))
		if strings.ContainsAny(text, "xXoObBpP_/ini") || strings.HasPrefix(text, "+-") || strings.HasPrefix(text, "++") {
			return // math/big reads more than decimals
		}
		if ok && !known && d.exp > -5000 && d.exp < 5000 && !strings.HasSuffix(text, ".") && !strings.ContainsAny(text, "eE") {
			t.Fatalf("%q is read and is no number", text)
		}
		if !ok || !known {
			return
		}
		n, fits := d.in(m.scale)
		slow.Mul(slow, new(big.Rat).SetFrac(m.times(), new(big.Int).SetUint64(m.div)))
		twice := new(big.Rat).Mul(slow, big.NewRat(2, 1))
		want := new(big.Int).Quo(twice.Num(), twice.Denom()) // halves, cut towards zero
		half := new(big.Int).Add(want, big.NewInt(int64(want.Sign())))
		half.Quo(half, big.NewInt(2))
		digits := len(strings.TrimLeft(strings.NewReplacer(".", "", "-", "", "+", "").Replace(strings.FieldsFunc(text, func(c rune) bool { return c == 'e' || c == 'E' })[0]), "0"))
		switch {
		case digits > 18: // cut digits may round otherwise
		case fits && half.Cmp(big.NewInt(n)) != 0:
			t.Errorf("%s %s is %d, slowly %v", text, m.name, n, half)
		case !fits && half.IsInt64() && half.Int64() < 1<<62 && half.Int64() > -1<<62:
			t.Errorf("%s %s does not fit, and is %v", text, m.name, half)
		}
		if x, ok := exact([]byte(text), m.scale); ok && slow.Sign() >= 0 && x.Cmp(half) != 0 {
			t.Errorf("%s %s is exactly %v, slowly %v", text, m.name, x, half)
		}
	})
}

// FuzzInstant holds ISO times against package time.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{"2024-02-29T10:00:00Z", "2024-04-19 16:23:00.001039872", "2020-07-03 20:25:08.457000+00:00", "2024-01-01", "2024-13-01", "2024-01-01T25:00:00Z", "2024-01-01T10:00:00-03:30"} {
		f.Add(s)
	}
	forms := []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02", "2006-01-02 15:04", "2006-01-02T15:04Z07:00"}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := readISO([]byte(text))
		for _, form := range forms {
			want, err := time.Parse(form, text)
			if err != nil || want.Year() < 1700 || want.Year() > 2250 || strings.Contains(text, ",") {
				continue
			}
			if !ok || got != want.UnixNano() {
				t.Errorf("%q: %d %v, package time says %d", text, got, ok, want.UnixNano())
			}
		}
	})
}

// FuzzCells holds the taking apart of lines against encoding/csv.
func FuzzCells(f *testing.F) {
	for _, s := range []string{`a,b,c`, `"a,b",c`, `"a""b",`, `,"",`, `"x`, `a"b,c`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\r\n ") || line == "" {
			return
		}
		r := csv.NewReader(strings.NewReader(line))
		r.LazyQuotes = false
		want, err := r.Read()
		cells, closed := appendQuoted(nil, []byte(line), ',')
		if err != nil {
			return
		}
		var got []string
		for _, c := range cells {
			got = append(got, string(c))
		}
		if !closed || !slices.Equal(got, want) {
			t.Errorf("%q: %q %v, want %q", line, got, closed, want)
		}
	})
}

// Cut anywhere, or with a byte changed, every specimen is still read or refused.
func TestDamaged(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for _, c := range specimens {
		for range 30 {
			b := []byte(c.text)
			b[draw.IntN(len(b))] = byte(draw.Uint32())
			b = b[:1+draw.IntN(len(b))]
			if s, err := Read(c.name, b, c.desc); err == nil {
				balanced(t, s)
			}
		}
	}
}
