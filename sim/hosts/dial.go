package hosts

import (
	"context"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"

	"kinetoscope/scenarios"
)

// dialTimeout is how long a sender tries to reach a peer and open a stream: over
// TCP that takes six round trips, so long enough for two of the slowest access
// that lose some packets. For the connection itself libp2p's own 15 s hold, as
// on real hosts. Then what waits is lost, and the next message tries again at once, without libp2p's
// back-off: whom to give up is the protocol's decision.
const dialTimeout = 30 * time.Second

// A dialer opens streams from one host. Of several that want to reach a peer at
// the same time one dials and the others wait in line: libp2p would let them go
// on in the order of a map.
type dialer struct {
	net  *carrier
	node int32
	host host.Host

	mu    sync.Mutex
	under map[peer.ID]chan struct{} // dials under way; closed when they are over
}

func newDialer(n *carrier, node int32, h host.Host) *dialer {
	return &dialer{net: n, node: node, host: h, under: map[peer.ID]chan struct{}{}}
}

// stream opens a stream to a peer, over a new connection if there is none.
func (d *dialer) stream(ctx context.Context, to *identity, p protocol.ID) (network.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := d.connect(ctx, to); err != nil {
		return nil, err
	}
	return d.host.NewStream(network.WithNoDial(ctx, "connected"), to.id, p)
}

// connect makes sure that there is a connection.
func (d *dialer) connect(ctx context.Context, to *identity) error {
	for {
		d.mu.Lock()
		if d.host.Network().Connectedness(to.id) == network.Connected {
			d.mu.Unlock()
			return nil
		}
		turn := d.under[to.id]
		if turn == nil {
			d.under[to.id] = make(chan struct{})
			d.mu.Unlock()
			return d.dial(ctx, to)
		}
		d.mu.Unlock()
		select {
		case <-turn:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *dialer) dial(ctx context.Context, to *identity) error {
	defer func() {
		d.mu.Lock()
		close(d.under[to.id])
		delete(d.under, to.id)
		d.mu.Unlock()
	}()
	if s, ok := d.host.Network().(*swarm.Swarm); ok {
		s.Backoff().Clear(to.id)
	}
	addrs, punch := d.net.way(d.node, to.node)
	if punch && to.over == scenarios.QUIC { // with TCP both begin at once
		d.net.post(event{from: d.node, to: to.node, knocks: port})
		select {
		case <-time.After(d.net.topology.RTT(d.node, to.node)): // the answer over the relay
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return d.host.Connect(ctx, peer.AddrInfo{ID: to.id, Addrs: addrs})
}
