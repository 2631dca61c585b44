package media

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// Config is the section "video" of a scenario: which pictures are streamed and
// how long their segments are.
type Config struct {
	File     string        `yaml:"file" doc:"Path to a video file, or to a folder whose files are the renditions of one ladder. Empty: the clip that Kinetoscope ships."`
	Segment  time.Duration `yaml:"segment" doc:"Target length of a segment, 200ms to 10s. Cuts fall on the first key picture at or after it that can be started at."`
	Rungs    Rungs         `yaml:"rungs" doc:"Where the renditions come from: each file, the best file thinned, synthetic filler of the rates below, or ffmpeg at these rates."`
	Rates    []unit.Rate   `yaml:"rates" doc:"Bitrates of synthetic and transcoded renditions. Read by these alone."`
	Dataset  string        `yaml:"dataset" doc:"Recorded sizes of segments for synthetic renditions, named as a network trace's data set is: its renditions make the rates, those of part=N, or else its last, the pattern."`
	Pattern  []float64     `yaml:"pattern" doc:"synthetic: how large each segment is, in turn, relative to the mean. Empty: as those of the best file are."`
	Fallback Fallback      `yaml:"fallback" doc:"How deep a publisher goes to save a segment that a fault of the kind codec, drm or damage has hit; each level includes those before it. What it cannot save it does not publish."`
	Damage   Damage        `yaml:"damage" doc:"How the files are spoilt before they are read."`
	Sizes    Sizes         `yaml:"sizes" doc:"How large segments are: as the files have them, or in each rendition all as large as their mean, of filler bytes."`
}

// Lengths that a segment may aim at, and bounds of what it may become.
const (
	MinSegment = 200 * time.Millisecond
	MaxSegment = 10 * time.Second // longer ones are cut by time
	maxBytes   = 12 << 20         // larger ones are cut by size
)

// MaxPattern is how many segments a pattern of sizes may have.
const MaxPattern = 1000

// maxRungs is how many synthetic or transcoded renditions a ladder may have.
const maxRungs = 16

// Default streams the shipped clip in segments of two seconds. The rates are
// rungs that Apple recommends for HTTP live streaming.
func Default() Config {
	return Config{Segment: 2 * time.Second, Rungs: Given, Rates: []unit.Rate{365_000, 730_000, 1_100_000, 2_000_000, 3_000_000},
		Fallback: ToGap, Damage: Damage{Kind: Clean, Share: 0.1, Seed: 1}, Sizes: Real}
}

// Validate reports every key whose value is not allowed. Whether File exists
// and what it holds is found out by Load.
func (c Config) Validate() error {
	var errs []error
	if c.Segment < MinSegment || c.Segment > MaxSegment {
		errs = append(errs, unit.Bad("segment", fmt.Sprintf("found %v, allowed is %v to %v", c.Segment, MinSegment, MaxSegment)))
	} else if c.Segment%time.Millisecond != 0 {
		errs = append(errs, unit.Bad("segment", fmt.Sprintf("found %v, allowed are whole milliseconds", c.Segment)))
	}
	if strings.ContainsRune(c.File, 0) {
		errs = append(errs, unit.Bad("file", "found a zero byte in the path, allowed is a path of this machine"))
	}
	if n := len(c.Rates); (c.Rungs == Synthetic || c.Rungs == Transcoded) && (n < 1 || n > maxRungs) {
		errs = append(errs, unit.Bad("rates", fmt.Sprintf("found %d rates, allowed are 1 to %d", n, maxRungs)))
	}
	if (c.Dataset != "" || len(c.Pattern) > 0) && c.Rungs != Synthetic {
		errs = append(errs, unit.Bad("rungs", "sizes are given, which synthetic rungs alone read: write rungs: synthetic"))
	}
	if c.Dataset != "" && len(c.Pattern) > 0 {
		errs = append(errs, unit.Bad("dataset", "there is a pattern too: take one of them out"))
	}
	if len(c.Pattern) > MaxPattern {
		errs = append(errs, unit.Bad("pattern", fmt.Sprintf("%d segments: at most %d", len(c.Pattern), MaxPattern)))
	}
	for i, x := range c.Pattern {
		if !(x > 0 && x <= 100) {
			errs = append(errs, unit.Bad(fmt.Sprintf("pattern.%d", i), fmt.Sprintf("%v is not above 0 and at most 100", x)))
		}
	}
	for i, r := range c.Rates {
		if r < minRate || r > maxRate {
			errs = append(errs, unit.Bad(fmt.Sprintf("rates.%d", i), fmt.Sprintf("found %v, allowed is %v to %v", r, minRate, maxRate)))
		}
	}
	return errors.Join(append(errs, c.Damage.check()...)...)
}

// Rates that a rendition may be made at.
const (
	minRate unit.Rate = 8_000
	maxRate unit.Rate = 100_000_000
)
