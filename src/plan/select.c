/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "plan/select.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/like.h"

#define BIT(t) (1u << TABLE_##t)
#define AF(f) (UINT64_C(1) << (f))

enum {
	CLOSE = STATE(K_TCP_CLOSE),
	ESTAB = STATE(K_TCP_ESTABLISHED),
	LISTENING = STATE(K_TCP_LISTEN),
	CONNECTED = STATES_ALL & ~(LISTENING | CLOSE | STATE(K_TCP_TIME_WAIT) | STATE(K_TCP_SYN_RECV)),
	PACKETS = BIT(PACKET_DGRAM) | BIT(PACKET_RAW),
	UNIXES = BIT(UNIX_STREAM) | BIT(UNIX_DGRAM) | BIT(UNIX_SEQPACKET),
	VSOCKS = BIT(VSOCK_STREAM) | BIT(VSOCK_DGRAM),
	INETS = BIT(UDP) | BIT(DCCP) | BIT(TCP) | BIT(MPTCP) | BIT(SCTP) | BIT(RAW),
	MORE_INETS = BIT(UDPLITE) | BIT(ICMP), /* only when they are named */
	EVERY = INETS | UNIXES | PACKETS | BIT(NETLINK) | VSOCKS | BIT(XDP),
};

/* What -A can name. */
static const struct {
	const char *name;
	uint32_t tables;
} queries[] = {
	{ "all", EVERY },
	{ "inet", INETS },
	{ "tcp", BIT(TCP) },
	{ "udp", BIT(UDP) },
	{ "raw", BIT(RAW) },
	{ "dccp", BIT(DCCP) },
	{ "sctp", BIT(SCTP) },
	{ "mptcp", BIT(MPTCP) },
	{ "udplite", BIT(UDPLITE) },
	{ "icmp", BIT(ICMP) },
	{ "unix", UNIXES },
	{ "unix_stream", BIT(UNIX_STREAM) },
	{ "u_str", BIT(UNIX_STREAM) },
	{ "unix_dgram", BIT(UNIX_DGRAM) },
	{ "u_dgr", BIT(UNIX_DGRAM) },
	{ "unix_seqpacket", BIT(UNIX_SEQPACKET) },
	{ "u_seq", BIT(UNIX_SEQPACKET) },
	{ "packet", PACKETS },
	{ "packet_raw", BIT(PACKET_RAW) },
	{ "p_raw", BIT(PACKET_RAW) },
	{ "packet_dgram", BIT(PACKET_DGRAM) },
	{ "p_dgr", BIT(PACKET_DGRAM) },
	{ "netlink", BIT(NETLINK) },
	{ "tipc", BIT(TIPC) },
	{ "vsock", VSOCKS },
	{ "vsock_stream", BIT(VSOCK_STREAM) },
	{ "v_str", BIT(VSOCK_STREAM) },
	{ "vsock_dgram", BIT(VSOCK_DGRAM) },
	{ "v_dgr", BIT(VSOCK_DGRAM) },
	{ "xdp", BIT(XDP) },
	{ "smc", BIT(SMC) },
};

/* Families with their tables and the states that choosing the family means. */
static const struct {
	const char *name;
	sa_family_t family;
	uint32_t tables;
	uint32_t states;
	uint32_t more; /* tables that choosing the family does not mean */
} families[] = {
	{ "inet", AF_INET, INETS, CONNECTED, MORE_INETS },
	{ "inet6", AF_INET6, INETS, CONNECTED, MORE_INETS },
	{ "link", AF_PACKET, PACKETS, CLOSE, 0 },
	{ "unix", AF_UNIX, UNIXES, CONNECTED, 0 },
	{ "netlink", AF_NETLINK, BIT(NETLINK), CLOSE, 0 },
	{ "vsock", AF_VSOCK, VSOCKS, CONNECTED, 0 },
	{ "tipc", AF_TIPC, BIT(TIPC), ESTAB | LISTENING | CLOSE, 0 },
	{ "xdp", K_AF_XDP, BIT(XDP), CLOSE, 0 },
	{ "smc", K_AF_SMC, BIT(SMC), CONNECTED, 0 },
};

static const struct {
	uint32_t tables;
	uint32_t states;
} table_states[] = {
	{ BIT(NETLINK) | PACKETS | BIT(UNIX_DGRAM) | BIT(XDP), CLOSE },
	{ BIT(RAW) | BIT(UDP), ESTAB },
	{ BIT(TCP) | BIT(DCCP) | BIT(SCTP) | BIT(MPTCP) | BIT(UNIX_STREAM) | BIT(UNIX_SEQPACKET) | VSOCKS,
	  CONNECTED },
	{ BIT(TIPC), ESTAB | LISTENING | CLOSE },
};

const char *select_name(enum select_name kind, size_t i, const char **ret_help)
{
	*ret_help = NULL;
	switch (kind) {
	case SELECT_TABLE: return i < ARRAY_SIZE(queries) ? queries[i].name : NULL;
	case SELECT_FAMILY: return i < ARRAY_SIZE(families) ? families[i].name : NULL;
	default: break;
	}
	return state_at(i, ret_help);
}

bool select_is_state_word(struct sv word)
{
	return sv_is(word, "state") || sv_is(word, "exclude") || sv_is(word, "excl");
}

void select_table(struct select *s, uint32_t tables)
{
	s->tables |= tables;
	for (size_t i = 0; i < ARRAY_SIZE(table_states); i++)
		if (table_states[i].tables & tables)
			s->states |= table_states[i].states;
}

/* Whether a filter can ask for addresses of @family itself. SMC has those of IP; TIPC and AF_XDP have none.
 */
static bool has_operands(sa_family_t family)
{
	return family != K_AF_SMC && family != AF_TIPC && family != K_AF_XDP;
}

void select_family(struct select *s, sa_family_t family)
{
	s->families |= AF(family);
	s->chosen |= AF(family);
	s->preferred = has_operands(family) ? family : AF_UNSPEC;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].family == family)
			s->states |= families[i].states;
}

void select_states(struct select *s, uint32_t mask)
{
	s->mask = mask;
	s->has_mask = true;
}

static int refuse_table(struct sv name, struct err *e)
{
	struct like like = like_init(name);

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		like_look(&like, queries[i].name);
	return err_say(e, -EINVAL, "\"%.*s\" is illegal socket table id" LIKE_FMT, SV_ARG(name),
		       LIKE_ARG(like.found));
}

int select_query(struct select *s, const char *list, struct err *e)
{
	struct sv rest = sv(list);

	if (!s->has_query) {
		s->has_query = true;
		s->tables = 0;
		if (!s->has_mask)
			s->mask = CONNECTED;
	}
	do {
		struct sv item = sv_take(&rest, ','), name = item;
		bool is_removed = item.len && item.p[0] == '!';
		size_t i = 0;

		if (is_removed)
			name = sv_from(item, 1);
		while (i < ARRAY_SIZE(queries) && !sv_is(name, queries[i].name))
			i++;
		if (i == ARRAY_SIZE(queries))
			return refuse_table(name, e);
		if (is_removed)
			s->tables &= ~queries[i].tables;
		else
			s->tables |= queries[i].tables;
	} while (rest.p);
	return 0;
}

int select_family_name(struct select *s, const char *name, struct err *e)
{
	struct like like = like_init(sv(name));

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (!strcmp(families[i].name, name)) {
			select_family(s, families[i].family);
			return 0;
		}
		like_look(&like, families[i].name);
	}
	return err_say(e, -EINVAL, "\"%s\" is invalid family" LIKE_FMT, name, LIKE_ARG(like.found));
}

static int refuse_state(struct sv name, struct err *e)
{
	struct text t = {};
	int r;

	state_put_names(&t);
	text_char(&t, '\0');
	r = t.failed ? err_sys(e, -ENOMEM, "reading states")
		     : err_say(e, -EINVAL, "wrong state name: %.*s; use %s", SV_ARG(name), t.p);
	text_done(&t);
	return r;
}

/* Reads "STATE,...", of which the next word is a part, too, when there is a comma at the end. */
static int read_states(const struct sv *words, size_t n_words, size_t *at, uint32_t *ret, struct err *e)
{
	struct sv list;

	*ret = 0;
	do {
		if (*at == n_words)
			return err_say(e, -EINVAL, "a state is missing: ss -h lists them");
		list = words[(*at)++];
		do {
			struct sv name = sv_take(&list, ',');
			uint32_t mask;

			if (!state_find(name, &mask))
				return refuse_state(name, e);
			*ret |= mask;
		} while (list.len);
	} while (list.p); /* nothing behind the last comma */
	return 0;
}

int select_words(struct select *s, const struct sv *words, size_t n_words, struct err *e)
{
	bool has_words = false;
	size_t i = 0;

	while (i < n_words && select_is_state_word(words[i])) {
		bool is_state = sv_is(words[i], "state");
		uint32_t mask;
		int r;

		if (is_state && i + 1 < n_words && filter_is_relation(words[i + 1]))
			break; /* a term of the filter */
		i++;
		r = read_states(words, n_words, &i, &mask, e);
		if (r < 0)
			return r;
		if (!is_state && mask & STATE(K_TCP_SYN_RECV)) /* the kernel's other number for the same */
			mask |= STATE(K_TCP_NEW_SYN_RECV);
		if (!has_words)
			s->mask = is_state ? 0 : STATES_ALL;
		has_words = s->has_mask = true;
		s->mask = is_state ? s->mask | mask : s->mask & ~mask;
		s->wants_bound |= is_state && mask == STATE(K_TCP_BOUND_INACTIVE);
	}
	return (int)i;
}

void select_filter(const struct filter *f, struct selection *sel)
{
	if (filter_named(f))
		sel->families = filter_named(f);
	sel->families &= filter_families(f);
	sel->states &= filter_states(f);
	sel->wants_bound |= filter_names_bound(f);
	if (!sel->states) /* which to the kernel would be all */
		sel->families = 0;
}

void select_complete(struct select *s, struct selection *ret)
{
	uint32_t tables = s->tables;
	uint64_t fams = s->families;

	if (!tables && !fams && !s->has_query) {
		tables = EVERY;
		s->states = CONNECTED;
	}
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		uint64_t mine = 0;

		for (size_t k = 0; k < ARRAY_SIZE(families); k++)
			if (families[k].tables == families[i].tables)
				mine |= AF(families[k].family);
		if (tables & (families[i].tables | families[i].more) && !(s->families & mine))
			fams |= mine;
	}
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (fams & AF(families[i].family) && !(tables & (families[i].tables | families[i].more)))
			tables |= families[i].tables;
	*ret = (struct selection){
		.tables = tables,
		.families = fams,
		.states = s->has_mask || s->has_query ? s->mask : s->states,
		.has_states = s->has_mask,
		.wants_bound = s->wants_bound,
	};
}

void select_unbound(struct selection *sel)
{
	sel->tables |= BIT(UNBOUND);
	sel->families |= AF(AF_UNSPEC);
}

void select_filter_env(const struct select *s, const struct selection *sel, struct filter_env *ret)
{
	const uint64_t both = AF(AF_INET) | AF(AF_INET6);

	*ret = (struct filter_env){
		.preferred = (s->chosen & both) == both ? AF_UNSPEC : s->preferred,
		.selected = sel->families,
		.want_tcp = sel->tables >> TABLE_TCP & 1,
		.want_udp = sel->tables >> TABLE_UDP & 1,
		.push = FILTER_PUSH_AUTO | FILTER_PUSH_DEV | FILTER_PUSH_MARK | FILTER_PUSH_CGROUP,
	};
}
