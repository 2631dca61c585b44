package hosts

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	bus "github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/transport"
	basichost "github.com/libp2p/go-libp2p/p2p/host/basic"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	libp2pquic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/quicreuse"
	"github.com/libp2p/go-libp2p/x/rate"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/quic-go/quic-go"

	"kinetoscope/scenarios"
)

// port is where every host listens.
const port = 4001

// An identity is what is known of a node before it has a host.
type identity struct {
	key   crypto.PrivKey
	id    peer.ID
	node  int32
	over  scenarios.Transport
	moves int
	at    netip.AddrPort // of its socket
	addrs []ma.Multiaddr // as others see it; the only one
}

// identify derives a node's key from the seed, and its address from its number:
// a public one, since libp2p treats private ones in ways of its own.
func identify(seed uint64, node int32, over scenarios.Transport) (identity, error) {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], seed)
	binary.BigEndian.PutUint64(b[8:], uint64(node))
	s := sha256.Sum256(append(b[:], "host"...))
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(s[:]))
	if err != nil {
		return identity{}, err
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return identity{}, err
	}
	who := identity{key: key, id: id, node: node, over: over}
	n := node + 1
	who.settle([4]byte{1, byte(n >> 16), byte(n >> 8), byte(n)})
	return who, nil
}

func (i *identity) settle(ip [4]byte) {
	i.at = netip.AddrPortFrom(netip.AddrFrom4(ip), port)
	i.addrs = i.addrsOf(i.at.Addr())
}

// addrsOf is how libp2p writes an address of the host.
func (i *identity) addrsOf(ip netip.Addr) []ma.Multiaddr {
	format := "/ip4/%v/udp/%d/quic-v1"
	if i.over == scenarios.TCP {
		format = "/ip4/%v/tcp/%d"
	}
	return []ma.Multiaddr{ma.StringCast(fmt.Sprintf(format, ip, port))}
}

// homes is how many addresses a node may have had: the first bytes from 1 to
// homes are public.
const homes = 9

// elsewhere is an address that the node has not had of late.
func (i *identity) elsewhere() netip.Addr {
	ip := i.at.Addr().As4()
	i.moves++
	ip[0] = byte(i.moves%homes) + 1
	return netip.AddrFrom4(ip)
}

// Limits of one host, set on purpose: libp2p's own are those of a machine of
// unknown size among strangers, and would refuse the crowd of a live stream.
const (
	peerConns   = 4   // both may dial at the same time, and dial again before an old connection is known to be dead
	peerStreams = 256 // as many as a QUIC connection of libp2p opens
)

// limits are those of a host among that many.
func limits(hosts int) rcmgr.ConcreteLimitConfig {
	conns := rcmgr.LimitVal(peerConns * hosts)
	all := rcmgr.ResourceLimits{
		Conns: conns, ConnsInbound: conns, ConnsOutbound: conns, FD: rcmgr.Unlimited, Memory: rcmgr.Unlimited64,
		Streams: rcmgr.Unlimited, StreamsInbound: rcmgr.Unlimited, StreamsOutbound: rcmgr.Unlimited,
	}
	one := rcmgr.ResourceLimits{
		Conns: peerConns, ConnsInbound: peerConns, ConnsOutbound: peerConns, FD: rcmgr.Unlimited, Memory: rcmgr.Unlimited64,
		Streams: 2 * peerStreams, StreamsInbound: peerStreams, StreamsOutbound: peerStreams,
	}
	return rcmgr.PartialLimitConfig{System: all, Transient: all, PeerDefault: one}.Build(rcmgr.InfiniteLimits)
}

// A peerHost is a host with what is under it. It is put together by hand, which
// leaves out what libp2p.New would build and hold for each of a thousand hosts:
// autonat, ping, relays, metrics, and the container that injects all that.
type peerHost struct {
	*basichost.BasicHost
	under io.Closer // its transport's
}

// Close ends the host, then its sockets.
func (h *peerHost) Close() error { return errors.Join(h.BasicHost.Close(), h.under.Close()) }

// A plug connects a host to the fabric: it makes its transport, and what must
// be closed after it.
type plug func(*identity, network.ResourceManager) (transport.Transport, io.Closer, error)

// overQUIC is QUIC on the socket that attach opens.
func overQUIC(attach func() (net.PacketConn, error)) plug {
	return func(who *identity, resources network.ResourceManager) (transport.Transport, io.Closer, error) {
		manager, err := quicreuse.NewConnManager(quic.StatelessResetKey(who.secret("reset")), quic.TokenGeneratorKey(who.secret("token")), sockets(attach, who.at)...)
		if err != nil {
			return nil, nil, err
		}
		t, err := libp2pquic.NewTransport(who.key, manager, nil, nil, resources)
		return t, manager, err
	}
}

// open makes a host that listens where it is plugged in.
func open(plug plug, who *identity, hosts int) (host.Host, error) {
	resources, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits(hosts)), rcmgr.WithMetricsDisabled(),
		rcmgr.WithConnRateLimiters(&rate.Limiter{})) // who was cut off may dial again and again
	if err != nil {
		return nil, err
	}
	events := eventbus.NewBus()
	conns, err := newSwarm(who, events, resources)
	if err != nil {
		return nil, err
	}
	carries, under, err := plug(who, resources)
	if err != nil {
		return nil, err
	}
	if err := conns.AddTransport(carries); err != nil {
		return nil, err
	}
	basic, err := basichost.NewHost(conns, &basichost.HostOpts{
		EventBus:                events,
		ConnManager:             connmgr.NullConnMgr{}, // nobody is cut off for being one too many
		DisableSignedPeerRecord: true,                  // addresses are known from the start
		AddrsFactory:            func([]ma.Multiaddr) []ma.Multiaddr { return who.addrs },
	})
	if err != nil {
		return nil, err
	}
	h := &peerHost{basic, under}
	basic.Start()
	if err := conns.Listen(who.addrsOf(who.at.Addr())...); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// newSwarm makes the connections of a host.
func newSwarm(who *identity, events bus.Bus, resources network.ResourceManager) (*swarm.Swarm, error) {
	book, err := pstoremem.NewPeerstore()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(book.AddPrivKey(who.id, who.key), book.AddPubKey(who.id, who.key.GetPublic())); err != nil {
		return nil, err
	}
	return swarm.NewSwarm(who.id, book, events, swarm.WithResourceManager(resources),
		swarm.WithUDPBlackHoleSuccessCounter(nil), // a crowd that leaves is no black hole
		swarm.WithIPv6BlackHoleSuccessCounter(nil))
}

// secret derives a key for one purpose from that of the node, so that a host
// that starts again can tell its peers that it has forgotten them.
func (i *identity) secret(purpose string) [32]byte {
	raw, err := i.key.Raw()
	if err != nil {
		panic(err) // a key in memory
	}
	return sha256.Sum256(append(raw, purpose...))
}

// sockets makes QUIC use the fabric's sockets, and no routing table of the machine.
func sockets(attach func() (net.PacketConn, error), at netip.AddrPort) []quicreuse.Option {
	return []quicreuse.Option{
		quicreuse.OverrideListenUDP(func(_ string, _ *net.UDPAddr) (net.PacketConn, error) { return attach() }),
		quicreuse.OverrideSourceIPSelector(func() (quicreuse.SourceIPSelector, error) { return source(at.Addr().AsSlice()), nil }),
	}
}

// A source is the only address that a node sends from.
type source net.IP

// PreferredSourceIPForDestination is the node's address.
func (s source) PreferredSourceIPForDestination(*net.UDPAddr) (net.IP, error) { return net.IP(s), nil }
