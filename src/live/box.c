/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/box.h"

#include "base/utf8.h"

void box_set(struct box *b, const char *text)
{
	*b = (struct box){};
	box_add(b, sv(text));
}

void box_add(struct box *b, struct sv s)
{
	while (s.len) {
		uint32_t c;
		struct sv one = sv_first(s, utf8_next(s, &c));

		s = sv_from(s, one.len);
		if (c == UTF8_BAD || utf8_is_control(c))
			continue;
		if (b->len + one.len > BOX_MAX)
			return;
		memmove(b->text + b->at + one.len, b->text + b->at, b->len - b->at + 1);
		memcpy(b->text + b->at, one.p, one.len);
		b->len += one.len;
		b->at += one.len;
	}
}

/* Bytes of the character in front of the cursor. */
static size_t before(const struct box *b)
{
	size_t n = b->at > 0;

	while (n < b->at && ((unsigned char)b->text[b->at - n] & 0xc0) == 0x80)
		n++;
	return n;
}

static size_t behind(const struct box *b)
{
	uint32_t c;

	return b->at < b->len ? utf8_next(sv_n(b->text + b->at, b->len - b->at), &c) : 0;
}

static void remove_at(struct box *b, size_t at, size_t n)
{
	memmove(b->text + at, b->text + at + n, b->len - at - n + 1);
	b->len -= n;
	b->at = at;
}

static size_t word_before(const struct box *b)
{
	size_t at = b->at;

	while (at && b->text[at - 1] == ' ')
		at--;
	while (at && b->text[at - 1] != ' ')
		at--;
	return b->at - at;
}

/* With Ctrl, as in a shell. */
static bool control(struct box *b, uint32_t c)
{
	switch (c) {
	case 'a': b->at = 0; return true;
	case 'e': b->at = b->len; return true;
	case 'u': remove_at(b, 0, b->at); return true;
	case 'k':
		b->len = b->at;
		b->text[b->len] = '\0';
		return true;
	case 'w': remove_at(b, b->at - word_before(b), word_before(b)); return true;
	default: return false;
	}
}

static void add_char(struct box *b, uint32_t c)
{
	char s[4];
	size_t n = 0;

	if (c < 0x80) {
		s[n++] = (char)c;
	} else if (c < 0x800) {
		s[n++] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		s[n++] = (char)(0xe0 | c >> 12);
		s[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		s[n++] = (char)(0xf0 | (c >> 18 & 7));
		s[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		s[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		s[n++] = (char)(0x80 | (c & 0x3f));
	box_add(b, sv_n(s, n));
}

bool box_event(struct box *b, const struct live_event *ev)
{
	if (ev->kind == LIVE_PASTE) {
		box_add(b, ev->text);
		return true;
	}
	if (ev->kind != LIVE_KEY)
		return false;
	switch (ev->key) {
	case LIVE_KEY_CHAR:
		if (ev->mods & LIVE_CTRL)
			return control(b, ev->c);
		if (ev->mods & LIVE_ALT)
			return false;
		add_char(b, ev->c);
		return true;
	case LIVE_KEY_BACKSPACE: remove_at(b, b->at - before(b), before(b)); return true;
	case LIVE_KEY_DELETE: remove_at(b, b->at, behind(b)); return true;
	case LIVE_KEY_LEFT: b->at -= before(b); return true;
	case LIVE_KEY_RIGHT: b->at += behind(b); return true;
	case LIVE_KEY_HOME: b->at = 0; return true;
	case LIVE_KEY_END: b->at = b->len; return true;
	default: return false;
	}
}
