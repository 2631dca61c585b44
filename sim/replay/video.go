package replay

import (
	"fmt"

	"kinetoscope/datasets"
	"kinetoscope/internal/unit"
)

// ratesOf is the ladder of a video: as it states it, or the mean rate of each
// rendition.
func ratesOf(v *datasets.Ladder) ([]unit.Rate, error) {
	var total float64
	for _, d := range v.Durations {
		total += d.Seconds()
	}
	if total == 0 || len(v.Renditions) == 0 {
		return nil, fmt.Errorf("%s has no segment", v.Name)
	}
	var rates []unit.Rate
	for _, r := range v.Renditions {
		rate := r.Rate
		if rate == 0 {
			var bytes float64
			for _, n := range r.Sizes {
				bytes += float64(n)
			}
			rate = unit.Rate(8 * bytes / total)
		}
		rates = append(rates, rate)
	}
	return rates, nil
}
