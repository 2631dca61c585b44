package datasets

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// A bulkText is about 4 MB of one format, made up.
type bulkText struct {
	name string // of the format
	text func() []byte
	desc Descriptor
}

// file is what the text is called: some formats are known by it.
func (c *bulkText) file() string {
	if c.name == "size-list" {
		return "video_size_0"
	}
	return "x"
}

// bulks are texts of every format but twitch-months, which is one of months, and
// which twitch-games stands for.
func bulks() []bulkText {
	var all []bulkText
	add := func(name, header string, d Descriptor, line func(i int) string) {
		all = append(all, bulkText{name, func() []byte {
			var b bytes.Buffer
			b.WriteString(header)
			for i := 0; b.Len() < 4<<20; i++ {
				b.WriteString(line(i))
			}
			return append(b.Bytes(), bulkEnds[name]...)
		}, d})
	}
	add("sabre", "[", Descriptor{}, func(i int) string {
		return fmt.Sprintf(`{"duration_ms": 1000, "bandwidth_kbps": %d, "latency_ms": 20},`+"\n", i%5000)
	})
	add("ucc-5g", "Timestamp,Longitude,Latitude,Speed,Operatorname,CellID,NetworkMode,RSRP,RSRQ,SNR,CQI,RSSI,DL_bitrate,UL_bitrate\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("2020.01.06_%02d.%02d.%02d,-8.394575,51.886123,0,B,11,5G,-100,-10,-6.0,14,-,%d,626\n", i/3600%24, i/60%60, i%60, i%9000)
	})
	add("lumos", "chunk_index,bitrate,chunk_size,app_throughput,delivery_time,downstream_bandwidth\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,2000,8000,%d.5,0.%03d,5M\n", i, i%9000, i%900+1) })
	add("ookla", "Date,downlink_Mbps,uplink_Mbps,Speedtest_URL\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("\"01/16/2021, 4:%02d PM\",%d.5,7.2,https://example.org/%d\n", i%60, i%900, i)
	})
	add("starlink-autobahn", "timestamp_start_dl,timestamp_end_dl,download,upload\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("2024-04-19 %02d:%02d:%02d.001039872,2024-04-19 %02d:%02d:%02d.9,%d.596184,12.3\n", i/3600%24, i/60%60, i%60, i/3600%24, i/60%60, i%60, i%300)
	})
	add("puffer-log", "time (ns GMT),session_id,index,delivery_rate\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("%d,%d,2,%d\n", 1574000000000000000+i*2000000000, i%50, 500000+i%999)
	})
	add("samknows", "unit_id,dtime,target,address,fetch_time,bytes_total,bytes_sec\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("%d,2016-09-01 %02d:%02d:%02d,sp1.example.net,192.0.2.1,5000000,12500000,%d\n", i/1000, i/3600%24, i/60%60, i%60, 2500000-i%99)
	})
	add("value-unit", "", Descriptor{}, func(i int) string { return fmt.Sprintf("%d.%d Mbits/sec\n", i%50, i%10) })
	add("riiser", "", Descriptor{}, func(i int) string {
		return fmt.Sprintf("%d %d 59.85 10.78 %d 1000\n", 1289406399+i, 29000+i*1000, i*7%200000)
	})
	add("cooked", "", Descriptor{}, func(i int) string { return fmt.Sprintf("%d.000\t%d.815568\n", i, i%50) })
	add("oboe", "", Descriptor{}, func(i int) string { return fmt.Sprintf("%d\t%d\n", i/2*4000+i%2*3000, 500+i/2%97*10) })
	add("mahimahi", "", Descriptor{}, func(i int) string { return fmt.Sprintf("%d\n", i*2) })
	add("iperf", "[ ID] Interval Transfer Bandwidth\n", Descriptor{}, func(i int) string { return fmt.Sprintf("[  5] %d.00-%d.00 sec  1.25 MBytes  10.5 Mbits/sec\n", i, i+1) })
	add("iperf3-json", "{\"start\": {}, \"intervals\": [\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("{\"streams\": [], \"sum\": {\"start\": %d, \"end\": %d, \"bits_per_second\": 8000000}},\n", i, i+1)
	})
	add("bandwidth-csv", "timestamp,down_Mbps,up_Mbps\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("2024-04-%02d %02d:%02d:%02d.001,%d.596184,12.348\n", i/86400+1, i/3600%24, i/60%60, i%60, i%300)
	})
	add("wondernetwork", "source,destination,min,avg,max,mdev\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,%d,101.3,102.7,110.1,1.5\n", i/400, i%400) })
	add("ripe-countries", "cty1,cty2,rtt_cnt,rtt_avg,rtt_std,rtt_min,rtt_max\n", Descriptor{}, func(i int) string { return fmt.Sprintf("C%d,C%d,%d,102.7,4.5,90.1,310.5\n", i/400, i%400, i) })
	add("probe-table", "Probe Number,RTT [ms],Probe Send Time\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("%d,%d.5,%02d:%02d:%02d\n", i, i%90+10, i/3600%24, i/60%60, i%60)
	})
	add("ripe-atlas", "[", Descriptor{}, func(i int) string {
		return fmt.Sprintf("{\"prb_id\": %d, \"dst_addr\": \"192.0.2.1\", \"avg\": %d.5, \"min\": 9, \"rcvd\": 3, \"timestamp\": %d},\n", i%900, i%90+10, 1700000000+i)
	})
	add("places", "id,name,country,latitude,longitude\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,place %d,NO,59.%d,10.5\n", i, i, i%1000) })
	add("latency-markdown", "", Descriptor{}, func(i int) string {
		return fmt.Sprintf("| (ms) | a | b | c |\n|---|---|---|---|\n| x%d | %d | 12 | 14 |\n\n", i, i%300+1)
	})
	add("ping-log", "PING a (192.0.2.1) 56(84) bytes of data.\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("64 bytes from 192.0.2.1: icmp_seq=%d ttl=117 time=%d.3 ms\n", i+1, i%90)
	})
	add("latency-json", "{\"0-0\": 1", with("ms"), func(i int) string { return fmt.Sprintf(", \"%d-%d\": %d.5", i/400, i%400+401, i%300+1) })
	add("latency-csv", "from,to,rtt_ms\n", Descriptor{}, func(i int) string { return fmt.Sprintf("a%d,b%d,%d.5\n", i/400, i%400, i%300+1) })
	add("fta-events", "event_id component_id node_id platform_id node_name event_type event_start_time event_stop_time event_end_reason\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("    %d\t       0\t     %d\t    3\t       10.000\t         %d\t   \t\t%d\t   \t\t%d\t       \t8000\n", i, i/20, i%2, 1000000000+i%20*1000, 1000001000+i%20*1000)
	})
	add("dsn-churn", "", Descriptor{}, func(i int) string {
		return fmt.Sprintf("%d\t%d\tlog\t%d\t900\t890\t1\t#churn\n", 1400000000+i*1800, 1400001801+i*1800, 20000+i%99)
	})
	add("dsn-survival", "", Descriptor{}, func(i int) string {
		return fmt.Sprintf("%d\t60\t0.994\t3600\t0.963\t86400\t0.650\t#v\n", 1400000000+i*1800)
	})
	add("node-count", "", Descriptor{}, func(i int) string { return fmt.Sprintf("%d %d %d [1]\n", 1400000000+i*600, 5000+i%99, 9000+i%99) })
	add("churn-csv", "node,join,leave\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("n%d,2024-01-01T%02d:%02d:%02dZ,2024-01-02T%02d:00:00Z\n", i, i/3600%24, i/60%60, i%60, i%24)
	})
	add("ytlive", "videoId,actualStartTime,actualEndTime\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("v%d,2024-05-01T%02d:%02d:%02dZ,2024-05-02T%02d:00:00Z\n", i, i/3600%24, i/60%60, i%60, i%24)
	})
	add("p2p-live", "pid1,pid2,min_ts,max_ts\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("%d,2,2020-07-03 20:%02d:%02d.457000+00:00,2020-07-03 21:25:08.457000+00:00\n", i, i/60%60, i%60)
	})
	add("yt-playback", "run_id,run_start,run_length,x\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,%d,%d,-1\n", i, 1400000000+i, i%900+1) })
	add("twitch-games", "Game,Month,Year,Avg_viewers\n", Descriptor{}, func(i int) string { return fmt.Sprintf("game %d,%d,%d,%d\n", i, i%12+1, 2016+i%5, i%9000+1) })
	add("yt-trending", "video_id,trending_date,view_count\n", Descriptor{}, func(i int) string { return fmt.Sprintf("v%d,18.01.11,%d\n", i, i%9000+1) })
	add("publish-log", "ID:a\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d %d %d 900\n", 1500000000000+i*40, i%9000, btoi(i%50 == 0)) })
	add("watch-cdf", "", with("s"), func(i int) string { return fmt.Sprintf("%d.5\t0.%09d\n", i, i) })
	add("stay-csv", "watch_time_s,cdf\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,0.%07d\n", i, i) })
	add("viewers-csv", "time,viewers\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("2024-04-%02d %02d:%02d:%02d,%d\n", i/86400+1, i/3600%24, i/60%60, i%60, i%9000)
	})
	add("sabre-sizes", "{\"segment_duration_ms\": 4000, \"bitrates_kbps\": [300, 750], \"segment_sizes_bits\": [[1, 2]", Descriptor{}, func(i int) string { return fmt.Sprintf(",\n [%d, %d]", i+1200000, i+3000000) })
	add("size-list", "", Descriptor{}, func(i int) string { return fmt.Sprintf("%d\n", 90000+i%999) })
	add("hls", "#EXTM3U\n#EXT-X-TARGETDURATION:6\n", Descriptor{}, func(i int) string { return fmt.Sprintf("#EXTINF:6.006,\n#EXT-X-BYTERANGE:%d@0\nall.ts\n", i+1000) })
	add("video-csv", "segment,quality,duration_s,size_kB\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,%d,4,%d.5\n", i/5, i%5, i%900+1) })
	add("video-wide", "segment,duration_s,240p (kB),720p (kB)\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,4,%d.5,%d\n", i, i%900+1, i%900+2) })
	add("etherscan", "\"Date(UTC)\",\"UnixTimeStamp\",\"Value (Wei)\"\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("\"7/30/2015\",\"%d\",\"%d\"\n", 1438214400+i*12, 1000000000000000000+i)
	})
	add("candles", "Date,Symbol,Open,High,Low,Close\n", Descriptor{}, func(i int) string {
		return fmt.Sprintf("2018-%02d-%02d %02d-PM,ETHUSD,512,525,512,517.%d\n", i/300%12+1, i/12%28+1, i%12+1, i%100)
	})
	add("fee-history", "{\"oldestBlock\": \"0x1\", \"baseFeePerGas\": [\"0x1\"", Descriptor{}, func(i int) string { return fmt.Sprintf(",\"0x%x\"", 1000000000+i) })
	add("fees-csv", "block_number,base_fee_per_gas\n", Descriptor{}, func(i int) string { return fmt.Sprintf("%d,%d\n", 15000000+i, 23000000000+i) })
	all = append(all, bulkText{"matrix", func() []byte { return matrixText(700) }, with("ms")})
	if clip, err := os.ReadFile("../protocol/media/clip/180p.mp4"); err == nil {
		all = append(all, bulkText{"media", func() []byte { return clip }, Descriptor{}})
	}
	return all
}

// bulkEnds close what is no list of lines.
var bulkEnds = map[string]string{"sabre": "{}]", "iperf3-json": `{"sum": {"start": 0, "end": 1, "bits_per_second": 1}}]}`, "ripe-atlas": "{}]", "latency-json": "}", "sabre-sizes": "]}", "fee-history": "]}"}

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
