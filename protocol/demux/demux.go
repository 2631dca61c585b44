package demux

import (
	"bytes"
	"slices"
)

// A Demuxer reads one source from front to back: a whole file in one piece, or
// a stream as it arrives. It never fails on content; Why says what it could
// not do.
//
//	for each piece of bytes { d.Feed(piece); for d.Step() { take samples } }
//	d.Close(); for d.Step() { take samples }
type Demuxer struct {
	movie  Movie
	format *format
	s      scanner
	b      []byte // fed and not let go of
	used   int    // bytes of it that the scanner is done with
	kept   bool   // those stay
	at     int64  // where the others lie in the source
	last   bool   // nothing follows b
	done   bool
	why    string
	asked  int // bytes by which the format was asked for last
}

// maxHeld is how many bytes may wait for those that say what they are, such as
// a film for its index. What comes later is not read.
const maxHeld = 1 << 30

// A scanner reads one container.
type scanner interface {
	// scan reads on from the front of b, which lies at byte at of the source,
	// and returns how many bytes it is done with; those are not shown again,
	// the others are, with more behind them. last says that nothing follows b:
	// then it leaves nothing unread. It adds what it finds to m and returns
	// early when m has enough, to be called again; a call that uses no byte and
	// adds no sample means that it needs more. Samples may share memory with b.
	scan(m *Movie, b []byte, at int64, last bool) int
}

// New makes a demuxer that has seen nothing yet.
func New() *Demuxer { return &Demuxer{} }

// Movie is what has been read.
func (d *Demuxer) Movie() *Movie { return &d.movie }

// Format names the container by its content, "" while it is unknown.
func (d *Demuxer) Format() string {
	if d.format == nil {
		return ""
	}
	return d.format.name
}

// Why says why nothing can be read, "" if something can or may still come: the
// source is then to be treated as opaque bytes.
func (d *Demuxer) Why() string { return d.why }

// Feed takes over p, the next bytes of the source. They must not change.
func (d *Demuxer) Feed(p []byte) {
	d.movie.size += int64(len(p))
	if !d.kept {
		d.b, d.used = d.b[d.used:], 0
	}
	switch held := len(d.b); {
	case held == 0:
		d.b = slices.Clip(p) // what lies behind p is not ours
		return
	case held+len(p) > cap(d.b): // half as much again: at most two copies while it grows
		d.b = append(make([]byte, 0, held+held/2+len(p)), d.b...)
	}
	d.b = append(d.b, p...)
}

// Write is Feed for bytes that change later. It never fails.
func (d *Demuxer) Write(p []byte) (int, error) {
	if len(d.b) == 0 || !d.kept && len(d.b) == d.used {
		p = bytes.Clone(p) // else Feed copies
	}
	d.Feed(p)
	return len(p), nil
}

// Keep makes d keep the bytes that it has read, as it does those that it has
// not, until it is told not to.
func (d *Demuxer) Keep(on bool) { d.kept = on }

// Release ends the reading and gives back all bytes that d holds: with Keep
// from the start, everything that it was fed.
func (d *Demuxer) Release() []byte {
	b := d.b
	d.b, d.used, d.s, d.done = nil, 0, nil, true
	return b
}

// Done says that everything has been read, or that nothing can be.
func (d *Demuxer) Done() bool { return d.done }

// Close says that nothing more comes.
func (d *Demuxer) Close() { d.last = true }

// Step reads some more samples, as many as fit into memory. It says false when
// it needs more bytes, when the movie is full or, after Close, when everything
// is read.
func (d *Demuxer) Step() bool {
	if d.done || d.movie.Full() || d.format == nil && !d.recognise() {
		return false
	}
	seen := d.movie.count()
	d.movie.share = d.movie.weight + stepBytes
	used := d.s.scan(&d.movie, d.b[d.used:], d.at, d.last)
	d.used += used
	d.at += int64(used)
	more, left := used > 0 || d.movie.count() > seen, len(d.b)-d.used
	d.done = !more && (d.last || left > maxHeld)
	d.movie.settle(d.done)
	if d.done {
		d.movie.repair(lostTail, left)
	}
	if d.done && d.movie.count() == 0 {
		d.why = d.format.name + " without a sample that can be found"
	}
	return more
}

// recognise chooses the format as soon as the first bytes allow it.
func (d *Demuxer) recognise() bool {
	if !d.last && len(d.b) < min(sniffed, d.asked+d.asked/8) {
		return false // each format looks at all of the head: not for every byte
	}
	d.asked = len(d.b)
	f, c := recognise(d.b, d.movie.size)
	if c != sure && !d.last && len(d.b) < sniffed {
		return false
	}
	switch {
	case f == nil:
		d.why, d.done = "no known container: the file starts with "+hex(d.b), true
	case f.open == nil:
		d.format, d.why, d.done = f, f.name+" is recognised but not read", true
	default:
		d.format, d.s = f, f.open()
	}
	return !d.done
}

// Read demuxes a whole file and hands m to each after every step: it takes
// from m what it wants to keep, and at least something of a movie that is full. why is not empty if the
// file can only be treated as opaque bytes.
func Read(b []byte, each func(m *Movie)) (format, why string) {
	d := New()
	d.Feed(b)
	d.Close()
	for !d.Done() {
		d.Step()
		each(d.Movie())
	}
	return d.Format(), d.Why()
}
