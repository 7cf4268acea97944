/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What the options of a live socket are set to: those that are on. */

#include "base/cleanup.h"
#include "base/utf8.h"
#include "sink/classic/tok.h"

/* @f of @row, when it is there and not 0. */
static bool is_set(const struct row *row, enum field_id f, uint64_t *ret)
{
	struct val v;

	if (!field_get(row, f, &v) || !v.u)
		return false;
	*ret = v.u;
	return true;
}

static void put_time(struct text *t, uint64_t ms)
{
	if (ms % 1000)
		text_printf(t, "%llums", (unsigned long long)ms);
	else
		text_printf(t, "%llus", (unsigned long long)(ms / 1000));
}

/* @name behind what was written of the parenthesis so far. */
static void put_name(struct text *t, const char *name)
{
	if (t->len && !t->failed && t->p[t->len - 1] != '(')
		text_char(t, ' ');
	text_str(t, name);
}

static void put_keepalive(struct text *t, const struct row *row)
{
	uint64_t is_on, idle, interval, probes;

	if (!is_set(row, F_OPT_KEEPALIVE, &is_on))
		return;
	put_name(t, "keepalive");
	if (!is_set(row, F_OPT_KEEPIDLE, &idle) || !is_set(row, F_OPT_KEEPINTVL, &interval) ||
	    !is_set(row, F_OPT_KEEPCNT, &probes))
		return;
	text_char(t, ':');
	put_time(t, idle);
	text_char(t, '/');
	put_time(t, interval);
	text_printf(t, "/%llu", (unsigned long long)probes);
}

static void put_names(struct text *t, const struct row *row)
{
	static const struct {
		enum field_id field;
		const char *name;
	} names[] = {
		{ F_OPT_REUSEADDR, "reuseaddr" },
		{ F_OPT_REUSEPORT, "reuseport" },
		{ F_OPT_NODELAY, "nodelay" },
		{ F_OPT_CORK, "cork" },
		{ F_OPT_RCVBUF_LOCKED, "rcvbuf_locked" },
		{ F_OPT_SNDBUF_LOCKED, "sndbuf_locked" },
	};
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (is_set(row, names[i].field, &v))
			put_name(t, names[i].name);
}

void put_sockopts(struct classic *, struct text *t, const struct row *row, uint64_t)
{
	uint64_t v;
	struct val any, linger, name;

	if (!field_get(row, F_OPT_REUSEADDR, &any)) /* nobody tells, which is not that nothing is set */
		return;
	text_str(t, " sockopts:(");
	put_names(t, row);
	put_keepalive(t, row);
	if (is_set(row, F_OPT_USER_TIMEOUT, &v)) {
		put_name(t, "user_timeout:");
		put_time(t, v);
	}
	if (field_get(row, F_OPT_LINGER, &linger)) {
		put_name(t, "linger:");
		put_time(t, linger.u);
	}
	if (is_set(row, F_OPT_NOTSENT_LOWAT, &v)) {
		put_name(t, "notsent_lowat:");
		text_printf(t, "%llu", (unsigned long long)v);
	}
	if (is_set(row, F_OPT_CONGESTION_SET, &v) && field_get(row, F_OPT_CONGESTION, &name)) {
		put_name(t, "congestion:");
		utf8_put_safe(t, name.s, "");
	}
	text_char(t, ')');
}
