/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "history/encode.h"

static void free_sample(struct sample *s)
{
	free(s->entry);
	free(s->word);
	*s = (struct sample){};
}

void encoder_done(struct encoder *c)
{
	free_sample(&c->two[0]);
	free_sample(&c->two[1]);
	free(c->is_used);
	free(c->index);
	fact_table_done(&c->facts);
	text_done(&c->facts_now);
	*c = (struct encoder){};
}

void encoder_begin_block(struct encoder *c)
{
	shapes_clear(&c->shapes);
}

void encoder_begin(struct encoder *c)
{
	if (!c->now) {
		c->last = &c->two[0];
		c->now = &c->two[1];
	}
	c->now->n = c->now->n_words = 0;
	c->facts_now.len = 0;
	c->n_facts_now = 0;
	if (c->facts_now.failed)
		text_done(&c->facts_now);
}

static int grow_entries(struct sample *s)
{
	size_t cap = s->cap ? 2 * s->cap : 64;
	struct entry *p;

	if (s->n < s->cap)
		return 0;
	if (cap > UINT32_MAX)
		return -E2BIG;
	p = realloc(s->entry, cap * sizeof(*p));
	if (!p)
		return -ENOMEM;
	s->entry = p;
	s->cap = cap;
	return 0;
}

static int grow_words(struct sample *s, size_t n)
{
	size_t cap = s->cap_words + s->cap_words / 2 + 4096;
	uint32_t *p;

	if (s->cap_words - s->n_words >= n)
		return 0;
	if (cap < s->n_words + n)
		cap = s->n_words + n;
	p = realloc(s->word, cap * sizeof(*p));
	if (!p)
		return -ENOMEM;
	s->word = p;
	s->cap_words = cap;
	return 0;
}

int encoder_put(struct encoder *c, const struct store_message *m)
{
	struct sample *s = c->now;
	uint32_t len = m->msg->nlmsg_len, n = shape_words(len);
	int r;

	if (len < NLMSG_HDRLEN || len > MESSAGE_MAX)
		return -EMSGSIZE;
	r = grow_entries(s);
	if (!r)
		r = grow_words(s, n);
	if (r < 0)
		return r;
	s->word[s->n_words + n - 1] = 0;
	memcpy(s->word + s->n_words, m->msg, len);
	s->entry[s->n++] = (struct entry){
		.key = m->key, .at = s->n_words, .table = m->table, .netns = m->netns, .len = len
	};
	s->n_words += n;
	return 0;
}

int encoder_put_fact(struct encoder *c, uint8_t kind, struct sv key, struct sv value)
{
	if (key.len > FACT_KEY_MAX || value.len > FACT_VALUE_MAX)
		return -EMSGSIZE;
	fact_put(&c->facts_now, kind, key, value);
	c->n_facts_now++;
	return c->facts_now.failed ? -ENOMEM : 0;
}
