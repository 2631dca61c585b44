package media

import "bytes"

// confidence is how sure a format is that a file is its own.
type confidence uint8

const (
	no     confidence = iota
	likely            // something of the format turns up behind other bytes
	sure              // the file starts as the format says
)

// A format reads one container. To add one: a file with its two functions and
// a line in formats.
type format struct {
	name string
	// sniff looks at the first 64 KiB of a file of size bytes. It never sees
	// the file's name: names lie.
	sniff func(head []byte, size int) confidence
	// scan fills m with tracks and samples. It never fails: what it cannot
	// read it leaves out and counts. Nil: recognised, not read.
	scan func(m *movie)
}

// formats in the order in which they are asked. The first that is sure wins,
// else the first that finds itself likely.
var formats = []format{
	{"mp4", sniffMP4, scanMP4},
	{"matroska", magic(0, "\x1a\x45\xdf\xa3"), nil},
	{"mpeg-ts", sniffTS, nil},
	{"flv", magic(0, "FLV\x01"), nil},
	{"avi", magic(8, "AVI "), nil},
	{"ogg", magic(0, "OggS"), nil},
	{"ivf", magic(0, "DKIF"), nil},
	{"mpeg-ps", magic(0, "\x00\x00\x01\xba"), nil},
	{"asf", magic(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"), nil},
	{"mxf", magic(0, "\x06\x0e\x2b\x34"), nil},
	{"realmedia", magic(0, ".RMF"), nil},
	{"wtv", magic(0, "\xb7\xd8\x00\x20"), nil},
	{"nut", magic(0, "nut/multimedia"), nil},
	{"swf", magic(0, "FWS"), nil},
	{"dv", magic(0, "\x1f\x07\x00"), nil},
	{"elementary stream", sniffES, nil},
}

// sniffed is how much of a file sniff functions see.
const sniffed = 64 << 10

// recognise finds the format of b. Its name is "" if none is.
func recognise(b []byte) format {
	head := b[:min(len(b), sniffed)]
	var second format
	for _, f := range formats {
		switch f.sniff(head, len(b)) {
		case sure:
			return f
		case likely:
			if second.name == "" {
				second = f
			}
		}
	}
	return second
}

// magic is sure of files that have sign at position at.
func magic(at int, sign string) func([]byte, int) confidence {
	return func(head []byte, _ int) confidence {
		if len(head) >= at && bytes.HasPrefix(head[at:], []byte(sign)) {
			return sure
		}
		return no
	}
}

// sniffTS wants five sync bytes at one distance: packets of 188 bytes, or of
// 192 with a time stamp before each.
func sniffTS(head []byte, _ int) confidence {
	for _, try := range []struct{ from, pitch int }{{0, 188}, {4, 192}, {0, 204}} {
		n := 0
		for i := try.from; i < len(head) && head[i] == 0x47 && n < 5; i += try.pitch {
			n++
		}
		if n == 5 {
			return sure
		}
	}
	return no
}

// sniffES wants a start code in front.
func sniffES(head []byte, _ int) confidence {
	if bytes.HasPrefix(head, []byte("\x00\x00\x01")) || bytes.HasPrefix(head, []byte("\x00\x00\x00\x01")) {
		return sure
	}
	return no
}

// scan reads b with the format that recognises it. Without one, or without a
// sample to show, the movie is nil and why says so.
func scan(b []byte) (m *movie, name, why string) {
	f := recognise(b)
	switch {
	case f.name == "":
		return nil, "", "no known container: the file starts with " + hex(b)
	case f.scan == nil:
		return nil, f.name, f.name + " is recognised but not read"
	}
	m = &movie{b: b}
	f.scan(m)
	m.settle()
	if m.main() == nil {
		return m, f.name, f.name + " without a sample that can be found"
	}
	return m, f.name, ""
}

// hex shows the first bytes of a file.
func hex(b []byte) string {
	const digits = "0123456789abcdef"
	var out []byte
	for _, c := range b[:min(len(b), 8)] {
		out = append(out, digits[c>>4], digits[c&15], ' ')
	}
	return string(bytes.TrimSpace(out))
}
