/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <stdlib.h>

#include "base/cleanup.h"
#include "live/model_impl.h"
#include "model/value.h"

enum { FIND_ROWS = 10000 /* at once: a key is answered in time */ };

/* What groups may be of; the first fields of a list for --by. */
static const char *const groups[] = { "peer.addr", "peer.addr/24",   "local.port", "process.name",
				      "unit",      "container.name", "netns",      "state",
				      "user",      "peer.port" };

/* What groups of TCP connections are told with, where nobody says. */
#define AGGREGATES                                                                           \
	",sum(tcp.bytes_sent_rate),sum(tcp.bytes_received_rate),sum(tcp.total_retrans_rate)" \
	",p50(tcp.rtt),p99(tcp.rtt)"

void model_open_box(struct live_model *m, enum live_box kind)
{
	const char *text = kind == BOX_FILTER ? m->ask.filter : kind == BOX_FIND ? m->find : "";

	m->box_kind = kind;
	box_set(&m->box, text ? text : "");
	if (kind != BOX_FILTER)
		return;
	model_set(&m->before_box, m->ask.filter);
	m->ask.is_typing = true;
	model_asks(m);
}

/* The filter as it is typed; of one that is wrong the last good one still counts. */
static void set_filter(struct live_model *m, const char *text)
{
	model_set(&m->ask.filter, text);
	model_asks(m);
}

static void close_box(struct live_model *m)
{
	m->box_kind = BOX_NONE;
	m->error.len = 0;
	if (!m->ask.is_typing)
		return;
	m->ask.is_typing = false;
	model_asks(m);
}

static void group_by(struct live_model *m, const char *fields_)
{
	struct text t = {};

	text_str(&t, fields_);
	if (*fields_ && !strchr(fields_, '(') && m->about.has_tcp)
		text_str(&t, AGGREGATES);
	text_char(&t, '\0');
	if (!t.failed)
		model_set(&m->ask.by, t.p);
	text_done(&t);
	model_set(&m->ask.sort, m->ask.by ? NULL : m->about.sort);
	m->selected = 0;
	m->at = m->top = 0;
	model_asks(m);
}

/* The next of those that are offered. */
static void offer(struct live_model *m, bool is_back)
{
	size_t n = ARRAY_SIZE(groups), i = 0;

	while (i < n && strcmp(groups[i], m->box.text) != 0)
		i++;
	if (i == n)
		i = is_back ? n - 1 : 0;
	else
		i = (i + (is_back ? n - 1 : 1)) % n;
	box_set(&m->box, groups[i]);
}

static void accept_box(struct live_model *m)
{
	enum live_box kind = m->box_kind;

	if (kind == BOX_FILTER && m->error.len)
		return; /* what is wrong stands there */
	close_box(m);
	if (kind == BOX_GROUP) {
		group_by(m, m->box.text);
	} else if (kind == BOX_FIND) {
		model_set(&m->find, m->box.text);
		model_find(m, false);
	}
}

static void leave(struct live_model *m)
{
	if (m->box_kind == BOX_FILTER)
		set_filter(m, m->before_box);
	close_box(m);
}

void model_box_event(struct live_model *m, const struct live_event *ev)
{
	bool is_key = ev->kind == LIVE_KEY;

	if (is_key && ev->key == LIVE_KEY_ENTER) {
		accept_box(m);
	} else if (is_key && ev->key == LIVE_KEY_ESCAPE) {
		leave(m);
	} else if (is_key && ev->key == LIVE_KEY_TAB && m->box_kind == BOX_GROUP) {
		offer(m, ev->mods & LIVE_SHIFT);
	} else if (box_event(&m->box, ev) && m->box_kind == BOX_FILTER) {
		set_filter(m, m->box.text);
	}
}

/* Whether @row shows @what in a column. */
static bool shows(struct live_model *m, const struct board_row *row, struct sample_row *opened,
		  struct text *t)
{
	const struct board *b = m->board;
	const struct column *columns = b->columns;
	const struct cell *cells = row->cells;
	size_t n = b->n_columns;

	if (!cells) {
		const struct row *r =
			sample_open(row->mark == MARK_GONE ? b->gone : b->sample, row->index, opened);

		columns = lister_columns(m->lister, &n);
		cells = r ? lister_read(m->lister, r) : NULL;
	}
	t->len = 0;
	for (size_t i = 0; cells && i < n; i++) {
		if (value_is_there(&cells[i]))
			value_put_human(t, &columns[i], &cells[i].val);
		text_char(t, columns[i].pair ? ':' : ' ');
	}
	text_char(t, '\0');
	return !t->failed && strcasestr(t->p, m->find);
}

void model_find(struct live_model *m, bool is_next)
{
	size_t n = m->board ? m->board->n : 0, most = n < FIND_ROWS ? n : FIND_ROWS;
	struct sample_row opened = {};
	struct text t = {};
	size_t at = m->at, k = 0;
	bool is_found = false;

	for (; k < most && m->find && !is_found; k++) {
		at = (m->at + is_next + k) % n;
		is_found = shows(m, &m->board->v[at], &opened, &t);
	}
	sample_row_done(&opened);
	text_done(&t);
	if (!most || !m->find)
		return;
	m->at = at;
	m->selected = m->board->v[at].id;
	model_scroll(m);
	if (!is_found)
		model_say(m, most == n ? "Not found." : "Not found in the next rows: n goes on.");
}
