package result

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// A column is one column of a CSV file of rows of type T.
type column[T any] struct {
	name string
	cell func(buf []byte, row *T) []byte // appends the value
}

var rowColumns = []column[Viewer]{
	{"viewer", func(b []byte, v *Viewer) []byte { return whole(b, int64(v.ID)) }},
	{"region", func(b []byte, v *Viewer) []byte { return quoted(b, v.Region) }},
	{"class", func(b []byte, v *Viewer) []byte { return quoted(b, v.Class) }},
	{"join_sec", func(b []byte, v *Viewer) []byte { return seconds(b, v.Join) }},
	{"leave_sec", func(b []byte, v *Viewer) []byte { return seconds(b, v.Leave) }},
	{"startup_sec", func(b []byte, v *Viewer) []byte { return startupCell(b, v) }},
	{"watched_sec", func(b []byte, v *Viewer) []byte { return seconds(b, v.Watched) }},
	{"stalled_sec", func(b []byte, v *Viewer) []byte { return seconds(b, v.Stalled) }},
	{"stalls", func(b []byte, v *Viewer) []byte { return whole(b, int64(v.Stalls)) }},
	{"switches", func(b []byte, v *Viewer) []byte { return whole(b, int64(v.Switches)) }},
	{"bitrate_bps", func(b []byte, v *Viewer) []byte { return number(b, v.Bitrate) }},
	{"latency_sec", func(b []byte, v *Viewer) []byte { return seconds(b, v.Latency) }},
	{"from_peers_bytes", func(b []byte, v *Viewer) []byte { return whole(b, v.FromPeers) }},
	{"from_edges_bytes", func(b []byte, v *Viewer) []byte { return whole(b, v.FromEdges) }},
	{"from_providers_bytes", func(b []byte, v *Viewer) []byte { return whole(b, v.FromProviders) }},
	{"uploaded_bytes", func(b []byte, v *Viewer) []byte { return whole(b, v.Uploaded) }},
	{"paid_wei", func(b []byte, v *Viewer) []byte { return strconv.AppendUint(b, v.Paid, 10) }},
	{"unpaid_bytes", func(b []byte, v *Viewer) []byte { return whole(b, v.Unpaid) }},
}

var timelineColumns = []column[Point]{
	{"at_sec", func(b []byte, p *Point) []byte { return seconds(b, p.At) }},
	{"joined", func(b []byte, p *Point) []byte { return whole(b, int64(p.Joined)) }},
	{"playing", func(b []byte, p *Point) []byte { return whole(b, int64(p.Playing)) }},
	{"stalled", func(b []byte, p *Point) []byte { return whole(b, int64(p.Stalled)) }},
	{"gapped", func(b []byte, p *Point) []byte { return whole(b, int64(p.Gapped)) }},
	{"peer_bps", func(b []byte, p *Point) []byte { return number(b, p.PeerRate) }},
	{"edge_bps", func(b []byte, p *Point) []byte { return number(b, p.EdgeRate) }},
	{"provider_bps", func(b []byte, p *Point) []byte { return number(b, p.ProviderRate) }},
	{"source_bps", func(b []byte, p *Point) []byte { return number(b, p.SourceRate) }},
	{"bitrate_bps", func(b []byte, p *Point) []byte { return number(b, p.Bitrate) }},
	{"base_fee_gwei", func(b []byte, p *Point) []byte { return number(b, p.BaseFee) }},
}

// WriteRows writes rows.csv: one row for each viewer of each run.
func WriteRows(w io.Writer, s *Set) error {
	return writeTable(w, s, rowColumns, func(r *Run) []Viewer { return r.Viewers })
}

// WriteTimeline writes timeline.csv: one row for each bucket of each run.
func WriteTimeline(w io.Writer, s *Set) error {
	return writeTable(w, s, timelineColumns, func(r *Run) []Point { return r.Series })
}

// writeTable writes variant, seed and the columns of every row of every run.
func writeTable[T any](w io.Writer, s *Set, columns []column[T], rows func(*Run) []T) error {
	bw := bufio.NewWriterSize(w, 1<<16)
	bw.WriteString("variant,seed")
	for _, c := range columns {
		bw.WriteString("," + c.name)
	}
	bw.WriteByte('\n')
	var buf []byte
	for _, r := range s.Runs {
		list := rows(r)
		for i := range list {
			buf = quoted(buf[:0], r.Variant)
			buf = append(buf, ',')
			buf = strconv.AppendUint(buf, r.Seed, 10)
			for _, c := range columns {
				buf = c.cell(append(buf, ','), &list[i])
			}
			bw.Write(append(buf, '\n'))
		}
	}
	return bw.Flush() // reports the first error of all writes
}

// startupCell leaves the cell of a viewer that never started empty.
func startupCell(b []byte, v *Viewer) []byte {
	if !v.Started() {
		return b
	}
	return seconds(b, v.Startup)
}

// whole appends an integer.
func whole(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

// number appends a float with as many digits as it has; NaN stays empty.
func number(b []byte, v float64) []byte {
	if math.IsNaN(v) {
		return b
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// seconds appends a duration as exact decimal seconds.
func seconds(b []byte, d time.Duration) []byte {
	if d < 0 {
		b, d = append(b, '-'), -d
	}
	b = strconv.AppendInt(b, int64(d/time.Second), 10)
	rest := int64(d % time.Second)
	if rest == 0 {
		return b
	}
	start := len(b)
	b = strconv.AppendInt(b, int64(time.Second)+rest, 10) // 1 and nine digits
	b[start] = '.'
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// quoted appends a field, in quotes where RFC 4180 wants them.
func quoted(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}
