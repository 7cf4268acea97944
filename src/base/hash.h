/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The one hash table: pointers by a hash of 64 bits, in open addressing. What
 * they point to is the owner's, and so is the choice of the hash; where two
 * keys may share one, a function tells them apart.
 */

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/sv.h"

struct hash_slot {
	uint64_t hash;
	void *item; /* NULL: free */
};

struct hash {
	struct hash_slot *slot;
	size_t n, n_slots; /* a power of two, of which at most half are in use; or 0 */
};

/* Whether @item is the one with @key. */
typedef bool hash_is(const void *item, const void *key);

/* A different number for each @v. */
static inline uint64_t hash_u64(uint64_t v)
{
	v *= UINT64_C(0xd6e8feb86659fd93);
	return v ^ v >> 32;
}

/* With a @seed that nobody knows nobody makes keys that share one. The same on every machine. */
static inline uint64_t hash_bytes_of(struct sv key, uint64_t seed)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ seed ^ key.len, w;

	for (; key.len >= sizeof(w); key = sv_from(key, sizeof(w))) {
		memcpy(&w, key.p, sizeof(w));
		h = hash_u64(h ^ le64toh(w));
	}
	w = 0;
	if (key.len)
		memcpy(&w, key.p, key.len);
	return hash_u64(h ^ le64toh(w));
}

static inline uint64_t hash_bytes(struct sv key)
{
	return hash_bytes_of(key, 0);
}

/* The slot of the item with @hash and @key, or the free one where it belongs; there must be one. */
static inline struct hash_slot *hash_slot(const struct hash *t, uint64_t hash, hash_is *is, const void *key)
{
	size_t i = (size_t)hash & (t->n_slots - 1);

	while (t->slot[i].item && (t->slot[i].hash != hash || (is && !is(t->slot[i].item, key))))
		i = (i + 1) & (t->n_slots - 1);
	return &t->slot[i];
}

/* The item with @hash and @key, or NULL. @is may be NULL where no two keys share a hash. */
static inline void *hash_find(const struct hash *t, uint64_t hash, hash_is *is, const void *key)
{
	return t->n_slots ? hash_slot(t, hash, is, key)->item : NULL;
}

/* Puts in @item, which is not NULL, and whose key is not there yet. Returns 0 or -ENOMEM. */
int hash_put(struct hash *t, uint64_t hash, void *item);

/* Takes all out; the memory stays. */
void hash_clear(struct hash *t);

/* Frees the table, not the items. */
void hash_done(struct hash *t);
