package datasets

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// A scale takes a number to the unit of the models: times mul, divided by div,
// times ten to the pow.
type scale struct {
	mul, div uint64
	pow      int
}

// times is the whole part of the scale as one number.
func (s scale) times() *big.Int {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(s.pow)), nil)
	return n.Mul(n, new(big.Int).SetUint64(s.mul))
}

// A quantity is what a number in a column counts.
type quantity string

// Quantities, with the unit of the models.
const (
	label   quantity = "label"  // a name
	instant quantity = "time"   // nanoseconds since 1970, or since the beginning
	length  quantity = "length" // nanoseconds
	rate    quantity = "rate"   // bits a second
	size    quantity = "size"   // bytes
	count   quantity = "count"  // things
	share   quantity = "share"  // millionths
	fee     quantity = "fee"    // wei
	price   quantity = "price"  // billionths of what the unit names
)

// A measure is one unit with all names that stand for it. There is no other way
// for a name to become a unit.
type measure struct {
	name string
	of   quantity
	scale
	also []string
}

var one = scale{1, 1, 0}

// measures is every unit there is. Names differ in case where bits and bytes do.
var measures = []measure{
	{"bit/s", rate, one, []string{"bps", "bits/s", "bits/sec", "b/s", "bit/sec", "bits per second"}},
	{"kbit/s", rate, scale{1, 1, 3}, []string{"kbps", "Kbps", "Kbit/s", "Kbits/sec", "kbits/s", "Kbits/s", "kbits/sec", "kb/s", "Kb/s", "kbit", "kilobits per second"}},
	{"Mbit/s", rate, scale{1, 1, 6}, []string{"Mbps", "mbps", "Mbits/sec", "Mbits/s", "Mb/s", "mbit/s", "mbits/s", "MBits/s", "mbits/sec", "Mbit", "megabits per second"}},
	{"Gbit/s", rate, scale{1, 1, 9}, []string{"Gbps", "gbps", "Gbits/sec", "Gbits/s", "Gb/s"}},
	{"B/s", rate, scale{8, 1, 0}, []string{"Bps", "bytes/s", "byte/s", "bytes/sec", "Bytes/s", "Byte/s", "bytes per second", "bytes_sec"}},
	{"kB/s", rate, scale{8, 1, 3}, []string{"kBps", "KBps", "KB/s", "kByte/s", "KByte/s", "kbytes/s", "KBytes/s", "kBytes/s"}},
	{"MB/s", rate, scale{8, 1, 6}, []string{"MBps", "MByte/s", "MBytes/s", "mbytes/s"}},
	{"KiB/s", rate, scale{8 << 10, 1, 0}, []string{"KiBps"}},
	{"MiB/s", rate, scale{8 << 20, 1, 0}, []string{"MiBps"}},

	{"ns", length, one, []string{"nanoseconds", "nsec", "nanos"}},
	{"us", length, scale{1, 1, 3}, []string{"µs", "μs", "usec", "microseconds", "micros"}},
	{"ms", length, scale{1, 1, 6}, []string{"msec", "millis", "millisecond", "milliseconds", "Ms", "MS", "мс", "毫秒"}},
	{"s", length, scale{1, 1, 9}, []string{"sec", "secs", "second", "seconds", "Sec", "S"}},
	{"min", length, scale{60, 1, 9}, []string{"mins", "minute", "minutes"}},
	{"h", length, scale{3600, 1, 9}, []string{"hr", "hrs", "hour", "hours"}},
	{"d", length, scale{86400, 1, 9}, []string{"day", "days"}},

	{"bit", size, scale{1, 8, 0}, []string{"bits"}},
	{"kbit", size, scale{1, 8, 3}, []string{"kbits", "Kbit"}},
	{"B", size, one, []string{"byte", "bytes", "Bytes"}},
	{"kB", size, scale{1, 1, 3}, []string{"KB", "kilobytes"}},
	{"MB", size, scale{1, 1, 6}, []string{"megabytes"}},
	{"GB", size, scale{1, 1, 9}, []string{"gigabytes"}},
	{"KiB", size, scale{1 << 10, 1, 0}, nil},
	{"MiB", size, scale{1 << 20, 1, 0}, nil},

	{"1", share, scale{1, 1, 6}, []string{"share", "fraction", "ratio", "cdf", "ccdf", "quantile", "probability", "survival"}},
	{"%", share, scale{1, 1, 4}, []string{"percent", "pct", "percentile"}},

	{"thousand", count, scale{1, 1, 3}, []string{"k", "K"}},
	{"10,000", count, scale{1, 1, 4}, []string{"万", "萬"}},
	{"million", count, scale{1, 1, 6}, []string{"M", "mln", "Mio"}},
	{"billion", count, scale{1, 1, 9}, []string{"B", "bn"}},

	{"wei", fee, one, []string{"Wei", "WEI"}},
	{"gwei", fee, scale{1, 1, 9}, []string{"Gwei", "GWEI", "GWei", "gWei"}},
	{"ETH", fee, scale{1, 1, 18}, []string{"eth", "Ether", "ether", "Eth"}},

	{"USD", price, scale{1, 1, 9}, []string{"usd", "$", "Usd", "dollars"}},
	{"USDT", price, scale{1, 1, 9}, []string{"usdt"}},
	{"EUR", price, scale{1, 1, 9}, []string{"eur", "Eur"}},
	{"BTC", price, scale{1, 1, 9}, []string{"btc", "Btc"}},
}

// measureOf finds the unit that a name stands for, of some quantity. Instants
// are counted in the units of lengths; money may be fees or prices.
func measureOf(name string, of quantity) (measure, bool) {
	if of == instant {
		of = length
	}
	for _, m := range measures {
		if (m.of == of || of == fee && m.of == price) && (m.name == name || slices.Contains(m.also, name)) {
			return m, true
		}
	}
	if of == rate {
		return spelledRate(name)
	}
	if len(name) < 4 {
		return measure{}, false
	}
	for _, m := range measures { // words may be written Minutes or MINUTES; bits and bytes differ by case
		if (m.of == of || of == fee && m.of == price) && slices.ContainsFunc(m.also, func(n string) bool { return len(n) > 3 && strings.EqualFold(n, name) }) {
			return m, true
		}
	}
	return measure{}, false
}

// spelledRate is a unit whose noun is written out, as in Megabits/sec,
// bits_per_second or KBytes/s: then capitals say nothing.
func spelledRate(name string) (measure, bool) {
	text := strings.NewReplacer("_per_", "/", " per ", "/", "_", "/").Replace(strings.ToLower(name))
	what, per, ok := strings.Cut(text, "/")
	if !ok || !slices.Contains([]string{"s", "sec", "second"}, per) {
		return measure{}, false
	}
	for _, noun := range []struct{ word, short string }{{"bits", "bit/s"}, {"bit", "bit/s"}, {"bytes", "B/s"}, {"byte", "B/s"}} {
		prefix, ends := strings.CutSuffix(what, noun.word)
		power, known := map[string]string{"": "", "k": "k", "kilo": "k", "m": "M", "mega": "M", "g": "G", "giga": "G"}[prefix]
		for _, m := range measures {
			if ends && known && m.of == rate && m.name == power+noun.short {
				return m, true
			}
		}
	}
	return measure{}, false
}

// unitNames lists the units of a quantity, for messages.
func unitNames(of quantity) string {
	if of == instant {
		of = length
	}
	var names []string
	for _, m := range measures {
		if m.of == of || of == fee && m.of == price {
			names = append(names, m.name)
		}
	}
	return strings.Join(names, ", ")
}

// headerUnit splits a column's header into its name and the unit that it
// states: in brackets, or as its last word. Only names in the table count.
func headerUnit(h string, of quantity) (name string, m measure, stated bool) {
	h = strings.TrimSpace(h)
	for _, pair := range []string{"()", "[]", "{}"} {
		if rest, ok := strings.CutSuffix(h, pair[1:]); ok {
			if i := strings.LastIndex(rest, pair[:1]); i >= 0 {
				m, stated = measureOf(unzoned(rest[i+1:]), of)
				if m.name == "min" && isDelay(rest[:i]) {
					return strings.TrimSpace(rest[:i]) + " min", measure{}, false
				}
				return strings.TrimSpace(rest[:i]), m, stated
			}
		}
	}
	for i := 1; i < len(h); i++ { // the longest end of it that is a unit
		apart := strings.IndexByte(" _-.:/", h[i-1]) >= 0
		if !apart && !(isUpper(h[i]) && isLower(h[i-1])) {
			continue
		}
		if m, ok := measureOf(h[i:], of); ok && !(m.name == "min" && isDelay(h[:i])) {
			name := strings.TrimRight(h[:i], " _-.:/")
			if words := splitWords(name); len(words) > 1 && words[len(words)-1] == "in" {
				name = strings.TrimRight(strings.TrimSuffix(name, "in"), " _-.:/")
			}
			return name, m, true
		}
	}
	return h, measure{}, false
}

// isDelay says whether a header is about a round trip: then min is the smallest,
// and no minutes.
func isDelay(name string) bool {
	return slices.ContainsFunc(splitWords(strings.ToLower(name)), func(w string) bool {
		return slices.Contains([]string{"rtt", "ping", "latency", "delay", "trip", "owd"}, w)
	})
}

// unzoned is a unit without the zone that a header names behind it.
func unzoned(text string) string {
	text = strings.TrimSpace(text)
	for _, zone := range []string{" GMT", " UTC"} {
		text = strings.TrimSuffix(text, zone)
	}
	return text
}

// bareUnit is the unit of a header that is nothing but a unit: of rates, fees and shares,
// and ms of times, as others are words of other sense too.
func bareUnit(h string, of quantity) (measure, bool) {
	if of != rate && of != fee && of != share && !(of == length && slices.Contains([]string{"ms", "milliseconds", "msec"}, strings.ToLower(h))) {
		return measure{}, false
	}
	return measureOf(strings.TrimSpace(h), of)
}

// splitWords takes a header apart at blanks, underscores, hyphens and points, and where
// a small letter meets a capital one. The case is kept.
func splitWords(h string) []string {
	var words []string
	begin := 0
	flush := func(end int) {
		if end > begin {
			words = append(words, h[begin:end])
		}
	}
	for i := 0; i < len(h); i++ {
		switch c := h[i]; {
		case c == ' ' || c == '_' || c == '-' || c == '.' || c == ':':
			flush(i)
			begin = i + 1
		case i > begin && isUpper(c) && isLower(h[i-1]):
			flush(i)
			begin = i
		}
	}
	flush(len(h))
	return words
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

// unitError says that a column states no unit.
func unitError(place, column string, b *binding) error {
	as := "--unit"
	if !b.main {
		as = "--unit " + b.role + "=UNIT"
	}
	none := ""
	if !b.main {
		none = fmt.Sprintf("; or --column %s=- if it is none", b.role)
	}
	return fmt.Errorf("%s: column %q states no unit for a %s: say %s with one of %s%s", place, column, b.of, as, unitNames(b.of), none)
}
