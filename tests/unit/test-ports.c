/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Which sockets are one listener, and what people are told of it: made-up sockets, and the table of each
 * case. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "check.h"
#include "report/ports.h"
#include "sink/format/formats.h"

enum { OWNERS_MAX = 4, SOCKETS_MAX = 6 };

static const struct made {
	const char *protocol, *addr, *iface;
	uint16_t port;
	bool is_v6only;
	uint32_t uid, cgroup;
	uint32_t pid[OWNERS_MAX]; /* 0 after the last; none: nobody is known */
} none;

static const struct {
	const char *what;
	struct made sockets[SOCKETS_MAX];
	const char *rows; /* of the table, blanks squeezed */
} cases[] = {
	{ "two sockets of one process",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .pid = { 7 } },
	    { .protocol = "tcp", .addr = "::", .port = 80, .is_v6only = true, .pid = { 7 } } },
	  "80 tcp * p7(7) u0 - - -\n" },
	{ "one socket for both",
	  { { .protocol = "tcp", .addr = "::", .port = 80, .pid = { 7 } } },
	  "80 tcp * p7(7) u0 - - -\n" },
	{ "one of the two",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .pid = { 7 } },
	    { .protocol = "tcp", .addr = "::", .port = 81, .is_v6only = true, .pid = { 7 } } },
	  "80 tcp 0.0.0.0 p7(7) u0 - - -\n81 tcp [::] p7(7) u0 - - -\n" },
	{ "of one interface, which is not everybody's",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .iface = "eth0", .pid = { 7 } },
	    { .protocol = "tcp", .addr = "::", .port = 80, .iface = "eth0", .pid = { 7 } } },
	  "80 tcp 0.0.0.0%eth0,[::]%eth0 p7(7) u0 - - -\n" },
	{ "two processes at two addresses",
	  { { .protocol = "tcp", .addr = "127.0.0.1", .port = 80, .pid = { 7 } },
	    { .protocol = "tcp", .addr = "::1", .port = 80, .is_v6only = true, .pid = { 8 } } },
	  "80 tcp 127.0.0.1 p7(7) u0 - - -\n80 tcp [::1] p8(8) u0 - - -\n" },
	{ "joined by a third that holds both",
	  { { .protocol = "tcp", .addr = "127.0.0.1", .port = 80, .pid = { 7, 9 } },
	    { .protocol = "tcp", .addr = "::1", .port = 80, .is_v6only = true, .pid = { 8, 9 } } },
	  "80 tcp 127.0.0.1,[::1] p7(7)+2 u0 - - -\n" },
	{ "one port of two protocols, by one process",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 53, .pid = { 7 } },
	    { .protocol = "udp", .addr = "0.0.0.0", .port = 53, .pid = { 7 } } },
	  "53 tcp 0.0.0.0 p7(7) u0 - - -\n53 udp 0.0.0.0 p7(7) u0 - - -\n" },
	{ "a shared port, by two processes, and by three where nobody is known",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .pid = { 8 } },
	    { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .pid = { 7 } },
	    { .protocol = "tcp", .addr = "0.0.0.0", .port = 81 },
	    { .protocol = "tcp", .addr = "0.0.0.0", .port = 81 } },
	  "80 tcp 0.0.0.0 p7(7)+1 u0 - - -\n81 tcp 0.0.0.0 - u0 - - -\n" },
	{ "not of two users, nor of UDP",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .uid = 1 },
	    { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .uid = 2 },
	    { .protocol = "udp", .addr = "0.0.0.0", .port = 53, .pid = { 7 } },
	    { .protocol = "udp", .addr = "0.0.0.0", .port = 53, .pid = { 8 } } },
	  "53 udp 0.0.0.0 p7(7) u0 - - -\n53 udp 0.0.0.0 p8(8) u0 - - -\n80 tcp 0.0.0.0 - u1 - - -\n80 tcp "
	  "0.0.0.0 - u2 - - -\n" },
	{ "nobody known: of both families, in one cgroup, and of one kind",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .cgroup = 5 },
	    { .protocol = "tcp", .addr = "::", .port = 80, .is_v6only = true, .cgroup = 5 } },
	  "80 tcp * - u0 - - -\n" },
	{ "nobody known: not in two cgroups",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .cgroup = 5 },
	    { .protocol = "tcp", .addr = "::", .port = 80, .is_v6only = true, .cgroup = 6 } },
	  "80 tcp 0.0.0.0 - u0 - - -\n80 tcp [::] - u0 - - -\n" },
	{ "nobody known: not of two kinds, nor of one family",
	  { { .protocol = "tcp", .addr = "127.0.0.1", .port = 80 },
	    { .protocol = "tcp", .addr = "::", .port = 80, .is_v6only = true },
	    { .protocol = "tcp", .addr = "10.0.0.1", .port = 81 },
	    { .protocol = "tcp", .addr = "10.0.0.2", .port = 81 } },
	  "80 tcp 127.0.0.1 - u0 - - -\n80 tcp [::] - u0 - - -\n81 tcp 10.0.0.1 - u0 - - -\n81 tcp 10.0.0.2 "
	  "- u0 - - -\n" },
	{ "many addresses of one process",
	  { { .protocol = "udp", .addr = "10.0.0.1", .port = 53, .pid = { 7 } },
	    { .protocol = "udp", .addr = "10.0.0.2", .port = 53, .pid = { 7 } },
	    { .protocol = "udp", .addr = "::1", .port = 53, .is_v6only = true, .pid = { 7 } },
	    { .protocol = "udp",
	      .addr = "fe80::1",
	      .port = 53,
	      .iface = "eth0",
	      .is_v6only = true,
	      .pid = { 7 } } },
	  "53 udp 10.0.0.1,10.0.0.2 +2 p7(7) u0 - - -\n" },
	{ "init, which keeps the socket of another",
	  { { .protocol = "tcp", .addr = "0.0.0.0", .port = 80, .pid = { 1, 40, 41 } },
	    { .protocol = "tcp", .addr = "0.0.0.0", .port = 81, .pid = { 1 } } },
	  "80 tcp 0.0.0.0 p40(40)+2 u0 - - -\n81 tcp 0.0.0.0 p1(1) u0 - - -\n" },
	{ "no port, nothing at all",
	  { { .protocol = "udp", .addr = "0.0.0.0", .port = 0, .pid = { 7 } } },
	  "" },
};

static void put_socket(struct sink *s, const struct made *m, uint32_t inode)
{
	static const char *const comms[] = {
		[1] = "p1", [7] = "p7", [8] = "p8", [9] = "p9", [40] = "p40", [41] = "p41"
	};
	const struct seg_dump from = { .table = sv_is(sv(m->protocol), "udp") ? TABLE_UDP : TABLE_TCP,
				       .protocol =
					       sv_is(sv(m->protocol), "udp") ? IPPROTO_UDP : IPPROTO_TCP };
	struct inet_diag_msg msg = { .idiag_state = from.table == TABLE_UDP ? K_TCP_CLOSE : K_TCP_LISTEN,
				     .idiag_family = strchr(m->addr, ':') ? AF_INET6 : AF_INET,
				     .id.idiag_sport = htons(m->port),
				     .idiag_uid = m->uid,
				     .idiag_inode = inode };
	const uint8_t v6only = m->is_v6only;
	const uint64_t cgroup = m->cgroup;
	struct owner owner[OWNERS_MAX] = {};
	struct owners owners = { .v = owner };
	struct row row = {};
	char user[] = "u0";

	CHECK(inet_pton(msg.idiag_family, m->addr, msg.id.idiag_src) == 1);
	user[1] = (char)('0' + m->uid);
	while (owners.n < OWNERS_MAX && m->pid[owners.n]) {
		owner[owners.n] = (struct owner){ .pid = m->pid[owners.n],
						  .fd = 3,
						  .comm = sv(comms[m->pid[owners.n]]) };
		owners.n++;
	}
	row_put(&row, SEG_DUMP, &from, sizeof(from));
	row_put(&row, SEG_INET_MSG, &msg, sizeof(msg));
	row_put(&row, SEG_NETID, m->protocol, strlen(m->protocol));
	row_put(&row, SEG_USER, user, 2);
	row_put(&row, SEG_OWNERS, &owners, sizeof(owners));
	row_put(&row, SEG_CGROUP_ID, &cgroup, sizeof(cgroup));
	if (msg.idiag_family == AF_INET6)
		row_put(&row, SEG_V6ONLY, &v6only, sizeof(v6only));
	if (m->iface)
		row_put(&row, SEG_IFACE, m->iface, strlen(m->iface));
	CHECK(s->ops->row(s, &row) == 0);
}

/* The text of the file @f without blanks at the ends of lines, and one between words; the caller frees it. */
static char *squeezed(FILE *f)
{
	struct stat st;
	char *text, *to;

	CHECK(fstat(fileno(f), &st) == 0);
	text = calloc(1, (size_t)st.st_size + 1);
	CHECK(text && pread(fileno(f), text, (size_t)st.st_size, 0) == st.st_size);
	to = text;
	for (const char *p = text; *p; p++)
		if (*p != ' ' || (to > text && to[-1] != ' ' && to[-1] != '\n'))
			*to++ = *p;
	*to = '\0';
	return text;
}

/* The sockets of @c from the first, or from the last: their order means nothing. */
static void check(size_t c, bool is_backwards)
{
	const struct ports_opts po = { .is_for_people = true };
	const struct format_opts fo = { .no_header = true };
	_cleanup_(tabular_freep) struct tabular *to = NULL;
	_cleanup_(ports_freep) struct ports *p = NULL;
	_cleanup_free_ char *text = NULL;
	FILE *f = tmpfile();
	struct sink *s;
	struct out out;
	size_t n = 0, n_rows = 0;

	CHECK(f && out_init(&out, fileno(f)) == 0 && table_new(&fo, &out, &to) == 0);
	CHECK(ports_new(&po, to, &p) == 0);
	s = ports_sink(p);
	while (n < SOCKETS_MAX && memcmp(&cases[c].sockets[n], &none, sizeof(none)) != 0)
		n++;
	for (int run = 0; run < 2; run++) { /* nothing is left of the first */
		CHECK(sink_begin(s, 0) == 0);
		for (size_t i = 0; i < n && run; i++) {
			size_t k = is_backwards ? n - 1 - i : i;

			put_socket(s, &cases[c].sockets[k], (uint32_t)k + 1);
		}
		CHECK(s->ops->end(s) == 0);
	}
	CHECK(ports_end(p, NULL) == 0 && out_done(&out) == 0);
	text = squeezed(f);
	for (const char *line = cases[c].rows; *line; line++)
		n_rows += *line == '\n';
	if (strcmp(text[0] == '\n' ? text + 1 : text, cases[c].rows) != 0 || ports_found(p) != n_rows) {
		fprintf(stderr, "%s: %s, not %s\n", cases[c].what, text, cases[c].rows);
		abort();
	}
	(void)fclose(f);
}

int main(void)
{
	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		check(c, false);
		check(c, true);
	}
	return 0;
}
