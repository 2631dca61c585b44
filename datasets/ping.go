package datasets

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
)

// detectPing looks for a line as ping prints it, in any language: a time with
// its unit behind = or <, or as fping does.
func detectPing(s *sample) string {
	for line := range bytes.SplitSeq(s.head, []byte{'\n'}) {
		text := string(bytes.TrimSpace(line))
		named := slices.ContainsFunc([]string{"icmp_seq", "bytes from", "TTL=", "ttl="}, func(w string) bool { return strings.Contains(text, w) })
		if _, _, ok := pingTime(text); ok && (named || fpingLine(text) != "") {
			return "it is what ping prints: " + cutText(text)
		}
	}
	return ""
}

// cutText is the beginning of a line, for a message.
func cutText(s string) string { return s[:min(len(s), 80)] }

// unanswered are what ping prints for a probe without an answer.
var unanswered = []string{"no answer yet", "Request timeout", "Request timed out", ", timed out (", "Unreachable", "unreachable", "100% packet loss for", "General failure", "TTL expired",
	"Zeitüberschreitung", "nicht erreichbar", "Allgemeiner Fehler", "dépassé", "injoignable", "agotado", "scaduta", "esgotado", "超时"}

// A pinger is a log of ping while it is read. A log may hold several runs.
type pinger struct {
	*atlas
	lines  *lines
	at     map[int64]int // of the run: the number of a probe, and its place among all
	last   int64         // number; -1: none yet
	probes int64         // of the run
	begun  bool          // the run is there from its beginning
	budget int64         // how many probes may still be told by numbers alone
}

// skipped is how many probes numbers may leave out for each line that there is:
// far more than any outage, far less than memory.
const skipped = 32

// readPing reads what ping prints. Lines that are no probe are no rows; numbers
// that are left out, and what the sum at the end has more of, are probes that
// were lost.
func readPing(r *reading, f *file) error {
	p := &pinger{atlas: r.atlas(), lines: newLines(f.in, r.journal, f.name), budget: 1 << 16}
	r.unit("probe: the unit beside each time")
	p.run(false)
	for line, ok := p.lines.next(); ok; line, ok = p.lines.next() {
		p.budget += skipped
		p.line(strings.TrimSpace(string(line)))
	}
	return p.lines.err
}

// run begins a run of ping.
func (p *pinger) run(begun bool) {
	p.at, p.last, p.probes, p.begun = map[int64]int{}, -1, 0, begun
}

// line takes a line.
func (p *pinger) line(text string) {
	seq := pingNumber(text)
	if seq >= 0 && strings.Contains(text, "time=") {
		p.answer(text, seq)
		return
	}
	small := strings.ToLower(text)
	before, _, sum := strings.Cut(text, " packets transmitted")
	sent, err := strconv.ParseInt(before, 10, 64)
	switch {
	case strings.HasPrefix(small, "ping:"): // it could not even ask
	case strings.HasPrefix(small, "ping"):
		p.run(true)
	case sum && err == nil:
		if p.begun {
			p.lose(min(sent, 1<<40) - p.probes)
		}
		p.run(false)
	case strings.Contains(text, " = "): // sums
	case slices.ContainsFunc(unanswered, func(u string) bool { return strings.Contains(text, u) }):
		p.silence(seq)
	default:
		p.answer(text, seq)
	}
}

// lose adds probes of which no line tells.
func (p *pinger) lose(n int64) bool {
	if n <= 0 || n > p.budget {
		return n <= 0
	}
	p.budget -= n
	p.probes += n
	p.r.journal.notes(lost, n, p.lines.place)
	for range n {
		p.Probes = append(p.Probes, Probe{Lost: true})
	}
	return true
}

// follow brings the run to a probe's number: those between were lost. A number
// that goes back by far, or to the beginning, is of a new run.
func (p *pinger) follow(seq int64, again bool) {
	_, known := p.at[seq]
	switch {
	case seq < 0 || again:
		return
	case seq < p.last && (p.last-seq > 1<<15 || known && seq <= 1), seq == p.last && seq <= 1 && known, p.last < 0:
		p.run(p.begun && p.last < 0 || seq <= 1)
	case seq > p.last+1:
		from := len(p.Probes)
		if !p.lose(seq - p.last - 1) {
			p.run(false)
		}
		for i := range len(p.Probes) - from {
			p.at[p.last+1+int64(i)] = from + i
		}
	}
	p.last = max(p.last, seq)
}

// silence takes a line that says that there was no answer.
func (p *pinger) silence(seq int64) {
	p.follow(seq, false)
	p.r.journal.rows++
	p.r.journal.settle(p.r.journal.note(lost, p.lines.place), 1)
	p.put(seq, Probe{Lost: true})
}

// put adds a probe of the run.
func (p *pinger) put(seq int64, x Probe) {
	if seq >= 0 {
		p.at[seq] = len(p.Probes)
	}
	p.probes++
	p.Probes = append(p.Probes, x)
}

// answer takes a line with a time. One for a probe that was given up holds.
func (p *pinger) answer(text string, seq int64) {
	took, bound, ok := pingTime(text)
	if !ok && (seq < 0 || !strings.Contains(text, "time=")) {
		return
	}
	j, st, again := p.r.journal, isKept, strings.Contains(text, "DUP!")
	p.follow(seq, again)
	i, known := p.at[seq]
	j.rows++
	switch late := known && p.Probes[i].Lost; {
	case known && !late:
		j.drop(duplicate, p.lines.place)
	case !ok:
		j.drop(badNumber, p.lines.place)
	default:
		if bound {
			st = j.note(upperBound, p.lines.place)
		}
		x := Probe{At: pingClock(text), RTT: took}
		if late {
			j.note(lateAnswer, p.lines.place)
			p.Probes[i] = x
		} else {
			p.put(seq, x)
		}
		j.settle(st, 1)
	}
}

// pingNumber is the number of a probe, from what stands behind icmp_seq or seq, or in
// the brackets of fping; -1 where there is none.
func pingNumber(text string) int64 {
	rest, found := "", false
	for _, name := range []string{"icmp_seq=", "icmp_seq ", "seq=", " : ["} {
		if _, rest, found = strings.Cut(text, name); found {
			break
		}
	}
	end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(rest)
	}
	n, err := strconv.ParseInt(rest[:end], 10, 64)
	if !found || err != nil || n > 1<<31 {
		return -1
	}
	return n
}

// fpingLine is what follows the bracket of a line like
// "8.8.8.8 : [0], 64 bytes, 5.52 ms (5.52 avg, 0% loss)"; empty for others.
func fpingLine(text string) string {
	_, rest, _ := strings.Cut(text, " : [")
	if !strings.Contains(rest, "], ") || !strings.Contains(rest, "loss)") {
		return ""
	}
	return rest
}

// pingClock is the Unix time that ping -D puts before a line, in nanoseconds.
func pingClock(text string) int64 {
	if !strings.HasPrefix(text, "[") {
		return 0
	}
	end := strings.IndexByte(text, ']')
	d, ok := parseDecimal([]byte(text[1:max(end, 1)]))
	at, fits := d.in(scale{1, 1, 9})
	if !ok || !fits {
		return 0
	}
	return at
}

// pingTime finds the time of a line: the number behind = or < whose unit is one of
// time. bound says that it stands behind <.
func pingTime(text string) (took time.Duration, bound, ok bool) {
	if rest := fpingLine(text); rest != "" {
		_, rest, _ = strings.Cut(rest, " bytes, ")
		took, ok = withTime(rest)
		return took, false, ok
	}
	for i := range len(text) {
		if text[i] != '=' && text[i] != '<' {
			continue
		}
		if took, ok = withTime(strings.TrimLeft(text[i+1:], " ")); ok {
			return took, text[i] == '<', true
		}
	}
	return 0, false, false
}

// withTime reads a number and its unit.
func withTime(text string) (time.Duration, bool) {
	end := strings.IndexFunc(text, func(c rune) bool { return c != '.' && (c < '0' || c > '9') })
	if end < 1 {
		return 0, false
	}
	d, ok := parseDecimal([]byte(text[:end]))
	words := strings.Fields(text[end:])
	if !ok || len(words) == 0 {
		return 0, false
	}
	m, ok := measureOf(words[0], length)
	n, fits := d.in(m.scale)
	return time.Duration(n), ok && fits && n > 0
}
