// Package calibrate measures what the computing that a scenario charges takes
// on the processor it runs on: parsing, hashing, coding, signatures. The file
// that it writes is one that a scenario names in cpu.file. Beside that it measures
// the EVM, for which nobody in a scenario is charged.
//
// What it leaves out: anything that waits for a disk or a network, and more
// than one core.
package calibrate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A Cost is what one operation took: the median of many goes and the quartiles
// around it, and how many goes there were.
type Cost struct {
	Key          string // of the cpu section, such as hash
	Bytes        int    // that the operation works on; 0 if it costs the same for all
	Gas          uint64 // that the operation uses; 0 if it is not the EVM's, which the cpu section does not have
	Low, Median  time.Duration
	High         time.Duration
	Goes, Repeat int // goes that were timed, operations in each
}

// Measure times every cost of the cpu section in its order, then the EVM, each for about the
// given time, of which a tenth of a second gives a first idea and two seconds a
// figure to keep. tell hears of each key before it is measured. It ends early
// with the context's error.
func Measure(ctx context.Context, each time.Duration, tell func(key string)) ([]Cost, error) {
	bench, err := newBench()
	if err != nil {
		return nil, err
	}
	var all []Cost
	for _, k := range bench.kernels() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell(k.key)
		all = append(all, measure(k, each, time.Now))
	}
	return all, nil
}

// A kernel is one operation to time.
type kernel struct {
	key   string
	bytes int
	gas   uint64
	run   func()
	less  func() // what run does besides; nil: nothing
}

// least is how long a go takes at least, far above the clock's steps, and goes
// how many there are at least.
const (
	least = 100 * time.Microsecond
	goes  = 11
)

// measure repeats k until each is over by the clock, in goes of equal length.
func measure(k kernel, each time.Duration, clock func() time.Time) Cost {
	took := func(f func(), times int) time.Duration {
		start := clock()
		for range times {
			f()
		}
		return clock().Sub(start)
	}
	k.run() // what is made once is made now
	repeat := 1
	for took(k.run, repeat) < least {
		repeat *= 2
	}
	var times []time.Duration
	for start := clock(); len(times) < goes || clock().Sub(start) < each; {
		t := took(k.run, repeat)
		if k.less != nil { // both in one go, so that they share what disturbs them
			t -= took(k.less, repeat)
		}
		times = append(times, max(t, 1))
	}
	slices.Sort(times)
	n := len(times)
	at := func(i int) time.Duration { return max(1, times[i]/time.Duration(repeat)) }
	return Cost{Key: k.key, Bytes: k.bytes, Gas: k.gas, Low: at(n / 4), Median: at(n / 2), High: at(n - 1 - n/4), Goes: n, Repeat: repeat}
}

// Text is the cost as a scenario writes it: a rate for what costs by the byte,
// else a duration; of the EVM in millions of gas a second.
func (c *Cost) Text() string { return c.text(c.Median) }

// Spread is the middle half of all goes, the cheaper end first.
func (c *Cost) Spread() string { return c.text(c.Low) + " to " + c.text(c.High) }

func (c *Cost) text(d time.Duration) string {
	if c.Gas > 0 {
		return fmt.Sprintf("%.0f Mgas/s", float64(c.Gas)/1e6/d.Seconds())
	}
	if c.Bytes == 0 {
		return d.String()
	}
	return coarse(unit.Rate(float64(c.Bytes) * 8 / d.Seconds())).String()
}

// coarse rounds a rate to three digits: a fourth one would be noise.
func coarse(r unit.Rate) unit.Rate {
	step := unit.Rate(1)
	for r/step >= 1000 {
		step *= 10
	}
	return (r + step/2) / step * step
}

// File is a file of costs for a scenario to name, with comment above it, whose
// lines it is.
func File(costs []Cost, comment []string) []byte {
	var b strings.Builder
	for _, line := range comment {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	b.WriteString("cpu:\n")
	for i := range costs {
		if c := &costs[i]; c.Gas == 0 {
			fmt.Fprintf(&b, "  %s: %s # median of %d; half of them %s\n", c.Key, c.Text(), c.Goes, c.Spread())
		}
	}
	for i := range costs {
		if c := &costs[i]; c.Gas > 0 {
			fmt.Fprintf(&b, "# %s: %s, median of %d; half of them %s; executed, never charged: no node of a scenario runs a chain's node.\n",
				c.Key, c.Text(), c.Goes, c.Spread())
		}
	}
	return []byte(b.String())
}
