/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/num.h"
#include "fleet/carrier.h"
#include "fleet/merge_impl.h"
#include "fleet/partial.h"
#include "ops/cell_text.h"
#include "ops/sum_text.h"

int merge_new(const struct merge_opts *o, struct merge **ret)
{
	struct merge *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->o = *o;
	if (getrandom(&m->seed, sizeof(m->seed), GRND_NONBLOCK) < 0)
		m->seed = (uint64_t)(uintptr_t)m; /* the kernel has just started */
	*ret = m;
	return 0;
}

struct merge *merge_free(struct merge *m)
{
	if (!m)
		return NULL;
	if (m->group)
		(void)tabular_free(group_tabular(m->group));
	(void)tabular_free(m->bounded);
	(void)tabular_free(m->sorted);
	(void)question_free(m->own);
	(void)question_free(m->want);
	roll_done(&m->roll);
	hash_done(&m->slots);
	free(m->all);
	free(m->columns);
	free(m->cells);
	keep_done(&m->keep);
	keep_done(&m->scratch);
	free(m);
	return NULL;
}

struct roll *merge_roll(struct merge *m)
{
	return &m->roll;
}

bool merge_has_findings(const struct merge *m)
{
	return m->has_findings;
}

static void header_done(struct header *h)
{
	struct text *const all[] = { &h->host, &h->boot, &h->asked,   &h->of,
				     &h->by,   &h->sort, &h->columns, &h->bound };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		text_done(all[i]);
}

static bool has_nul(const struct text *t)
{
	return t->len && memchr(t->p, '\0', t->len);
}

/* One KEY=TEXT. */
static int read_key(struct sv word, struct header *h)
{
	const struct {
		const char *key;
		struct text *text;
	} texts[] = { { "host", &h->host },       { "boot", &h->boot },  { "asked", &h->asked },
		      { "of", &h->of },           { "by", &h->by },      { "sort", &h->sort },
		      { "columns", &h->columns }, { "bound", &h->bound } };
	struct sv key = sv_take(&word, '=');
	uint64_t *number = NULL;

	if (!word.p)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!sv_is(key, texts[i].key))
			continue;
		if (texts[i].text->len || !cell_read_text(word, texts[i].text) || has_nul(texts[i].text))
			return -EBADMSG;
		return texts[i].text->failed ? -ENOMEM : 0;
	}
	if (sv_is(key, "id"))
		return num_read_bits(word, &h->id) ? 0 : -EBADMSG;
	if (sv_is(key, "time"))
		number = &h->time_us;
	else if (sv_is(key, "limit"))
		number = &h->limit;
	h->has_limit |= number == &h->limit;
	return !number || num_read(word, 10, UINT64_MAX, number) ? 0 : -EBADMSG;
}

static int read_header(struct sv words, struct header *ret)
{
	int r = 0;

	while (r == 0 && words.p)
		r = read_key(sv_take(&words, ' '), ret);
	return r;
}

/* What @h asks for, its texts taken out of it. Returns 0, -EBADMSG with detail, or -ENOMEM. */
static int read_question(struct header *h, struct question **ret, struct err *e)
{
	static const char *const names[] = {
		[OF_GROUPS] = "groups", [OF_SOCKETS] = "sockets", [OF_FINDINGS] = "findings"
	};
	_cleanup_(question_freep) struct question *q = calloc(1, sizeof(*q));
	size_t of = 0;
	int r;

	if (!q)
		return -ENOMEM;
	while (of < ARRAY_SIZE(names) && !sv_is(sv_n(h->of.p, h->of.len), names[of]))
		of++;
	if (of == ARRAY_SIZE(names))
		return err_say(e, -EBADMSG, "an answer of what this ss does not know");
	q->of = (enum question_of)of;
	q->asked = h->asked;
	q->by = h->by;
	q->sort = h->sort;
	q->columns_text = h->columns;
	h->asked = h->by = h->sort = h->columns = (struct text){};
	q->has_limit = h->has_limit;
	q->limit = h->limit;
	r = question_settle(q, e);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	*ret = take_ptr(q);
	return 0;
}

/* What --by asks for in place of that. */
static int read_want(struct merge *m, struct err *e)
{
	struct question *q;
	int r;

	if (!m->o.by)
		return question_coarsen(m->own, m->own, &m->by, e);
	if (m->own->of != OF_GROUPS)
		return err_say(e, -EINVAL, "--by: the hosts did not count: say it where --partial is said");
	q = m->want = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->of = OF_GROUPS;
	text_str(&q->by, m->o.by);
	text_sv(&q->asked, sv(m->own->asked.p));
	r = question_settle(q, e);
	return r < 0 ? r : question_coarsen(m->own, q, &m->by, e);
}

/* The first question is that of all. */
static int open_answer(struct merge *m, struct question **q, struct err *e)
{
	int r;

	m->own = take_ptr(*q);
	r = read_want(m, e);
	if (r < 0)
		return r;
	return m->own->of == OF_GROUPS ? merge_groups_open(m, e) : merge_records_open(m, e);
}

static int take_bound(struct merge *m, struct fleet_host *h, const struct header *head, struct err *e)
{
	int r;

	if (!head->bound.len)
		return 0;
	r = cell_read(sv_n(head->bound.p, head->bound.len), &m->own->rank.column, &m->keep, &h->bound);
	if (r < 0)
		return r;
	if (!m->by.is_own)
		return err_say(
			e, -EINVAL,
			"--by: %s has sent no more than its first %llu groups, which tells nothing of others",
			h->name, (unsigned long long)head->limit);
	m->is_unranked |= !m->own->rank.is_sum;
	m->bound += h->bound.is_there ? val_number(&h->bound.val) : 0;
	return 0;
}

/* A host begins its answer. */
static int begin_answer(struct merge *m, struct fleet_host *h, struct header *head, struct err *e)
{
	_cleanup_(question_freep) struct question *q = NULL;
	struct err why = {};
	int r;

	h->start = strndup(head->boot.len ? head->boot.p : "", head->boot.len);
	h->id = head->id;
	h->time_us = head->time_us;
	h->n_lines = h->sum = h->n_bad = 0;
	h->state = HOST_OPEN;
	if (!h->start)
		return -ENOMEM;
	r = read_question(head, &q, &why);
	if (r == 0 && !m->own)
		return open_answer(m, &q, e) < 0 ? -EINVAL : take_bound(m, h, head, e);
	if (r == 0 && question_is_same(m->own, q))
		return take_bound(m, h, head, e);
	if (r == -ENOMEM)
		return r;
	h->state = HOST_OTHER;
	h->is_ignored = true;
	return r < 0 ? roll_tell(&m->roll, h, NOTE_ERROR, sv(why.text)) : 0;
}

/* The host of an answer without a name in front. */
static struct fleet_host *find_bare(struct merge *m, const struct header *head)
{
	struct sv name = sv_n(head->host.p, head->host.len), boot = sv_n(head->boot.p, head->boot.len);
	struct fleet_host *h;

	if (!name.len)
		name = sv("?");
	h = roll_find(&m->roll, name, sv(""));
	if (!h || h->state == HOST_ASKED || (h->start && sv_eq(sv(h->start), boot)))
		return h;
	return roll_find(&m->roll, name, boot);
}

/* A line of a header ends what there was of the same host. */
static int take_header(struct merge *m, struct fleet_host *h, struct sv words, struct err *e)
{
	struct header head = {};
	int r = read_header(words, &head);

	if (r == 0 && !h) {
		if (m->stream.bare && m->stream.bare->state == HOST_OPEN)
			m->stream.bare->state = HOST_CUT;
		h = find_bare(m, &head);
		m->stream.bare = h;
		r = h ? 0 : -ENOMEM;
	} else if (r == 0 && h->state == HOST_OPEN) {
		h->state = HOST_CUT;
	}
	if (r == 0) {
		h->is_guess = false;
		h->is_ignored = h->state != HOST_ASKED;
		h->is_doubled |= h->is_ignored;
		if (!h->is_ignored)
			r = begin_answer(m, h, &head, e);
	}
	header_done(&head);
	return r;
}

static int take_note(struct merge *m, const struct fleet_host *h, struct sv words)
{
	struct sv kind = sv_take(&words, ' ');
	struct text t = {};
	int r;

	if (!words.p || !cell_read_text(sv_take(&words, ' '), &t))
		r = -EBADMSG;
	else
		r = roll_tell(&m->roll, h, sv_is(kind, "error") ? NOTE_ERROR : NOTE_WARNING,
			      sv_n(t.p, t.len));
	text_done(&t);
	return r;
}

static int take_end(struct merge *m, struct fleet_host *h, struct sv line, struct sv words)
{
	struct sv n_lines = sv_take(&words, ' '), total = sv_take(&words, ' '), state = sv_take(&words, ' ');
	struct sv sum = sv_take(&words, ' ');
	struct sv before = sv_n(line.p, sum.len ? (size_t)(sum.p - line.p) - 1 : line.len);
	uint64_t lines, count, want;

	if (!sum.len || !num_read(n_lines, 10, UINT64_MAX, &lines) ||
	    !num_read(total, 10, SUM_COUNT_MAX, &count) || !num_read_bits(sum, &want))
		return -EBADMSG;
	h->state =
		lines == h->n_lines && want == h->sum + partial_line_hash(before) ? HOST_WHOLE : HOST_DAMAGED;
	h->is_partial = !sv_is(state, "whole");
	h->is_ignored = true;
	h->is_waiting = false;
	if (m->group)
		group_merge_total(m->group, count);
	return 0;
}

/* A line of @h, which is under way, whose kind is the letter at @at. */
static int take_known(struct merge *m, struct fleet_host *h, struct sv line, size_t at)
{
	struct sv words = sv_from(line, at + 2);
	bool is_groups = m->own->of == OF_GROUPS;

	switch (line.p[at]) {
	case 'g': return is_groups ? merge_group_line(m, h, words) : -EBADMSG;
	case 'o': return is_groups ? merge_others_line(m, h, words) : -EBADMSG;
	case 'r': return is_groups ? -EBADMSG : merge_record_line(m, h, words);
	case 'w': return is_groups ? merge_waiting_line(m, h, words) : -EBADMSG;
	case 'n': return take_note(m, h, words);
	case 'e': return take_end(m, h, line, words);
	default: return 0;
	}
}

/* A line of a partial, without what carried it; @h is NULL where nothing did. */
static int take_line(struct merge *m, struct fleet_host *h, struct sv line, struct err *e)
{
	unsigned int version = 0;
	size_t at = 3;
	int r;

	(void)carrier_is_partial(line, &version);
	while (line.p[at] < 'a')
		at++;
	if (line.p[at] == 'h' && version == PARTIAL_VERSION) {
		r = take_header(m, h, sv_from(line, at + 2), e);
		if (r == 0 && (h = h ? h : m->stream.bare) && !h->is_ignored) {
			h->sum += partial_line_hash(line);
			h->n_lines++;
		}
		return r == -EBADMSG ? roll_noise(&m->roll, line) : r;
	}
	h = h ? h : m->stream.bare;
	if (!h)
		return roll_noise(&m->roll, line);
	h->is_guess = false;
	if (version != PARTIAL_VERSION) {
		h->state = h->state == HOST_ASKED ? HOST_VERSION : h->state;
		h->version = version;
		return 0;
	}
	if (h->is_ignored || h->state != HOST_OPEN)
		return h->state == HOST_ASKED ? roll_say(h, line) : 0;
	if (line.p[at] != 'e') {
		h->sum += partial_line_hash(line);
		h->n_lines++;
	}
	r = take_known(m, h, line, at);
	h->n_bad += r == -EBADMSG;
	return r == -EBADMSG ? 0 : r;
}

/* The host called @name, which is mostly that of the line before. */
static struct fleet_host *find_named(struct merge *m, struct sv name)
{
	if (m->stream.last && sv_eq(sv(m->stream.last->name), name))
		return m->stream.last;
	return m->stream.last = roll_find(&m->roll, name, sv(""));
}

/* Another version's first line has no more than its name to be known by. */
static int take_bare(struct merge *m, struct sv line, struct err *e)
{
	unsigned int version = 0;
	struct header head = {};

	if (m->stream.form == STREAM_NAMED)
		return roll_noise(&m->roll, line);
	m->stream.form = STREAM_BARE;
	(void)carrier_is_partial(line, &version);
	if (version != PARTIAL_VERSION && (!m->stream.bare || m->stream.bare->state != HOST_VERSION)) {
		ptrdiff_t blank = sv_find(line, ' ');

		(void)read_header(sv_from(line, blank < 0 ? line.len : (size_t)blank + 1), &head);
		m->stream.bare = find_bare(m, &head);
		header_done(&head);
		if (!m->stream.bare)
			return -ENOMEM;
	}
	return take_line(m, NULL, line, e);
}

static int take_other(struct merge *m, const struct carried_line *c)
{
	struct fleet_host *h;

	if (c->kind == CARRIED_NOISE || (m->stream.form == STREAM_BARE && c->kind != CARRIED_LOST))
		return roll_noise(&m->roll, c->line);
	h = find_named(m, c->host);
	if (!h)
		return -ENOMEM;
	if (h->state == HOST_NOBODY)
		h->state = HOST_ASKED;
	h->is_guess |= c->kind != CARRIED_LOST && h->state == HOST_ASKED && !h->said &&
		       m->stream.form != STREAM_NAMED;
	return roll_say(h, c->line);
}

static int take_any(struct merge *m, struct sv line, struct err *e)
{
	struct carried_line c;
	struct fleet_host *h;
	int r = 0;

	carrier_read(line, &c);
	if (c.kind == CARRIED_BARE)
		return take_bare(m, c.line, e);
	if (c.kind != CARRIED_LINE)
		return take_other(m, &c);
	h = m->stream.form == STREAM_BARE ? NULL : find_named(m, c.host);
	if (m->stream.form == STREAM_BARE)
		return roll_noise(&m->roll, line);
	if (!h)
		return -ENOMEM;
	m->stream.form = STREAM_NAMED;
	if (h->state == HOST_NOBODY)
		h->state = HOST_ASKED;
	while (c.line.p && r == 0) {
		struct sv one = c.has_more ? carrier_take(&c.line) : c.line;
		unsigned int version;

		c.line = c.has_more ? c.line : (struct sv){};
		r = carrier_is_partial(one, &version) ? take_line(m, h, one, e) : roll_say(h, one);
	}
	return r;
}

void merge_begin(struct merge *m)
{
	m->stream = (struct stream){};
}

ssize_t merge_bytes(struct merge *m, struct sv bytes, bool is_end, struct err *e)
{
	struct sv rest = bytes;
	int r = 0;

	while (rest.len && r == 0) {
		const char *end = memchr(rest.p, '\n', rest.len);
		size_t n = end ? (size_t)(end - rest.p) : rest.len;

		if (!end && !is_end && n <= PARTIAL_LINE_MAX)
			break;
		if (m->stream.is_skipped || n > PARTIAL_LINE_MAX)
			r = m->stream.is_skipped ? 0 : roll_noise(&m->roll, sv_first(rest, 80));
		else
			r = take_any(m, sv_first(rest, n), e);
		m->stream.is_skipped = !end && !is_end;
		rest = sv_from(rest, n + (end ? 1 : 0));
	}
	return r < 0 ? r : (ssize_t)(bytes.len - rest.len);
}

void merge_end(struct merge *m)
{
	if (m->stream.bare && m->stream.bare->state == HOST_OPEN)
		m->stream.bare->state = HOST_CUT;
	if (m->stream.form != STREAM_NAMED)
		(void)roll_drop_guesses(&m->roll);
	for (size_t i = 0; i < m->roll.n; i++)
		m->roll.v[i]->is_guess = false;
	m->stream = (struct stream){};
}

/* What is left of answers that did not come to their end counts for what came. */
static void close_answers(struct merge *m)
{
	for (size_t i = 0; i < m->roll.n; i++) {
		struct fleet_host *h = m->roll.v[i];

		if (h->state == HOST_OPEN)
			h->state = HOST_CUT;
		if (h->state == HOST_CUT && m->group)
			group_merge_total(m->group, h->n_counted);
	}
}

int merge_answer(struct merge *m, struct err *e)
{
	int r;

	close_answers(m);
	r = roll_note(&m->roll, m->o.notes);
	if (r < 0)
		return err_sys(e, r, "the hosts");
	if (!m->own)
		return err_say(e, -ENODATA, "there is no answer of any host, as ss --partial writes it");
	r = m->own->of == OF_GROUPS ? merge_groups_answer(m) : merge_records_answer(m);
	return r == -ENOMEM ? err_sys(e, r, "the answer") : r;
}
