package datasets

import "slices"

// specimens are all that the tests read.
var specimens = slices.Concat(known, variants)

// variants are made up in the ways in which other people write the same kinds of
// data.
var variants = []specimen{
	{"mac.csv", "time_s,rate_kbps\r0,800\r1,900\r", Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: cr 3: 1s@800kbit/s 1s@900kbit/s"},
	{"units.csv", "time,rate,note\ns,(Mbit/s),\n0,8,a\n1,9,b\n", Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: units-row 1: 1s@8Mbit/s 1s@9Mbit/s"},
	{"sep.csv", "sep=;\ntime_s;rate_kbps\n0;8 000\n1;9'500\n2;1\u202f000\n", Descriptor{}, "bandwidth-csv: 3 of 3 rows repaired: thousands 3: 1s@8Mbit/s 1s@9.5Mbit/s 1s@1Mbit/s"},
	{"percent.csv", "%time_s,rate_kbps\n0,80\n1,90\n", Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: 1s@80kbit/s 1s@90kbit/s"},
	{"points.csv", "time (s);rate (kbit/s)\n0;1.234\n1;1.234,5\n2;7,5\n", Descriptor{Comma: true}, "bandwidth-csv: 2 of 3 rows repaired: thousands 2, decimal-comma 2, near-zero 1: 1s@1234kbit/s 1s@1234500bit/s 1s@7500bit/s"},
	{"clock.csv", "date,time,down_Mbps\n2024-01-31,23:59:59,8\n2024-02-01,00:00:00,9\n", Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: no-zone 1: 1s@8Mbit/s 1s@9Mbit/s"},
	{"night.csv", "time,down_Mbps\n23:59:58,7\n23:59:59,8\n00:00:00,9\n", Descriptor{Units: map[string]string{"time": "clock"}}, "bandwidth-csv: 3 rows, all kept as read: no-zone 1, midnight 1: 1s@7Mbit/s 1s@8Mbit/s 1s@9Mbit/s"},
	{"excel.csv", "date,down_Mbps\n45000.00000000,8\n45000.00001157,9\n", Descriptor{Units: map[string]string{"time": "excel"}}, "bandwidth-csv: 2 rows, all kept as read: no-zone 1: 1s@8Mbit/s 1s@9Mbit/s"},
	{"forms.csv", "time,down_Mbps\n2024/01/31 10:00:00,1\n20240131T100001Z,2\n2024.01.31_10.00.02,3\nWed Jan 31 10:00:03 2024,4\n31 Jan 2024 10:00:04,5\n", Descriptor{}, "bandwidth-csv: 5 rows, all kept as read: no-zone 1: 1s@1Mbit/s 1s@2Mbit/s 1s@3Mbit/s 1s@4Mbit/s 1s@5Mbit/s"},
	{"blank.txt", "time Mbps\n2024-01-31 10:00:00 1\n2024-01-31 10:00:01 2\n", Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: no-zone 1: 1s@1Mbit/s 1s@2Mbit/s"},
	{"bytes.csv", "time_s,bytes\n0,1000\n2,1000\n3,10\n4,0\n", Descriptor{Columns: map[string]string{"bytes": "2", "time": "1"}, Format: "bandwidth-csv", Units: map[string]string{"bytes": "B"}}, "bandwidth-csv: 1 of 4 rows repaired: slow-rate 1, zero-outage 1: 2s@4kbit/s 1s@8kbit/s 1s@1kbit/s 1s"},
	{"runs.csv", "user,time_s,throughput_Mbps\na,0,1\nb,0,5\na,1,2\nb,1,6\n", Descriptor{}, "bandwidth-csv: 4 rows, all kept as read: 1s@1Mbit/s 1s@2Mbit/s 1s@5Mbit/s 1s@6Mbit/s"},
	{"sent.csv", "time (ns GMT),session_id,delivery_rate\n1700000000000000000,a,1000000\n1700000002000000000,a,500000\n", Descriptor{}, "puffer-log: 2 rows, all kept as read: 2s@8Mbit/s 2s@4Mbit/s"},
	{"rtt.csv", "time_s,rate_kbps,latency_ms\n0,2000,3\n1,3000,3\n", Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: 1s@2Mbit/s 1s@3Mbit/s"},
	{"iperf.txt", "[ ID] Interval Transfer Bandwidth\n[  3]  0.0- 1.0 sec  1.25 MBytes  10.5 Mbits/sec\n[  3]  1.0- 2.0 sec  0.00 Bytes  0.00 bits/sec\n[  3]  0.0- 2.0 sec  1.25 MBytes  5.2 Mbits/sec\n", Descriptor{}, "iperf: 2 rows, all kept as read: total 1, zero-outage 1: 1s@10.5Mbit/s 1s"},
	{"iperf3.txt", "[  5]   0.00-1.00   sec  1 MBytes  8 Mbits/sec    0   1 MBytes\n[  7]   0.00-1.00   sec  1 MBytes  8 Mbits/sec\n[SUM]   0.00-1.00   sec  2 MBytes  16 Mbits/sec    0\n[SUM]   0.00-1.00   sec  2 MBytes  16 Mbits/sec    0   sender\n", Descriptor{}, "iperf: 1 row, all kept as read: total 1: 1s@16Mbit/s"},
	{"iperf3.json", `{"start": {}, "intervals": [{"streams": [{"start": 0, "end": 1, "bits_per_second": 8000000}]}, {"sum": {"start": 1, "end": 2, "bits_per_second": 9000000}}, {"sum": {"start": 2, "end": 1, "bits_per_second": 1}}]}`, Descriptor{}, "iperf3-json: 0 of 3 rows repaired, 1 dropped: bad-line 1: 1s@8Mbit/s 1s@9Mbit/s"},
	{"columns.json", `{"name": "x", "time_s": [0, 1], "down_mbps": [8, 9]}`, Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: 1s@8Mbit/s 1s@9Mbit/s"},
	{"lists.json", `{"rates": [[0, 8], [1, 9.5]], "n": 2}`, Descriptor{Format: "bandwidth-csv", Columns: map[string]string{"time": "1", "down": "2"}, Units: map[string]string{"": "Mbit/s", "time": "s"}}, "bandwidth-csv: 2 rows, all kept as read: 1s@8Mbit/s 1s@9.5Mbit/s"},
	{"inner.jsonl", "{\"t_ms\": 0, \"link\": {\"rate_kbps\": 80, \"tag\": {}}}\n{\"t_ms\": 1000, \"link\": {\"rate_kbps\": 90}}\n", Descriptor{}, "bandwidth-csv: 2 rows, all kept as read: missing-cell 1: 1s@80kbit/s 1s@90kbit/s"},
	{"cities.csv", "city1,city2,ping_ms\na,b,10\nb,a,10\n", Descriptor{}, "latency-csv: 2 rows, all kept as read: a-b=10ms b-a=10ms"},
	{"matrix.json", `{"nodes": ["a", "b", "c"], "rtt": [[0, 1, 2], [1, 0, 3], [2, 3, 0]]}`, with("ms"), "matrix: 9 rows, all kept as read: a-b=1ms a-c=2ms b-a=1ms b-c=3ms c-a=2ms c-b=3ms"},
	{"half.txt", "0\n5 0\n6 7 0\n8 9 9 0\n", with("ms"), "matrix: 10 rows, all kept as read: 1-0=5ms 2-0=6ms 2-1=7ms 3-0=8ms 3-1=9ms 3-2=9ms"},
	{"half.csv", "0,5,6,8\n0,7,9\n0,9\n0\n", with("ms"), "matrix: 10 rows, all kept as read: 0-1=5ms 0-2=6ms 0-3=8ms 1-2=7ms 1-3=9ms 2-3=9ms"},
	{"corner.csv", "RTT (ms);a;b;c\na;-;1,5;2\nb;1,5;-;2\nc;2;2;-\n", Descriptor{Comma: true}, "matrix: 0 of 9 rows repaired, 3 dropped: decimal-comma 2, missing 3: a-b=1.5ms a-c=2ms b-a=1.5ms b-c=2ms c-a=2ms c-b=2ms"},
	{"cells.md", "| to | a | b |\n|---|---|---|\n| a | - | 12 ms |\n| b | 0.014 s | - |\n", Descriptor{}, "latency-markdown: 0 of 4 rows repaired, 2 dropped: unit-in-cell 2, missing 2: a-b=12ms b-a=14ms"},
	{"plain.md", "| to | a | b |\n|---|---|---|\n| a | - | 12 |\n| b | 14 | - |\n", with("ms"), "latency-markdown: 0 of 4 rows repaired, 2 dropped: missing 2: a-b=12ms b-a=14ms"},
	{"atlas.json", `[{"prb_id": 7, "dst_addr": "192.0.2.1", "avg": 12.5, "min": 12, "sent": 3, "rcvd": 3, "timestamp": 1700000000, "result": [{"rtt": 12}]}, {"prb_id": 8, "dst_addr": "192.0.2.1", "avg": -1, "min": -1, "sent": 3, "rcvd": 0, "timestamp": 1700000000, "result": []}]`, Descriptor{}, "ripe-atlas: 0 of 2 rows repaired, 1 dropped: missing 1, one-way 1, few-samples 1: 7-192.0.2.1=12.5ms"},
	{"fping.txt", "8.8.8.8 : [0], 64 bytes, 5.52 ms (5.52 avg, 0% loss)\n8.8.8.8 : [1], timed out (5.52 avg, 50% loss)\n8.8.8.8 : [3], 64 bytes, 6 ms (5.7 avg, 33% loss)\n", Descriptor{}, "ping-log: 3 rows, all kept as read: lost 2: 5.52ms 0s 6ms"},
	{"ping.de.txt", "Ping wird ausgef\u00fchrt f\u00fcr 8.8.8.8 mit 32 Bytes Daten:\nAntwort von 8.8.8.8: Bytes=32 Zeit=14ms TTL=118\nZeit\u00fcberschreitung der Anforderung.\nAntwort von 8.8.8.8: Bytes=32 Zeit<1ms TTL=118\n", Descriptor{}, "ping-log: 1 of 3 rows repaired: lost 1, upper-bound 1: 14ms 0s 1ms"},
	{"stay.csv", "peer,session_start,duration_s\na,2024-01-01T00:00:00Z,60\nb,2024-01-01T00:00:10Z,0\n", Descriptor{}, "churn-csv: 0 of 2 rows repaired, 1 dropped: zero-length 1: a:true:1704067200-1704067260"},
	{"stay.csv", "peer_id,session_length\na,00:01:00\nb,PT1M30S\na,2m\n", Descriptor{}, "churn-csv: 3 rows, all kept as read: unit-in-cell 3, same-state 1: a:true:0-60 a:true:60-180 b:true:0-90"},
	{"cdf.csv", "watch_time_s,cdf\n10,0.1\n60,0.5\n600,1\n700,1.5\n", Descriptor{}, "stay-csv: 0 of 4 rows repaired, 1 dropped: bad-number 1: 10s:0.9 1m0s:0.5 10m0s:0"},
	{"retention.csv", "time (min);retention (%)\n0;100\n1;60\n-1;5\n", Descriptor{}, "stay-csv: 0 of 3 rows repaired, 1 dropped: negative 1: 0s:1 1m0s:0.6"},
	{"arrivals.csv", "arrival_time\n2024-01-01 00:00:00\n2024-01-01 00:00:10\n", Descriptor{}, "viewers-csv: 2 rows, all kept as read: no-zone 1: 0@1704067200000ms:0B 0@1704067210000ms:0B"},
	{"views.csv", "name,views\nA,1.2M\nB,800K\nC,12\n", Descriptor{}, "viewers-csv: 3 rows, all kept as read: unit-in-cell 2: A:1200000 B:800000 C:12"},
	{"wide.csv", "segment,duration_s,240p (B),720p (kB)\n0,4,100,1\n1,2,50,0.5\n2,4,0,1\n", Descriptor{}, "video-wide: 0 of 3 rows repaired, 1 dropped: zero-unknown 1: [4s 2s] 240p[100 50] 720p[1000 500]"},
	{"rpc.jsonl", "{\"number\": \"0xa\", \"timestamp\": \"0x6553f100\", \"baseFeePerGas\": \"0x3b9aca00\"}\n", Descriptor{Units: map[string]string{"time": "s"}}, "fees-csv: 1 row, all kept as read: 1700000010=1000000000wei"},
	{"dollars.csv", "date,price\n2024-01-01,\"$1,234.50\"\n2024-01-02,$99\n2024-01-03,\u20ac99\n", Descriptor{}, "fees-csv: 0 of 3 rows repaired, 1 dropped: unit-in-cell 2, bad-number 1, no-zone 1: 1704067200=1234500000000USD 1704153600=99000000000USD"},
	{"cells.csv", "date,gas_price\n2024-01-01,12 gwei\n2024-01-02,13.5 gwei\n", Descriptor{}, "fees-csv: 2 rows, all kept as read: unit-in-cell 2, no-zone 1: 1704067200=12000000000wei 1704153600=13500000000wei"},
	{"rides.csv", "time_s,down_Mbps\n0,1\n1,2\n2,3\n3,4\n0,5\n1,6\n2,7\n3,8\n", Descriptor{}, "bandwidth-csv: 8 rows, all kept as read: reset 1: 1s@1Mbit/s 1s@2Mbit/s 1s@3Mbit/s 1s@4Mbit/s 1s@5Mbit/s 1s@6Mbit/s 1s@7Mbit/s 1s@8Mbit/s"},
	{"open.csv", "node,join,leave\na,2024-01-01 00:00:00,2024-01-01 00:01:00\nb,2024-01-01 00:00:10,\nc,,2024-01-01 00:01:00\n", Descriptor{}, "churn-csv: 1 of 3 rows repaired, 1 dropped: missing 1, no-zone 1, open-end 1: a:true:1704067200-1704067260 b:true:1704067210-1704067260"},
}
