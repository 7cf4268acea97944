/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * A plan that is run again and again: each answer is that of its time, and nothing grows. Sockets and network
 * namespaces come and go between the runs.
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "run/session.h"

#ifdef __SANITIZE_ADDRESS__
enum { MANY_RUNS = 40, RUNS = 40, PLACES = 10 }; /* it counts each byte: a leak shows after few */
#else
enum { MANY_RUNS = 1000, RUNS = 100, PLACES = 30 };
#endif
enum { WARM = 20, GROWTH_MAX = 40 << 10 };

/* Counts rows, and those of other network namespaces than the first. */
struct counter {
	struct sink sink;
	size_t n, n_owned;
	uint32_t home;
	size_t n_elsewhere;
};

/* An address of this process alone: whatever else comes and goes on this machine is not ours. */
static uint32_t ours(void)
{
	return htonl(0x7f400000 | ((uint32_t)getpid() & 0x3fffff));
}

static uint32_t address; /* ours(), also in what is forked */

static void want(const struct sink *, struct fieldset *set)
{
	fieldset_add(set, F_STATE);
	fieldset_add(set, F_SRC);
	fieldset_add(set, F_NETNS_ID);
}

static int take(struct sink *s, const struct row *row)
{
	struct counter *c = (struct counter *)s;
	struct val v;

	if (!field_get(row, F_SRC, &v) || v.s.len != sizeof(address) ||
	    memcmp(v.s.p, &address, sizeof(address)) != 0)
		return 0;
	c->n++;
	c->n_elsewhere += field_u64(row, F_NETNS_ID, 0) != c->home;
	c->n_owned += field_get(row, F_OWNERS, &v) && v.owners.n;
	return 0;
}

static int nothing(struct sink *)
{
	return 0;
}

static const struct sink_ops ops = { .fields = want, .row = take, .end = nothing, .flush = nothing };

static void skip(const char *why)
{
	(void)fprintf(stderr, "skipped: %s\n", why);
	exit(77);
}

static void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo));
	(void)close(fd);
}

static int listen_tcp(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = address };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 1));
	return fd;
}

/* A process with a namespace of its own, in which @n sockets listen, until end_elsewhere(). */
struct elsewhere {
	pid_t pid;
	int end; /* of a pipe that it reads */
};

static struct elsewhere begin_elsewhere(int n)
{
	struct elsewhere w = {};
	int to[2], from[2];
	char c;

	CHECK(!pipe2(to, O_CLOEXEC) && !pipe2(from, O_CLOEXEC));
	w.pid = fork();
	CHECK(w.pid >= 0);
	if (!w.pid) {
		(void)close(to[1]);
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		loopback_up();
		while (n--)
			(void)listen_tcp();
		(void)!write(from[1], "x", 1);
		(void)!read(to[0], &c, 1);
		_exit(0);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	CHECK(read(from[0], &c, 1) == 1);
	(void)close(from[0]);
	w.end = to[1];
	return w;
}

static void end_elsewhere(struct elsewhere *w)
{
	(void)close(w->end);
	CHECK(waitpid(w->pid, NULL, 0) == w->pid);
}

static size_t count_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	CHECK(d);
	while (readdir(d))
		n++;
	CHECK(!closedir(d));
	return n;
}

/* The sum of the numbers of all BPF programs that this process has loaded; a program loaded anew has a new
 * one. */
static uint64_t sum_programs(void)
{
	DIR *d = opendir("/proc/self/fdinfo");
	struct dirent *f;
	uint64_t sum = 0;

	CHECK(d);
	while ((f = readdir(d))) {
		char path[300], line[256];
		FILE *info;

		(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%s", f->d_name);
		info = fopen(path, "re");
		while (info && fgets(line, sizeof(line), info))
			sum += strncmp(line, "prog_id:", 8) ? 0 : strtoul(line + 8, NULL, 10);
		if (info)
			(void)fclose(info);
	}
	CHECK(!closedir(d));
	return sum;
}

/* What this process has. */
struct held {
	size_t files, bytes;
	uint64_t programs;
};

static struct held hold(void)
{
	return (struct held){ count_files(), mallinfo2().uordblks, sum_programs() };
}

static void check_growth(const struct held *from, const struct session_opts *so)
{
	struct held now = hold();

	/* Left to itself it may come to need one: others make the machine one with many files, or sockets. */
	CHECK(so->source == SOURCE_AUTO || now.programs == from->programs);
	/* Namespaces of others, each with a descriptor until the next run, come and go. */
	CHECK(so->is_everywhere || now.files == from->files);
	/* The allocator keeps some for itself; a leak is found by the build with sanitizers. */
	CHECK(now.bytes <= from->bytes + GROWTH_MAX);
}

struct asked {
	struct plan_opts po;
	struct plan *plan;
	struct host *host;
	struct session *session;
	struct counter counter;
};

static const struct selection tcp = { .tables = 1u << TABLE_TCP,
				      .families = UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6,
				      .states = STATES_ALL,
				      .wants_bound = true };

static void begin(struct asked *a, const struct session_opts *so, uint32_t text_tables, bool want_owners)
{
	*a = (struct asked){ .po = { .select = tcp, .text_tables = text_tables }, .counter.sink.ops = &ops };
	a->po.select.wants_bound = !text_tables; /* which text does not have */
	want(NULL, &a->po.fields);
	if (want_owners)
		fieldset_add(&a->po.fields, F_OWNERS);
	CHECK(!plan_new(&a->po, &a->plan) && !host_live_new(&(const struct host_files){}, &a->host));
	CHECK(!session_new(a->host, so, &a->session));
	a->counter.home = host_here(a->host);
	CHECK(a->counter.home);
}

/* Returns false when this system cannot be asked so. */
static bool run(struct asked *a)
{
	struct notes notes = {};
	struct err e = {};
	const char *note = NULL;
	enum note kind;
	bool can = true;

	a->counter.n = a->counter.n_elsewhere = a->counter.n_owned = 0;
	CHECK(session_run(a->session, a->plan, &a->counter.sink, &notes, &e) == 0);
	while ((note = notes_next(&notes, note, &kind)))
		can &= kind != NOTE_ERROR;
	notes_done(&notes);
	return can;
}

static void end(struct asked *a)
{
	(void)session_free(a->session);
	(void)host_free(a->host);
	(void)plan_free(a->plan);
}

/* One more run, with a socket more when @has_more: beside @n_here of this network namespace. */
static void check_again(struct asked *a, size_t n_here, bool want_owners, bool has_more)
{
	int fd = has_more ? listen_tcp() : -1;

	CHECK(run(a));
	CHECK(a->counter.n - a->counter.n_elsewhere == n_here + has_more);
	CHECK(!want_owners || a->counter.n_owned >= has_more);
	if (has_more)
		(void)close(fd);
}

/* The answer follows what there is, in @runs runs; then neither memory nor descriptors have grown. */
static void check_source(const char *name, const struct session_opts *so, uint32_t text_tables,
			 bool want_owners, int runs)
{
	struct asked a;
	size_t n_before, n_here, files_before = count_files();
	struct held warm = {};

	begin(&a, so, text_tables, want_owners);
	if (!run(&a)) {
		(void)fprintf(stderr, "%s cannot be had here\n", name);
		end(&a);
		return;
	}
	n_before = a.counter.n;
	n_here = n_before - a.counter.n_elsewhere;
	for (int i = 0; i < runs; i++) {
		check_again(&a, n_here, want_owners, i % 2);
		if (i == WARM)
			warm = hold();
	}
	if (runs > WARM)
		check_growth(&warm, so);
	end(&a);
	CHECK(count_files() == files_before);
}

/* Namespaces come and go, in the way of @source. */
static void check_places(enum source_kind source, int runs)
{
	const struct session_opts so = { .source = source, .is_everywhere = true };
	struct asked a;
	size_t n_before;

	begin(&a, &so, 0, false);
	if (!run(&a)) {
		end(&a);
		return;
	}
	n_before = a.counter.n_elsewhere;
	for (int i = 0; i < runs; i++) {
		struct elsewhere w = begin_elsewhere(1 + i % 3);

		CHECK(run(&a));
		CHECK(a.counter.n_elsewhere == n_before + 1 + (size_t)i % 3);
		end_elsewhere(&w);
		CHECK(run(&a));
		CHECK(a.counter.n_elsewhere == n_before);
	}
	end(&a);
}

/*
 * A network namespace of our own. With @is_small its table of TCP sockets is its own too, and not the
 * machine's, of some 100,000 places, all of which the kernel passes for each answer.
 */
static void begin_alone(bool is_small)
{
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		skip("no network namespace for this user");
	fd = is_small ? open("/proc/sys/net/ipv4/tcp_child_ehash_entries", O_WRONLY | O_CLOEXEC) : -1;
	if (fd >= 0) { /* since Linux 6.1 */
		(void)!write(fd, "1024", 4);
		(void)close(fd);
		CHECK(!unshare(CLONE_NEWNET));
	}
	loopback_up();
}

int main(void)
{
	const struct session_opts netlink = { .source = SOURCE_NETLINK }, bpf = { .source = SOURCE_BPF },
				  everywhere = { .is_everywhere = true };

	address = ours();
	begin_alone(true);
	check_source("netlink", &netlink, 0, false, MANY_RUNS);
	begin_alone(false);
	check_source("proc", &netlink, 1u << TABLE_TCP, false, RUNS);
	check_source("bpf", &bpf, 0, false, RUNS);
	check_source("owners by BPF", &bpf, 0, true, RUNS);
	check_source("everywhere", &everywhere, 0, true, WARM + PLACES);
	check_places(SOURCE_NETLINK, PLACES);
	check_places(SOURCE_BPF, PLACES);
	return 0;
}
