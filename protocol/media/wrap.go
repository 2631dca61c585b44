package media

import (
	"encoding/binary"
	"fmt"

	"kinetoscope/protocol/demux"
)

// A described is one track as a configuration record describes it.
type described struct {
	kind   demux.Kind
	name   string // codec
	record []byte
	width  int
	height int
	rate   int
	sounds int // channels
}

// readConfig reads what appendConfig wrote.
func readConfig(b []byte) ([]described, error) {
	r := reader{b: b}
	if v := r.byte(); v != payloadVersion {
		return nil, fmt.Errorf("configuration record: version %d, this program reads %d", v, payloadVersion)
	}
	var out []described
	for n := r.uvarint(); n > 0 && r.err == nil && len(out) < maxTracks; n-- {
		kind := min(int(r.byte()), len(demux.Kinds)-1)
		d := described{kind: demux.Kinds[kind], name: string(r.take(r.uvarint()))}
		for _, field := range []*int{&d.width, &d.height, &d.rate, &d.sounds} {
			*field = int(r.uvarint())
		}
		d.record = r.take(r.uvarint())
		out = append(out, d)
	}
	return out, r.err
}

// code is the sample entry code of a codec's name.
func (d *described) code() string {
	switch {
	case d.name == "opus":
		return "Opus"
	case d.name == "flac":
		return "fLaC"
	case len(d.name) < 4:
		return "none"
	}
	return d.name[:4]
}

// configBox is the box that carries a record in a sample entry of this code.
// Records of codecs that are not in the list are boxes already.
func configBox(code string, record []byte) []byte {
	switch code {
	case "avc1", "avc2", "avc3", "avc4":
		return box("avcC", record)
	case "hvc1", "hev1":
		return box("hvcC", record)
	case "vvc1", "vvi1":
		return box("vvcC", record)
	case "av01":
		return box("av1C", record)
	case "vp08", "vp09":
		return box("vpcC", make([]byte, 4), record)
	case "Opus":
		return box("dOps", record)
	case "fLaC":
		return box("dfLa", record)
	case "mp4a":
		return box("esds", make([]byte, 4), streamDescriptor(record))
	}
	return record
}

// streamDescriptor is an elementary stream descriptor around an
// AudioSpecificConfig (ISO 14496-1, 7.2.6.5).
func streamDescriptor(record []byte) []byte {
	own := append([]byte{5, byte(len(record))}, record...)
	conf := append([]byte{4, byte(13 + len(own)), 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, own...)
	return append([]byte{3, byte(3 + len(conf)), 0, 0, 0}, conf...)
}

func box(name string, parts ...[]byte) []byte {
	n := 8
	for _, p := range parts {
		n += len(p)
	}
	b := binary.BigEndian.AppendUint32(make([]byte, 0, n), uint32(n))
	b = append(b, name...)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// words writes 32-bit numbers.
func words(v ...uint32) (b []byte) {
	for _, n := range v {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// A wrapping says how a segment is put into a container again.
type wrapping struct {
	tracks []described
	entry  func(d *described) []byte        // its sample entry
	sample func(track int, b []byte) []byte // what becomes of a sample's bytes; nil: they stay
}

// plainEntry is the sample entry of a track as it should be, named code, with
// what else goes into it.
func plainEntry(d *described, code string, boxes ...[]byte) []byte {
	boxes = append([][]byte{}, boxes...)
	if d.kind == demux.Video {
		head := append(make([]byte, 24), words(uint32(d.width)<<16|uint32(d.height))...)
		return box(code, append([][]byte{head, make([]byte, 50)}, boxes...)...)
	}
	head := append(make([]byte, 16), words(uint32(d.sounds)<<16|16, 0, uint32(d.rate)<<16)...)
	return box(code, append([][]byte{head}, boxes...)...)
}

// beginning is the decode time of a wrapped segment, in seconds: far enough
// from zero for sounds that begin before the pictures.
const beginning = 3600

// head writes the boxes that come before the first fragment (ISO 14496-12).
func (w *wrapping) head(parts []Part) []byte {
	handlers := map[demux.Kind]string{demux.Video: "vide", demux.Audio: "soun", demux.Text: "text", demux.Other: "meta"}
	moov := [][]byte{box("mvhd", words(0, 0, 0, 1000, 0))}
	for i := range w.tracks {
		d := &w.tracks[i]
		scale := uint32(1000)
		if i < len(parts) && parts[i].Clock.Den > 0 {
			scale = parts[i].Clock.Den
		}
		moov = append(moov, box("trak", box("tkhd", words(0, 0, 0, uint32(i+1)), make([]byte, 68)), box("mdia",
			box("mdhd", words(0, 0, 0, scale, 0, 0)), box("hdlr", words(0, 0), []byte(handlers[d.kind]), make([]byte, 13)),
			box("minf", box("stbl", box("stsd", words(0, 1), w.entry(d)))))))
	}
	return append(box("ftyp", []byte("isom\x00\x00\x00\x00isom")), box("moov", moov...)...)
}

// fragment writes the samples as one moof and one mdat box.
func (w *wrapping) fragment(parts []Part) []byte {
	var data []byte
	rows := make([][]byte, len(parts))
	places := make([]int, len(parts))
	for i := range parts {
		places[i] = len(data)
		for j := range parts[i].Samples {
			s := &parts[i].Samples[j]
			b := s.Bytes
			if w.sample != nil {
				b = w.sample(i, b)
			}
			flags := uint32(0x10000)
			if s.Key == closed || s.Key == open {
				flags = 0
			}
			shift := (s.Step - int64(j)*parts[i].pace()) * int64(parts[i].Clock.Num)
			rows[i] = append(rows[i], words(uint32(parts[i].pace())*parts[i].Clock.Num, uint32(len(b)), flags, uint32(int32(shift)))...)
			data = append(data, b...)
		}
	}
	moof := func(at int) []byte {
		trafs := [][]byte{box("mfhd", words(0, 1))}
		for i := range parts {
			if len(parts[i].Samples) == 0 {
				continue
			}
			from := (beginning*1000 + parts[i].Start) * int64(parts[i].Clock.Den) / 1000
			trafs = append(trafs, box("traf", box("tfhd", words(0x20000, uint32(i+1))),
				box("tfdt", words(1<<24, uint32(from>>32), uint32(from))),
				box("trun", words(1<<24|0xf01, uint32(len(parts[i].Samples)), uint32(at+places[i])), rows[i])))
		}
		return box("moof", trafs...)
	}
	return append(moof(len(moof(0))+8), box("mdat", data)...)
}

// pace is how many steps of its clock a sample of p lasts: one, unless the
// clock is no beat.
func (p *Part) pace() int64 {
	n := int64(len(p.Samples))
	if p.Clock != millis || n < 2 {
		return 1
	}
	var last int64
	for i := range p.Samples {
		last = max(last, p.Samples[i].Step)
	}
	return max(1, last/(n-1))
}

// Wrap puts a segment into a fragmented MP4 again, as the encoder might have
// sent it: a movie header and one fragment. It fails on a segment that is
// opaque or was not written by EncodePayload.
func Wrap(s *Segment) (head, fragment []byte, err error) {
	w, parts, err := rewrap(s)
	if err != nil {
		return nil, nil, err
	}
	return w.head(parts), w.fragment(parts), nil
}

func rewrap(s *Segment) (w wrapping, parts []Part, err error) {
	if s.Init == nil {
		return w, nil, fmt.Errorf("an opaque segment has no samples to wrap")
	}
	if w.tracks, err = readConfig(s.Init.Record); err != nil {
		return w, nil, err
	}
	if parts, err = DecodePayload(s.Payload); err != nil {
		return w, nil, err
	}
	w.entry = func(d *described) []byte { return plainEntry(d, d.code(), configBox(d.code(), d.record)) }
	return w, parts, nil
}
