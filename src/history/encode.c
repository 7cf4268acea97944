/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/encode.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "history/clockwork.h"

/* One sample that is being encoded. */
struct work {
	struct encoder *c;
	struct section *s;
	const struct sample *from, *to;
	struct running running;
	size_t cursor; /* in .from: what is expected next */
	size_t at;     /* in .to */
	uint64_t last_key;
	uint32_t last_netns;
	enum op op; /* that is being counted, .n_op times */
	size_t n_op;
	uint32_t residual[SHAPE_LEN_MAX / sizeof(uint32_t)];
};

static void put_op(struct work *w, enum op op, uint64_t n)
{
	varint_put(&w->s->stream[STREAM_OPS], n << OP_BITS | op);
}

static void flush_op(struct work *w)
{
	if (w->n_op)
		put_op(w, w->op, w->n_op);
	w->n_op = 0;
}

static void count_op(struct work *w, enum op op)
{
	if (w->op != op)
		flush_op(w);
	w->op = op;
	w->n_op++;
}

static void set_clock(struct work *w, uint32_t clock)
{
	if (clock == w->running.clock)
		return;
	flush_op(w);
	put_op(w, OP_CLOCK, zigzag32(clock - w->running.clock));
	w->running.clock = clock;
}

static void set_cursor(struct work *w, size_t to)
{
	if (to == w->cursor)
		return;
	flush_op(w);
	if (to > w->cursor)
		put_op(w, OP_SKIP, to - w->cursor);
	else
		put_op(w, OP_BACK, w->cursor - to);
	w->cursor = to;
}

static bool is_same_socket(const struct entry *a, const struct entry *b)
{
	return a->key == b->key && a->table == b->table && a->netns == b->netns;
}

static uint64_t hash_entry(const struct entry *e)
{
	return hash_u64(hash_u64(e->key) + ((uint64_t)e->netns << 8) + e->table);
}

/* Indexes the last sample by key. */
static int make_index(struct encoder *c)
{
	size_t n = 64;

	while (n < 2 * c->last->n)
		n *= 2;
	if (n != c->n_index) {
		free(c->index);
		c->index = malloc(n * sizeof(*c->index));
		c->n_index = c->index ? n : 0;
	}
	if (!c->index)
		return -ENOMEM;
	memset(c->index, 0, n * sizeof(*c->index));
	for (size_t i = c->last->n; i-- > 0;) {
		size_t k = hash_entry(&c->last->entry[i]) & (n - 1);

		while (c->index[k])
			k = (k + 1) & (n - 1);
		c->index[k] = (uint32_t)i + 1;
	}
	c->has_index = true;
	return 0;
}

/* The place in the last sample of the socket of @e, or .n where it was not. */
static size_t find_last(struct work *w, const struct entry *e)
{
	struct encoder *c = w->c;
	size_t end = w->cursor + LOOK_AHEAD;

	for (size_t i = w->cursor; i < w->from->n && i < end; i++)
		if (!c->is_used[i] && is_same_socket(&w->from->entry[i], e))
			return i;
	if (!w->from->n || (!c->has_index && make_index(c) < 0)) {
		w->s->failed |= w->from->n > 0;
		return w->from->n;
	}
	for (size_t k = hash_entry(e) & (c->n_index - 1); c->index[k]; k = (k + 1) & (c->n_index - 1)) {
		size_t i = c->index[k] - 1;

		if (!c->is_used[i] && is_same_socket(&w->from->entry[i], e))
			return i;
	}
	return w->from->n;
}

static const uint32_t *words_of(const struct sample *s, const struct entry *e)
{
	return s->word + e->at;
}

/* What a new message is told from, or NULL. */
static const uint32_t *template_of(const struct work *w, uint32_t shape)
{
	uint32_t newest = w->c->newest[shape];

	if (newest)
		return words_of(w->to, &w->to->entry[newest - 1]);
	for (size_t i = w->cursor; i < w->from->n && i < w->cursor + LOOK_AHEAD; i++)
		if (!w->c->is_used[i] && w->from->entry[i].shape == shape)
			return words_of(w->from, &w->from->entry[i]);
	return NULL;
}

static void put_key(struct work *w, const struct entry *e, const struct shape *shape)
{
	uint64_t expected = w->last_key;

	if (shape->key_word)
		memcpy(&expected, words_of(w->to, e) + shape->key_word - 1, sizeof(expected));
	varint_put(&w->s->stream[STREAM_KEY], zigzag64(e->key - expected));
	varint_put(&w->s->stream[STREAM_NETNS], zigzag32(e->netns - w->last_netns));
	w->last_key = e->key;
	w->last_netns = e->netns;
}

static void put_new(struct work *w, struct entry *e)
{
	const struct shape *shape = &w->c->shapes.at[e->shape];
	const uint32_t *word = words_of(w->to, e), *from;
	uint32_t n = shape_words(e->len);

	count_op(w, OP_NEW);
	e->clock = w->running.clock;
	varint_put(&w->s->stream[STREAM_SHAPE], e->shape);
	put_key(w, e, shape);
	if (e->shape == SHAPE_ODD) {
		varint_put(&w->s->stream[STREAM_ODD], e->table);
		varint_put(&w->s->stream[STREAM_ODD], e->len);
		text_put(&w->s->stream[STREAM_ODD], word, e->len);
	} else {
		from = template_of(w, e->shape);
		for (uint32_t i = 0; i < n; i++)
			w->residual[i] = word[i] - (from ? from[i] : 0);
		for (uint32_t i = 0; i < shape->n_ages; i++)
			w->residual[shape->age[i].word] = word[shape->age[i].word];
		w->residual[SEQ_WORD] = word[SEQ_WORD] - w->running.seq;
		w->residual[PID_WORD] = word[PID_WORD] - w->running.pid;
		colset_add(w->s, &w->s->fresh[e->shape], w->residual, n);
		w->c->newest[e->shape] = (uint32_t)(w->at + 1);
	}
	w->running.seq = word[SEQ_WORD];
	w->running.pid = word[PID_WORD];
}

static bool differs(const uint32_t *v, uint32_t n)
{
	uint32_t any = 0;

	for (uint32_t i = 0; i < n; i++)
		any |= v[i];
	return any;
}

/* Whether an odd message is what it was, which it has to be in order not to be new. */
static bool is_same_odd(const struct work *w, const uint32_t *word, const uint32_t *was, uint32_t n)
{
	return word[SEQ_WORD] == w->running.seq && word[PID_WORD] == w->running.pid &&
	       !memcmp(word, was, SEQ_WORD * sizeof(*word)) &&
	       !memcmp(word + PID_WORD + 1, was + PID_WORD + 1, (n - PID_WORD - 1) * sizeof(*word));
}

/* The socket was at @i in the last sample, with a message of the same length. False where it has to be new.
 */
static bool put_again(struct work *w, struct entry *e, size_t i)
{
	const struct entry *old = &w->from->entry[i];
	const struct shape *shape = &w->c->shapes.at[old->shape];
	const uint32_t *word = words_of(w->to, e), *was = words_of(w->from, old);
	uint32_t n = shape_words(e->len);
	bool is_diff;

	e->shape = old->shape;
	if (e->shape == SHAPE_ODD && !is_same_odd(w, word, was, n))
		return false;
	set_cursor(w, i);
	set_clock(w, clock_of(shape, word, was, old->clock, w->running.clock));
	e->clock = w->running.clock;
	if (e->shape == SHAPE_ODD) {
		is_diff = false;
	} else {
		for (uint32_t k = 0; k < n; k++)
			w->residual[k] = word[k] - was[k];
		is_diff = clock_expect(shape, w->residual, word, was, e->clock - old->clock);
		w->residual[SEQ_WORD] = word[SEQ_WORD] - w->running.seq;
		w->residual[PID_WORD] = word[PID_WORD] - w->running.pid;
		is_diff |= differs(w->residual, n);
	}
	count_op(w, is_diff ? OP_DIFF : OP_SAME);
	if (is_diff)
		colset_add(w->s, &w->s->diff[e->shape], w->residual, n);
	w->running.seq = word[SEQ_WORD];
	w->running.pid = word[PID_WORD];
	w->c->is_used[i] = 1;
	w->cursor = i + 1;
	return true;
}

static void put_message(struct work *w, struct entry *e)
{
	size_t i = find_last(w, e);

	if (i < w->from->n && w->from->entry[i].len == e->len && put_again(w, e, i))
		return;
	e->shape = shapes_number(&w->c->shapes, e->table, e->key,
				 (const struct nlmsghdr *)(const void *)words_of(w->to, e));
	put_new(w, e);
}

static void put_messages(struct work *w)
{
	memset(w->c->newest, 0, sizeof(w->c->newest));
	if (w->from->n) {
		const struct entry *e = &w->from->entry[w->from->n - 1];

		w->running.seq = words_of(w->from, e)[SEQ_WORD];
		w->running.pid = words_of(w->from, e)[PID_WORD];
	}
	for (w->at = 0; w->at < w->to->n; w->at++)
		put_message(w, &w->to->entry[w->at]);
	flush_op(w);
	put_op(w, OP_END, 0);
}

/* Brings the facts to what was collected, and tells the differences. */
static int encode_facts(struct encoder *c, struct text *stream)
{
	struct text ended = {}, set = {};
	struct cursor from = cursor_of(c->facts_now.p, c->facts_now.len);
	size_t n_set = 0;
	int r = 0;

	c->facts.expected = 0;
	for (size_t i = 0; i < c->n_facts_now && r >= 0; i++) {
		struct sv value, key;
		uint8_t kind = 0;

		key = fact_get(&from, &kind, &value);
		r = fact_table_set(&c->facts, c->n_samples, kind, key, value);
		if (r > 0) {
			fact_put(&set, kind, key, value);
			n_set++;
		}
	}
	if (r >= 0)
		r = fact_table_sweep(&c->facts, c->n_samples, &ended);
	if (r >= 0 && stream) {
		text_put(stream, ended.p, ended.len);
		varint_put(stream, n_set);
		text_put(stream, set.p, set.len);
	}
	if (ended.failed || set.failed)
		r = -ENOMEM;
	text_done(&ended);
	text_done(&set);
	return r < 0 ? r : 0;
}

static int prepare_used(struct encoder *c)
{
	if (c->last->n > c->cap_used) {
		free(c->is_used);
		c->is_used = malloc(c->last->n);
		c->cap_used = c->is_used ? c->last->n : 0;
		if (!c->is_used)
			return -ENOMEM;
	}
	if (c->last->n)
		memset(c->is_used, 0, c->last->n);
	c->has_index = false;
	return 0;
}

/* What differences say on their way, for a sample of which there are none. */
static void set_shapes(struct encoder *c, uint32_t clock_ms)
{
	for (size_t i = 0; i < c->now->n; i++) {
		struct entry *e = &c->now->entry[i];

		e->shape = shapes_number(&c->shapes, e->table, e->key,
					 (const struct nlmsghdr *)(const void *)words_of(c->now, e));
		e->clock = clock_ms;
	}
}

int encoder_end(struct encoder *c, uint32_t clock_ms, struct section *s)
{
	struct work w = { .c = c, .s = s, .from = c->last, .to = c->now, .running.clock = c->clock };
	int r = 0;

	c->n_samples++;
	if (s) {
		r = prepare_used(c);
		if (r < 0)
			return r;
		set_clock(&w, clock_ms);
		put_messages(&w);
	} else {
		set_shapes(c, clock_ms);
		w.running.clock = clock_ms;
	}
	c->clock = w.running.clock;
	r = encode_facts(c, s ? &s->stream[STREAM_FACTS] : NULL);
	c->now = c->last;
	c->last = (struct sample *)(uintptr_t)w.to;
	encoder_begin(c);
	return r < 0 ? r : s && section_failed(s) ? -ENOMEM : 0;
}

int encoder_put_base(struct encoder *c, uint32_t clock_ms, struct section *s)
{
	static const struct sample none;
	struct work w = { .c = c, .s = s, .from = &none, .to = c->last };

	memset(c->newest, 0, sizeof(c->newest));
	set_clock(&w, clock_ms);
	for (; w.at < w.to->n; w.at++) {
		struct entry *e = &w.to->entry[w.at];

		set_clock(&w, e->clock);
		put_new(&w, e);
	}
	flush_op(&w);
	put_op(&w, OP_END, 0);
	fact_table_put_all(&c->facts, &s->stream[STREAM_FACTS]);
	return section_failed(s) ? -ENOMEM : 0;
}
