package datasets

import (
	"math/big"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// A Kind is what a set is about.
type Kind string

// Kinds.
const (
	Bandwidth Kind = "bandwidth" // rates of links over time
	Latency   Kind = "latency"   // round-trip times between places
	Churn     Kind = "churn"     // nodes that come and go
	Viewers   Kind = "viewers"   // who watches, how long, and what
	Video     Kind = "video"     // durations and sizes of segments
	Fees      Kind = "fees"      // what a chain and its coin cost
)

// Names lists the kinds.
func (Kind) Names() []string {
	return []string{string(Bandwidth), string(Latency), string(Churn), string(Viewers), string(Video), string(Fees)}
}

// A Set is what was read of one file, folder or archive. One of the six models
// is filled, by its kind.
type Set struct {
	Name    string   `json:"name"`
	Kind    Kind     `json:"kind"`
	Format  string   `json:"format"`
	Why     string   `json:"why"`             // how the format was recognised
	Units   []string `json:"units,omitempty"` // which unit each column has, and who says so
	Files   int      `json:"files"`           // read, those in archives too
	Bytes   int64    `json:"bytes"`           // read, unpacked
	Columns []Column `json:"columns,omitempty"`
	Repairs Repairs  `json:"repairs"`

	Traces  []Trace  `json:"-"`
	Latency *Matrix  `json:"-"`
	Churn   *History `json:"-"`
	Viewers *Crowd   `json:"-"`
	Videos  []Ladder `json:"-"`
	Fees    []Series `json:"-"`
}

// A Column says how many cells of a column have a mark for nothing.
type Column struct {
	Name    string `json:"name"`
	Missing int64  `json:"missing"`
}

// A Trace is the recorded rates of one link. Steps follow each other without
// holes; a step whose rate is 0bit/s is an outage.
type Trace struct {
	Name  string
	Start int64        // nanoseconds since 1970; 0 where the file has no date
	Steps []netem.Step // Up is 0 where HasUp is false
	HasUp bool         // whether the way up was measured
}

// A Matrix is round-trip times between places.
type Matrix struct {
	Places []Place
	Pairs  []Pair  // each direction that was measured, in the order of the file
	Probes []Probe // of logs of one place that asks another
}

// A Place is one end of a pair.
type Place struct {
	Name      string  // or the number that pairs call it by
	Title     string  // what a table of places calls it
	Country   string  // as the file says it
	Latitude  float64 // degrees; both 0 where not known
	Longitude float64
}

// A Pair is the time from one place to another and back.
type Pair struct {
	From, To int32 // indices of places
	RTT      time.Duration
	Min      time.Duration // smallest sample; 0 where not told
	Samples  int64         // 0 where not told
}

// A Probe is one question of a log, and how long its answer took.
type Probe struct {
	At   int64 // nanoseconds since 1970, or of the day; 0 where not told
	RTT  time.Duration
	Lost bool
}

// A History is how nodes came and went. A file tells one or more of these.
type History struct {
	Nodes     []string
	Intervals []Interval
	Counts    []Count    // how many were there
	Windows   []Window   // how many came and went
	Survivals []Survival // how many stayed
}

// An Interval is a time in which a node was there, or was not.
type Interval struct {
	Node     int32 // index of Nodes
	Up       bool
	From, To int64 // nanoseconds since 1970; From < To
}

// A Count is a number of nodes or viewers at a time.
type Count struct {
	At int64 // nanoseconds since 1970
	N  int64
}

// A Window is what a monitor saw between two times.
type Window struct {
	From, To             int64 // nanoseconds since 1970; From < To
	Open, Opened, Closed int64 // connections: at the end, new, and gone
}

// A Survival is the share of nodes that were connected for at least some time.
type Survival struct {
	At    int64 // nanoseconds since 1970
	After time.Duration
	Share unit.Ratio
}

// A Crowd is who watched. A file tells one or more of these.
type Crowd struct {
	Sessions []Session
	Counts   []Count         // viewers at a time
	Lengths  []time.Duration // watch times, smallest first
	Stays    []Survival      // how many watched at least so long
	Ranks    []Rank          // most popular first
	Arrivals []Arrival
}

// A Session is a time in which somebody watched, or something was on air.
type Session struct {
	Start  int64 // nanoseconds since 1970
	Length time.Duration
}

// A Rank is how popular one thing was.
type Rank struct {
	Name  string
	Group int64 // beginning of the month among whose it ranks, nanoseconds since 1970; 0 where there is one group
	N     int64 // views or viewers, as the column says
}

// An Arrival is one frame that came in.
type Arrival struct {
	Stream int32 // pieces of streams, counted from 0
	At     int64 // nanoseconds since 1970
	Size   unit.Size
	Key    bool
}

// A Ladder is the segments of one video in some renditions.
type Ladder struct {
	Name       string
	Durations  []time.Duration // of each segment
	Renditions []Sizes
}

// Sizes is one rendition.
type Sizes struct {
	Name  string
	Rate  unit.Rate   // as the file states it; 0 where it does not
	Sizes []unit.Size // of each segment; 0 where not known
}

// A Series is a quantity that changes with time, in whole numbers of any size.
type Series struct {
	Name   string
	Unit   string // wei, or what a price is in
	Points []Point
}

// A Point is a value that holds from its time until the next.
type Point struct {
	At    int64    // nanoseconds since 1970, or 0 where only the block is known
	Block int64    // number of the block; 0 where not told
	Value *big.Int // wei, or billionths of what a price is in
}
