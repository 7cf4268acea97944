/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/fact_table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { FACTS_BYTES_MAX = 256 << 20 };

struct fact_key {
	uint8_t kind;
	struct sv key;
};

static uint64_t hash_key(uint8_t kind, struct sv key)
{
	return hash_u64(hash_bytes(key) + kind);
}

static bool is_fact(const void *item, const void *key)
{
	const struct fact *f = item;
	const struct fact_key *k = key;

	return f->kind == k->kind && sv_eq(sv_n(f->key, f->key_len), k->key);
}

static void free_fact(struct fact *f)
{
	free((void *)(uintptr_t)f->value.p);
	free(f);
}

void fact_table_clear(struct fact_table *f)
{
	for (size_t i = 0; i < f->n; i++)
		free_fact(f->fact[i]);
	f->n = f->expected = f->bytes = 0;
	hash_clear(&f->by_key);
}

void fact_table_done(struct fact_table *f)
{
	fact_table_clear(f);
	free(f->fact);
	hash_done(&f->by_key);
	*f = (struct fact_table){};
}

static struct fact *find(const struct fact_table *f, uint8_t kind, struct sv key)
{
	struct fact_key k = { kind, key };

	if (f->expected < f->n && is_fact(f->fact[f->expected], &k))
		return f->fact[f->expected];
	return hash_find(&f->by_key, hash_key(kind, key), is_fact, &k);
}

const struct fact *fact_table_find(const struct fact_table *f, uint8_t kind, struct sv key)
{
	return find(f, kind, key);
}

static int set_value(struct fact_table *f, struct fact *fact, struct sv value)
{
	char *p = malloc(value.len ? value.len : 1);

	if (!p)
		return -ENOMEM;
	if (value.len)
		memcpy(p, value.p, value.len);
	f->bytes += value.len - fact->value.len;
	free((void *)(uintptr_t)fact->value.p);
	fact->value = sv_n(p, value.len);
	return 0;
}

static int grow(struct fact_table *f)
{
	size_t cap = f->cap ? 2 * f->cap : 64;
	struct fact **p;

	if (f->n < f->cap)
		return 0;
	p = realloc(f->fact, cap * sizeof(struct fact *));
	if (!p)
		return -ENOMEM;
	f->fact = p;
	f->cap = cap;
	return 0;
}

static int add(struct fact_table *f, uint64_t sample, struct fact_key k, struct sv value)
{
	struct fact *fact = calloc(1, sizeof(*fact) + k.key.len);

	if (!fact || grow(f) < 0)
		goto failed;
	fact->kind = k.kind;
	fact->key_len = k.key.len;
	fact->sample = sample;
	fact->index = f->n;
	if (k.key.len)
		memcpy(fact->key, k.key.p, k.key.len);
	if (set_value(f, fact, value) < 0)
		goto failed;
	if (hash_put(&f->by_key, hash_key(k.kind, k.key), fact) < 0) {
		f->bytes -= value.len;
		free((void *)(uintptr_t)fact->value.p);
		goto failed;
	}
	f->fact[f->n++] = fact;
	f->bytes += k.key.len;
	return 1;
failed:
	free(fact);
	return -ENOMEM;
}

int fact_table_set(struct fact_table *f, uint64_t sample, uint8_t kind, struct sv key, struct sv value)
{
	struct fact *fact = find(f, kind, key);
	int r;

	if (!fact)
		return add(f, sample, (struct fact_key){ kind, key }, value);
	fact->sample = sample;
	f->expected = fact->index + 1;
	if (sv_eq(fact->value, value))
		return 0;
	r = set_value(f, fact, value);
	return r < 0 ? r : 1;
}

/* Those that are left have other places. */
static int index_anew(struct fact_table *f)
{
	hash_clear(&f->by_key);
	for (size_t i = 0; i < f->n; i++) {
		struct fact *fact = f->fact[i];

		fact->index = i;
		if (hash_put(&f->by_key, hash_key(fact->kind, sv_n(fact->key, fact->key_len)), fact) < 0)
			return -ENOMEM;
	}
	return 0;
}

int fact_table_sweep(struct fact_table *f, uint64_t sample, struct text *ended)
{
	size_t n_ended = 0, n = 0;

	f->expected = 0;
	for (size_t i = 0; i < f->n; i++)
		n_ended += f->fact[i]->sample != sample;
	varint_put(ended, n_ended);
	if (!n_ended)
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		struct fact *fact = f->fact[i];

		if (fact->sample == sample) {
			f->fact[n++] = fact;
			continue;
		}
		text_char(ended, (char)fact->kind);
		varint_put(ended, fact->key_len);
		text_put(ended, fact->key, fact->key_len);
		f->bytes -= fact->key_len + fact->value.len;
		free_fact(fact);
	}
	f->n = n;
	return index_anew(f);
}

void fact_put(struct text *stream, uint8_t kind, struct sv key, struct sv value)
{
	text_char(stream, (char)kind);
	varint_put(stream, key.len);
	text_sv(stream, key);
	varint_put(stream, value.len);
	text_sv(stream, value);
}

static struct sv get_key(struct cursor *c, uint8_t *kind)
{
	const uint8_t *p = cursor_take(c, 1);
	struct sv key;

	if (!p)
		return (struct sv){};
	*kind = *p;
	key = cursor_take_sv(c);
	return c->is_bad ? (struct sv){} : key;
}

struct sv fact_get(struct cursor *c, uint8_t *kind, struct sv *value)
{
	struct sv key = get_key(c, kind);

	if (key.p)
		*value = cursor_take_sv(c);
	return c->is_bad ? (struct sv){} : key;
}

void fact_table_put_all(const struct fact_table *f, struct text *stream)
{
	varint_put(stream, 0);
	varint_put(stream, f->n);
	for (size_t i = 0; i < f->n; i++) {
		const struct fact *fact = f->fact[i];

		fact_put(stream, fact->kind, sv_n(fact->key, fact->key_len), fact->value);
	}
}

/* Marks those that end. Sample 0 is that which they are not of. */
static int apply_ends(struct fact_table *f, struct cursor *c)
{
	size_t n = varint_get_max(c, f->n);
	struct text ended = {};
	int r;

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t kind = 0;
		struct sv key = get_key(c, &kind);
		struct fact *fact = key.p ? find(f, kind, key) : NULL;

		if (!fact)
			return -EBADMSG;
		fact->sample = 0;
	}
	r = fact_table_sweep(f, 1, &ended);
	text_done(&ended);
	return r;
}

int fact_table_apply(struct fact_table *f, struct cursor *c)
{
	size_t n;
	int r = apply_ends(f, c);

	n = varint_get_max(c, cursor_left(c));
	for (size_t i = 0; i < n && r >= 0; i++) {
		struct sv value, key;
		uint8_t kind = 0;

		key = fact_get(c, &kind, &value);
		if (!key.p || f->bytes > FACTS_BYTES_MAX)
			return -EBADMSG;
		r = fact_table_set(f, 1, kind, key, value);
	}
	if (r < 0)
		return r;
	return c->is_bad ? -EBADMSG : 0;
}
