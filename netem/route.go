package netem

// route is the links that a transfer from one node to another crosses.
func (t *Topology) route(from, to int32) (r route) {
	r.add(uplink(from))
	r.add(downlink(to))
	return r
}
