package validate

import (
	"fmt"
	"math"

	"kinetoscope/sim/result"
)

// near checks that got is within a part of want, plus something absolute.
func near(what, unit string, want, got, part, more float64) result.Finding {
	rule := fmt.Sprintf("within %.3g %%", 100*part)
	if more > 0 {
		rule += fmt.Sprintf(" and %.3g %s", more, unit)
	}
	return result.Finding{What: what, Want: want, Got: got, Unit: unit, Rule: rule, Passed: math.Abs(got-want) <= float64(part*math.Abs(want))+more}
}

// atLeast checks that got is want or more.
func atLeast(what, unit string, want, got float64) result.Finding {
	return result.Finding{What: what, Want: want, Got: got, Unit: unit, Rule: "at least", Passed: got >= want}
}

// binomial checks that got of n trials is what trials of a probability give
// but for one time in a thousand, by the normal approximation.
func binomial(what string, p float64, got, n int64) result.Finding {
	half := 3.29 * math.Sqrt(float64(p*(1-p))/float64(n))
	share := float64(got) / float64(n)
	return result.Finding{What: what, Want: p, Got: share, Rule: fmt.Sprintf("within %.2g, 99.9 %% of %d draws", half, n), Passed: math.Abs(share-p) <= half}
}

// above checks that got is more than want.
func above(what, unit string, want, got float64) result.Finding {
	return result.Finding{What: what, Want: want, Got: got, Unit: unit, Rule: "more than", Passed: got > want}
}
