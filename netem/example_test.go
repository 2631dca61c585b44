package netem_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// Two viewers behind cable fetch a segment each from one edge in another
// region, and one asks for it first.
func Example() {
	cfg := netem.Default()
	cfg.Jitter = 0
	region := func(name string) int { i, _ := netem.Region(name); return i }
	class := func(name string) int { i, _ := cfg.Class(name); return i }
	ends := []netem.Endpoint{
		{Region: region("na_east"), Class: class("datacenter"), Up: unit.Rate(30e6)},
		{Region: region("europe"), Class: class("cable")},
		{Region: region("europe"), Class: class("cable")},
	}
	draw := func(purpose string, entity uint64) *rand.Rand {
		return rand.New(rand.NewPCG(uint64(len(purpose)), entity))
	}
	t, err := netem.NewTopology(cfg, ends, draw)
	if err != nil {
		fmt.Println(err)
		return
	}
	n := netem.New(t, draw)

	const edge, request, video = 0, 0, 1
	at, _ := n.SendControl(0, 1, edge, 120, request)
	fmt.Println("the request arrives after", at.Round(time.Millisecond))
	n.Arrive(1, edge, 120, request)

	n.SendBulk(at, edge, 1, 1_500_000, video, 71)
	n.SendBulk(at, edge, 2, 1_500_000, video, 72)
	for {
		next, ok := n.Next()
		if !ok {
			break
		}
		n.Advance(next, func(a netem.Arrival) {
			fmt.Printf("transfer %d has left at %v and arrives at %v\n", a.ID, next.Round(time.Millisecond), a.At.Round(time.Millisecond))
			n.Arrive(a.From, a.To, a.Size, a.Traffic)
		})
	}
	fmt.Printf("%+v\n", n.Total(video))
	fmt.Println("conserved:", n.Check() == nil)

	// Output:
	// the request arrives after 382ms
	// transfer 71 has left at 1.182s and arrives at 1.561s
	// transfer 72 has left at 1.182s and arrives at 1.913s
	// {Sent:3MB Delivered:3MB Lost:0B InFlight:0B}
	// conserved: true
}
