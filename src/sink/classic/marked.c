/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/classic/marked.h"

#include "sink/classic/grid.h"

#define CHANGED "*"

/* The cells of a packed row. */
struct cells {
	struct sv v[COL_MAX];
	enum column last;
};

const char *marked_sign(enum mark m)
{
	return m == MARK_NEW ? "+ " : m == MARK_GONE ? "- " : "  ";
}

static void unpack(struct sv packed, struct cells *ret)
{
	struct sv lens = sv_from(packed, 1), rest;

	*ret = (struct cells){ .last = (enum column)packed.p[0] };
	rest = sv_from(lens, (ret->last + 1u) * sizeof(uint32_t));
	for (enum column c = 0; c <= ret->last; c++) {
		uint32_t len;

		memcpy(&len, lens.p + c * sizeof(len), sizeof(len));
		ret->v[c] = sv_first(rest, len);
		rest = sv_from(rest, len);
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Takes what comes up to the end of a word: blanks in front, and the word. False when there is none. */
static bool take_word(struct sv *rest, struct sv *ret_blanks, struct sv *ret)
{
	size_t from = 0, to;

	while (from < rest->len && is_blank(rest->p[from]))
		from++;
	for (to = from; to < rest->len && !is_blank(rest->p[to]);)
		to++;
	*ret_blanks = sv_first(*rest, from);
	*ret = sv_from(sv_first(*rest, to), from);
	*rest = sv_from(*rest, to);
	return ret->len;
}

/* Goes on in @was behind @word; false, and it stays, when it is not there any more. */
static bool pass_word(struct sv *was, struct sv word)
{
	struct sv rest = *was, blanks, w;

	while (take_word(&rest, &blanks, &w)) {
		if (sv_eq(w, word)) {
			*was = rest;
			return true;
		}
	}
	return false;
}

static void put_words(struct text *t, struct sv was, struct sv now)
{
	struct sv blanks, word;

	while (take_word(&now, &blanks, &word)) {
		text_sv(t, blanks);
		text_sv(t, word);
		if (!pass_word(&was, word))
			text_str(t, CHANGED);
	}
	text_sv(t, blanks);
}

/* @cell, which may be padded, with a sign behind what is in it, in place of a blank. */
static void put_changed(struct text *t, struct sv cell)
{
	size_t n = cell.len;

	while (n && cell.p[n - 1] == ' ')
		n--;
	text_sv(t, sv_first(cell, n));
	text_str(t, CHANGED);
	text_sv(t, sv_from(cell, n + (n < cell.len)));
}

/* An address has its sign behind the port, which stands close to it. */
static bool has_changed(const struct cells *was, const struct cells *now, enum column c)
{
	if (c == COL_LOCAL || c == COL_PEER || !now->v[c].len)
		return false;
	return !sv_eq(was->v[c], now->v[c]) ||
	       ((c == COL_LOCAL_PORT || c == COL_PEER_PORT) && !sv_eq(was->v[c - 1], now->v[c - 1]));
}

void marked_put(uint32_t enabled, struct sv was, struct sv now, enum mark m, struct text *ret)
{
	enum column first = (enum column)__builtin_ctz(enabled);
	struct cells a = {}, b;
	size_t lens = ret->len + 1;

	unpack(now, &b);
	if (was.p)
		unpack(was, &a);
	text_put(ret, now.p, 1 + (b.last + 1u) * sizeof(uint32_t));
	for (enum column c = 0; c <= b.last; c++) {
		size_t start = ret->len;
		uint32_t len;

		text_str(ret, c == first ? marked_sign(m) : "");
		if (was.p && c == COL_EXTRA)
			put_words(ret, a.v[c], b.v[c]);
		else if (was.p && has_changed(&a, &b, c))
			put_changed(ret, b.v[c]);
		else
			text_sv(ret, b.v[c]);
		len = (uint32_t)(ret->len - start);
		if (!ret->failed)
			memcpy(ret->p + lens + c * sizeof(len), &len, sizeof(len));
	}
}
