package protocol_test

import (
	"fmt"
	"time"

	"kinetoscope/protocol"
)

// A provider stores a shard that the publisher sent, and answers a request for
// one that it does not hold.
func ExampleNode() {
	stream := &protocol.Stream{Publisher: 1}
	var provider protocol.Node = protocol.NewProvider(stream, 2)
	var out protocol.Output

	shard := protocol.Message{Kind: protocol.Part, Seq: 7, Rendition: 2, Shard: 3, Bytes: []byte("shard")}
	provider.Step(time.Second, &protocol.Input{Kind: protocol.Deliver, From: 1, Msg: &shard}, &out)
	fmt.Println(out.Facts[0], "->", out.Sends[0].To, out.Sends[0].Msg.Kind)

	out.Reset()
	want := protocol.Message{Kind: protocol.Want, Seq: 3, Rendition: 2, Shard: 3}
	provider.Step(2*time.Second, &protocol.Input{Kind: protocol.Deliver, From: 9, Msg: &want}, &out)
	fmt.Println("->", out.Sends[0].To, out.Sends[0].Msg.Kind)
	// Output:
	// stored 7/2: 5, 0s -> 1 keep
	// -> 9 deny
}
