package demux

import "math/bits"

// An element is the head of one EBML element (RFC 8794, sections 4 to 6).
type element struct {
	id   uint32 // with its length marker, as documents write it
	head int    // bytes of id and size
	size int64  // of the body; unsized where it is not told
}

// unsized is the size of an element that ends where the next one of its level
// begins, as live muxers write it.
const unsized = -1

// An answer about bytes of which perhaps not enough have come.
type answer uint8

const (
	bad   answer = iota
	short        // more bytes would tell
	good
)

// elementAt reads the head at the front of p.
func elementAt(p []byte) (e element, v answer) {
	id, n := vint(p, 4)
	if n == 0 {
		return e, whyNot(p, 4)
	}
	e.id = uint32(id)
	size, k := vint(p[n:], 8)
	if k == 0 {
		return e, whyNot(p[n:], 8)
	}
	e.head = n + k
	if e.size = int64(size &^ (1 << (7 * k))); e.size == 1<<(7*k)-1 {
		e.size = unsized
	}
	return e, good
}

// vint reads a number of up to most bytes with its length marker (RFC 8794,
// section 4). n is the bytes it takes, 0 if there is none or it is cut.
func vint(p []byte, most int) (v uint64, n int) {
	if len(p) == 0 {
		return 0, 0
	}
	if n = bits.LeadingZeros8(p[0]) + 1; n > most || n > len(p) {
		return 0, 0
	}
	return number(p[:n]), n
}

// whyNot says why vint found nothing.
func whyNot(p []byte, most int) answer {
	if len(p) == 0 || bits.LeadingZeros8(p[0]) < most {
		return short
	}
	return bad
}

// number reads a big-endian number of up to eight bytes.
func number(p []byte) (v uint64) {
	for _, c := range p[:min(8, len(p))] {
		v = v<<8 | uint64(c)
	}
	return v
}

// Element numbers of Matroska (RFC 9559, section 5) that matter here.
const (
	idEBML        = 0x1a45dfa3
	idSegment     = 0x18538067
	idSeekHead    = 0x114d9b74
	idInfo        = 0x1549a966
	idScale       = 0x2ad7b1
	idTracks      = 0x1654ae6b
	idCues        = 0x1c53bb6b
	idTags        = 0x1254c367
	idChapters    = 0x1043a770
	idAttachments = 0x1941a469
	idVoid        = 0xec
	idCRC         = 0xbf

	idEntry       = 0xae
	idNumber      = 0xd7
	idType        = 0x83
	idDefault     = 0x23e383 // duration of one frame, nanoseconds
	idCodec       = 0x86
	idPrivate     = 0x63a2
	idDelay       = 0x56aa // nanoseconds that a decoder drops at the start
	idVideo       = 0xe0
	idWidth       = 0xb0
	idHeight      = 0xba
	idAudio       = 0xe1
	idRate        = 0xb5
	idChannels    = 0x9f
	idDepth       = 0x6264
	idEncodings   = 0x6d80
	idEncoding    = 0x6240
	idScope       = 0x5032
	idEncryption  = 0x5035
	idCompression = 0x5034
	idAlgorithm   = 0x4254
	idSettings    = 0x4255

	idCluster     = 0x1f43b675
	idTime        = 0xe7
	idPosition    = 0xa7
	idPrevious    = 0xab
	idSilent      = 0x5854
	idSimpleBlock = 0xa3
	idGroup       = 0xa0
	idBlock       = 0xa1
	idDuration    = 0x9b
	idReference   = 0xfb
	idPriority    = 0xfa
	idAdditions   = 0x75a1
	idPadding     = 0x75a2
	idState       = 0xa4
)

// A shape is how an element is read.
type shape uint8

const (
	passed  shape = iota // over
	entered              // its head alone: what is inside is read as if beside it
	leaf                 // whole
	block                // whole, and it holds samples
)

// shapes of header elements. Any other is passed over.
var shapesHeader = map[uint32]shape{
	idSegment: entered, idInfo: entered, idTracks: entered, idEntry: entered, idVideo: entered, idAudio: entered,
	idEncodings: entered, idEncoding: entered, idCompression: entered, idCluster: entered,
	idScale: leaf, idNumber: leaf, idType: leaf, idDefault: leaf, idCodec: leaf, idPrivate: leaf, idDelay: leaf,
	idWidth: leaf, idHeight: leaf, idRate: leaf, idChannels: leaf, idDepth: leaf,
	idScope: leaf, idEncryption: leaf, idAlgorithm: leaf, idSettings: leaf,
}

// shapesCluster are those of elements in clusters, and of all that may follow
// a cluster. There any other is suspect.
var shapesCluster = map[uint32]shape{
	idCluster: entered, idGroup: entered, idSegment: entered, idInfo: entered, idTracks: entered,
	idTime: leaf, idDuration: leaf, idReference: leaf,
	idSimpleBlock: block, idBlock: block,
	idEBML: passed, idVoid: passed, idCRC: passed, idPosition: passed, idPrevious: passed, idSilent: passed, idPriority: passed,
	idAdditions: passed, idPadding: passed, idState: passed,
	idSeekHead: passed, idCues: passed, idTags: passed, idChapters: passed, idAttachments: passed,
}

// small are the elements of a cluster that hold one number: up to eight bytes.
func small(id uint32) bool {
	switch id {
	case idTime, idDuration, idReference, idPriority, idPosition, idPrevious, idPadding, idCRC:
		return true
	}
	return false
}
