package audit

import (
	"bytes"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/protocol/payment"
)

// An inboxModel is the line of forced transactions, the batches as one hash,
// and the withdrawals that they allow.
type inboxModel struct {
	forced      []modelForced
	included    int
	accumulator [32]byte
	exits       []modelExit // by batch
	leaves      []modelLeaf // all there ever were
	spent       map[[32]byte]bool
}

type modelForced struct {
	hash [32]byte
	due  uint64
}

type modelExit struct {
	leaves []modelLeaf // none if there is no root
	opens  uint64
	struck bool // out, by the guardian
}

type modelLeaf struct {
	to            payment.Account
	amount, nonce int64
}

// hash is the leaf in the tree.
func (l modelLeaf) hash(w *walk) [32]byte {
	return hashed(hashed(place(w.who[l.to]), num(l.amount), num(l.nonce)))
}

func (m *inboxModel) step(w *walk) string {
	in := w.suite.RollupInbox
	switch w.rng.IntN(12) {
	case 0, 1:
		return m.force(w)
	case 2, 3:
		w.later(pick(w, 20, 60, 900, 1800))
		return ""
	case 4:
		return m.include(w)
	case 5:
		batch, from := m.batch(w), pick(w, payee1, payee1, payee2)
		if batch < len(m.exits) {
			w.until(m.exits[batch].opens)
		}
		want := "NoRoot"
		if from != payee1 {
			want = "NotAllowed"
		} else if batch < len(m.exits) && m.exits[batch].leaves != nil && w.next() < m.exits[batch].opens {
			want = ""
		}
		return w.call(from, 0, "objectTo", in.PackObjectTo(uint64(batch)), want, func() { m.exits[batch].leaves, m.exits[batch].struck = nil, true })
	case 6, 7, 8, 9:
		return m.post(w)
	}
	return m.withdraw(w)
}

// batch is one of the newest, or the one that comes next.
func (m *inboxModel) batch(w *walk) int {
	return max(0, len(m.exits)-w.rng.IntN(9))
}

func (m *inboxModel) force(w *walk) string {
	from, value, data := pick(w, honest, stranger, rogue), w.rng.Int64N(500), make([]byte, w.rng.IntN(40))
	padded := make([]byte, (len(data)+31)/32*32)
	head := [][32]byte{place(w.who[from]), num(value), num(96), num(len(data))}
	due := w.next() + 60
	return w.call(from, value, "force", w.suite.RollupInbox.PackForce(data), "", func() {
		m.forced = append(m.forced, modelForced{crypto.Keccak256Hash(flat(head), padded), due})
	})
}

func flat(words [][32]byte) []byte {
	var all [][]byte
	for _, w := range words {
		all = append(all, bytes.Clone(w[:]))
	}
	return bytes.Join(all, nil)
}

// append is a batch that is in.
func (m *inboxModel) append(hash [32]byte, upTo int, root [32]byte, e modelExit) {
	m.accumulator = hashed(m.accumulator, hash, num(upTo), root)
	m.included = upTo
	m.exits = append(m.exits, e)
}

func (m *inboxModel) include(w *walk) string {
	if m.included < len(m.forced) {
		w.until(m.forced[m.included].due)
	}
	count, upTo, hash := w.rng.IntN(4), m.included, [32]byte{}
	for range count {
		if upTo < len(m.forced) && m.forced[upTo].due < w.next() {
			hash = hashed(hash, m.forced[upTo].hash)
			upTo++
		}
	}
	return w.call(stranger, 0, "include", w.suite.RollupInbox.PackInclude(uint64(count)), unless(upTo > m.included, "NothingDue"),
		func() { m.append(hash, upTo, [32]byte{}, modelExit{}) })
}

// post is a batch of data or of blobs, with withdrawals or without.
func (m *inboxModel) post(w *walk) string {
	in, from := w.suite.RollupInbox, pick(w, creator, creator, creator, creator, stranger)
	if m.included < len(m.forced) {
		w.until(m.forced[m.included].due)
	}
	upTo := max(0, m.included+w.rng.IntN(len(m.forced)-m.included+1)-pick(w, 0, 0, 0, 1))
	if w.rng.IntN(3) > 0 {
		upTo = len(m.forced) + pick(w, 0, 0, 0, 1)
	}
	e, root := modelExit{opens: w.next() + 3600}, [32]byte{}
	if w.rng.IntN(2) == 0 {
		e.leaves = m.draw(w)
		root, _ = tree(w, e.leaves, 0)
	}
	want := ""
	switch {
	case from != creator:
		want = "NotAllowed"
	case upTo < m.included || upTo > len(m.forced):
		want = "BadCount"
	case upTo < len(m.forced) && m.forced[upTo].due < w.next():
		want = "Censored"
	}
	if w.rng.IntN(2) == 0 {
		data := make([]byte, w.rng.IntN(4))
		if len(data) == 0 {
			want = "EmptyBatch"
		}
		return w.call(from, 0, "postData", in.PackPostData(data, uint64(upTo), root), want, func() { m.append(crypto.Keccak256Hash(data), upTo, root, e) })
	}
	count := w.rng.IntN(4)
	if count == 0 {
		return w.call(from, 0, "postBlobs", in.PackPostBlobs(uint64(upTo), root), "EmptyBatch", nil)
	}
	o, hashes := w.bare.CallBlobs(from, w.at, count, in.PackPostBlobs(uint64(upTo), root))
	hash := [32]byte(hashes[0])
	for _, h := range hashes[1:] {
		hash = hashed(hash, h)
	}
	return w.answered(o, "postBlobs", want, func() { m.append(hash, upTo, root, e) })
}

// draw is one to four withdrawals, the first now and then one that there was.
func (m *inboxModel) draw(w *walk) (leaves []modelLeaf) {
	for i := range 1 + w.rng.IntN(4) {
		l := modelLeaf{pick(w, payee2, stranger, rogue), w.rng.Int64N(300), int64(len(m.leaves))}
		if i == 0 && len(m.leaves) > 0 && w.rng.IntN(4) == 0 {
			l = m.leaves[w.rng.IntN(len(m.leaves))]
		} else {
			m.leaves = append(m.leaves, l)
		}
		leaves = append(leaves, l)
	}
	return leaves
}

// tree is the root over leaves, and the path of one. Two nodes are hashed in
// the order of their size; one that is alone goes up as it is.
func tree(w *walk, leaves []modelLeaf, of int) (root [32]byte, path [][32]byte) {
	var level [][32]byte
	for _, l := range leaves {
		level = append(level, l.hash(w))
	}
	for len(level) > 1 {
		if of^1 < len(level) {
			path = append(path, level[of^1])
		}
		var next [][32]byte
		for pair := range slices.Chunk(level, 2) {
			slices.SortFunc(pair, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
			next = append(next, pair[0])
			if len(pair) == 2 {
				next[len(next)-1] = hashed(pair...)
			}
		}
		level, of = next, of/2
	}
	return level[0], path
}

func (m *inboxModel) withdraw(w *walk) string {
	batch, l, path, good := m.batch(w), modelLeaf{stranger, 1, 1 << 40}, [][32]byte{}, w.rng.IntN(6) > 0
	rooted := batch < len(m.exits) && m.exits[batch].leaves != nil
	if rooted {
		i := w.rng.IntN(len(m.exits[batch].leaves))
		l = m.exits[batch].leaves[i]
		_, path = tree(w, m.exits[batch].leaves, i)
	}
	if !good {
		l.amount++
	}
	data := w.suite.RollupInbox.PackWithdraw(uint64(batch), w.who[l.to], n(l.amount), n(l.nonce), path)
	if l.to == rogue {
		w.behaves(data)
	}
	if rooted {
		w.until(m.exits[batch].opens)
	}
	want := ""
	switch {
	case !rooted:
		want = "NoRoot"
	case w.next() < m.exits[batch].opens:
		want = "TooEarly"
	case m.spent[l.hash(w)]:
		want = "Spent"
	case !good:
		want = "BadProof"
	}
	if want == "" && w.due[house] < l.amount {
		want = "InsufficientBalance"
	} else if want == "" {
		want = w.refusal(l.to)
	}
	return w.call(stranger, 0, "withdraw", data, want, func() {
		w.move(house, l.to, l.amount)
		m.spent[l.hash(w)] = true
	})
}

func (m *inboxModel) look(w *walk) string {
	in := w.suite.RollupInbox
	if wrong := seen("what was posted", common.Hash(must(in.UnpackAccumulator(w.read(in.PackAccumulator())))), common.Hash(m.accumulator)); wrong != "" {
		return wrong
	}
	if wrong := seen("the number of batches", must(in.UnpackBatches(w.read(in.PackBatches()))), uint64(len(m.exits))); wrong != "" {
		return wrong
	}
	if last := len(m.exits) - 1; last >= 0 {
		e, want := m.exits[last], uint64(0)
		if e.leaves != nil || e.struck {
			want = e.opens
		}
		if wrong := seen("when a root opens", must(in.UnpackExits(w.read(in.PackExits(uint64(last))))).Opens, want); wrong != "" {
			return wrong
		}
	}
	return seen("what is included", must(in.UnpackIncluded(w.read(in.PackIncluded()))), uint64(m.included))
}
