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
	File    string        `yaml:"file" doc:"Path to a video file, or to a folder whose files are the renditions of one ladder. Empty: the clip that Kinetoscope ships."`
	Segment time.Duration `yaml:"segment" doc:"Target length of a segment, 200ms to 10s. Cuts fall on the first key picture at or after it that can be started at."`
}

// Lengths that a segment may aim at, and bounds of what it may become.
const (
	MinSegment = 200 * time.Millisecond
	MaxSegment = 10 * time.Second // longer ones are cut by time
	maxBytes   = 16 << 20         // larger ones are cut by size
)

// Default streams the shipped clip in segments of two seconds.
func Default() Config { return Config{Segment: 2 * time.Second} }

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
	return errors.Join(errs...)
}
