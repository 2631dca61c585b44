package datasets

import (
	"bytes"
	"slices"
	"time"
)

// decimal puts a point for the comma of a number, where the reader has said that
// it is one. Points before it then stand between thousands.
func (t *sheetReader) decimal(c []byte) []byte {
	if !t.r.desc.Comma {
		return c
	}
	whole, part, comma := bytes.Cut(c, []byte{','})
	if bytes.IndexByte(whole, '.') > 0 {
		if !hasThousands(whole, ".") {
			return noNumber(c) // a point that is no thousands' is nothing that was said
		}
		t.note(thousands)
		whole = bytes.ReplaceAll(whole, []byte{'.'}, nil)
	}
	if !comma {
		return whole
	}
	t.note(decimalComma)
	return slices.Concat(whole, []byte{'.'}, part)
}

// noNumber is a cell that no number is.
func noNumber(c []byte) []byte { return append([]byte{'!'}, c...) }

// separators stand between thousands: a comma, blanks of all widths, an apostrophe.
var separators = []string{",", " ", "\u00a0", "\u202f", "\u2009", "'", "\u2019"}

// joined is a number without what stands between its thousands.
func (t *sheetReader) joined(c []byte) ([]byte, bool) {
	for _, sep := range separators {
		if sep == "," && t.r.sample.doubtful(c) {
			continue
		}
		if bytes.Contains(c, []byte(sep)) && hasThousands(c, sep) {
			t.note(thousands)
			return bytes.ReplaceAll(c, []byte(sep), nil), true
		}
	}
	return c, false
}

// doubtful says whether a comma may as well be a decimal sign: the only one, where
// semicolons are between cells, and no point.
func (s *sample) doubtful(c []byte) bool {
	return s.delim == ';' && bytes.Count(c, []byte{','}) == 1 && bytes.IndexByte(c, '.') < 0
}

// dressed reads a number with signs between thousands, or with its unit.
func (t *sheetReader) dressed(c []byte, b *binding) (decimal, scale, bool) {
	if c, ok := t.joined(c); ok {
		d, ok := parseDecimal(c)
		return d, b.scale, ok && b.bare
	}
	d, m, ok := withUnit(c, b.of)
	if !ok && b.of == length {
		d, ok = spanOf(c)
		m.scale = one
	}
	if !ok {
		number, rest := ends(c)
		if plain, sure := t.joined(number); sure {
			d, m, ok = withUnit(append(slices.Clone(plain), rest...), b.of)
		}
	}
	if ok {
		t.note(unitInCell)
	}
	return d, m.scale, ok
}

// signs stand before amounts of money.
var signs = []struct{ sign, unit string }{{"$", "USD"}, {"US$", "USD"}, {"€", "EUR"}}

// withUnit reads a number and the unit right behind it, or the sign of a coin
// before it.
func withUnit(c []byte, of quantity) (d decimal, m measure, ok bool) {
	number, rest := ends(c)
	for _, s := range signs {
		if bare, found := bytes.CutPrefix(c, []byte(s.sign)); found && of == fee {
			number, rest = bytes.TrimSpace(bare), []byte(s.unit)
			if hasThousands(number, ",") {
				number = bytes.ReplaceAll(number, []byte{','}, nil)
			}
		}
	}
	if d, ok = parseDecimal(number); !ok {
		return d, m, false
	}
	m, ok = measureOf(string(rest), of)
	return d, m, ok
}

// ends takes a cell apart where its number ends.
func ends(c []byte) (number, rest []byte) {
	end := bytes.IndexFunc(c, func(x rune) bool {
		return (x < '0' || x > '9') && x != '.' && x != '-' && x != '+' && x != ',' && x != '\'' && x != ' ' && x != '\u00a0' && x != '\u202f'
	})
	if end < 0 {
		end = len(c)
	}
	return bytes.TrimSpace(c[:end]), bytes.TrimSpace(c[end:])
}

// hasThousands says whether separators stand before three digits each.
func hasThousands(c []byte, sep string) bool {
	whole, _, _ := bytes.Cut(c, []byte{'.'})
	if sep == "." {
		whole = c
	}
	parts := bytes.Split(whole, []byte(sep))
	for i, p := range parts {
		if i > 0 && len(p) != 3 || len(p) == 0 || i == 0 && len(bytes.TrimLeft(p, "-+")) > 3 {
			return false
		}
		for _, x := range p {
			if (x < '0' || x > '9') && (i > 0 || x != '-') {
				return false
			}
		}
	}
	return len(parts) > 1
}

// isSpan says whether a cell of lengths is text that says its units by itself.
func isSpan(c []byte, of quantity) bool {
	_, ok := spanOf(c)
	return ok && of == length
}

// spanOf reads a length as text, in nanoseconds: 1:02:03.5 with hours, PT1H2M3.5S
// (ISO 8601 without years and months), or 1h2m3.5s. Two parts with one colon may
// be minutes or hours: they are not read.
func spanOf(c []byte) (d decimal, ok bool) {
	var ns int64
	switch {
	case bytes.Count(c, []byte{':'}) == 2:
		ns, ok = clockSpan(c)
	case len(c) > 2 && c[0] == 'P':
		ns, ok = isoSpan(c[1:])
	case len(c) > 1 && c[0] >= '0' && c[0] <= '9' && bytes.ContainsAny(c, "hms"):
		x, err := time.ParseDuration(string(c))
		ns, ok = int64(x), err == nil && bytes.Count(c, []byte{'.'}) < 2
	}
	return decimal{mant: uint64(max(ns, 0))}, ok && ns >= 0
}

// clockSpan reads hours, minutes and seconds.
func clockSpan(c []byte) (ns int64, ok bool) {
	for i, part := range bytes.Split(c, []byte{':'}) {
		d, number := parseDecimal(part)
		x, fits := d.in(scale{1, 1, 9})
		if !number || !fits || d.neg || i > 0 && x >= int64(time.Minute) || x > int64(10_000*time.Second) {
			return 0, false
		}
		ns = ns*60 + x
	}
	return ns, true
}

// isoSpan reads what follows the P of a length in ISO 8601.
func isoSpan(c []byte) (ns int64, ok bool) {
	late := false // behind the T
	for len(c) > 0 {
		if c[0] == 'T' && !late {
			late, c = true, c[1:]
			continue
		}
		end := bytes.IndexAny(c, "DHMSWY")
		if end < 0 {
			return 0, false
		}
		each := map[byte]int64{'W': 7 * 86400, 'D': 86400}[c[end]]
		if late {
			each = map[byte]int64{'H': 3600, 'M': 60, 'S': 1}[c[end]]
		}
		d, number := parseDecimal(c[:end])
		x, fits := d.in(scale{uint64(each), 1, 9})
		if each == 0 || !number || !fits || d.neg || ns+x < 0 {
			return 0, false
		}
		ns, ok, c = ns+x, true, c[end+1:]
	}
	return ns, ok
}

// hexDecimal reads a whole number as Ethereum writes it: 0x and digits.
func hexDecimal(c []byte) (d decimal, ok bool) {
	n, ok := hexadecimal(c)
	if !ok || !n.IsUint64() {
		return d, false
	}
	return decimal{mant: n.Uint64()}, true
}

// isNumber says whether a cell is a number, of decimals or hexadecimal.
func isNumber(c []byte) bool {
	_, plain := parseDecimal(c)
	_, hex := hexDecimal(c)
	return plain || hex
}
