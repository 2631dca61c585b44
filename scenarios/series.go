package scenarios

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"

	"kinetoscope/datasets"
	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/media"
	"kinetoscope/sim/law"
)

// Each of these makes of a data set what a key takes, and says what it left out.
// Errors say what the data lacks.

// of checks that a set is about the right thing.
func (x *input) of(k datasets.Kind, what string) error {
	if x.set.Kind != k {
		return fmt.Errorf("%s is about %s, and %s takes %s", x.name, x.set.Kind, what, k)
	}
	return nil
}

// pick is the part that was asked for of n, or the one that def says.
func (x *input) pick(n, def int) (int, error) {
	if x.part > n {
		return 0, fmt.Errorf("part=%d: %s has %d", x.part, x.name, n)
	}
	return cmp.Or(x.part, def) - 1, nil
}

// steps are rates for a trace: of the part that was asked for, or of all, one
// after the other.
func (x *input) steps() (out []netem.Step, left string, err error) {
	if err := x.of(datasets.Bandwidth, "a trace"); err != nil {
		return nil, "", err
	}
	traces := x.set.Traces
	if x.part > 0 {
		i, err := x.pick(len(traces), 0)
		if err != nil {
			return nil, "", err
		}
		traces = traces[i : i+1]
	}
	each, whole, measured := max(1, netem.MaxSteps/len(traces)), 0, true
	for _, t := range traces[:min(len(traces), netem.MaxSteps)] {
		whole += len(t.Steps)
		measured = measured && t.HasUp
		for _, s := range t.Steps[:min(each, len(t.Steps))] {
			if s.Down = scaled(s.Down, x.scale); t.HasUp {
				s.Up = scaled(s.Up, x.scale)
			} else {
				s.Up = scaled(s.Down, x.up)
			}
			out = append(out, s)
		}
	}
	if len(out) < whole {
		left = fmt.Sprintf("; the first %d steps of each of %d traces", each, len(traces))
	}
	if !measured {
		left += fmt.Sprintf("; the way up was not measured and is %v of the way down", x.up)
	}
	if !slices.ContainsFunc(out, func(s netem.Step) bool { return s.Down > 0 && s.Up > 0 }) {
		return nil, "", fmt.Errorf("%s has no step in which both rates are above 0bit/s", x.name)
	}
	return out, left, nil
}

// scaled is a rate times a factor, within what a link may have.
func scaled(r unit.Rate, by float64) unit.Rate {
	if r == 0 {
		return 0
	}
	return unit.Rate(min(max(math.Round(float64(r)*by), 1_000), 1e12))
}

// fees are base fees: of the part that was asked for, or the first that is wei.
func (x *input) fees() (out []ledger.Fee, left string, err error) {
	if err := x.of(datasets.Fees, "a series of fees"); err != nil {
		return nil, "", err
	}
	first := slices.IndexFunc(x.set.Fees, func(s datasets.Series) bool { return s.Unit == "wei" })
	i, err := x.pick(len(x.set.Fees), first+1)
	if err != nil {
		return nil, "", err
	}
	if i < 0 || x.set.Fees[i].Unit != "wei" {
		return nil, "", fmt.Errorf("%s has prices, and a chain takes fees in wei", x.name)
	}
	points := x.set.Fees[i].Points
	for k, p := range points {
		f := ledger.Fee{For: x.every}
		if f.For == 0 && k+1 < len(points) {
			f.For = time.Duration(points[k+1].At-p.At) + time.Duration(points[k+1].Block-p.Block)*12*time.Second
		} else if f.For == 0 && k > 0 {
			f.For = out[k-1].For
		}
		wei, _ := new(big.Float).Mul(new(big.Float).SetInt(p.Value), big.NewFloat(x.scale)).Float64()
		f.For = min(max(f.For, time.Second), 30*24*time.Hour)
		f.BaseFee = unit.Wei(min(max(math.Round(wei), 7), float64(ledger.MaxFeeCap)))
		if out = append(out, f); len(out) == ledger.MaxFees {
			return out, fmt.Sprintf("; the first %d of %d", len(out), len(points)), nil
		}
	}
	return out, "", nil
}

// shares are those of a table of quantiles.
var shares = []float64{0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1}

// times are a table of quantiles of what lasted.
func (x *input) times() (out []law.Quantile, left string, err error) {
	if stays := x.set.Stays(); len(stays) > 1 && x.state == "up" {
		return x.stays(stays)
	}
	var all []time.Duration
	switch s := x.set; {
	case s.Kind == datasets.Viewers && len(s.Viewers.Lengths) > 0:
		all = slices.Clone(s.Viewers.Lengths)
	case s.Kind == datasets.Viewers:
		for _, v := range s.Viewers.Sessions {
			all = append(all, v.Length)
		}
	case s.Kind == datasets.Churn:
		for _, i := range s.Churn.Intervals {
			if i.Up == (x.state == "up") {
				all = append(all, time.Duration(i.To-i.From))
			}
		}
	default:
		return nil, "", fmt.Errorf("%s is about %s, and a law takes times of viewers or churn", x.name, s.Kind)
	}
	if len(all) < 2 {
		return nil, "", fmt.Errorf("%s has no times that last: sessions, watch times, or nodes that are %s", x.name, x.state)
	}
	slices.Sort(all)
	for _, p := range shares {
		t := all[int(math.Round(p*float64(len(all)-1)))]
		t = max(time.Duration(float64(t)*x.scale), time.Millisecond).Round(time.Microsecond)
		if n := len(out); n > 0 && t <= out[n-1].Time {
			if p < 1 {
				continue
			}
			t = out[n-1].Time + time.Microsecond
		}
		out = append(out, law.Quantile{Share: unit.Ratio(p), Time: t})
	}
	return out, fmt.Sprintf("; %d quantiles of %d times", len(out), len(all)), nil
}

// stays are the quantiles of a table of shares that stay at least so long. What
// lasts longer than its last time counts as that: nobody looked longer.
func (x *input) stays(all []datasets.Survival) (out []law.Quantile, left string, err error) {
	add := func(p unit.Ratio, t time.Duration) {
		t = max(time.Duration(float64(t)*x.scale), time.Millisecond).Round(time.Microsecond)
		n := len(out)
		if n > 0 && (p <= out[n-1].Share || t <= out[n-1].Time) {
			return
		}
		out = append(out, law.Quantile{Share: p, Time: t})
	}
	if all[0].Share < 1 {
		add(0, 0)
	}
	for _, s := range all {
		add(unit.Ratio(math.Round((1-float64(s.Share))*1e6)/1e6), s.After)
	}
	if len(out) < 2 {
		return nil, "", fmt.Errorf("%s has shares of which all are the same: it takes two times with different ones", x.name)
	}
	last := &out[len(out)-1]
	if last.Share < 1 {
		left = fmt.Sprintf("; the %.1f%% that last longer than %v count as that", 100*(1-float64(last.Share)), last.Time)
		last.Share = 1
	}
	return out, fmt.Sprintf("; %d quantiles of %d shares%s", len(out), len(all), left), nil
}

// waves are how many came in which time.
func (x *input) waves() (out []Wave, left string, err error) {
	if err := x.of(datasets.Viewers, "arrivals"); err != nil {
		return nil, "", err
	}
	var at, n []int64
	v := x.set.Viewers
	for _, s := range v.Sessions {
		at, n = append(at, s.Start), append(n, 1)
	}
	for i := 1; i < len(v.Counts) && len(at) == 0; i++ {
		at, n = append(at, v.Counts[i].At), append(n, max(0, v.Counts[i].N-v.Counts[i-1].N))
	}
	for _, a := range v.Arrivals {
		at, n = append(at, a.At), append(n, 1)
	}
	if len(at) < 2 || slices.Min(at) == slices.Max(at) {
		return nil, "", fmt.Errorf("%s does not say when viewers come: sessions, frames or numbers of viewers do", x.name)
	}
	from, span := slices.Min(at), slices.Max(at)-slices.Min(at)
	each := cmp.Or(x.every, time.Duration(math.Ceil(float64(span)*x.scale/float64(x.bins))))
	out = make([]Wave, x.bins)
	for i := range out {
		out[i].For = each
	}
	for i := range at {
		k := min(int(float64(at[i]-from)/float64(span)*float64(x.bins)), x.bins-1)
		out[k].Weight = int(min(int64(out[k].Weight)+n[i], 1_000_000_000))
	}
	return out, fmt.Sprintf("; %d waves of %v", len(out), each), nil
}

// pattern is the ladder of a video: the rate of each rendition, and how large
// the segments of one are.
func (x *input) pattern() (rates []unit.Rate, sizes []float64, left string, err error) {
	if err := x.of(datasets.Video, "a ladder"); err != nil {
		return nil, nil, "", err
	}
	l := x.set.Videos[0]
	i, err := x.pick(len(l.Renditions), len(l.Renditions))
	if err != nil {
		return nil, nil, "", err
	}
	var length time.Duration
	for _, d := range l.Durations {
		length += d
	}
	for _, r := range l.Renditions {
		var sum unit.Size
		for _, n := range r.Sizes {
			sum += n
		}
		if sum == 0 || length <= 0 {
			return nil, nil, "", fmt.Errorf("%s does not say how large the segments of %s are", x.name, r.Name)
		}
		rates = append(rates, unit.Rate(math.Round(float64(sum)*8/length.Seconds()*x.scale)))
		if len(rates) == i+1 {
			for k, n := range r.Sizes[:min(len(r.Sizes), media.MaxPattern)] {
				mean := float64(sum) * l.Durations[k].Seconds() / length.Seconds()
				sizes = append(sizes, min(max(math.Round(float64(n)/mean*1e4)/1e4, 1e-4), 100))
			}
		}
	}
	slices.Sort(rates)
	return rates, sizes, fmt.Sprintf("; sizes in the proportions of %s, for segments as long as those of the video", l.Renditions[i].Name), nil
}

// places are times between the places that most pairs have.
func (x *input) places() (out []netem.Place, left string, err error) {
	if err := x.of(datasets.Latency, "network.latency"); err != nil {
		return nil, "", err
	}
	m := x.set.Latency
	if len(m.Pairs) == 0 {
		return nil, "", fmt.Errorf("%s has no pairs of places", x.name)
	}
	chosen := busiest(m)
	index := map[int32]int{}
	for i, p := range chosen {
		index[p] = i
		out = append(out, netem.Place{RTT: make([]time.Duration, len(chosen))})
	}
	var known []time.Duration
	for _, p := range m.Pairs {
		i, a := index[p.From]
		k, b := index[p.To]
		if a && b {
			out[i].RTT[k] = min(max(time.Duration(float64(p.RTT)*x.scale), time.Microsecond), 2*netem.MaxDelay)
			known = append(known, out[i].RTT[k])
		}
	}
	if len(known) == 0 {
		return nil, "", fmt.Errorf("%s has no pair among the places that most pairs have", x.name)
	}
	slices.Sort(known)
	holes := 0
	for i := range out {
		for k := range out {
			if out[i].RTT[k] != 0 {
				continue
			}
			switch back := out[k].RTT[i]; {
			case i == k:
				out[i].RTT[k] = known[0]
			case back != 0:
				out[i].RTT[k] = back
			default:
				out[i].RTT[k] = known[len(known)/2]
				holes++
			}
		}
	}
	return out, fmt.Sprintf("; %d of %d places, %d of their times not known and taken to be the median", len(out), len(m.Places), holes), nil
}

// busiest are the places that most pairs have, in their order.
func busiest(m *datasets.Matrix) []int32 {
	pairs := make([]int, len(m.Places))
	for _, p := range m.Pairs {
		pairs[p.From]++
		pairs[p.To]++
	}
	all := make([]int32, len(m.Places))
	for i := range all {
		all[i] = int32(i)
	}
	slices.SortStableFunc(all, func(a, b int32) int { return pairs[b] - pairs[a] })
	all = all[:min(len(all), netem.MaxPlaces)]
	slices.Sort(all)
	return all
}
