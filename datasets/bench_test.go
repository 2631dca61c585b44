package datasets

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// bulk makes about 4 MB of lines of one form.
func bulk(header string, line func(i int) string) []byte {
	var b bytes.Buffer
	b.WriteString(header)
	for i := 0; b.Len() < 4<<20; i++ {
		b.WriteString(line(i))
	}
	return b.Bytes()
}

// BenchmarkRead tells how fast formats are read, in MB/s, beside a plain scan
// for line ends of the same bytes.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		name string
		text []byte
		desc Descriptor
	}{
		{"cooked", bulk("", func(i int) string { return fmt.Sprintf("%d.000\t%d.815568\n", i, i%50) }), Descriptor{}},
		{"mahimahi", bulk("", func(i int) string { return fmt.Sprintf("%d\n", i*2) }), Descriptor{}},
		{"sabre", bulk("[", func(i int) string {
			return fmt.Sprintf(`{"duration_ms": 1000, "bandwidth_kbps": %d, "latency_ms": 20},`+"\n", i%5000)
		}), Descriptor{}},
		{"ucc-5g", bulk("Timestamp,Longitude,Latitude,Speed,Operatorname,CellID,NetworkMode,RSRP,RSRQ,SNR,CQI,RSSI,DL_bitrate,UL_bitrate\n", func(i int) string {
			return fmt.Sprintf("2020.01.06_%02d.%02d.%02d,-8.394575,51.886123,0,B,11,5G,-100,-10,-6.0,14,-,%d,626\n", i/3600%24, i/60%60, i%60, i%9000)
		}), Descriptor{}},
		{"iso-csv", bulk("timestamp,down_Mbps,up_Mbps\n", func(i int) string {
			return fmt.Sprintf("2024-04-19 %02d:%02d:%02d.001,%d.596184,12.348\n", i/3600%24, i/60%60, i%60, i%300)
		}), Descriptor{}},
		{"fta-events", bulk("event_id component_id node_id platform_id node_name event_type event_start_time event_stop_time event_end_reason\n", func(i int) string {
			return fmt.Sprintf("    %d\t       0\t     %d\t    3\t       10.000\t         %d\t   \t\t%d\t   \t\t%d\t       \t8000\n", i, i/20, i%2, 1e9+i%20*1000, 1e9+i%20*1000+1000)
		}), Descriptor{}},
		{"fees", bulk("\"Date(UTC)\",\"UnixTimeStamp\",\"Value (Wei)\"\n", func(i int) string {
			return fmt.Sprintf("\"7/30/2015\",\"%d\",\"%d\"\n", 1438214400+i*12, 1e18+i)
		}), Descriptor{}},
		{"matrix", matrixText(700), with("ms")},
	} {
		b.Run(c.name+"/read", func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read("x", c.text, c.desc); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/scan", func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				scan(c.text)
			}
		})
	}
}

// scan counts lines.
func scan(text []byte) (n int) {
	in := bufio.NewReaderSize(bytes.NewReader(text), headSize)
	for {
		line, err := in.ReadSlice('\n')
		n += bytes.Count(line, []byte{'\n'})
		if err == io.EOF {
			return n
		}
	}
}

func matrixText(n int) []byte {
	var b strings.Builder
	for i := range n {
		for k := range n {
			if i == k {
				b.WriteString("0\t")
				continue
			}
			fmt.Fprintf(&b, "%d.%d\t", (i*k)%300+1, k%10)
		}
		b.WriteByte('\n')
	}
	return []byte(strings.ReplaceAll(b.String(), "\t\n", "\n"))
}
