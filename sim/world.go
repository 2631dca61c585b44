package sim

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
	"kinetoscope/protocol"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
	"kinetoscope/scenarios"
	"kinetoscope/sim/attack"
	"kinetoscope/sim/qoe"
)

// A world is one run: nodes, network, chain, and what has been counted.
type world struct {
	scenario scenarios.Scenario
	seed     uint64
	end      time.Duration // of the stream
	limit    int           // of waiting events
	ladder   *media.Ladder

	stream    *protocol.Stream
	nodes     []protocol.Node
	publisher *protocol.Publisher
	collector *payment.Collector
	chooser   abr.Chooser // of all viewers
	providers []*protocol.Provider
	edges     []*protocol.Edge
	brokers   []*payment.Broker           // of hubs
	wallets   map[payment.Account]*wallet // of hubs; looked up, never walked
	topology  *netem.Topology
	net       Carrier
	crew      *attack.Crew      // nil if there are neither attacks nor storage deals
	dealers   []dealer          // providers with storage deals; nil if there are none
	chain     Chain             // nil if the method needs none
	rollup    *ledger.Rollup    // the chain, if that has two layers
	payees    []payment.Account // in the order of payment.Config.Payees

	now          time.Duration
	alarm        time.Duration // when actors want to act next
	queue        queue
	sight        foresight
	seer         foreseer // the network, if it can be told; else nil
	parcels      []parcel
	free         []int32
	incoming     []int32 // of each node: the newest bulk message under way to it that its sender may cancel, plus one
	alarms       []alarm // of each node: the one timer that counts, if it said so
	in           protocol.Input
	stepped      protocol.NodeID // who is told it
	out          protocol.Output
	msg          protocol.Message
	letter       Letter
	voucher      payment.Voucher
	vouchers     []payment.Voucher // of the parcels under way
	freeVouchers []int32
	news         []News
	tell         func(*News) // adds to news
	coming       func(protocol.NodeID) bool
	aborted      []int32
	receipts     []payment.Receipt
	collecting   bool
	darkness     [][]protocol.NodeID // whom each fault takes
	dark         []int32             // how many faults hold each node
	absent       []protocol.NodeID   // edges that were dark, or cut off from the publisher, when payments were handed in
	lastDown     time.Duration       // when collecting last waited for one

	tally
	stored
	upset
	shifting
	catalogued
	customs
	visits int // sessions of viewers
	drawn  *drawn
	estate
	supply
	sound    [protocol.MaxRenditions][soundSlots]sound
	logs     []qoe.Log                             // of each viewer; nil: nobody asks
	life     *chronicle                            // of one node; nil: nobody asks
	sabotage func(*world)                          // a test breaks something here, at every sample
	watch    func(protocol.NodeID, *protocol.Fact) // a test sees every fact of a viewer here
}

// Fixed places in the list of nodes: the directory and the publisher come
// first, then providers, edges and viewers.
const (
	directoryID protocol.NodeID = iota
	publisherID
	firstProvider
)

func newWorld(engine Engine, s scenarios.Scenario, ladder *media.Ladder, seed uint64) (*world, error) {
	w := &world{scenario: s, seed: seed, end: s.Duration, ladder: ladder,
		tally: tally{closed: map[payment.Account]unit.Wei{}, skimped: map[payment.Account]unit.Wei{}, locked: new(big.Int), unlocked: new(big.Int), fees: new(big.Int), lost: map[placed]bool{}}, stored: stored{surprise: -1}, upset: newUpset(len(s.Faults))}
	if err := fits(ladder); err != nil {
		return nil, err
	}
	visits, drawn := visits(s.Population, s.Duration, s.Live.Delay, seed)
	visits = drawn.retries(visits, &s.Habits, seed)
	w.visits, w.drawn = len(visits), drawn
	if s.Habits.Jumps() {
		w.habits = make([]habit, len(visits))
	}
	ends, err := w.places(visits)
	if err != nil {
		return nil, err
	}
	w.supply = newSupply(len(ends))
	w.incoming = make([]int32, len(ends))
	if err := w.agree(ladder, ends); err != nil {
		return nil, err
	}
	draw := func(purpose string, entity uint64) *rand.Rand { return stream(seed, purpose, entity) }
	if w.topology, err = netem.NewTopology(s.Network, ends, draw); err != nil {
		return nil, err
	}
	if w.net, err = engine(&Site{w.topology, s.Packets, seed, w.stream, draw}); err != nil {
		return nil, err
	}
	if w.seer, _ = w.net.(foreseer); w.seer != nil && len(ends) >= manyNodes {
		w.seer.ForeseeEnds(w.foreseeEnd)
	}
	w.shelve(ladder, len(visits))
	if err := w.openChain(len(ends), ladder); err != nil {
		return nil, err
	}
	if err := w.populate(ladder, visits); err != nil {
		return nil, err
	}
	if err := w.spoil(ladder); err != nil {
		return nil, err
	}
	w.coming = w.underWay
	w.tell = func(n *News) { w.news = append(w.news, *n) }
	w.schedule(visits)
	return w, nil
}

// places says where every node is and how it is connected, and fills in the
// stream's list of roles.
func (w *world) places(visits []visit) ([]netem.Endpoint, error) {
	s := w.scenario
	st := &protocol.Stream{Publisher: publisherID, Directory: directoryID}
	w.stream = st
	var ends []netem.Endpoint
	var key uint32                          // of the next, which does not depend on how many there are in other roles
	found := map[[2]string]netem.Endpoint{} // by region and class
	put := func(region, class string, up unit.Rate) (id protocol.NodeID, err error) {
		e, known := found[[2]string{region, class}]
		if !known {
			if e.Region, err = netem.Region(region); err != nil {
				return 0, err
			}
			if e.Class, err = s.Network.Class(class); err != nil {
				return 0, err
			}
			found[[2]string{region, class}] = e
		}
		e.Up, e.Key = up, key
		ends = append(ends, e)
		key++
		st.Region = append(st.Region, uint8(e.Region))
		return protocol.NodeID(len(ends) - 1), nil
	}
	if _, err := put(s.Publisher.Region, datacenter, 0); err != nil { // the directory stands beside the publisher
		return nil, err
	}
	if _, err := put(s.Publisher.Region, datacenter, s.Publisher.Up); err != nil {
		return nil, err
	}
	fleet := func(f scenarios.Fleet) (ids []protocol.NodeID, err error) {
		for i := range f.Count {
			id, err := put(f.RegionOf(i), datacenter, f.Up)
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, nil
	}
	var err error
	if s.Publisher.To == scenarios.ToProviders {
		key = keysOf * uint32(roleProvider)
		if st.Providers, err = fleet(s.Providers); err != nil {
			return nil, err
		}
	}
	key = keysOf * uint32(roleEdge)
	if st.Edges, err = fleet(s.Edges.Fleet()); err != nil {
		return nil, err
	}
	if len(st.Providers) > 0 {
		if st.Spots, err = Spots(s.Providers, w.seed); err != nil {
			return nil, err
		}
	}
	key = keysOf * uint32(roleViewer)
	for _, v := range visits {
		if _, err := put(s.Population.Regions[v.region].Name, s.Population.Classes[v.class].Name, 0); err != nil {
			return nil, err
		}
	}
	if s.Payment.Needs().Virtual { // last, so that nobody else is another number
		key = keysOf * uint32(roles)
		if err := placeHubs(st, s.Payment.Hub, put); err != nil {
			return nil, err
		}
	}
	return ends, nil
}

// placeHubs puts every tier of hubs, in turn in the regions that they may stand in.
func placeHubs(st *protocol.Stream, h payment.HubConfig, put func(region, class string, up unit.Rate) (protocol.NodeID, error)) error {
	for t := range h.Hops {
		st.Hubs = append(st.Hubs, nil)
		for i := range h.Count {
			id, err := put(h.Regions[(i+t)%len(h.Regions)], datacenter, 0)
			if err != nil {
				return err
			}
			st.Hubs[t] = append(st.Hubs[t], id)
		}
	}
	return nil
}

// keysOf is how many keys each role has, more than a run has nodes.
const keysOf = 1 << 24

// datacenter is the access class of machines in data centres.
const datacenter = "datacenter"

// agree fills in what all nodes know of the stream.
func (w *world) agree(ladder *media.Ladder, ends []netem.Endpoint) error {
	s, st := w.scenario, w.stream
	key := publisherKey(w.seed)
	st.ID = binary.BigEndian.Uint64(key.Public().(ed25519.PublicKey))
	st.Key = key.Public().(ed25519.PublicKey)
	for _, r := range ladder.Renditions {
		st.Rates = append(st.Rates, r.Bitrate)
	}
	w.rungs = qoe.NewLadder(st.Rates)
	for _, g := range ladder.Renditions[0].Segments {
		st.Slots = append(st.Slots, g.Duration)
	}
	st.PerHour = s.PricePerHour()
	st.Swarm, st.Player, st.Payment, st.Storage, st.CPU = s.Swarm, s.Player, s.Payment, s.Storage, s.CPU
	st.Tokens, st.Host, st.Protection = s.Token, s.Publisher.Host(), s.Protection
	st.Ready, st.Service = s.Live.Ready, s.Edges.Service()
	if s.Publisher.To == scenarios.ToProviders {
		var err error
		if st.Coder, err = storage.New(s.Storage); err != nil {
			return err
		}
	}
	for a := range netem.Regions() {
		st.Distance = append(st.Distance, nil)
		for b := range netem.Regions() {
			st.Distance[a] = append(st.Distance[a], netem.RegionLatency(a, b))
		}
	}
	w.limit = eventsPerNode * len(ends)
	for _, r := range ladder.Renditions {
		closed := make([]bool, len(r.Segments))
		for i, g := range r.Segments {
			closed[i] = g.Independent()
		}
		st.Closed = append(st.Closed, closed)
	}
	if err := st.Prepare(); err != nil {
		return err
	}
	st.Terms.Signed = s.Payment.SignsFor(w.visits)
	return nil
}

// openChain makes the chain with an account for every node, every payee and
// the creator. The account of a node has the node's number.
func (w *world) openChain(nodes int, ladder *media.Ladder) error {
	s := w.scenario
	for i := range s.Payment.Payees() {
		w.payees = append(w.payees, payment.Account(nodes+i))
	}
	if s.Payment.Needs().Chain == payment.Nowhere {
		w.license()
		return nil
	}
	if s.Payment.Needs().Chain == payment.OnL2 {
		w.scenario.Ledger.Rollup.On = true
	}
	w.content = contentOf(ladder)
	var payees []ledger.Payee
	for _, h := range w.holdings(0) {
		payees = append(payees, ledger.Payee{Account: h.Payee, BPS: h.BPS})
	}
	for i := range len(s.Payment.Sales) + 1 {
		w.owners = append(w.owners, payment.Account(nodes+len(w.payees)+i))
	}
	first, actors := nodes+len(w.payees)+len(w.owners), attack.Accounts(s.Attacks)+w.dealing()
	if err := w.found(ledger.Genesis{Accounts: first + actors, Actors: actors, Balance: w.purse(),
		Creator: w.owners[0], Buyers: w.rich(), Collector: payment.Account(publisherID), Payees: payees,
		ContentID: w.content, RoyaltyBPS: 10_000, Contracts: w.contracts()}); err != nil {
		return err
	}
	on := w.stream.Terms
	on.Signer, on.Notary, on.Collector = w.chain.Signer(), w.chain.Notary(), payment.Account(publisherID)
	on.Recipients, on.Entry, on.GasFee = w.recipients(), w.entry, w.gasFee
	for _, r := range w.chain.Stand(slices.Concat(w.bridge(), w.standing(nodes), w.register(nodes))) {
		w.booked(&r)
	}
	w.license()
	w.conspire(payment.Account(first))
	return nil
}

// contracts is what a method needs besides channels and split.
var contracts = [...][]ledger.Contract{payment.NoContract: nil, payment.TicketContract: {ledger.Tickets}, payment.WordContract: {ledger.HashChain},
	payment.PoolContract: {ledger.ReservePool}, payment.HubContract: {ledger.VirtualChannels}}

// contentOf names the asset: a hash over the content ids of its lowest
// rendition.
func contentOf(l *media.Ladder) [32]byte {
	h := sha256.New()
	for _, g := range l.Renditions[0].Segments {
		id := token.NewPayload(g.Payload).ID()
		h.Write(id[:])
	}
	return [32]byte(h.Sum(nil))
}

// populate makes the nodes.
func (w *world) populate(ladder *media.Ladder, visits []visit) error {
	s, st := w.scenario, w.stream
	w.collector = payment.NewCollector(st.Terms, payment.Account(publisherID), w.payees)
	w.publisher = protocol.NewPublisher(st, publisherKey(w.seed), pieces(ladder, s.Video.Fallback), s.Duration, w.collector)
	w.nodes = append(w.nodes, protocol.NewDirectory(st, stream(w.seed, "directory", 0)), w.publisher)
	for _, id := range st.Providers {
		p := protocol.NewProvider(st, id)
		w.providers = append(w.providers, p)
		w.nodes = append(w.nodes, p)
	}
	for _, id := range st.Edges {
		e := protocol.NewEdge(st, id)
		if stream(w.seed, "idle", uint64(len(w.edges))).Float64() < float64(s.Edges.Liars) {
			e.Pretend()
		}
		w.edges = append(w.edges, e)
		w.nodes = append(w.nodes, e)
	}
	var err error
	if w.chooser, err = abr.New(s.Player, st.Rates); err != nil {
		return err
	}
	w.viewers = make([]visitor, len(visits))
	if s.Ledger.Reorgs.Rate > 0 || w.rollup != nil {
		w.covers = make([]cover, len(visits))
	}
	if st.Licensed != nil {
		w.licensed = make([]time.Duration, len(visits))
	}
	w.dark, w.lying, w.dropped = make([]int32, int(w.viewerID(len(visits)))+len(w.brokers)), make([]int, w.viewerID(0)), make([]bool, w.viewerID(0))
	w.alarms = silent(len(w.nodes) + len(visits) + len(w.brokers))
	w.nodes = slices.Grow(w.nodes, len(visits)+len(w.brokers))
	for i, v := range visits {
		w.nodes = append(w.nodes, absent{})
		w.viewers[i] = visitor{visit: v}
	}
	w.connect()
	return nil
}

// schedule puts what is known in advance into the queue.
func (w *world) schedule(visits []visit) {
	for id := range w.nodes[:w.viewerID(0)] {
		w.push(0, toStart, protocol.NodeID(id), 0)
		w.uplink(protocol.NodeID(id))
	}
	for i, v := range visits {
		w.place(w.viewerID(i), Away)
		if v.join < w.end && !v.is(spare) {
			w.expect(i)
		}
	}
	w.nextTurn()
	for i, f := range w.scenario.Faults {
		w.darkness = append(w.darkness, w.victims(i, f))
		w.planned = w.planned || f.Of == scenarios.OfProviders
		if f.Kind.OfMedia() {
			continue
		}
		w.push(f.At, toDarken, 0, uint64(i))
		w.push(f.At+f.For, toRelight, 0, uint64(i))
	}
	if w.crew != nil {
		w.push(0, toAct, 0, 0)
	}
	for i, s := range w.scenario.Payment.Sales {
		w.push(s.At, toSell, 0, uint64(i))
	}
	w.bucket = (w.end/maxBuckets + time.Second - 1).Truncate(time.Second)
	w.extend()
	w.open()
	w.push(w.end, toEnd, 0, 0)
}

func (w *world) viewerID(i int) protocol.NodeID {
	return firstProvider + protocol.NodeID(len(w.providers)+len(w.edges)+i)
}

// visitor is the record of a viewer, or nil for other nodes.
func (w *world) visitor(id protocol.NodeID) *visitor {
	if first := w.viewerID(0); id >= first && int(id-first) < len(w.viewers) {
		return &w.viewers[id-first]
	}
	return nil
}

// fits makes sure that a video suits a stream.
func fits(l *media.Ladder) error {
	if n := len(l.Renditions); n == 0 || n > protocol.MaxRenditions {
		return fmt.Errorf("video %q has %d renditions: a stream has 1 to %d", l.Title, n, protocol.MaxRenditions)
	}
	for _, r := range l.Renditions {
		for i, g := range r.Segments {
			if n := len(g.Payload); n == 0 || n > token.MaxSize || g.Duration <= 0 || g.Duration > token.MaxDuration {
				return fmt.Errorf("video %q: segment %d of %s has %v and lasts %v: a token holds 1B to %v and up to %v",
					l.Title, i, r.Name, unit.Size(n), g.Duration, unit.Size(token.MaxSize), token.MaxDuration)
			}
		}
	}
	return nil
}
