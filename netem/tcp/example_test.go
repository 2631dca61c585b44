package tcp_test

import (
	"fmt"

	"kinetoscope/netem/tcp"
)

// Two ends shake hands and pass on a word.
func Example() {
	cfg := tcp.Config{MSS: 1460, Receive: 1 << 20, Send: 1 << 20}
	client := tcp.Open(cfg, 100)
	var server *tcp.Machine
	var wire []tcp.Segment
	pass := func(m *tcp.Machine) {
		m.Flush(0, func(s *tcp.Segment) { wire = append(wire, *s) })
	}
	carry := func(to *tcp.Machine) {
		for _, s := range wire {
			to.Take(0, &s)
		}
		wire = nil
	}
	pass(client)
	server, wire = tcp.Accept(cfg, 200, &wire[0]), nil
	pass(server)
	carry(client)
	client.Write([]byte("hello"))
	pass(client)
	fmt.Println(len(wire), "segments from who is", client.State())
	carry(server)

	var buf [100]byte
	n, err := server.Read(buf[:])
	fmt.Printf("%q %v, %v\n", buf[:n], err, server.State())

	// Output:
	// 1 segments from who is established
	// "hello" <nil>, established
}
