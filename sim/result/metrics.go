package result

// A Better says which way a metric improves.
type Better uint8

// Directions of improvement.
const (
	Neutral Better = iota
	Lower
	Higher
)

// String is the direction as a result file writes it; Neutral is empty.
func (b Better) String() string {
	return [...]string{"", "lower", "higher"}[b]
}

// A MetricID is an index into Metrics.
type MetricID int

// A Metric is one row of the table that the summary, the result file, the
// thresholds, the plots and the reference page all read.
type Metric struct {
	Name     string // as thresholds and result files write it: startup-p50
	Unit     string // one of units: sec, bit/s, ratio, B, ...
	Better   Better
	Headline bool   // always shown in the terminal summary, not only where an assertion speaks of it
	Doc      string // one sentence with its formula
}

// The metrics, in the order of Metrics. The name of a constant is the name of
// its metric in Go's spelling.
const (
	StartupP50 MetricID = iota
	StartupP95
	StartupP99
	NeverStarted
	ExitsBeforeStart
	RebufferRatio
	StalledViewers
	StallP95
	Bitrate
	DownloadP50
	DownloadP95
	DownloadP99
	Switches
	Skipped
	Survival
	GapTime
	SegmentsAligned
	SegmentsDependent
	SegmentsOpaque
	SegmentsUndecodable
	BytesCarried
	AlignmentError
	DurationCV
	SizeCV
	AffectedViewers
	LatencyP50
	LatencyP95
	Goodput
	GoodputEfficiency
	PeerShare
	EdgeShare
	ProviderShare
	SourceRate
	SegmentsLost
	Expansion
	Unavailability
	LossSurprise
	TokensAtK
	ReadP95
	ReadAmplification
	RepairBytes
	AuditFailures
	WorstSingleLoss
	WorstPairLoss
	WorstSiteLoss
	AdversaryLoss
	KillSet
	HeaderBytes
	HeaderShare
	ControlShare
	PaymentShare
	CorruptCaught
	Abandoned
	Denied
	UnpaidBytes
	UnpaidTime
	UndecodableBytes
	PaidUndecodable
	Paid
	RightsShare
	CreatorShare
	TakeRate
	TimeToFirstPaymentP50
	TimeToFirstPaymentP95
	PaymentMessages
	PaymentBytes
	FailedPayments
	Overpaid
	IncomeCV
	TheoryCV
	SettleTime
	StaleGrant
	LicenceReads
	SaleLag
	SaleDrift
	Misrouted
	OpenConfirmP50
	GasPerSession
	FeePerSession
	LockedPerSession
	CostPerViewerHour
	InclusionP50
	InclusionP95
	FinalP50
	PoolDepth
	MillionOpens
	BaseFeeLow
	BaseFeeHigh
	BlobFeeLow
	BlobFeeHigh
	MissedBlocks
	Reorged
	Raised
	PostedP50
	WithdrawnP50
	Batches
	BatchBytes
	BatchCost
	ByteDuty
	Forced
	ViewerCPU
	EdgeCPU
	ProviderCPU
	PublishDelay
	AddedDelayP50
	AddedDelayP95
	AddedDelayP99
	ParseTime
	CutTime
	CipherTime
	HashTime
	MerkleTime
	SignTime
	CodeTime
	HeaderTime
	PublisherCPU
	StreamsPerCore
	CoreDemand
	Events
	BytesPerViewer
	RelayShare
	NetFloor
	NetDelay
	NetJitter
	NetJitterDrawn
	NetJitterDeviation
	NetLoss
	NetLossDrawn
	NetRate
	NetRateShared
)

// Metrics is every metric there is, in the order of the summary. To add one,
// add a constant above and a row here; everything else follows.
var Metrics = []Metric{
	StartupP50: {"startup-p50", "sec", Lower, true,
		"Median over started viewers of first frame shown − join; a viewer that never started is counted by never-started instead."},
	StartupP95: {"startup-p95", "sec", Lower, true,
		"95th percentile over started viewers of first frame shown − join, by nearest rank."},
	StartupP99: {"startup-p99", "sec", Lower, false,
		"99th percentile over started viewers of first frame shown − join, by nearest rank."},
	NeverStarted: {"never-started", "ratio", Lower, true,
		"Viewers that left or were cut off before their first frame ÷ viewers that joined."},
	ExitsBeforeStart: {"exits-before-start", "ratio", Lower, false,
		"Viewers whose patience (population.patience) ended before their first frame ÷ viewers that joined."},
	RebufferRatio: {"rebuffer-ratio", "ratio", Lower, true,
		"Σ stalled ÷ (Σ watched + Σ stalled) over all viewers; the wait before the first frame is startup, not stalling."},
	StalledViewers: {"stalled-viewers", "ratio", Lower, true,
		"Viewers that stalled for more than 1 s in total ÷ viewers that started."},
	StallP95: {"stall-p95", "sec", Lower, false,
		"95th percentile over started viewers of the seconds each spent stalled, by nearest rank."},
	Bitrate: {"bitrate", "bit/s", Higher, true,
		"Encoded bitrate of what was played, weighted by time: Σ bitrate × watched ÷ Σ watched."},
	DownloadP50: {"download-p50", "sec", Lower, false,
		"Median over the segments that were played, of all viewers, of the time from the first request for it to its last byte checked."},
	DownloadP95: {"download-p95", "sec", Lower, false,
		"95th percentile over the segments that were played, of all viewers, of the time from the first request for it to its last byte checked."},
	DownloadP99: {"download-p99", "sec", Lower, false,
		"99th percentile over the segments that were played, of all viewers, of the time from the first request for it to its last byte checked."},
	Switches: {"switches", "/min", Lower, false,
		"Changes of rendition per minute watched: Σ switches ÷ Σ watched."},
	Skipped: {"skipped", "sec/h", Lower, false,
		"Seconds of the stream that viewers jumped over to catch up with the live edge ÷ hours watched by all viewers."},
	Survival: {"survival", "ratio", Higher, false,
		"Seconds of the stream that started viewers had pictures for ÷ (those + seconds that passed as gaps, that they jumped over, and that they waited for in vain when they left)."},
	GapTime: {"gap-time", "sec", Lower, false,
		"Seconds of the stream that passed with nothing that the viewer could show, the publisher or a segment's header having said so ÷ viewers that started."},
	SegmentsAligned: {"segments-aligned", "ratio", Higher, false,
		"Segments of the video that start at a closed key picture ÷ all its segments, over all renditions; with those that are dependent, opaque and undecodable they make 100%."},
	SegmentsDependent: {"segments-dependent", "ratio", Lower, false,
		"Segments of the video that need the one before ÷ all its segments."},
	SegmentsOpaque: {"segments-opaque", "ratio", Lower, false,
		"Segments of the video that are pieces of a file that could not be read ÷ all its segments."},
	SegmentsUndecodable: {"segments-undecodable", "ratio", Lower, false,
		"Segments of the video that were read and that nobody can show: encrypted by their source, or without a key picture so far ÷ all its segments."},
	BytesCarried: {"bytes-carried", "ratio", Higher, false,
		"Bytes of the video's files that its segments carry, over all renditions ÷ bytes of the files, spoilt ones as they are; what is left out are headers, tables, and what could not be read or switched to."},
	AlignmentError: {"alignment-error", "sec", Lower, false,
		"Mean over segments that carry pictures of the time from the start of the segment to its first closed key picture, the whole segment if there is none."},
	DurationCV: {"duration-cv", "ratio", Neutral, false,
		"Standard deviation ÷ mean of the length of the video's slots."},
	SizeCV: {"size-cv", "ratio", Neutral, false,
		"Mean over renditions of the standard deviation ÷ mean of the size of their segments."},
	AffectedViewers: {"affected-viewers", "ratio", Lower, false,
		"Viewers that met a segment which they could not show: they took another rendition, saw a gap, or fetched it in vain ÷ viewers that started."},
	LatencyP50: {"latency-p50", "sec", Lower, true,
		"Median over started viewers of each viewer's mean time behind the live edge while playing."},
	LatencyP95: {"latency-p95", "sec", Lower, false,
		"95th percentile over started viewers of each viewer's mean time behind the live edge while playing."},
	Goodput: {"goodput", "bit/s", Higher, false,
		"Payload that reached viewers and passed verification, 8 × Σ bytes ÷ length of the run."},
	GoodputEfficiency: {"goodput-efficiency", "ratio", Higher, false,
		"Verified payload bytes that viewers got ÷ bytes of every kind that arrived at them: headers, packets, control messages, what came twice."},
	PeerShare: {"peer-share", "ratio", Higher, true,
		"Verified payload bytes that viewers got from other viewers ÷ those they got from anybody."},
	EdgeShare: {"edge-share", "ratio", Neutral, false,
		"Verified payload bytes that viewers got from edges ÷ those they got from anybody."},
	ProviderShare: {"provider-share", "ratio", Neutral, false,
		"Verified payload bytes that viewers got straight from providers ÷ those they got from anybody."},
	SourceRate: {"source-rate", "bit/s", Lower, true,
		"Mean rate that leaves the publisher, 8 × bytes sent ÷ length of the run."},
	SegmentsLost: {"segments-lost", "count", Lower, false,
		"Tokens that could not be rebuilt from the shards still alive when somebody asked for them."},
	Expansion: {"expansion", "x", Lower, false,
		"Bytes that providers stored ÷ payload bytes published: n ÷ k for an erasure code, less what a dark provider did not get; without storage, one copy for each edge."},
	Unavailability: {"unavailability", "ratio", Lower, false,
		"Tokens of which fewer than k shards are to be had ÷ tokens that providers keep, as seen once in each bucket of the timeline while a fault of providers is on; all the time where there is none. Tokens younger than 5 s do not count."},
	LossSurprise: {"loss-surprise", "ratio", Neutral, false,
		"When the first fault of providers is one of errors and placement is random: how probable a number of lost tokens is that is at most as probable as the one seen, by the exact law. Twice the mean over seeds bounds how probable all of them are: below 2.5% they lie outside the 95% band."},
	TokensAtK: {"tokens-at-k", "ratio", Lower, false,
		"Tokens of which exactly k shards are to be had, so that the next loss is final ÷ tokens that providers keep, seen as for unavailability."},
	ReadP95: {"read-p95", "sec", Lower, false,
		"95th percentile over tokens that edges and viewers rebuilt from shards of rebuilt − first shard asked for, by nearest rank."},
	ReadAmplification: {"read-amplification", "x", Lower, false,
		"Bytes of shards that came to edges and viewers ÷ bytes of the tokens that they rebuilt."},
	RepairBytes: {"repair-bytes", "B", Lower, false,
		"Bytes on the wire of shards that providers sent each other to make lost ones anew."},
	AuditFailures: {"audit-failures", "count", Neutral, false,
		"Challenges that a provider answered wrongly, with nothing, or not in time."},
	WorstSingleLoss: {"worst-single-loss", "ratio", Lower, false,
		"Tokens lost to the removal of the one provider whose removal loses most ÷ tokens kept; every provider is tried, on the placement before the first fault of providers or at the end."},
	WorstPairLoss: {"worst-pair-loss", "ratio", Lower, false,
		"Tokens lost to the removal of the two providers whose removal loses most ÷ tokens kept; every pair is tried, as for worst-single-loss."},
	WorstSiteLoss: {"worst-site-loss", "ratio", Lower, false,
		"Tokens lost to the removal of the one site whose removal loses most ÷ tokens kept; every site is tried, as for worst-single-loss."},
	AdversaryLoss: {"adversary-loss", "ratio", Lower, false,
		"Tokens lost to somebody who sees the placement and removes n − k + 1 providers one by one, each the worst at its time ÷ tokens kept."},
	KillSet: {"kill-set", "count", Higher, false,
		"Smallest number of providers whose removal loses some token, on the placement of worst-single-loss."},
	HeaderBytes: {"header-bytes", "B", Lower, false,
		"Mean encoded size of a token's header with its signature and Merkle path."},
	HeaderShare: {"header-share", "ratio", Lower, false,
		"Header bytes ÷ all bytes sent by anybody."},
	ControlShare: {"control-share", "ratio", Lower, false,
		"Bytes of requests, announcements and directory messages ÷ all bytes sent by anybody."},
	PaymentShare: {"payment-share", "ratio", Lower, false,
		"Bytes of vouchers and other payment messages ÷ all bytes sent by anybody."},
	CorruptCaught: {"corrupt-caught", "count", Neutral, false,
		"Shards and tokens that failed verification on receipt and were fetched again elsewhere."},
	Abandoned: {"abandoned", "count", Lower, false,
		"Requests that viewers gave up because the token took longer than the scenario's patience."},
	Denied: {"denied", "count", Neutral, false,
		"Requests that edges refused to viewers who owed more than their credit."},
	UnpaidBytes: {"unpaid-bytes", "B", Lower, false,
		"Σ over viewers of payload bytes received and not paid for when they left."},
	UnpaidTime: {"unpaid-time", "sec", Lower, false,
		"Σ over viewers of seconds shown and not paid for when they left."},
	UndecodableBytes: {"undecodable-bytes", "B", Lower, false,
		"Payload bytes of verified tokens that viewers fetched and could not show."},
	PaidUndecodable: {"paid-undecodable", "USD", Lower, false,
		"Σ over viewers of what they paid beyond the price of the segments that they could show; an invariant holds it at zero."},
	Paid: {"paid", "USD", Neutral, false,
		"Σ over viewers of what the last voucher promises or the central ledger charged, at the scenario's price of ether."},
	RightsShare: {"rights-share", "ratio", Higher, true,
		"What rights holders together received ÷ what viewers spent; fees and the platform's cut are taken off."},
	CreatorShare: {"creator-share", "ratio", Higher, false,
		"What the first payee of the split received ÷ what viewers spent, chain fees included."},
	TakeRate: {"take-rate", "ratio", Lower, false,
		"Part of what viewers spent that reached no payee of the split: the platform's cut and chain fees."},
	TimeToFirstPaymentP50: {"time-to-first-payment-p50", "sec", Lower, false,
		"Median over paying viewers of first voucher accepted − join."},
	TimeToFirstPaymentP95: {"time-to-first-payment-p95", "sec", Lower, false,
		"95th percentile over paying viewers of first payment accepted, or seen on the chain − join, by nearest rank."},
	PaymentMessages: {"payment-messages", "count", Lower, false,
		"Messages that carry a payment, sent by viewers ÷ viewer sessions that paid."},
	PaymentBytes: {"payment-bytes", "B", Lower, false,
		"Bytes of payments on the wire, edges' reports included ÷ viewer sessions that paid."},
	FailedPayments: {"failed-payments", "count", Lower, false,
		"Transactions of viewers that the chain refused."},
	Overpaid: {"overpaid", "ratio", Lower, false,
		"Σ over viewers of what each paid beyond the price of what it got ÷ Σ paid."},
	IncomeCV: {"income-cv", "ratio", Neutral, false,
		"Standard deviation ÷ mean, over viewers that got something, of what came of each ÷ the price of what it got."},
	TheoryCV: {"theory-cv", "ratio", Neutral, false,
		"What income-cv is for lottery tickets by theory: the mean over viewers of sqrt((1 − p) ÷ (n p)) for n tickets that win with probability p, combined by squares; 0 for other methods."},
	SettleTime: {"settle-time", "sec", Lower, false,
		"From the end of the stream until every payee has its money on the chain where the contracts are; the wait to leave a rollup comes on top."},
	StaleGrant: {"stale-grant", "sec", Lower, false,
		"Longest time, rounded up to whole seconds, after the end of a viewer's licence (payment.licence) at which an edge still took a request of its; 0 if never."},
	LicenceReads: {"licence-reads", "count", Lower, false,
		"Times that edges asked the chain for a licence ÷ viewers."},
	SaleLag: {"sale-lag", "sec", Lower, false,
		"Longest time over sales (payment.sales) from sending their transactions until the chain has confirmed that the shares have changed."},
	SaleDrift: {"sale-drift", "ratio", Lower, false,
		"Σ over sales of |price of what viewers had got when the change was confirmed − what the split had received before the change| ÷ Σ paid: revenue that falls to another owner by when it is paid than by when it is watched."},
	Misrouted: {"misrouted", "wei", Lower, false,
		"Σ over payees of what each received beyond its share of what the split received before each sale by the shares until then, and after it by the new ones."},
	OpenConfirmP50: {"open-confirm-p50", "sec", Lower, false,
		"Median over channels of block time of the opening − submission of its transaction."},
	GasPerSession: {"gas-per-session", "gas", Lower, false,
		"Gas used by all transactions ÷ viewer sessions that paid."},
	FeePerSession: {"fee-per-session", "USD", Lower, false,
		"Chain fees of all transactions ÷ viewer sessions that paid, at the scenario's price of ether."},
	LockedPerSession: {"locked-per-session", "USD", Lower, false,
		"Deposits that viewers locked in channels ÷ viewer sessions that paid, at the scenario's price of ether."},
	CostPerViewerHour: {"cost-per-viewer-hour", "USD", Lower, true,
		"(Egress bytes × price per byte + chain fees) ÷ hours watched by all viewers."},
	InclusionP50: {"inclusion-p50", "sec", Lower, false,
		"Median over transactions that got into a block of its time − submission; one that was taken back counts with the block that it is in at the end."},
	InclusionP95: {"inclusion-p95", "sec", Lower, false,
		"95th percentile over transactions that got into a block of its time − submission, by nearest rank."},
	FinalP50: {"final-p50", "sec", Lower, false,
		"Median over transactions that got into a block of submission to finality: inclusion-p50 + ledger.finality; of a rollup posted-p50 + ledger.finality."},
	PoolDepth: {"pool-depth", "count", Lower, false,
		"Most transactions that waited for a block after any block."},
	MillionOpens: {"million-opens", "sec", Lower, false,
		"Time that the chain where channels are needs to open one for each of a million viewers: 10⁶ × mean gas of an opening ÷ half the gas limit × block time. EIP-1559 raises the fee until blocks are no more than half full."},
	BaseFeeLow: {"base-fee-low", "gwei", Neutral, false,
		"Lowest base fee of any block of the first layer."},
	BaseFeeHigh: {"base-fee-high", "gwei", Neutral, false,
		"Highest base fee of any block of the first layer."},
	BlobFeeLow: {"blob-fee-low", "gwei", Neutral, false,
		"Lowest blob base fee of any block."},
	BlobFeeHigh: {"blob-fee-high", "gwei", Neutral, false,
		"Highest blob base fee of any block."},
	MissedBlocks: {"missed-blocks", "count", Neutral, false,
		"Blocks that their proposers never made."},
	Reorged: {"reorged", "count", Neutral, false,
		"Transactions that had been in a block when it was taken back, each time counted."},
	Raised: {"raised", "count", Neutral, false,
		"Times that a sender whose transaction waited offered more."},
	PostedP50: {"posted-p50", "sec", Lower, false,
		"Median over transactions in batches of a rollup of batch confirmed on the first layer − submission."},
	WithdrawnP50: {"withdrawn-p50", "sec", Lower, false,
		"Median over transactions in batches of a rollup of the time until what they moved can be claimed on the first layer: posted-p50 + ledger.rollup.withdraw_delay."},
	Batches: {"batches", "count", Neutral, false,
		"Batches that a rollup has posted and the first layer has confirmed."},
	BatchBytes: {"batch-bytes", "B", Neutral, false,
		"Mean compressed size of a batch."},
	BatchCost: {"batch-cost", "USD", Lower, false,
		"Fees on the first layer of all batches ÷ transactions in them, at the scenario's price of ether."},
	ByteDuty: {"byte-duty", "USD", Lower, false,
		"What users paid the sequencer for their bytes on the first layer ÷ transactions in batches, at the scenario's price of ether."},
	Forced: {"forced", "count", Neutral, false,
		"Transactions that went around the sequencer by the first layer."},
	ViewerCPU: {"viewer-cpu", "sec/h", Lower, false,
		"Modelled CPU seconds for hashing, signatures and decoding of shards ÷ hours watched by all viewers."},
	EdgeCPU: {"edge-cpu", "sec/h", Lower, false,
		"Modelled CPU seconds that edges spend on hashing, decoding of shards and payments ÷ hours watched by all viewers."},
	ProviderCPU: {"provider-cpu", "sec/h", Lower, false,
		"Modelled CPU seconds that providers spend on proofs and on making shards anew ÷ hours watched by all viewers."},
	PublishDelay: {"publish-delay", "sec", Lower, false,
		"Mean time that cutting, hashing, encoding and signing add between the end of a segment and its first byte sent."},
	AddedDelayP50: {"added-delay-p50", "sec", Lower, false,
		"Median over the slots of all streams of the publisher of sealed − end of the slot: waiting for the processor, its work, and token.delay."},
	AddedDelayP95: {"added-delay-p95", "sec", Lower, false,
		"95th percentile over the slots of all streams of the publisher of sealed − end of the slot, by nearest rank."},
	AddedDelayP99: {"added-delay-p99", "sec", Lower, false,
		"99th percentile over the slots of all streams of the publisher of sealed − end of the slot, by nearest rank."},
	ParseTime: {"parse-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of finding the samples in the container."},
	CutTime: {"cut-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of copying the samples into segments."},
	CipherTime: {"cipher-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of encrypting payloads, of a sealed stream."},
	HashTime: {"hash-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of hashing payloads and, where fragments are checked, shards."},
	MerkleTime: {"merkle-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of building the trees over fragments and headers."},
	SignTime: {"sign-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of signing."},
	CodeTime: {"code-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of erasure coding."},
	HeaderTime: {"header-time", "sec", Lower, false,
		"Mean processor time for a slot of all renditions of writing headers."},
	PublisherCPU: {"publisher-cpu", "sec/h", Lower, false,
		"Modelled CPU seconds that the publisher spends on sealing the stream that is watched ÷ hours of it."},
	StreamsPerCore: {"streams-per-core", "count", Higher, false,
		"Streams like this one that the publisher's processor can seal as fast as they are made: length of the stream ÷ CPU time for it."},
	CoreDemand: {"core-demand", "x", Lower, false,
		"CPU time that sealing all streams of the publisher takes ÷ length of the stream: above 1× they do not fit on its core."},
	RelayShare: {"relay-share", "ratio", Lower, false,
		"Bytes that went over relays, because no hole could be punched, ÷ all bytes sent by anybody."},
	NetFloor: {"net-floor", "sec", Neutral, false,
		"Configured: mean over control messages of propagation and serialisation."},
	NetDelay: {"net-delay", "sec", Neutral, false,
		"Achieved: mean over control messages of delivery − sending; above net-floor by jitter, queues, retransmissions, handshakes and waiting for their turn."},
	NetJitter: {"net-jitter", "sec", Neutral, false,
		"Configured: mean of the random delays that were drawn."},
	NetJitterDrawn: {"net-jitter-drawn", "sec", Neutral, false,
		"Achieved: mean of those delays as they were drawn."},
	NetJitterDeviation: {"net-jitter-deviation", "ratio", Neutral, false,
		"Standard deviation of those delays ÷ their mean: 1 for exponential jitter, 1.31 for lognormal, 1.73 for Pareto."},
	NetLoss: {"net-loss", "ratio", Neutral, false,
		"Configured: mean over control messages of the probability that one of their packets is lost by itself."},
	NetLossDrawn: {"net-loss-drawn", "ratio", Neutral, false,
		"Achieved: control messages that lost a packet ÷ control messages."},
	NetRate: {"net-rate", "bit/s", Neutral, false,
		"Configured: bytes of completed transfers ÷ the time that they would have taken alone, by access and loss."},
	NetRateShared: {"net-rate-shared", "bit/s", Neutral, false,
		"Achieved: bytes of completed transfers ÷ the time from the first byte to the last that left."},
	Events: {"events", "count", Neutral, false,
		"Events that the engine executed."},
	BytesPerViewer: {"bytes-per-viewer", "B", Lower, false,
		"Bytes of every kind that arrived at viewers ÷ viewers that joined."},
}
