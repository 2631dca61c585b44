package sim

import (
	"math"
	"math/rand/v2"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/scenarios"
	"kinetoscope/sim/law"
)

// A visit is what is drawn for one session of a viewer before the run begins.
// It depends on the seed and the population section alone.
type visit struct {
	join, leave   time.Duration
	patience      time.Duration // for the first frame; 0: without end
	region, class uint16        // index into the population's lists
	traits        trait
}

// A trait is what tells a visit from most others.
type trait uint16

const (
	abrupt trait = 1 << iota // it ends without a word
	pollutes
	defaults
	lingers
	doubles
	griefs
	freeloads
	withholds
	forges
	sybil
	lies
	noDecoder // for what is in a foreign codec
	spare     // it comes only if the one before tries again
)

func (v *visit) is(t trait) bool { return v.traits&t != 0 }

// set gives v a trait, or takes it away.
func (v *visit) set(t trait, holds bool) {
	if v.traits &^= t; holds {
		v.traits |= t
	}
}

// drawn is what the laws of a population gave, for the report.
type drawn struct {
	session, off, gaps          law.Sample
	endures, pause, seeks, zaps law.Sample
	spares                      []int32 // of each session: the one with which who gives it up tries again; 0: none; nil: of nobody
}

// visits draws every viewer's visit to a stream of the given length, and behind
// them the further sessions of those who come back. The first come when there is
// enough to play at the live delay.
func visits(p scenarios.Population, length, delay time.Duration, seed uint64) ([]visit, *drawn) {
	all, d := make([]visit, p.Viewers), &drawn{}
	initial := int(math.Round(float64(p.Initial) * float64(p.Viewers)))
	late := p.At // when the last one came, of those who come one after the other
	prone := tendencies(p)
	for i := range all {
		at := stream(seed, "arrival", uint64(i))
		v := &all[i]
		switch {
		case i < initial:
			v.join = delay + time.Duration(at.Float64()*float64(time.Second))
		case inLine(p.Arrival):
			late = min(late+d.gap(p, at.Float64()), law.Forever)
			v.join = late
		default:
			v.join = p.At + Arrival(p, at.Float64())
		}
		v.leave = min(length, v.join+d.stay(p, stream(seed, "session", uint64(i))))
		v.region = uint16(pick(p.Regions, stream(seed, "region", uint64(i))))
		v.class = uint16(pick(p.Classes, stream(seed, "class", uint64(i))))
		for _, c := range prone {
			if c.share > 0 && stream(seed, c.purpose, uint64(i)).Float64() < float64(c.share) {
				v.set(c.trait, true)
			}
		}
		if p.Patience == scenarios.Krishnan {
			v.patience = patience(p.Patience, stream(seed, "patience", uint64(i)))
		}
	}
	if p.Returns > 0 {
		for i := range all[:p.Viewers:p.Viewers] {
			all = d.again(all, p, all[i], length, stream(seed, "returns", uint64(i)))
		}
	}
	return append(all, sybils(p, length, delay, seed)...), d
}

// A tendency is the share of viewers that have a trait, and the purpose of its draws.
type tendency struct {
	trait   trait
	share   unit.Ratio
	purpose string
}

// tendencies are those of a population.
func tendencies(p scenarios.Population) []tendency {
	return []tendency{{abrupt, p.Abrupt, "abrupt"}, {pollutes, p.Pollutes, "pollutes"}, {defaults, p.Defaults, "defaults"},
		{lingers, p.Lingers, "lingers"}, {doubles, p.Doubles, "doubles"}, {griefs, p.Griefs, "griefs"}, {freeloads, p.Freeloads, "freeloads"},
		{withholds, p.Withholds, "withholds"}, {forges, p.Forges, "forges"}, {lies, p.Liars, "liar"}, {noDecoder, p.NoDecoder, "decoder"}}
}

// sybils are the visits of false identities.
func sybils(p scenarios.Population, length, delay time.Duration, seed uint64) []visit {
	all := make([]visit, int(math.Round(float64(p.Sybils)*float64(p.Viewers))))
	for i := range all {
		at := stream(seed, "sybil", uint64(i))
		all[i] = visit{traits: sybil, join: time.Duration(at.Float64() * float64(delay)), leave: length,
			region: uint16(pick(p.Regions, at)), class: uint16(pick(p.Classes, at))}
	}
	return all
}

// again appends the further sessions of a viewer whose last one was v.
func (d *drawn) again(all []visit, p scenarios.Population, v visit, length time.Duration, r *rand.Rand) []visit {
	for v.leave < length && r.Float64() < float64(p.Returns) {
		off := p.Off.Draw(r.Float64())
		d.off.Add(off)
		v.join = v.leave + off
		v.leave = min(length, v.join+d.stay(p, r))
		v.set(abrupt, r.Float64() < float64(p.Abrupt))
		v.patience = patience(p.Patience, r)
		if v.join >= length {
			break
		}
		all = append(all, v)
	}
	return all
}

// stay draws how long a viewer means to watch.
func (d *drawn) stay(p scenarios.Population, r *rand.Rand) time.Duration {
	t := p.Session.Draw(r.Float64())
	d.session.Add(t)
	return t
}

// inLine says that viewers come one after the other, with gaps.
func inLine(a scenarios.Arrival) bool { return a == scenarios.Poisson || a == scenarios.ByGaps }

// gapsOf is the law of the gaps between viewers who come in line.
func gapsOf(p scenarios.Population) law.Config {
	if p.Arrival == scenarios.Poisson {
		later := float64(p.Viewers) * (1 - float64(p.Initial))
		return law.Config{Law: law.Exponential, Scale: max(1, time.Duration(float64(p.Over)/max(1, later)))}
	}
	return p.Gaps
}

// gap draws how long after the one before a viewer comes.
func (d *drawn) gap(p scenarios.Population, u float64) time.Duration {
	c := gapsOf(p)
	t := c.Draw(u)
	d.gaps.Add(t)
	return t
}

// growth is how many e-folds the rate of exponential arrivals rises.
const growth = 3

// Arrival maps a uniform draw to when a viewer comes, from population.at on, of
// those who do not come one after the other.
func Arrival(p scenarios.Population, u float64) time.Duration {
	switch p.Arrival {
	case scenarios.Exponential: // inverse of (e^(growth x) - 1) / (e^growth - 1)
		u = math.Log1p(u*math.Expm1(growth)) / growth
	case scenarios.Ramp: // inverse of x²
		u = math.Sqrt(u)
	case scenarios.Step:
		u = 0
	case scenarios.ByTrace:
		return onTrace(p.Trace, u)
	}
	return time.Duration(u * float64(p.Over))
}

// onTrace is the quantile of u on a course of rates.
func onTrace(trace []scenarios.Wave, u float64) (at time.Duration) {
	sum := 0
	for _, w := range trace {
		sum += w.Weight
	}
	for rest := u * float64(sum); ; trace = trace[1:] {
		if w := trace[0]; rest < float64(w.Weight) {
			return at + time.Duration(rest/float64(w.Weight)*float64(w.For))
		}
		rest -= float64(trace[0].Weight)
		at += trace[0].For
	}
}

// noteLaws puts the moments of every law beside those of what was drawn. One
// seed speaks for all: the draws of others are as many and of the same law, and
// whichever differs by more than chance says so by itself.
func (w *world) noteLaws() {
	p, h := &w.scenario.Population, &w.scenario.Habits
	gaps := gapsOf(*p)
	for _, l := range []struct {
		key    string
		law    *law.Config
		sample *law.Sample
	}{{"population.session", &p.Session, &w.drawn.session}, {"population.off", &p.Off, &w.drawn.off}, {"population.gaps", &gaps, &w.drawn.gaps},
		{"habits.endures", &h.Endures, &w.drawn.endures}, {"habits.pause", &h.Pause, &w.drawn.pause},
		{"habits.seeks", &h.Seeks, &w.drawn.seeks}, {"habits.zaps", &h.Zaps, &w.drawn.zaps}} {
		if !l.law.Ends() || l.sample.Len() == 0 || w.seed != 1 && l.sample.Fits(l.law) {
			continue
		}
		w.note("drawn with seed %d: %s is %s", w.seed, l.key, l.sample.Compare(l.law))
		if l.law.Law == law.Exponential && l.key != "population.gaps" {
			w.note("for theory only: exponential times have lighter tails than measured ones (%s)", l.key)
		}
	}
}

// Patience as Krishnan and Sitaraman found it ("Video Stream Quality Impacts
// Viewer Behavior", IMC 2012): nobody leaves in the first two seconds, and 5.8 %
// of all viewers in every second after.
const (
	patienceFrom = 2 * time.Second
	patienceLoss = 0.058
)

// patience draws how long a viewer waits for its first frame; 0 is without end.
func patience(p scenarios.Patience, r *rand.Rand) time.Duration {
	if p != scenarios.Krishnan {
		return 0
	}
	return patienceFrom + time.Duration(r.Float64()/patienceLoss*float64(time.Second))
}

// pick draws an index by weight.
func pick(list []scenarios.Weight, r *rand.Rand) int {
	sum := 0
	for _, w := range list {
		sum += w.Weight
	}
	k := r.IntN(sum)
	for i, w := range list {
		if k < w.Weight {
			return i
		}
		k -= w.Weight
	}
	panic("sim: weights changed while drawing")
}

// expect puts the visit of a viewer into the queue.
func (w *world) expect(i int) {
	id, v := w.viewerID(i), &w.viewers[i]
	w.push(v.join, toStart, id, 0)
	if bored := v.join + v.patience; v.patience > 0 && bored < min(v.leave, w.end) {
		w.push(bored, toGiveUp, id, 0)
	}
	if v.leave < w.end {
		kind := toStop
		if v.is(abrupt) {
			kind = toVanish
		}
		w.push(v.leave, kind, id, 0)
	}
}

// An absent viewer has not come yet or has left, and takes no memory. Nothing
// reaches it.
type absent struct{}

func (absent) Step(time.Duration, *protocol.Input, *protocol.Output) {}

// arrival makes the node of a viewer that comes.
func (w *world) arrival(id protocol.NodeID, v *visitor) protocol.Node {
	if v.is(sybil) {
		return protocol.NewSybil(w.stream, id, w.scenario.Population.Eclipse)
	}
	i := int(id - w.viewerID(0))
	return protocol.NewViewer(w.stream, &w.scenario.Live, id, w.chooser, dice(w.seed, "viewer", uint64(i)),
		protocol.Traits{Pollutes: v.is(pollutes), Defaults: v.is(defaults), Lingers: v.is(lingers), Doubles: v.is(doubles), Griefs: v.is(griefs), NoDecoder: v.is(noDecoder),
			Freeloads: v.is(freeloads), Withholds: v.is(withholds), Forges: v.is(forges), Lies: v.is(lies), Title: w.title(i)})
}
