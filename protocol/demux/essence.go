package demux

// An essence is what a table says that a stream holds.
type essence struct {
	name   string // of the codec, until a frame says better; "": not told
	kind   Kind
	family family
	open   func() framer // nil: each PES packet is a frame
}

// whole says that each PES packet is a frame.
func (e *essence) whole() bool { return e.name != "" && e.open == nil }

// same says that one takes the place of the other without a change.
func (e *essence) same(o *essence) bool { return e.name == o.name && e.kind == o.kind }

func video(f family) essence {
	return essence{nalCodec(f).Name, Video, f, openPictures(f)}
}

func audio(name string, f *soundFormat) essence { return essence{name, Audio, plain, openSounds(f)} }

func other(name string, kind Kind) essence { return essence{name, kind, plain, nil} }

// noPES is what streams hold that are not made of PES packets, but of sections.
var noPES = essence{name: "sections"}

// A typed is a row in a table of essences.
type typed[K comparable] struct {
	code K
	essence
}

// By stream type (ISO 13818-1, table 2-34; ATSC A/53 part 3).
var streamTypes = []typed[byte]{
	{0x01, video(mpeg2)},
	{0x02, video(mpeg2)},
	{0x03, audio(mp3, mpegSound)},
	{0x04, audio(mp3, mpegSound)},
	{0x0f, audio("mp4a.40.2", adtsSound)},
	{0x10, video(mpeg4)},
	{0x11, essence{"mp4a.40.2", Audio, plain, openLATM}},
	{0x15, other("metadata", Other)},
	{0x1b, video(h264)},
	{0x20, other("mvc", Other)},
	{0x21, other("mjp2", Video)},
	{0x24, video(h265)},
	{0x33, video(h266)},
	{0x42, other("cavs", Video)},
	{0x81, audio("ac-3", dolbySound)},
	{0x87, audio("ec-3", dolbySound)},
	{0x8a, audio("dtsc", dtsSound)},
	{0xd1, other("drac", Video)},
	{0xea, other("vc-1", Video)},
	{0x05, noPES}, {0x08, noPES}, {0x0a, noPES}, {0x0b, noPES}, {0x0c, noPES},
	{0x0d, noPES}, {0x13, noPES}, {0x14, noPES}, {0x16, noPES}, {0x86, noPES},
}

// By stream type, where the program is registered as HDMV: Blu-ray and AVCHD.
var discTypes = []typed[byte]{
	{0x80, other("lpcm", Audio)},
	{0x82, audio("dtsc", dtsSound)},
	{0x83, other("mlpa", Audio)},
	{0x84, audio("ec-3", dolbySound)},
	{0x85, audio("dtsh", dtsSound)},
	{0x86, audio("dtsl", dtsSound)},
	{0x90, other("pgs", Text)},
	{0x91, other("igs", Other)},
	{0x92, other("text", Text)},
	{0xa1, audio("ec-3", dolbySound)},
	{0xa2, audio("dtsh", dtsSound)},
}

// By the tag of a descriptor (ETSI EN 300 468, tables 12 and 109).
var descriptors = []typed[byte]{
	{0x56, other("teletext", Text)},
	{0x59, other("dvbsub", Text)},
	{0x6a, audio("ac-3", dolbySound)},
	{0x7a, audio("ec-3", dolbySound)},
	{0x7b, audio("dtsc", dtsSound)},
	{0x7c, audio("mp4a.40.2", adtsSound)},
}

// By the registration descriptor of a stream (SMPTE registration authority).
var registrations = []typed[string]{
	{"AC-3", audio("ac-3", dolbySound)},
	{"EAC3", audio("ec-3", dolbySound)},
	{"DTS1", audio("dtsc", dtsSound)},
	{"DTS2", audio("dtsc", dtsSound)},
	{"DTS3", audio("dtsc", dtsSound)},
	{"Opus", audio("opus", opusSound)},
	{"HEVC", video(h265)},
	{"VVC ", video(h266)},
	{"VC-1", other("vc-1", Video)},
	{"drac", other("drac", Video)},
	{"BSSD", other("s302m", Audio)},
	{"ID3 ", other("id3", Other)},
	{"KLVA", other("klv", Other)},
	{"CUEI", noPES},
}

func find[K comparable](rows []typed[K], code K) (e essence) {
	for i := range rows {
		if rows[i].code == code {
			return rows[i].essence
		}
	}
	return e
}

// essenceOf reads what the program table says of one stream: its type, and its
// descriptors where the type leaves it open.
func essenceOf(kind byte, tags []byte, disc bool) (e essence) {
	if disc {
		e = find(discTypes, kind)
	}
	if e.name == "" {
		e = find(streamTypes, kind)
	}
	for len(tags) >= 2 && e.name == "" {
		n := min(len(tags), 2+int(tags[1]))
		tag, body := tags[0], tags[2:n]
		tags = tags[n:]
		if tag == 0x05 && len(body) >= 4 {
			e = find(registrations, string(body[:4]))
		} else {
			e = find(descriptors, tag)
		}
	}
	return e
}

// become makes the stream hold e. What was before it, if anything, ends.
func (s *stream) become(e essence) {
	if s.f != nil && s.essence.same(&e) {
		return
	}
	if s.t == nil {
		if s.t = s.track(s.id); s.t == nil {
			return
		}
	} else if s.f != nil {
		s.close()
	}
	c := &Codec{Name: e.name}
	if e.family != plain {
		c = nalCodec(e.family)
	}
	s.essence, s.t.Kind, s.t.Codec = e, e.kind, c
	s.brk = s.t.Total() > 0
	if s.f = framer(packetFramer{}); e.open != nil {
		s.f = e.open()
	}
}
