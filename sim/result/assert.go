package result

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Op compares two numbers in an Assertion.
type Op uint8

// Comparisons, in the order of opNames.
const (
	Less Op = iota
	AtMost
	More
	AtLeast
	Equal
)

var opNames = []string{Less: "<", AtMost: "<=", More: ">", AtLeast: ">=", Equal: "=="}

// String is the operator as written.
func (o Op) String() string { return opNames[o] }

// holds reports whether a op b.
func (o Op) holds(a, b float64) bool {
	switch o {
	case Less:
		return a < b
	case AtMost:
		return a <= b
	case More:
		return a > b
	case AtLeast:
		return a >= b
	}
	return a == b
}

// A Ref is one metric of one variant: rebuffer-ratio[swarm].
type Ref struct {
	Metric  MetricID
	Variant string
}

// String is the reference as written.
func (r Ref) String() string { return Metrics[r.Metric].Name + "[" + r.Variant + "]" }

// An Assertion is a condition on the results of a Set:
//
//	rebuffer-ratio[swarm] <= 1%
//	bitrate[swarm] < 0.5 * bitrate[central]
type Assertion struct {
	Text   string // as written
	Left   Ref
	Op     Op
	Right  *Ref    // nil: compare with Limit
	Factor float64 // multiplies Right
	Limit  float64 // in the unit of Left's metric; added to Right, if there is one
}

// A ParseError says where an assertion is wrong.
type ParseError struct {
	Text string
	Col  int // of the first wrong character, counted from 1
	Msg  string
}

// Error names the assertion, the column and what is allowed there.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%q, column %d: %s", e.Text, e.Col, e.Msg)
}

// ParseAssertion reads "metric[variant] op limit", where limit is a number
// with its unit or "[factor *] metric[variant] [+ allowance]". Variants are those
// of the scenario. An error is a *ParseError.
func ParseAssertion(text string, variants []string) (Assertion, error) {
	p := &parser{text: text, variants: variants}
	a := Assertion{Text: strings.TrimSpace(text)}
	a.Left = p.ref()
	a.Op = p.op()
	p.right(&a)
	p.space()
	if p.err == nil && p.pos < len(text) {
		p.fail(p.pos, "nothing may follow here; an assertion is one comparison")
	}
	if p.err != nil {
		return Assertion{}, p.err
	}
	return a, nil
}

// A parser reads an assertion from left to right and keeps its first error.
type parser struct {
	text     string
	pos      int // byte offset
	variants []string
	err      error
}

// fail keeps the first error, with the column of a byte offset.
func (p *parser) fail(at int, format string, args ...any) {
	if p.err == nil {
		p.err = &ParseError{p.text, utf8.RuneCountInString(p.text[:at]) + 1, fmt.Sprintf(format, args...)}
		p.pos = len(p.text)
	}
}

// space skips blanks.
func (p *parser) space() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
}

// word takes what is left up to one of the stop characters.
func (p *parser) word(stops string) string {
	rest := p.text[p.pos:]
	if i := strings.IndexAny(rest, stops); i >= 0 {
		rest = rest[:i]
	}
	p.pos += len(rest)
	return rest
}

// ref reads metric[variant].
func (p *parser) ref() Ref {
	p.space()
	at := p.pos
	name := p.word("[ \t<>=*")
	metric, ok := MetricByName(name)
	if !ok && p.err == nil {
		p.fail(at, "%s", unknown("metric", name, metricNames()))
	}
	if !strings.HasPrefix(p.text[p.pos:], "[") {
		p.fail(p.pos, "a variant in brackets must follow the metric, as in %s[%s]", name, p.anyVariant())
		return Ref{}
	}
	p.pos++
	at = p.pos
	variant := p.word("]")
	if !strings.HasPrefix(p.text[p.pos:], "]") {
		p.fail(at-1, "this bracket is never closed")
		return Ref{}
	}
	p.pos++
	for _, v := range p.variants {
		if v == variant {
			return Ref{metric, variant}
		}
	}
	p.fail(at, "%s", unknown("variant", variant, p.variants))
	return Ref{}
}

// anyVariant is a variant for an example in a message.
func (p *parser) anyVariant() string {
	if len(p.variants) > 0 {
		return p.variants[0]
	}
	return "variant"
}

// op reads a comparison.
func (p *parser) op() Op {
	p.space()
	at := p.pos
	for p.pos < len(p.text) && strings.IndexByte("<>=!~", p.text[p.pos]) >= 0 {
		p.pos++
	}
	for o, name := range opNames {
		if p.text[at:p.pos] == name {
			return Op(o)
		}
	}
	p.fail(at, "found %q where a comparison must stand: one of %s", firstWord(p.text[at:]), strings.Join(opNames, " "))
	return Equal
}

// right reads what stands behind the comparison.
func (p *parser) right(a *Assertion) {
	p.space()
	at := p.pos
	if p.err != nil {
		return
	}
	number := p.number()
	if number == "" {
		ref := p.ref()
		a.Right, a.Factor = &ref, 1
		p.beside(at, a)
		return
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsInf(value, 0) {
		p.fail(at, "%q is no number", number)
		return
	}
	after := p.pos
	p.space()
	if p.text[at] != '$' && strings.HasPrefix(p.text[p.pos:], "*") {
		p.pos++
		ref := p.ref()
		a.Right, a.Factor = &ref, value
		p.beside(at, a)
		return
	}
	p.pos = after
	a.Limit = p.limit(at, &Metrics[a.Left.Metric], value)
}

// beside reads how much the other metric may be exceeded by, if that is said.
func (p *parser) beside(at int, a *Assertion) {
	p.sameUnit(at, a)
	p.space()
	if p.err != nil || !strings.HasPrefix(p.text[p.pos:], "+") {
		return
	}
	p.pos++
	p.space()
	at = p.pos
	value, err := strconv.ParseFloat(p.number(), 64)
	if err != nil || math.IsInf(value, 0) {
		p.fail(at, "a number with its unit must follow the plus, as in metric[variant] + 100ms")
		return
	}
	a.Limit = p.limit(at, &Metrics[a.Left.Metric], value)
}

// sameUnit refuses to compare, say, seconds with bytes.
func (p *parser) sameUnit(at int, a *Assertion) {
	l, r := &Metrics[a.Left.Metric], &Metrics[a.Right.Metric]
	if p.err == nil && l.Unit != r.Unit {
		p.fail(at, "%s is in %s and %s in %s: they cannot be compared", l.Name, l.Unit, r.Name, r.Unit)
	}
}

// number takes the longest prefix that looks like a decimal number, with a
// dollar sign in front where there is one; it is empty if there is no digit.
func (p *parser) number() string {
	i := p.pos
	if i < len(p.text) && p.text[i] == '$' {
		i++
		p.pos++
	}
	digits := false
	for ; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case '0' <= c && c <= '9':
			digits = true
		case c == '.', (c == '-' || c == '+') && i == p.pos:
		case (c == 'e' || c == 'E') && digits && exponent(p.text[i+1:]):
			i++ // the sign or first digit of the exponent
		default:
			return p.takeNumber(i, digits)
		}
	}
	return p.takeNumber(i, digits)
}

// takeNumber moves behind a number that ends at i.
func (p *parser) takeNumber(i int, digits bool) string {
	if !digits {
		return ""
	}
	s := p.text[p.pos:i]
	p.pos = i
	return s
}

// exponent reports whether s goes on as the exponent of a number.
func exponent(s string) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	return s != "" && '0' <= s[0] && s[0] <= '9'
}

// limit reads the unit behind a number and converts to the metric's own.
func (p *parser) limit(at int, m *Metric, value float64) float64 {
	q := m.quantity()
	p.space()
	unit := p.word(" \t")
	if p.text[at] == '$' {
		unit = "$" + unit
	}
	found := strings.TrimSpace(p.text[at:p.pos])
	for _, s := range q.limits {
		if s.text != unit {
			continue
		}
		if m.Unit == "ratio" && !(0 <= value*s.factor && value*s.factor <= 1) {
			p.fail(at, "%q is no share: %s lies between 0%% and 100%%", found, m.Name)
		}
		return float64(value * s.factor)
	}
	p.fail(at, "%q is no value of %s: it is in %s, write for example %s", found, m.Name, m.Unit, q.sample)
	return 0
}
