package datasets

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// detectHLS looks for the tags of a playlist.
func detectHLS(s *sample) string {
	switch {
	case s.starts("#EXTM3U"):
		return "it begins with #EXTM3U"
	case bytes.Contains(s.head, []byte("#EXT-X-TARGETDURATION")) || bytes.Contains(s.head, []byte("#EXTINF")) && strings.HasSuffix(s.name, ".m3u8"):
		return "it has the tags of a playlist"
	}
	return ""
}

// A playlist is one while it is read.
type playlist struct {
	r       *reading
	lines   *lines
	ladder  *Ladder
	root    *os.Root // the folder that its files lie in; nil where there is none
	child   bool     // of a multivariant playlist
	target  time.Duration
	next    time.Duration // of the segment that comes; 0: not told
	last    time.Duration
	size    unit.Size
	variant *Sizes
	ended   bool
	gap     bool // the segment that comes is not there
	sizes   Sizes
	spans   []time.Duration
}

// readHLS reads a playlist: each segment, and each rendition of a multivariant
// one, is a row.
func readHLS(r *reading, f *file) error {
	p := &playlist{r: r, lines: newLines(f.in, r.journal, f.name), ladder: &Ladder{Name: f.name}, sizes: Sizes{Name: lastName(f.name)}}
	if r.folder != "" {
		if root, err := os.OpenRoot(r.folder); err == nil {
			p.root = root
			defer root.Close()
		}
	}
	p.read()
	if len(p.spans) > 0 {
		p.ladder.Durations = p.spans
		p.ladder.Renditions = append(p.ladder.Renditions, p.sizes)
	}
	if len(p.ladder.Durations) > 0 {
		r.set.Videos = append(r.set.Videos, *p.ladder)
	}
	return p.lines.err
}

// read takes the lines.
func (p *playlist) read() {
	first := true
	for line, ok := p.lines.next(); ok; line, ok = p.lines.next() {
		text := strings.TrimSpace(string(line))
		if text == "" {
			if len(line) > 0 {
				p.note(padded)
			}
			continue
		}
		if first && text != "#EXTM3U" {
			p.note(noTitle)
		}
		first = false
		if text[0] == '#' {
			name, value, _ := strings.Cut(text, ":")
			p.tag(name, strings.TrimSpace(value))
			continue
		}
		if len(text) != len(line) {
			p.note(padded)
		}
		p.r.journal.rows++
		if p.variant != nil {
			p.rendition(text)
		} else {
			p.segment(text)
		}
	}
}

func (p *playlist) note(d dirt) state { return p.r.journal.note(d, p.lines.place) }

// tag reads one tag. Those that tell neither durations nor sizes are left out.
func (p *playlist) tag(name, value string) {
	switch name {
	case "#EXT-X-TARGETDURATION":
		if d, ok := seconds(value); ok {
			p.target = d
		} else {
			p.note(badTag)
		}
	case "#EXT-X-MEDIA-SEQUENCE":
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 0 {
			p.note(badTag)
		}
	case "#EXTINF":
		number, _, _ := strings.Cut(value, ",")
		d, ok := seconds(strings.TrimSpace(number))
		if !ok {
			p.note(badTag)
			d = 0
		}
		p.next = d
	case "#EXT-X-I-FRAMES-ONLY":
		p.lines.err = fmt.Errorf("%s: a playlist of key frames alone, which is not read: its sizes are not those of segments, so name the media playlist beside it", p.lines.place())
	case "#EXT-X-BYTERANGE":
		number, _, _ := strings.Cut(value, "@")
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err != nil || n < 0 {
			p.note(badTag)
			n = 0
		}
		p.size = unit.Size(n)
	case "#EXT-X-STREAM-INF":
		p.variant = &Sizes{Name: attribute(value, "RESOLUTION")}
		if n, err := strconv.ParseInt(attribute(value, "BANDWIDTH"), 10, 64); err == nil && n > 0 {
			p.variant.Rate = unit.Rate(n)
		} else {
			p.note(badTag)
		}
	case "#EXT-X-GAP":
		p.gap = true
	case "#EXT-X-SKIP":
		p.note(leftOut)
	case "#EXT-X-ENDLIST":
		p.ended = true
	}
}

// seconds reads a duration above zero of at most a day.
func seconds(text string) (time.Duration, bool) {
	d, ok := parseDecimal([]byte(text))
	n, fits := d.in(scale{1, 1, 9})
	return time.Duration(max(n, 0)), ok && fits && n > 0 && n <= maxLength
}

// attribute is the value of a name in a list of attributes.
func attribute(list, name string) string {
	for _, part := range strings.Split(list, ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && k == name {
			return strings.Trim(v, `"`)
		}
	}
	return ""
}

// segment takes a segment.
func (p *playlist) segment(name string) {
	if p.ended {
		p.r.journal.drop(afterEnd, p.lines.place)
		return
	}
	st, span := isKept, p.next
	if span == 0 {
		st = p.note(noDuration)
		if span = p.last; span == 0 {
			span = p.target
		}
	}
	size := p.size
	p.next, p.size = 0, 0
	if span == 0 {
		p.r.journal.drop(zeroLength, p.lines.place)
		return
	}
	p.last = span
	switch {
	case p.gap:
		p.note(gapSegment)
		size, p.gap = 0, false
	case size == 0:
		size = p.sizeOf(name)
	}
	p.spans = append(p.spans, span)
	p.sizes.Sizes = append(p.sizes.Sizes, size)
	p.r.journal.settle(st, 1)
}

// local is the path of a name below the playlist's folder; false for what
// points away.
func (p *playlist) local(name string) (string, bool) {
	u, err := url.Parse(name)
	if err != nil || u.Scheme != "" || u.Host != "" || !filepath.IsLocal(u.Path) {
		p.note(remote)
		return "", false
	}
	return u.Path, true
}

// sizeOf is the size of a file beside the playlist, or 0.
func (p *playlist) sizeOf(name string) unit.Size {
	path, ok := p.local(name)
	if !ok || p.root == nil {
		return 0
	}
	info, err := p.root.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		p.note(noFile)
		return 0
	}
	return unit.Size(info.Size())
}

// maxPlaylist bounds a playlist that another names.
const maxPlaylist = 16 << 20

// rendition takes one of a multivariant playlist: its own playlist must lie beside it.
func (p *playlist) rendition(name string) {
	v := p.variant
	p.variant = nil
	path, ok := p.local(name)
	if !ok || p.root == nil || p.child {
		p.r.journal.drop(noPlaylist, p.lines.place)
		return
	}
	f, err := p.root.Open(path)
	if err != nil {
		p.r.journal.drop(noPlaylist, p.lines.place)
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		p.r.journal.drop(noPlaylist, p.lines.place)
		return
	}
	root, err := p.root.OpenRoot(filepath.Dir(path))
	if err != nil {
		p.r.journal.drop(noPlaylist, p.lines.place)
		return
	}
	defer root.Close()
	in := bufio.NewReader(io.LimitReader(f, maxPlaylist))
	q := &playlist{r: p.r, lines: newLines(in, p.r.journal, p.lines.name+" > "+path), ladder: &Ladder{}, root: root, child: true}
	q.read()
	v.Sizes = q.sizes.Sizes
	if v.Name = strings.TrimSpace(v.Name + " " + path); len(q.spans) == 0 {
		p.r.journal.drop(noPlaylist, p.lines.place)
		return
	}
	if len(p.ladder.Durations) < len(q.spans) {
		p.ladder.Durations = q.spans
	}
	p.ladder.Renditions = append(p.ladder.Renditions, *v)
	p.r.journal.settle(isKept, 1)
}
