#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
#
# Packages     prometheus 2.42.0+ds-5+deb12u1 (promtool), python3-prometheus-client 0.16.0-0.1, both of Debian 12
# Expectation  A counter in the OpenMetrics format, whose metadata lines name the family without _total, has its
#              help as far as the tools of Prometheus are concerned: the server scrapes that format, and asks for it.
# Behaviour    The Python client finds family, type and help. `promtool check metrics` takes the same page for one in the
#              older text format, does not connect app_requests_total with app_requests, and ends with status 3.
# Consequence  No page with counters pleases both: ss has --format=openmetrics, and --format=prometheus for the
#              textfile collector and promtool.
#
# Needs apt-get and dpkg of a Debian 12 on amd64, and python3. Ends with 0 when it is still so.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 300 apt-get -qq download prometheus=2.42.0+ds-5+deb12u1 python3-prometheus-client=0.16.0-0.1
for package in *.deb; do
	dpkg -x "$package" root
done

cat >page <<'PAGE'
# TYPE app_requests counter
# HELP app_requests Requests served.
app_requests_total 7
# EOF
PAGE

read_by_client=$(PYTHONPATH=root/usr/lib/python3/dist-packages timeout 60 python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(*((f.name, f.type, f.documentation) for f in text_string_to_metric_families(sys.stdin.read())))' <page)
status=0
said=$(timeout 60 root/usr/bin/promtool check metrics <page 2>&1) || status=$?

echo "the Python client: $read_by_client"
echo "promtool, status $status: $said"
# Seen:
#   the Python client: ('app_requests', 'counter', 'Requests served.')
#   promtool, status 3: app_requests_total no help text
[ "$read_by_client" = "('app_requests', 'counter', 'Requests served.')" ]
[ "$status" = 3 ]
[ "$said" = "app_requests_total no help text" ]
