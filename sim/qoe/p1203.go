package qoe

import (
	"encoding/json"
	"time"

	"kinetoscope/internal/unit"
)

// A Log is a session in the detail that P.1203 asks for.
type Log struct {
	Shown  []Shown
	Stalls []Stall
}

// A Shown is a segment that was shown.
type Shown struct {
	Rate   unit.Rate
	Length time.Duration
}

// A Stall is playback that stands still, by the time of the video; the first
// may be the wait for the first picture.
type Stall struct{ At, Length time.Duration }

// Show adds a segment.
func (l *Log) Show(rate unit.Rate, length time.Duration) {
	l.Shown = append(l.Shown, Shown{rate, length})
}

// Stall adds a stall before the last so much of what was added; 0: before the
// segment that is added next.
func (l *Log) Stall(length, before time.Duration) {
	l.Stalls = append(l.Stalls, Stall{max(0, l.Length()-before), length})
}

// Length is how long the segments are.
func (l *Log) Length() (d time.Duration) {
	for _, s := range l.Shown {
		d += s.Length
	}
	return d
}

// Cut takes the last so much off, which was thrown away and never shown.
func (l *Log) Cut(d time.Duration) {
	for n := len(l.Shown); d > 0 && n > 0; n = len(l.Shown) {
		some := min(d, l.Shown[n-1].Length)
		if l.Shown[n-1].Length -= some; l.Shown[n-1].Length == 0 {
			l.Shown = l.Shown[:n-1]
		}
		d -= some
	}
}

// Assumed of what traces and manifests do not say. The sound is that of the
// ladder of HLS authoring, of good quality throughout.
const (
	assumedCodec = "h264"
	assumedFPS   = 25
	soundCodec   = "aaclc"
	soundKbps    = 128
	display      = "1920x1080"
)

// pictures are the resolutions that go with rates up to so many kbit/s, as in
// Apple's ladder for H.264.
var pictures = []struct {
	kbps int64
	size string
}{{200, "416x234"}, {500, "640x360"}, {1000, "768x432"}, {2500, "960x540"}, {4500, "1280x720"}}

func pictureOf(r unit.Rate) string {
	for _, p := range pictures {
		if int64(r) <= p.kbps*1000 {
			return p.size
		}
	}
	return display
}

// The input of ITU-T Rec. P.1203, mode 0 (bitrate, codec, resolution and frame
// rate of each segment), as the reference software of its authors reads it.
type (
	p1203Segment struct {
		Codec      string  `json:"codec"`
		Bitrate    float64 `json:"bitrate"` // kbit/s
		Start      float64 `json:"start"`   // s
		Duration   float64 `json:"duration"`
		Resolution string  `json:"resolution,omitempty"`
		FPS        float64 `json:"fps,omitempty"`
	}
	p1203Stream struct {
		ID       int            `json:"streamId"`
		Segments []p1203Segment `json:"segments"`
	}
	p1203Stalls struct {
		ID       int          `json:"streamId"`
		Stalling [][2]float64 `json:"stalling"` // s of video, s
	}
	p1203Screen struct {
		Size     string `json:"displaySize"`
		Device   string `json:"device"`
		Distance string `json:"viewingDistance"`
	}
	p1203Input struct {
		I11  p1203Stream
		I13  p1203Stream
		I23  p1203Stalls
		IGen p1203Screen
	}
)

// P1203 is the session as JSON for ITU-T P.1203 in mode 0. Its model is other
// people's software with a licence of its own; what the log does not know is
// assumed: H.264 at 25 pictures a second, in the resolution that Apple's ladder
// gives the rate, with AAC at 128 kbit/s, on a full-HD screen.
func (l *Log) P1203(id int) []byte {
	in := p1203Input{I11: p1203Stream{ID: id}, I13: p1203Stream{ID: id}, I23: p1203Stalls{ID: id, Stalling: [][2]float64{}},
		IGen: p1203Screen{Size: display, Device: "pc", Distance: "150cm"}}
	var at time.Duration
	for _, s := range l.Shown {
		in.I13.Segments = append(in.I13.Segments, p1203Segment{Codec: assumedCodec, Bitrate: float64(s.Rate) / 1000, Start: at.Seconds(),
			Duration: s.Length.Seconds(), Resolution: pictureOf(s.Rate), FPS: assumedFPS})
		at += s.Length
	}
	in.I11.Segments = []p1203Segment{{Codec: soundCodec, Bitrate: soundKbps, Duration: at.Seconds()}}
	for _, s := range l.Stalls {
		in.I23.Stalling = append(in.I23.Stalling, [2]float64{s.At.Seconds(), s.Length.Seconds()})
	}
	text, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		panic(err) // numbers and strings of our own
	}
	return append(text, '\n')
}
