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
var unanswered = []string{"no answer yet", "Request timeout", "Request timed out", ", timed out (", "Unreachable", "unreachable", "100% packet loss for",
	"Zeitüberschreitung", "nicht erreichbar", "dépassé", "injoignable", "agotado", "scaduta", "esgotado", "超时"}

// readPing reads what ping prints. Lines that are no probe are no rows; numbers
// that are left out of icmp_seq are probes that were lost.
func readPing(r *reading, f *file) error {
	l := newLines(f.in, r.journal, f.name)
	m := r.atlas()
	r.unit("probe: the unit beside each time")
	last := int64(-1)
	for line, ok := l.next(); ok; line, ok = l.next() {
		text, st := string(line), isKept
		seq := pingNumber(text)
		if slices.ContainsFunc(unanswered, func(u string) bool { return strings.Contains(text, u) }) {
			r.journal.rows++
			r.journal.settle(r.journal.note(lost, l.place), 1)
			m.Probes = append(m.Probes, Probe{Lost: true})
			last = max(last, seq)
			continue
		}
		took, bound, ok := pingTime(text)
		switch {
		case !ok && (seq < 0 || !strings.Contains(text, "time=")):
			continue
		case bound:
			st = r.journal.note(upperBound, l.place)
		}
		if seq > last+1 && last >= 0 {
			r.journal.notes(lost, seq-last-1, l.place)
		}
		again := seq >= 0 && seq <= last
		last = max(last, seq)
		r.journal.rows++
		switch {
		case again:
			r.journal.drop(duplicate, l.place)
		case !ok:
			r.journal.drop(badNumber, l.place)
		default:
			m.Probes = append(m.Probes, Probe{At: pingClock(text), RTT: took})
			r.journal.settle(st, 1)
		}
	}
	return l.err
}

// pingNumber is the number of a probe, from what stands behind icmp_seq= or in
// the brackets of fping; -1 where there is none.
func pingNumber(text string) int64 {
	_, rest, found := strings.Cut(text, "icmp_seq=")
	if !found {
		if rest = fpingLine(text); rest == "" {
			return -1
		}
	}
	n, err := strconv.ParseInt(rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))], 10, 64)
	if err != nil {
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
