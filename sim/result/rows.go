package result

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// A column is one column of a table of rows of type T.
type column[T any] struct {
	name  string
	field func(row *T) any // where its value stands: a pointer to one of the types that appendCell knows
}

var rowColumns = []column[Viewer]{
	{"viewer", func(v *Viewer) any { return &v.ID }},
	{"region", func(v *Viewer) any { return &v.Region }},
	{"class", func(v *Viewer) any { return &v.Class }},
	{"join_sec", func(v *Viewer) any { return &v.Join }},
	{"leave_sec", func(v *Viewer) any { return &v.Leave }},
	{"startup_sec", func(v *Viewer) any { return &v.Startup }},
	{"watched_sec", func(v *Viewer) any { return &v.Watched }},
	{"stalled_sec", func(v *Viewer) any { return &v.Stalled }},
	{"stalls", func(v *Viewer) any { return &v.Stalls }},
	{"switches", func(v *Viewer) any { return &v.Switches }},
	{"bitrate_bps", func(v *Viewer) any { return &v.Bitrate }},
	{"latency_sec", func(v *Viewer) any { return &v.Latency }},
	{"from_peers_bytes", func(v *Viewer) any { return &v.FromPeers }},
	{"from_edges_bytes", func(v *Viewer) any { return &v.FromEdges }},
	{"from_providers_bytes", func(v *Viewer) any { return &v.FromProviders }},
	{"uploaded_bytes", func(v *Viewer) any { return &v.Uploaded }},
	{"paid_wei", func(v *Viewer) any { return &v.Paid }},
	{"unpaid_bytes", func(v *Viewer) any { return &v.Unpaid }},
	{"abandoned", func(v *Viewer) any { return &v.Abandoned }},
	{"gave_up", func(v *Viewer) any { return &v.GaveUp }},
	{"seeks", func(v *Viewer) any { return &v.Seeks }},
	{"zaps", func(v *Viewer) any { return &v.Zaps }},
	{"climb_bps", func(v *Viewer) any { return &v.Climb }},
	{"qoe_lin", func(v *Viewer) any { return &v.QoELin }},
	{"qoe_log", func(v *Viewer) any { return &v.QoELog }},
	{"qoe_hd", func(v *Viewer) any { return &v.QoEHD }},
	{"sabre_score", func(v *Viewer) any { return &v.SabreScore }},
	{"lolp", func(v *Viewer) any { return &v.LoLP }},
}

var timelineColumns = []column[Point]{
	{"at_sec", func(p *Point) any { return &p.At }},
	{"joined", func(p *Point) any { return &p.Joined }},
	{"playing", func(p *Point) any { return &p.Playing }},
	{"stalled", func(p *Point) any { return &p.Stalled }},
	{"gapped", func(p *Point) any { return &p.Gapped }},
	{"peer_bps", func(p *Point) any { return &p.PeerRate }},
	{"edge_bps", func(p *Point) any { return &p.EdgeRate }},
	{"provider_bps", func(p *Point) any { return &p.ProviderRate }},
	{"source_bps", func(p *Point) any { return &p.SourceRate }},
	{"bitrate_bps", func(p *Point) any { return &p.Bitrate }},
	{"base_fee_gwei", func(p *Point) any { return &p.BaseFee }},
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
				buf = appendCell(append(buf, ','), c.field(&list[i]))
			}
			bw.Write(append(buf, '\n'))
		}
	}
	return bw.Flush() // reports the first error of all writes
}

// appendCell appends the value that p points at. A time below zero never came,
// and is left empty like a number that is none.
func appendCell(b []byte, p any) []byte {
	switch p := p.(type) {
	case *string:
		return quoted(b, *p)
	case *int:
		return whole(b, int64(*p))
	case *int64:
		return whole(b, *p)
	case *uint64:
		return strconv.AppendUint(b, *p, 10)
	case *float64:
		return number(b, *p)
	case *time.Duration:
		if *p < 0 {
			return b
		}
		return seconds(b, *p)
	}
	panic(fmt.Sprintf("result: a column of %T", p))
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
