/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/naming.h"

#include <sys/socket.h>

#include "base/cleanup.h"
#include "query/filter_impl.h"

enum { NAME_MAX_LEN = 48 };

static const struct {
	const char *name;
	enum field_id field;
} aliases[] = {
	{ "peer", F_DST },    { "local", F_SRC },   { "src", F_SRC },   { "dst", F_DST },
	{ "sport", F_SPORT }, { "dport", F_DPORT }, { "dev", F_IFACE }, { "fwmark", F_MARK },
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

enum field_id naming_find(struct sv name)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (sv_is(name, aliases[i].name))
			return aliases[i].field;
	return field_find(name);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Letters to put in, leave out, replace, or exchange with the next, to make @b of @a; in halves, since to
 * double a letter counts only half.
 */
static unsigned int distance(struct sv a, struct sv b)
{
	unsigned int rows[3][NAME_MAX_LEN + 1];

	if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
		return 2 * NAME_MAX_LEN;
	for (unsigned int j = 0; j <= b.len; j++)
		rows[0][j] = 2 * j;
	for (unsigned int i = 1; i <= a.len; i++) {
		const unsigned int *before = rows[(i + 1) % 3], *up = rows[(i - 1) % 3];
		unsigned int *row = rows[i % 3];

		row[0] = 2 * i;
		for (unsigned int j = 1; j <= b.len; j++) {
			bool is_double = j > 1 && b.p[j - 1] == b.p[j - 2];

			row[j] = least(up[j - 1] + (a.p[i - 1] == b.p[j - 1] ? 0 : 2),
				       least(up[j] + 2, row[j - 1] + (is_double ? 1 : 2)));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				row[j] = least(row[j], before[j - 2] + 2);
		}
	}
	return rows[a.len % 3][b.len];
}

/* A name without the part in front of its last dot is nearly as good. */
static unsigned int unlikeness(struct sv name, const char *known)
{
	const char *dot = strrchr(known, '.');
	unsigned int all = distance(name, sv(known));

	return dot ? least(all, distance(name, sv(dot + 1)) + 1) : all;
}

static void choose(struct sv name, const char *known, unsigned int *best, const char **ret)
{
	unsigned int u = unlikeness(name, known);

	if (u >= *best)
		return;
	*best = u;
	*ret = known;
}

const char *naming_near(struct sv name)
{
	unsigned int best = least(4, 2 * (unsigned int)name.len / 3) + 2;
	const char *found = NULL;

	for (enum field_id f = 0; f < F_MAX; f++)
		choose(name, fields[f].name, &best, &found);
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		choose(name, aliases[i].name, &best, &found);
	return found;
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
