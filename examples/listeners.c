/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Who listens: a line for each TCP listener and unconnected UDP socket, with the processes that hold it. */

#include <inttypes.h>
#include <sockeye.h>
#include <stdio.h>

enum { KIND, ADDR, PORT, NAME, PID, N_FIELDS };

static int print_row(const sockeye_row *row, void *arg)
{
	const sockeye_field *f = (const sockeye_field *)arg;
	char kind[16], addr[64], name[64];
	uint64_t port = 0, pid;
	size_t n = 0;

	if (sockeye_format(row, f[KIND], SOCKEYE_PLAIN, kind, sizeof(kind)) < 0 ||
	    sockeye_format(row, f[ADDR], SOCKEYE_PLAIN, addr, sizeof(addr)) < 0 ||
	    sockeye_get_u64(row, f[PORT], 0, &port) < 0)
		return 0;
	if (sockeye_format(row, f[NAME], SOCKEYE_HUMAN, name, sizeof(name)) < 0)
		name[0] = '\0'; /* nobody was found */
	printf("%s %s %" PRIu64 " %s", kind, addr, port, name);
	(void)sockeye_get_length(row, f[PID], &n);
	for (size_t i = 0; i < n; i++)
		if (sockeye_get_u64(row, f[PID], i, &pid) == 0)
			printf(" %" PRIu64, pid);
	putchar('\n');
	return ferror(stdout);
}

int main(void)
{
	static const char *const names[N_FIELDS] = { "netid", "local.addr", "local.port", "process.name",
						     "process.pid" };
	sockeye_field fields[N_FIELDS];
	sockeye *s = sockeye_new();
	sockeye_query *q = NULL;
	const char *note;
	int r = s ? sockeye_query_new(s, "tcp,udp state listening state closed", NULL, &q) : -1;

	for (int i = 0; i < N_FIELDS && r == 0; i++) {
		r = sockeye_field_find(names[i], &fields[i]);
		if (r == 0)
			r = sockeye_query_want(q, fields[i]);
	}
	if (r == 0)
		r = sockeye_run(q, print_row, fields);
	if (r < 0)
		fprintf(stderr, "listeners: %s\n", s ? sockeye_errmsg(s) : "out of memory");
	for (size_t i = 0; q && (note = sockeye_note(q, i, NULL)); i++)
		fprintf(stderr, "listeners: %s\n", note);
	sockeye_query_free(q);
	sockeye_free(s);
	return r != 0;
}
