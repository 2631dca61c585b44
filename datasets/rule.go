package datasets

import "fmt"

// An Act says what a rule does to the row that it meets.
type Act string

// The acts, from mild to grave. Strict reading refuses all but the first.
const (
	Noted    Act = "noted"    // the row is kept as it is, and the reader should know
	Repaired Act = "repaired" // the row is kept, with another value or in another place
	Dropped  Act = "dropped"  // the row is left out
	Skipped  Act = "skipped"  // a whole file of an archive or a folder is left out
)

// A Rule is one kind of dirt and what is done about it.
type Rule struct {
	Name string
	Act  Act
	Doc  string // what is found, and what becomes of it
}

// A dirt is the index of a rule in the table.
type dirt int

const (
	bom dirt = iota
	twoBytes
	crlf
	bareCR
	cp1252
	blankLine
	noFinalNewline
	truncated
	openQuote
	ragged
	repeatedHeader
	unitInCell
	thousands
	decimalComma
	fraction
	doubtful
	missingCell
	missing
	badNumber
	badTime
	badLine
	negative
	noZone
	midnight
	unitsRow
	total
	newestFirst
	outOfOrder
	clockBack
	duplicate
	sameTime
	gap
	noStep
	tooFine
	tooLong
	slowRate
	assumedLength
	reversed
	zeroLength
	overlap
	sameState
	endless
	reset
	zeroOutage
	zeroIdle
	zeroUnknown
	zeroMonitor
	zeroLost
	horizon
	openEnd
	repeatedEvent
	nearZero
	emptyFrame
	zeroTime
	tie
	noName
	beyondLabel
	selfPair
	measuredAgain
	oneWay
	missingPair
	asymmetric
	fewSamples
	tooFast
	tooSlow
	spiky
	unknownPlace
	lost
	lateAnswer
	upperBound
	notMonotone
	unevenLadder
	badTag
	noDuration
	noFile
	noPlaylist
	afterEnd
	leftOut
	gapSegment
	noTitle
	padded
	mediaRepair
	preamble
	remote
	bigNumber
	junk
	nested
	emptyMember
	unreadMember
	unsafePath
	link
	rules // how many there are
)

// ruleTable has a row for each rule, in the order of the reports.
var ruleTable = [rules]Rule{
	bom:            {"bom", Noted, "The file begins with a byte-order mark, which is skipped."},
	twoBytes:       {"utf-16", Noted, "The file is UTF-16, by its byte-order mark, and is read as such."},
	crlf:           {"crlf", Noted, "The line ends with carriage return and line feed."},
	bareCR:         {"cr", Noted, "The line ends with a carriage return alone, as on old Macintoshes."},
	cp1252:         {"cp1252", Repaired, "The line is not UTF-8: its bytes are read as Windows-1252."},
	blankLine:      {"blank-line", Noted, "A line with nothing in it. It is no row."},
	noFinalNewline: {"no-final-newline", Noted, "The last line has no line end and is otherwise whole."},
	truncated:      {"truncated", Dropped, "The file ends in the middle of its last row."},
	openQuote:      {"open-quote", Repaired, "A quotation mark is opened and not closed: it is read as a plain sign."},
	ragged:         {"ragged", Repaired, "The row has more or fewer cells than the others, and all that is needed: the rest is left out or empty."},
	repeatedHeader: {"repeated-header", Dropped, "The header stands once more among the rows."},
	unitInCell:     {"unit-in-cell", Noted, "The cell has its unit beside the number, or is a length like 1:02:03 or PT4M, and that holds."},
	thousands:      {"thousands", Repaired, "The number has commas, blanks or apostrophes between its thousands, or points where the comma is the decimal sign: they are left out."},
	decimalComma:   {"decimal-comma", Noted, "The number has a comma for its decimal sign, as the reader has said."},
	fraction:       {"fraction", Repaired, "A number of things has decimals: it is rounded."},
	doubtful:       {"doubtful", Dropped, "A number of things like 1.234, whose point may stand between thousands. Where it does, the reader says that the comma is the decimal sign."},
	missingCell:    {"missing-cell", Noted, "A cell that is not needed has a mark for nothing."},
	missing:        {"missing", Dropped, "A cell that is needed has a mark for nothing."},
	badNumber:      {"bad-number", Dropped, "A cell should be a number that fits and is not."},
	badTime:        {"bad-time", Dropped, "A cell should be a time and is not."},
	badLine:        {"bad-line", Dropped, "The row is not of this format."},
	negative:       {"negative", Dropped, "A quantity that cannot be below zero is."},
	noZone:         {"no-zone", Noted, "The times have no zone and are read as UTC."},
	midnight:       {"midnight", Noted, "A clock without a date goes back by half a day or more: a new day begins."},
	unitsRow:       {"units-row", Noted, "The row below the header names units and is no row."},
	total:          {"total", Noted, "A line that sums others up. It is no row."},
	newestFirst:    {"newest-first", Noted, "The series runs backwards: it is turned round."},
	outOfOrder:     {"out-of-order", Repaired, "The row is older than the one before: it is put in its place."},
	clockBack:      {"clock-back", Repaired, "The clock of a stream goes back: the row takes the time of the one before."},
	duplicate:      {"duplicate", Dropped, "A row with the same key was read before: the first one holds."},
	sameTime:       {"same-time", Dropped, "A row with the same time was read before: the first one holds."},
	gap:            {"gap", Repaired, "The row lasts more than twice as long as is usual: it is cut to the usual length, and the hole is left out."},
	noStep:         {"no-step", Noted, "More than twice the usual time lies between a row and the next."},
	tooFine:        {"too-fine", Repaired, "The row lasts less than a millisecond: it is made one long."},
	tooLong:        {"too-long", Repaired, "The row lasts longer than a day: it is cut to a day."},
	slowRate:       {"slow-rate", Repaired, "A rate between zero and 1 kbit/s, which is less than an emulated link can have: it is made 1 kbit/s."},
	assumedLength:  {"assumed-length", Noted, "The row is a sample without a length: the length is what the format, or the reader, has been told."},
	reversed:       {"reversed", Dropped, "The interval ends before it begins."},
	zeroLength:     {"zero-length", Dropped, "The interval has no length."},
	overlap:        {"overlap", Repaired, "The interval begins before the one before it ends: it is cut."},
	sameState:      {"same-state", Noted, "Two intervals of one node follow each other in the same state."},
	endless:        {"endless", Noted, "The session is longer than a day."},
	reset:          {"reset", Noted, "A counter goes back, or the clock of a trace, which then is another trace: it began again."},
	zeroOutage:     {"zero-outage", Noted, "A rate of zero that means an outage."},
	zeroIdle:       {"zero-idle", Dropped, "A rate of zero from an application that asked for nothing: it says nothing about the link."},
	zeroUnknown:    {"zero-unknown", Dropped, "A zero that stands for not known."},
	zeroMonitor:    {"zero-monitor", Dropped, "A zero that says that the monitor saw nothing, not that there was nothing."},
	zeroLost:       {"zero-lost", Dropped, "A time of zero between two places: the sample was lost."},
	horizon:        {"horizon", Repaired, "A share of zero for a time that is longer than the shortest: the monitor had not run so long. It is left out of the row."},
	openEnd:        {"open-end", Repaired, "A node came and the file, or its row, does not say when it left: it stays until the last time in the file."},
	repeatedEvent:  {"repeated-event", Dropped, "A node comes that is there, or leaves that is not."},
	nearZero:       {"near-zero", Noted, "A rate below 10 kbit/s that is not zero."},
	emptyFrame:     {"empty-frame", Noted, "A frame that only carries a header."},
	zeroTime:       {"zero-time", Noted, "A length of zero that may well be one."},
	tie:            {"tie", Noted, "The value is that of the row before."},
	noName:         {"no-name", Noted, "A stream without a name."},
	beyondLabel:    {"beyond-label", Noted, "The rate is above the limit that the row itself states."},
	selfPair:       {"self-pair", Noted, "A time from a place to itself."},
	measuredAgain:  {"measured-again", Noted, "A pair that was measured at another time before: the mean of all its times holds."},
	oneWay:         {"one-way", Noted, "A pair that was measured in one direction only."},
	missingPair:    {"missing-pair", Noted, "A pair of places that was not measured at all."},
	asymmetric:     {"asymmetric", Noted, "A pair whose two directions differ by more than a fifth."},
	fewSamples:     {"few-samples", Noted, "A mean of fewer than ten samples."},
	tooFast:        {"too-fast", Noted, "Less than a millisecond between two countries: a place is wrong."},
	tooSlow:        {"too-slow", Noted, "A largest time of more than five seconds, which the mean carries."},
	spiky:          {"spiky", Noted, "A largest time of more than ten times the smallest."},
	unknownPlace:   {"unknown-place", Noted, "A place of a pair that the table of places beside it does not have."},
	lost:           {"lost", Noted, "A probe that got no answer, or none in time, as a line, a number that is left out or the sum at the end says."},
	lateAnswer:     {"late-answer", Noted, "An answer to a probe that was given up already: the time holds, and the probe is not lost."},
	upperBound:     {"upper-bound", Repaired, "A time that is only known to be below a bound: it is taken to be the bound."},
	notMonotone:    {"not-monotone", Noted, "A segment is larger in a lower rendition than in the next higher."},
	unevenLadder:   {"uneven-ladder", Dropped, "A segment that not all renditions have."},
	badTag:         {"bad-tag", Repaired, "A tag of a playlist has a value that makes no sense, and is left out."},
	noDuration:     {"no-duration", Repaired, "A segment without a duration takes that of the one before, or the target."},
	noFile:         {"no-file", Noted, "A file that is named and is not there: its size is not known."},
	noPlaylist:     {"no-playlist", Dropped, "A rendition whose own playlist is not beside this one."},
	afterEnd:       {"after-end", Dropped, "A segment behind the end of the playlist."},
	leftOut:        {"left-out", Noted, "Segments that a playlist says it leaves out (EXT-X-SKIP)."},
	gapSegment:     {"gap-segment", Noted, "A segment that the playlist says is not there (EXT-X-GAP): it keeps its duration, and its size is not known."},
	noTitle:        {"no-title", Noted, "The playlist does not begin with #EXTM3U."},
	padded:         {"padded", Noted, "A line with blanks around it, which are left out."},
	mediaRepair:    {"media-repair", Repaired, "Something in a video that the demuxer repairs or drops."},
	preamble:       {"preamble", Noted, "A line above the header that is no part of the table."},
	remote:         {"remote", Noted, "A name that points away from this machine, and is not followed."},
	bigNumber:      {"big", Noted, "A whole number above 2^64-1, which is kept to the last digit."},
	junk:           {"junk", Noted, "A file that an operating system left behind, such as __MACOSX/._name or .DS_Store."},
	nested:         {"nested", Noted, "A packed file inside a packed file."},
	emptyMember:    {"empty-file", Skipped, "A file with nothing in it."},
	unreadMember:   {"unread-file", Skipped, "A file of no format of this kind, beside others that are."},
	unsafePath:     {"unsafe-path", Skipped, "A name in an archive that points outside of it."},
	link:           {"link", Skipped, "A link or a device in an archive or a folder."},
}

// Rules lists every rule there is, in the order of the reports.
func Rules() []Rule { return ruleTable[:] }

func (d dirt) String() string { return ruleTable[d].Name }

// refusal is what strict reading says instead of repairing.
func (d dirt) refusal(place string) error {
	done := map[Act]string{Repaired: "repaired", Dropped: "dropped", Skipped: "skipped"}[ruleTable[d].Act]
	return fmt.Errorf("%s: %s: %s Strict reading refuses it: mend the file, or read without strict, and it is %s and counted", place, d, ruleTable[d].Doc, done)
}
