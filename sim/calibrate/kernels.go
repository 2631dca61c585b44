package calibrate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// A bench has what the kernels work on: the shipped clip and a payload of the
// size of a segment of 2 s at 4 Mbit/s.
type bench struct {
	clip    []byte
	payload []byte
	secret  token.Secret
	key     ed25519.PrivateKey
	signed  []byte
	token   *token.Token
	coder   storage.Coder
	room    []byte
	signer  payment.Signer
	voucher payment.Voucher
	prove   func()        // checks that one of so many accounts has a licence
	spin    func() uint64 // runs a contract until its gas is used up, and says how much that was
}

const payloadSize = 1 << 20

// payer is the account of the bench's chain that signs vouchers; the chain's
// other accounts must exist, and do nothing.
const payer payment.Account = 3

func newBench() (*bench, error) {
	b := &bench{clip: media.Clip(), payload: make([]byte, payloadSize), key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	for i := range b.payload { // no byte is special to what is measured
		b.payload[i] = byte(i * 31)
	}
	p := token.NewPayload(b.payload)
	tokens, err := token.Sign(b.key, []token.Header{{Stream: 1, Duration: 2 * time.Second, Config: token.ConfigID{1}}}, []*token.Payload{p})
	if err != nil {
		return nil, fmt.Errorf("calibrate: %w", err)
	}
	code, id := storage.Default(), p.ID()
	code.Scheme, code.K, code.N = storage.ReedSolomon, 10, 14
	b.token, b.signed = tokens[0], ed25519.Sign(b.key, id[:])
	if b.coder, err = storage.New(code); err != nil {
		return nil, fmt.Errorf("calibrate: %w", err)
	}
	b.room = make([]byte, b.coder.Room(payloadSize))
	chain, err := ledger.New(ledger.Default(), 1, ledger.Genesis{Accounts: int(payer) + 1, Balance: 1e18, Creator: 0, Collector: 1,
		Payees: []ledger.Payee{{Account: 2, BPS: 10_000}}})
	if err != nil {
		return nil, fmt.Errorf("calibrate: %w", err)
	}
	b.signer = chain.Signer()
	b.voucher = payment.NewVoucher(b.signer.Channel(payer, 0), 1)
	b.signer.Sign(payer, &b.voucher)
	if b.prove, err = licensing(); err != nil {
		return nil, fmt.Errorf("calibrate: %w", err)
	}
	evm := ledger.NewBare(&contracts.Suite{}, 1, 1)
	loop := evm.Deploy(0, endless, nil).Created
	b.spin = func() uint64 { return evm.Call(0, loop, 0, nil).Gas }
	return b, nil
}

// licensed is how many accounts have a licence where the check of one is timed.
const licensed = 400

// licensing is the check of a proof of one licence of many.
func licensing() (check func(), err error) {
	g := ledger.Genesis{Accounts: int(payer) + licensed, Balance: 1e18, Creator: 0, Collector: 1, Payees: []ledger.Payee{{Account: 2, BPS: 10_000}},
		ContentID: [32]byte{1}, RoyaltyBPS: 10_000, Contracts: []ledger.Contract{ledger.Licences}}
	chain, err := ledger.New(ledger.Default(), 1, g)
	if err != nil {
		return nil, err
	}
	txs := []payment.Tx{{Kind: payment.Invoke, From: 0, Call: payment.SetTerms{ContentID: g.ContentID, Period: time.Hour}}}
	for i := range licensed {
		viewer := payer + payment.Account(i)
		txs = append(txs, payment.Tx{Kind: payment.Invoke, From: viewer, Call: payment.Buy{ContentID: g.ContentID, Viewers: []payment.Account{viewer}}})
	}
	for _, r := range chain.Stand(txs) {
		if !r.OK {
			return nil, fmt.Errorf("a licence cannot be had: %s", r.Reason)
		}
	}
	proof := chain.ProveLicence(g.ContentID, payer)
	return func() {
		if _, _, err := chain.CheckLicence(g.ContentID, payer, proof); err != nil {
			panic(fmt.Sprintf("calibrate: %v", err))
		}
	}, nil
}

// kernels lists what is timed, in the order of the cpu section. Headers are those
// of tokens as they are; the other encodings that a scenario may ask for take
// ten to twenty times as long, which no figure of a run shows.
func (b *bench) kernels() []kernel {
	var header []byte
	id := b.token.Payload.ID()
	public := b.key.Public().(ed25519.PublicKey)
	return []kernel{
		{key: "parse", bytes: len(b.clip), run: b.parse},
		{key: "cut", bytes: len(b.clip), run: b.cut, less: b.parse},
		{key: "hash", bytes: payloadSize, run: func() { sha256.Sum256(b.payload) }},
		{key: "node", run: func() { sha256.Sum256(b.payload[:1+2*sha256.Size]) }},
		{key: "erasure", bytes: payloadSize, run: func() { b.coder.EncodeInto(b.room, b.payload) }},
		{key: "cipher", bytes: payloadSize, run: b.seal, less: func() { token.NewPayload(b.payload) }},
		{key: "seal", run: func() { ed25519.Sign(b.key, id[:]) }},
		{key: "header", bytes: len(token.AppendHeader(nil, b.token)), run: func() { header = token.AppendHeader(header[:0], b.token) }},
		{key: "check", run: func() { ed25519.Verify(public, id[:], b.signed) }},
		{key: "voucher_sign", run: func() { b.signer.Sign(payer, &b.voucher) }},
		{key: "voucher_verify", run: func() { b.signer.Verify(payer, &b.voucher) }},
		{key: "proof", run: b.prove},
		{key: "evm", gas: b.spin(), run: func() { b.spin() }},
	}
}

// endless deploys JUMPDEST PUSH0 JUMP.
var endless = []byte{0x62, 0x5b, 0x5f, 0x56, 0x5f, 0x52, 0x60, 0x03, 0x60, 0x1d, 0xf3}

// parse finds the clip's samples.
func (b *bench) parse() {
	demux.Read(b.clip, func(m *demux.Movie) {
		for _, t := range m.Tracks {
			t.Take(len(t.Samples))
		}
	})
}

// cut finds them and cuts them into segments.
func (b *bench) cut() {
	c := media.NewCutter(2 * time.Second)
	c.Feed(b.clip)
	c.Close()
	for s, ok := c.Next(); ok; s, ok = c.Next() {
		c.Reuse(s.Payload)
	}
}

// seal encrypts the payload and names what comes of it.
func (b *bench) seal() {
	if _, _, err := token.SealPayload(&b.secret, token.Header{Stream: 1}, b.token.Payload); err != nil {
		panic(fmt.Sprintf("calibrate: %v", err))
	}
}
