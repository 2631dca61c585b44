package protocol

import "time"

// suspects remembers providers that were silent or whose shards were bad, so
// that they are asked last.
type suspects struct {
	of []suspect // by NodeID
}

type suspect struct {
	until  time.Duration // it is avoided until then; silent: it is not tried again before
	silent bool          // it has not answered, and nothing has been heard of it since
}

// suspicion is how long a provider is avoided whose shard was bad, and how long
// nobody tries whether a silent one is back.
const suspicion = 10 * time.Second

func (p *suspects) at(id NodeID) *suspect {
	if n := int(id) + 1 - len(p.of); n > 0 {
		p.of = append(p.of, make([]suspect, n)...)
	}
	return &p.of[id]
}

// hush notes that a provider has not answered.
func (p *suspects) hush(id NodeID, now time.Duration) { *p.at(id) = suspect{now + suspicion, true} }

// blame notes that what a provider has sent may be bad.
func (p *suspects) blame(id NodeID, now time.Duration) { *p.at(id) = suspect{now + suspicion, false} }

// heard notes that a provider has said something.
func (p *suspects) heard(id NodeID) {
	if p.silent(id) {
		p.of[id] = suspect{}
	}
}

func (p *suspects) silent(id NodeID) bool { return int(id) < len(p.of) && p.of[id].silent }

// has says that a provider should be asked last.
func (p *suspects) has(id NodeID, now time.Duration) bool {
	return p.silent(id) || int(id) < len(p.of) && now < p.of[id].until
}

// probe says that it is time to try whether a silent provider is back, and
// counts that as tried.
func (p *suspects) probe(id NodeID, now time.Duration) bool {
	due := p.silent(id) && now >= p.of[id].until
	if due {
		p.of[id].until = now + suspicion
	}
	return due
}
