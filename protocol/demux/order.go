package demux

import "slices"

// maxDepth of reordering in pictures (ITU-T H.264, A.3.1: max_dec_frame_buffering).
const maxReorder = 16

// An order derives decode times where the container tells only when pictures
// are shown. A decoder that may hold back depth pictures takes each picture by
// the time at which the one depth places earlier, in the order of showing, is
// shown. So the decode time is the (depth+1)-th largest presentation time so
// far. The depth grows when a picture turns out to be held back longer.
type order struct {
	depth int
	seen  int     // pictures since the start, up to maxReorder
	shown []int64 // the latest presentation times, ascending, at most maxReorder+1
	last  int64   // decode time of the picture before
}

// decode is the decode time of the next picture, which is shown at pts and
// usually lasts step ticks. It is never above pts except where the depth has
// just grown, and never goes back except where the clock of pts does.
func (o *order) decode(pts, step int64) int64 {
	at, _ := slices.BinarySearch(o.shown, pts+1)
	late := len(o.shown) - at
	if late >= maxReorder {
		*o = order{depth: o.depth} // that far back is another clock
		at, late = 0, 0
	}
	o.depth = max(o.depth, late)
	o.shown = slices.Insert(o.shown, at, pts)
	if len(o.shown) > maxReorder+1 {
		o.shown = o.shown[1:]
	}
	i := len(o.shown) - 1 - o.depth
	dts := o.shown[max(0, i)]
	if i < 0 {
		dts += int64(i) * step
	}
	if o.seen > 0 {
		dts = max(dts, o.last)
	}
	o.seen = min(o.seen+1, maxReorder)
	o.last = dts
	return dts
}
