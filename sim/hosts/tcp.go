package hosts

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"kinetoscope/netem/packet"
)

// A tcpTransport is libp2p's TCP transport on the fabric's TCP: Noise and Yamux
// are libp2p's own.
type tcpTransport struct {
	transport.Upgrader
	resources network.ResourceManager
	listen    func(netip.AddrPort) (*packet.Listener, error)
	listener  *packet.Listener
	dials     func(to peer.ID, port uint16) // hears of every dial, and from which port
}

var _ transport.Transport = &tcpTransport{}

// overTCP is TCP with the listener that listen opens.
func overTCP(listen func(netip.AddrPort) (*packet.Listener, error), dials func(to peer.ID, port uint16)) plug {
	return func(who *identity, resources network.ResourceManager) (transport.Transport, io.Closer, error) {
		muxers := []upgrader.StreamMuxer{{ID: yamux.ID, Muxer: yamux.DefaultTransport}}
		secure, err := noise.New(noise.ID, who.key, muxers)
		if err != nil {
			return nil, nil, err
		}
		u, err := upgrader.New([]sec.SecureTransport{secure}, muxers, nil, resources, nil)
		if err != nil {
			return nil, nil, err
		}
		return &tcpTransport{Upgrader: u, resources: resources, listen: listen, dials: dials}, io.NopCloser(nil), nil
	}
}

// Dial opens a connection to a peer. It leaves from a port of its own: where a
// NAT is on the way, the peer hears of that port.
func (t *tcpTransport) Dial(ctx context.Context, to ma.Multiaddr, p peer.ID) (transport.CapableConn, error) {
	scope, err := t.resources.OpenConnection(network.DirOutbound, true, to)
	if err != nil {
		return nil, err
	}
	if err = scope.SetPeer(p); err != nil {
		scope.Done()
		return nil, err
	}
	conn, err := t.connect(ctx, to, p)
	if err != nil {
		scope.Done()
		return nil, err
	}
	return t.Upgrade(ctx, t, conn, network.DirOutbound, p, scope)
}

func (t *tcpTransport) connect(ctx context.Context, to ma.Multiaddr, p peer.ID) (manet.Conn, error) {
	if t.listener == nil {
		return nil, errors.New("hosts: a host dials that does not listen")
	}
	addr, err := manet.ToNetAddr(to)
	if err != nil {
		return nil, err
	}
	s, err := t.listener.Open(addr.(*net.TCPAddr).AddrPort())
	if err != nil {
		return nil, err
	}
	t.dials(p, uint16(s.LocalAddr().(*net.TCPAddr).Port))
	if err := s.Connected(ctx); err != nil {
		return nil, err
	}
	return wrap(s)
}

// wrap makes a stream one of libp2p's connections. As in libp2p it is reset
// when it is closed.
func wrap(s *packet.Stream) (manet.Conn, error) {
	if err := s.SetLinger(0); err != nil {
		return nil, err
	}
	return manet.WrapNetConn(s)
}

// CanDial says whether an address is one of TCP.
func (t *tcpTransport) CanDial(addr ma.Multiaddr) bool {
	_, err := addr.ValueForProtocol(ma.P_TCP)
	return err == nil
}

// Listen takes connections at an address. A host has one.
func (t *tcpTransport) Listen(at ma.Multiaddr) (transport.Listener, error) {
	addr, err := manet.ToNetAddr(at)
	if err != nil {
		return nil, err
	}
	if t.listener, err = t.listen(addr.(*net.TCPAddr).AddrPort()); err != nil {
		return nil, err
	}
	l, err := manet.WrapNetListener(resetting{t.listener})
	if err != nil {
		return nil, errors.Join(err, t.listener.Close())
	}
	return t.UpgradeGatedMaListener(t, t.GateMaListener(l)), nil
}

// A resetting listener takes streams that are reset when they are closed.
type resetting struct{ *packet.Listener }

// Accept waits for a stream.
func (l resetting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if s, ok := conn.(*packet.Stream); ok {
		_ = s.SetLinger(0) // it is closed already, if that fails
	}
	return conn, err
}

// Protocols is what the transport speaks.
func (t *tcpTransport) Protocols() []int { return []int{ma.P_TCP} }

// Proxy says that it reaches peers itself.
func (t *tcpTransport) Proxy() bool { return false }

// String is its name.
func (t *tcpTransport) String() string { return "TCP" }
