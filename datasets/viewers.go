package datasets

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Roles of the columns of tables of viewers.
const (
	vwStart = iota
	vwEnd
	vwLength
	vwTime
	vwYear
	vwMonth
	vwCount
	vwName
	vwViews
	vwKey
	vwRoles
)

func viewerColumns(some map[int]column) []column {
	all := columnsOf(vwRoles, some)
	for i, c := range []column{
		vwStart: {role: "start", of: instant}, vwEnd: {role: "end", of: instant}, vwLength: {role: "length", of: length, main: true},
		vwTime: {role: "time", of: instant}, vwYear: {role: "year", of: count}, vwMonth: {role: "month", of: count},
		vwCount: {role: "count", of: count}, vwName: {role: "name", of: label}, vwViews: {role: "views", of: count}, vwKey: {role: "key", of: label},
	} {
		all[i].role, all[i].of, all[i].main = c.role, c.of, c.main
	}
	return all
}

// viewersFormats are those of who watches, how long, and what.
func viewersFormats() []Format {
	named := func(name, doc string, p profile) Format {
		return Format{Name: name, Kind: Viewers, Doc: doc, sure: true, close: closeViewers,
			detect: func(s *sample) string { return titled(s, p.signature) }, read: tableOf(&p, readCrowd)}
	}
	return []Format{
		named("ytlive", "Live streams of YouTube (YTLive): begin and end, ISO 8601, one stream a row.", profile{
			signature: []string{"videoId", "actualStartTime", "actualEndTime"},
			columns: viewerColumns(map[int]column{vwKey: {names: []string{"videoId"}},
				vwStart: {names: []string{"actualStartTime"}, layout: isoLayout}, vwEnd: {names: []string{"actualEndTime"}, layout: isoLayout}})}),
		named("p2p-live", "Links between peers of a live stream: from min_ts to max_ts a peer had chunks of another.", profile{
			signature: []string{"pid1", "pid2", "min_ts", "max_ts"},
			columns: viewerColumns(map[int]column{
				vwStart: {names: []string{"min_ts"}, layout: isoLayout}, vwEnd: {names: []string{"max_ts"}, layout: isoLayout}})}),
		named("yt-playback", "Playbacks of YouTube under shaping: run_start in Unix seconds, run_length in s; -1 stands for nothing.", profile{
			signature: []string{"run_start", "run_length", "run_id"}, none: []string{"-1"},
			columns: viewerColumns(map[int]column{vwKey: {names: []string{"run_id"}},
				vwStart: {names: []string{"run_start"}, unit: "s"}, vwLength: {names: []string{"run_length"}, unit: "s"}})}),
		named("twitch-games", "Games on Twitch by month: Avg_viewers of each makes ranks.", profile{
			signature: []string{"Game", "Month", "Year", "Avg_viewers"},
			columns: viewerColumns(map[int]column{vwName: {names: []string{"Game"}}, vwYear: {names: []string{"Year"}}, vwMonth: {names: []string{"Month"}},
				vwViews: {names: []string{"Avg_viewers"}}})}),
		named("twitch-months", "Twitch as a whole by month: Avg_viewers.", profile{
			signature: []string{"year", "Month", "Avg_viewers", "Games_streamed"},
			columns:   viewerColumns(map[int]column{vwYear: {names: []string{"year"}}, vwMonth: {names: []string{"Month"}}, vwCount: {names: []string{"Avg_viewers"}}})}),
		named("yt-trending", "Trending videos of YouTube: view_count of each makes ranks.", profile{
			signature: []string{"video_id", "view_count", "trending_date"},
			columns: viewerColumns(map[int]column{vwName: {names: []string{"video_id"}}, vwKey: {names: []string{"video_id"}},
				vwViews: {names: []string{"view_count"}}})}),
		{Name: "publish-log", Kind: Viewers, Doc: "Frames that came in at a live server (MultiLive): lines of ms since 1970, bytes, whether a key frame, kbit/s; ID: begins a stream.", sure: true,
			detect: detectPublish, read: readPublish, close: closeViewers},
		{Name: "watch-cdf", Kind: Viewers, Doc: "Pairs of a length and the share of sessions that are at most so long, one for each session, without a header. It states no unit: one must be given.",
			detect: detectCDF, read: readCDF, close: closeViewers},
		plainShares(),
		plainViewers(),
	}
}

// plainViewers reads any table whose header says what its columns are.
func plainViewers() Format {
	p := profile{columns: viewerColumns(map[int]column{
		vwStart: {names: []string{"=start", "start time", "join", "join time", "session start", "=begin", "arrival", "arrival time", "actual start time", "started"}},
		vwEnd:   {names: []string{"=end", "end time", "leave", "leave time", "session end", "departure", "actual end time", "ended"}},
		vwLength: {names: []string{"=duration", "watch time", "watchtime", "session length", "session duration", "=length", "time watched", "watch duration",
			"play time", "viewing time", "dwell time"}},
		vwTime:  {names: []string{"time", "timestamp", "ts", "date", "datetime", "unix time"}},
		vwCount: {names: []string{"viewers", "concurrent viewers", "concurrency", "audience", "watching", "listeners", "online viewers", "ccv", "live viewers", "viewer count"}},
		vwName:  {names: []string{"=name", "video", "video id", "title", "channel", "game", "content", "=object", "=item", "stream", "stream id", "channel id", "channel name", "game name", "game id", "content id", "item id"}},
		vwViews: {names: []string{"views", "view count", "plays", "requests", "hits", "popularity"}},
	})}
	watch := column{of: length, names: []string{"watch time", "watchtime", "watch duration", "viewing time", "play time", "dwell time", "time watched", "session length", "session duration"}}
	node := column{of: label, names: nodeNames}
	arrival := column{of: instant, names: []string{"arrival", "arrival time", "join time", "arrived"}}
	detect := func(s *sample) string {
		has := func(role int) bool { return meant(s, &p.columns[role]) != "" }
		switch {
		case has(vwTime) && has(vwCount):
			return "it has times and numbers of viewers"
		case meant(s, &node) != "":
			return "" // churn
		case has(vwStart) && (has(vwEnd) || has(vwLength)):
			return "it has sessions that begin and end"
		case has(vwViews):
			return meant(s, &p.columns[vwViews])
		case meant(s, &arrival) != "":
			return "it has times at which somebody comes"
		case !has(vwTime):
			return meant(s, &watch)
		}
		return ""
	}
	return Format{Name: "viewers-csv", roles: p.columns, Kind: Viewers, Doc: "Any table, of CSV or JSON objects, of sessions with begin and end or length, of times with numbers of viewers, of watch times, or of names with views.",
		detect: detect, read: tableOf(&p, readCrowd), close: closeViewers}
}

// crowd is the viewers of the set, which it makes.
func (r *reading) crowd() *Crowd {
	if r.set.Viewers == nil {
		r.set.Viewers = &Crowd{}
	}
	return r.set.Viewers
}

// readCrowd reads a table by what it has: sessions, counts, ranks or lengths.
func readCrowd(r *reading, t *sheetReader) error {
	r.crowd()
	switch {
	case t.has(vwStart) && (t.has(vwEnd) || t.has(vwLength)):
		return readSessions(r, t)
	case t.has(vwYear) && t.has(vwMonth) && t.has(vwCount):
		return readMonths(r, t)
	case t.has(vwTime) && t.has(vwCount):
		r.set.Viewers.Counts = append(r.set.Viewers.Counts, r.series(t.ticks(vwTime, vwCount))...)
		return nil
	case t.has(vwViews):
		return readRanks(r, t)
	case t.has(vwLength):
		return readLengths(r, t)
	case t.has(vwStart):
		return readArrivals(r, t)
	}
	return fmt.Errorf("%s:1: it needs columns start and end or length; or time and count; or views; or length; or start: say which with --column", r.name)
}

// A visit is a session on its way into a crowd.
type visit struct {
	Session
	line  int64
	state state
}

// readSessions reads rows that say from when until when, or how long.
func readSessions(r *reading, t *sheetReader) error {
	var all []visit
	keys := map[string]bool{}
	for t.next() {
		v := visit{line: t.line()}
		wrong, ok := t.session(&v.Session)
		switch {
		case !ok:
			t.drop(wrong)
			continue
		case v.Length < 0:
			t.drop(reversed)
			continue
		case v.Length == 0:
			t.drop(zeroLength)
			continue
		case t.has(vwKey) && keys[string(t.text(vwKey))]:
			t.drop(duplicate)
			continue
		}
		if t.has(vwKey) {
			keys[string(t.text(vwKey))] = true
		}
		if v.Length > 24*time.Hour {
			t.note(endless)
		}
		v.state = t.now
		all = append(all, v)
	}
	for i := 1; i < len(all); i++ {
		if v := &all[i]; v.Start < all[i-1].Start {
			v.state = max(v.state, r.journal.note(outOfOrder, func() string { return placeOf(r.name, v.line) }))
		}
	}
	stably(all, func(a, b visit) int { return cmp.Compare(a.Start, b.Start) })
	for i := range all {
		r.journal.settle(all[i].state, 1)
		r.set.Viewers.Sessions = append(r.set.Viewers.Sessions, all[i].Session)
	}
	return nil
}

// session reads the times of a row.
func (t *sheetReader) session(s *Session) (wrong dirt, ok bool) {
	if s.Start, wrong, ok = t.read(vwStart); !ok {
		return wrong, false
	}
	role := vwEnd
	if !t.has(vwEnd) {
		role = vwLength
	}
	n, wrong, ok := t.read(role)
	if role == vwEnd {
		if n -= s.Start; ok && t.clock(vwStart) && t.clock(vwEnd) { // of either day
			n = (n%day + day) % day
		}
	}
	s.Length = time.Duration(n)
	return wrong, ok
}

// month reads the time of a row from its year and month.
func (t *sheetReader) month() (int64, bool) {
	y, _, ok1 := t.read(vwYear)
	m, _, ok2 := t.read(vwMonth)
	if !ok1 || !ok2 || m < 1 || m > 12 || y < 1970 || y > 2200 {
		return 0, false
	}
	return time.Date(int(y), time.Month(m), 1, 0, 0, 0, 0, time.UTC).UnixNano(), true
}

// readMonths reads rows of a month and a number of viewers.
func readMonths(r *reading, t *sheetReader) error {
	var all []tick
	for t.next() {
		at, ok := t.month()
		if !ok {
			t.drop(badTime)
			continue
		}
		n, wrong, ok := t.read(vwCount)
		if !ok {
			t.drop(wrong)
			continue
		}
		all = append(all, tick{Count{at, n}, t.line(), t.now})
	}
	r.set.Viewers.Counts = append(r.set.Viewers.Counts, r.series(all)...)
	return nil
}

// readRanks reads rows of a name and how often it was watched. Rows of one
// group, a month, rank among themselves.
func readRanks(r *reading, t *sheetReader) error {
	type key struct {
		name string
		at   int64
	}
	seen := map[key]bool{}
	for t.next() {
		n, wrong, ok := t.read(vwViews)
		k := key{name: string(t.text(vwName))}
		if ok && t.has(vwYear) {
			k.at, ok = t.month()
			wrong = badTime
		}
		switch {
		case !ok:
			t.drop(wrong)
		case n < 0:
			t.drop(negative)
		case n == 0:
			t.drop(zeroUnknown)
		case t.has(vwName) && k.name == "":
			t.drop(missing)
		case t.has(vwName) && seen[k]:
			t.drop(duplicate)
		default:
			if t.has(vwName) {
				seen[k] = true
			}
			r.set.Viewers.Ranks = append(r.set.Viewers.Ranks, Rank{k.name, k.at, n})
			r.journal.settle(t.now, 1)
		}
	}
	return nil
}

// readArrivals reads rows of a time at which somebody comes.
func readArrivals(r *reading, t *sheetReader) error {
	for t.next() {
		at, wrong, ok := t.read(vwStart)
		if !ok {
			t.drop(wrong)
			continue
		}
		r.set.Viewers.Arrivals = append(r.set.Viewers.Arrivals, Arrival{At: at})
		r.journal.settle(t.now, 1)
	}
	return nil
}

// readLengths reads rows of watch times.
func readLengths(r *reading, t *sheetReader) error {
	for t.next() {
		n, wrong, ok := t.read(vwLength)
		switch {
		case !ok:
			t.drop(wrong)
			continue
		case n < 0:
			t.drop(negative)
			continue
		case n == 0:
			t.note(zeroTime)
		}
		r.set.Viewers.Lengths = append(r.set.Viewers.Lengths, time.Duration(n))
		r.journal.settle(t.now, 1)
	}
	return nil
}

// closeViewers puts ranks and lengths in order.
func closeViewers(r *reading) error {
	v := r.crowd()
	stably(v.Ranks, func(a, b Rank) int { return cmp.Or(cmp.Compare(a.Group, b.Group), -cmp.Compare(a.N, b.N)) })
	slices.Sort(v.Lengths)
	return nil
}

// detectCDF looks for pairs of numbers that both grow, the second within 0 to 1.
func detectCDF(s *sample) string {
	xs, shares := s.column(0, 2), s.column(1, 2)
	if len(xs) < 4 || !isShare(shares) || shares[len(shares)-1] == 0 {
		return ""
	}
	if !slices.IsSorted(xs) || xs[0] < 0 {
		return ""
	}
	return "its two columns of numbers grow together, the second to at most 1: a distribution"
}

// readCDF reads a distribution with one line for each session.
func readCDF(r *reading, f *file) error {
	p := profile{columns: viewerColumns(map[int]column{vwLength: {at: 1}, vwCount: {at: 2}})}
	p.columns[vwCount].of = share
	p.columns[vwCount].unit = "1"
	t, err := r.bind(r.rows(f, &p), &p)
	if err != nil {
		return err
	}
	v := r.crowd()
	var before, part int64
	for t.next() {
		n, wrong, ok := t.read(vwLength)
		if !ok {
			t.drop(wrong)
			continue
		}
		up, wrong, ok := t.read(vwCount)
		switch {
		case !ok:
			t.drop(wrong)
			continue
		case n < before || up < part || up > 1_000_000:
			t.drop(badLine)
			continue
		case n == 0:
			t.note(zeroTime)
		}
		if n == before && len(v.Lengths) > 0 {
			t.note(tie)
		}
		before, part = n, up
		v.Lengths = append(v.Lengths, time.Duration(n))
		r.journal.settle(t.now, 1)
	}
	return t.finish()
}
