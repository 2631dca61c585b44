package datasets

import (
	"strings"
	"testing"
)

// What cannot be read is refused with where, what was found, what is allowed
// and what to do.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, text string
		desc       Descriptor
		want       string
	}{
		{"a", "", Descriptor{}, "a: it is empty: there is nothing to read"},
		{"a", " \n\n", Descriptor{}, "a: it holds nothing but blanks: there is nothing to read"},
		{"a", "\x00\x01\x02", Descriptor{}, "a: it is binary and of no format that is known: kscope datasets formats lists them"},
		{"a", "Dear Sir\n", Descriptor{}, "a: text of no format that is known"},
		{"a", "x,y\n1,2\n", Descriptor{}, `a: a table with the columns "x", "y", which is of no format that is known: say --format with one that ends in -csv, and --column and --unit for what the columns are`},
		{"a", "1 2 3\n9 1 2\n", Descriptor{}, "a: 3 columns of numbers without a header, which may be many things: say --format"},
		{"a", "x,y\n1,2\n", Descriptor{Format: "csv"}, "--format csv: there is no such format: use one of sabre, "},
		{"a", "time_s,rate\n1,2\n", Descriptor{}, `a:1: column "rate" states no unit for a rate: say --unit with one of bit/s, kbit/s, Mbit/s, Gbit/s, B/s, kB/s, MB/s, KiB/s, MiB/s`},
		{"a", "time,rate_kbps\n1,2\n", Descriptor{}, `a:1: column "time" states no unit for a time: say --unit time=UNIT with one of ns, us, ms, s, min, h, d`},
		{"a", "time_s,rate_kbps\n1,2\n", with("furlongs"), "--unit furlongs: a rate has no such unit: use one of bit/s"},
		{"a", "time_s,rate_kbps\n1,2\n", Descriptor{Columns: map[string]string{"down": "speed"}}, `a:1: --column down=speed: there is no such column: it has "time_s", "rate_kbps"`},
		{"a", "7\n8\n9\n", Descriptor{Format: "bandwidth-csv", Columns: map[string]string{"down": "x"}}, "there is no such column: it has no header: give a number from 1"},
		{"a", "rate_kbps\n1\n", Descriptor{}, "a:1: rows have no time and no length: say --step with what each lasts, like --step 1s"},
		{"a", "time_s,a_rate_kbps,b_rate_kbps\n1,2,3\n", Descriptor{}, `columns "a_rate_kbps" and "b_rate_kbps" may each be the rate (down): say --column down=NAME`},
		{"a", "0\t1\t2\n1\t0\t1\n2\t1\t0\n", Descriptor{}, "a: a matrix, which states no unit: say --unit with one of ns, us, ms, s, min, h, d"},
		{"a", "time_s,rate_kbps\n-1,x\n", Descriptor{}, "a: read as bandwidth-csv (its column \"rate_kbps\" is a rate), and not one row of it is of use: 0 of 1 row repaired, 1 dropped: bad-number 1"},
		{"a", "date,price_USD\n1/2/2021,7\n", Descriptor{}, `a:1: column "date" holds times like "1/2/2021", which is not ISO 8601: say --unit time=FORM with one of iso, us, eu, dotted`},
		{"a", "t,seen\n1,3\n", Descriptor{Columns: map[string]string{"time": "1", "count": "2"}}, "a: the columns that you named may be those of churn-csv or viewers-csv: say which with --format"},
		{"a", "src,dst,one_way_delay_ms\na,b,3\n", Descriptor{}, "which is of no format that is known"},
		{"a", "0,12.5\n1,12.5\n2,13.5\n", Descriptor{}, "a: 2 columns of numbers without a header, which may be many things"},
		{"a", "time (s);rate (Mbit/s)\n0;8,5\n", Descriptor{}, `"8,5" may be a number with a comma for its decimal sign: then say --decimal-comma`},
		{"a", "time (s);rate (Mbit/s)\n0;8,500\n", Descriptor{}, `"8,500" may be a number with a comma for its decimal sign: then say --decimal-comma`},
		{"a", "time (s);rate (Mbit/s)\n0;8.5\n", Descriptor{Comma: true}, "1 dropped: bad-number 1"},
		{"a", "<!doctype html>\n", Descriptor{}, "a web page, which is no data"},
		{"a", "name,watch_time\na,4:32\n", Descriptor{}, `column "watch_time" states no unit for a length`},
		{"a", "[ 5] 0.00-1.00 sec 1.25 MBytes 10.5 Mbits/sec\n[ 7] 0.00-1.00 sec 1.25 MBytes 10.5 Mbits/sec\n", Descriptor{}, "2 connections side by side and no [SUM] of them: keep the lines of one"},
		{"a.json", `[[0, 1], [1, 2]]`, Descriptor{}, "JSON of no format that is known"},
		{"export-GasUsed.csv", "Date(UTC),UnixTimeStamp,Value\n1,2,3\n", Descriptor{}, "gas used, which is no fee and no price: name a file with one"},
		{"export-X.csv", "Date(UTC),UnixTimeStamp,Value\n1,2,3\n", Descriptor{}, `column "Value" states no unit for a fee: say --unit with one of wei, gwei, ETH, USD`},
		{"a", `{"segment_duration_ms": 0, "bitrates_kbps": [1], "segment_sizes_bits": []}`, Descriptor{}, "segments of 0 ms in 1 renditions: write segment_duration_ms above 0"},
		{"a", `{"segment_duration_ms": "x", "segment_sizes_bits": []}`, Descriptor{}, "not the JSON of segment sizes"},
		{"a", "segment,size_kB\n0,5\n", Descriptor{}, "segments have no duration: say --column length=NAME, or --step"},
		{"a", `{"oldestBlock": "ten", "baseFeePerGas": []}`, Descriptor{}, `oldestBlock is "ten": write it like "0x10d4f"`},
		{"a", "PAR1....PAR1", Descriptor{}, "a: Parquet, which is not read: turn it into CSV"},
		{"a", "#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n#EXTINF:4,\n#EXT-X-BYTERANGE:5@0\na.ts\n", Descriptor{}, "a:2: a playlist of key frames alone, which is not read"},
		{"a", "#EXTM3U\n#EXTINF:1e9,\na.ts\n", Descriptor{}, "1 dropped: zero-length 1, bad-tag 1, no-duration 1"},
		{"a", "<?xml?><MPD/>", Descriptor{}, "a DASH manifest, which is not read: name the folder with its segments"},
		{"a", "version https://git-lfs.github.com/spec/v1\n", Descriptor{}, "a pointer to a file that Git LFS holds: fetch the file itself"},
		{"a", "time_s,rate_kbps\n1,2\n" + strings.Repeat("9", maxLine+1<<17), Descriptor{}, "a:3: a line is longer than 4194304 bytes: this is no table"},
		{"a", `[{"time_s": 1, "rate_kbps": 2}, {"x": "` + strings.Repeat("9", maxObject+2), Descriptor{}, "an object is longer than 1048576 bytes"},
		{"a", "time_s,rate_kbps\n0,1\n1,x\n", Descriptor{Strict: true}, "a:3: bad-number: A cell should be a number that fits and is not. Strict reading refuses it: mend the file, or read without strict, and it is dropped and counted"},
	} {
		s, err := Read(c.name, []byte(c.text), c.desc)
		switch {
		case err == nil:
			t.Errorf("%.40q is read: %v", c.text, &s.Repairs)
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("%.40q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// Units are those of a list, told apart by case where bits and bytes are.
func TestHeaderUnits(t *testing.T) {
	for _, c := range []struct {
		header string
		of     quantity
		name   string
		unit   string // empty: none is stated
	}{
		{"RTT [ms]", length, "RTT", "ms"},
		{"downlink_Mbps", rate, "downlink", "Mbit/s"},
		{"rate_MBps", rate, "rate", "MB/s"},
		{"Value (Wei)", fee, "Value", "wei"},
		{"Close USD", fee, "Close", "USD"},
		{"duration_in_minutes", length, "duration", "min"},
		{"bandwidthKbps", rate, "bandwidth", "kbit/s"},
		{"rate (furlongs)", rate, "rate", ""},
		{"rate_MBPS", rate, "rate_MBPS", ""},
		{"size_kB", size, "size", "kB"},
		{"rate_kBps", rate, "rate", "kB/s"},
		{"time in s", length, "time", "s"},
		{"delay_s", length, "delay", "s"},
		{"downs", length, "downs", ""},
		{"s", length, "s", ""},
	} {
		name, m, ok := headerUnit(c.header, c.of)
		if name != c.name || ok != (c.unit != "") || ok && m.name != c.unit {
			t.Errorf("%s: %q %q %v, want %q %q", c.header, name, m.name, ok, c.name, c.unit)
		}
	}
}
