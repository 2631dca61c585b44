package datasets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Roles of the columns of tables of churn.
const (
	chNode = iota
	chFrom
	chTo
	chState
	chTime
	chEvent
	chCount
	chOpened
	chClosed
	chLength
	chRoles
)

func churnColumns(some map[int]column) []column {
	all := columnsOf(chRoles, some)
	for i, c := range []column{
		chNode: {role: "node", of: label}, chFrom: {role: "from", of: instant}, chTo: {role: "to", of: instant}, chState: {role: "state", of: label},
		chTime: {role: "time", of: instant}, chEvent: {role: "event", of: label}, chCount: {role: "count", of: count, main: true},
		chOpened: {role: "opened", of: count}, chClosed: {role: "closed", of: count}, chLength: {role: "length", of: length, main: true},
	} {
		all[i].role, all[i].of, all[i].main = c.role, c.of, c.main
	}
	return all
}

// churnFormats are those of nodes that come and go.
func churnFormats() []Format {
	fta := profile{delim: blanks, signature: []string{"node_id", "event_type", "event_start_time", "event_stop_time"}, columns: churnColumns(map[int]column{
		chNode: {names: []string{"node_id"}}, chState: {names: []string{"event_type"}},
		chFrom: {names: []string{"event_start_time"}, unit: "s"}, chTo: {names: []string{"event_stop_time"}, unit: "s"}})}
	windows := profile{columns: churnColumns(map[int]column{chFrom: {at: 1, unit: "s"}, chTo: {at: 2, unit: "s"}, chCount: {at: 4}, chOpened: {at: 5}, chClosed: {at: 6}})}
	counts := profile{columns: churnColumns(map[int]column{chTime: {at: 1, unit: "s"}, chCount: {at: 2}})}
	return []Format{
		{Name: "fta-events", Kind: Churn, Doc: "Events of the Failure Trace Archive: intervals of each node in Unix seconds, event_type 1 where it was up.", sure: true,
			detect: func(s *sample) string { return titled(s, fta.signature) }, read: tableOf(&fta, readIntervals)},
		{Name: "dsn-churn", Kind: Churn, Doc: "Windows of the DSN monitor of Bitcoin: begin and end in Unix seconds, connections open, opened and closed; the last cell is #churn.", sure: true,
			detect: detectWindows, read: tableOf(&windows, readWindows)},
		{Name: "dsn-survival", Kind: Churn, Doc: "Survival of the DSN monitor: Unix seconds, then pairs of a time in s and the share of peers that stayed at least so long.", sure: true,
			detect: detectSurvival, read: readSurvival},
		{Name: "node-count", Kind: Churn, Doc: "Lines of Unix seconds and numbers of nodes, those that listen first, with blanks between them and without a header.",
			detect: detectNodeCount, read: tableOf(&counts, readCounts)},
		plainChurn(),
	}
}

// nodeNames are headers of what comes and goes.
var nodeNames = []string{"node", "peer", "node id", "peer id", "host", "host id", "hostname", "node name", "peer name", "component", "machine", "machine id", "member"}

// plainChurn reads any table whose header says what its columns are.
func plainChurn() Format {
	p := profile{columns: churnColumns(map[int]column{
		chNode:   {names: nodeNames},
		chFrom:   {names: []string{"join", "joined", "join time", "up since", "online from", "session start", "=start", "start time", "first seen", "=from", "connected at", "session start time"}},
		chTo:     {names: []string{"leave", "left", "leave time", "depart", "departure", "online until", "session end", "=end", "end time", "last seen", "=to", "=until", "=stop", "stop time", "down since", "disconnected at", "session end time"}},
		chState:  {names: []string{"state", "status", "=up"}},
		chTime:   {names: []string{"time", "timestamp", "ts", "date", "datetime", "unix time"}},
		chEvent:  {names: []string{"event", "action", "event type"}},
		chLength: {names: []string{"session length", "session duration", "uptime", "online time", "lifetime", "=duration", "=length"}},
		chCount:  {names: []string{"nodes", "peers", "online", "reachable", "total nodes", "node count", "peer count", "online nodes"}},
	})}
	detect := func(s *sample) string {
		node, count := meant(s, &p.columns[chNode]), meant(s, &p.columns[chCount])
		join, leave, event := meant(s, &p.columns[chFrom]), meant(s, &p.columns[chTo]), meant(s, &p.columns[chEvent])
		stay := meant(s, &p.columns[chLength])
		switch {
		case node != "" && stay != "" && leave == "" && event == "":
			return "it has nodes and how long they stayed"
		case node != "" && join != "" && leave != "":
			return "it has nodes that come and leave"
		case node != "" && event != "":
			return "it has nodes and events"
		case count != "" && meant(s, &p.columns[chTime]) != "":
			return count
		}
		return ""
	}
	return Format{Name: "churn-csv", roles: p.columns, Kind: Churn, Doc: "Any table, of CSV or JSON objects, of nodes with the times when they join and leave or how long they stayed, of nodes with events, or of times with numbers of nodes.",
		detect: detect, read: tableOf(&p, func(r *reading, t *sheetReader) error {
			switch {
			case t.has(chNode) && (t.has(chFrom) && t.has(chTo) || t.has(chLength) && !t.has(chTo)):
				return readIntervals(r, t)
			case t.has(chNode) && t.has(chTime) && t.has(chEvent):
				return readEvents(r, t)
			case t.has(chTime) && t.has(chCount):
				return readCounts(r, t)
			}
			return fmt.Errorf("%s:1: it needs columns node, from and to; or node and length, perhaps with from; or node, time and event; or time and count: say which with --column", r.name)
		})}
}

// tableOf binds the table of a file and hands it on.
func tableOf(p *profile, read func(*reading, *sheetReader) error) func(*reading, *file) error {
	return func(r *reading, f *file) error {
		t, err := r.bind(r.rows(f, p), p)
		if err != nil {
			return err
		}
		if err := read(r, t); err != nil {
			return err
		}
		return t.finish()
	}
}

// history is the churn of the set, which it makes.
func (r *reading) history() *History {
	if r.set.Churn == nil {
		r.set.Churn = &History{}
	}
	return r.set.Churn
}

// A span is an interval on its way into a history.
type span struct {
	Interval
	line  int64
	state state
}

// node is the index of a node's name, which it makes.
func (r *reading) node(name []byte) int32 {
	if r.nodes == nil {
		r.nodes = map[string]int32{}
	}
	i, ok := r.nodes[string(name)]
	if !ok {
		h := r.history()
		i = int32(len(h.Nodes))
		r.nodes[string(name)] = i
		h.Nodes = append(h.Nodes, string(name))
	}
	return i
}

// ups and downs are words for states and events.
var (
	ups   = []string{"1", "up", "online", "join", "joined", "arrive", "arrival", "arrived", "enter", "entered", "login", "logon", "recover", "recovered", "repaired", "boot", "start", "connect", "connected", "true", "alive", "available"}
	downs = []string{"0", "down", "offline", "leave", "left", "depart", "departure", "stop", "end", "disconnect", "disconnected", "false", "dead", "unavailable", "fail", "failed", "failure", "crash", "crashed", "died", "exit", "exited", "quit", "logout", "logoff", "disappear"}
)

// updown reads a state or an event.
func updown(cell []byte) (up, ok bool) {
	word := strings.ToLower(string(cell))
	return slices.Contains(ups, word), slices.Contains(ups, word) || slices.Contains(downs, word)
}

// readIntervals reads rows that say from when until when a node was up, or down.
func readIntervals(r *reading, t *sheetReader) error {
	var spans []span
	ends := map[string]int64{} // of nodes whose rows have no beginning
	var left []int             // rows without an end
	var last int64             // of all times
	for t.next() {
		s := span{line: t.line()}
		from, to, wrong, ok := t.stay()
		open := !ok && wrong == openEnd
		if !ok && !open {
			t.drop(wrong)
			continue
		}
		s.Up = true
		if t.has(chState) {
			if s.Up, ok = updown(t.text(chState)); !ok {
				t.drop(badLine)
				continue
			}
		}
		switch {
		case len(t.text(chNode)) == 0:
			t.drop(missing)
			continue
		case open:
			t.note(openEnd)
			left = append(left, len(spans))
		case to < from:
			t.drop(reversed)
			continue
		case to == from:
			t.drop(zeroLength)
			continue
		}
		if !t.has(chFrom) { // one after the other
			from, to = ends[string(t.text(chNode))], ends[string(t.text(chNode))]+to
			ends[string(t.text(chNode))] = to
		}
		last = max(last, from, to)
		s.Node, s.From, s.To, s.state = r.node(t.text(chNode)), from, to, t.now
		spans = append(spans, s)
	}
	for _, i := range left {
		spans[i].To = max(last, spans[i].From+1)
	}
	r.order(spans)
	return nil
}

// stay is the begin and end of a row; from zero where it has a length alone. What
// is wrong is openEnd where the end is missing.
func (t *sheetReader) stay() (from, to int64, wrong dirt, ok bool) {
	if ok = true; t.has(chFrom) {
		from, wrong, ok = t.read(chFrom)
	}
	if !ok {
		return 0, 0, wrong, false
	}
	if t.has(chTo) {
		if to, wrong, ok = t.read(chTo); !ok && wrong == missing && t.has(chFrom) {
			wrong = openEnd
		}
		return from, to, wrong, ok
	}
	n, wrong, ok := t.read(chLength)
	return from, from + n, wrong, ok && n < 1<<62 && from < 1<<62
}

// order puts intervals in order, by node and time, and cuts what overlaps.
func (r *reading) order(spans []span) {
	note := func(s *span, d dirt) {
		s.state = max(s.state, r.journal.note(d, func() string { return placeOf(r.name, s.line) }))
	}
	last := map[int32]int64{}
	for i := range spans {
		s := &spans[i]
		if before, ok := last[s.Node]; ok && s.From < before {
			note(s, outOfOrder)
		}
		last[s.Node] = max(last[s.Node], s.From)
	}
	stably(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.From, b.From)) })
	h := r.history()
	var before *span
	for i := range spans {
		s := &spans[i]
		if before != nil && before.Node == s.Node {
			if s.From < before.To {
				note(s, overlap)
				if s.From = before.To; s.From >= s.To {
					s.state = isDropped
				}
			} else if s.From == before.To && s.Up == before.Up {
				note(s, sameState)
			}
		}
		r.journal.settle(s.state, 1)
		if s.state != isDropped {
			h.Intervals = append(h.Intervals, s.Interval)
			before = s
		}
	}
}

// readEvents reads rows that say when a node came or left.
func readEvents(r *reading, t *sheetReader) error {
	type coming struct {
		at    int64
		line  int64
		state state
	}
	open := map[int32]coming{}
	var spans []span
	var latest int64
	for t.next() {
		at, wrong, ok := t.read(chTime)
		if !ok {
			t.drop(wrong)
			continue
		}
		up, ok := updown(t.text(chEvent))
		if !ok || len(t.text(chNode)) == 0 {
			t.drop(badLine)
			continue
		}
		node := r.node(t.text(chNode))
		latest = max(latest, at)
		came, there := open[node]
		switch {
		case up && there, !up && !there:
			t.drop(repeatedEvent)
		case up:
			open[node] = coming{at, t.line(), t.now}
		case at <= came.at:
			t.drop(reversed)
		default:
			r.journal.settle(came.state, 1)
			spans = append(spans, span{Interval{node, true, came.at, at}, t.line(), t.now})
			delete(open, node)
		}
	}
	for node := range int32(len(r.history().Nodes)) {
		if came, ok := open[node]; ok {
			st := max(came.state, r.journal.note(openEnd, func() string { return placeOf(r.name, came.line) }))
			spans = append(spans, span{Interval{node, true, came.at, max(latest, came.at+1)}, came.line, st})
		}
	}
	r.order(spans)
	return nil
}

// A tick is a row of a count on its way into a series.
type tick struct {
	Count
	line  int64
	state state
}

// readCounts reads rows of a time and a number.
func readCounts(r *reading, t *sheetReader) error {
	ticks := t.ticks(chTime, chCount)
	h := r.history()
	h.Counts = append(h.Counts, r.series(ticks)...)
	return nil
}

// ticks reads rows of a time and a number that is not below zero.
func (t *sheetReader) ticks(at, count int) (all []tick) {
	for t.next() {
		k := tick{line: t.line()}
		var wrong dirt
		var ok bool
		if k.At, wrong, ok = t.read(at); !ok {
			t.drop(wrong)
			continue
		}
		if k.N, wrong, ok = t.read(count); !ok {
			t.drop(wrong)
			continue
		}
		if k.N < 0 {
			t.drop(negative)
			continue
		}
		k.state = t.now
		all = append(all, k)
	}
	return all
}

// series puts counts in order, one for each time.
func (r *reading) series(ticks []tick) (all []Count) {
	note := func(k *tick, d dirt) {
		k.state = max(k.state, r.journal.note(d, func() string { return placeOf(r.name, k.line) }))
	}
	back := 0
	for i := 1; i < len(ticks); i++ {
		back += btoi(ticks[i].At < ticks[i-1].At)
	}
	if back*2 > len(ticks) {
		slices.Reverse(ticks)
		r.journal.note(newestFirst, func() string { return r.name })
	}
	for i := 1; i < len(ticks); i++ {
		if ticks[i].At < ticks[i-1].At {
			note(&ticks[i], outOfOrder)
		}
	}
	stably(ticks, func(a, b tick) int { return cmp.Compare(a.At, b.At) })
	step := usual(len(ticks)-1, func(i int) int64 { return ticks[i+1].At - ticks[i].At })
	for i := range ticks {
		k := &ticks[i]
		switch {
		case i > 0 && k.At == ticks[i-1].At:
			note(k, sameTime)
		case i > 0 && k.At-ticks[i-1].At > 2*step:
			note(k, noStep)
		}
		r.journal.settle(k.state, 1)
		if k.state != isDropped {
			all = append(all, k.Count)
		}
	}
	return all
}

// isUnix says whether a cell may be a time in Unix seconds, from 1990 to 2100.
func isUnix(cell string) bool {
	n, ok := toFloat([]byte(cell))
	return ok && n > 631e6 && n < 4.1e9
}
