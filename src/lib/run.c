/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Running a query: each socket, or groups of them, to a function. */

#include <errno.h>

#include "host/host.h"
#include "lib/lib.h"
#include "ops/columns.h"
#include "run/session.h"
#include "sink/project.h"

void lib_hang_up(struct sockeye_query *q)
{
	q->session = session_free(q->session);
	q->host = host_free(q->host);
}

/* Sees to it that there is a session that asks what @q does. Returns 0 or a negative errno. */
static int call(struct sockeye_query *q, bool want_threads)
{
	const struct host_files files = { .tcp_recording = q->file };
	const struct session_opts so = { .has_no_bpf = !q->s->may_use_bpf, .has_no_owners = q->file };
	int r = 0;

	if (q->session && q->has_bpf != q->s->may_use_bpf)
		lib_hang_up(q);
	q->has_bpf = q->s->may_use_bpf;
	if (!q->host)
		r = host_live_new(&files, &q->host);
	if (r >= 0 && !q->session)
		r = session_new(q->host, &so, &q->session);
	if (r >= 0)
		session_want_threads(q->session, want_threads);
	return r;
}

static int run_into(struct sockeye_query *q, struct sink *sink, bool is_count, struct err *e)
{
	struct plan_opts po = { .select = q->select, .filter = q->filter, .is_tcp_recorded = q->file };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r;

	if (q->file) {
		po.select.has_states = true;
		po.select.tables &= 1u << TABLE_TCP;
	}
	notes_done(&q->notes);
	q->notes = (struct notes){};
	filter_note(q->filter, &q->notes);
	sink->ops->fields(sink, &po.fields);
	/* Groups depend on what they are made by; rows show what was wanted. */
	*(is_count ? &po.keys : &po.named) = po.fields;
	filter_fields(q->filter, &po.fields);
	r = call(q, fieldset_has(&po.fields, F_PROC_TID));
	if (r >= 0)
		r = plan_new(&po, &plan);
	return r < 0 ? r : session_run(q->session, plan, sink, &q->notes, e);
}

static int begin(struct sockeye_query *q)
{
	struct err *e = lib_err(q->s);

	if (q->is_running)
		return err_say(e, -EBUSY, "the query is running");
	q->is_running = true;
	return 0;
}

/* @r is what the library says, @answer what the function did. */
static int end(struct sockeye_query *q, int r, int answer)
{
	q->is_running = false;
	if (answer)
		return answer;
	return r < 0 ? lib_fail(q->s, r) : 0;
}

struct rows {
	struct sink sink;
	const struct fieldset *want;
	sockeye_row_fn fn;
	void *arg;
	int answer; /* the function's last */
	struct text scratch;
};

static void rows_fields(const struct sink *s, struct fieldset *set)
{
	const struct rows *rows = (const struct rows *)s;

	for (enum field_id f = 0; f < F_MAX; f++)
		if (fieldset_has(rows->want, f))
			fieldset_add(set, f);
}

static int rows_row(struct sink *s, const struct row *row)
{
	struct rows *rows = (struct rows *)s;
	const struct sockeye_row r = { .row = row, .want = rows->want, .scratch = &rows->scratch };

	rows->answer = rows->fn(&r, rows->arg);
	return rows->answer ? -ECANCELED : 0;
}

static int rows_end(struct sink *)
{
	return 0;
}

static const struct sink_ops rows_ops = {
	.fields = rows_fields, .row = rows_row, .end = rows_end, .flush = rows_end
};

int sockeye_run(sockeye_query *q, sockeye_row_fn fn, void *arg)
{
	struct rows rows = { .sink.ops = &rows_ops, .want = &q->want, .fn = fn, .arg = arg };
	struct err e = {};
	int r = begin(q);

	if (r < 0)
		return r;
	r = run_into(q, &rows.sink, false, &e);
	text_done(&rows.scratch);
	if (r < 0)
		q->s->err = e;
	return end(q, r, rows.answer);
}

/* Where the groups go. */
struct groups {
	struct tabular tabular;
	const struct column *columns;
	size_t n_keys;
	sockeye_count_fn fn;
	void *arg;
	int answer;
	struct text scratch;
};

static int groups_list(struct tabular *t, const struct listing *l)
{
	((struct groups *)t)->columns = l->columns;
	return 0;
}

static int groups_record(struct tabular *t, const struct cell *cells)
{
	struct groups *g = (struct groups *)t;
	const struct sockeye_row r = {
		.columns = g->columns, .cells = cells, .n_columns = g->n_keys, .scratch = &g->scratch
	};

	g->answer = g->fn(&r, cells[g->n_keys].val.u, g->arg);
	return g->answer ? -ECANCELED : 0;
}

static int groups_list_end(struct tabular *)
{
	return 0;
}

static int groups_end(struct tabular *, const struct notes *)
{
	return 0;
}

static int groups_flush(struct tabular *)
{
	return 0;
}

static void groups_free(struct tabular *t)
{
	text_done(&((struct groups *)t)->scratch);
}

static const struct tabular_ops groups_ops = { .list = groups_list,
					       .record = groups_record,
					       .list_end = groups_list_end,
					       .end = groups_end,
					       .flush = groups_flush,
					       .free = groups_free };

struct count {
	struct columns columns;
	struct group_opts opts;
	struct groups groups;
};

static int read_by(struct count *c, const char *by, struct err *e)
{
	struct fieldset named = {};
	int r = columns_parse_by(&c->columns, sv(by), "by", &c->opts, e);

	if (r < 0)
		return r;
	/* The values are read with the fields in @by, and that one has none. */
	columns_named(sv(by), &named);
	if (fieldset_has(&named, F_OWNERS))
		return err_say(e, -EINVAL, "by: say which part of \"%s\": %s", fields[F_OWNERS].name,
			       fields[F_PROC_NAME].name);
	if (c->opts.n_aggregates || !c->opts.n_keys)
		return err_say(e, -EINVAL, "by: \"%s\" is more than names of fields", by);
	for (size_t i = 0; i < c->columns.n; i++)
		for (size_t k = 0; k < i; k++)
			if (c->columns.v[i].field == c->columns.v[k].field)
				return err_say(e, -EINVAL, "by: \"%s\" is there twice",
					       fields[c->columns.v[i].field].name);
	c->opts.limit = UINT64_MAX;
	c->groups.n_keys = c->opts.n_keys;
	return 0;
}

static int count_into(struct sockeye_query *q, struct count *c, struct err *e)
{
	struct group *group = NULL;
	struct sink *sink = NULL;
	struct tabular *t;
	const struct listing l = { .name = "groups", .columns = c->columns.v, .n = c->columns.n };
	int r = group_new(&c->opts, c->columns.v, &c->groups.tabular, &group, e), k;

	if (r < 0)
		return r;
	t = group_tabular(group);
	r = project_new(&l, NULL, t, &sink);
	if (r >= 0) {
		r = run_into(q, sink, true, e);
		k = r < 0 ? 0 : t->ops->end(t, &q->notes);
		r = r < 0 ? r : k;
	}
	(void)project_free(sink);
	(void)tabular_free(t);
	return r;
}

int sockeye_count(sockeye_query *q, const char *by, sockeye_count_fn fn, void *arg)
{
	_cleanup_free_ struct count *c = calloc(1, sizeof(*c));
	struct err e = {};
	int r = begin(q), answer = 0;

	if (r < 0)
		return r;
	if (!c)
		return end(q, -ENOMEM, 0);
	c->groups = (struct groups){ .tabular.ops = &groups_ops, .fn = fn, .arg = arg };
	r = read_by(c, by, &e);
	if (r >= 0)
		r = count_into(q, c, &e);
	answer = c->groups.answer;
	(void)tabular_free(&c->groups.tabular);
	columns_done(&c->columns);
	if (r < 0)
		q->s->err = e;
	return end(q, r, answer);
}

const char *sockeye_note(const sockeye_query *q, size_t i, enum sockeye_level *ret_level)
{
	static const enum sockeye_level levels[] = {
		[NOTE_HINT] = SOCKEYE_HINT, [NOTE_WARNING] = SOCKEYE_WARNING, [NOTE_ERROR] = SOCKEYE_ERROR
	};
	const char *note = NULL;
	enum note kind = NOTE_ERROR;

	do
		note = notes_next(&q->notes, note, &kind);
	while (note && i--);
	if (note && ret_level)
		*ret_level = levels[kind];
	return note;
}
