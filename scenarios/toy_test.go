package scenarios

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

var update = flag.Bool("update", false, "write golden files and generated pages anew")

// A toy has one key of every shape, so that the machinery is tested without
// the sections of real scenarios.
type toy struct {
	Title   string     `yaml:"title" variant:"no" doc:"What it is called."`
	Seeds   int        `yaml:"seeds" variant:"no" doc:"How often it runs."`
	Note    string     `yaml:"note" doc:"Anything | at all."`
	Network toyNetwork `yaml:"network" doc:"What carries bytes."`
	Player  toyPlayer  `yaml:"player" doc:"Who watches."`
	Faults  []toyFault `yaml:"faults" doc:"What goes wrong."`
	Hidden  int        `yaml:"-"`
	private int
}

type toyNetwork struct {
	Loss    unit.Ratio        `yaml:"loss" doc:"Packets lost."`
	Jitter  time.Duration     `yaml:"jitter" doc:"Mean jitter."`
	Rate    unit.Rate         `yaml:"rate" doc:"Rate of a link."`
	Queue   unit.Size         `yaml:"queue" doc:"Queue of a link."`
	Regions []string          `yaml:"regions" doc:"Names of regions."`
	Delay   [][]time.Duration `yaml:"delay" doc:"From each region to each."`
	Classes []toyClass        `yaml:"classes" doc:"Kinds of access."`
}

type toyClass struct {
	Name  string     `yaml:"name" doc:"What it is called."`
	Share unit.Ratio `yaml:"share" doc:"How many have it."`
	Up    unit.Rate  `yaml:"up" doc:"Upload rate."`
}

type toyPlayer struct {
	Method toyMethod `yaml:"method" doc:"How it chooses."`
	Live   bool      `yaml:"live" doc:"Whether it follows the edge."`
	Gamma  float64   `yaml:"gamma" doc:"A weight."`
	Retry  uint8     `yaml:"retry" doc:"Attempts."`
	Step   int8      `yaml:"step" doc:"Rungs up or down."`
	Price  unit.USD  `yaml:"price" doc:"Price of an hour."`
	Gift   unit.Wei  `yaml:"gift" doc:"Given away."`
	Buffer toyBuffer `yaml:"buffer" doc:"What it keeps."`
}

type toyBuffer struct {
	Low  time.Duration `yaml:"low" doc:"Less than this stalls."`
	High time.Duration `yaml:"high" doc:"More than this waits."`
}

type toyFault struct {
	At time.Duration `yaml:"at" doc:"When."`
}

type toyMethod string

func (toyMethod) Names() []string { return []string{"bola", "throughput", "none"} }

func toyDefault() toy {
	return toy{
		Title: "Toy", Seeds: 3,
		Network: toyNetwork{Loss: 0.01, Jitter: 5 * time.Millisecond, Rate: 50e6, Queue: 64 << 10,
			Regions: []string{"eu", "us"},
			Delay:   [][]time.Duration{{0, time.Second}, {time.Second, 0}},
			Classes: []toyClass{{"fiber", 0.75, 100e6}, {"dsl", 0.25, 1e6}}},
		Player: toyPlayer{Method: "bola", Live: true, Gamma: 0.5, Retry: 3, Price: 85e6, Gift: 1e16,
			Buffer: toyBuffer{Low: time.Second, High: 10 * time.Second}},
	}
}

func (t toy) Validate() error {
	if t.Network.Loss > 0.5 && t.Player.Live {
		return unit.Bad("player.live", "true with more than 50% of loss: write false")
	}
	return nil
}

func (n toyNetwork) Validate() error {
	var errs []error
	if n.Jitter < 0 {
		errs = append(errs, unit.Bad("jitter", fmt.Sprintf("%v is negative: write at least 0s", n.Jitter)))
	}
	for i, c := range n.Classes {
		if c.Up == 0 {
			errs = append(errs, unit.Bad(fmt.Sprintf("classes[%d].up", i), "0bit/s carries nothing: write a rate"))
		}
	}
	if len(n.Delay) != len(n.Regions) {
		errs = append(errs, fmt.Errorf("regions and delay: %w",
			unit.Bad("delay", fmt.Sprintf("%d rows for %d regions", len(n.Delay), len(n.Regions)))))
	}
	return errors.Join(errs...)
}

func (b *toyBuffer) Validate() error {
	if b.Low > b.High {
		return fmt.Errorf("low (%v) is above high (%v)", b.Low, b.High)
	}
	return nil
}

func (f toyFault) Validate() error {
	if f.At < time.Second {
		return unit.Bad("at", fmt.Sprintf("%v: nothing fails in the first second", f.At))
	}
	return nil
}

func noCheck(*toy, []string) error { return nil }

// loadToy reads a file with variants into toys, without the places of keys.
func loadToy(file, src string, sets ...string) (stack[toy], error) {
	st, err := layers(file, []byte(src), sets, toyDefault, noCheck)
	st.top, st.where = nil, nil
	return st, err
}

// randomToy draws a toy that is valid.
func randomToy(rng *rand.Rand) toy {
	texts := []string{"", "plain", "two words", "yes", "null", "5", "1e3", "0x10", "~", "a: b", "# no", "- x", "'q'", `"d"`,
		"line\nline\n", "\ttab", "tail ", " lead", "{a}", "[b]", "a, b", "50%", "é日本", "🎬", "back\\slash", "*x", "&y", "!z",
		"@", "`", "%", "|", ">", "?", "---", "...", "a\u00a0b", "x:", "true", ".inf", "2026-01-01", "a#b", "a #b", "nul\u0000l", "\u2028", "C:\\x\\n"}
	str := func() string { return texts[rng.IntN(len(texts))] }
	t := toyDefault()
	t.Title, t.Note, t.Seeds = str(), str(), rng.IntN(100)
	n := &t.Network
	n.Loss, n.Jitter, n.Rate = unit.Ratio(rng.Float64()/2), time.Duration(rng.Int64N(1e12)), unit.Rate(rng.Int64())
	n.Queue = unit.Size(rng.Int64() >> rng.IntN(63))
	n.Regions, n.Delay, n.Classes, t.Faults = nil, nil, nil, nil
	for range rng.IntN(4) {
		n.Regions = append(n.Regions, str())
		n.Delay = append(n.Delay, []time.Duration{time.Duration(rng.Int64N(1e10)), 0})
		n.Classes = append(n.Classes, toyClass{str(), unit.Ratio(rng.Float64()), unit.Rate(1 + rng.Int64N(1e9))})
		t.Faults = append(t.Faults, toyFault{time.Second + time.Duration(rng.Int64N(1e12))})
	}
	p := &t.Player
	p.Method, p.Live = toyMethod(p.Method.Names()[rng.IntN(3)]), rng.IntN(2) == 0
	p.Gamma, p.Retry, p.Step = rng.NormFloat64()*1e10, uint8(rng.Uint32()), int8(rng.Uint32())
	p.Price, p.Gift = unit.USD(rng.Int64()), unit.Wei(rng.Uint64())
	p.Buffer.High = p.Buffer.Low + time.Duration(rng.Int64N(1e11))
	return t
}

// golden compares what was got with a file, or writes the file anew.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s, line %d (write it anew with -update and review it):\n got %s\nwant %s", file, i+1, a[i], strings.Join(b[min(i, len(b)):min(i+1, len(b))], ""))
		}
	}
	t.Fatalf("%s is longer than what was got", file)
}
