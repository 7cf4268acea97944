/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/naming.h"

#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/like.h"
#include "query/filter_impl.h"

static const struct {
	const char *name;
	enum field_id field;
} aliases[] = {
	{ "peer", F_DST },
	{ "local", F_SRC },
	{ "src", F_SRC },
	{ "dst", F_DST },
	{ "sport", F_SPORT },
	{ "dport", F_DPORT },
	{ "dev", F_IFACE },
	{ "fwmark", F_MARK },
	{ "container", F_CONTAINER_NAME },
	{ "pod", F_POD_NAME },
	{ "peer.pid", F_PEER_PROC_PID },
	{ "peer.container", F_PEER_CONTAINER_NAME },
	{ "peer.pod", F_PEER_POD_NAME },
};

/* Where in the registry each family begins, and each segment is. */
enum {
#define FAMILY(name) AT_##name,
#define SEG(id, type, ask) AT_SEG_##id,
#include "model/defs/all.def"
};

/* clang-format off */
#define FAMILIES_inet AF_BITS_INET
#define FAMILIES_unix AF_BIT(AF_UNIX)
#define FAMILIES_packet AF_BIT(AF_PACKET)
#define FAMILIES_netlink AF_BIT(AF_NETLINK)
#define FAMILIES_vsock AF_BIT(K_AF_VSOCK)
#define FAMILIES_tipc AF_BIT(K_AF_TIPC)
#define FAMILIES_xdp AF_BIT(K_AF_XDP)
#define FAMILIES_smc AF_BITS_INET /* those of its addresses */
#define FAMILIES_unbound AF_BIT(AF_UNSPEC)

static const struct {
	int from;
	uint64_t families;
} sections[] = {
#define FAMILY(name) { AT_##name, FAMILIES_##name },
#include "model/defs/all.def"
};
/* clang-format on */

static const uint16_t seg_at[SEG_MAX] = {
#define SEG(id, type, ask) [SEG_##id] = AT_SEG_##id,
#include "model/defs/all.def"
};

size_t naming_len(struct sv s)
{
	size_t n = 0;

	while (n < s.len && ((s.p[n] >= 'a' && s.p[n] <= 'z') ||
			     (n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '_' || s.p[n] == '.'))))
		n++;
	return n;
}

/* The only field with @last behind the last dot of its name, or TCP's; F_MAX when there is none, or are
 * several. What is known of the other end too is meant of our own. */
static enum field_id find_last(struct sv last)
{
	enum field_id found = F_MAX;
	bool is_several = false;

	for (enum field_id f = 0; f < F_MAX; f++) {
		const char *dot = strrchr(fields[f].name, '.');

		if (!dot || field_is_of_peers(f) || !sv_is(last, dot + 1))
			continue;
		if (dot == fields[f].name + strlen("tcp") && !strncmp(fields[f].name, "tcp", strlen("tcp")))
			return f;
		is_several |= found != F_MAX;
		found = f;
	}
	return is_several ? F_MAX : found;
}

enum field_id naming_find(struct sv name)
{
	enum field_id f;

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (sv_is(name, aliases[i].name))
			return aliases[i].field;
	f = field_find(name);
	return f == F_MAX && sv_find(name, '.') < 0 ? find_last(name) : f;
}

bool naming_pair(struct sv name, enum field_id *ret_addr, enum field_id *ret_port)
{
	bool is_local = sv_is(name, "local") || sv_is(name, "src");

	*ret_addr = is_local ? F_SRC : F_DST;
	*ret_port = is_local ? F_SPORT : F_DPORT;
	return is_local || sv_is(name, "peer") || sv_is(name, "dst");
}

bool naming_either(struct sv name, enum field_id *ret_local, enum field_id *ret_peer)
{
	bool is_port = sv_is(name, "port");

	*ret_local = is_port ? F_SPORT : F_SRC;
	*ret_peer = is_port ? F_DPORT : F_DST;
	return is_port || sv_is(name, "addr");
}

const char *naming_near(struct sv name)
{
	struct like l = like_init(name);

	for (enum field_id f = 0; f < F_MAX; f++)
		like_look_dotted(&l, fields[f].name);
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		like_look(&l, aliases[i].name);
	return l.found;
}

static void put_item(const char *name, const char *between, size_t n, struct text *t)
{
	text_str(t, n ? between : "");
	text_str(t, name);
}

/* Those of which @last is the end of the name: "mem.drops or xdp.drops". Returns how many. */
static size_t put_several(struct sv last, struct text *t)
{
	const char *held = NULL;
	size_t n = 0;

	for (enum field_id f = 0; f < F_MAX; f++) {
		const char *dot = strrchr(fields[f].name, '.');

		if (!dot || !sv_is(last, dot + 1))
			continue;
		if (held)
			put_item(held, ", ", n++, t);
		held = fields[f].name;
	}
	if (held)
		put_item(held, " or ", n++, t);
	return n;
}

bool naming_is_of_groups(struct sv name)
{
	return sv_is(name, "count") || sv_is(name, "share") || sv_find(name, '(') >= 0;
}

void naming_put_remedy(struct sv name, struct text *t)
{
	size_t start = t->len;
	enum field_id local, peer;
	const char *near;

	if (naming_is_of_groups(name)) {
		text_str(t, "groups have it: say --by=FIELD, too");
		return;
	}
	if (naming_either(name, &local, &peer)) {
		text_printf(t, "say %s or %s", fields[local].name, fields[peer].name);
		return;
	}
	text_str(t, "say ");
	if (sv_find(name, '.') < 0 && put_several(name, t))
		return;
	t->len = start;
	near = naming_near(name);
	if (near)
		text_printf(t, "did you mean %s?", near);
	else
		text_str(t, "ss --fields lists them");
}

/* Appends the field at the start of @word, or all of that when it is none, and what follows. */
static void put_full(struct sv word, struct text *t)
{
	size_t len = naming_len(word);
	enum field_id f = naming_find(sv_first(word, len));

	if (f == F_MAX)
		text_sv(t, sv_first(word, len));
	else
		text_str(t, fields[f].name);
	text_sv(t, sv_from(word, len));
}

static void put_call(struct sv word, bool is_inner, struct text *t)
{
	ptrdiff_t open = sv_find(word, '(');
	struct sv inner = sv_from(word, (size_t)(open + 1));
	bool is_call = open >= 0 && inner.len && inner.p[inner.len - 1] == ')';

	if (!is_call) {
		put_full(word, t);
		return;
	}
	inner.len--;
	inner = sv_trim(inner);
	text_sv(t, sv_first(word, (size_t)(open + 1)));
	if (sv_find(inner, '(') >= 0 && !is_inner) /* "delta(sum(rtt))" */
		put_call(inner, true, t);
	else if (sv_is(inner, "count")) /* of groups */
		text_sv(t, inner);
	else
		put_full(inner, t);
	text_char(t, ')');
}

void naming_put_full(struct sv word, struct text *t)
{
	put_call(word, false, t);
}

uint64_t naming_families(enum field_id f)
{
	uint64_t families = 0;

	if (f == F_CGROUP_PATH)
		f = F_CGROUP;
	for (const struct loc *l = fields[f].at; l->size; l++) {
		uint64_t mine = UINT64_MAX;

		for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
			if (seg_at[l->seg] > sections[i].from)
				mine = sections[i].families;
		families |= mine;
	}
	return families;
}
