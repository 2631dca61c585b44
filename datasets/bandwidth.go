package datasets

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// columnsOf fills the roles of a kind: those that are named, and the others
// absent.
func columnsOf(roles int, some map[int]column) []column {
	all := make([]column, roles)
	for i := range all {
		all[i] = some[i]
		if all[i].of == "" {
			all[i].of = label
		}
	}
	return all
}

// rateColumns are the columns of a table of rates, with the roles that a user
// may name.
func rateColumns(some map[int]column) []column {
	all := columnsOf(bwRoles, some)
	for i, c := range []column{
		bwTime:   {role: "time", of: instant},
		bwEnd:    {role: "end", of: instant},
		bwLength: {role: "length", of: length},
		bwDown:   {role: "down", of: rate, main: true},
		bwUp:     {role: "up", of: rate, main: true},
		bwBytes:  {role: "bytes", of: size},
		bwUnit:   {role: "unit", of: label},
		bwKey:    {role: "key", of: label}, bwCounter: {role: "counter", of: count}, bwLimit: {role: "limit", of: label},
		bwTrace: {role: "trace", of: label},
	} {
		all[i].role, all[i].of, all[i].main = c.role, c.of, c.main
	}
	return all
}

// titled says why a file has all headers of a signature.
func titled(s *sample, signature []string) string {
	t := s.titles()
	if s.starts("[") || s.starts("{") {
		t = firstKeys(s.head)
	}
	for _, want := range signature {
		if !slices.Contains(t, want) {
			return ""
		}
	}
	return "it has the columns " + strings.Join(signature, ", ")
}

// firstKeys are the keys of the first object of a text.
func firstKeys(text []byte) (keys []string) {
	text = text[listBegins(text):]
	i := strings.IndexByte(string(text[:min(len(text), 1000)]), '{')
	if i < 0 {
		return nil
	}
	object, _ := scanValue(text, i)
	walkFlat(object, func(key, _ []byte) { keys = append(keys, string(key)) })
	return keys
}

// bandwidthFormats are those of rates of links.
func bandwidthFormats() []Format {
	named := func(name, doc string, how rateTable) Format {
		return Format{Name: name, Kind: Bandwidth, Doc: doc, sure: true,
			detect: func(s *sample) string { return titled(s, how.signature) }, read: how.read}
	}
	return []Format{
		named("sabre", "Traces of the Sabre player simulator: JSON objects with duration_ms, bandwidth_kbps and latency_ms. A row lasts as long as it says.", rateTable{uneven: true, profile: profile{
			signature: []string{"duration_ms", "bandwidth_kbps"},
			columns: rateColumns(map[int]column{
				bwLength: {names: []string{"duration_ms"}, unit: "ms"}, bwDown: {names: []string{"bandwidth_kbps"}, unit: "kbit/s"}})}}),
		named("ucc-5g", "G-NetTrack logs of University College Cork, 4G and 5G: DL_bitrate and UL_bitrate in kbit/s, a row a second. A zero is a player that asked for nothing.", rateTable{zero: zeroIdle, profile: profile{
			signature: []string{"Timestamp", "DL_bitrate", "UL_bitrate", "NetworkMode"},
			columns: rateColumns(map[int]column{
				bwTime: {names: []string{"Timestamp"}, layout: "dotted"},
				bwDown: {names: []string{"DL_bitrate"}, unit: "kbit/s"}, bwUp: {names: []string{"UL_bitrate"}, unit: "kbit/s"}})}}),
		named("lumos", "Downloads of video segments of the Lumos study: a row each, with app_throughput in kbit/s and delivery_time in s.", rateTable{uneven: true, profile: profile{
			signature: []string{"app_throughput", "delivery_time", "chunk_index"},
			columns: rateColumns(map[int]column{
				bwLength: {names: []string{"delivery_time"}, unit: "s"}, bwDown: {names: []string{"app_throughput"}, unit: "kbit/s"},
				bwCounter: {names: []string{"chunk_index"}}, bwLimit: {names: []string{"downstream_bandwidth"}}})}}),
		named("ookla", "Speed tests, a row each, Mbit/s by the header; tests are told apart by Speedtest_URL, and each stands for ten seconds.", rateTable{tests: true, step: 10 * time.Second, profile: profile{
			signature: []string{"downlink_Mbps", "uplink_Mbps", "Speedtest_URL"},
			columns: rateColumns(map[int]column{
				bwTime: {names: []string{"Date"}, layout: "us"}, bwDown: {names: []string{"downlink_Mbps"}}, bwUp: {names: []string{"uplink_Mbps"}},
				bwKey: {names: []string{"Speedtest_URL"}}})}}),
		named("samknows", "Speed tests of the FCC's Measuring Broadband America (SamKnows): bytes_sec in B/s, fetch_time in microseconds, dtime in UTC. Each unit_id is a trace, each test a step.", rateTable{tests: true, profile: profile{
			signature: []string{"unit_id", "dtime", "fetch_time", "bytes_sec"},
			columns: rateColumns(map[int]column{
				bwTime: {names: []string{"dtime"}, layout: isoLayout}, bwLength: {names: []string{"fetch_time"}, unit: "us"},
				bwDown: {names: []string{"bytes_sec"}, unit: "B/s"}, bwTrace: {names: []string{"unit_id"}}})}}),
		named("starlink-autobahn", "Starlink on moving cars: download and upload in Mbit/s, with times of begin and end of their own.", rateTable{profile: profile{
			signature: []string{"timestamp_start_dl", "timestamp_end_dl", "download"},
			columns: rateColumns(map[int]column{
				bwTime: {names: []string{"timestamp_start_dl"}, layout: isoLayout}, bwEnd: {names: []string{"timestamp_end_dl"}, layout: isoLayout},
				bwDown: {names: []string{"download"}, unit: "Mbit/s"}, bwUp: {names: []string{"upload"}, unit: "Mbit/s"}})}}),
		named("puffer-log", "Logs of segments sent by Puffer: time in ns since 1970, session_id, and delivery_rate in B/s, as TCP measured it. Each session is a trace.", rateTable{uneven: true, profile: profile{
			signature: []string{"time (ns GMT)", "session_id", "delivery_rate"},
			columns: rateColumns(map[int]column{
				bwTime: {names: []string{"time (ns GMT)"}, unit: "ns"}, bwDown: {names: []string{"delivery_rate"}, unit: "B/s"}, bwTrace: {names: []string{"session_id"}}})}}),
		positional("value-unit", "Lines of a rate and its unit, without a header, one for each second (NYU METS).", detectValueUnit,
			rateTable{step: time.Second, profile: profile{columns: rateColumns(map[int]column{bwDown: {at: 1, unit: "bit/s"}, bwUnit: {at: 2}})}}),
		positional("riiser", "Logs of downloads on the move (Riiser, Ghent): a clock, ms since the start, latitude, longitude, bytes and ms of each row, without a header.", detectRiiser,
			rateTable{profile: profile{columns: rateColumns(map[int]column{bwTime: {at: 2, unit: "ms"}, bwLength: {at: 6, unit: "ms"}, bwBytes: {at: 5, unit: "B"}})}}),
		positional("cooked", "Pairs of a time in s and a rate in Mbit/s, without a header: traces cooked for Pensieve, as those of Puffer and the FCC.", detectCooked,
			rateTable{profile: profile{columns: rateColumns(map[int]column{bwTime: {at: 1, unit: "s"}, bwDown: {at: 2, unit: "Mbit/s"}})}}),
		{Name: "oboe", Kind: Bandwidth, Doc: "Two lines for each segment of video, its begin and its end in ms, each with the rate in kbit/s (Oboe).", sure: true, detect: detectOboe, read: readOboe},
		{Name: "mahimahi", Kind: Bandwidth, Doc: "A time in ms for each chance to send 1,500 bytes, one a line (Mahimahi). Steps of 100 ms are made of them.", detect: detectMahimahi, read: readMahimahi},
		{Name: "iperf", Kind: Bandwidth, Doc: "What iperf and iperf3 print: lines of an interval in s, what was moved and the rate with its unit; of several connections, their [SUM].", sure: true, detect: detectIperf, read: readIperf},
		{Name: "iperf3-json", Kind: Bandwidth, Doc: "What iperf3 --json writes: intervals with start and end in s and bits_per_second.", sure: true, detect: detectIperf3, read: readIperf3},
		plainRates(),
	}
}

// positional is a format of lines without a header.
func positional(name, doc string, detect func(*sample) string, how rateTable) Format {
	return Format{Name: name, Kind: Bandwidth, Doc: doc, detect: detect, read: how.read, sure: name != "cooked"}
}

// plainRates reads any table whose header says what its columns are.
func plainRates() Format {
	how := rateTable{profile: profile{signature: nil, columns: rateColumns(map[int]column{
		bwTime:   {names: []string{"time", "timestamp", "ts", "date", "datetime", "=t", "dtime", "datetimestamp", "unix time", "elapsed", "start time", "timestamp start", "start"}},
		bwEnd:    {names: []string{"end time", "timestamp end", "end"}},
		bwLength: {names: []string{"duration", "length", "interval", "delivery time", "=for"}},
		bwDown: {names: []string{"down", "downlink", "download", "downstream", "dl", "throughput", "bandwidth", "bw", "bitrate", "rate", "goodput", "capacity", "dl throughput",
			"downlink throughput", "download throughput", "dl bitrate", "download speed", "delivery rate", "=d"}},
		bwTrace: {names: []string{"session id", "trace id", "run num", "run number", "=run", "run id", "unit id", "test id", "client id", "ue id", "=user", "user id", "=trace", "=session", "device id", "node id", "probe id", "imei", "iccid"}},
		bwUp:    {names: []string{"up", "uplink", "upload", "upstream", "ul", "ul throughput", "uplink throughput", "upload throughput", "ul bitrate", "upload speed", "=u"}},
	})}}
	return Format{Name: "bandwidth-csv", roles: how.columns, Kind: Bandwidth, Doc: "Any table, with a header or without, of CSV or JSON objects, with a rate and perhaps a time or a length. Units are those of the header, or given.",
		detect: func(s *sample) string {
			if top, left := s.edges(); top && left && detectMatrix(s) != "" {
				return ""
			}
			return meant(s, &how.columns[bwDown])
		}, read: how.read}
}

// hasRates says whether a table is one of rates: those of a row may be told
// beside its round-trip time.
func hasRates(s *sample) bool {
	how := plainRates()
	return how.detect(s) != ""
}

// widest is how many columns a header may have that detection reads: more are no
// table of rows.
const widest = 500

// meant says which header of a table means what a column wants, if one does.
func meant(s *sample, c *column) string {
	t := s.titles()
	if s.starts("[") || s.starts("{") {
		t = firstKeys(s.head)
	}
	if len(t) > widest {
		return ""
	}
	i, err := byMeaning(t, c)
	switch {
	case err != nil:
		return "several columns may be the " + c.role
	case i < 0:
		return ""
	}
	return fmt.Sprintf("its column %q is a %s", t[i], c.of)
}
