package datasets

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kinetoscope/internal/unit"
)

// Roles of the columns of tables of shares.
const (
	stLength = iota
	stBelow
	stAbove
)

// plainShares reads a table of a few times with the share of sessions that are
// no longer, or that last at least so long.
func plainShares() Format {
	p := profile{columns: []column{
		{role: "length", of: length, main: true, names: []string{"watch time", "watchtime", "duration", "session length", "session duration", "length", "uptime", "lifetime", "time", "stay", "=t", "after", "elapsed"}},
		{role: "below", of: share, names: []string{"cdf", "cumulative share", "cumulative", "quantile", "percentile", "=p", "share below"}},
		{role: "above", of: share, names: []string{"survival", "ccdf", "retention", "alive", "share above", "still watching", "remaining"}},
	}}
	detect := func(s *sample) string {
		below, above := meant(s, &p.columns[stBelow]), meant(s, &p.columns[stAbove])
		if (below == "") == (above == "") || meant(s, &p.columns[stLength]) == "" || len(s.titles()) > 4 && len(firstKeys(s.head)) == 0 {
			return ""
		}
		return "it has times and shares of those that stay so long"
	}
	return Format{Name: "stay-csv", roles: p.columns, Kind: Viewers, sure: true,
		Doc:    "Any table, of CSV or JSON objects, of times with the share of sessions that are no longer (cdf, quantile, percentile) or that last at least so long (survival, retention).",
		detect: detect, read: tableOf(&p, readShares), close: closeViewers}
}

// readShares reads rows of a time and a share.
func readShares(r *reading, t *sheetReader) error {
	role := stAbove
	if !t.has(role) {
		role = stBelow
	}
	if !t.has(role) || !t.has(stLength) {
		return fmt.Errorf("%s:1: it needs a time and a share: say --column length=NAME and --column below=NAME, or above=NAME", r.name)
	}
	v := r.crowd()
	for t.next() {
		n, wrong, ok := t.read(stLength)
		var part int64
		if ok {
			part, wrong, ok = t.read(role)
		}
		switch {
		case !ok:
			t.drop(wrong)
			continue
		case n < 0 || part < 0:
			t.drop(negative)
			continue
		case part > 1_000_000:
			t.drop(badNumber)
			continue
		}
		if role == stBelow {
			part = 1_000_000 - part
		}
		v.Stays = append(v.Stays, Survival{After: time.Duration(n), Share: unit.Ratio(float64(part) / 1e6)})
		r.journal.settle(t.now, 1)
	}
	return nil
}

// Stays are the shares that stay at least so long, by time: of a table, or of a
// monitor, of which the median of all its times is taken. They only fall.
func (s *Set) Stays() (all []Survival) {
	switch {
	case s.Viewers != nil:
		all = slices.Clone(s.Viewers.Stays)
	case s.Churn != nil:
		by := map[time.Duration][]float64{}
		for _, v := range s.Churn.Survivals {
			by[v.After] = append(by[v.After], float64(v.Share))
		}
		for after, shares := range by {
			slices.Sort(shares)
			all = append(all, Survival{After: after, Share: unit.Ratio(shares[(len(shares)-1)/2])})
		}
	}
	slices.SortStableFunc(all, func(a, b Survival) int {
		return cmp.Or(cmp.Compare(a.After, b.After), -cmp.Compare(a.Share, b.Share))
	})
	for i := 1; i < len(all); i++ {
		all[i].Share = min(all[i].Share, all[i-1].Share)
	}
	return all
}
