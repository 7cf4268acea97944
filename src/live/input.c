/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/input.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "live/sequence.h"

enum {
	ALONE_US = 50000,   /* an escape after which nothing comes for so long was the key */
	CUT_US = 500000,    /* and what began and does not go on is given up after this */
	PASTE_US = 2000000, /* as text of which the end does not come */
};

#define PASTE_END "\033[201~"

size_t live_input_add(struct live_input *in, struct sv bytes, int64_t now_us)
{
	size_t n = sv_first(bytes, LIVE_INPUT_MAX - in->len).len;

	if (n)
		memcpy(in->buf + in->len, bytes.p, n);
	in->len += n;
	in->since_us = now_us;
	return n;
}

void live_input_done(struct live_input *in)
{
	text_done(&in->paste);
	*in = (struct live_input){};
}

static struct sv waiting(const struct live_input *in)
{
	return sv_n(in->buf, in->len);
}

static void drop(struct live_input *in, size_t n)
{
	in->len -= n;
	memmove(in->buf, in->buf + n, in->len);
}

static bool begins_with(struct sv s, struct sv with)
{
	return s.len >= with.len && !memcmp(s.p, with.p, with.len);
}

/* The key of this terminal that @s begins with, the longest; @ret_is_part when more may make it one. */
static const struct live_key_bytes *find_key(const struct live_input *in, struct sv s, bool *ret_is_part)
{
	const struct live_key_bytes *found = NULL;

	*ret_is_part = false;
	for (size_t i = 0; i < in->n_keys; i++) {
		const struct live_key_bytes *k = &in->keys[i];

		if (begins_with(s, k->bytes) && (!found || k->bytes.len > found->bytes.len))
			found = k;
		*ret_is_part |= s.len < k->bytes.len && begins_with(k->bytes, s);
	}
	return found;
}

/* Adds to the text what is fit to be shown; a line's end, or more, is a blank, a tab too. */
static void keep(struct live_input *in, struct sv s)
{
	struct text *t = &in->paste;

	while (s.len) {
		uint32_t c;
		size_t n = utf8_next(s, &c);
		bool is_blank = c == '\n' || c == '\r' || c == '\t';

		if (is_blank && t->len && t->p[t->len - 1] != ' ')
			text_char(t, ' ');
		else if (!is_blank && c != UTF8_BAD && !utf8_is_control(c)) {
			if (t->len + n > LIVE_PASTE_MAX)
				in->is_cut = true;
			else
				text_put(t, s.p, n);
		}
		s = sv_from(s, n);
	}
}

static size_t find_end(struct sv s)
{
	const char *p = s.len ? memmem(s.p, s.len, PASTE_END, sizeof(PASTE_END) - 1) : NULL;

	return p ? (size_t)(p - s.p) : s.len;
}

/* Bytes at the end of @s that may be the first of what ends the text, or of a character. */
static size_t unfinished(struct sv s)
{
	size_t n = s.len < sizeof(PASTE_END) - 2 ? s.len : sizeof(PASTE_END) - 2;

	for (; n; n--)
		if (!memcmp(s.p + s.len - n, PASTE_END, n))
			return n;
	for (n = 1; n < 4 && n <= s.len; n++) {
		uint8_t b = (uint8_t)s.p[s.len - n];

		if ((b & 0xc0) != 0x80)
			return b >= (n == 1 ? 0xc0 : n == 2 ? 0xe0 : 0xf0) ? n : 0;
	}
	return 0;
}

static bool next_pasted(struct live_input *in, int64_t now_us, struct live_event *ret)
{
	struct sv s = waiting(in);
	size_t end = find_end(s);
	bool is_whole = end < s.len, is_late = now_us >= live_input_due(in);
	size_t left = is_whole || is_late ? 0 : unfinished(s);

	keep(in, is_whole ? sv_first(s, end) : sv_first(s, s.len - left));
	drop(in, is_whole ? end + sizeof(PASTE_END) - 1 : s.len - left);
	if (!is_whole && !is_late)
		return false;
	in->is_pasting = false;
	*ret = (struct live_event){ .kind = LIVE_PASTE,
				    .text = sv_n(in->paste.p, in->paste.failed ? 0 : in->paste.len),
				    .is_cut = in->is_cut || in->paste.failed };
	return true;
}

static void begin_paste(struct live_input *in)
{
	if (in->paste.failed)
		text_done(&in->paste);
	in->paste.len = 0;
	in->is_pasting = true;
	in->is_cut = false;
}

/* One character, or one of the control characters that keys send. True when it is to be told. */
static bool take_char(uint32_t c, struct live_event *ret)
{
	*ret = (struct live_event){ .kind = LIVE_KEY, .c = c };
	if (c == '\r' || c == '\n')
		ret->key = LIVE_KEY_ENTER;
	else if (c == '\t')
		ret->key = LIVE_KEY_TAB;
	else if (c == 0x7f || c == 0x08)
		ret->key = LIVE_KEY_BACKSPACE;
	else if (c == 0x1b)
		ret->key = LIVE_KEY_ESCAPE;
	else if (c < 0x20) {
		ret->c = c == 0 ? ' ' : c < 0x1b ? c + 0x60 : c + 0x40;
		ret->mods = LIVE_CTRL;
	} else
		return c != UTF8_BAD && !utf8_is_control(c);
	if (ret->key)
		ret->c = 0;
	return true;
}

/* Bytes of the character that @s begins with; 0: it has not all come. */
static size_t char_length(struct sv s, uint32_t *ret, bool is_late)
{
	uint8_t b = (uint8_t)s.p[0];
	size_t want = b >= 0xf0 && b < 0xf5 ? 4 : b >= 0xe0 ? 3 : b >= 0xc2 ? 2 : 1;

	return s.len < want && b < 0xf5 && !is_late ? 0 : utf8_next(s, ret);
}

enum taken { MORE, PASSED, TOLD };

static void note_answer(struct live_input *in, const struct live_sequence *q)
{
	in->n_answers += q->is_answer;
	if (!q->has_background)
		return;
	memcpy(in->background, q->background, sizeof(in->background));
	in->has_background = true;
}

bool live_input_take_answers(struct live_input *in)
{
	struct live_sequence q;
	bool is_any = false;

	for (size_t i = 0; i < in->len; i++) {
		if (in->buf[i] != 0x1b ||
		    live_sequence_read(sv_from(waiting(in), i), &q) != LIVE_SEQUENCE_WHOLE ||
		    q.event.kind != LIVE_ANSWER)
			continue;
		note_answer(in, &q);
		is_any = true;
		in->len -= q.len;
		memmove(in->buf + i, in->buf + i + q.len, in->len - i);
		i--;
	}
	return is_any;
}

/* Behind an escape: a sequence, or a key with Alt. */
static enum taken take_escape(struct live_input *in, struct sv s, bool is_late, struct live_event *ret)
{
	struct live_sequence q;
	uint32_t c = 0;
	size_t n;

	switch (live_sequence_read(s, &q)) {
	case LIVE_SEQUENCE_PART:
		if (!is_late)
			return MORE;
		if (s.len > 2) { /* it began, and something was in the way of the rest */
			drop(in, s.len);
			return PASSED;
		}
		break;
	case LIVE_SEQUENCE_WHOLE:
		drop(in, q.len);
		if (q.is_paste) {
			begin_paste(in);
			return PASSED;
		}
		note_answer(in, &q);
		*ret = q.event;
		return q.event.kind == LIVE_NOTHING ? PASSED : TOLD;
	case LIVE_SEQUENCE_NONE: break;
	}
	if (s.len == 1) {
		drop(in, 1);
		return take_char(0x1b, ret) ? TOLD : PASSED;
	}
	n = char_length(sv_from(s, 1), &c, is_late);
	if (!n)
		return MORE;
	if (c == 0x1b) { /* the first was the key, or a prefix of what is not known */
		drop(in, 1);
		return take_char(c, ret) ? TOLD : PASSED;
	}
	drop(in, 1 + n);
	if (!take_char(c, ret))
		return PASSED;
	ret->mods |= LIVE_ALT;
	return TOLD;
}

static enum taken take_one(struct live_input *in, int64_t now_us, struct live_event *ret)
{
	struct sv s = waiting(in);
	bool is_late = now_us >= live_input_due(in), is_part;
	const struct live_key_bytes *key = find_key(in, s, &is_part);
	uint32_t c = 0;
	size_t n;

	if (is_part && !is_late)
		return MORE;
	if (key) {
		drop(in, key->bytes.len);
		*ret = (struct live_event){ .kind = LIVE_KEY, .key = key->key, .mods = key->mods };
		return TOLD;
	}
	if (s.p[0] == 0x1b)
		return take_escape(in, s, is_late || in->len == LIVE_INPUT_MAX, ret);
	n = char_length(s, &c, is_late);
	if (!n)
		return MORE;
	drop(in, n);
	return take_char(c, ret) ? TOLD : PASSED;
}

bool live_input_next(struct live_input *in, int64_t now_us, struct live_event *ret)
{
	enum taken taken = PASSED;

	while (taken == PASSED && (in->len || in->is_pasting)) {
		if (in->is_pasting)
			return next_pasted(in, now_us, ret);
		taken = take_one(in, now_us, ret);
	}
	return taken == TOLD;
}

int64_t live_input_due(const struct live_input *in)
{
	if (in->is_pasting)
		return in->since_us + PASTE_US;
	if (!in->len)
		return INT64_MAX;
	return in->since_us + (in->len > 2 ? CUT_US : ALONE_US);
}
