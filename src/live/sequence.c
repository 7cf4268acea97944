/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/sequence.h"

#include "base/cleanup.h"
#include "base/utf8.h"

enum {
	NUMBERS_MAX = 8,
	NUMBER_MAX = 1 << 21, /* above each character, column and key */
	STRING_MAX = 256,     /* bytes of an answer that is read */
};

/* What stands between the introducer and the last byte of a control sequence. */
struct control {
	char mark; /* '<', '?' and the like in front; 0: none */
	unsigned int number[NUMBERS_MAX], n;
	char last;
};

static bool is_between(char c, char low, char high)
{
	return c >= low && c <= high;
}

static void read_numbers(struct control *c, struct sv s)
{
	if (s.len && is_between(s.p[0], '<', '?')) {
		c->mark = s.p[0];
		s = sv_from(s, 1);
	}
	c->n = s.len ? 1 : 0;
	for (; s.len; s = sv_from(s, 1)) {
		unsigned int *v = &c->number[c->n - 1];

		if (is_between(s.p[0], '0', '9'))
			*v = *v < NUMBER_MAX ? *v * 10 + (unsigned int)(s.p[0] - '0') : NUMBER_MAX;
		else if (c->n == NUMBERS_MAX)
			return;
		else
			c->n++;
	}
}

static unsigned int number(const struct control *c, unsigned int i)
{
	return i < c->n ? c->number[i] : 0;
}

/* As xterm counts: one more than bits of Shift, Alt and Ctrl, and others. */
static unsigned int mods_of(unsigned int n)
{
	return n && n <= 256 ? (n - 1) & (LIVE_SHIFT | LIVE_ALT | LIVE_CTRL) : 0;
}

static const struct {
	char last;
	enum live_key key;
} letters[] = {
	{ 'A', LIVE_KEY_UP },     { 'B', LIVE_KEY_DOWN },   { 'C', LIVE_KEY_RIGHT },
	{ 'D', LIVE_KEY_LEFT },   { 'F', LIVE_KEY_END },    { 'H', LIVE_KEY_HOME },
	{ 'M', LIVE_KEY_ENTER },  { 'P', LIVE_KEY_F0 + 1 }, { 'Q', LIVE_KEY_F0 + 2 },
	{ 'R', LIVE_KEY_F0 + 3 }, { 'S', LIVE_KEY_F0 + 4 }, { 'Z', LIVE_KEY_TAB },
};

static const struct {
	unsigned int number;
	enum live_key key;
} numbers[] = {
	{ 1, LIVE_KEY_HOME },     { 2, LIVE_KEY_INSERT },   { 3, LIVE_KEY_DELETE },
	{ 4, LIVE_KEY_END },      { 5, LIVE_KEY_PAGE_UP },  { 6, LIVE_KEY_PAGE_DOWN },
	{ 7, LIVE_KEY_HOME },     { 8, LIVE_KEY_END },      { 11, LIVE_KEY_F0 + 1 },
	{ 12, LIVE_KEY_F0 + 2 },  { 13, LIVE_KEY_F0 + 3 },  { 14, LIVE_KEY_F0 + 4 },
	{ 15, LIVE_KEY_F0 + 5 },  { 17, LIVE_KEY_F0 + 6 },  { 18, LIVE_KEY_F0 + 7 },
	{ 19, LIVE_KEY_F0 + 8 },  { 20, LIVE_KEY_F0 + 9 },  { 21, LIVE_KEY_F0 + 10 },
	{ 23, LIVE_KEY_F0 + 11 }, { 24, LIVE_KEY_F0 + 12 },
};

static void set_key(struct live_event *ev, enum live_key key, unsigned int mods)
{
	*ev = (struct live_event){ .kind = LIVE_KEY, .key = key, .mods = mods };
}

/* A character by its number, with what was held. */
static void set_char(struct live_event *ev, unsigned int c, unsigned int mods)
{
	static const struct {
		unsigned int c;
		enum live_key key;
	} keys[] = { { 9, LIVE_KEY_TAB },
		     { 13, LIVE_KEY_ENTER },
		     { 27, LIVE_KEY_ESCAPE },
		     { 8, LIVE_KEY_BACKSPACE },
		     { 127, LIVE_KEY_BACKSPACE } };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].c == c) {
			set_key(ev, keys[i].key, mods);
			return;
		}
	if (utf8_is_control(c) || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return;
	if (mods & LIVE_SHIFT && c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	*ev = (struct live_event){ .kind = LIVE_KEY, .c = c, .mods = mods & ~(unsigned int)LIVE_SHIFT };
}

/* Each is two bits of the button, those of what was held, 32 for a movement, 64 for the wheel. */
static void set_mouse(struct live_event *ev, unsigned int code, unsigned int x, unsigned int y)
{
	static const enum live_button buttons[] = { LIVE_LEFT, LIVE_MIDDLE, LIVE_RIGHT };
	unsigned int which = code & 3, mods = code >> 2 & 7;
	bool is_wheel = code & 64;

	if (code & 32 || code >= 128 || !x || !y || which > (is_wheel ? 1 : 2))
		return;
	*ev = (struct live_event){
		.kind = LIVE_MOUSE,
		.button = is_wheel ? (which ? LIVE_WHEEL_DOWN : LIVE_WHEEL_UP) : buttons[which],
		.mods = (mods & 1 ? LIVE_SHIFT : 0) | (mods & 2 ? LIVE_ALT : 0) | (mods & 4 ? LIVE_CTRL : 0),
		.x = x - 1,
		.y = y - 1
	};
}

/* A key by number: "\033[5~", with what was held: "\033[5;2~". */
static void set_numbered(struct live_sequence *q, const struct control *c)
{
	unsigned int which = number(c, 0);

	if (which == 200) {
		q->is_paste = true;
		return;
	}
	if (which == 27) { /* xterm's other keys */
		set_char(&q->event, number(c, 2), mods_of(number(c, 1)));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].number == which)
			set_key(&q->event, numbers[i].key, mods_of(number(c, 1)));
}

static void understand(struct live_sequence *q, const struct control *c)
{
	if (c->mark == '<') {
		if (c->last == 'M')
			set_mouse(&q->event, number(c, 0), number(c, 1), number(c, 2));
		return;
	}
	if (c->mark)
		return;
	if (c->last == '~') {
		set_numbered(q, c);
	} else if (c->last == 'u') {
		set_char(&q->event, number(c, 0), mods_of(number(c, 1)));
	} else if (c->last == 'n') {
		q->is_answer = c->n == 1 && (number(c, 0) == 0 || number(c, 0) == 3);
		if (q->is_answer)
			q->event.kind = LIVE_ANSWER;
	} else if (number(c, 0) < 2) { /* not a place of the cursor */
		for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
			if (letters[i].last == c->last)
				set_key(&q->event, letters[i].key,
					mods_of(number(c, 1)) | (c->last == 'Z' ? LIVE_SHIFT : 0));
	}
}

static enum live_sequence_is read_control(struct sv s, struct live_sequence *q)
{
	struct control c = {};
	size_t n = 2, first_between;

	if (s.len > 2 && s.p[2] == '[') { /* a console's function keys */
		if (s.len == 3)
			return LIVE_SEQUENCE_PART;
		q->len = 4;
		if (is_between(s.p[3], 'A', 'E'))
			set_key(&q->event, LIVE_KEY_F0 + 1 + (unsigned int)(s.p[3] - 'A'), 0);
		return LIVE_SEQUENCE_WHOLE;
	}
	if (s.len > 2 && s.p[2] == 'M') { /* the mouse, before there were numbers: three bytes above 32 */
		if (s.len < 6)
			return LIVE_SEQUENCE_PART;
		q->len = 6;
		set_mouse(&q->event, (uint8_t)s.p[3] - 32u, (uint8_t)s.p[4] - 32u, (uint8_t)s.p[5] - 32u);
		return LIVE_SEQUENCE_WHOLE;
	}
	while (n < s.len && is_between(s.p[n], 0x30, 0x3f))
		n++;
	first_between = n;
	while (n < s.len && is_between(s.p[n], 0x20, 0x2f))
		n++;
	if (n == s.len)
		return LIVE_SEQUENCE_PART;
	if (!is_between(s.p[n], 0x40, 0x7e)) { /* something else is in the way: it goes on from there */
		q->len = n;
		return LIVE_SEQUENCE_WHOLE;
	}
	q->len = n + 1;
	c.last = s.p[n];
	read_numbers(&c, sv_n(s.p + 2, first_between - 2));
	if (n == first_between)
		understand(q, &c);
	return LIVE_SEQUENCE_WHOLE;
}

static int hex_digit(char c)
{
	return is_between(c, '0', '9')   ? c - '0'
	       : is_between(c, 'a', 'f') ? c - 'a' + 10
	       : is_between(c, 'A', 'F') ? c - 'A' + 10
					 : -1;
}

/* One of the colours of "rgb:ffff/ffff/ffff", one to four digits each, as sixteen bits. */
static bool read_part(struct sv part, uint16_t *ret)
{
	uint32_t v = 0, full = 0;

	if (!part.len || part.len > 4)
		return false;
	for (; part.len; part = sv_from(part, 1)) {
		int digit = hex_digit(part.p[0]);

		if (digit < 0)
			return false;
		v = v << 4 | (unsigned int)digit;
		full = full << 4 | 15;
	}
	*ret = (uint16_t)(v * 0xffff / full);
	return true;
}

static void read_string(struct live_sequence *q, struct sv s)
{
	uint16_t rgb[3];
	struct sv rest;

	if (s.len > STRING_MAX || s.len < 8 || memcmp(s.p, "11;rgb", 6) != 0)
		return;
	rest = sv_from(s, (size_t)sv_find(s, ':') + 1);
	for (size_t i = 0; i < ARRAY_SIZE(rgb); i++)
		if (!read_part(sv_take(&rest, '/'), &rgb[i]))
			return;
	memcpy(q->background, rgb, sizeof(rgb));
	q->has_background = true;
	q->event.kind = LIVE_ANSWER;
}

/* A string that only a terminal sends: up to BEL, or to an escape, with its backslash. */
static enum live_sequence_is read_long(struct sv s, struct live_sequence *q)
{
	size_t n = 2;

	while (n < s.len && s.p[n] != '\a' && s.p[n] != '\033')
		n++;
	if (n == s.len || (s.p[n] == '\033' && n + 1 == s.len))
		return LIVE_SEQUENCE_PART;
	q->len = s.p[n] == '\a' ? n + 1 : s.p[n + 1] == '\\' ? n + 2 : n;
	if (s.p[1] == ']')
		read_string(q, sv_n(s.p + 2, n - 2));
	return LIVE_SEQUENCE_WHOLE;
}

/* A key of the keypad, or an arrow in its other form; a number in front has what was held. */
static enum live_sequence_is read_single(struct sv s, struct live_sequence *q)
{
	struct control c = {};
	size_t n = 2;

	while (n < s.len && is_between(s.p[n], '0', '9'))
		n++;
	if (n == s.len)
		return LIVE_SEQUENCE_PART;
	q->len = n + 1;
	c.last = s.p[n];
	c.n = 2;
	for (size_t i = 2; i < n; i++)
		c.number[1] = c.number[1] < NUMBER_MAX ? c.number[1] * 10 + (unsigned int)(s.p[i] - '0') : 0;
	if (is_between(c.last, 'j', 'y')) /* digits and signs, as they stand on the keypad */
		set_char(&q->event, (unsigned int)("*+,-./0123456789"[c.last - 'j']), 0);
	else if (c.last != '~' && c.last != 'u' && c.last != 'n')
		understand(q, &c);
	return LIVE_SEQUENCE_WHOLE;
}

enum live_sequence_is live_sequence_read(struct sv s, struct live_sequence *ret)
{
	*ret = (struct live_sequence){};
	if (s.len == 1)
		return LIVE_SEQUENCE_PART;
	switch (s.p[1]) {
	case '[': return s.len == 2 ? LIVE_SEQUENCE_PART : read_control(s, ret);
	case 'O': return s.len == 2 ? LIVE_SEQUENCE_PART : read_single(s, ret);
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_': return read_long(s, ret);
	default: return LIVE_SEQUENCE_NONE;
	}
}
