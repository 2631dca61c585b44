package sim

import (
	"math"
	"slices"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/media"
	"kinetoscope/sim/result"
)

// catalogued is what a run counts of a catalogue and of what edges keep.
type catalogued struct {
	titles  []uint32 // what each viewer watches
	lookups [4]int64 // by what protocol.LookedUp says
	abroad  int64    // bytes of media on the wire between regions
	carried int64    // all of them
}

// zipf is how probable each title is and those before it: the i-th most popular
// one, from 1 on, in proportion to i^-exponent.
type zipf []float64

func newZipf(titles int, exponent float64) zipf {
	z, sum := make(zipf, titles), 0.0
	for i := range z {
		sum += math.Pow(float64(i+1), -exponent)
		z[i] = sum
	}
	return z
}

// draw is the title at u, which is uniform in [0, 1).
func (z zipf) draw(u float64) uint32 {
	i, _ := slices.BinarySearch(z, u*z[len(z)-1])
	return uint32(min(i, len(z)-1))
}

// shelve puts the catalogue into the vault, if there is one, and says what each
// viewer watches.
func (w *world) shelve(ladder *media.Ladder, viewers int) {
	c := w.scenario.Catalogue
	if c.Titles == 0 {
		return
	}
	var period time.Duration
	for _, d := range w.stream.Slots {
		period += d
	}
	slots := uint32((c.Length+period-1)/period) * uint32(len(w.stream.Slots))
	w.stream.Vault = protocol.NewVault(w.stream, publisherKey(w.seed), pieces(ladder, w.scenario.Video.Fallback), uint32(c.Titles), slots)
	z := newZipf(c.Titles, c.Exponent)
	for i := range viewers {
		w.titles = append(w.titles, z.draw(stream(w.seed, "title", uint64(i)).Float64()))
	}
}

// title is what a viewer watches.
func (w *world) title(i int) uint32 {
	if w.titles == nil {
		return 0
	}
	return w.titles[i]
}

// travelled counts media that leaves a node.
func (w *world) travelled(p *parcel) {
	w.carried += int64(p.wire)
	if w.stream.Region[p.from] != w.stream.Region[p.to] {
		w.abroad += int64(p.wire)
	}
}

// measureCatalogue says what edges had, and how those fared who watched what few
// do.
func (w *world) measureCatalogue(r *result.Run) {
	var asked int64
	now, _ := w.within()
	for _, n := range now.lookups {
		asked += n
	}
	r.Values[result.HitRatio] = ratio(float64(now.lookups[3]), float64(asked))
	r.Values[result.Coalesced] = ratio(float64(now.lookups[1]+now.lookups[2]), float64(asked))
	r.Values[result.OriginShare] = ratio(float64(now.sent[roleProvider]), float64(now.sent[roleEdge]))
	r.Values[result.CrossRegion] = ratio(float64(now.abroad), float64(now.carried))
	if w.titles == nil {
		return
	}
	var stalled, watched [2]time.Duration
	for i := range w.viewers {
		cold := 0
		if int(w.titles[i]) >= w.scenario.Catalogue.Titles/2 {
			cold = 1
		}
		v := &w.viewers[i]
		stalled[cold] += v.measured().stalled
		watched[cold] += v.watchedWithin(w.window) + v.measured().stalled
	}
	r.Values[result.RebufferHot] = ratio(stalled[0].Seconds(), watched[0].Seconds())
	r.Values[result.RebufferCold] = ratio(stalled[1].Seconds(), watched[1].Seconds())
	w.note("modelled: the catalogue is stored before the run; the same video stands for every title under its own slots")
}
