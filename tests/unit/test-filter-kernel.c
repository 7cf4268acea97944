/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Filter programs against the running kernel, in a network namespace of our
 * own: it takes each, and gives the sockets that filter_match() selects.
 * Expressions are those of tests/filter, alone and joined at random.
 */

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"
#include "family/family.h"
#include "filter-rows.h"
#include "random.h"

enum { ROWS_MAX = 256 };

struct found {
	uint64_t cookie;
	uint32_t state;
	bool match;
};

struct result {
	struct found v[ROWS_MAX];
	size_t n;
};

static unsigned int push = FILTER_PUSH_DEV | FILTER_PUSH_MARK | FILTER_PUSH_CGROUP;

static bool set_sysctl(const char *name)
{
	_cleanup_close_ int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, "128", 3) == 3;
}

static void ready_namespace(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		fprintf(stderr, "cannot make a network namespace: %s\n", strerror(errno));
		exit(77);
	}
	/* Its children get small tables of their own (Linux 6.1): dumps then do not walk those of all. */
	if (set_sysctl("tcp_child_ehash_entries") && set_sysctl("udp_child_hash_entries"))
		CHECK(unshare(CLONE_NEWNET) == 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &ifr) == 0);
	close(fd);
}

static socklen_t address(const char *text, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(ret, &v4, sizeof(v4));
		return sizeof(v4);
	}
	CHECK(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
	memcpy(ret, &v6, sizeof(v6));
	return sizeof(v6);
}

/* A socket bound to @from unless that is NULL, connected to @to or listening when that is NULL. */
static int make(int type, const char *from, uint16_t port, const char *to, uint16_t to_port)
{
	struct sockaddr_storage a;
	const int one = 1;
	socklen_t len;
	int fd;

	len = address(from ? from : to, port, &a);
	fd = socket(a.ss_family, type | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	if (from)
		CHECK(bind(fd, (const struct sockaddr *)&a, len) == 0);
	if (!to && type == SOCK_STREAM)
		CHECK(listen(fd, 16) == 0);
	if (to) {
		len = address(to, to_port, &a);
		CHECK(connect(fd, (const struct sockaddr *)&a, len) == 0);
	}
	return fd;
}

/* A TCP socket that neither listens nor connects. */
static int make_bound(const char *from, uint16_t port)
{
	struct sockaddr_storage a;
	socklen_t len = address(from, port, &a);
	int fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && bind(fd, (const struct sockaddr *)&a, len) == 0);
	return fd;
}

static void make_sockets(void)
{
	const int mark = 5, mark6 = 7;
	int other, client, fd;
	char byte;

	(void)make(SOCK_STREAM, "127.0.0.1", 22, NULL, 0);
	(void)make(SOCK_STREAM, "::", 80, NULL, 0);
	(void)make(SOCK_STREAM, "::1", 4433, NULL, 0);
	fd = make(SOCK_STREAM, "127.0.0.53", 53, NULL, 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0);
	(void)make(SOCK_STREAM, "127.0.0.2", 40001, "127.0.0.1", 22);
	(void)make_bound("127.0.0.1", 7777);
	(void)make(SOCK_STREAM, NULL, 0, "127.0.0.1", 22);
	(void)make(SOCK_STREAM, NULL, 0, "::1", 4433);
	(void)make(SOCK_STREAM, "::1", 50000, "::1", 80);
	(void)make(SOCK_STREAM, NULL, 0, "127.0.0.1", 80);
	(void)make(SOCK_DGRAM, "0.0.0.0", 68, NULL, 0);
	(void)make(SOCK_DGRAM, "::", 5353, NULL, 0);
	(void)make(SOCK_DGRAM, NULL, 0, "127.0.0.1", 53);
	fd = make(SOCK_STREAM, "127.0.0.1", 1023, "127.0.0.1", 22);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0);
	fd = make(SOCK_STREAM, NULL, 0, "::ffff:127.0.0.1", 80);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark6, sizeof(mark6)) == 0);
	/* One that ends in TIME-WAIT: it closes first, and has learnt of its peer's end. */
	other = make(SOCK_STREAM, "127.0.0.9", 22, NULL, 0);
	client = make(SOCK_STREAM, "127.0.0.1", 1022, "127.0.0.9", 22);
	CHECK(shutdown(client, SHUT_WR) == 0);
	fd = accept4(other, NULL, NULL, SOCK_CLOEXEC);
	CHECK(fd >= 0 && read(fd, &byte, 1) == 0);
	close(fd);
	CHECK(read(client, &byte, 1) == 0);
	close(client); /* the program's exit closes the rest */
}

static void ask(int fd, uint8_t af, uint8_t protocol, const struct text *code, uint32_t states)
{
	const struct dump d = {
		.family = &family_inet,
		.origin = { .protocol = protocol },
		.af = af,
		.states = states,
		.bytecode = code->len ? code->p : NULL,
		.bytecode_len = code->len,
	};
	static uint8_t buf[NLMSG_HDRLEN + 70000];
	struct nlmsghdr h = { .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP };
	size_t len = family_inet.request(&d, buf + NLMSG_HDRLEN, sizeof(buf) - NLMSG_HDRLEN);

	CHECK(len);
	h.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + len);
	memcpy(buf, &h, sizeof(h));
	CHECK(send(fd, buf, h.nlmsg_len, 0) == (ssize_t)h.nlmsg_len);
}

static void add_row(struct result *ret, const struct filter *f, const struct nlmsghdr *h,
		    const struct seg_dump *origin)
{
	struct found *x = &ret->v[ret->n++];
	struct row row;

	CHECK(ret->n <= ROWS_MAX);
	CHECK(row_open(&row, &family_inet, origin, h) == 0);
	x->cookie = field_u64(&row, F_COOKIE, 0);
	x->state = (uint32_t)field_u64(&row, F_STATE, 0);
	x->match = filter_match(f, &row);
}

/* Dumps what @code lets through, of all states or those of @f. 0, or what the kernel answers. */
static int dump(const struct filter *f, uint8_t af, uint8_t protocol, const struct text *code, bool is_narrow,
		struct result *ret)
{
	const struct seg_dump origin = { .protocol = protocol, .is_filtered = code->len > 0 };
	static _Alignas(struct nlmsghdr) char buf[65536];
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	CHECK(fd >= 0);
	ret->n = 0;
	ask(fd, af, protocol, code, is_narrow ? filter_states(f) : UINT32_MAX);
	for (;;) {
		ssize_t got = recv(fd, buf, sizeof(buf), 0);
		unsigned int len = (unsigned int)got;
		int error;

		CHECK(got > 0);
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR) {
				memcpy(&error, (const char *)h + NLMSG_HDRLEN, sizeof(error));
				return error;
			}
			add_row(ret, f, h, &origin);
		}
	}
}

static struct filter *parse(const char *text, unsigned int with_push)
{
	const struct filter_env env = { .names = &sample_names, .push = with_push };
	const struct sv word = sv(text);
	struct filter *f = NULL;
	struct err e = {};

	return filter_parse(&env, &word, 1, &f, &e) ? NULL : f;
}

static bool has(const struct result *r, const struct found *x)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].cookie == x->cookie && r->v[i].state == x->state)
			return true;
	return false;
}

static unsigned int n_rows, n_matches;

/* Every socket of @all that matches must be in @some, unless it is gone by now. */
static void check_given(const char *text, const struct filter *f, uint8_t af, uint8_t protocol,
			const struct result *all, const struct result *some)
{
	static struct result now;
	const struct text none = {};

	for (size_t i = 0; i < all->n; i++) {
		n_matches += all->v[i].match;
		if (!all->v[i].match || has(some, &all->v[i]))
			continue;
		CHECK(dump(f, af, protocol, &none, false, &now) == 0);
		if (!has(&now, &all->v[i]))
			continue;
		fprintf(stderr, "%s\nthe kernel does not give a socket in state %u\n", text, all->v[i].state);
		abort();
	}
}

/* Everything in user space, and what the program lets through, must select the same. */
static void check_one(const char *text, const struct filter *f, uint8_t af, uint8_t protocol)
{
	static struct result all, some;
	struct text none = {}, code = {};
	int exact = filter_bytecode(f, af, &code), r;

	CHECK(exact >= 0);
	CHECK(dump(f, af, protocol, &none, false, &all) == 0);
	r = dump(f, af, protocol, &code, true, &some);
	if (r) {
		fprintf(stderr, "%s\nthe kernel says: %s\n", text, strerror(-r));
		abort();
	}
	n_rows += (unsigned int)all.n;
	check_given(text, f, af, protocol, &all, &some);
	for (size_t i = 0; exact && i < some.n; i++)
		if (!some.v[i].match) {
			fprintf(stderr, "%s\nthe kernel gives a socket in state %u\n", text, some.v[i].state);
			abort();
		}
	text_done(&code);
}

static void check_text(const char *text)
{
	struct filter *f = parse(text, push);

	if (!f)
		return;
	check_one(text, f, AF_INET, IPPROTO_TCP);
	check_one(text, f, AF_INET6, IPPROTO_TCP);
	if (pick(4) == 0) {
		check_one(text, f, AF_INET, IPPROTO_UDP);
		check_one(text, f, AF_INET6, IPPROTO_UDP);
	}
	filter_free(f);
}

static char *expressions[1000];
static size_t n_expressions;

static void read_expressions(const char *path)
{
	char line[4096];
	FILE *in = fopen(path, "re");

	CHECK(in);
	while (fgets(line, sizeof(line), in)) {
		char *end = strchr(line, ';');
		struct filter *f;

		if (line[0] == '#' || !end || n_expressions == ARRAY_SIZE(expressions))
			continue;
		*end = '\0';
		f = strstr(line, "autobound") ? NULL : parse(line, push);
		if (f)
			CHECK(expressions[n_expressions++] = strdup(line));
		filter_free(f);
	}
	fclose(in);
}

static size_t count_matches(const struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i].match;
	return n;
}

static bool is_disjoint(const struct result *a, const struct result *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].match && has(b, &a->v[i]))
			return false;
	return true;
}

/* What the kernel lets through of autobound and of its negation: each socket is in one of the two. */
static void check_auto(uint8_t af)
{
	static struct result all, yes, no;
	struct filter *f = parse("autobound", push | FILTER_PUSH_AUTO);
	struct filter *g = parse("not autobound", push | FILTER_PUSH_AUTO);
	struct text none = {}, code_yes = {}, code_no = {};

	CHECK(filter_bytecode(f, af, &code_yes) == 0 && filter_bytecode(g, af, &code_no) == 1);
	CHECK(dump(f, af, IPPROTO_TCP, &code_yes, true, &yes) == 0);
	CHECK(dump(g, af, IPPROTO_TCP, &code_no, true, &no) == 0);
	CHECK(dump(NULL, af, IPPROTO_TCP, &none, false, &all) == 0);
	CHECK(no.n && count_matches(&no) == no.n && count_matches(&yes) && is_disjoint(&yes, &no));
	for (size_t i = 0; i < all.n; i++)
		CHECK(has(&yes, &all.v[i]) || has(&no, &all.v[i]));
	text_done(&code_yes);
	text_done(&code_no);
	filter_free(f);
	filter_free(g);
}

/* Leaves out what this kernel was built without. */
static void learn_kernel(void)
{
	static struct result result;
	struct filter *f = parse("cgroup /a", push);
	struct text code = {};

	CHECK(filter_bytecode(f, AF_INET, &code) == 1);
	if (dump(f, AF_INET, IPPROTO_TCP, &code, true, &result) == -EINVAL) {
		fprintf(stderr, "this kernel has no test for cgroups\n");
		push &= ~(unsigned int)FILTER_PUSH_CGROUP;
	}
	text_done(&code);
	filter_free(f);
}

int main(void)
{
	ready_namespace();
	make_sockets();
	learn_kernel();
	read_expressions(TESTS_DIR "/filter/syntax.t");
	read_expressions(TESTS_DIR "/filter/operands.t");
	read_expressions(TESTS_DIR "/filter/rows.t");
	read_expressions(TESTS_DIR "/filter/fields.t");
	CHECK(n_expressions > 400);
	for (size_t i = 0; i < n_expressions; i++)
		check_text(expressions[i]);
	for (int i = 0; i < 500; i++) {
		struct text t = {};

		text_printf(&t, "%s( %s ) %s ", pick(2) ? "not " : "",
			    expressions[pick((uint32_t)n_expressions)], pick(2) ? "or" : "and");
		text_printf(&t, "%s( %s ) %s %s ( %s )", pick(2) ? "not " : "",
			    expressions[pick((uint32_t)n_expressions)], pick(2) ? "or" : "and",
			    pick(2) ? "not" : "", expressions[pick((uint32_t)n_expressions)]);
		text_char(&t, '\0');
		check_text(t.p);
		text_done(&t);
	}
	CHECK(n_rows > 5000 && n_matches > n_rows / 20 && n_matches < n_rows);
	check_auto(AF_INET);
	check_auto(AF_INET6);
	for (size_t i = 0; i < n_expressions; i++)
		free(expressions[i]);
	return 0;
}
