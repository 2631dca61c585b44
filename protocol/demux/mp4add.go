package demux

// add hands a sample to the movie if its bytes exist. It says false when there
// is no room for more samples like this one.
func (r *mp4Reader) add(t *Track, off, size, dts int64, cts int32, dur uint32, sync bool) bool {
	if off < 0 || size < 0 || off > int64(len(r.b))-size {
		r.tries++
		r.repair(lostOutside, 1)
		return r.tries < maxTries
	}
	var flags Flags
	if sync {
		flags = Sync
	}
	return r.Movie.add(t, Sample{Bytes: r.b[off : off+size : off+size], At: off, Size: int32(min(size, maxSample)),
		Time: dts, Shift: cts, Dur: dur, Flags: flags})
}
