package datasets

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A Format is one way in which data of one kind is written down.
type Format struct {
	Name  string
	Kind  Kind
	Doc   string   // what it is, and the units that it states
	roles []column // of plain tables, which the reader may name
	sure  bool     // detection is by a name or signature of the format's own, not by shape

	detect func(*sample) (why string)  // empty: it is not this format
	read   func(*reading, *file) error // takes rows into the set
	close  func(*reading) error        // after the last file; may be nil
}

// A file is one file to read, from anywhere.
type file struct {
	name string
	in   *bufio.Reader
	*sample
}

// formats is every format there is, in the order in which they are tried and
// listed.
func formats() []Format {
	return slices.Concat(bandwidthFormats(), latencyFormats(), churnFormats(), viewersFormats(), videoFormats(), feesFormats())
}

// A Role is a column that a plain table may have.
type Role struct {
	Role     string // what --column calls it
	Quantity string
	Names    []string // words of headers that mean it
}

// Roles lists the columns that a plain table of the format may have; nil for
// other formats.
func (f *Format) Roles() (all []Role) {
	for _, c := range f.roles {
		if len(c.names) > 0 {
			all = append(all, Role{c.role, string(c.of), c.names})
		}
	}
	return all
}

// A Unit is one unit with all names that stand for it.
type Unit struct {
	Quantity, Name string
	Also           []string
}

// Units lists every unit that can be stated.
func Units() (all []Unit) {
	for _, m := range measures {
		all = append(all, Unit{string(m.of), m.name, m.also})
	}
	return all
}

// TimeForms names the forms of times as text, each with an example.
func TimeForms() string {
	var forms []string
	for _, l := range layouts {
		if len(l.go_) > 0 {
			forms = append(forms, fmt.Sprintf("`%s` like %s", l.name, l.go_[0]))
		}
	}
	return strings.Join(forms, ", ")
}

// Formats lists what can be read.
func Formats() []Format { return formats() }

// FormatNames lists the names of the formats of a kind, or of all for an empty kind.
func FormatNames(k Kind) (names []string) {
	for _, f := range formats() {
		if k == "" || f.Kind == k {
			names = append(names, f.Name)
		}
	}
	return names
}

// choose finds the format of a file: the one that is asked for, or the first
// that is sure, or the only one that it looks like.
func (r *reading) choose(s *sample) (*Format, string, error) {
	if r.desc.Format != "" {
		for _, f := range formats() {
			if f.Name == r.desc.Format {
				return &f, "as you said", nil
			}
		}
		return nil, "", fmt.Errorf("--format %s: there is no such format: use one of %s", r.desc.Format, strings.Join(FormatNames(""), ", "))
	}
	if why := unreadable(s); why != "" {
		return nil, "", fmt.Errorf("%s: %s", r.name, why)
	}
	var like []Format
	var whys []string
	for _, f := range formats() {
		if f.detect == nil || r.set.Kind != "" && r.set.Kind != f.Kind {
			continue
		}
		why := f.detect(s)
		if why != "" && f.sure {
			return &f, why, nil
		}
		if why != "" {
			like, whys = append(like, f), append(whys, why)
		}
	}
	switch len(like) {
	case 1:
		return &like[0], whys[0], nil
	case 0:
		switch some := r.byRoles(); {
		case len(some) == 1:
			return &some[0], "as the columns that you named say", nil
		case len(some) > 1 && len(some) < 4:
			return nil, "", fmt.Errorf("%s: the columns that you named may be those of %s: say which with --format", r.name, formatList(some))
		}
		return nil, "", fmt.Errorf("%s: %s", r.name, unknown(s))
	}
	return nil, "", fmt.Errorf("%s: it may be %s: say which with --format", r.name, formatList(like))
}

// formatList names formats for a message.
func formatList(all []Format) string {
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return strings.Join(names, " or ")
}

// byRoles are the plain tables that have all roles which the reader has named.
func (r *reading) byRoles() (found []Format) {
	for _, f := range formats() {
		all := len(f.roles) > 0 && len(r.desc.Columns) > 0
		for role := range r.desc.Columns {
			all = all && slices.ContainsFunc(f.roles, func(c column) bool { return c.role == role })
		}
		if all {
			found = append(found, f)
		}
	}
	return found
}

// unknown says what a file looks like that is of no format.
func unknown(s *sample) string {
	switch t := s.titles(); {
	case len(s.rows) == 0 && len(s.head) == 0:
		return "it is empty: there is nothing to read"
	case len(s.rows) == 0 && strings.TrimSpace(string(s.head)) == "":
		return "it holds nothing but blanks: there is nothing to read"
	case len(s.rows) == 0:
		return "it is binary and of no format that is known: kscope datasets formats lists them"
	case s.starts("{") || s.starts("["):
		return "JSON of no format that is known: it takes a list of objects or an object of pairs, so write the part that is one into a file of its own"
	case len(t) > 1 && (s.delim != blanks || len(s.rows) > 2):
		return fmt.Sprintf("a table with the columns %s, which is of no format that is known: say --format with one that ends in -csv, and --column and --unit for what the columns are, like --format bandwidth-csv --column down=NAME --unit Mbit/s", strings.Join(quoteAll(t[:min(len(t), 12)]), ", "))
	case s.numeric():
		return fmt.Sprintf("%s of numbers without a header, which may be many things: say --format, and --column and --unit for what they are", plural(len(s.rows[0]), "column"))
	}
	return "text of no format that is known: kscope datasets formats lists them"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// refused are formats that are known and not read.
var refused = []struct{ magic, why string }{
	{"PAR1", "Parquet, which is not read: turn it into CSV, with any tool that reads both"},
	{"\xfd7zXZ\x00", "packed by xz, which is not read: unpack it first"},
	{"\x28\xb5\x2f\xfd", "packed by Zstandard, which is not read: unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "packed by 7-Zip, which is not read: unpack it first"},
	{"\x1f\x9d", "packed by compress (.Z), which is not read: unpack it first"},
	{"\x04\x22\x4d\x18", "packed by LZ4, which is not read: unpack it first"},
	{"\x5d\x00\x00", "packed by LZMA, which is not read: unpack it first"},
	{"LZIP", "packed by lzip, which is not read: unpack it first"},
	{"Rar!", "packed by RAR, which is not read: unpack it first"},
	{"SQLite format 3", "an SQLite database, which is not read: write the table as CSV"},
	{"\xd4\xc3\xb2\xa1", "a packet capture, which is not read: write rates or times as CSV"},
	{"\n\r\r\n", "a packet capture, which is not read: write rates or times as CSV"},
	{"\x89HDF", "HDF5, which is not read: write the table as CSV"},
	{"%PDF", "a PDF document, which is no data: name the file that it describes"},
	{"<!DOCTYPE html", "a web page, which is no data: name the file that it links to"},
	{"<?xml", "XML, which is not read: write the rows as CSV"},
	{"<html", "a web page, which is no data: name the file that it links to"},
	{"version https://git-lfs", "a pointer to a file that Git LFS holds: fetch the file itself"},
}

// unreadable says why a file is of a format that is not read.
func unreadable(s *sample) string {
	if bytes.Contains(s.head, []byte("<MPD")) {
		return "a DASH manifest, which is not read: name the folder with its segments, or an HLS playlist of them"
	}
	for _, r := range refused {
		if n := len(r.magic); len(s.head) >= n && strings.EqualFold(string(s.head[:n]), r.magic) {
			return r.why
		}
	}
	return ""
}
