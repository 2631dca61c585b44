package datasets

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// isoLayout is the one text form of times that needs no word: ISO 8601.
const isoLayout = "iso"

// namedLayout is the text form that names its month: it needs no word either, as
// it can be read in one way only. excelLayout is the days since 1899-12-30 of
// spreadsheets.
const (
	namedLayout = "named"
	excelLayout = "excel"
	clockLayout = "clock"
)

// layouts are the named text forms of times, with what Go calls them. Others
// than ISO are read only where a format or the reader names them: 1/2/2024 is
// two days.
var layouts = []struct {
	name string
	go_  []string
}{
	{isoLayout, nil},
	{"us", []string{"1/2/2006", "1/2/2006, 3:04 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM"}},
	{"eu", []string{"2/1/2006", "2/1/2006 15:04:05", "2/1/2006 15:04", "2.1.2006", "2.1.2006 15:04:05", "2.1.2006 15:04"}},
	{"dotted", []string{"2006.01.02_15.04.05", "2006.01.02 15:04:05", "2006.01.02"}},
	{"hour", []string{"2006-01-02 03-PM"}},
	{"yy.dd.mm", []string{"06.02.01"}},
	{"month", []string{"2006-01", "01/2006", "Jan 2006"}},
	{namedLayout, []string{"Jan 2, 2006", "2 Jan 2006", "2-Jan-2006", "January 2, 2006", "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 UTC 2006",
		"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC1123Z, "2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2-Jan-2006 15:04:05", "2-Jan-2006 15:04", "Jan 2, 2006 15:04:05", "Jan 2, 2006 3:04:05 PM",
		"Jan 2, 2006, 3:04:05 PM", "Jan 2 2006 15:04:05", "02/Jan/2006:15:04:05 -0700"}},
	{clockLayout, []string{"15:04:05", "15:04", "3:04:05 PM", "3:04 PM"}},
	{excelLayout, []string{"45000.25"}},
}

// layoutNames lists the names.
func layoutNames() string {
	var names []string
	for _, l := range layouts {
		names = append(names, l.name)
	}
	return strings.Join(names, ", ")
}

func isLayout(name string) bool {
	for _, l := range layouts {
		if l.name == name {
			return true
		}
	}
	return false
}

// readInstant reads a time as text in one of the named layouts, as nanoseconds since
// 1970. What has no zone is UTC.
func readInstant(c []byte, names []string) (int64, bool) {
	n, _, ok := instantLike(c, names, "")
	return n, ok
}

// instantLike is readInstant with the form that the last time had, which is tried
// first, and the one that this has, where it has one.
func instantLike(c []byte, names []string, last string) (n int64, form string, ok bool) {
	if last != "" {
		if t, err := time.Parse(last, string(c)); err == nil {
			n, ok = nanos(t)
			return n, last, ok
		}
	}
	for _, l := range layouts {
		if !slices.Contains(names, l.name) {
			continue
		}
		switch l.name {
		case isoLayout:
			if n, ok := readISO(c); ok {
				return n, "", true
			}
			continue
		case excelLayout:
			n, ok = readExcel(c)
			return n, "", ok
		}
		for _, form := range l.go_ {
			if t, err := time.Parse(form, string(c)); err == nil {
				n, ok = nanos(t)
				return n, form, ok
			}
		}
	}
	return 0, "", false
}

// zoned says whether a text names a zone at its end.
func zoned(c []byte) bool {
	if n := len(c); n > 3 && (c[n-1] == 'Z' || c[n-1] == 'z' || c[n-1] == 'C' || c[n-1] == 'T') {
		return true
	}
	i := bytes.LastIndexAny(c, "+-")
	return i > 10 && i >= len(c)-6
}

// nanos is a time as a number, if it fits.
func nanos(t time.Time) (int64, bool) {
	if y := t.Year(); y < 1700 || y > 2250 {
		if y != 0 { // a clock without a date is of the year 0
			return 0, false
		}
		return int64(t.Hour())*int64(time.Hour) + int64(t.Minute())*int64(time.Minute) + int64(t.Second())*int64(time.Second), true
	}
	return t.UnixNano(), true
}

// readExcel reads the days since 1899-12-30, to the nearest millisecond: more is
// noise of the fraction.
func readExcel(c []byte) (int64, bool) {
	d, ok := parseDecimal(c)
	ms, fits := d.in(scale{86400, 1, 3})
	ms -= 25569 * 86400 * 1000
	return ms * int64(time.Millisecond), ok && fits && ms > -1e13 && ms < 1e13-1e12
}

const day = int64(24 * time.Hour)

// clock says whether a column is a time of day without a date.
func (t *sheetReader) clock(role int) bool {
	b := &t.bound[role]
	return b.date < 0 && len(b.layouts) > 0 && b.layouts[0] == clockLayout
}

// instant reads a time as text. A clock may have its date in another column;
// where it has none, a time half a day before the last is of the next day.
func (t *sheetReader) instant(c []byte, b *binding) (n int64, ok bool) {
	if b.date >= 0 {
		day, ok1 := readInstant(t.cell(b.date), []string{isoLayout, namedLayout})
		n, ok = readInstant(c, []string{clockLayout})
		n, ok = n+day, ok && ok1
	} else {
		n, b.form, ok = instantLike(c, b.layouts, b.form)
	}
	if ok && !t.told && !zoned(c) {
		t.told = true
		t.note(noZone)
	}
	if ok && b.date < 0 && b.layouts[0] == clockLayout {
		if n += b.last / day * day; n < b.last-day/2 {
			n += day
			t.note(midnight)
		}
		b.last = n
	}
	return n, ok
}

// dated looks for the date of a clock: the only column of a date besides.
func (r *reading) dated(b *binding) bool {
	if _, clock := readInstant([]byte(r.sampled(b)), []string{clockLayout}); !clock {
		return false
	}
	for i, h := range r.sample.titles() {
		other := binding{index: i, column: column{}, header: h}
		_, date := readInstant([]byte(r.sampled(&other)), []string{isoLayout, namedLayout})
		if i == b.index || !date || !slices.Contains(meaningWords(h), "date") && !slices.Contains(meaningWords(h), "day") {
			continue
		}
		if b.date >= 0 {
			b.date = -1
			return false
		}
		b.date = i
	}
	if b.date >= 0 {
		b.layouts = []string{clockLayout}
		r.unit("%s: column %q, on the day of column %q", b.role, b.header, r.sample.titles()[b.date])
	}
	return b.date >= 0
}

// readISO reads 2006-01-02, then perhaps T, a blank or _ and 15:04[:05[.999]], then
// perhaps a zone: Z, +01:00, +0100, +01 or " UTC". The year stands first, so that
// slashes and points may stand for the hyphens; and none, as in 20060102T150405.
func readISO(c []byte) (int64, bool) {
	f := isoFields{c}
	year, ok1 := f.number(4, 0)
	apart, colon := byte('-'), byte(':')
	switch {
	case len(f.b) > 0 && (f.b[0] == '/' || f.b[0] == '.'):
		apart = f.b[0]
	case len(f.b) > 0 && f.b[0] >= '0' && f.b[0] <= '9':
		apart, colon = 0, 0
	}
	month, ok2 := f.number(2, apart)
	day, ok3 := f.number(2, apart)
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, false
	}
	var hour, minute, second, frac int
	if len(f.b) > 1 && (f.b[0] == 'T' || f.b[0] == ' ' || f.b[0] == '_') && f.b[1] >= '0' && f.b[1] <= '9' || colon == 0 && len(f.b) > 3 {
		if f.b[0] == 'T' || f.b[0] == ' ' || f.b[0] == '_' {
			f.b = f.b[1:]
		}
		var ok bool
		digits := 2
		if len(f.b) > 1 && f.b[1] == ':' {
			digits = 1 // as spreadsheets write it
		}
		if hour, ok = f.number(digits, 0); !ok {
			return 0, false
		}
		if colon != 0 && len(f.b) > 0 && f.b[0] == '.' {
			colon = '.'
		}
		if minute, ok = f.number(2, colon); !ok {
			return 0, false
		}
		if len(f.b) > 0 && (f.b[0] == colon || colon == 0 && f.b[0] >= '0' && f.b[0] <= '9') {
			if second, ok = f.number(2, colon); !ok {
				return 0, false
			}
		}
		frac = f.fraction()
	}
	zone, ok := f.zone()
	if !ok || hour > 24 || minute > 59 || second > 60 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, frac, time.UTC)
	if t.Day() != day && hour < 24 && second < 60 {
		return 0, false // no such day
	}
	n, ok := nanos(t)
	return n - zone, ok && year > 0
}

// isoFields is what is left of a time while it is read.
type isoFields struct{ b []byte }

// number reads so many digits after a sign; sign 0 is none.
func (f *isoFields) number(digits int, sign byte) (n int, ok bool) {
	if sign != 0 {
		if len(f.b) == 0 || f.b[0] != sign {
			return 0, false
		}
		f.b = f.b[1:]
	}
	if len(f.b) < digits {
		return 0, false
	}
	for _, c := range f.b[:digits] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	f.b = f.b[digits:]
	return n, true
}

// fraction reads decimals of a second as nanoseconds; more than nine are cut.
func (f *isoFields) fraction() (ns int) {
	if len(f.b) == 0 || f.b[0] != '.' && f.b[0] != ',' {
		return 0
	}
	unit := 100_000_000
	for f.b = f.b[1:]; len(f.b) > 0 && f.b[0] >= '0' && f.b[0] <= '9'; f.b = f.b[1:] {
		ns += int(f.b[0]-'0') * unit
		unit /= 10
	}
	return ns
}

// zone reads how far ahead of UTC the time is, in nanoseconds.
func (f *isoFields) zone() (ahead int64, ok bool) {
	s := strings.TrimSpace(string(f.b))
	switch {
	case s == "" || s == "Z" || s == "z" || s == "UTC" || s == "GMT":
		return 0, true
	case s[0] != '+' && s[0] != '-':
		return 0, false
	}
	g := isoFields{[]byte(strings.ReplaceAll(s[1:], ":", ""))}
	hours, ok := g.number(2, 0)
	minutes := 0
	if ok && len(g.b) > 0 {
		minutes, ok = g.number(2, 0)
	}
	ahead = (int64(hours)*60 + int64(minutes)) * int64(time.Minute)
	if s[0] == '-' {
		ahead = -ahead
	}
	return ahead, ok && len(g.b) == 0 && hours < 24 && minutes < 60
}
