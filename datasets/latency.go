package datasets

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Roles of the columns of tables of round-trip times.
const (
	ltFrom = iota
	ltTo
	ltRTT
	ltMin
	ltMax
	ltSamples
	ltTime
	ltRoles
)

func latencyColumns(some map[int]column) []column {
	all := columnsOf(ltRoles, some)
	for i, c := range []column{
		ltFrom: {role: "from", of: label}, ltTo: {role: "to", of: label}, ltRTT: {role: "rtt", of: length, main: true},
		ltMin: {role: "min", of: length, main: true}, ltMax: {role: "max", of: length, main: true},
		ltSamples: {role: "samples", of: count}, ltTime: {role: "time", of: instant},
	} {
		all[i].role, all[i].of, all[i].main = c.role, c.of, c.main
	}
	return all
}

// A pairTable is how a table of round-trip times is read.
type pairTable struct {
	profile
	countries bool // places are countries, so that less than a millisecond is an error
	both      bool // a row holds for both directions
}

// latencyFormats are those of round-trip times.
func latencyFormats() []Format {
	named := func(name, doc string, how pairTable) Format {
		return Format{Name: name, Kind: Latency, Doc: doc, sure: true, close: closeLatency,
			detect: func(s *sample) string { return titled(s, how.signature) }, read: how.read}
	}
	return []Format{
		named("wondernetwork", "Pings between cities, one row for each direction: min, avg, max and mdev in ms, as ping prints them.", pairTable{profile: profile{
			signature: []string{"source", "destination", "min", "avg", "max", "mdev"},
			columns: latencyColumns(map[int]column{ltFrom: {names: []string{"source"}}, ltTo: {names: []string{"destination"}},
				ltRTT: {names: []string{"avg"}, unit: "ms"}, ltMin: {names: []string{"min"}, unit: "ms"}, ltMax: {names: []string{"max"}, unit: "ms"}})}}),
		named("ripe-countries", "RIPE Atlas times between countries, in ms, one row for both directions, with the number of pings.", pairTable{countries: true, both: true, profile: profile{
			signature: []string{"cty1", "cty2", "rtt_cnt", "rtt_avg", "rtt_min", "rtt_max"},
			columns: latencyColumns(map[int]column{ltFrom: {names: []string{"cty1"}}, ltTo: {names: []string{"cty2"}}, ltSamples: {names: []string{"rtt_cnt"}},
				ltRTT: {names: []string{"rtt_avg"}, unit: "ms"}, ltMin: {names: []string{"rtt_min"}, unit: "ms"}, ltMax: {names: []string{"rtt_max"}, unit: "ms"}})}}),
		named("probe-table", "Probes of one place, one a row, with RTT [ms] and the time of day.", pairTable{profile: profile{
			signature: []string{"Probe Number", "RTT [ms]", "Probe Send Time"},
			columns:   latencyColumns(map[int]column{ltRTT: {names: []string{"RTT [ms]"}}, ltTime: {names: []string{"Probe Send Time"}, layout: "clock"}})}}),
		named("ripe-atlas", "Results of pings of RIPE Atlas, JSON objects: prb_id asks dst_addr; avg and min in ms, timestamp in Unix seconds.", pairTable{profile: profile{
			signature: []string{"prb_id", "dst_addr", "avg", "rcvd"}, none: []string{"-1"},
			columns: latencyColumns(map[int]column{ltFrom: {names: []string{"prb_id"}}, ltTo: {names: []string{"dst_addr"}}, ltSamples: {names: []string{"rcvd"}},
				ltRTT: {names: []string{"avg"}, unit: "ms"}, ltMin: {names: []string{"min"}, unit: "ms"}, ltTime: {names: []string{"timestamp"}, unit: "s"}})}}),
		{Name: "places", Kind: Latency, Doc: "Places with latitude and longitude: what the numbers in a table of pairs beside it stand for.", sure: true, detect: detectPlaces, read: readPlaces, close: closeLatency},
		{Name: "latency-markdown", Kind: Latency, Doc: "Tables in Markdown whose first cell says (ms) (IBM Cloud). The first table that has a pair holds.", sure: true, detect: detectMarkdown, read: readMarkdown, close: closeLatency},
		{Name: "ping-log", Kind: Latency, Doc: "What ping prints: lines with time=24.7 ms. Probes without an answer are counted.", sure: true, detect: detectPing, read: readPing, close: closeLatency},
		{Name: "latency-json", Kind: Latency, Doc: "A JSON object of pairs, {\"a-b\": 12} or {\"a\": {\"b\": 12}}. It states no unit: one must be given.", sure: true, detect: detectPairs, read: readPairs, close: closeLatency},
		{Name: "matrix", Kind: Latency, Doc: "As many rows of times as columns, with names at the edges or without (PlanetLab, Seattle). It states no unit: one must be given.", detect: detectMatrix, read: readMatrix, close: closeLatency},
		plainPairs(),
	}
}

// plainPairs reads any table whose header says what its columns are.
func plainPairs() Format {
	how := pairTable{profile: profile{columns: latencyColumns(map[int]column{
		ltFrom: {names: []string{"source", "src", "=from", "origin", "sender", "sending region", "=client", "=a", "node a", "source region", "from region", "region 1", "city 1", "node 1", "country 1", "place 1", "host 1", "=id 1", "=ip 1", "src ip", "from node", "from city"}},
		ltTo:   {names: []string{"destination", "dst", "dest", "=to", "target", "receiver", "receiving region", "=server", "=b", "node b", "destination region", "to region", "region 2", "city 2", "node 2", "country 2", "place 2", "host 2", "=id 2", "=ip 2", "dst ip", "to node", "to city", "=host"}},
		ltRTT:  {names: []string{"rtt", "latency", "ping", "round trip time", "roundtrip", "delay", "avg rtt", "rtt avg", "time rtt", "=avg", "=mean", "=median", "=lat", "=milliseconds"}},
		ltMin:  {names: []string{"min rtt", "min latency", "min ping", "=min"}}, ltMax: {names: []string{"max rtt", "max latency", "max ping", "=max"}},
		ltTime: {names: []string{"time", "timestamp", "ts", "date", "datetime", "unix time"}}})}}
	return Format{Name: "latency-csv", roles: how.columns, Kind: Latency, Doc: "Any table, of CSV or JSON objects, with a round-trip time, and with two places or a time. Units are those of the header, or given.",
		detect: func(s *sample) string {
			pairs := meant(s, &how.columns[ltFrom]) != "" && meant(s, &how.columns[ltTo]) != ""
			if detectMatrix(s) != "" || detectPairs(s) != "" || !pairs && hasRates(s) { // its corner may say what it holds; a trace may tell times besides
				return ""
			}
			return meant(s, &how.columns[ltRTT])
		}, read: how.read, close: closeLatency}
}

// read takes the rows of a file as pairs, or as probes where there are no places.
func (how *pairTable) read(r *reading, f *file) error {
	t, err := r.bind(r.rows(f, &how.profile), &how.profile)
	if err != nil {
		return err
	}
	if !t.has(ltRTT) {
		return fmt.Errorf("%s:1: no column is the round-trip time: say --column rtt=NAME", f.name)
	}
	m := r.atlas()
	m.both = m.both || how.both
	if !(t.has(ltFrom) && t.has(ltTo)) && !t.has(ltTime) && r.desc.Format == "" && r.worded() {
		return fmt.Errorf("%s:1: it has neither two places nor a time: say which columns are, with --column from=NAME and --column to=NAME, or --column time=NAME; or --format latency-csv if each row is a probe", f.name)
	}
	for t.next() {
		n, wrong, ok := t.read(ltRTT)
		switch {
		case !ok && wrong == missing && !t.has(ltFrom):
			m.Probes = append(m.Probes, Probe{Lost: true})
			t.note(lost)
			r.journal.settle(t.now, 1)
		case !ok:
			t.drop(wrong)
		case n < 0:
			t.drop(negative)
		case t.has(ltFrom) && t.has(ltTo):
			how.pair(t, m, n)
		default:
			how.probe(t, m, n)
		}
	}
	return t.finish()
}

// worded says whether a column of the first rows has words in it.
func (r *reading) worded() bool {
	rows := r.sample.rows
	if len(rows) < 2 || len(r.sample.titles()) == 0 {
		return false
	}
	return slices.ContainsFunc(rows[1], func(c string) bool {
		_, _, ok := withUnit([]byte(c), length)
		return !isNumber([]byte(c)) && !ok && c != "" && !slices.Contains(noneMarks, c)
	})
}

// probe takes one row of a log.
func (how *pairTable) probe(t *sheetReader, m *atlas, rtt int64) {
	p := Probe{RTT: time.Duration(rtt)}
	if t.has(ltTime) {
		at, wrong, ok := t.read(ltTime)
		if !ok {
			t.drop(wrong)
			return
		}
		p.At = at
	}
	if rtt == 0 {
		t.drop(zeroLost)
		return
	}
	m.Probes = append(m.Probes, p)
	t.r.journal.settle(t.now, 1)
}

// pair takes one row of a table of pairs.
func (how *pairTable) pair(t *sheetReader, m *atlas, rtt int64) {
	from, to := t.text(ltFrom), t.text(ltTo)
	if len(from) == 0 || len(to) == 0 { // NA is Namibia
		t.drop(missing)
		return
	}
	p := Pair{From: m.named(from), To: m.named(to), RTT: time.Duration(rtt)}
	var most int64
	if t.has(ltMin) {
		if n, _, ok := t.read(ltMin); ok && n >= 0 {
			p.Min = time.Duration(n)
		}
	}
	if t.has(ltMax) {
		most, _, _ = t.read(ltMax)
	}
	if t.has(ltSamples) {
		n, _, ok := t.read(ltSamples)
		if ok && n < 10 {
			t.note(fewSamples)
		}
		p.Samples = n
	}
	if most > int64(5*time.Second) {
		t.note(tooSlow)
	}
	if t.has(ltMin) && t.has(ltMax) && most > 10*int64(p.Min) && !how.countries {
		t.note(spiky)
	}
	if how.countries && p.From != p.To && p.Min < time.Millisecond {
		t.note(tooFast)
	}
	if !t.has(ltTime) || !m.again(&p, t.note) {
		t.now = max(t.now, m.add(p, t.place))
	}
	t.r.journal.settle(t.now, 1)
}

// An average is that of the measurements of one pair.
type average struct {
	at     int // of the pairs
	sum, n float64
}

// again takes a further measurement of a pair of a table that tells their times.
func (m *atlas) again(p *Pair, note func(dirt)) bool {
	key, n := [2]int32{p.From, p.To}, float64(max(p.Samples, 1))
	x, known := m.means[key]
	if p.From == p.To || p.RTT <= 0 {
		return false
	}
	if !known {
		if m.means == nil {
			m.means = map[[2]int32]*average{}
		}
		m.means[key] = &average{len(m.Pairs), float64(p.RTT) * n, n}
		return false
	}
	note(measuredAgain)
	x.sum, x.n = x.sum+float64(p.RTT)*n, x.n+n
	all := &m.Pairs[x.at]
	all.RTT, all.Samples = time.Duration(x.sum/x.n), all.Samples+p.Samples
	if p.Min > 0 && (all.Min == 0 || p.Min < all.Min) {
		all.Min = p.Min
	}
	m.seen.set(p.From, p.To, all.RTT)
	return true
}

// An atlas is a matrix while it is read.
type atlas struct {
	*Matrix
	r         *reading
	index     map[string]int32
	seen      pairTimes
	described map[string]bool       // places that a table of places has
	both      bool                  // a pair holds for both directions
	means     map[[2]int32]*average // of pairs that are measured again and again
	blocks    bool                  // tables of few places each: most pairs are not meant
}

// atlas is the matrix of the set, which it makes.
func (r *reading) atlas() *atlas {
	if r.places == nil {
		r.set.Latency = &Matrix{}
		r.places = &atlas{Matrix: r.set.Latency, r: r, index: map[string]int32{}, seen: pairTimes{far: map[[2]int32]time.Duration{}}, described: map[string]bool{}}
	}
	return r.places
}

// named is place for a name that lasts no longer than its row.
func (m *atlas) named(name []byte) int32 {
	if i, ok := m.index[string(name)]; ok {
		return i
	}
	return m.place(string(name))
}

// place is the index of a place, which it makes.
func (m *atlas) place(name string) int32 {
	i, ok := m.index[name]
	if !ok {
		i = int32(len(m.Places))
		m.index[name] = i
		m.Places = append(m.Places, Place{Name: name})
	}
	return i
}

// pairTimes are the times of pairs: in rows for the first places, as a matrix
// asks for each twice, and in a map for the others.
type pairTimes struct {
	rows [][]time.Duration // one more than the time; 0: none
	far  map[[2]int32]time.Duration
}

// nearPlaces is how many places have rows: 32 MB at most.
const nearPlaces = 2048

func (p *pairTimes) get(from, to int32) (time.Duration, bool) {
	if from >= nearPlaces || to >= nearPlaces {
		d, ok := p.far[[2]int32{from, to}]
		return d, ok
	}
	if int(from) >= len(p.rows) || int(to) >= len(p.rows[from]) {
		return 0, false
	}
	d := p.rows[from][to]
	return d - 1, d > 0
}

func (p *pairTimes) set(from, to int32, d time.Duration) {
	if from >= nearPlaces || to >= nearPlaces {
		p.far[[2]int32{from, to}] = d
		return
	}
	for int(from) >= len(p.rows) {
		p.rows = append(p.rows, nil)
	}
	for int(to) >= len(p.rows[from]) {
		p.rows[from] = append(p.rows[from], 0)
	}
	p.rows[from][to] = d + 1
}

// add takes a pair, its places set, and returns what becomes of its row.
func (m *atlas) add(p Pair, where func() string) state {
	if _, again := m.seen.get(p.From, p.To); again {
		return m.r.journal.note(duplicate, where)
	}
	if p.From == p.To {
		m.seen.set(p.From, p.To, p.RTT)
		if p.RTT > 0 {
			m.r.journal.note(selfPair, where)
			m.Pairs = append(m.Pairs, p)
		}
		return isKept
	}
	if p.RTT == 0 {
		return m.r.journal.note(zeroLost, where)
	}
	m.seen.set(p.From, p.To, p.RTT)
	m.Pairs = append(m.Pairs, p)
	return isKept
}

// closeLatency counts what only the whole matrix shows.
func closeLatency(r *reading) error {
	m := r.atlas()
	where := func() string { return r.set.Name }
	measured := int64(0)
	for _, p := range m.Pairs {
		if p.From == p.To {
			continue
		}
		back, both := m.seen.get(p.To, p.From)
		switch {
		case !both:
			measured += 2
			if !m.both {
				r.journal.note(oneWay, func() string { return m.Places[p.From].Name + " to " + m.Places[p.To].Name })
			}
		default:
			measured++
			if p.From < p.To && math.Abs(float64(p.RTT-back)) > 0.2*float64(max(p.RTT, back)) {
				r.journal.note(asymmetric, func() string { return m.Places[p.From].Name + " and " + m.Places[p.To].Name })
			}
		}
	}
	n := int64(len(m.Places))
	if len(m.Pairs) > 0 && !m.blocks {
		r.journal.notes(missingPair, (n*(n-1)-measured)/2, where)
	}
	if len(m.described) > 0 && len(m.Pairs) > 0 {
		for _, p := range m.Places {
			if !m.described[p.Name] {
				r.journal.note(unknownPlace, func() string { return p.Name })
			}
		}
	}
	return nil
}

// detectPlaces looks for a header with a latitude, a longitude and a name.
func detectPlaces(s *sample) string {
	t := s.titles()
	lat, _ := byMeaning(t, &column{of: label, names: []string{"latitude", "=lat"}})
	lon, _ := byMeaning(t, &column{of: label, names: []string{"longitude", "lon", "lng"}})
	name, _ := byMeaning(t, &column{of: label, names: []string{"name", "city", "location", "title", "place"}})
	if len(t) > 0 && t[0] == "id" && lat > 0 && lon > 0 && name >= 0 {
		return fmt.Sprintf("it has the columns id, %s, %s", t[lat], t[lon])
	}
	return ""
}

// readPlaces reads what the numbers of places stand for.
func readPlaces(r *reading, f *file) error {
	p := profile{signature: []string{"id"}, columns: []column{
		{role: "id", of: label, names: []string{"id"}}, {role: "name", of: label, names: []string{"title", "name", "city", "location"}},
		{role: "country", of: label, names: []string{"country", "country_code", "cc"}},
		{role: "latitude", of: label, names: []string{"latitude", "lat"}}, {role: "longitude", of: label, names: []string{"longitude", "lon", "lng"}}}}
	t, err := r.bind(r.rows(f, &p), &p)
	if err != nil {
		return err
	}
	m := r.atlas()
	for t.next() {
		id := string(t.text(0))
		lat, ok1 := toFloat(t.text(3))
		lon, ok2 := toFloat(t.text(4))
		switch {
		case id == "" || m.described[id]:
			t.drop(duplicate)
			continue
		case !ok1 || !ok2 || math.Abs(lat) > 90 || math.Abs(lon) > 180:
			t.drop(badNumber)
			continue
		}
		m.described[id] = true
		place := &m.Places[m.place(id)]
		place.Title, place.Country, place.Latitude, place.Longitude = string(t.text(1)), string(t.text(2)), lat, lon
		r.journal.settle(t.now, 1)
	}
	return t.finish()
}

// rttQuantities are what a matrix tells.
func (s *Set) rttQuantities() []Quantity {
	rtt, least, probes := Quantity{Name: "rtt", Unit: "ms"}, Quantity{Name: "smallest sample", Unit: "ms"}, Quantity{Name: "probe", Unit: "ms"}
	ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
	for _, p := range s.Latency.Pairs {
		if p.From == p.To {
			continue
		}
		rtt.Values = append(rtt.Values, ms(p.RTT))
		if p.Min > 0 {
			least.Values = append(least.Values, ms(p.Min))
		}
	}
	lat := Quantity{Name: "latitude", Unit: "degrees"}
	for _, p := range s.Latency.Places {
		if p.Latitude != 0 || p.Longitude != 0 {
			lat.Values = append(lat.Values, p.Latitude)
		}
	}
	for _, p := range s.Latency.Probes {
		if !p.Lost {
			probes.Values = append(probes.Values, ms(p.RTT))
		}
	}
	return []Quantity{rtt, least, probes, lat}
}

// rttCurves are the probes of a log, in their order.
func (s *Set) rttCurves() []Curve {
	c := Curve{X: "probe", Y: "round-trip time, ms"}
	for i, p := range s.Latency.Probes {
		if !p.Lost {
			c.Xs, c.Ys = append(c.Xs, float64(i)), append(c.Ys, float64(p.RTT)/1e6)
		}
	}
	if len(c.Xs) < 2 {
		return nil
	}
	return []Curve{c}
}

// trimMarkup takes stars and backquotes of Markdown off a label.
func trimMarkup(s string) string { return strings.Trim(strings.TrimSpace(s), "*_` ") }
