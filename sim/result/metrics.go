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
	ExitsInStall
	Retries
	Seeks
	Zaps
	SeekP50
	SeekP95
	RebufferRatio
	StalledViewers
	StallP95
	Bitrate
	DownloadP50
	DownloadP95
	DownloadP99
	Switches
	SwitchSize
	StallEvents
	QoeLin
	QoeLog
	QoeHd
	SabreScore
	Lolp
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
	PlayingLow
	RecoveryTime
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
	Ghosts
	HalfLife
	UndetectedP50
	UndetectedP95
	RepairRate
	KeepCost
	WorstSingleLoss
	WorstPairLoss
	WorstSiteLoss
	AdversaryLoss
	KillSet
	HeaderBytes
	HeaderShare
	ControlShare
	ControlBytes
	PaymentShare
	CorruptCaught
	CorruptShown
	Abandoned
	Denied
	TurnedAway
	LookupP50
	LookupP95
	LookupAsked
	SenseP50
	ShiftP50
	ShiftP95
	StalledBeforeShift
	Shifts
	ShardGini
	LoadGini
	ShardPeak
	SitesPerToken
	EdgeHHI
	EdgeTopTen
	CrowdedTokens
	HitRatio
	Coalesced
	OriginShare
	CrossRegion
	RebufferHot
	RebufferCold
	EdgeImbalance
	EdgeOscillation
	ProbeShare
	UnpaidBytes
	UnpaidTime
	UndecodableBytes
	DiscardedBytes
	PaidUndecodable
	Paid
	RightsShare
	CreatorShare
	TakeRate
	TakeRateMedian
	TimeToFirstPaymentP50
	TimeToFirstPaymentP95
	PaymentMessages
	PaymentBytes
	FailedPayments
	SignaturesExecuted
	SignaturesCharged
	Overpaid
	RevertedShare
	IncomeCV
	TheoryCV
	SettleTime
	StaleGrant
	LicenceReads
	LicenceLoad
	LicenceWaitP50
	LicenceWaitP95
	LicenceBytes
	SaleLag
	SaleDrift
	Misrouted
	PayeeError
	AttacksTried
	AttacksSucceeded
	AttacksRefused
	AttackStolen
	AttackCost
	AttackProfit
	AttackLocked
	HonestLoss
	LossShare
	FrozenTime
	AnswerP99
	RegisterP95
	WrongOwner
	AlteredCopies
	DealsMade
	DealsChallenged
	BondsTaken
	BondsTakenHonest
	BondsLost
	LiarsPaid
	DealsPaid
	CaughtP95
	DealGas
	OpenConfirmP50
	GasPerSession
	FeePerSession
	LockedPerSession
	HubFees
	HubLocked
	PledgesRefused
	CostPerViewerHour
	GasCost
	EgressCost
	StorageCost
	ComputeCost
	CapitalCost
	CardCost
	LockedPeak
	LockedTime
	SpendableP50
	SpendableP95
	ReceivedP50
	FeeShare
	DustShare
	IncomeHHI
	TopTenShare
	CrowdTime
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
