/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: use [RECORDING]
 *
 * Lists and counts with the library, as a program would that is careful: what is missing is told on standard
 * error, and the status is 3 then, or 4 when nothing could be had.
 */

#include <fcntl.h>
#include <sockeye.h>
#include <stdio.h>
#include <string.h>

struct use {
	sockeye_query *query;
	sockeye_field fields[8];
	size_t n_fields;
	int status;
};

static int see_row(const sockeye_row *row, void *arg)
{
	struct use *u = arg;
	char buf[512];

	for (size_t i = 0; i < u->n_fields; i++) {
		int r = sockeye_format(row, u->fields[i], SOCKEYE_PLAIN, buf, sizeof(buf));

		if (r < 0) {
			fprintf(stderr, "use: a value: %s\n", strerror(-r));
			u->status = 3;
		}
		printf("%s%s", i ? " " : "", r < 0 ? "?" : buf);
	}
	puts("");
	return 0;
}

static int see_group(const sockeye_row *keys, uint64_t n, void *arg)
{
	(void)keys;
	(void)arg;
	printf("%lu\n", (unsigned long)n);
	return 0;
}

static void tell(struct use *u, sockeye *s, int r)
{
	enum sockeye_level level;
	const char *text;

	if (r < 0) {
		fprintf(stderr, "use: %s\n", sockeye_errmsg(s));
		u->status = 4;
	}
	for (size_t i = 0; (text = sockeye_note(u->query, i, &level)); i++) {
		if (level == SOCKEYE_HINT)
			continue;
		fprintf(stderr, "use: %s\n", text);
		if (level == SOCKEYE_ERROR && !u->status)
			u->status = 3;
	}
}

static int use(struct use *u, sockeye *s, const char *recording)
{
	static const char *const names[] = { "netid",     "state", "local.addr",   "local.port",
					     "peer.port", "uid",   "process.name", "tcp.cong" };
	int r = sockeye_query_new(s, recording ? "tcp state all" : "tcp,udp,unix,raw state all",
				  "not peer.port = 9", &u->query);
	char uri[4096];

	if (r < 0) {
		fprintf(stderr, "use: %s\n", sockeye_errmsg(s));
		return 4;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (sockeye_field_find(names[i], &u->fields[i]) == 0 &&
		    sockeye_query_want(u->query, u->fields[i]) == 0)
			u->n_fields++;
	if (recording) {
		snprintf(uri, sizeof(uri), "file:%s", recording);
		r = sockeye_query_source(u->query, uri);
	}
	if (r >= 0)
		r = sockeye_run(u->query, see_row, u);
	tell(u, s, r);
	if (r >= 0)
		tell(u, s, sockeye_count(u->query, "state,process.name", see_group, u));
	return u->status;
}

int main(int argc, char **argv)
{
	struct use u = {};
	sockeye *s;
	int status;

	if (fcntl(0, F_GETFD) < 0) /* from here on calls count, see inject.c */
		return 2;
	s = sockeye_new();
	if (!s) {
		fprintf(stderr, "use: no memory\n");
		return 4;
	}
	status = use(&u, s, argc > 1 ? argv[1] : NULL);
	(void)sockeye_query_free(u.query);
	(void)sockeye_free(s);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "use: cannot write\n");
		status = 4;
	}
	return status;
}
