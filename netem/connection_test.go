package netem

import (
	"testing"
	"time"
)

// Two nodes in Europe, 30 ms apart there and back, on links that hold a window.
func twoHosts(t *testing.T) *Network {
	t.Helper()
	near := access(100*mbit, 100*mbit)
	near.Region = 2
	far := near
	far.Region = 7
	return network(t, Config{Startup: true}, near, far, near)
}

func TestFirstMessageWaitsForHandshake(t *testing.T) {
	n := twoHosts(t)
	rtt := n.RTT(0, 1)
	send := func(now time.Duration, from, to int32) time.Duration {
		at, ok := n.SendControl(now, from, to, 100, 0)
		if !ok {
			t.Fatal("a node is dark")
		}
		return (at - now - n.OneWay(from, to) - n.serial(from, to, 100)).Round(us)
	}
	if got := send(0, 0, 1); got != handshake*rtt {
		t.Errorf("the first message waits %v, want two round trips of %v", got, rtt)
	}
	if got := send(rtt, 1, 0); got != rtt {
		t.Errorf("half way through the handshake an answer waits %v, want %v", got, rtt)
	}
	if got := send(3*rtt, 0, 1); got != 0 {
		t.Errorf("on a connection a message waits %v", got)
	}
	if got := send(3*rtt, 2, 1); got != handshake*rtt {
		t.Errorf("a stranger's first message waits %v", got)
	}
	idle := 3*rtt + keep
	if got := send(idle, 0, 1); got != handshake*rtt {
		t.Errorf("after %v without a word a message waits %v", keep, got)
	}
	n.SetDown(idle+10*rtt, 1, true, func(uint64) {})
	n.SetDown(idle+11*rtt, 1, false, nil)
	if got := send(idle+12*rtt, 0, 1); got != handshake*rtt {
		t.Errorf("to a node that was dark a message waits %v", got)
	}
	dark := idle + 20*rtt
	send(dark, 0, 1)
	n.SetDown(dark, 1, true, func(uint64) {})
	n.SetDown(dark+us, 1, false, nil) // in the same tick
	for i, want := range []time.Duration{handshake * rtt, handshake*rtt - us} {
		if got := send(dark+us*time.Duration(i+1), 0, 1); got != want {
			t.Errorf("message %d to a node that was dark for a moment waits %v, want %v", i, got, want)
		}
	}
}

// The window of a connection outlives the transfer, each way by itself.
func TestWindowIsRemembered(t *testing.T) {
	n := twoHosts(t)
	took := func(from, to int32) time.Duration {
		start := n.now
		n.SendBulk(start, from, to, 400_000, 0, 0)
		at, _ := n.Next()
		var arrives time.Duration
		n.Advance(at, func(a Arrival) { arrives = a.At })
		n.Advance(arrives, nil)
		return arrives - start
	}
	took(0, 1)
	first, second := took(1, 0), took(1, 0)
	if again := took(0, 1); again != second {
		t.Errorf("the second transfer takes %v one way and %v the other", again, second)
	}
	if rtt := n.RTT(0, 1); first-second < rtt || second < n.OneWay(1, 0)+32*ms {
		t.Errorf("the first transfer on a connection takes %v and the second %v: want a round trip of %v or more between them", first, second, rtt)
	}
}
