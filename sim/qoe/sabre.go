package qoe

// Sabre is the figures of the Sabre simulator, averages over the time of the
// whole session.
type Sabre struct {
	Bitrate  float64 `json:"bitrate_kbps"`
	Utility  float64 `json:"utility"`
	Rebuffer float64 `json:"rebuffer_ratio"`
	Events   float64 `json:"rebuffer_events"` // a count, not an average
	Change   float64 `json:"bitrate_change_kbps"`
	Score    float64 `json:"score"`
}

// gammaP is the seconds of utility that a second of rebuffering costs, Sabre's
// default.
const gammaP = 5

// Sabre computes them. Segments are taken to be of one length, as Sabre's are.
func (s *Session) Sabre() Sabre {
	total := s.Length().Seconds()
	segment := ratio(s.Played.Seconds(), float64(s.Segments))
	return Sabre{
		Bitrate:  1000 * ratio(s.Bits, total),
		Utility:  ratio(s.Utility, total),
		Rebuffer: ratio(s.Stalled.Seconds(), total),
		Events:   float64(s.Stalls),
		Change:   1000 * ratio(s.Linear.Change*segment, total),
		Score:    ratio(s.Utility-float64(gammaP*s.Stalled.Seconds()), total),
	}
}
