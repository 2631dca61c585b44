package datasets

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A Sheet is one plain CSV file that a set can be written as.
type Sheet struct {
	Name  string   // of what it holds; as the file it came from
	Notes []string // comment lines above the header
	Write func(io.Writer) error
}

// Sheets are the CSV files of a set: one for each trace, or one for all. Each
// has a header with units, and lines that begin with # above it say where it
// came from and what was repaired.
func (s *Set) Sheets() []Sheet {
	switch s.Kind {
	case Bandwidth:
		return s.traceSheets()
	case Latency:
		return s.pairSheets()
	case Churn:
		return s.churnSheets()
	case Viewers:
		return s.crowdSheets()
	case Video:
		return s.videoSheets()
	}
	return s.feeSheets()
}

// origin is the comment above every sheet.
func (s *Set) origin() []string {
	return []string{fmt.Sprintf("%s, read as %s", s.Name, s.Format), s.Repairs.String()}
}

// sheet writes comments, a header and rows.
func (s *Set) sheet(name, header string, rows func(w *bufio.Writer), notes ...string) Sheet {
	notes = append(s.origin(), notes...)
	return Sheet{Name: name, Notes: notes, Write: func(w io.Writer) error {
		b := bufio.NewWriter(w)
		for _, n := range notes {
			fmt.Fprintf(b, "# %s\n", n)
		}
		fmt.Fprintln(b, header)
		rows(b)
		return b.Flush()
	}}
}

// traceSheets are the traces as a scenario's network takes them.
func (s *Set) traceSheets() (all []Sheet) {
	for i := range s.Traces {
		t := &s.Traces[i]
		var notes []string
		if !t.HasUp {
			notes = append(notes, "the way up was not measured: it is written as the way down")
		}
		all = append(all, s.sheet(t.Name, "for,down,up", func(w *bufio.Writer) {
			for _, p := range t.Steps {
				if !t.HasUp {
					p.Up = p.Down
				}
				fmt.Fprintf(w, "%ss,%v,%v\n", ratio(int64(p.For), 1e9), p.Down, p.Up)
			}
		}, notes...))
	}
	return all
}

// pairSheets are pairs with the names of their places, or probes.
func (s *Set) pairSheets() (all []Sheet) {
	m := s.Latency
	name := func(i int32) string { return cell(cmp.Or(m.Places[i].Title, m.Places[i].Name)) }
	if len(m.Pairs) > 0 {
		all = append(all, s.sheet("pairs", "from,to,rtt_ms,min_ms", func(w *bufio.Writer) {
			for _, p := range m.Pairs {
				fmt.Fprintf(w, "%s,%s,%s,%s\n", name(p.From), name(p.To), ratio(int64(p.RTT), 1e6), optional(int64(p.Min), 1e6))
			}
		}))
	}
	if len(m.Probes) > 0 {
		if slices.ContainsFunc(m.Probes, func(p Probe) bool { return p.At != 0 }) {
			all = append(all, s.sheet("probes", "time_s,rtt_ms", func(w *bufio.Writer) {
				for _, p := range m.Probes {
					fmt.Fprintf(w, "%s,%s\n", ratio(p.At, 1e9), optional(int64(p.RTT), 1e6))
				}
			}))
		} else {
			all = append(all, s.sheet("probes", "probe,rtt_ms", func(w *bufio.Writer) {
				for i, p := range m.Probes {
					fmt.Fprintf(w, "%d,%s\n", i+1, optional(int64(p.RTT), 1e6))
				}
			}))
		}
	}
	if len(m.Pairs) == 0 && len(m.Probes) == 0 {
		all = append(all, s.sheet("places", "name,country,latitude,longitude", func(w *bufio.Writer) {
			for i, p := range m.Places {
				fmt.Fprintf(w, "%s,%s,%v,%v\n", name(int32(i)), cell(p.Country), p.Latitude, p.Longitude)
			}
		}))
	}
	return all
}

// churnSheets are intervals, numbers of nodes, windows and survival: what there is.
func (s *Set) churnSheets() (all []Sheet) {
	h := s.Churn
	if len(h.Intervals) > 0 {
		all = append(all, s.sheet("intervals", "node,up,from_s,to_s", func(w *bufio.Writer) {
			for _, i := range h.Intervals {
				fmt.Fprintf(w, "%s,%d,%s,%s\n", cell(h.Nodes[i.Node]), btoi(i.Up), ratio(i.From, 1e9), ratio(i.To, 1e9))
			}
		}))
	}
	if len(h.Counts) > 0 {
		all = append(all, s.countSheet("nodes", h.Counts))
	}
	if len(h.Windows) > 0 {
		all = append(all, s.sheet("windows", "from_s,to_s,open,opened,closed", func(w *bufio.Writer) {
			for _, x := range h.Windows {
				fmt.Fprintf(w, "%s,%s,%d,%d,%d\n", ratio(x.From, 1e9), ratio(x.To, 1e9), x.Open, x.Opened, x.Closed)
			}
		}))
	}
	if len(h.Survivals) > 0 {
		all = append(all, s.sheet("survival", "time_s,after_s,share", func(w *bufio.Writer) {
			for _, x := range h.Survivals {
				fmt.Fprintf(w, "%s,%s,%v\n", ratio(x.At, 1e9), ratio(int64(x.After), 1e9), float64(x.Share))
			}
		}))
	}
	return all
}

// countSheet is a number over time.
func (s *Set) countSheet(what string, counts []Count) Sheet {
	return s.sheet(what, "time_s,"+what, func(w *bufio.Writer) {
		for _, c := range counts {
			fmt.Fprintf(w, "%s,%d\n", ratio(c.At, 1e9), c.N)
		}
	})
}

// crowdSheets are sessions, numbers of viewers, watch times, ranks and frames:
// what there is.
func (s *Set) crowdSheets() (all []Sheet) {
	v := s.Viewers
	if len(v.Sessions) > 0 {
		all = append(all, s.sheet("sessions", "start_s,length_s", func(w *bufio.Writer) {
			for _, x := range v.Sessions {
				fmt.Fprintf(w, "%s,%s\n", ratio(x.Start, 1e9), ratio(int64(x.Length), 1e9))
			}
		}))
	}
	if len(v.Counts) > 0 {
		all = append(all, s.countSheet("viewers", v.Counts))
	}
	if len(v.Lengths) > 0 {
		all = append(all, s.sheet("watch times", "watch_time_s", func(w *bufio.Writer) {
			for _, x := range v.Lengths {
				fmt.Fprintf(w, "%s\n", ratio(int64(x), 1e9))
			}
		}))
	}
	if len(v.Stays) > 0 {
		all = append(all, s.sheet("stays", "watch_time_s,survival_share", func(w *bufio.Writer) {
			for _, x := range v.Stays {
				fmt.Fprintf(w, "%s,%s\n", ratio(int64(x.After), 1e9), ratio(int64(math.Round(float64(x.Share)*1e6)), 1e6))
			}
		}))
	}
	if len(v.Ranks) > 0 {
		all = append(all, s.sheet("ranks", "month_s,name,views", func(w *bufio.Writer) {
			for i, x := range v.Ranks {
				fmt.Fprintf(w, "%s,%s,%d\n", optional(x.Group, 1e9), cmp.Or(cell(x.Name), strconv.Itoa(i+1)), x.N)
			}
		}))
	}
	if len(v.Arrivals) > 0 {
		all = append(all, s.sheet("arrivals", "stream,time_s,size_B,key", func(w *bufio.Writer) {
			for _, x := range v.Arrivals {
				fmt.Fprintf(w, "%d,%s,%d,%d\n", x.Stream, ratio(x.At, 1e9), int64(x.Size), btoi(x.Key))
			}
		}))
	}
	return all
}

// videoSheets are the segments of each video, a column for each rendition.
func (s *Set) videoSheets() (all []Sheet) {
	for i := range s.Videos {
		l := &s.Videos[i]
		header := "segment,duration_s"
		for _, x := range l.Renditions {
			header += "," + cell(x.Name+" (B)")
		}
		all = append(all, s.sheet(l.Name, header, func(w *bufio.Writer) {
			for k, d := range l.Durations {
				fmt.Fprintf(w, "%d,%s", k, ratio(int64(d), 1e9))
				for _, x := range l.Renditions {
					fmt.Fprintf(w, ",%s", optional(int64(x.Sizes[k]), 1))
				}
				fmt.Fprintln(w)
			}
		}))
	}
	return all
}

// feeSheets are series: as a scenario's chain takes them where they are fees
// for one gas, else as they are.
func (s *Set) feeSheets() (all []Sheet) {
	for i := range s.Fees {
		x := &s.Fees[i]
		if x.Unit == "wei" && x.fits() {
			all = append(all, s.sheet(x.Name, "for,base_fee", func(w *bufio.Writer) {
				for k, p := range x.Points {
					fmt.Fprintf(w, "%ss,%v\n", ratio(int64(x.length(k)), 1e9), unit.Wei(p.Value.Uint64()))
				}
			}, "each value holds until the next, the last for as long as is usual"))
			continue
		}
		header := "time_s,block,price_" + x.Unit
		if x.Unit == "wei" {
			header = "time_s,block,fee_gwei"
		}
		all = append(all, s.sheet(x.Name, header, func(w *bufio.Writer) {
			for _, p := range x.Points {
				fmt.Fprintf(w, "%s,%s,%s\n", optional(p.At, 1e9), optional(p.Block, 1), new(big.Rat).SetFrac(p.Value, big.NewInt(1e9)).FloatString(9))
			}
		}))
	}
	return all
}

// fits says whether a series can be one of fees for one gas: dated, and of at
// most 64 bits.
func (s *Series) fits() bool {
	for _, p := range s.Points {
		if !p.Value.IsUint64() || p.At == 0 {
			return false
		}
	}
	return len(s.Points) > 1
}

// length is how long a point holds.
func (s *Series) length(k int) time.Duration {
	if k+1 == len(s.Points) {
		k--
	}
	return time.Duration(s.Points[k+1].At - s.Points[k].At)
}

// ratio writes n/by exactly; by is a power of ten.
func ratio(n, by int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	whole, rest := n/by, n%by
	if rest == 0 {
		return sign + strconv.FormatInt(whole, 10)
	}
	digits := strconv.FormatInt(by+rest, 10)[1:]
	return sign + strconv.FormatInt(whole, 10) + "." + strings.TrimRight(digits, "0")
}

// optional is ratio, or nothing for what is not known.
func optional(n, by int64) string {
	if n == 0 {
		return ""
	}
	return ratio(n, by)
}

// cell writes a text as a cell of CSV.
func cell(text string) string {
	if strings.ContainsAny(text, ",\"\r\n#") {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
