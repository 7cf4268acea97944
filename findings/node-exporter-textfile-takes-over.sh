#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
#
# Package      prometheus-node-exporter 1.5.0-1+b6 of Debian 12
# Expectation  When a file for the textfile collector has a series that the exporter has itself, the exporter's own is told,
#              or none, and node_textfile_scrape_error is 1, so that an alert can say so.
# Behaviour    Whichever of its collectors is quicker wins, and that may be the file's: then its number stands in the page in
#              place of the kernel's, in three of four runs in some page of ten. The status is 200, node_textfile_scrape_error 0 and node_scrape_collector_success 1 for both
#              collectors; only the exporter's log tells.
# Consequence  ss --metrics has names of its own, sockeye_..., for what node_exporter counts, too, and docs/metrics.md a table.
#
# Needs apt-get and dpkg of a Debian 12 on amd64, and python3. Ends with 0 when it is still so.

set -eu
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$dir"' EXIT
cd "$dir"
timeout 300 apt-get -qq download prometheus-node-exporter=1.5.0-1+b6
dpkg -x prometheus-node-exporter_*.deb root

# A number that no machine has.
mkdir text
printf '%s\n' '# TYPE node_netstat_Tcp_ActiveOpens untyped' 'node_netstat_Tcp_ActiveOpens 123456789012' >text/other.prom
timeout 60 root/usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:19100 --collector.disable-defaults \
	--collector.netstat --collector.textfile --collector.textfile.directory=text 2>log &
pid=$!

# In ten pages: their status, how many series of that name each has, what else they say, and whether the file's number came.
seen=$(timeout 40 python3 -c '
import re, time, urllib.request
pages = []
for _ in range(200):
    try:
        answer = urllib.request.urlopen("http://127.0.0.1:19100/metrics", timeout=5)
    except OSError:
        time.sleep(0.1)
        continue
    pages.append((answer.status, answer.read().decode()))
    if len(pages) == 10:
        break
print(*{status for status, _ in pages}, *{len(re.findall("^node_netstat_Tcp_ActiveOpens ", text, re.M)) for _, text in pages},
      *{re.search("^node_textfile_scrape_error (.*)", text, re.M)[1] for _, text in pages},
      *{re.search("^node_scrape_collector_success.*netstat.* (.*)", text, re.M)[1] for _, text in pages},
      any("ActiveOpens 1.23456789012e+11" in text for _, text in pages))')
told=$(grep -c 'error gathering metrics' log)

echo "status, series, node_textfile_scrape_error, success of netstat, the file's number: $seen"
echo "pages that the log complains of: $told"
# Seen:
#   status, series, node_textfile_scrape_error, success of netstat, the file's number: 200 1 0 1 True
#   pages that the log complains of: 10
[ "${seen% *}" = "200 1 0 1" ]
[ "$told" = 10 ]
