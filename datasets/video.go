package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/media"
)

// Roles of the columns of tables of segments.
const (
	vsSegment = iota
	vsRendition
	vsLength
	vsSize
	vsRoles
)

// videoFormats are those of segments.
func videoFormats() []Format {
	return []Format{
		{Name: "sabre-sizes", Kind: Video, Doc: "Segment sizes of the Sabre player simulator: a JSON object with segment_duration_ms, bitrates_kbps and segment_sizes_bits.", sure: true,
			detect: func(s *sample) string {
				if slices.Contains(firstKeys(s.head), "segment_duration_ms") || s.starts("{") && strings.Contains(string(s.head), `"segment_sizes_bits"`) {
					return "it has segment_duration_ms and segment_sizes_bits"
				}
				return ""
			}, read: readSabreSizes, close: closeVideo},
		{Name: "size-list", Kind: Video, Doc: "A size in bytes a line, one file for each rendition, as Pensieve's video_size_0 and so on; a segment lasts 4 s, or --step.", sure: true,
			detect: detectSizeList, read: readSizeList, close: closeVideo},
		{Name: "hls", Kind: Video, Doc: "HLS playlists (RFC 8216): durations, and sizes by byte range or of files beside the playlist. Nothing is fetched.", sure: true,
			detect: detectHLS, read: readHLS, close: closeVideo},
		{Name: "media", Kind: Video, Doc: "Files of video or sound that the tokenizer can cut: what its segments are.", sure: true,
			detect: detectMedia, read: readMedia, close: closeVideo},
		plainSegments(),
		wideSizes(),
	}
}

// plainSegments reads any table whose header says what its columns are.
func plainSegments() Format {
	p := profile{columns: []column{
		{role: "segment", of: count, names: []string{"segment", "segment index", "chunk", "chunk index", "=index", "segment number"}},
		{role: "rendition", of: label, names: []string{"rendition", "quality", "representation", "=level", "bitrate", "=track", "resolution"}},
		{role: "length", of: length, names: []string{"duration", "segment duration", "=length", "chunk duration"}},
		{role: "size", of: size, main: true, names: []string{"=size", "segment size", "chunk size", "file size", "=bytes"}},
	}}
	detect := func(s *sample) string {
		if seg, sz := meant(s, &p.columns[vsSegment]), meant(s, &p.columns[vsSize]); seg != "" && sz != "" {
			return "it has segments and sizes"
		}
		return ""
	}
	return Format{Name: "video-csv", roles: p.columns, Kind: Video, Doc: "Any table, of CSV or JSON objects, with a segment and its size, and perhaps a rendition and a duration. Units are those of the header, or given.",
		detect: detect, read: tableOf(&p, readSegments), close: closeVideo}
}

// ladder is the video of a folder, which it makes.
func (r *reading) ladder(name string) *Ladder {
	for i := range r.set.Videos {
		if r.set.Videos[i].Name == name {
			return &r.set.Videos[i]
		}
	}
	r.set.Videos = append(r.set.Videos, Ladder{Name: name})
	return &r.set.Videos[len(r.set.Videos)-1]
}

// readSabreSizes reads one document; each size is a row of the account.
func readSabreSizes(r *reading, f *file) error {
	text, err := f.all()
	if err != nil {
		return err
	}
	var doc struct {
		Duration int64       `json:"segment_duration_ms"`
		Rates    []float64   `json:"bitrates_kbps"`
		Sizes    [][]float64 `json:"segment_sizes_bits"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: not the JSON of segment sizes: %w: name a file with segment_duration_ms, bitrates_kbps and segment_sizes_bits", f.name, err)
	}
	if doc.Duration <= 0 || doc.Duration > 3_600_000 || len(doc.Rates) == 0 {
		return fmt.Errorf("%s: segments of %d ms in %d renditions: write segment_duration_ms above 0 and bitrates_kbps", f.name, doc.Duration, len(doc.Rates))
	}
	r.unit("duration: ms, rate: kbit/s, size: bit, as the format says")
	l := Ladder{Name: f.name}
	for _, k := range doc.Rates {
		l.Renditions = append(l.Renditions, Sizes{Name: fmt.Sprintf("%gk", k), Rate: unit.Rate(min(max(k, 0), 1e12) * 1000)})
	}
	for i, row := range doc.Sizes {
		where := func() string { return fmt.Sprintf("%s, segment %d", f.name, i) }
		r.journal.rows += int64(len(row))
		if len(row) != len(doc.Rates) || slices.ContainsFunc(row, func(n float64) bool { return n <= 0 || n > 1e15 }) {
			r.journal.notes(unevenLadder, int64(len(row)), where)
			r.journal.settle(isDropped, int64(len(row)))
			continue
		}
		l.Durations = append(l.Durations, time.Duration(doc.Duration)*time.Millisecond)
		for k, bits := range row {
			l.Renditions[k].Sizes = append(l.Renditions[k].Sizes, unit.Size(math.Ceil(bits/8)))
			r.journal.settle(isKept, 1)
		}
	}
	r.set.Videos = append(r.set.Videos, l)
	return nil
}

// pensieveSegment is how long a segment lasts in Pensieve's lists
// (VIDEO_CHUNCK_LEN in its simulator).
const pensieveSegment = 4 * time.Second

// detectSizeList knows Pensieve's lists by their names: a column of numbers may
// be anything.
func detectSizeList(s *sample) string {
	if !strings.HasPrefix(s.name, "video_size_") || s.column(0, 1) == nil {
		return ""
	}
	return "it is called video_size_ and a number, and has one column of numbers"
}

// readSizeList reads one rendition; those of one folder are one video.
func readSizeList(r *reading, f *file) error {
	p := profile{columns: []column{{role: "size", of: size, at: 1, unit: "B", main: true}}}
	t, err := r.bind(r.rows(f, &p), &p)
	if err != nil {
		return err
	}
	step := pensieveSegment
	if r.desc.Step > 0 {
		step = r.desc.Step
	}
	r.unit("duration: %v for each segment, as %s", step, map[bool]string{true: "you said", false: "the format says"}[r.desc.Step > 0])
	s := Sizes{Name: lastName(f.name)}
	for t.next() {
		n, wrong, ok := t.read(0)
		switch {
		case !ok:
			t.drop(wrong)
		case n < 0:
			t.drop(negative)
		case n == 0:
			t.drop(zeroUnknown)
		default:
			s.Sizes = append(s.Sizes, unit.Size(n))
			r.journal.settle(t.now, 1)
		}
	}
	l := r.ladder(filepath.Dir(f.name))
	l.Renditions = append(l.Renditions, s)
	for len(l.Durations) < len(s.Sizes) {
		l.Durations = append(l.Durations, step)
	}
	return t.finish()
}

// readSegments reads a row for each segment of each rendition.
func readSegments(r *reading, t *sheetReader) error {
	if !t.has(vsSize) {
		return fmt.Errorf("%s:1: no column is the size: say --column size=NAME", r.name)
	}
	if !t.has(vsLength) && r.desc.Step <= 0 {
		return fmt.Errorf("%s:1: segments have no duration: say --column length=NAME, or --step with what each lasts", r.name)
	}
	l := r.ladder(r.name)
	at := map[string]int{}
	for t.next() {
		n, wrong, ok := t.read(vsSize)
		span := int64(r.desc.Step)
		if ok && t.has(vsLength) {
			span, wrong, ok = t.read(vsLength)
		}
		switch {
		case !ok:
			t.drop(wrong)
			continue
		case n < 0 || span < 0:
			t.drop(negative)
			continue
		case n == 0:
			t.drop(zeroUnknown)
			continue
		case span == 0:
			t.drop(zeroLength)
			continue
		}
		name := string(t.text(vsRendition))
		i, known := at[name]
		if !known {
			i = len(l.Renditions)
			at[name] = i
			l.Renditions = append(l.Renditions, Sizes{Name: name})
		}
		s := &l.Renditions[i]
		s.Sizes = append(s.Sizes, unit.Size(n))
		if len(s.Sizes) > len(l.Durations) {
			l.Durations = append(l.Durations, time.Duration(span))
		}
		r.journal.settle(t.now, 1)
	}
	return nil
}

// closeVideo cuts renditions to what all have, and counts what is odd.
func closeVideo(r *reading) error {
	for i := range r.set.Videos {
		l := &r.set.Videos[i]
		least := len(l.Durations)
		for _, s := range l.Renditions {
			least = min(least, len(s.Sizes))
		}
		for k := range l.Renditions {
			s := &l.Renditions[k]
			if more := int64(len(s.Sizes) - least); more > 0 {
				r.journal.notes(unevenLadder, more, func() string { return l.Name + ", " + s.Name })
				r.journal.states[isKept] -= more
				r.journal.settle(isDropped, more)
				s.Sizes = s.Sizes[:least]
			}
		}
		l.Durations = l.Durations[:least]
		for n := range least {
			for k := 1; k < len(l.Renditions); k++ {
				if hi, lo := l.Renditions[k].Sizes[n], l.Renditions[k-1].Sizes[n]; hi < lo && hi > 0 {
					r.journal.note(notMonotone, func() string { return fmt.Sprintf("%s, segment %d", l.Name, n) })
					break
				}
			}
		}
	}
	return nil
}

// detectMedia asks the demuxer whether it knows the container.
func detectMedia(s *sample) string {
	if len(s.rows) > 0 {
		return ""
	}
	format, _ := demux.Read(s.head, func(*demux.Movie) {})
	if format == "" {
		return ""
	}
	return "its container is " + format
}

// readMedia cuts a file as the tokenizer does; a segment is a row.
func readMedia(r *reading, f *file) error {
	c := media.NewCutter(max(r.desc.Step, media.Default().Segment))
	rep := &media.Report{Name: f.name}
	drain := func() {
		for s, ok := c.Next(); ok; s, ok = c.Next() {
			rep.Add(&s)
		}
	}
	piece := make([]byte, headSize)
	for {
		n, err := f.in.Read(piece)
		_, _ = c.Write(piece[:n]) // it never fails
		drain()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	c.Close()
	drain()
	rep.Finish(c)
	if rep.Outcome == media.Opaque || rep.Outcome == media.Rejected {
		return fmt.Errorf("%s: no video that can be cut into segments: %s: name a file of which kscope tokenize makes some", f.name, strings.TrimSuffix(rep.Opaque, "."))
	}
	st := isKept
	for _, x := range rep.Repairs {
		st = max(st, r.journal.notes(mediaRepair, int64(x.Count), func() string { return f.name + ": " + x.What }))
	}
	l := Ladder{Name: f.name, Renditions: []Sizes{{Name: lastName(f.name)}}}
	for _, s := range rep.Segments {
		r.journal.rows++
		r.journal.settle(st, 1)
		l.Durations = append(l.Durations, s.Duration)
		l.Renditions[0].Sizes = append(l.Renditions[0].Sizes, unit.Size(s.Bytes))
	}
	r.set.Videos = append(r.set.Videos, l)
	return nil
}
