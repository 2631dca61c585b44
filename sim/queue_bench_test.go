//go:build unix

package sim

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/internal/prefetch"
)

// stdHeap is the usual way in Go: container/heap over pointers that know their
// place, so that they can be taken out again.
type stdHeap struct {
	seq uint64
	a   []*stdEvent
}

type stdEvent struct {
	event
	place int
}

func (h *stdHeap) Len() int           { return len(h.a) }
func (h *stdHeap) Less(i, j int) bool { return h.a[i].before(&h.a[j].event) }
func (h *stdHeap) Swap(i, j int) {
	h.a[i], h.a[j] = h.a[j], h.a[i]
	h.a[i].place, h.a[j].place = i, j
}
func (h *stdHeap) Push(x any) {
	e := x.(*stdEvent)
	e.place = len(h.a)
	h.a = append(h.a, e)
}
func (h *stdHeap) Pop() any {
	last := len(h.a) - 1
	e := h.a[last]
	h.a = h.a[:last]
	return e
}

func (h *stdHeap) add(at time.Duration, kind uint32, node uint32, arg uint64) *stdEvent {
	h.seq++
	e := &stdEvent{event: event{at: at, seq: h.seq, arg: arg, what: what{node, kind}}}
	heap.Push(h, e)
	return e
}

func (h *stdHeap) push(at time.Duration, kind uint32, node uint32, arg uint64) {
	h.add(at, kind, node, arg)
}

func (h *stdHeap) pop() (event, bool) { return heap.Pop(h).(*stdEvent).event, true }

// A race has the queue and container/heap do the same work, turn by turn.
type race struct {
	ours, peer       func(times int)
	spent, peerSpent time.Duration
}

const turns = 8

// run reports the processor time of an operation of ours, and how many times
// as much the peer took for the same. Agree says whether
// events came in the same order.
func (c *race) run(b *testing.B, agree func() bool) {
	b.ReportAllocs()
	b.ResetTimer()
	for turn := range turns {
		times := b.N*(turn+1)/turns - b.N*turn/turns
		begun := processor()
		c.ours(times)
		c.spent += processor() - begun
		b.StopTimer()
		begun = processor()
		c.peer(times)
		c.peerSpent += processor() - begun
		b.StartTimer()
	}
	b.StopTimer()
	if !agree() {
		b.Error("the order is not that of container/heap")
	}
	b.ReportMetric(float64(c.spent.Nanoseconds())/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(c.peerSpent)/float64(c.spent), "x-container/heap")
}

// A held is the hold model on one queue: n events wait, each operation takes
// one and puts one back. Distances are drawn beforehand, so that none of the
// time measured goes into them.
type held struct {
	q     anyQueue
	steps [1 << 12]time.Duration
	turn  int
	trail uint64 // of the events that came
}

func newHeld(q anyQueue, n int, step func(r *rand.Rand) time.Duration) *held {
	h := &held{q: q}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range h.steps {
		h.steps[i] = step(r)
	}
	for i := range n {
		q.push(step(r), 1, uint32(i), 3)
	}
	h.run(2 * n)
	return h
}

func (h *held) run(times int) {
	for range times {
		e, _ := h.q.pop()
		h.trail = h.trail*31 + uint64(e.node)
		h.turn++
		step := h.steps[h.turn%len(h.steps)]
		h.q.push(e.at+min(step, math.MaxInt64-e.at), 1, e.node, 3)
	}
}

// BenchmarkQueue is the hold model with the distances of TestQueueOrder,
// hostile ones among them, beside container/heap.
func BenchmarkQueue(b *testing.B) {
	for _, s := range steps {
		for _, n := range []int{1e3, 1e5, 1e6} {
			b.Run(fmt.Sprintf("%s/wait=%d", s.name, n), func(b *testing.B) {
				ours, peer := newHeld(new(queue), n, s.step), newHeld(new(stdHeap), n, s.step)
				c := race{ours: ours.run, peer: peer.run}
				c.run(b, func() bool { return ours.trail == peer.trail })
			})
		}
	}
}

// BenchmarkCancel is n nodes that each act after an exponential time of mean
// 1 s and then set an alarm for 5 s later, which replaces the one before, so
// that hardly one goes off. Ours stay in the queue until their time and are
// passed over then, the peer's are taken out.
func BenchmarkCancel(b *testing.B) {
	const act, alarm = 1, 2
	pause := func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * 1e9) }
	for _, n := range []int{1e3, 1e5, 1e6} {
		b.Run(fmt.Sprintf("nodes=%d", n), func(b *testing.B) {
			var q queue
			var trail, peerTrail uint64
			r, set := rand.New(rand.NewPCG(1, 2)), make([]uint64, n)
			ours := func(times int) {
				for done := 0; done < times; {
					e, _ := q.pop()
					if e.kind == alarm && set[e.node] != e.arg {
						continue
					}
					done++
					trail = trail*31 + uint64(e.node)
					if e.kind == act {
						set[e.node]++
						q.push(e.at+5*time.Second, alarm, e.node, set[e.node])
						q.push(e.at+pause(r), act, e.node, 0)
					}
				}
			}
			var h stdHeap
			peerR, alarms := rand.New(rand.NewPCG(1, 2)), make([]*stdEvent, n)
			peer := func(times int) {
				for range times {
					e, _ := h.pop()
					peerTrail = peerTrail*31 + uint64(e.node)
					if e.kind == alarm {
						alarms[e.node] = nil
						continue
					}
					if old := alarms[e.node]; old != nil {
						heap.Remove(&h, old.place)
					}
					alarms[e.node] = h.add(e.at+5*time.Second, alarm, e.node, 0)
					h.push(e.at+pause(peerR), act, e.node, 0)
				}
			}
			for i := range n {
				q.push(pause(r), act, uint32(i), 0)
				h.push(pause(peerR), act, uint32(i), 0)
			}
			ours(6 * n)
			peer(6 * n)
			c := race{ours: ours, peer: peer}
			c.run(b, func() bool { return trail == peerTrail })
		})
	}
}

// BenchmarkRelay is a message that each of n nodes passes on to another one at
// random, which has it after the latencies of both. Like a run, it asks for the
// memory of nodes that come next.
func BenchmarkRelay(b *testing.B) {
	type node struct{ messages, bytes, rest [2]uint64 }
	for _, n := range []int{1e3, 1e5, 1e6} {
		b.Run(fmt.Sprintf("nodes=%d", n), func(b *testing.B) {
			var q queue
			r := rand.New(rand.NewPCG(1, 2))
			nodes, latency := make([]node, n), make([]int32, n)
			for i := range latency {
				latency[i] = 2_500_000 + r.Int32N(22_500_000)
				q.push(time.Duration(r.ExpFloat64()*1e7), 1, uint32(i), 1000)
			}
			seen, fill := 0, 0
			relay := func(times int) {
				for range times {
					e, _ := q.pop()
					if fill != q.fills { // as world.foresee does
						seen, fill = q.next, q.fills
					}
					for end := min(q.next+midAhead, len(q.run)); seen < end; seen++ {
						prefetch.Line(&nodes[q.run[seen].node])
					}
					nodes[e.node].messages[0]++
					nodes[e.node].bytes[0] += e.arg
					to := r.Uint32N(uint32(n))
					q.push(e.at+time.Duration(latency[e.node]+latency[to]), 1, to, 1000)
				}
			}
			relay(2 * n)
			b.ReportAllocs()
			b.ResetTimer()
			begun := processor()
			relay(b.N)
			b.ReportMetric(float64((processor()-begun).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}
