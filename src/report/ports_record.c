/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/ports_record.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "base/num.h"
#include "base/text.h"
#include "model/value.h"

enum audience { PEOPLE = 1, RECORDS = 2, EVERYONE = PEOPLE | RECORDS };

enum {
	TOLD_MAX = 28,
	SHOWN_ADDRS = 2, /* to people */
	INIT = 1,
	ID_LEN = 64, /* digits of the id of a container, of which people take the first */
	SHORT_ID = 12,
};

struct port_record {
	struct ports_opts o;
	struct tabular *to;
	const struct column *const *reads; /* by enum port_reads */
	struct column columns[TOLD_MAX];
	const struct told *told[TOLD_MAX];
	struct cell cells[TOLD_MAX];
	struct text text[TOLD_MAX]; /* what those that are made here point to */
	size_t n;
	struct owner *owners; /* of the listener at hand, by process */
	size_t n_owners, cap_owners;
	size_t main;      /* of these: who is told first */
	size_t n_workers; /* other processes */
};

/* A column, and how it gets its value from the listener; false: it has none. May use the text. */
struct told {
	const char *name;
	enum type type;
	enum sem sem;
	enum port_reads needs;
	enum audience to;
	uint8_t rank, least; /* as in struct column */
	bool (*tell)(struct port_record *w, const struct listener_sockets *l, struct text *t,
		     struct val *ret);
};

static bool has_prefix(const struct cell *c, const uint8_t *bytes, size_t n)
{
	return c->is_there && c->val.s.len >= n && !memcmp(c->val.s.p, bytes, n);
}

bool port_is_any(const struct cell *c)
{
	static const uint8_t none[16];

	return has_prefix(c, none, c->val.s.len);
}

bool port_is_loopback(const struct cell *c)
{
	static const uint8_t v4[] = { 127 }, v6[16] = { [15] = 1 };

	return c->is_there && (c->val.s.len == 4 ? has_prefix(c, v4, 1) : has_prefix(c, v6, 16));
}

/* The value of @field of the first socket that has it. */
static bool first_of(const struct listener_sockets *l, enum port_reads field, struct val *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i][field].is_there)
			continue;
		*ret = l->v[i][field].val;
		return true;
	}
	return false;
}

/* The sum over those that have it. */
static bool sum_of(const struct listener_sockets *l, enum port_reads field, struct val *ret)
{
	bool has = false;

	*ret = (struct val){ .kind = VAL_UINT };
	for (size_t i = 0; i < l->n; i++) {
		ret->u += l->v[i][field].is_there ? l->v[i][field].val.u : 0;
		has |= l->v[i][field].is_there;
	}
	return has;
}

/* What is in @t; false when that is nothing. */
static bool is_text(const struct text *t, struct val *ret)
{
	*ret = (struct val){ .kind = VAL_STR, .s = sv_n(t->p, t->len) };
	return t->len || t->failed;
}

static bool tell_netns(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return first_of(l, PORT_NETNS, ret);
}

static bool tell_port(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return first_of(l, PORT_PORT, ret);
}

static bool tell_protocol(struct port_record *, const struct listener_sockets *l, struct text *,
			  struct val *ret)
{
	return first_of(l, PORT_PROTOCOL, ret);
}

/* AF_INET, AF_INET6, or AF_UNSPEC for both: of which families everybody's address is among those of @l. */
static bool find_wildcard(const struct listener_sockets *l, sa_family_t *ret)
{
	bool has_v4 = false, has_v6 = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct cell *c = l->v[i], *only = &c[PORT_V6ONLY];
		bool is_v6 = c[PORT_ADDR].val.s.len == 16;

		if (!port_is_any(&c[PORT_ADDR]) || c[PORT_IFACE].is_there)
			continue;
		has_v6 |= is_v6;
		has_v4 |= !is_v6 || (only->is_there && !only->val.u);
	}
	*ret = has_v4 && has_v6 ? AF_UNSPEC : has_v4 ? AF_INET : AF_INET6;
	return has_v4 || has_v6;
}

static bool tell_wildcard(struct port_record *, const struct listener_sockets *l, struct text *t,
			  struct val *ret)
{
	sa_family_t family;

	if (find_wildcard(l, &family))
		text_str(t, family == AF_UNSPEC ? "all" : family == AF_INET ? "ipv4" : "ipv6");
	return is_text(t, ret);
}

/* Whether socket @i has the address and interface of one before it. */
static bool is_repeated(const struct listener_sockets *l, size_t i, enum port_reads also)
{
	for (size_t k = 0; k < i; k++) {
		const struct cell *a = l->v[k], *b = l->v[i];

		if (sv_eq(a[PORT_ADDR].val.s, b[PORT_ADDR].val.s) && a[also].is_there == b[also].is_there &&
		    (!a[also].is_there || sv_eq(a[also].val.s, b[also].val.s)))
			return true;
	}
	return false;
}

static void put_addr(struct text *t, const struct cell *c)
{
	struct column column = column_of_field(F_SRC);
	bool is_v6 = c[PORT_ADDR].val.s.len == 16;

	text_str(t, is_v6 ? "[" : "");
	value_put_raw(t, &column, &c[PORT_ADDR].val);
	text_str(t, is_v6 ? "]" : "");
	if (!c[PORT_IFACE].is_there)
		return;
	text_char(t, '%');
	text_sv(t, c[PORT_IFACE].val.s);
}

/* For people: "*" for everybody's of both families, the others as they are, and how many more there are. */
static bool tell_where(struct port_record *, const struct listener_sockets *l, struct text *t,
		       struct val *ret)
{
	sa_family_t family = AF_INET;
	bool is_both = find_wildcard(l, &family) && family == AF_UNSPEC;
	size_t n = 0;

	if (is_both) {
		text_char(t, '*');
		n++;
	}
	for (size_t i = 0; i < l->n; i++) {
		const struct cell *c = l->v[i];

		if (is_repeated(l, i, PORT_IFACE) ||
		    (is_both && port_is_any(&c[PORT_ADDR]) && !c[PORT_IFACE].is_there))
			continue;
		if (n++ >= SHOWN_ADDRS)
			continue;
		text_str(t, n > 1 ? "," : "");
		put_addr(t, c);
	}
	if (n > SHOWN_ADDRS)
		text_printf(t, " +%zu", n - SHOWN_ADDRS);
	return is_text(t, ret);
}

/* A list laid out as one of the kernel's. */
static bool tell_addresses(struct port_record *, const struct listener_sockets *l, struct text *t,
			   struct val *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		struct sockaddr_storage one = {};
		struct sv s = l->v[i][PORT_ADDR].val.s;

		if (is_repeated(l, i, PORT_ADDR))
			continue;
		one.ss_family = s.len == 16 ? AF_INET6 : AF_INET;
		memcpy((char *)&one + (s.len == 16 ? offsetof(struct sockaddr_in6, sin6_addr)
						   : offsetof(struct sockaddr_in, sin_addr)),
		       s.p, s.len);
		text_put(t, &one, sizeof(one));
	}
	return is_text(t, ret);
}

static bool tell_iface(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return first_of(l, PORT_IFACE, ret);
}

/* For people: "nginx(901)", and how many others there are, as in "nginx(901)+4"; or why there is none. */
static bool tell_who(struct port_record *w, const struct listener_sockets *l, struct text *t, struct val *ret)
{
	const struct owner *o = &w->owners[w->main];

	if (!w->n_owners) {
		if (first_of(l, PORT_OWNERS, ret) && ret->owners.why)
			text_printf(t, "(%s)", ret->owners.why);
		return is_text(t, ret);
	}
	text_sv(t, o->comm.len ? o->comm : sv("?"));
	text_printf(t, "(%u)", o->pid);
	if (w->n_workers)
		text_printf(t, "+%zu", w->n_workers);
	return is_text(t, ret);
}

/* None is known, or none was looked for. */
static bool tell_owners(struct port_record *w, const struct listener_sockets *l, struct text *,
			struct val *ret)
{
	bool has = first_of(l, PORT_OWNERS, ret);

	*ret = (struct val){ .kind = VAL_OWNERS, .owners = { .v = w->owners, .n = w->n_owners } };
	return has;
}

static bool tell_workers(struct port_record *w, const struct listener_sockets *, struct text *,
			 struct val *ret)
{
	*ret = (struct val){ .kind = VAL_UINT, .u = w->n_workers };
	return w->n_owners;
}

static bool tell_user(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return first_of(l, PORT_USER, ret);
}

static bool tell_unit(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return first_of(l, PORT_UNIT, ret);
}

static bool tell_container(struct port_record *, const struct listener_sockets *l, struct text *,
			   struct val *ret)
{
	return first_of(l, PORT_CONTAINER, ret);
}

static bool tell_behind(struct port_record *, const struct listener_sockets *l, struct text *,
			struct val *ret)
{
	return first_of(l, PORT_BEHIND, ret);
}

static bool tell_behind_id(struct port_record *, const struct listener_sockets *l, struct text *,
			   struct val *ret)
{
	return first_of(l, PORT_BEHIND_ID, ret);
}

static bool tell_pod(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return first_of(l, PORT_POD, ret);
}

/* For people: the container, that behind a published port, or the unit, whose usual ending goes without
 * saying. */
static bool tell_service(struct port_record *, const struct listener_sockets *l, struct text *t,
			 struct val *ret)
{
	static const char usual[] = ".service";
	size_t len = sizeof(usual) - 1;

	if (first_of(l, PORT_BEHIND, ret) || first_of(l, PORT_BEHIND_ID, ret)) {
		text_sv(t, ret->s.len == ID_LEN ? sv_first(ret->s, SHORT_ID) : ret->s);
		text_str(t, " (docker-proxy)");
		return is_text(t, ret);
	}
	if (first_of(l, PORT_CONTAINER, ret))
		return true;
	if (!first_of(l, PORT_UNIT, ret))
		return false;
	if (ret->s.len > len && sv_is(sv_from(ret->s, ret->s.len - len), usual))
		ret->s.len -= len;
	return true;
}

/* @field, a part of owners, of the one who is told first. */
static bool part_of_main(const struct port_record *w, enum port_reads field, struct val *ret)
{
	const struct val v = { .kind = VAL_OWNERS, .owners = { .v = w->owners, .n = w->n_owners } };

	return w->n_owners && val_item(&v, w->reads[field]->part, w->main, ret);
}

static bool tell_since(struct port_record *w, const struct listener_sockets *, struct text *, struct val *ret)
{
	return part_of_main(w, PORT_START, ret);
}

/* The number that @n digits of @s are, from @at on. */
static int digits_at(struct sv s, size_t at, size_t n)
{
	uint64_t v = 0;

	return s.len >= at + n && num_read(sv_n(s.p + at, n), 10, 9999, &v) ? (int)v : 0;
}

/* For people: the hour where it was today, the day where it was in the last months, else the year; their
 * time. */
static bool tell_since_when(struct port_record *w, const struct listener_sockets *, struct text *t,
			    struct val *ret)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const time_t now = (time_t)(w->o.now_us / 1000000), recently = 300 * (time_t)86400;
	struct tm then = {}, today;
	time_t at;

	if (!part_of_main(w, PORT_START, ret))
		return false;
	then.tm_year = digits_at(ret->s, 0, 4) - 1900; /* 2026-11-30T17:45:00Z */
	then.tm_mon = digits_at(ret->s, 5, 2) - 1;
	then.tm_mday = digits_at(ret->s, 8, 2);
	then.tm_hour = digits_at(ret->s, 11, 2);
	then.tm_min = digits_at(ret->s, 14, 2);
	at = timegm(&then);
	if (!localtime_r(&at, &then) || !localtime_r(&now, &today) || then.tm_mon < 0 || then.tm_mon > 11)
		return true;
	if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday)
		text_printf(t, "%02d:%02d", then.tm_hour, then.tm_min);
	else if (now - at < recently)
		text_printf(t, "%.3s %d", months + 3 * (size_t)then.tm_mon, then.tm_mday);
	else
		text_printf(t, "%d", then.tm_year + 1900);
	return is_text(t, ret);
}

static bool tell_command(struct port_record *w, const struct listener_sockets *, struct text *,
			 struct val *ret)
{
	return part_of_main(w, PORT_COMMAND, ret);
}

static bool tell_sockets(struct port_record *, const struct listener_sockets *l, struct text *,
			 struct val *ret)
{
	*ret = (struct val){ .kind = VAL_UINT, .u = l->n };
	return true;
}

static bool tell_queue(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return sum_of(l, PORT_QUEUE, ret);
}

static bool tell_limit(struct port_record *, const struct listener_sockets *l, struct text *, struct val *ret)
{
	return sum_of(l, PORT_LIMIT, ret);
}

/* clang-format off */
static const struct told all_told[] = {
#define TELLS(id, n, t, s, field, audience, ...) { .name = (n), .type = T_##t, .sem = SEM_##s, .needs = PORT_##field, .to = audience, .tell = tell_##id, ##__VA_ARGS__ },
#include "report/ports.def"
};
/* clang-format on */

static int compare_owners(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

static int add_owners(struct port_record *w, const struct owners *from)
{
	struct owner *v = w->owners;

	if (w->n_owners + from->n > w->cap_owners) {
		size_t cap = 2 * (w->n_owners + from->n);

		v = reallocarray(w->owners, cap, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->owners = v;
		w->cap_owners = cap;
	}
	if (from->n)
		memcpy(v + w->n_owners, from->v, from->n * sizeof(*v));
	w->n_owners += from->n;
	return 0;
}

/*
 * Gathers who holds the sockets of @l. The first by number is told first, which is the one that started the
 * others; not init, which keeps the sockets of services that it starts.
 */
static int find_owners(struct port_record *w, const struct listener_sockets *l)
{
	w->n_owners = w->main = w->n_workers = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct cell *c = &l->v[i][PORT_OWNERS];

		if (c->is_there && add_owners(w, &c->val.owners) < 0)
			return -ENOMEM;
	}
	if (w->n_owners)
		qsort(w->owners, w->n_owners, sizeof(*w->owners), compare_owners);
	for (size_t i = 1; i < w->n_owners; i++) {
		if (w->owners[i].pid == w->owners[i - 1].pid)
			continue;
		w->n_workers++;
		if (w->owners[w->main].pid == INIT)
			w->main = i;
	}
	return 0;
}

int port_record_put(struct port_record *w, const struct listener_sockets *l)
{
	if (find_owners(w, l) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++) {
		struct cell *c = &w->cells[i];

		w->text[i].len = 0;
		c->is_there = w->told[i]->tell(w, l, &w->text[i], &c->val);
		if (w->text[i].failed)
			return -ENOMEM;
	}
	return w->to->ops->record(w->to, w->cells);
}

int port_record_begin(struct port_record *w, uint64_t at_us)
{
	const struct listing l = { .name = "ports", .columns = w->columns, .n = w->n, .at_us = at_us };

	if (at_us)
		w->o.now_us = at_us;
	return w->to->ops->list(w->to, &l);
}

struct port_record *port_record_free(struct port_record *w)
{
	if (!w)
		return NULL;
	for (size_t i = 0; i < w->n; i++)
		text_done(&w->text[i]);
	free(w->owners);
	free(w);
	return NULL;
}

/* A list and the owners are written as those of the fields that are laid out so. */
static struct column column_of(const struct told *t)
{
	struct column c = { .name = t->name,
			    .field = F_MAX,
			    .type = t->type,
			    .sem = t->sem,
			    .rank = t->rank ? t->rank : RANK_LAST,
			    .leave = LEAVE_EMPTY,
			    .least = t->least,
			    .prefix = { PREFIX_NONE, PREFIX_NONE } };

	if (t->type == T_LIST)
		c.field = F_SCTP_LOCALS;
	if (t->type == T_OWNERS)
		c.field = F_OWNERS;
	return c;
}

int port_record_new(const struct ports_opts *o, const struct column *const reads[PORT_READS],
		    struct tabular *to, struct port_record **ret)
{
	const enum audience mine = o->is_for_people ? PEOPLE : RECORDS;
	struct port_record *w = calloc(1, sizeof(*w));

	_Static_assert(ARRAY_SIZE(all_told) <= TOLD_MAX, "each may be told");
	if (!w)
		return -ENOMEM;
	w->o = *o;
	w->to = to;
	w->reads = reads;
	for (size_t i = 0; i < ARRAY_SIZE(all_told); i++) {
		const struct told *t = &all_told[i];

		if (!(t->to & mine) || !reads[t->needs])
			continue;
		w->told[w->n] = t;
		w->columns[w->n++] = column_of(t);
	}
	*ret = w;
	return 0;
}
