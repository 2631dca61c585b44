package protocol

import "math/bits"

// decodable is the set of renditions of the next slot that can be shown: those
// whose segment decodes alone, and the one that is being watched.
func (v *Viewer) decodable() (set uint16) {
	known := v.foreseen(v.player.next)
	set = v.stream.slot(v.player.next).alone &^ known.dependent
	if v.player.before == fetched {
		set |= 1 << v.player.last
	}
	return set &^ known.unfit
}

// nearestAllowed is the highest rendition of the set that is not above the
// chosen one, else the lowest; the chosen one if the set is empty.
func nearestAllowed(chosen int, set uint16) uint8 {
	if below := set & (1<<(chosen+1) - 1); below != 0 {
		return uint8(bits.Len16(below) - 1)
	}
	if set != 0 {
		return uint8(bits.TrailingZeros16(set))
	}
	return uint8(chosen)
}

// carried is the set of renditions that neighbours have been fast enough for;
// before anything is known, those up to the chosen one.
func (v *Viewer) carried(chosen uint8) (set uint16) {
	rates, more := v.stream.Rates, int(chosen)+1
	set = 1<<more - 1
	if more >= len(rates) {
		return set
	}
	for rate := v.player.peers.Rate(); more < len(rates) && rate > 2*rates[more]; more++ {
		set |= 1 << more
	}
	return set
}
