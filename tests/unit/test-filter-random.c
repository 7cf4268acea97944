/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Thousands of made-up expressions on made-up sockets: the verdict in user
 * space, the kernel's program and a plain reading of the expression must
 * agree.
 */

#include "check.h"
#include "filter-bc.h"
#include "filter-rows.h"
#include "random.h"

enum {
	N_SOCKETS = 64,
	ALL_PUSH = FILTER_PUSH_AUTO | FILTER_PUSH_DEV | FILTER_PUSH_MARK | FILTER_PUSH_CGROUP
};

static const char *const addrs4[] = { "127.0.0.1", "127.0.0.2", "10.0.0.9", "0.0.0.0", "192.168.1.255" };
static const char *const addrs6[] = {
	"::1", "::", "fe80::1", "2001:db8::9", "::ffff:127.0.0.1", "::ffff:10.0.0.9"
};
static const uint16_t ports[] = { 0, 22, 80, 1024, 32767, 32768, 50000, 60999, 61000, 65535 };

static const char *const owners[] = { NULL, "ssh", "nginx" };

/* States by name, and which of those that sockets have here they are. */
static const struct {
	const char *name;
	bool established, listening, closed;
} states[] = {
	{ "established", true, false, false }, { "listening", false, true, false },
	{ "closed", false, false, true },      { "bound-inactive", false, false, true },
	{ "connected", true, false, true },    { "{time-wait, listening}", false, true, false },
};

struct sock {
	struct sample sample;
	struct sample_row row;
	struct bc_socket bc;
};

static struct sock socks[N_SOCKETS];
static void make_socket(struct sock *s)
{
	static const uint8_t in[] = { K_TCP_ESTABLISHED, K_TCP_LISTEN, K_TCP_CLOSE };
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
		.state = in[pick(ARRAY_SIZE(in))],
		.rtt = pick(4),
		.comm = { owners[pick(ARRAY_SIZE(owners))] },
	};
	if (s->sample.comm[0])
		s->sample.comm[1] = owners[pick(ARRAY_SIZE(owners))];
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
	/* the ones from OF_PORTS on are of fields; of them only a local address is there for all sockets, so
	   that the kernel's verdict is ours, on which autobound relies */
	enum {
		ADDR,
		PORT,
		DEV,
		MARK,
		CGROUP,
		AUTO,
		NAME,
		OF_PORTS,
		OF_ADDRS,
		OF_IFACE,
		OF_IFNUM,
		OF_MARKS,
		OF_CGROUPS,
		OF_RTTS,
		OF_COMMS,
		OF_STATES,
		OF_THERE,
		N_KINDS
	} kind;
	bool is_dst;
	char addr[64];
	int af, len;
	int64_t port;
	int rel; /* 0 =, 1 !=, 2 <, 3 <=, 4 >, 5 >= */
	uint32_t number, mask;
	uint16_t last; /* OF_PORTS, when not 0: from .port to this */
};

struct node {
	enum { LEAF, AND, OR, NOT } kind;
	struct node *a, *b;
	struct term term;
};

static struct node nodes[512];
static size_t n_nodes;
static bool with_auto, with_mark;

static void make_field(struct term *t)
{
	switch (t->kind) {
	case OF_PORTS:
		t->port = ports[pick(ARRAY_SIZE(ports))];
		t->rel = (int)pick(6);
		if (t->rel < 2 && t->port < 50000 && pick(2))
			t->last = (uint16_t)(t->port + pick(15000));
		break;
	case OF_RTTS:
		t->rel = (int)pick(6);
		t->number = pick(5);
		break;
	case OF_IFNUM: t->number = pick(3); break;
	case OF_IFACE:
	case OF_COMMS: t->number = 1 + pick(2); break;
	case OF_STATES: t->number = pick(ARRAY_SIZE(states)); break;
	default: break;
	}
}

static struct term make_term(void)
{
	struct term t = { .kind = pick(AUTO), .is_dst = pick(2), .port = -1, .rel = (int)pick(2) };

	if (with_auto &&
	    t.kind == CGROUP) /* of sockets without one the kernel says that they are in another */
		t.kind = DEV;
	if (pick(20) == 0)
		t.kind = NAME;
	if (with_auto && pick(4) == 0)
		t.kind = AUTO;
	if (pick(2) == 0)
		t.kind = with_auto ? OF_ADDRS : OF_PORTS + pick(N_KINDS - OF_PORTS);
	t.is_dst &= !(with_auto && t.kind == OF_ADDRS);
	if (t.kind == MARK || t.kind == OF_MARKS)
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
	if (t.kind >= OF_PORTS)
		make_field(&t);
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
	const char *side = m->is_dst ? "d" : "s", *place = m->is_dst ? "peer" : "local";

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
	case OF_PORTS:
		if (m->last)
			text_printf(t, "%s %s.port in {1, %d-%d}", m->rel ? "not" : "", place, (int)m->port,
				    m->last);
		else
			text_printf(t, "%s.port%s%d", place, rels[m->rel], (int)m->port);
		break;
	case OF_ADDRS: text_printf(t, "%s%s%s/%d", place, rels[m->rel], m->addr, m->len); break;
	case OF_IFACE: text_printf(t, "iface %s %s", rels[m->rel], m->number == 1 ? "lo" : "eth0"); break;
	case OF_IFNUM: text_printf(t, "ifindex %s %u", rels[m->rel], m->number); break;
	case OF_MARKS: text_printf(t, "mark %s %u/%u", rels[m->rel], m->number, m->mask); break;
	case OF_CGROUPS: text_printf(t, "cgroup_id %s /a", rels[m->rel]); break;
	case OF_RTTS: text_printf(t, "tcp.rtt %s %uus", rels[m->rel], m->number); break;
	case OF_COMMS: text_printf(t, "process %s \"%s\"", rels[m->rel], owners[m->number]); break;
	case OF_STATES: text_printf(t, "%s state in %s", m->rel ? "not" : "", states[m->number].name); break;
	case OF_THERE: text_printf(t, "%s has tcp.rtt", m->rel ? "!" : ""); break;
	case N_KINDS: break;
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

/* Of "!=" without its negation. */
static bool order_holds(int rel, int64_t a, int64_t b)
{
	switch (rel) {
	case 2: return a < b;
	case 3: return a <= b;
	case 4: return a > b;
	case 5: return a >= b;
	default: return a == b;
	}
}

static bool comm_holds(const struct sample *s, const char *name)
{
	return !strcmp(s->comm[0], name) || (s->comm[1] && !strcmp(s->comm[1], name));
}

/* What the socket does not have in its state, or says to have none of with a zero. */
static bool is_void(const struct term *m, const struct sock *s)
{
	static const uint8_t none[16];
	bool is_connected = s->sample.state != K_TCP_LISTEN && s->sample.state != K_TCP_CLOSE;

	switch (m->kind) {
	case OF_PORTS: return m->is_dst ? !is_connected || !s->bc.dport : !s->bc.sport;
	case OF_ADDRS: return m->is_dst && (!is_connected || !memcmp(s->bc.dst, none, sizeof(none)));
	case OF_IFACE:
	case OF_IFNUM: return !s->bc.dev;
	case OF_MARKS: return s->sample.mark <= 0;
	case OF_CGROUPS: return !s->bc.cgroup;
	case OF_RTTS:
	case OF_THERE: return !is_connected || !s->sample.rtt;
	case OF_COMMS: return !s->sample.comm[0];
	default: return false;
	}
}

/* As term_holds(), of fields. */
static int field_holds(const struct term *m, const struct sock *s)
{
	int64_t port = m->is_dst ? s->bc.dport : s->bc.sport;
	uint8_t state = s->sample.state;

	if (is_void(m, s))
		return m->kind == OF_THERE ? 0 : -1;
	switch (m->kind) {
	case OF_PORTS:
		if (m->last)
			return port == 1 || (port >= m->port && port <= m->last);
		return order_holds(m->rel, port, m->port);
	case OF_ADDRS: return addr_holds(m, m->addr, m->len, s);
	case OF_IFACE:
	case OF_IFNUM: return s->bc.dev == m->number;
	case OF_MARKS: return ((uint32_t)s->sample.mark & m->mask) == m->number;
	case OF_CGROUPS: return s->bc.cgroup == 7001;
	case OF_RTTS: return order_holds(m->rel, s->sample.rtt, m->number);
	case OF_COMMS: return comm_holds(&s->sample, owners[m->number]);
	case OF_STATES:
		return state == K_TCP_LISTEN  ? states[m->number].listening
		       : state == K_TCP_CLOSE ? states[m->number].closed
					      : states[m->number].established;
	default: return true;
	}
}

/* Whether the term without its negation holds: 0, 1, or -1 when that cannot be known. */
static int term_holds(const struct term *m, const struct sock *s, bool kernel_says)
{
	int64_t port = m->is_dst ? s->bc.dport : s->bc.sport;
	bool in_range = s->bc.sport >= 32768 && s->bc.sport <= 60999;

	if (s == &nameless && m->kind == OF_STATES) /* it is in state 0, as no socket is */
		return !strcmp(states[m->number].name, "connected");
	if (s == &nameless)
		return m->kind == AUTO || (m->kind == DEV && !m->number) ? 1
		       : m->kind == MARK || m->kind == CGROUP || (m->kind >= OF_PORTS && m->kind != OF_THERE)
			       ? -1
			       : 0;
	if (m->kind >= OF_PORTS)
		return field_holds(m, s);
	switch (m->kind) {
	case ADDR: return (m->port < 0 || port == m->port) && addr_holds(m, m->addr, m->len, s);
	case PORT: return order_holds(m->rel, port, m->port);
	case DEV: return s->bc.dev == m->number;
	case MARK: return s->sample.mark < 0 ? -1 : ((uint32_t)s->sample.mark & m->mask) == m->number;
	case CGROUP: return s->bc.cgroup ? s->bc.cgroup == 7001 : -1;
	case AUTO: return in_range && (!kernel_says || s->bc.is_auto);
	case NAME: return addr_holds(m, "10.0.0.9", 32, s) || addr_holds(m, "::9", 128, s);
	default: return 0;
	}
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
	/* The kernel is asked for what is bound only in a state of its own. */
	unsigned int state = s->sample.state == K_TCP_CLOSE ? K_TCP_BOUND_INACTIVE : s->sample.state;

	if (here && !(filter_states(t->f) >> state & 1))
		complain(t->text, s, "its state is not asked for");

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
	again = sample_filter(one.p, ALL_PUSH);
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
		struct filter *f = sample_filter(text.p, pushes[i]);

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

int main(void)
{
	sample_make(&nameless.sample, &nameless.row);
	for (unsigned int round = 0; round < 40; round++) {
		for (size_t i = 0; i < N_SOCKETS; i++)
			make_socket(&socks[i]);
		for (int i = 0; i < 150; i++)
			check_random(pick(6));
	}
	return 0;
}
