package sim

import (
	"slices"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/storage"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// stored is what a run has counted about tokens in the care of providers.
type stored struct {
	lying   []int  // of each provider and edge: how many faults make it lie
	dropped []bool // of each provider and edge: whether it ever did
	faults  int    // of providers, that are on
	planned bool   // some fault of providers is in the scenario

	looks, gone, last int64 // tokens looked at, those with too few shards, and with exactly k
	failed            int64 // challenges
	repair            int64 // bytes on the wire
	read, gathered    int64 // bytes of shards that came to readers, and of the tokens made of them
	waits             []float64

	census, sites *storage.Census // before the first fault of providers
	homes         []placed        // tokens of the census with all their shards
	surprise      float64         // of the first fault, if it was of errors
	judged        bool
}

// settling is how old a token is before its shards count: they may be on their
// way until then.
const settling = 5 * time.Second

// kept calls f with every token that was given to providers, is old enough to be
// stored and young enough to be kept.
func (w *world) kept(f func(placed)) {
	st := w.stream
	for seq := uint32(max(0, int64(st.At(w.now))-keptFor)); st.End(seq)+settling <= min(w.now, w.end); seq++ {
		for r := range st.Rates {
			if nodes, _ := w.publisher.Keepers(seq, uint8(r)); nodes != nil {
				f(placed{seq, uint8(r)})
			}
		}
	}
}

// holders says which providers can hand out a shard of a token now, by index.
func (w *world) holders(p placed) (at []int) {
	nodes, _ := w.publisher.Keepers(p.seq, p.rendition)
	for i, id := range nodes {
		k := int(id - firstProvider)
		if w.net.Up(int32(id)) && w.providers[k].Shard(p.seq, p.rendition, uint8(i)) != nil {
			at = append(at, k)
		}
	}
	return at
}

// lookAtTokens counts tokens that cannot be rebuilt now: while a fault of
// providers is on, and all the time if the scenario has none.
func (w *world) lookAtTokens() {
	if w.stream.Coder == nil || w.planned && w.faults == 0 {
		return
	}
	w.kept(func(p placed) {
		w.looks++
		switch n := len(w.holders(p)); {
		case n < w.stream.Coder.K():
			w.gone++
		case n == w.stream.Coder.K():
			w.last++
		}
	})
}

// survey takes the census once: before the first fault of providers, or at the
// end.
func (w *world) survey() {
	if w.stream.Coder == nil || w.census != nil {
		return
	}
	k, sites := w.stream.Coder.K(), w.scenario.Providers.Sites
	w.census, w.sites = storage.NewCensus(k, len(w.providers)), storage.NewCensus(k, sites)
	w.kept(func(p placed) {
		at := w.holders(p)
		if len(at) == w.stream.Coder.N() {
			w.homes = append(w.homes, p)
		}
		w.census.Add(at)
		for i := range at {
			at[i] %= sites
		}
		w.sites.Add(at)
	})
}

// failing notes that a fault of providers begins or ends. If the first is one
// of independent errors and placement is at random, what it took is compared
// with the exact law.
func (w *world) failing(i int, begins bool) {
	f := w.scenario.Faults[i]
	if f.Of != scenarios.OfProviders {
		return
	}
	if !begins {
		w.faults--
		return
	}
	w.faults++
	first := !w.judged
	w.judged = true
	if first && f.Kind == scenarios.Errors && w.scenario.Storage.Placement == storage.Random {
		lost := 0
		for _, p := range w.homes {
			if len(w.holders(p)) < w.stream.Coder.K() {
				lost++
			}
		}
		w.surprise = w.scenario.Storage.Surprise(f.Share, len(w.providers), len(w.homes), lost)
	}
}

// shipped counts a shard that the network has carried.
func (w *world) shipped(p *parcel) {
	if p.msg.Kind != protocol.Part {
		return
	}
	switch to := w.roleOf(p.to); {
	case to != roleProvider:
		w.read += int64(len(p.msg.Bytes))
	case w.roleOf(p.from) == roleProvider:
		w.repair += int64(p.wire)
	}
}

// rebuilt counts a token that a reader has made of shards.
func (w *world) rebuilt(f *protocol.Fact) {
	w.gathered += f.Value
	w.waits = append(w.waits, f.Span.Seconds())
}

func (w *world) measureStorage(r *result.Run) {
	if w.stream.Coder == nil {
		return
	}
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	slices.Sort(w.waits)
	set(result.Unavailability, ratio(float64(w.gone), float64(w.looks)))
	set(result.TokensAtK, ratio(float64(w.last), float64(w.looks)))
	set(result.ReadP95, result.Quantile(w.waits, 0.95))
	set(result.ReadAmplification, ratio(float64(w.read), float64(w.gathered)))
	set(result.RepairBytes, float64(w.repair))
	if w.scenario.Storage.Audit > 0 {
		set(result.AuditFailures, float64(w.failed))
	}
	if w.surprise >= 0 {
		set(result.LossSurprise, w.surprise)
	}
	share := func(lost int) float64 { return ratio(float64(lost), float64(w.census.Tokens())) }
	set(result.WorstSingleLoss, share(w.census.WorstOne()))
	set(result.WorstPairLoss, share(w.census.WorstPair()))
	set(result.WorstSiteLoss, share(w.sites.WorstOne()))
	set(result.AdversaryLoss, share(w.census.Adversary(w.stream.Coder.N()-w.stream.Coder.K()+1)))
	if w.census.Tokens() > 0 {
		set(result.KillSet, float64(w.census.KillSet()))
	}
}
