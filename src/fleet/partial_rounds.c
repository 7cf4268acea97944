/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * An answer in rounds: the first groups, then those above a threshold, then those that are named.
 */

#include <errno.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/num.h"
#include "fleet/partial_impl.h"
#include "ops/cell_text.h"

enum { ASKED_MAX = 4 << 20 };

/* What is asked, line by line. */
struct asks {
	int fd;
	struct text buf;
	size_t at;
	bool is_end;
};

/* The next line into @ret. Returns 1; 0 at the end; or a negative errno. */
static int next_line(struct asks *a, struct sv *ret)
{
	while (true) {
		struct sv rest = sv_n(a->buf.p + a->at, a->buf.len - a->at);
		ptrdiff_t n = sv_find(rest, '\n');
		ssize_t got;
		char *room;

		if (n >= 0) {
			*ret = sv_first(rest, (size_t)n);
			a->at += (size_t)n + 1;
			return 1;
		}
		if (a->is_end || rest.len > ASKED_MAX)
			return 0;
		if (a->at) {
			memmove(a->buf.p, rest.p, rest.len);
			a->buf.len = rest.len;
			a->at = 0;
		}
		room = text_room(&a->buf, 65536);
		if (!room)
			return -ENOMEM;
		got = file_read_some(a->fd, room, 65536);
		if (got < 0)
			return (int)got;
		a->is_end = !got;
		a->buf.len += (size_t)got;
	}
}

static double value_of(const struct group_rank *rank, const struct group_part *g)
{
	const struct cell *c = &g->cells[rank->at];

	return c->is_there ? val_number(&c->val) : 0;
}

/* Says what those that were not sent have at most, and waits. */
static int put_waiting(struct partial *p, const struct group_taken *t, const struct group_rank *rank,
		       const bool *is_sent)
{
	struct text *line = partial_begin(p, 'w');
	size_t first = 0;
	int r;

	while (first < t->n && is_sent[first]) /* they are in order by it */
		first++;
	text_char(line, ' ');
	if (first < t->n)
		cell_put(line, &rank->column, &t->v[first].cells[rank->at]);
	else
		text_char(line, '-');
	r = partial_finish(p, true);
	return r < 0 ? r : out_flush(p->out);
}

static int put_above(struct partial *p, const struct group_taken *t, const struct group_rank *rank,
		     bool *is_sent, double least)
{
	int r = 0;

	for (size_t i = 0; i < t->n && r == 0 && value_of(rank, &t->v[i]) >= least; i++) {
		if (!is_sent[i])
			r = partial_put_group(p, t, &t->v[i]);
		is_sent[i] = true;
	}
	return r == 0 ? put_waiting(p, t, rank, is_sent) : r;
}

/* Finds groups by the hash of their words; made when the first is named. */
struct named {
	struct hash by_key; /* of places in is_sent */
	struct text key;
	bool is_made;
};

static struct sv key_of(struct named *n, const struct group_taken *t, size_t i)
{
	n->key.len = 0;
	partial_put_keys(&n->key, t, &t->v[i]);
	return n->key.len ? sv_n(n->key.p, n->key.len) : sv("");
}

static int make_named(struct named *n, const struct group_taken *t, bool *is_sent)
{
	int r = 0;

	n->is_made = true;
	for (size_t i = 0; i < t->n && r == 0; i++) {
		uint64_t hash = hash_bytes(key_of(n, t, i));

		r = n->key.failed ? -ENOMEM : hash_put(&n->by_key, hash, &is_sent[i]);
	}
	return r;
}

static int put_named(struct partial *p, const struct group_taken *t, struct named *n, bool *is_sent,
		     struct sv key)
{
	int r = n->is_made ? 0 : make_named(n, t, is_sent);
	const bool *found = r < 0 ? NULL : hash_find(&n->by_key, hash_bytes(key), NULL, NULL);
	size_t i = found ? (size_t)(found - is_sent) : t->n;

	if (found && !sv_eq(key_of(n, t, i), key)) /* somebody has made two that share a hash */
		for (i = 0; i < t->n && !sv_eq(key_of(n, t, i), key);)
			i++;
	if (i == t->n || is_sent[i])
		return r;
	is_sent[i] = true;
	return partial_put_group(p, t, &t->v[i]);
}

/* One line of what is asked. Returns 1 when that was all, else 0 or a negative errno. */
static int answer(struct partial *p, const struct group_taken *t, const struct group_rank *rank,
		  bool *is_sent, struct named *named, struct sv line)
{
	struct sv kind = sv_first(line, 4), rest = sv_from(line, 5);
	uint64_t least;

	if (sv_is(kind, "ss1d"))
		return 1;
	if (sv_is(kind, "ss1k"))
		return put_named(p, t, named, is_sent, rest);
	if (sv_is(kind, "ss1t") && num_read(rest, 10, UINT64_MAX, &least))
		return put_above(p, t, rank, is_sent, (double)least);
	return 0; /* of a later version */
}

int partial_rounds(struct partial *p, const struct group_taken *t, const struct group_rank *rank,
		   bool *is_sent)
{
	struct asks asks = { .fd = p->o.asks };
	struct named named = {};
	struct sv line = {};
	int r = put_waiting(p, t, rank, is_sent);

	while (r == 0) {
		r = next_line(&asks, &line);
		if (r <= 0)
			break;
		r = answer(p, t, rank, is_sent, &named, line);
	}
	text_done(&asks.buf);
	hash_done(&named.by_key);
	text_done(&named.key);
	return r < 0 ? r : 0;
}
