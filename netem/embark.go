package netem

import "time"

// embark draws how congestion control would take a transfer over a way of its
// own or past the crowd that is there, and limits the flow to what that and
// losses leave it.
func (n *Network) embark(now time.Duration, from, to int32, f *flow, fate fate, p path, rtt time.Duration) (flight, float64) {
	f.cap, f.most = infinite, infinite
	if !n.cfg.Startup && p.loss == 0 { // nothing to wait for
		return flight{}, 0
	}
	rate := n.alone(f) / packetWire
	w := &way{rate: rate, rtt: float64(rtt), queue: float64(n.cfg.Queue), loss: p.loss, burst: n.cfg.burst()}
	var cong congestion
	var mem *memory
	waited := 0.0
	if n.cfg.Startup {
		c, wait := n.connect(now, from, to)
		f.extra += wait
		mem = c.sender(from, to)
		cong = mem.congestion()
		waited = float64(time.Duration(*c.waited(from, to)) * waitUnit)
	} else {
		cong = settled(w)
	}
	w.there, w.back, w.shape = p.jitter, p.jitter, n.cfg.JitterShape // the same both ways
	// Acknowledgements, of two packets each, bring packets that came together on
	// together, as far as pacing lets a burst go.
	if w.there+w.back > 0 {
		apart := max(1/rate, cong.spread(int(cong.window), w.rtt)/cong.window)
		w.rtt += inOrder(w.there, apart, cong.window) + inOrder(w.back, 2*apart, cong.window/2)
	}
	packets := int((f.size + packetWire - 1) / packetWire)
	dice := &dice{key: hash(fate.key, fate.number+drawLoss), next: -1}
	if mem == nil {
		flight := cong.fly(packets, w, dice)
		n.limit(f, &flight, w, f.link[0]) // nobody is there
		return flight, w.rtt
	}
	paced := cong.pace() / (w.rtt + waited)
	narrow := n.narrow(f)
	w.press = n.press(now, narrow)
	flight := cong.fly(packets, w, dice)
	isYoung := *mem&1 == 0 && flight.slow > 0
	*mem = cong.memory()
	n.limit(f, &flight, w, narrow)
	if w.press != nil {
		n.crowds[narrow].spilt += w.press.spilt
	}
	inside := float64(packets) / max(1, flight.rounds)
	for _, l := range f.links() {
		if l != narrow { // as much as that takes
			most := n.links[l].rate / packetWire
			inside, paced = min(inside, most*w.rtt), min(paced, most)
		}
	}
	f.stand = stand{inside: float32(inside), paced: float32(paced), burst: flight.rounds <= 1, fate: fate.number}
	n.gather(f, narrow, cong.window, w.rtt, rate)
	if isYoung {
		n.raise(narrow, youth{from: from, to: to, start: now, until: now + time.Duration(float64(flight.slow)*w.rtt),
			rtt: w.rtt, begin: flight.begin, window: cong.window, rate: rate, demand: f.stand.demand, inside: f.stand.window})
	}
	return flight, w.rtt
}

// limit caps a flow at what its flight leaves it, and the press at its narrow link.
func (n *Network) limit(f *flow, flight *flight, w *way, narrow int32) {
	most := w.rate * packetWire
	if flight.limited {
		f.cap = float64(f.size) / (flight.took - flight.stall(w.rate, w.rtt))
		f.most = f.cap
		most = min(most, f.cap)
	}
	if w.press == nil || len(n.links[narrow].slots) < mostYoung { // shared by windows
		return
	}
	if rate := w.press.slowed(most, float64(f.size), w.rtt, w.queue); rate < most {
		f.cap = rate
	}
}
