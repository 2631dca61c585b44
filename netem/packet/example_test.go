package packet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/netem"
	"kinetoscope/netem/packet"
)

// Two nodes greet each other across an ocean, in virtual time.
func Example() {
	synctest.Test(new(testing.T), func(*testing.T) {
		cfg := netem.Default()
		cfg.Jitter, cfg.Loss, cfg.Spread = 0, netem.NoLoss, 0
		cable, _ := cfg.Class("cable")
		europe, _ := netem.Region("europe")
		america, _ := netem.Region("na_east")
		draw := func(purpose string, entity uint64) *rand.Rand {
			return rand.New(rand.NewPCG(uint64(len(purpose)), entity))
		}
		topology, err := netem.NewTopology(cfg, []netem.Endpoint{{Region: europe, Class: cable}, {Region: america, Class: cable}}, draw)
		if err != nil {
			fmt.Println(err)
			return
		}
		fabric := packet.New(topology, packet.Default(), draw)
		a, _ := fabric.Attach(0, netip.MustParseAddrPort("192.0.2.1:4001"))
		b, _ := fabric.Attach(1, netip.MustParseAddrPort("192.0.2.2:4001"))

		ctx, cancel := context.WithCancel(context.Background())
		go func() { // the other side answers what it hears
			var buf [1500]byte
			n, from, _ := b.ReadFrom(buf[:])
			b.WriteTo(buf[:n], from)
		}()
		go func() {
			defer cancel()
			var buf [1500]byte
			start := time.Now()
			a.WriteTo([]byte("hello"), b.LocalAddr())
			n, from, _ := a.ReadFrom(buf[:])
			fmt.Printf("%q from %v after %v\n", buf[:n], from, time.Since(start).Round(time.Microsecond))
		}()
		fmt.Println(fabric.Run(ctx, synctest.Wait, nil))
		fmt.Println(topology.RTT(0, 1), "is the round trip without serialisation")
	})

	// Output:
	// "hello" from 192.0.2.2:4001 after 172.058ms
	// context canceled
	// 172ms is the round trip without serialisation
}
