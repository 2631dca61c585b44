package packet

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

// QUIC fills a link: the thresholds for bulk goodput are those of the shadow
// simulator (src/test/tgen/fixed_duration), here of what the link carries in
// the payload of full packets, from the request to the end of the time.
func TestBulkGoodput(t *testing.T) {
	for _, tt := range []struct {
		rate   unit.Rate
		rtt    time.Duration
		last   time.Duration
		filled float64
	}{
		{1 * mbit, 300 * ms, 60 * time.Second, 0.70},
		{10 * mbit, 200 * ms, 60 * time.Second, 0.88},
		{100 * mbit, 100 * ms, 12 * time.Second, 0.92},
		{1000 * mbit, 10 * ms, 3 * time.Second, 0.96},
	} {
		class := netem.Class{Up: tt.rate, Down: tt.rate, Latency: tt.rtt/4 - 5*ms} // 10 ms of the round trip are there anyway
		got := download(t, class, Default(), tt.last)
		const payload = 1221.0 / 1280 // of a packet: what headers of IP, UDP, QUIC and the stream leave
		filled := float64(got) * 8 / tt.last.Seconds() / float64(tt.rate) / payload
		t.Logf("%v, %v: %.1f %%", tt.rate, tt.rtt, 100*filled)
		if filled < tt.filled || filled > 1 {
			t.Errorf("%v, %v: fills %.1f %% of the link, want %v %%", tt.rate, tt.rtt, 100*filled, 100*tt.filled)
		}
	}
}

// download is how many bytes one node gets from another in a time.
func download(t *testing.T, class netem.Class, cfg Config, last time.Duration) (n int64) {
	synctest.Test(t, func(t *testing.T) {
		f := New(line(t, 2, class), cfg, draws(1))
		c := attach(t, f, 2)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			sender := &quic.Transport{Conn: c[0]}
			receiver := &quic.Transport{Conn: c[1]}
			defer sender.Close()
			defer receiver.Close()
			listener, err := sender.Listen(certificate(t), nil)
			if err != nil {
				t.Error(err)
				return
			}
			go send(ctx, listener)
			trust := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"test"}}
			conn, err := receiver.Dial(ctx, c[0].LocalAddr(), trust, large)
			if err != nil {
				t.Error(err)
				return
			}
			stream, err := conn.OpenStreamSync(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			stream.Write([]byte{1})
			stream.SetReadDeadline(time.Now().Add(last))
			n, _ = io.Copy(io.Discard, stream)
			conn.CloseWithError(0, "")
		}()
		if err := f.Run(ctx, synctest.Wait, nil); err != context.Canceled {
			t.Error(err)
		}
		tally := f.Tally()
		if err := tally.Check(); err != nil {
			t.Error(err)
		}
		for _, conn := range c {
			conn.Close()
		}
	})
	return n
}

// send answers one stream with bytes until nobody wants them.
func send(ctx context.Context, listener *quic.Listener) {
	conn, err := listener.Accept(ctx)
	if err != nil {
		return
	}
	stream, err := conn.AcceptStream(ctx)
	if err != nil {
		return
	}
	for data := make([]byte, 1<<16); err == nil; {
		_, err = stream.Write(data)
	}
}

// large are receive windows that never hold up a sender: whether QUIC grows
// them in time is not asked here.
var large = &quic.Config{InitialStreamReceiveWindow: 64 << 20, MaxStreamReceiveWindow: 64 << 20,
	InitialConnectionReceiveWindow: 64 << 20, MaxConnectionReceiveWindow: 64 << 20}

// certificate is one that nobody checks.
func certificate(t *testing.T) *tls.Config {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: private}}, NextProtos: []string{"test"}}
}
