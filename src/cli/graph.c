/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/graph.h"

#include <errno.h>

#include "base/cleanup.h"
#include "query/naming.h"

struct graph_by {
	enum field_id node;
	struct sv addr; /* as it was typed, with its prefix; nothing: as below */
};

static const char NETWORKS[] = "/24/64";

/* Takes @word into @ret. */
static int take(struct sv word, struct graph_by *ret, struct err *e)
{
	ptrdiff_t slash = sv_find(word, '/');
	enum field_id f = naming_find(slash < 0 ? word : sv_first(word, (size_t)slash));
	struct text t = {};
	int r;

	if (f == F_DST && !ret->addr.len) {
		ret->addr = word;
		return 0;
	}
	if (f < F_MAX && slash < 0 && ret->node == F_MAX) {
		ret->node = f;
		return 0;
	}
	if (f < F_MAX || naming_is_of_groups(word))
		return err_say(e, -EINVAL,
			       "--by: a graph has one field for its nodes, and one prefix of peer.addr, as "
			       "--by=unit,peer.addr/16");
	naming_put_remedy(word, &t);
	text_char(&t, '\0');
	r = t.failed ? err_sys(e, -ENOMEM, "--by")
		     : err_say(e, -EINVAL, "--by: there is no field \"%.*s\": %s", SV_ARG(word), t.p);
	text_done(&t);
	return r;
}

/* What is known of the other end as @f is of this one; F_MAX: nothing. */
static enum field_id peer_field(enum field_id f)
{
	if (f >= F_OWNERS && f < F_OWNERS + (int)PART_MAX)
		return peer_part_field((enum part)(f - F_OWNERS));
	return f == F_NETNS ? F_PEER_NETNS : F_MAX;
}

int graph_put_columns(struct text *t, const char *by, struct err *e)
{
	static const enum field_id of_edges[] = { F_NETID,     F_INODE,     F_PEER_INODE,
						  F_DIRECTION, F_OWNER_WHY, F_PEER_NETNS_ID };
	struct graph_by g = { .node = F_MAX };
	struct sv rest = by ? sv(by) : (struct sv){};
	int r = 0;

	while (rest.p && r == 0) {
		struct sv word = sv_take(&rest, ',');

		while (word.len && word.p[0] == ' ')
			word = sv_from(word, 1);
		r = take(word, &g, e);
	}
	if (r < 0)
		return r;
	if (g.node == F_MAX)
		g.node = F_PROC_NAME;
	text_str(t, fields[g.node].name);
	for (size_t i = 0; i < ARRAY_SIZE(of_edges); i++)
		text_printf(t, ",%s", fields[of_edges[i]].name);
	text_char(t, ',');
	if (peer_field(g.node) != F_MAX)
		text_printf(t, "%s,", fields[peer_field(g.node)].name);
	if (g.addr.len)
		text_sv(t, g.addr);
	else
		text_printf(t, "%s%s", fields[F_DST].name, NETWORKS);
	text_char(t, '\0');
	return t->failed ? err_sys(e, -ENOMEM, "--by") : 0;
}
