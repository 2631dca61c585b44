package abr

// throughput is the best rung that the safe part of the estimate carries, as
// in the ThroughputRule of dash.js. Without an estimate it is the lowest.
func (r *rule) throughput(v View) int {
	return r.carried(r.safety * float64(v.Throughput))
}

// carried is the best rung of at most rate bit/s, or the lowest.
func (r *rule) carried(rate float64) int {
	rung := 0
	for rung+1 < len(r.ladder) && r.ladder[rung+1] <= rate {
		rung++
	}
	return rung
}
