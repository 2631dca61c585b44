package datasets

import (
	"bytes"
	"fmt"
	"strings"
)

// detectPairs looks for one JSON object whose values are numbers, or objects of
// numbers.
func detectPairs(s *sample) string {
	if !s.starts("{") {
		return ""
	}
	text, key, _ := pairsIn(bytes.TrimSpace(bytes.TrimPrefix(s.head, []byte("\ufeff"))))
	switch {
	case text == nil:
		return ""
	case key != "":
		return fmt.Sprintf("its %q is a JSON object of pairs and numbers", key)
	}
	return "it is one JSON object of pairs and numbers"
}

// pairsIn finds the object of pairs of a document, which may be cut: itself, or
// the only one that is the value of a key. unit is what a key of that name says.
func pairsIn(text []byte) (pairs []byte, key, unit string) {
	if arePairs(text) {
		return text, "", ""
	}
	if len(text) == 0 || text[0] != '{' {
		return nil, "", ""
	}
	for i := skipBlanks(text, 1); i < len(text) && text[i] == '"'; {
		name, after := scanValue(text, i)
		at := skipBlanks(text, skipBlanks(text, after)+1)
		value, end := scanValue(text, at)
		if value == nil && name != nil && at < len(text) {
			value, end = text[at:], len(text) // it is cut
		}
		switch {
		case value == nil:
			return pairs, key, unit
		case arePairs(value) && pairs != nil:
			return nil, "", "" // which?
		case arePairs(value):
			pairs, key = value, string(name)
		case string(name) == "unit" || string(name) == "units":
			unit = string(value)
		}
		if i = skipBlanks(text, end); i < len(text) && text[i] == ',' {
			i = skipBlanks(text, i+1)
		}
	}
	return pairs, key, unit
}

// arePairs says whether an object has pairs for keys and numbers for values, or
// places and objects of places and times.
func arePairs(text []byte) bool {
	keys, numbers, objects := 0, 0, 0
	walkObject(text, func(key, value []byte) {
		keys++
		_, ok := parseDecimal(value)
		_, _, pair := splitPair(string(key))
		if len(value) > 0 && value[0] == '{' {
			objects++
			inner := 0
			ok, pair = true, true
			walkObject(value, func(_, v []byte) {
				v = meanOf(v)
				_, number := parseDecimal(v)
				inner += btoi(number)
				ok = ok && (number || v == nil)
			})
			ok = ok && (inner > 0 || string(value) == "{}")
		}
		numbers += btoi(ok && pair)
	})
	return keys > 1 && numbers == keys && (objects == 0 || objects == keys)
}

// meanOf is the mean of an object of a smallest, a mean and a largest time, or the
// value itself.
func meanOf(value []byte) (mean []byte) {
	if len(value) == 0 || value[0] != '{' {
		return value
	}
	mean = value
	for _, name := range []string{"avg", "mean", "average", "median", "rtt", "latency"} {
		walkObject(value, func(key, v []byte) {
			if len(mean) > 0 && mean[0] == '{' && string(key) == name {
				mean = v
			}
		})
	}
	return mean
}

// splitPair takes a key like a-b apart.
func splitPair(key string) (from, to string, ok bool) {
	for _, sep := range []string{"->", "→", "|", ":", ",", "/", "-", "_"} {
		if strings.Count(key, sep) == 1 {
			from, to, _ = strings.Cut(key, sep)
			return strings.TrimSpace(from), strings.TrimSpace(to), from != "" && to != ""
		}
	}
	return "", "", false
}

// readPairs reads a JSON object of pairs; each number is a row of the account.
func readPairs(r *reading, f *file) error {
	text, err := f.all()
	if err != nil {
		return err
	}
	doc := bytes.TrimSpace(text)
	pairs, _, unit := pairsIn(doc)
	if m, ok := measureOf(unit, length); ok && r.desc.Units["rtt"]+r.desc.Units[""] == "" {
		r.unit("rtt: %s, as its %q says", m.name, "unit")
		return r.takePairs(f, pairs, m.scale)
	}
	sc, err := r.rttUnit("a JSON object of pairs")
	if err != nil {
		return err
	}
	if pairs == nil {
		pairs = doc
	}
	return r.takePairs(f, pairs, sc)
}

// takePairs takes the pairs of an object.
func (r *reading) takePairs(f *file, pairs []byte, sc scale) error {
	m := r.atlas()
	m.both = true
	ok, _ := walkObject(pairs, func(key, value []byte) {
		where := func() string { return f.name + ": " + string(key) }
		if len(value) > 0 && value[0] == '{' {
			m.both = false
			walkObject(value, func(to, v []byte) {
				m.cell(m.place(string(key)), m.place(string(to)), meanOf(v), sc, isKept, where)
			})
			return
		}
		from, to, ok := splitPair(string(key))
		if !ok {
			r.journal.rows++
			r.journal.drop(badLine, where)
			return
		}
		m.cell(m.place(from), m.place(to), value, sc, isKept, where)
	})
	if !ok {
		r.journal.rows++
		r.journal.drop(truncated, func() string { return f.name })
	}
	return nil
}
