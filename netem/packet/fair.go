package packet

import (
	"math"
	"net/netip"
	"time"
)

// Constants of FQ-CoDel: RFC 8290, 5.2.
const (
	codelTarget   = 5 * time.Millisecond
	codelInterval = 100 * time.Millisecond
	fairQuantum   = 1514 // bytes
	fairQueues    = 1024
	fairLimit     = 10_240 // packets
)

// A fair queue is FQ-CoDel (RFC 8290): flows are hashed into queues that are
// served in turn, a quantum of bytes each, those that have just begun first;
// CoDel keeps each of them short.
type fair struct {
	key            uint64 // of the hash
	flows          map[uint16]*flow
	spare          []*flow
	fresh, on      ring // flows with packets: those that have just begun, and the others
	packets, bytes int
}

// A flow is one queue of a fair queue, with the state of its CoDel.
type flow struct {
	chain
	bucket  uint16
	deficit int // bytes that it may still send in this turn
	next    *flow
	codel
}

// A ring is a list of flows that take turns.
type ring struct{ head, tail *flow }

func (r *ring) push(q *flow) {
	q.next = nil
	if r.head == nil {
		r.head = q
	} else {
		r.tail.next = q
	}
	r.tail = q
}

func (r *ring) shift() *flow {
	q := r.head
	r.head = q.next
	return q
}

// bucket is the queue of a packet's flow.
func (s *fair) bucket(from, to netip.AddrPort) uint16 {
	h := s.key
	for _, at := range [2]netip.AddrPort{from, to} {
		ip := at.Addr().As16()
		for i := 0; i < len(ip); i += 8 {
			word := uint64(0)
			for _, b := range ip[i : i+8] {
				word = word<<8 | uint64(b)
			}
			h = mix(h ^ word)
		}
		h = mix(h ^ uint64(at.Port()))
	}
	return uint16(h % fairQueues)
}

// enqueueFair is RFC 8290, 4.1: the packet goes behind those of its flow; if
// there are too many then, the longest queue loses the first of its own.
func (f *Fabric) enqueueFair(now time.Duration, l *link, i int32) {
	s, p := l.fair, &f.parcels[i]
	b := s.bucket(p.from, p.to)
	q := s.flows[b]
	if q == nil {
		q = s.newFlow(b)
		s.fresh.push(q)
	}
	f.push(&q.chain, i)
	s.packets++
	s.bytes += p.wire
	for s.packets > fairLimit || f.cfg.Buffer > 0 && s.bytes > int(f.cfg.Buffer) {
		j := f.shift(&s.longest().chain)
		s.packets--
		s.bytes -= f.parcels[j].wire
		f.drop(now, l.overflow(), j)
	}
}

func (s *fair) newFlow(b uint16) *flow {
	q := &flow{}
	if n := len(s.spare) - 1; n >= 0 {
		q, s.spare = s.spare[n], s.spare[:n]
	}
	*q = flow{bucket: b, deficit: fairQuantum}
	s.flows[b] = q
	return q
}

// all visits the flows with packets, in the order of their turns.
func (s *fair) all(visit func(*flow)) {
	for _, r := range [2]ring{s.fresh, s.on} {
		for q := r.head; q != nil; q = q.next {
			visit(q)
		}
	}
}

func (s *fair) longest() *flow {
	long := &flow{}
	s.all(func(q *flow) {
		if q.bytes > long.bytes {
			long = q
		}
	})
	return long
}

// dequeueFair is RFC 8290, 4.2: the next packet to send, or 0 if CoDel has
// dropped all there were.
func (f *Fabric) dequeueFair(now time.Duration, l *link) int32 {
	s := l.fair
	for {
		from := &s.fresh
		if from.head == nil {
			from = &s.on
		}
		q := from.head
		if q == nil {
			return 0
		}
		if q.deficit <= 0 {
			q.deficit += fairQuantum
			s.on.push(from.shift())
			continue
		}
		i, dropped := f.dequeueCodel(now, q)
		for _, j := range dropped {
			s.packets--
			s.bytes -= f.parcels[j].wire
			f.drop(now, Codel, j)
		}
		if i != 0 {
			s.packets--
			s.bytes -= f.parcels[i].wire
			q.deficit -= f.parcels[i].wire
			return i
		}
		from.shift()
		if from == &s.fresh && s.on.head != nil { // lest it jump the queue again
			s.on.push(q)
			continue
		}
		delete(s.flows, q.bucket)
		s.spare = append(s.spare, q)
	}
}

// clearFair drops everything.
func (f *Fabric) clearFair(now time.Duration, s *fair, why Kind) {
	s.all(func(q *flow) {
		for q.head != 0 {
			f.drop(now, why, f.shift(&q.chain))
		}
	})
	s.fresh, s.on, s.packets, s.bytes = ring{}, ring{}, 0, 0
	clear(s.flows)
}

// The state of CoDel: RFC 8289, 5.
type codel struct {
	dropping   bool
	count      int           // drops since it began to drop
	lastCount  int           // count when it last began
	firstAbove time.Duration // when the delay will have been above target for an interval; 0: it is below
	dropNext   time.Duration
}

// dequeueCodel is the dequeue of RFC 8289, 5.5: the next packet of the flow
// or 0, and those that are dropped before it.
func (f *Fabric) dequeueCodel(now time.Duration, q *flow) (i int32, dropped []int32) {
	dropped = f.scratch[:0]
	i, late := f.doDequeue(now, q)
	if q.dropping {
		q.dropping = late
		for q.dropping && now >= q.dropNext {
			dropped = append(dropped, i)
			q.count++
			i, late = f.doDequeue(now, q)
			if q.dropping = late; late {
				q.dropNext = controlLaw(q.dropNext, q.count)
			}
		}
	} else if late {
		dropped = append(dropped, i)
		i, _ = f.doDequeue(now, q)
		q.dropping = true
		delta := q.count - q.lastCount
		q.count = 1
		if delta > 1 && now-q.dropNext < 16*codelInterval {
			q.count = delta
		}
		q.dropNext = controlLaw(now, q.count)
		q.lastCount = q.count
	}
	f.scratch = dropped
	return i, dropped
}

// doDequeue takes a packet and says whether packets have waited for longer
// than the target for a whole interval: RFC 8289, 5.6.
func (f *Fabric) doDequeue(now time.Duration, q *flow) (i int32, late bool) {
	if q.head == 0 {
		q.firstAbove = 0
		return 0, false
	}
	i = f.shift(&q.chain)
	switch sojourn := now - f.parcels[i].queued; {
	case sojourn < codelTarget || q.bytes <= fairQuantum:
		q.firstAbove = 0
	case q.firstAbove == 0:
		q.firstAbove = now + codelInterval
	default:
		late = now >= q.firstAbove
	}
	return i, late
}

// controlLaw is when the next packet is dropped: RFC 8289, 5.3.
func controlLaw(t time.Duration, count int) time.Duration {
	return t + time.Duration(float64(codelInterval)/math.Sqrt(float64(count)))
}
