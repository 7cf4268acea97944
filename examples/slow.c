/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* usage: slow TIME [RECORDING]    Connections with at least that round-trip time ("20ms"), as lines of JSON.
 */

#include <inttypes.h>
#include <sockeye.h>
#include <stdio.h>

static sockeye_field rtt, addr, port;

static int print_row(const sockeye_row *row, void *arg)
{
	uint64_t us, number;
	char peer[64];

	(void)arg;
	if (sockeye_get_u64(row, rtt, 0, &us) < 0 || sockeye_get_u64(row, port, 0, &number) < 0 ||
	    sockeye_format(row, addr, SOCKEYE_PLAIN, peer, sizeof(peer)) < 0)
		return 0;
	printf("{\"peer\":{\"addr\":\"%s\",\"port\":%" PRIu64 "},\"tcp\":{\"rtt\":%" PRIu64 "}}\n", peer,
	       number, us);
	return ferror(stdout);
}

static int want(sockeye_query *q, const char *name, sockeye_field *ret)
{
	int r = sockeye_field_find(name, ret);

	return r < 0 ? r : sockeye_query_want(q, *ret);
}

int main(int argc, char **argv)
{
	sockeye *s = sockeye_new();
	sockeye_query *q = NULL;
	char filter[64], path[4096];
	const char *note;
	int r = -1;

	snprintf(filter, sizeof(filter), "tcp.rtt >= %s", argc > 1 ? argv[1] : "100ms");
	snprintf(path, sizeof(path), "file:%s", argc > 2 ? argv[2] : "");
	if (s)
		r = sockeye_query_new(s, "tcp state established", filter, &q);
	if (r == 0 && argc > 2)
		r = sockeye_query_source(q, path);
	if (r == 0 &&
	    (want(q, "tcp.rtt", &rtt) || want(q, "peer.addr", &addr) || want(q, "peer.port", &port)))
		r = -1;
	if (r == 0)
		r = sockeye_run(q, print_row, NULL);
	if (r < 0)
		fprintf(stderr, "slow: %s\n", s ? sockeye_errmsg(s) : "out of memory");
	for (size_t i = 0; q && (note = sockeye_note(q, i, NULL)); i++)
		fprintf(stderr, "slow: %s\n", note);
	sockeye_query_free(q);
	sockeye_free(s);
	return r != 0;
}
