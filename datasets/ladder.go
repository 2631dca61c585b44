package datasets

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// renditionName is a header that can only be a rendition: 720p, 1280x720,
// 2500k, 2500 kbit/s, q3, level 2.
var renditionName = regexp.MustCompile(`(?i)^(\d+p\d*|\d+x\d+|\d+(\.\d+)? ?[km](bps|bit/s|b/s)?|(q|quality|level|rep|rendition|track|bitrate|video_size)[ _-]?\d+)( \(.*\))?$`)

// wideLadder are the columns of a table with a row for each segment and a column
// for each rendition: that of the duration, or -1, and those of the sizes. None
// where it is no such table.
func wideLadder(s *sample) (duration int, sizes []int) {
	t := s.titles()
	seg, _ := byMeaning(t, &column{of: count, names: []string{"segment", "chunk", "segment index", "chunk index", "=index", "segment number", "=i"}})
	if seg < 0 {
		return -1, nil
	}
	duration, _ = byMeaning(t, &column{of: length, names: []string{"duration", "segment duration", "chunk duration", "length"}})
	for i, h := range t {
		if _, _, sized := headerUnit(h, size); i != seg && i != duration && (renditionName.MatchString(h) || sized) {
			sizes = append(sizes, i)
		}
	}
	if n := len(t) - 1 - btoi(duration >= 0); len(sizes) == 0 || len(sizes) != n {
		return -1, nil
	}
	return duration, sizes
}

// wideSizes is the format of such tables: import writes it.
func wideSizes() Format {
	return Format{Name: "video-wide", Kind: Video, Doc: "A table with a row for each segment, perhaps its duration, and the sizes in a column for each rendition, as import writes it. The unit is that of the header, or given.",
		detect: func(s *sample) string {
			if _, sizes := wideLadder(s); len(sizes) > 1 || len(sizes) == 1 && !slices.ContainsFunc(s.titles(), func(h string) bool { return meaning(h, &column{of: size, names: []string{"size"}}) > 0 }) {
				return fmt.Sprintf("it has segments and %d columns of renditions", len(sizes))
			}
			return ""
		}, read: readWide, close: closeVideo}
}

// readWide reads a row for each segment; a size that is missing drops the row.
func readWide(r *reading, f *file) error {
	duration, sizes := wideLadder(f.sample)
	p := profile{columns: []column{{role: "length", of: length}}}
	for range sizes {
		p.columns = append(p.columns, column{role: "size", of: size, main: true})
	}
	if duration < 0 && r.desc.Step <= 0 || len(sizes) == 0 {
		return fmt.Errorf("%s:1: segments have no duration, or no sizes: say --step with what each lasts", f.name)
	}
	t := &sheetReader{rowSource: r.rows(f, &p), r: r}
	for i, c := range p.columns {
		b := binding{column: c, index: duration, date: -1}
		if i > 0 {
			b.index = sizes[i-1]
		}
		if b.index >= 0 {
			b.header = f.titles()[b.index]
			if err := r.measure(&b); err != nil {
				return err
			}
		}
		t.bound = append(t.bound, b)
	}
	l := r.ladder(f.name)
	for _, i := range sizes {
		name, _, _ := headerUnit(f.titles()[i], size)
		l.Renditions = append(l.Renditions, Sizes{Name: name})
	}
	row := make([]int64, len(p.columns))
	for t.next() {
		wrong, ok := t.segment(row, int64(r.desc.Step))
		if !ok {
			t.drop(wrong)
			continue
		}
		l.Durations = append(l.Durations, time.Duration(row[0]))
		for i, n := range row[1:] {
			l.Renditions[i].Sizes = append(l.Renditions[i].Sizes, unit.Size(n))
		}
		r.journal.settle(t.now, 1)
	}
	return t.finish()
}

// segment reads the duration and the sizes of a row.
func (t *sheetReader) segment(row []int64, step int64) (wrong dirt, ok bool) {
	row[0] = step
	for i := range row {
		if i == 0 && !t.has(0) {
			continue
		}
		n, wrong, ok := t.read(i)
		switch {
		case !ok:
			return wrong, false
		case n < 0:
			return negative, false
		case n == 0 && i == 0:
			return zeroLength, false
		case n == 0:
			return zeroUnknown, false
		}
		row[i] = n
	}
	return 0, true
}
