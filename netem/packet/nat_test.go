package packet

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/netem"
)

// a neighbourhood is two homes behind NATs and a server whom both know.
type neighbourhood struct {
	t        *testing.T
	f        *Fabric
	a, b, s  *Conn
	received map[*Conn][]netip.AddrPort // from whom
}

func open(t *testing.T, a, b NAT) *neighbourhood {
	f := New(line(t, 3, netem.Class{Up: 100 * mbit, Down: 100 * mbit}), Default(), draws(1))
	n := &neighbourhood{t: t, f: f, received: map[*Conn][]netip.AddrPort{}}
	for id, nat := range []NAT{a, b} {
		if err := f.Masquerade(int32(id), netip.AddrFrom4([4]byte{203, 0, 113, byte(id)}), nat); err != nil {
			t.Fatal(err)
		}
	}
	c := attach(t, f, 3)
	n.a, n.b, n.s = c[0], c[1], c[2]
	f.Tap = func(e Event) {
		if e.Kind == Delivered {
			n.received[c[e.Dst]] = append(n.received[c[e.Dst]], e.From)
		}
	}
	return n
}

func (n *neighbourhood) send(from *Conn, to netip.AddrPort) {
	n.t.Helper()
	if _, err := from.WriteTo([]byte("hello"), net.UDPAddrFromAddrPort(to)); err != nil {
		n.t.Error(err)
	}
}

// wait lets everything arrive.
func (n *neighbourhood) wait(d time.Duration) { run(n.t, n.f, n.f.Now()+d) }

// seen is the address from which a socket's packets reach the server.
func (n *neighbourhood) seen(c *Conn) netip.AddrPort {
	n.send(c, n.s.at)
	n.wait(50 * ms)
	got := n.received[n.s]
	return got[len(got)-1]
}

// punch lets both ends send to where the server has seen the other, twice, and
// says whether each has heard the other. Each then answers what it hears.
func (n *neighbourhood) punch() bool {
	atA, atB := n.seen(n.a), n.seen(n.b)
	for range 2 {
		n.send(n.a, atB)
		n.send(n.b, atA)
		n.wait(50 * ms)
		for _, c := range []*Conn{n.a, n.b} {
			for _, from := range n.received[c] {
				n.send(c, from)
			}
		}
		n.wait(50 * ms)
	}
	return len(n.received[n.a]) > 0 && len(n.received[n.b]) > 0
}

// hears says whether the first packets of y reach x, when both send to where
// the server has seen the other: x filters nothing; or y's packets come to the
// port from which x has sent to y, and from the port to which it has.
func hears(x, y NAT) bool {
	return x.Filtering == EndpointIndependent ||
		x.Mapping == EndpointIndependent && (x.Filtering == AddressDependent || y.Mapping == EndpointIndependent)
}

// answers says whether y hears x's answer to a packet that x has heard: it
// comes from the port to which y has sent, or y does not mind ports.
func answers(x, y NAT) bool {
	return y.Filtering != AddressAndPortDependent || x.Mapping == EndpointIndependent
}

// Which NATs let holes be punched follows from their behaviours: Ford,
// Srisuresh and Kegel, "Peer-to-peer communication across network address
// translators", 2005.
func TestHolePunching(t *testing.T) {
	var nats []NAT
	for mapping := range AddressAndPortDependent + 1 {
		for filtering := range AddressAndPortDependent + 1 {
			nats = append(nats, NAT{Mapping: mapping, Filtering: filtering})
		}
	}
	worked := 0
	for _, a := range nats {
		for _, b := range nats {
			want := hears(a, b) && (hears(b, a) || answers(a, b)) || hears(b, a) && answers(b, a)
			synctest.Test(t, func(t *testing.T) {
				if got := open(t, a, b).punch(); got != want {
					t.Errorf("%+v and %+v: %v, want %v", a, b, got, want)
				}
			})
			if want {
				worked++
			}
		}
	}
	if worked != 45 {
		t.Errorf("%d of 81 pairs meet", worked)
	}
}

func TestMappings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := open(t, NAT{}, NAT{Mapping: AddressAndPortDependent})
		if got := n.seen(n.a); got != netip.MustParseAddrPort("203.0.113.0:4001") {
			t.Errorf("a is seen at %v: it keeps its port where it can", got)
		}
		first := n.seen(n.b)
		if again := n.seen(n.b); again != first {
			t.Errorf("b is seen at %v, then at %v", first, again)
		}
		other, err := n.f.Attach(2, netip.AddrPortFrom(n.s.at.Addr(), 99))
		if err != nil {
			t.Fatal(err)
		}
		n.send(n.b, other.at)
		n.wait(50 * ms)
		if got := n.received[n.s]; got[len(got)-1] == first {
			t.Errorf("b is seen at %v from two ports", first)
		}
		// Mappings end when nothing is sent for two minutes, and only then.
		for range 3 {
			n.wait(time.Minute + 59*time.Second)
			n.send(n.b, n.s.at)
			n.wait(50 * ms)
		}
		if got := n.received[n.s]; got[len(got)-1] != first {
			t.Errorf("b is seen at %v after being idle for less than the limit", got[len(got)-1])
		}
		n.wait(2*time.Minute + time.Second)
		n.send(n.s, first)
		n.wait(50 * ms)
		if len(n.received[n.b]) != 0 || n.f.Tally().Packets[NoRoute] != 1 {
			t.Errorf("what is sent to a mapping that has ended: %+v", n.f.Tally())
		}
		if again := n.seen(n.b); again == first {
			t.Errorf("b gets %v again", first)
		}
	})
}

// Two nodes behind one NAT reach each other inside, and by the outer address;
// nobody outside reaches an inner address.
func TestSharedNAT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := open(t, NAT{}, NAT{})
		if err := n.f.Masquerade(1, netip.MustParseAddr("203.0.113.0"), NAT{}); err != nil {
			t.Fatal(err)
		}
		a, b := n.seen(n.a), n.seen(n.b)
		if a.Addr() != b.Addr() || a.Port() == b.Port() {
			t.Errorf("seen at %v and %v", a, b)
		}
		n.send(n.a, n.b.at)
		n.send(n.b, a)
		n.send(n.s, n.a.at)
		n.wait(100 * ms)
		if got, want := fmt.Sprint(n.received[n.b], n.received[n.a]), fmt.Sprint([]netip.AddrPort{n.a.at}, []netip.AddrPort{b}); got != want {
			t.Errorf("received from %s, want %s", got, want)
		}
		if got := n.f.Tally(); got.Packets[NoRoute] != 1 {
			t.Errorf("%+v", got)
		}
		for _, tt := range []struct{ err, want string }{
			{fmt.Sprint(n.f.Masquerade(0, n.s.at.Addr(), NAT{})), "packet: a NAT cannot have the address 198.51.0.2: it is that of node 2"},
			{fmt.Sprint(n.f.Move(2, n.s.at.Addr(), a.Addr())), "packet: node 2 cannot have the address 203.0.113.0: it is that of a NAT"},
		} {
			if tt.err != tt.want {
				t.Errorf("%s, want %s", tt.err, tt.want)
			}
		}
	})
}

// When all ports of a NAT are lent, the next socket gets none until one is
// idle for too long.
func TestPortsRunOut(t *testing.T) {
	b := &box{NAT: NAT{Mapping: AddressAndPortDependent}, mappings: map[socketPair]*mapping{}, ports: map[uint16]*mapping{}}
	for port := 1024; port < 1<<16; port++ {
		b.ports[uint16(port)] = &mapping{until: natIdle + time.Second}
	}
	b.ports[5000].until = natIdle
	p := &parcel{from: address(1), to: address(2)}
	if b.translate(natIdle, p) {
		t.Errorf("one mapping too many: %v", p.from)
	}
	if !b.translate(natIdle+1, p) || p.from.Port() != 5000 {
		t.Errorf("got %v, want the idle port", p.from)
	}
}

// Over a relay, ends hear each other that no hole can be punched between, and an
// answer goes to where a packet came from. Who has no address at the relay
// comes out of its own NAT.
func TestRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		symmetric := NAT{Mapping: AddressAndPortDependent, Filtering: AddressAndPortDependent}
		n := open(t, symmetric, symmetric)
		if n.punch() {
			t.Fatal("a hole was punched between symmetric NATs")
		}
		at := func(i byte) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, i}) }
		for i := range int32(2) {
			if err := n.f.Relay(i, at(byte(i))); err != nil {
				t.Fatal(err)
			}
		}
		port := func(c *Conn, i byte) netip.AddrPort { return netip.AddrPortFrom(at(i), c.at.Port()) }
		n.send(n.a, port(n.b, 1))
		n.wait(50 * ms)
		got := n.received[n.b]
		if len(got) != 1 || got[0] != port(n.a, 0) {
			t.Fatalf("b has heard of %v", got)
		}
		n.send(n.b, got[0])
		n.send(n.s, port(n.a, 0))
		n.wait(50 * ms)
		if got := n.received[n.a]; len(got) != 2 || got[0] != port(n.b, 1) || got[1] != n.s.at {
			t.Errorf("a has heard of %v", got)
		}
		if err := n.f.Relay(2, at(0)); err == nil {
			t.Error("two nodes have an address at the relay")
		}
		if _, err := n.f.Attach(2, netip.AddrPortFrom(at(0), 1)); err == nil {
			t.Error("a node has another's address at the relay")
		}
	})
}
