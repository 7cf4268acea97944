/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Thousands of made-up expressions on made-up sockets: the verdict in user
 * space, the kernel's program and a plain reading of the expression must
 * agree. Also patterns against fnmatch(), files, and large filters.
 */

#include <fnmatch.h>
#include <unistd.h>

#include "check.h"
#include "filter-bc.h"
#include "filter-rows.h"
#include "query/glob.h"

enum {
	N_SOCKETS = 64,
	ALL_PUSH = FILTER_PUSH_AUTO | FILTER_PUSH_DEV | FILTER_PUSH_MARK | FILTER_PUSH_CGROUP
};

static const char *const addrs4[] = { "127.0.0.1", "127.0.0.2", "10.0.0.9", "0.0.0.0", "192.168.1.255" };
static const char *const addrs6[] = {
	"::1", "::", "fe80::1", "2001:db8::9", "::ffff:127.0.0.1", "::ffff:10.0.0.9"
};
static const uint16_t ports[] = { 0, 22, 80, 1024, 32767, 32768, 50000, 60999, 61000, 65535 };

struct sock {
	struct sample sample;
	struct sample_row row;
	struct bc_socket bc;
};

static struct sock socks[N_SOCKETS];
static uint64_t seed = 1;

static uint32_t pick(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void make_socket(struct sock *s)
{
	bool six = pick(2);

	s->sample = (struct sample){
		.af = six ? AF_INET6 : AF_INET,
		.src = six ? addrs6[pick(ARRAY_SIZE(addrs6))] : addrs4[pick(ARRAY_SIZE(addrs4))],
		.dst = six ? addrs6[pick(ARRAY_SIZE(addrs6))] : addrs4[pick(ARRAY_SIZE(addrs4))],
		.sport = ports[pick(ARRAY_SIZE(ports))],
		.dport = ports[pick(ARRAY_SIZE(ports))],
		.dev = pick(3),
		.mark = pick(4) ? (int64_t)pick(8) : -1,
		.cgroup = pick(2) ? 7001 : 0,
	};
	sample_make(&s->sample, &s->row);
	s->bc = (struct bc_socket){
		.family = s->sample.af,
		.sport = s->sample.sport,
		.dport = s->sample.dport,
		.dev = s->sample.dev,
		.mark = s->sample.mark < 0 ? pick(8) : (uint32_t)s->sample.mark,
		.cgroup = s->sample.cgroup,
		.is_auto = pick(2),
	};
	CHECK(inet_pton(s->sample.af, s->sample.src, s->bc.src) == 1);
	CHECK(inet_pton(s->sample.af, s->sample.dst, s->bc.dst) == 1);
}

/* A unix socket without a name: it has no addresses and ports, and the kernel tells no mark and cgroup. */
static struct sock nameless = { .sample = { .af = AF_UNIX, .mark = -1 },
				.bc = { .family = AF_UNIX, .is_auto = true } };

/* One term, kept as what it says. */
struct term {
	enum { ADDR, PORT, DEV, MARK, CGROUP, AUTO, NAME } kind;
	bool is_dst;
	char addr[64];
	int af, len;
	int64_t port;
	int rel; /* 0 =, 1 !=, 2 <, 3 <=, 4 >, 5 >= */
	uint32_t number, mask;
};

struct node {
	enum { LEAF, AND, OR, NOT } kind;
	struct node *a, *b;
	struct term term;
};

static struct node nodes[512];
static size_t n_nodes;
static bool with_auto, with_mark;

static struct term make_term(void)
{
	struct term t = { .kind = pick(AUTO), .is_dst = pick(2), .port = -1, .rel = (int)pick(2) };

	if (pick(20) == 0)
		t.kind = NAME;
	if (with_auto && pick(4) == 0)
		t.kind = AUTO;
	if (t.kind == MARK)
		with_mark = true;
	t.af = pick(2) ? AF_INET : AF_INET6;
	t.len = (int)pick(t.af == AF_INET ? 33 : 129);
	snprintf(t.addr, sizeof(t.addr), "%s",
		 t.af == AF_INET ? addrs4[pick(ARRAY_SIZE(addrs4))] : addrs6[pick(ARRAY_SIZE(addrs6))]);
	if (t.kind == PORT || pick(3) == 0)
		t.port = pick(10) ? ports[pick(ARRAY_SIZE(ports))] : 65530 + (int64_t)pick(10000);
	if (t.kind == PORT)
		t.rel = (int)pick(6);
	t.number = pick(t.kind == DEV ? 3 : 8);
	t.mask = pick(8);
	return t;
}

static struct node *make_tree(unsigned int depth)
{
	struct node *n = &nodes[n_nodes++];

	*n = (struct node){ .kind = depth ? pick(4) : LEAF };
	if (n->kind == LEAF)
		n->term = make_term();
	else
		n->a = make_tree(depth - 1);
	if (n->kind == AND || n->kind == OR)
		n->b = make_tree(depth - 1);
	return n;
}

static void write_term(struct text *t, const struct term *m)
{
	static const char *const rels[] = { "=", "!=", "<", "<=", ">", ">=" };
	const char *side = m->is_dst ? "d" : "s";

	switch (m->kind) {
	case ADDR:
		text_printf(t, "%s %s ", m->is_dst ? "dst" : "src", rels[m->rel]);
		text_printf(t, m->af == AF_INET ? "%s/%d" : "[%s/%d]", m->addr, m->len);
		if (m->port >= 0)
			text_printf(t, ":%d", (int)m->port);
		break;
	case PORT: text_printf(t, "%sport %s %d", side, rels[m->rel], (int)m->port); break;
	case DEV: text_printf(t, "dev %s %u", rels[m->rel], m->number); break;
	case MARK: text_printf(t, "fwmark %s %u/%u", rels[m->rel], m->number, m->mask); break;
	case CGROUP: text_printf(t, "cgroup %s /a", rels[m->rel]); break;
	case AUTO: text_str(t, m->rel ? "! autobound" : "autobound"); break;
	case NAME: text_printf(t, "%s %s two", m->is_dst ? "dst" : "src", rels[m->rel]); break;
	}
}

static void write_node(struct text *t, const struct node *n)
{
	switch (n->kind) {
	case LEAF: write_term(t, &n->term); break;
	case NOT:
		text_str(t, "not ( ");
		write_node(t, n->a);
		text_str(t, " )");
		break;
	case AND:
	case OR:
		text_str(t, "( ");
		write_node(t, n->a);
		text_str(t, n->kind == OR ? " ) or ( " : " ) and ( ");
		write_node(t, n->b);
		text_str(t, " )");
		break;
	}
}

static bool addr_holds(const struct term *m, const char *text, int len, const struct sock *s)
{
	const uint8_t *addr = m->is_dst ? s->bc.dst : s->bc.src;
	int af = strchr(text, ':') ? AF_INET6 : AF_INET;
	uint8_t want[16];

	CHECK(inet_pton(af, text, want) == 1);
	if (af == AF_INET6 && s->bc.family == AF_INET)
		return false;
	if (af == AF_INET && s->bc.family == AF_INET6) {
		for (int i = 0; i < 12; i++)
			if (addr[i] != (i < 10 ? 0 : 0xff))
				return false;
		addr += 12;
	}
	for (int i = 0; i < len; i++)
		if ((addr[i / 8] >> (7 - i % 8) & 1) != (want[i / 8] >> (7 - i % 8) & 1))
			return false;
	return true;
}

/* Whether the term without its negation holds: 0, 1, or -1 when that cannot be known. */
static int term_holds(const struct term *m, const struct sock *s, bool kernel_says)
{
	int64_t port = m->is_dst ? s->bc.dport : s->bc.sport;
	bool in_range = s->bc.sport >= 32768 && s->bc.sport <= 60999;

	if (s == &nameless)
		return m->kind == AUTO || (m->kind == DEV && !m->number) ? 1
		       : m->kind == MARK || m->kind == CGROUP            ? -1
									 : 0;
	switch (m->kind) {
	case ADDR: return (m->port < 0 || port == m->port) && addr_holds(m, m->addr, m->len, s);
	case PORT:
		switch (m->rel) {
		case 2: return port < m->port;
		case 3: return port <= m->port;
		case 4: return port > m->port;
		case 5: return port >= m->port;
		default: return port == m->port;
		}
	case DEV: return s->bc.dev == m->number;
	case MARK: return s->sample.mark < 0 ? -1 : ((uint32_t)s->sample.mark & m->mask) == m->number;
	case CGROUP: return s->bc.cgroup == 7001;
	case AUTO: return in_range && (!kernel_says || s->bc.is_auto);
	case NAME: return addr_holds(m, "10.0.0.9", 32, s) || addr_holds(m, "::9", 128, s);
	}
	return 0;
}

static bool node_holds(const struct node *n, bool is_not, const struct sock *s, bool kernel_says)
{
	int v;

	switch (n->kind) {
	case LEAF:
		v = term_holds(&n->term, s, kernel_says);
		return v >= 0 && (v != 0) != ((n->term.rel == 1) != is_not);
	case NOT: return node_holds(n->a, !is_not, s, kernel_says);
	case AND:
	case OR: break;
	}
	if ((n->kind == AND) != is_not)
		return node_holds(n->a, is_not, s, kernel_says) && node_holds(n->b, is_not, s, kernel_says);
	return node_holds(n->a, is_not, s, kernel_says) || node_holds(n->b, is_not, s, kernel_says);
}

static struct filter *parse(const char *text, unsigned int push)
{
	const struct filter_env env = { .names = &sample_names, .push = push };
	const struct sv word = sv(text);
	struct filter *f = NULL;
	struct err e = {};

	if (filter_parse(&env, &word, 1, &f, &e)) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	return f;
}

static void complain(const char *text, const struct sock *s, const char *what)
{
	fprintf(stderr, "%s\n%s: %s:%u %s:%u dev %u mark %d cgroup %u auto %d\n", text, what,
		s->sample.src ? s->sample.src : "-", s->bc.sport, s->sample.dst ? s->sample.dst : "-",
		s->bc.dport, s->bc.dev, (int)s->sample.mark, (unsigned int)s->bc.cgroup, s->bc.is_auto);
	abort();
}

struct trial {
	const char *text;
	const struct filter *f;
	const struct node *root;
	unsigned int push;
};

static void check_socket(const struct trial *t, const struct sock *s, const struct text *code, bool is_exact)
{
	bool here = filter_match(t->f, &s->row.row);
	bool there = bc_run((const uint8_t *)code->p, code->len, &s->bc);
	bool want = node_holds(t->root, false, s, t->push == ALL_PUSH);
	bool is_known = !with_mark || s->sample.mark >= 0; /* to user space, all that is to the kernel */

	if (with_auto && t->push == ALL_PUSH) {
		if ((here && there) != want && is_known)
			complain(t->text, s, "autobound is wrong");
		return;
	}
	if (here != want)
		complain(t->text, s, "the verdict is wrong");
	if (here && !there)
		complain(t->text, s, "the program loses it");
	if (is_exact && here != there && is_known)
		complain(t->text, s, "the program is not exact");
}

static void check_program(const struct trial *t, uint8_t af)
{
	struct text code = {};
	int exact = filter_bytecode(t->f, af, &code);

	CHECK(exact >= 0);
	CHECK(!code.len || bc_audit((const uint8_t *)code.p, code.len));
	for (size_t i = 0; i < N_SOCKETS; i++)
		if (!af || af == socks[i].bc.family)
			check_socket(t, &socks[i], &code, exact);
	if (filter_match(t->f, &nameless.row.row) != node_holds(t->root, false, &nameless, false))
		complain(t->text, &nameless, "the verdict is wrong");
	text_done(&code);
}

/* What is printed, read again, prints the same and has the same program. */
static void check_canonical(const char *text, const struct filter *f)
{
	struct text one = {}, two = {}, code_one = {}, code_two = {};
	struct filter *again;

	filter_print(f, &one);
	text_char(&one, '\0');
	again = parse(one.p, ALL_PUSH);
	filter_print(again, &two);
	text_char(&two, '\0');
	if (strcmp(one.p, two.p) != 0) {
		fprintf(stderr, "%s\nprints %s\nthen %s\n", text, one.p, two.p);
		abort();
	}
	CHECK(filter_bytecode(f, AF_INET6, &code_one) == filter_bytecode(again, AF_INET6, &code_two));
	CHECK(sv_eq(sv_n(code_one.p, code_one.len), sv_n(code_two.p, code_two.len)));
	text_done(&one);
	text_done(&two);
	text_done(&code_one);
	text_done(&code_two);
	filter_free(again);
}

static void check_random(unsigned int depth)
{
	const unsigned int pushes[] = { 0, ALL_PUSH, ALL_PUSH & ~FILTER_PUSH_AUTO, pick(ALL_PUSH) & ~1u };
	const struct node *root;
	struct text text = {};

	n_nodes = 0;
	with_mark = false;
	with_auto = pick(3) == 0;
	root = make_tree(depth);
	write_node(&text, root);
	text_char(&text, '\0');
	for (size_t i = 0; i < ARRAY_SIZE(pushes); i++) {
		struct filter *f = parse(text.p, pushes[i]);

		const struct trial trial = { text.p, f, root, pushes[i] };

		check_program(&trial, AF_INET);
		check_program(&trial, AF_INET6);
		if (!with_auto)
			check_program(&trial, AF_UNSPEC);
		if (pushes[i] == ALL_PUSH)
			check_canonical(text.p, f);
		filter_free(f);
	}
	text_done(&text);
}

static void check_patterns(void)
{
	static const char alphabet[] = "aAbB@/.-*?[]!^\\x";
	unsigned int n_found = 0;

	for (int i = 0; i < 400000; i++) {
		char pattern[10] = "", name[10] = "";
		bool want;

		for (uint32_t j = 0, n = pick(9); j < n; j++)
			pattern[j] = alphabet[pick(sizeof(alphabet) - 1)];
		for (uint32_t j = 0, n = pick(7); j < n; j++)
			name[j] = alphabet[pick(8)];
		want = !fnmatch(pattern, name, FNM_CASEFOLD);
		n_found += want;
		if (glob_match(sv(pattern), sv(name)) != want) {
			fprintf(stderr, "pattern \"%s\" on \"%s\": fnmatch() says %d\n", pattern, name, want);
			abort();
		}
	}
	CHECK(n_found > 1000);
	CHECK(glob_match(sv("[[:digit:]]*[[:ALPHA:]x]"), sv("7-x")) ==
	      !fnmatch("[[:digit:]]*[[:ALPHA:]x]", "7-x", 16));
	CHECK(glob_match(sv("[[:digit:]][[:upper:]]"), sv("7a")));
	CHECK(!glob_match(sv("[![:space:]]"), sv(" ")));
	CHECK(glob_match(sv("*"), sv_n("a\0b", 3)));
	CHECK(glob_match(sv("a?b"), sv_n("a\0b", 3)));
}

static void append_terms(struct text *t, unsigned int n)
{
	t->len = 0;
	for (unsigned int i = 0; i < n; i++)
		text_printf(t, "%s%ssport = %u", i ? " or " : "", i % 3 ? "" : "not ", i);
	text_char(t, '\0');
}

static void check_size(unsigned int n_terms, bool fits)
{
	struct text t = {}, code = {};
	struct filter *f;

	append_terms(&t, n_terms);
	f = parse(t.p, 0);
	CHECK(filter_bytecode(f, AF_INET, &code) == fits);
	CHECK(fits ? code.len > 50000 && bc_audit((const uint8_t *)code.p, code.len) : code.len == 0);
	CHECK(filter_match(f, &socks[0].row.row));
	filter_free(f);
	text_done(&t);
	text_done(&code);
}

/* Deep to the left, without parentheses; the canonical form has them. */
static void check_chain(void)
{
	struct text t = {}, printed = {};
	struct filter *f;

	for (unsigned int i = 0; i < 20000; i++)
		text_str(&t, i % 2 ? "dport 2 and " : "not sport 1 or ");
	text_str(&t, "sport 3");
	text_char(&t, '\0');
	f = parse(t.p, 0);
	CHECK(filter_is_mixed(f));
	filter_print(f, &printed);
	CHECK(printed.len > t.len);
	filter_free(f);
	text_done(&t);
	text_done(&printed);
}

static int parse_result(const struct text *t)
{
	const struct filter_env env = { .names = &sample_names };
	const struct sv word = sv_n(t->p, t->len);
	struct filter *f = NULL;
	struct err e;
	int r = filter_parse(&env, &word, 1, &f, &e);

	filter_free(f);
	return r;
}

static void check_depth(unsigned int depth, int want)
{
	struct text t = {};

	for (unsigned int i = 0; i < depth; i++)
		text_str(&t, i % 2 ? "(" : "not ( ");
	text_str(&t, "sport = 1");
	for (unsigned int i = 0; i < depth; i++)
		text_char(&t, ')');
	CHECK(parse_result(&t) == want);
	text_done(&t);
}

static void check_long_word(unsigned int len, int want)
{
	struct text t = {};

	text_str(&t, "src unix:");
	for (unsigned int i = 0; i < len; i++)
		text_char(&t, 'x');
	CHECK(parse_result(&t) == want);
	text_done(&t);
}

static void check_file(const char *words, const char *file, int want, const char *canonical_or_message)
{
	const struct filter_env env = { .names = &sample_names, .file = sv(file), .file_name = "ports" };
	const struct sv word = sv(words);
	struct filter *f = NULL;
	struct text t = {};
	struct err e = {};
	int r = filter_parse(&env, &word, 1, &f, &e);

	if (r != want)
		fprintf(stderr, "%s\n", e.text);
	CHECK(r == want);
	if (r) {
		CHECK_STR(e.text, canonical_or_message);
		return;
	}
	filter_print(f, &t);
	text_char(&t, '\0');
	CHECK_STR(t.p, canonical_or_message);
	text_done(&t);
	filter_free(f);
}

static void check_files(void)
{
	check_file("", "", 0, "");
	check_file(" ", "# nothing\n\n   \n", 0, "");
	check_file("", "sport = 22", 0, "sport = 22");
	check_file("", "# the first\nsport = 22\r\n  # and\n\nor\nsport = 23\n#end", 0,
		   "sport = 22 or sport = 23");
	check_file("sport = 22", "dport = 1\n", 0, "sport = 22 and dport = 1");
	check_file("sport = 22 or", "dport = 1\n", 0, "sport = 22 or dport = 1");
	check_file("", "0 = 1\n", -EINVAL,
		   "ports, line 1:\n0 = 1\n"
		   "^ not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound, or "
		   "FIELD = VALUE");
	check_file("sport = 1 or", "sport = 2\n\n or sprt = 3\n", -EINVAL,
		   "ports, line 3:\n or sprt = 3\n"
		   "    ^^^^ neither a predicate nor a field: did you mean sport?");
	check_file("sport = 1", "sport = x\n", -EDOM,
		   "ports, line 1:\nsport = x\n        ^ not a port: use a number, a service name or *");
	check_file("sport = \x1b[1m\xc3\xa9", "", -EDOM,
		   "sport =  [1m\xc3\xa9\n        ^^^^^ not a port: use a number, a service name or *");
}

static void check_reading(void)
{
	char path[] = "/tmp/test-filter-XXXXXX";
	struct text t = {};
	struct err e = {};
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, "sport = 22\n", 11) == 11);
	close(fd);
	CHECK(filter_file_read(path, &t, &e) == 0);
	CHECK(sv_is(sv_n(t.p, t.len), "sport = 22\n"));
	CHECK(truncate(path, (16 << 20) + 1) == 0);
	CHECK(filter_file_read(path, &t, &e) == -EFBIG);
	CHECK(unlink(path) == 0);
	CHECK(filter_file_read(path, &t, &e) == -ENOENT && strstr(e.text, path));
	text_done(&t);
}

int main(void)
{
	sample_make(&nameless.sample, &nameless.row);
	for (unsigned int round = 0; round < 40; round++) {
		for (size_t i = 0; i < N_SOCKETS; i++)
			make_socket(&socks[i]);
		for (int i = 0; i < 150; i++)
			check_random(pick(6));
	}
	check_patterns();
	check_size(3000, true);
	check_size(10000, false);
	check_chain();
	check_depth(200, 0);
	check_depth(201, -EINVAL);
	check_long_word(8000, 0);
	check_long_word(9000, -EINVAL);
	check_files();
	check_reading();
	return 0;
}
