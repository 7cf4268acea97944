/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/decode.h"

#include <errno.h>
#include <stdlib.h>

#include "history/clockwork.h"
#include "history/encode.h"

enum {
	CHUNK = 256 << 10,
	STATES_MAX = 1 << 30, /* bytes of the states of a block */
};

struct chunk {
	struct chunk *next;
	size_t used, size;
	uint64_t bytes[];
};

/* One sample that is being decoded. */
struct work {
	struct decoder *d;
	struct stretch running;
	size_t cursor; /* in .last */
	uint64_t last_key;
	uint32_t last_netns;
	int r;
};

static struct state *new_state(struct work *w, uint32_t len)
{
	struct decoder *d = w->d;
	size_t size = (sizeof(struct state) + shape_words(len) * sizeof(uint32_t) + 7) & ~(size_t)7;
	struct chunk *c = d->chunk;

	d->bytes += size;
	if (d->bytes > STATES_MAX) {
		w->r = -EBADMSG;
		return NULL;
	}
	if (!c || c->size - c->used < size) {
		size_t room = size > CHUNK ? size : CHUNK;

		c = malloc(sizeof(*c) + room);
		if (!c) {
			w->r = -ENOMEM;
			return NULL;
		}
		*c = (struct chunk){ d->chunk, 0, room };
		d->chunk = c;
	}
	c->used += size;
	return (struct state *)(void *)((uint8_t *)c->bytes + c->used - size);
}

static void *grow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap : 64;
	void *q;

	while (more < n)
		more *= 2;
	q = reallocarray(p, more, size);
	if (q)
		*cap = more;
	return q;
}

static bool room_for(struct work *w, size_t n)
{
	struct decoder *d = w->d;
	struct state **p;

	if (d->n_now + n <= d->cap_now)
		return true;
	p = grow(d->now, d->n_now + n, &d->cap_now, sizeof(struct state *));
	if (p)
		d->now = p;
	else
		w->r = -ENOMEM;
	return p;
}

/* From here on other sequence numbers or another clock hold. */
static void set_running(struct work *w, uint32_t seq, uint32_t pid, uint32_t clock)
{
	struct decoder *d = w->d;
	struct stretch *p;

	if (d->n_stretches && w->running.seq == seq && w->running.pid == pid && w->running.clock == clock)
		return;
	w->running = (struct stretch){ d->n_now, seq, pid, clock };
	if (d->n_stretches && d->stretch[d->n_stretches - 1].from == d->n_now) {
		d->stretch[d->n_stretches - 1] = w->running;
		return;
	}
	if (d->n_stretches == d->cap_stretches) {
		p = grow(d->stretch, d->n_stretches + 1, &d->cap_stretches, sizeof(*p));
		if (!p) {
			w->r = -ENOMEM;
			return;
		}
		d->stretch = p;
	}
	d->stretch[d->n_stretches++] = w->running;
}

/* Takes the next @n messages of the last sample, each at most once in a sample. */
static bool use(struct work *w, size_t n)
{
	struct decoder *d = w->d;

	if (n > d->n_last - w->cursor || memchr(d->is_used + w->cursor, 1, n)) {
		w->r = -EBADMSG;
		return false;
	}
	memset(d->is_used + w->cursor, 1, n);
	return room_for(w, n);
}

static void take_same(struct work *w, size_t n)
{
	struct decoder *d = w->d;

	if (!n || !use(w, n))
		return;
	memcpy(d->now + d->n_now, d->last + w->cursor, n * sizeof(struct state *));
	d->n_now += n;
	w->cursor += n;
}

/* Adds what the columns of @set say to the next message. */
static void add_columns(struct work *w, struct read_set *set, uint32_t *word)
{
	if (!set->left) {
		w->r = -EBADMSG;
		return;
	}
	set->left--;
	for (size_t i = 0; i < set->n; i++) {
		struct read_column *c = &set->column[i];

		if (c->lead) {
			c->lead--;
			continue;
		}
		if (c->bytes.p < c->bytes.end && *c->bytes.p < 0x80)
			word[c->word] += unzigzag32(*c->bytes.p++);
		else
			word[c->word] += unzigzag32((uint32_t)varint_get(&c->bytes));
		if (c->bytes.is_bad)
			w->r = -EBADMSG;
	}
}

static void take_diff(struct work *w)
{
	struct decoder *d = w->d;
	struct state *s;

	if (!use(w, 1))
		return;
	s = d->last[w->cursor++];
	if (s->shape == SHAPE_ODD) {
		w->r = -EBADMSG;
		return;
	}
	clock_advance(&d->shapes.at[s->shape], s->word, w->running.clock - s->clock);
	s->clock = w->running.clock;
	s->word[SEQ_WORD] = w->running.seq;
	s->word[PID_WORD] = w->running.pid;
	add_columns(w, &d->diff[s->shape], s->word);
	if (s->word[0] != s->len) /* its length */
		w->r = -EBADMSG;
	set_running(w, s->word[SEQ_WORD], s->word[PID_WORD], w->running.clock);
	d->now[d->n_now++] = s;
}

static void take_odd(struct work *w, struct state **ret)
{
	struct cursor *odd = &w->d->stream[STREAM_ODD];
	uint32_t table = (uint32_t)varint_get_max(odd, UINT32_MAX);
	size_t len = varint_get_max(odd, cursor_left(odd));
	const uint8_t *p = cursor_take(odd, len);
	struct state *s;

	if (!p || len < NLMSG_HDRLEN) {
		w->r = -EBADMSG;
		return;
	}
	s = new_state(w, (uint32_t)len);
	if (!s)
		return;
	*s = (struct state){ .table = table, .len = (uint32_t)len };
	s->word[shape_words(s->len) - 1] = 0;
	memcpy(s->word, p, len);
	*ret = s;
}

static const uint32_t *template_of(const struct work *w, uint32_t shape)
{
	const struct decoder *d = w->d;

	if (d->newest[shape])
		return d->newest[shape]->word;
	for (size_t i = w->cursor; i < d->n_last && i < w->cursor + LOOK_AHEAD; i++)
		if (!d->is_used[i] && d->last[i]->shape == shape)
			return d->last[i]->word;
	return NULL;
}

static void take_shaped(struct work *w, uint32_t number, struct state **ret)
{
	struct decoder *d = w->d;
	const struct shape *shape = &d->shapes.at[number];
	size_t n = shape_words(shape->len) * sizeof(uint32_t);
	struct state *s = new_state(w, shape->len);
	const uint32_t *from = template_of(w, number);

	if (!s)
		return;
	*s = (struct state){ .table = shape->table, .len = shape->len, .shape = number };
	if (from)
		memcpy(s->word, from, n);
	else
		memset(s->word, 0, n);
	for (uint32_t i = 0; i < shape->n_ages; i++)
		s->word[shape->age[i].word] = 0;
	s->word[SEQ_WORD] = w->running.seq;
	s->word[PID_WORD] = w->running.pid;
	add_columns(w, &d->fresh[number], s->word);
	d->newest[number] = s;
	*ret = s;
}

static void take_new(struct work *w)
{
	struct decoder *d = w->d;
	size_t number = varint_get_max(&d->stream[STREAM_SHAPE], d->shapes.n - 1);
	const struct shape *shape = &d->shapes.at[number];
	struct state *s = NULL;
	uint64_t key;

	if (d->stream[STREAM_SHAPE].is_bad || !room_for(w, 1)) {
		w->r = w->r ? w->r : -EBADMSG;
		return;
	}
	if (number == SHAPE_ODD)
		take_odd(w, &s);
	else
		take_shaped(w, (uint32_t)number, &s);
	if (!s || w->r < 0)
		return;
	key = w->last_key;
	if (shape->key_word)
		memcpy(&key, s->word + shape->key_word - 1, sizeof(key));
	s->key = key + unzigzag64(varint_get(&d->stream[STREAM_KEY]));
	s->netns = w->last_netns + unzigzag32((uint32_t)varint_get(&d->stream[STREAM_NETNS]));
	s->clock = w->running.clock;
	w->last_key = s->key;
	w->last_netns = s->netns;
	if (s->word[0] != s->len || d->stream[STREAM_KEY].is_bad || d->stream[STREAM_NETNS].is_bad)
		w->r = -EBADMSG;
	set_running(w, s->word[SEQ_WORD], s->word[PID_WORD], w->running.clock);
	d->now[d->n_now++] = s;
}

static void move_cursor(struct work *w, enum op op, size_t n)
{
	if (n > (op == OP_SKIP ? w->d->n_last - w->cursor : w->cursor))
		w->r = -EBADMSG;
	else
		w->cursor += op == OP_SKIP ? n : 0 - n;
}

/* Does one operation. Returns false at the end of the sample, or of what can be read. */
static bool take_op(struct work *w)
{
	uint64_t word = varint_get(&w->d->stream[STREAM_OPS]);
	uint64_t n = word >> OP_BITS;

	if (w->d->stream[STREAM_OPS].is_bad)
		w->r = -EBADMSG;
	if (w->r < 0)
		return false;
	switch (word & ((1 << OP_BITS) - 1)) {
	case OP_SAME: take_same(w, n); break;
	case OP_DIFF:
		for (; n && !w->r; n--)
			take_diff(w);
		break;
	case OP_NEW:
		for (; n && !w->r; n--)
			take_new(w);
		break;
	case OP_SKIP: move_cursor(w, OP_SKIP, n); break;
	case OP_BACK: move_cursor(w, OP_BACK, n); break;
	case OP_CLOCK:
		set_running(w, w->running.seq, w->running.pid, w->running.clock + unzigzag32((uint32_t)n));
		break;
	case OP_END: return false;
	default: w->r = -EBADMSG;
	}
	return !w->r;
}

static int prepare(struct decoder *d)
{
	struct state **last = d->last;
	size_t cap = d->cap_last;

	d->last = d->now;
	d->n_last = d->n_now;
	d->cap_last = d->cap_now;
	d->now = last;
	d->n_now = 0;
	d->cap_now = cap;
	if (d->n_last > d->cap_used || !d->is_used) {
		uint8_t *p = grow(d->is_used, d->n_last + 1, &d->cap_used, 1);

		if (!p)
			return -ENOMEM;
		d->is_used = p;
	}
	memset(d->is_used, 0, d->n_last + 1);
	memset(d->newest, 0, sizeof(d->newest));
	return 0;
}

int decoder_step(struct decoder *d)
{
	struct work w = { .d = d };
	uint32_t seq = 0, pid = 0;
	int r = prepare(d);

	if (r < 0)
		return r;
	if (d->n_last && d->n_stretches) {
		seq = d->stretch[d->n_stretches - 1].seq;
		pid = d->stretch[d->n_stretches - 1].pid;
	}
	d->n_stretches = d->hint = 0;
	set_running(&w, seq, pid, d->clock);
	while (take_op(&w)) {
	}
	d->clock = w.running.clock;
	return w.r < 0 ? w.r : fact_table_apply(&d->facts, &d->stream[STREAM_FACTS]);
}

void decoder_look(const struct decoder *d, size_t i, struct store_message *ret)
{
	const struct state *s = d->now[i];

	*ret = (struct store_message){ .key = s->key,
				       .table = s->table,
				       .netns = s->netns,
				       .msg = (const struct nlmsghdr *)(const void *)s->word };
}

void decoder_message(struct decoder *d, size_t i, struct store_message *ret)
{
	struct state *s = d->now[i];
	const struct stretch *t;

	if (d->stretch[d->hint].from > i)
		d->hint = 0;
	while (d->hint + 1 < d->n_stretches && d->stretch[d->hint + 1].from <= i)
		d->hint++;
	t = &d->stretch[d->hint];
	clock_advance(&d->shapes.at[s->shape], s->word, t->clock - s->clock);
	s->clock = t->clock;
	s->word[SEQ_WORD] = t->seq;
	s->word[PID_WORD] = t->pid;
	decoder_look(d, i, ret);
}

static void free_states(struct decoder *d)
{
	while (d->chunk) {
		struct chunk *c = d->chunk;

		d->chunk = c->next;
		free(c);
	}
	d->bytes = 0;
}

static void free_sets(struct decoder *d)
{
	for (size_t i = 0; i < SHAPES_MAX; i++) {
		free(d->fresh[i].column);
		free(d->diff[i].column);
	}
	memset(d->fresh, 0, sizeof(d->fresh));
	memset(d->diff, 0, sizeof(d->diff));
}

void decoder_reset(struct decoder *d)
{
	free_states(d);
	free_sets(d);
	fact_table_clear(&d->facts);
	d->n_last = d->n_now = d->n_stretches = 0;
	d->clock = 0;
	memset(d->stream, 0, sizeof(d->stream));
	shapes_clear(&d->shapes);
}

void decoder_done(struct decoder *d)
{
	decoder_reset(d);
	fact_table_done(&d->facts);
	free(d->last);
	free(d->now);
	free(d->is_used);
	free(d->stretch);
	*d = (struct decoder){};
}

static int get_set(struct cursor *c, struct read_set *set, uint32_t n_words)
{
	size_t word = 0;

	set->left = (uint32_t)varint_get_max(c, UINT32_MAX);
	set->n = varint_get_max(c, n_words);
	if (!set->n)
		return c->is_bad ? -EBADMSG : 0;
	set->column = calloc(set->n, sizeof(*set->column));
	if (!set->column)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++) {
		struct read_column *col = &set->column[i];

		word += varint_get_max(c, n_words);
		col->word = (uint32_t)word;
		col->lead = (uint32_t)varint_get_max(c, UINT32_MAX);
		col->len = varint_get_max(c, RAW_MAX);
		if (c->is_bad || word >= n_words)
			return -EBADMSG;
	}
	return 0;
}

static void place_set(struct cursor *c, struct read_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const uint8_t *p = cursor_take(c, set->column[i].len);

		set->column[i].bytes = cursor_of(p, p ? set->column[i].len : 0);
	}
}

int decoder_section(struct decoder *d, const void *raw, size_t len)
{
	struct cursor c = cursor_of(raw, len);
	size_t n[N_STREAMS];
	int r = 0;

	free_sets(d);
	if (!shapes_get(&d->shapes, &c))
		return -EBADMSG;
	for (size_t i = 0; i < N_STREAMS; i++)
		n[i] = varint_get_max(&c, RAW_MAX);
	for (size_t i = 1; i < d->shapes.n && !r; i++) {
		r = get_set(&c, &d->fresh[i], shape_words(d->shapes.at[i].len));
		if (!r)
			r = get_set(&c, &d->diff[i], shape_words(d->shapes.at[i].len));
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < N_STREAMS; i++) {
		const uint8_t *p = cursor_take(&c, n[i]);

		d->stream[i] = cursor_of(p, p ? n[i] : 0);
	}
	for (size_t i = 1; i < d->shapes.n; i++) {
		place_set(&c, &d->fresh[i]);
		place_set(&c, &d->diff[i]);
	}
	return c.is_bad ? -EBADMSG : 0;
}
