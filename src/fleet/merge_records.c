/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "fleet/merge_impl.h"
#include "model/value.h"
#include "ops/cell_text.h"
#include "ops/sort.h"

#define NO_COLUMN SIZE_MAX

static const char *const severities[] = { "info", "warning", "critical" };

enum { SEVERITY_FROM = 2 /* a warning, as a rank */, FINDING_SHOWN = 7 /* with the host */ };

static uint64_t rank_of(const struct cell *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (c->is_there && sv_is(c->val.s, severities[i]))
			return i + 1;
	return 0;
}

/* The host comes first, unless it was asked for; the gravest findings do. */
static int choose_columns(struct merge *m)
{
	const struct columns *c = &m->own->columns;

	m->columns = calloc(c->n + 2, sizeof(*m->columns));
	m->cells = calloc(c->n + 2, sizeof(*m->cells));
	if (!m->columns || !m->cells)
		return -ENOMEM;
	m->host_at = m->severity_at = NO_COLUMN;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].field == F_HOST && m->host_at == NO_COLUMN)
			m->host_at = i;
	if (m->host_at == NO_COLUMN) {
		m->columns[m->n_columns++] = column_of_field(F_HOST);
		m->columns[0].rank = 0;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (m->own->of == OF_FINDINGS && !strcmp(c->v[i].name, "severity"))
			m->severity_at = m->n_columns;
		m->columns[m->n_columns++] = c->v[i];
	}
	return 0;
}

/* As it was asked for, else by host; findings first by how grave they are. */
static int choose_order(struct merge *m, struct sort_opts *so, struct err *e)
{
	const char *sort = m->o.sort ? m->o.sort : m->own->sort.p;

	so->n_shown = m->n_columns;
	if (m->severity_at != NO_COLUMN && m->o.is_for_people && so->n_shown > FINDING_SHOWN)
		so->n_shown = FINDING_SHOWN;
	if (m->severity_at != NO_COLUMN)
		m->columns[m->n_columns++] = (struct column){ .name = "", .field = F_MAX, .type = T_UINT };
	if (sort[0])
		return order_parse(sv(sort), m->columns, so->n_shown, &so->order, e);
	if (m->severity_at != NO_COLUMN)
		so->order.key[so->order.n++] = (struct order_key){ m->n_columns - 1, true };
	so->order.key[so->order.n++] = (struct order_key){ m->host_at == NO_COLUMN ? 0 : m->host_at, false };
	return 0;
}

int merge_records_open(struct merge *m, struct err *e)
{
	struct sort_opts so = { .limit = UINT64_MAX };
	struct listing l = { .name = m->own->of == OF_FINDINGS ? "findings" : "sockets" };
	int r;

	if (m->o.having)
		return err_say(e, -EINVAL, "--having is for groups, and the hosts have sent a list");
	r = choose_columns(m);
	if (r == 0)
		r = choose_order(m, &so, e);
	if (m->o.has_limit || m->own->has_limit)
		so.limit = m->o.has_limit ? m->o.limit : m->own->limit;
	if (r == 0)
		r = sort_new(&so, m->o.to, &m->sorted);
	if (r < 0)
		return r;
	l.columns = m->columns;
	l.n = m->n_columns;
	return m->sorted->ops->list(m->sorted, &l);
}

int merge_record_line(struct merge *m, struct fleet_host *h, struct sv words)
{
	const struct columns *c = &m->own->columns;
	size_t at = m->host_at == NO_COLUMN;
	int r = 0;

	keep_clear(&m->scratch);
	for (size_t i = 0; i < c->n && r == 0; i++)
		r = words.p ? cell_read(sv_take(&words, ' '), &c->v[i], &m->scratch, &m->cells[at + i])
			    : -EBADMSG;
	if (r < 0)
		return r;
	m->cells[at ? 0 : m->host_at] =
		(struct cell){ .is_there = true, .val = { VAL_STR, .s = sv(h->name) } };
	if (m->severity_at != NO_COLUMN) {
		uint64_t rank = rank_of(&m->cells[m->severity_at]);

		m->cells[m->n_columns - 1] =
			(struct cell){ .is_there = true, .val = { VAL_UINT, .u = rank } };
		m->has_findings |= rank >= SEVERITY_FROM;
	}
	r = m->sorted->ops->record(m->sorted, m->cells);
	return r == -ECANCELED ? 0 : r;
}

int merge_records_answer(struct merge *m)
{
	return m->sorted->ops->list_end(m->sorted);
}
