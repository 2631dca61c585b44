package hosts

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/netem/packet"
	"kinetoscope/scenarios"
)

// Virtual runs f in virtual time. Every goroutine that f starts has ended when
// it returns; settle waits until all others wait for something.
func Virtual(f func(settle func()) error) error {
	return bubble(func() error { return f(synctest.Wait) })
}

// Download is how long real hosts take to carry size bytes from node 0 of a
// topology to node 1, from the request to the last byte, once for each of the
// given number of times. Each time is on a connection of its own, which was made a
// second before and has carried nothing. It is what the flow engine's model of
// a transport is held against.
func Download(ctx context.Context, over scenarios.Transport, t *netem.Topology, cfg packet.Config, draw func(string, uint64) *rand.Rand,
	size unit.Size, times int) (took []time.Duration, err error) {
	err = downloading(ctx, over, t, cfg, draw, func(d *download) (err error) {
		took, err = d.repeat(ctx, size, times)
		return err
	})
	return took, err
}

// Crowd is how long real hosts take to carry size bytes from node 0 of a
// topology to each other node, which all ask at the same instant, so many times
// in a row: took[k][i] is the k-th time of node i+1. A period is long enough for
// all to end. Connections are made a second before the first, and kept.
func Crowd(ctx context.Context, over scenarios.Transport, t *netem.Topology, cfg packet.Config, draw func(string, uint64) *rand.Rand,
	size unit.Size, times int, period time.Duration) (took [][]time.Duration, err error) {
	err = downloading(ctx, over, t, cfg, draw, func(d *download) (err error) {
		took, err = d.crowd(size, times, period)
		return err
	})
	return took, err
}

// downloading makes a host for each node of a topology and lets work run on
// them in virtual time.
func downloading(ctx context.Context, over scenarios.Transport, t *netem.Topology, cfg packet.Config, draw func(string, uint64) *rand.Rand, work func(*download) error) error {
	return Virtual(func(settle func()) error {
		d := download{fabric: packet.New(t, cfg, draw)}
		if err := d.open(over, t.Nodes()); err != nil {
			return err
		}
		go func() {
			d.err = work(&d)
			d.close()
			close(d.done)
			d.fabric.Wake()
		}()
		err := d.fabric.Run(ctx, settle, packet.Until(d.done))
		if err != nil { // the context is done: let go of what waits for packets
			d.close()
		}
		<-d.done
		if err == nil {
			err = d.err
		}
		return err
	})
}

type download struct {
	fabric *packet.Fabric
	hosts  []host.Host
	ids    []identity
	done   chan struct{}
	err    error
}

// downloadID is the protocol: a request is the number of bytes wanted.
const downloadID = "/kinetoscope/download/1"

func (d *download) open(over scenarios.Transport, nodes int) error {
	d.done = make(chan struct{})
	d.hosts, d.ids = make([]host.Host, nodes), make([]identity, nodes)
	for i := range d.hosts {
		var err error
		if d.ids[i], err = identify(0, int32(i), over); err != nil {
			return err
		}
		if d.hosts[i], err = open(d.plug(int32(i)), &d.ids[i], nodes); err != nil {
			return err
		}
	}
	d.hosts[0].SetStreamHandler(downloadID, serve)
	for _, h := range d.hosts[1:] {
		h.Peerstore().AddAddrs(d.ids[0].id, d.ids[0].addrs, peerstore.PermanentAddrTTL)
	}
	return nil
}

// plug connects one of the hosts.
func (d *download) plug(i int32) plug {
	if d.ids[i].over == scenarios.TCP {
		return overTCP(func(at netip.AddrPort) (*packet.Listener, error) { return d.fabric.Listen(i, at) }, func(peer.ID, uint16) {})
	}
	return overQUIC(func() (net.PacketConn, error) { return d.fabric.Attach(i, d.ids[i].at) })
}

// serve answers one request with zeros.
func serve(s network.Stream) {
	defer s.Close()
	var request [8]byte
	if _, err := io.ReadFull(s, request[:]); err != nil {
		_ = s.Reset()
		return
	}
	buf := make([]byte, 64<<10)
	for left := binary.BigEndian.Uint64(request[:]); left > 0; {
		n := min(left, uint64(len(buf)))
		if _, err := s.Write(buf[:n]); err != nil {
			return
		}
		left -= n
	}
}

func (d *download) repeat(ctx context.Context, size unit.Size, times int) (took []time.Duration, err error) {
	for range times {
		one, err := d.once(ctx, size)
		if err != nil {
			return nil, err
		}
		took = append(took, one)
	}
	return took, nil
}

func (d *download) once(ctx context.Context, size unit.Size) (time.Duration, error) {
	client, server := d.hosts[1], d.ids[0].id
	// The context comes from outside of the bubble, where nobody may wait for it.
	if err := client.Connect(context.Background(), peer.AddrInfo{ID: server}); err != nil {
		return 0, err
	}
	time.Sleep(time.Second)
	took, err := d.fetch(client, size)
	if err != nil {
		return 0, err
	}
	if err := client.Network().ClosePeer(server); err != nil {
		return 0, err
	}
	time.Sleep(time.Second)
	return took, ctx.Err()
}

// fetch is one request on a connection that is there.
func (d *download) fetch(client host.Host, size unit.Size) (time.Duration, error) {
	begun := time.Now()
	s, err := client.NewStream(context.Background(), d.ids[0].id, downloadID)
	if err != nil {
		return 0, err
	}
	var request [8]byte
	binary.BigEndian.PutUint64(request[:], uint64(size))
	if _, err := s.Write(request[:]); err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, s)
	if err != nil {
		return 0, err
	}
	if n != int64(size) {
		return 0, fmt.Errorf("hosts: %d bytes have come of %v", n, size)
	}
	return time.Since(begun), nil
}

// crowd lets all clients ask at the beginning of every period.
func (d *download) crowd(size unit.Size, times int, period time.Duration) ([][]time.Duration, error) {
	clients := d.hosts[1:]
	for _, c := range clients {
		if err := c.Connect(context.Background(), peer.AddrInfo{ID: d.ids[0].id}); err != nil {
			return nil, err
		}
	}
	took := make([][]time.Duration, times)
	errs := make([]error, len(clients))
	begun := time.Now().Add(time.Second)
	for k := range took {
		took[k] = make([]time.Duration, len(clients))
		time.Sleep(time.Until(begun.Add(time.Duration(k) * period)))
		var wg sync.WaitGroup
		for i, c := range clients {
			wg.Go(func() { took[k][i], errs[i] = d.fetch(c, size) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
	}
	return took, nil
}

func (d *download) close() {
	for _, h := range d.hosts {
		_ = h.Close()
	}
}
