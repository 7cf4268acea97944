/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: everywhere connected | listening | bound | udp [NETNS...]
 *        everywhere count
 *
 * Lists TCP or UDP sockets of all network namespaces as one walk by BPF gives them: of this namespace's table
 * and of those of the files NETNS, each table once. A line each: the namespace's inode number, state, local
 * and peer port, inode number and cookie, "-" for what is not there. Or counts, without the sockets that
 * listen, the TCP sockets of this namespace's tables: the namespace, the state and how many. Ends with 77
 * when BPF cannot be had.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "source/bpf_count.h"
#include "source/bpf_tcp.h"
#include "source/bpf_udp.h"

enum { TABLES_MAX = 16 };

static const enum field_id shown[] = { F_NETNS_ID, F_STATE, F_SPORT, F_DPORT, F_INODE, F_COOKIE };
static const uint8_t families[] = { AF_INET, AF_INET6 };

static uint64_t seen[TABLES_MAX];
static size_t n_seen;

static _Noreturn void fail(const char *what, const struct err *e)
{
	(void)fprintf(stderr, "everywhere: %s: %s\n", what, e->text);
	exit(1);
}

static void print_row(const struct dump *d, const struct nlmsghdr *nlh)
{
	struct row row;
	struct val v;

	if (row_open(&row, d->family, &d->origin, nlh) < 0 || row.n_unknown)
		exit(1);
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		if (field_get(&row, shown[i], &v))
			printf("%" PRIu64 " ", v.u);
		else
			printf("- ");
	}
	puts("");
}

/* One of them. */
struct walks {
	struct bpf_tcp *tcp;
	struct bpf_udp *udp;
};

static void list(const struct walks *w, const struct dump *d)
{
	const struct nlmsghdr *nlh;
	struct source *s;
	struct err e;
	int r = w->tcp ? bpf_tcp_open(w->tcp, d, &s, &e) : bpf_udp_open(w->udp, d, &s, &e);

	if (r < 0)
		fail("opening", &e);
	while ((r = source_next(s, &nlh, &e)) > 0)
		print_row(d, nlh);
	if (r < 0)
		fail("reading", &e);
	(void)source_close(s);
}

/* Lists the table of this thread's namespace, unless another one's is the same. */
static void list_table(const struct walks *w, uint32_t states)
{
	struct dump d = { .family = &family_inet,
			  .origin.protocol = w->tcp ? IPPROTO_TCP : IPPROTO_UDP,
			  .states = states };
	uint64_t id;
	struct err e;

	if ((w->tcp ? bpf_tcp_table(w->tcp, &d, &id, &e) : bpf_udp_table(w->udp, &id, &e)) < 0)
		fail("the table", &e);
	for (size_t i = 0; i < n_seen; i++)
		if (seen[i] == id)
			return;
	seen[n_seen++ % TABLES_MAX] = id;
	for (size_t i = 0; i < sizeof(families); i++) {
		d.af = families[i];
		list(w, &d);
	}
	printf("table\n");
}

static uint32_t states_of(const char *name)
{
	if (!strcmp(name, "listening"))
		return 1u << K_TCP_LISTEN;
	if (!strcmp(name, "bound"))
		return 1u << K_TCP_BOUND_INACTIVE;
	if (!strcmp(name, "udp"))
		return UINT32_MAX;
	return ~(1u << K_TCP_LISTEN | 1u << K_TCP_CLOSE | 1u << K_TCP_BOUND_INACTIVE | 1);
}

static int count(void)
{
	const struct bpf_count_opts o = { .want_netns = true,
					  .want_state = true,
					  .want_bound = true,
					  .is_everywhere = true,
					  .n_expected = BPF_AHEAD_FROM,
					  .states = states_of("connected"),
					  .max_groups = 1 << 16 };
	const struct seg_dump origin = { .protocol = IPPROTO_TCP };
	union bpf_count_message m;
	struct bpf_count *c = NULL;
	struct row row;
	struct err e;
	uint64_t n;

	if (bpf_count_run(&o, &c, &e) < 0)
		fail("counting", &e);
	while (bpf_count_next(c, &m, &n)) {
		if (row_open(&row, &family_inet, &origin, &m.header) < 0)
			return 1;
		printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", field_u64(&row, F_NETNS_ID, 0),
		       field_u64(&row, F_STATE, 0), n);
	}
	(void)bpf_count_free(c);
	return 0;
}

int main(int argc, char **argv)
{
	struct fieldset set = {};
	/* As if there were very many. */
	const struct bpf_tcp_opts o = { .walk = { .fields = &set,
						  .is_forced = true,
						  .is_everywhere = true,
						  .n_expected = BPF_AHEAD_FROM },
					.want_listening = true };
	struct walks w = {};
	struct err e;

	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "count"))
		return count();
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		fieldset_add(&set, shown[i]);
	if ((strcmp(argv[1], "udp") ? bpf_tcp_new(&o, &w.tcp, &e) : bpf_udp_new(&o.walk, &w.udp, &e)) < 0)
		fail("loading", &e);
	list_table(&w, states_of(argv[1]));
	for (int i = 2; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0 || setns(fd, CLONE_NEWNET) < 0) {
			perror(argv[i]);
			return 1;
		}
		(void)close(fd);
		list_table(&w, states_of(argv[1]));
	}
	(void)bpf_tcp_free(w.tcp);
	(void)bpf_udp_free(w.udp);
	return 0;
}
