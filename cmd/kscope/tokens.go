package main

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// tokenized is what became of one source. The fields are those of --json.
type tokenized struct {
	Path      string         `json:"path"`
	Container string         `json:"container"` // by content; "" if unknown
	Outcome   media.Outcome  `json:"outcome"`
	Reason    string         `json:"reason"` // why it is not aligned; "" if it is
	Tracks    []trackFound   `json:"tracks"`
	Segments  int            `json:"segments"`
	Tokens    int            `json:"tokens"`
	TokenIDs  []string       `json:"token_ids"` // content ids, hexadecimal, in order
	BytesIn   int64          `json:"bytes_in"`
	Payload   int64          `json:"bytes_payload"`
	Header    int64          `json:"bytes_header"`
	Manifest  int64          `json:"bytes_manifest"`
	Kept      media.Account  `json:"bytes"` // where the bytes of the source went
	Repairs   map[string]int `json:"repairs"`
	Lost      int            `json:"samples_lost"`
	Damaged   int            `json:"samples_damaged"`
	Guessed   int            `json:"times_guessed"`
	Seconds   float64        `json:"seconds"`  // all stages
	Stages    stages         `json:"stages"`   // seconds
	Duration  float64        `json:"duration"` // of the video, seconds
	Verified  *bool          `json:"verified,omitempty"`

	list  []media.SegmentReport
	rules []demux.Repair
}

type trackFound struct {
	Kind      demux.Kind `json:"kind"`
	Codec     string     `json:"codec"`
	Samples   int        `json:"samples"`
	Keyframes []int      `json:"keyframes"` // of video: indices in decoding order of all classes of key picture

	media.TrackReport `json:"-"`
}

// stages are how long each took, in seconds.
type stages struct {
	Parse float64 `json:"parse"` // container, key classes, cutting, payload
	Hash  float64 `json:"hash"`
	Sign  float64 `json:"sign"` // Merkle tree and signature
	Code  float64 `json:"code"` // Reed-Solomon 10+4
}

// A tokenizing turns segments into tokens while they come out of a cutter.
type tokenizing struct {
	tokenized
	cutter *media.Cutter
	report media.Report
	key    ed25519.PrivateKey
	coder  storage.Coder
	room   []byte // of shards

	manifest *token.Archive
	head     *token.Head // over all tokens so far
}

func newTokenizing(path string, target time.Duration) *tokenizing {
	coder, err := storage.New(storage.Config{Scheme: storage.ReedSolomon, K: 10, N: 14, Placement: storage.Random})
	if err != nil {
		panic("kscope: " + err.Error())
	}
	return &tokenizing{
		tokenized: tokenized{Path: path, Tracks: []trackFound{}, TokenIDs: []string{}},
		cutter:    media.NewCutter(target), coder: coder,
		key:      ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), // nobody's: these tokens are not published
		manifest: token.NewArchive(1),
	}
}

// rejected is a source of which there is nothing to read.
func rejected(path, why string) *tokenized {
	return &tokenized{Path: path, Outcome: media.Rejected, Reason: why, Tracks: []trackFound{}, TokenIDs: []string{}, Repairs: map[string]int{}}
}

// lap adds to stage how long do takes.
func lap(stage *float64, do func()) {
	start := time.Now()
	do()
	*stage += time.Since(start).Seconds()
}

// drain makes tokens of the segments that are complete and tells each.
func (x *tokenizing) drain(tell func(*media.Segment)) {
	for {
		var s media.Segment
		var ok bool
		if lap(&x.Stages.Parse, func() { s, ok = x.cutter.Next() }); !ok {
			return
		}
		x.seal(&s)
		if tell != nil {
			tell(&s)
		}
		x.cutter.Reuse(s.Payload)
	}
}

// seal makes the token of a segment: the stages that a publisher goes through.
func (x *tokenizing) seal(s *media.Segment) {
	var p *token.Payload
	lap(&x.Stages.Hash, func() { p = s.Content() })
	h := token.Header{Stream: 1, Seq: uint32(x.Segments), Flags: s.Flags, Duration: s.Duration}
	if s.Init != nil {
		h.Config = token.ConfigID(s.Init.ID[:8])
	}
	var tokens []*token.Token
	var err error
	lap(&x.Stages.Sign, func() {
		if tokens, err = token.Sign(x.key, []token.Header{h}, []*token.Payload{p}); err == nil {
			err = x.enter(tokens[0], s.Facts)
		}
	})
	if err != nil {
		panic(fmt.Sprintf("kscope: a segment that cannot be signed: %v", err))
	}
	lap(&x.Stages.Code, func() { x.shards(s.Payload) })
	x.Segments++
	x.Tokens++
	x.Payload += int64(len(s.Payload))
	x.Header += int64(tokens[0].HeaderSize())
	x.TokenIDs = append(x.TokenIDs, p.ID().String())
	x.Lost, x.Damaged, x.Guessed = x.Lost+int(s.Facts.Lost), x.Damaged+int(s.Facts.Broken), x.Guessed+int(s.Facts.Guessed)
	x.report.Add(s)
}

// enter makes the entry of a token in the manifest, and signs its head anew.
func (x *tokenizing) enter(t *token.Token, facts token.Facts) error {
	root, err := t.Root()
	if err != nil {
		return err
	}
	entry := &token.Entry{Seq: t.Seq, Root: root, Facts: []token.Facts{facts}}
	if err := x.manifest.Append(entry); err != nil {
		return err
	}
	x.Manifest += int64(len(token.AppendEntry(nil, entry)))
	x.head = x.manifest.Head(x.key)
	return nil
}

// shards codes a payload into memory that is used again.
func (x *tokenizing) shards(payload []byte) [][]byte {
	if n := x.coder.Room(len(payload)); len(x.room) < n {
		x.room = make([]byte, n)
	}
	return x.coder.EncodeInto(x.room, payload)
}

// finish completes what is told of the source.
func (x *tokenizing) finish() {
	r := &x.report
	r.Finish(x.cutter)
	x.Container, x.Outcome, x.BytesIn, x.Kept = r.Format, r.Outcome, r.Bytes, r.Account
	x.Duration = r.Duration.Seconds()
	x.list, x.rules = r.Segments, r.Repairs
	x.Repairs = map[string]int{}
	for _, p := range r.Repairs {
		x.Repairs[p.What] = p.Count
	}
	for _, t := range r.Tracks {
		x.Tracks = append(x.Tracks, trackFound{t.Kind, t.Codec, t.Samples, t.Keys, t})
	}
	x.Seconds = x.Stages.Parse + x.Stages.Hash + x.Stages.Sign + x.Stages.Code
	switch x.Outcome {
	case media.Opaque:
		x.Reason = r.Opaque
	case media.Rejected:
		x.Reason = "empty: a video needs at least one byte"
	case media.Dependent:
		x.Reason = r.Depends()
	}
}

// verify puts the tokens together again. It reads the source once more, in the
// pieces in which it came, live or at once, and asks of each token what a viewer would.
func (x *tokenizing) verify(source [][]byte, live bool, target time.Duration) {
	c := media.NewCutter(target)
	n, ok := 0, true
	joined := []byte{}
	next := func() {
		for s, more := c.Next(); more; s, more = c.Next() {
			ok = ok && n < len(x.TokenIDs) && x.again(&s, n)
			if s.Flags&token.Opaque != 0 {
				joined = append(joined, s.Payload...)
			}
			n++
		}
	}
	for _, piece := range source {
		if c.Feed(piece); live {
			next()
		}
	}
	c.Close()
	next()
	ok = ok && n == len(x.TokenIDs) && (x.Outcome != media.Opaque || bytes.Equal(joined, slices.Concat(source...)))
	x.Verified = &ok
}

// again says whether the token of segment n survives the wire form and the
// loss of four of its fourteen shards, stands in the manifest, and can be
// checked in part.
func (x *tokenizing) again(s *media.Segment, n int) bool {
	shards := x.shards(s.Payload)
	for i := range x.coder.N() - x.coder.K() {
		shards[3*i] = nil
	}
	rebuilt, err := x.coder.Decode(shards, len(s.Payload))
	if err != nil {
		return false
	}
	h := token.Header{Stream: 1, Seq: uint32(n), Flags: s.Flags, Duration: s.Duration}
	if s.Init != nil {
		h.Config = token.ConfigID(s.Init.ID[:8])
	}
	tokens, err := token.Sign(x.key, []token.Header{h}, []*token.Payload{token.NewPayload(rebuilt)})
	if err != nil {
		return false
	}
	public := x.key.Public().(ed25519.PublicKey)
	got, err := token.Parse(token.Append(nil, tokens[0]))
	if err != nil || got.Check(public) != nil || got.Content.String() != x.TokenIDs[n] || x.head.Check(public) != nil {
		return false
	}
	listed, err := x.manifest.Prove(n, x.manifest.Size())
	if err != nil || listed.Check(x.head, got) != nil {
		return false
	}
	half := len(rebuilt) / 2
	part, err := got.Payload.Prove(half, len(rebuilt))
	if err != nil || part.Check(got.Content, got.Size, rebuilt[part.From:part.To]) != nil {
		return false
	}
	if s.Flags&token.Opaque != 0 {
		return true
	}
	parts, err := media.DecodePayload(rebuilt)
	return err == nil && bytes.Equal(media.EncodePayload(parts), s.Payload)
}

// shownSegments is how many segments text lists before it counts the others.
const shownSegments = 20

// text writes what became of a source for a reader.
func (x *tokenized) text(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "%s: %s, %d bytes, %v: %s\n", oneLine(x.Path), x.what(), x.BytesIn, seconds(x.Duration), x.Outcome)
	if x.Reason != "" {
		fmt.Fprintf(t, "%s\n", x.Reason)
	}
	if x.Outcome == media.Rejected {
		return t.Flush()
	}
	x.textTracks(t)
	x.textSegments(t)
	if len(x.rules) > 0 {
		fmt.Fprintf(t, "\nrepaired, guessed or dropped\n")
		for _, p := range x.rules {
			fmt.Fprintf(t, "  %d\t%s\n", p.Count, p.What)
		}
	}
	k := x.Kept
	fmt.Fprintf(t, "\nbytes: %d in samples, %d in opaque pieces, %d in headers and tables, %d not carried\n", k.Samples, k.Opaque, k.Index, k.Rest)
	if x.Tokens > 0 {
		fmt.Fprintf(t, "tokens: %d, %d bytes of headers, %.2f %% of the payload; %d bytes of manifest\n",
			x.Tokens, x.Header, 100*float64(x.Header)/float64(max(1, x.Payload)), x.Manifest)
		fmt.Fprintf(t, "time: parse %.1f ms, hash %.1f ms, sign %.1f ms, code %.1f ms; %.0f MB/s\n",
			1e3*x.Stages.Parse, 1e3*x.Stages.Hash, 1e3*x.Stages.Sign, 1e3*x.Stages.Code, float64(x.BytesIn)/1e6/max(1e-9, x.Seconds))
	}
	if x.Verified != nil {
		fmt.Fprintln(t, x.verdict())
	}
	return t.Flush()
}

// oneLine is a path on one line.
func oneLine(path string) string {
	if quoted := strconv.Quote(path); quoted != `"`+path+`"` {
		return quoted
	}
	return path
}

func seconds(s float64) time.Duration { return time.Duration(s * 1e9).Round(time.Microsecond) }

func (x *tokenized) what() string {
	if x.Container == "" {
		return "unknown format"
	}
	return x.Container
}

func (x *tokenized) verdict() string {
	if *x.Verified {
		return "verified: put together again, the tokens are the same"
	}
	return "NOT VERIFIED: put together again, the tokens differ"
}

// line writes one line, for a source among many.
func (x *tokenized) line(w io.Writer) error {
	what := x.what()
	for _, t := range x.Tracks {
		what += " " + t.Codec
	}
	if x.Reason != "" {
		what += ": " + x.Reason
	}
	if x.Verified != nil && !*x.Verified {
		what += "; " + x.verdict()
	}
	_, err := fmt.Fprintf(w, "%-9s %4d tokens  %s  %s\n", x.Outcome, x.Tokens, oneLine(x.Path), what)
	return err
}

func (x *tokenized) textTracks(w io.Writer) {
	if len(x.Tracks) == 0 {
		return
	}
	fmt.Fprintf(w, "\ntrack\tkind\tcodec\tformat\tsamples\tbytes\tclock\tkeys closed/open/gradual\tpictures from key to key\n")
	for i := range x.Tracks {
		t := &x.Tracks[i].TrackReport
		shape, keys, gop := "-", "-", "-"
		switch t.Kind {
		case demux.Video:
			shape = fmt.Sprintf("%dx%d", t.Width, t.Height)
			keys = fmt.Sprintf("%d/%d/%d", t.Closed, t.Open, t.Gradual)
			gop = gops(t.Keys, t.Samples)
		case demux.Audio:
			shape = fmt.Sprintf("%d Hz x%d", t.Rate, t.Channels)
		}
		codec := t.Codec
		if t.Encrypted {
			codec += " (encrypted)"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", t.ID, t.Kind, codec, shape, t.Samples, t.Bytes, t.Clock, keys, gop)
	}
}

// gops tells how many pictures there are from key to key: the least and the
// most.
func gops(keys []int, samples int) string {
	if len(keys) == 0 {
		return "-"
	}
	least, most := samples, 0
	for i, k := range keys {
		next := samples
		if i+1 < len(keys) {
			next = keys[i+1]
		}
		least, most = min(least, next-k), max(most, next-k)
	}
	if least == most {
		return fmt.Sprint(most)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

func (x *tokenized) textSegments(w io.Writer) {
	fmt.Fprintf(w, "\nsegment\tstart\tduration\tbytes\tkbit/s\tsamples\tstart here\n")
	for i, s := range x.list {
		if i == shownSegments && len(x.list) > shownSegments+1 {
			fmt.Fprintf(w, "... and %d more\n", len(x.list)-i)
			return
		}
		here := "no"
		if s.Independent {
			here = "yes"
		}
		if s.Flags != "" {
			here += ", " + strings.ReplaceAll(s.Flags, ",", ", ")
		}
		rate := int64(s.Bytes) * 8 / max(1, s.Duration.Milliseconds())
		fmt.Fprintf(w, "%d\t%v\t%v\t%d\t%d\t%d\t%s\n", i, s.Start, s.Duration, s.Bytes, rate, s.Samples, here)
	}
}

// outcomes counts what became of many sources, by folder and container.
type outcomes []outcomeRow

type outcomeRow struct {
	class string
	count map[media.Outcome]int
}

func (o *outcomes) add(folder string, x *tokenized) {
	for _, class := range []string{"folder " + folder, x.what()} {
		i, found := slices.BinarySearchFunc(*o, class, func(r outcomeRow, c string) int { return strings.Compare(r.class, c) })
		if !found {
			*o = slices.Insert(*o, i, outcomeRow{class, map[media.Outcome]int{}})
		}
		(*o)[i].count[x.Outcome]++
	}
}

// print writes the table of outcomes.
func (o outcomes) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	all := []media.Outcome{media.Aligned, media.Dependent, media.Opaque, media.Rejected}
	fmt.Fprintf(t, "\naligned\tdependent\topaque\trejected\t\n")
	for _, r := range o {
		for _, x := range all {
			fmt.Fprintf(t, "%d\t", r.count[x])
		}
		fmt.Fprintf(t, "  %s\n", r.class)
	}
	return t.Flush()
}
