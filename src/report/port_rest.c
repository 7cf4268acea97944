/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/port_rest.h"

#include <errno.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "model/state.h"

enum rest { REST_LISTENER, REST_CONNECTION, REST_TIME_WAIT, REST_BOUND, REST_MAX };

static const struct {
	const char *one, *many;
} words[REST_MAX] = {
	[REST_LISTENER] = { "listener elsewhere", "listeners elsewhere" },
	[REST_CONNECTION] = { "connection", "connections" },
	[REST_TIME_WAIT] = { "in TIME-WAIT", "in TIME-WAIT" },
	[REST_BOUND] = { "bound and idle", "bound and idle" },
};

struct port_rest {
	struct sink sink;
	uint32_t netns;
	struct {
		size_t n;
		struct text who; /* of the first of which something is known: its process and namespace */
	} v[REST_MAX];
};

static void fields_used(const struct sink *, struct fieldset *set)
{
	fieldset_add(set, F_STATE);
	fieldset_add(set, F_NETNS);
	fieldset_add(set, F_NETNS_ID);
	fieldset_add(set, F_OWNERS);
}

static enum rest rest_of(const struct row *row)
{
	switch (field_u64(row, F_STATE, 0)) {
	case K_TCP_LISTEN: return REST_LISTENER;
	case K_TCP_TIME_WAIT: return REST_TIME_WAIT;
	case K_TCP_BOUND_INACTIVE: return REST_BOUND;
	/* What has no connections waits for whoever sends; the kernel may call bound-inactive ones closed. */
	case K_TCP_CLOSE: return field_u64(row, F_PROTOCOL, 0) == IPPROTO_UDP ? REST_LISTENER : REST_BOUND;
	default: return REST_CONNECTION;
	}
}

static void put_who(struct text *t, const struct row *row, bool is_elsewhere)
{
	const struct owner *o = NULL;
	struct val v;

	if (field_get(row, F_OWNERS, &v))
		for (size_t i = 0; i < v.owners.n; i++)
			o = !o || v.owners.v[i].pid < o->pid ? &v.owners.v[i] : o;
	if (o) {
		text_sv(t, o->comm);
		text_printf(t, "(%u)", o->pid);
	}
	if (!is_elsewhere || !field_get(row, F_NETNS, &v))
		return;
	text_str(t, t->len ? " in network namespace " : "network namespace ");
	text_sv(t, v.s);
}

static int row_in(struct sink *s, const struct row *row)
{
	struct port_rest *p = (struct port_rest *)s;
	bool is_elsewhere = field_u64(row, F_NETNS_ID, p->netns) != p->netns;
	enum rest rest = rest_of(row);

	if (is_elsewhere && rest != REST_LISTENER) /* the same number, and in nobody's way */
		return 0;
	p->v[rest].n++;
	if (!p->v[rest].who.len)
		put_who(&p->v[rest].who, row, is_elsewhere);
	return p->v[rest].who.failed ? -ENOMEM : 0;
}

static int nothing_more(struct sink *)
{
	return 0;
}

static const struct sink_ops rest_ops = {
	.fields = fields_used, .row = row_in, .end = nothing_more, .flush = nothing_more
};

void port_rest_put(const struct port_rest *p, struct text *t)
{
	bool has = false;

	for (size_t i = 0; i < REST_MAX; i++) {
		if (!p->v[i].n)
			continue;
		text_printf(t, "%s%zu %s", has ? ", " : "", p->v[i].n,
			    p->v[i].n == 1 ? words[i].one : words[i].many);
		has = true;
		if (!p->v[i].who.len)
			continue;
		text_str(t, p->v[i].n > 1 ? ", one of them " : ", ");
		text_sv(t, sv_n(p->v[i].who.p, p->v[i].who.len));
	}
}

struct sink *port_rest_sink(struct port_rest *p)
{
	return &p->sink;
}

struct port_rest *port_rest_free(struct port_rest *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; i < REST_MAX; i++)
		text_done(&p->v[i].who);
	free(p);
	return NULL;
}

int port_rest_new(uint32_t netns, struct port_rest **ret)
{
	struct port_rest *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->sink.ops = &rest_ops;
	p->netns = netns;
	*ret = p;
	return 0;
}
