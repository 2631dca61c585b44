package hosts

import (
	"context"
	"math"
	"testing"

	"github.com/libp2p/go-libp2p/core/network"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"

	"kinetoscope/internal/unit"
	"kinetoscope/netem/packet"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
)

// What the accounts say of messages is what crosses the links: the full packets
// of QUIC, where next to none is lost, have within 2 % as many bytes as are
// accounted for messages, and handshakes, acknowledgements and libp2p's own
// messages add less than 15 %.
func TestPacketsAreThoseOfTheAccounts(t *testing.T) {
	all, err := scenarios.Load("wire.yaml", []byte(`
duration: 16s
live: {delay: 6s}
population: {viewers: 4, initial: 100%, classes: [{name: fibre, weight: 1}]}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	ladder, err := media.Load(all[0].Video)
	if err != nil {
		t.Fatal(err)
	}
	const fullPacket = 1308 // a datagram of 1,280 bytes, UDP and IPv4
	var n *carrier
	var full, total float64
	engine := func(site *sim.Site) (_ sim.Carrier, err error) {
		n, err = build(context.Background(), site, scenarios.QUIC, newPause(func() {}).wait)
		n.fabric.Tap = func(e packet.Event) {
			size := len(e.Data) + 28
			if e.Kind == packet.Sent {
				total += float64(size)
			}
			if e.Kind == packet.Sent && size == fullPacket {
				full += float64(size)
			}
		}
		return n, err
	}
	if err := bubble(func() error {
		_, err := sim.RunOn(context.Background(), engine, all[0], ladder, 1)
		n.close()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var accounted unit.Size
	for _, of := range n.ledger.traffic {
		accounted += of.Sent
	}
	if want := float64(accounted); want < 1e6 || math.Abs(full-want) > 0.02*want || total < want || total > 1.15*want {
		t.Errorf("full packets of %.0f bytes, all packets of %.0f, and %.0f are accounted for messages", full, total, want)
	}
}

// A host takes from a peer the connections and streams that it means to, and no
// more; from all together as many connections as there are hosts to make them.
func TestLimits(t *testing.T) {
	const hosts = 2
	m, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits(hosts)), rcmgr.WithMetricsDisabled())
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var peers []identity
	for node := range int32(hosts + 1) {
		who, err := identify(1, node, scenarios.QUIC)
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, who)
	}
	dial := func(who *identity) error {
		c, err := m.OpenConnection(network.DirInbound, false, who.addrs[0])
		if err == nil {
			if err = c.SetPeer(who.id); err != nil {
				c.Done()
			}
		}
		return err
	}
	for i := range hosts {
		for k := range peerConns + 1 {
			if err := dial(&peers[i]); (err == nil) != (k < peerConns) {
				t.Errorf("connection %d of peer %d: %v", k+1, i+1, err)
			}
		}
	}
	if err := dial(&peers[hosts]); err == nil {
		t.Errorf("a host among %d takes connection %d", hosts, peerConns*hosts+1)
	}
	for _, way := range []network.Direction{network.DirInbound, network.DirOutbound} {
		for k := range peerStreams + 1 {
			if _, err := m.OpenStream(peers[0].id, way); (err == nil) != (k < peerStreams) {
				t.Errorf("stream %d, direction %v: %v", k+1, way, err)
			}
		}
	}
}
