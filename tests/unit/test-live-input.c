/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What terminals send, whole, cut anywhere, and what nobody would send. */
#include "base/cleanup.h"
#include "base/utf8.h"
#include "check.h"
#include "live/input.h"
#include "random.h"

enum { SECOND = 1000000 };

/* An event as a word. */
static void put_event(struct text *t, const struct live_event *ev)
{
	static const char *const keys[] = { "",       "enter",  "tab", "escape", "backspace",
					    "delete", "insert", "up",  "down",   "left",
					    "right",  "home",   "end", "pageup", "pagedown" };
	static const char *const buttons[] = { "left", "middle", "right", "wheelup", "wheeldown" };

	text_str(t, t->len ? " " : "");
	text_str(t, ev->mods & LIVE_CTRL ? "C-" : "");
	text_str(t, ev->mods & LIVE_ALT ? "A-" : "");
	text_str(t, ev->mods & LIVE_SHIFT ? "S-" : "");
	if (ev->kind == LIVE_PASTE)
		text_printf(t, "paste(%.*s)%s", SV_ARG(ev->text), ev->is_cut ? "cut" : "");
	else if (ev->kind == LIVE_MOUSE)
		text_printf(t, "%s@%u,%u", buttons[ev->button], ev->x, ev->y);
	else if (ev->kind == LIVE_ANSWER)
		text_str(t, "answer");
	else if (ev->key >= LIVE_KEY_F0)
		text_printf(t, "F%d", ev->key - LIVE_KEY_F0);
	else if (ev->key)
		text_str(t, keys[ev->key]);
	else if (ev->c < 0x7f)
		text_char(t, (char)ev->c);
	else
		text_printf(t, "U+%04X", ev->c);
}

static void take_all(struct live_input *in, int64_t now, struct text *t)
{
	struct live_event ev;

	while (live_input_next(in, now, &ev))
		put_event(t, &ev);
}

/* What @bytes are, however they are cut in two, with and without what the terminal's own keys are. */
static void check(struct sv bytes, const char *want, const struct live_key_bytes *keys, size_t n_keys)
{
	for (size_t cut = 0; cut <= bytes.len; cut++) {
		struct live_input in = { .keys = keys, .n_keys = n_keys };
		struct text t = {};
		int64_t now = SECOND;

		CHECK(live_input_add(&in, sv_first(bytes, cut), now) == cut);
		take_all(&in, now, &t);
		CHECK(live_input_add(&in, sv_from(bytes, cut), now) == bytes.len - cut);
		take_all(&in, now, &t);
		now = live_input_due(&in);
		if (now != INT64_MAX) {
			CHECK(now > SECOND && now <= 3 * SECOND);
			take_all(&in, now, &t);
		}
		CHECK(live_input_due(&in) == INT64_MAX && in.len == 0);
		text_char(&t, '\0');
		CHECK_STR(t.p, want);
		text_done(&t);
		live_input_done(&in);
	}
}

#define IS(bytes, want) check(sv_n(bytes, sizeof(bytes) - 1), want, NULL, 0)

static void test_keys(void)
{
	static const struct live_key_bytes own[] = { { { "\033[8~", 4 }, LIVE_KEY_DELETE, 0 },
						     { { "\033[8~~", 5 }, LIVE_KEY_INSERT, LIVE_CTRL },
						     { { "\b", 1 }, LIVE_KEY_UP, 0 } };

	IS("q", "q");
	IS("aZ/ ", "a Z /  ");
	IS("\r\n\t\x7f\b", "enter enter tab backspace backspace");
	IS("\x12\x01\x1d", "C-r C-a C-]");
	IS("\033", "escape");
	IS("\033x\033\r", "A-x A-enter");
	IS("\033[A\033[B\033OC\033OD\033[H\033OF", "up down right left home end");
	IS("\033[1;5C\033[1;2A\033[1;3B", "C-right S-up A-down");
	IS("\033[Z", "S-tab");
	IS("\033[5~\033[6;5~\033[3~\033[2~", "pageup C-pagedown delete insert");
	IS("\033OP\033[15~\033[24~\033[[C\033[1;2R", "F1 F5 F12 F3 S-F3");
	IS("\033[97;5u\033[27;6;65~\033[13u", "C-a C-A enter");
	IS("\033Ow\033OM", "7 enter");
	IS("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "U+00E4 U+20AC U+1F600");
	check(sv("\033[8~"), "delete", own, ARRAY_SIZE(own));
	check(sv("\033[8~~\b"), "C-insert up", own, ARRAY_SIZE(own));
	check(sv("\033[8~a\b"), "delete a up", own, ARRAY_SIZE(own));
}

static void test_mouse(void)
{
	IS("\033[<0;1;1M", "left@0,0");
	IS("\033[<0;1;1m", "");
	IS("\033[<64;200;50M\033[<65;3;4M\033[<2;7;8M", "wheelup@199,49 wheeldown@2,3 right@6,7");
	IS("\033[<20;3;3M", "C-S-left@2,2");
	IS("\033[<35;3;3M\033[<32;3;3M\033[<66;1;1M\033[<0;0;1M\033[<3;1;1M\033[<128;1;1M", "");
	IS("\033[M !!", "left@0,0");
}

static void test_paste(void)
{
	IS("\033[200~tcp.rtt > 1\033[201~q", "paste(tcp.rtt > 1) q");
	IS("\033[200~\033[201~", "paste()");
	IS("\033[200~a\r\n\tb\nc\033[201~", "paste(a b c)");
	IS("\033[200~a\033[31m\x07\x9b\x00"
	   "b\xff\xc2\x85\033[201~",
	   "paste(a[31mb)");
	IS("\033[200~\xc3\xa4\xe2\x80\xae\xe2\x82\xac\033[201~", "paste(\xc3\xa4\xe2\x82\xac)");
	IS("\033[200~no end", "paste(no end)");
	IS("\033[201~", "");
}

static void test_passed_over(void)
{
	IS("\033[?62;1c\033[12;40R\033[I\033[O", "");
	IS("\033P1$r0m\033\\\033_x\007\033]0;title\007a", "a");
	IS("\033]52;c;eA==\033\\", "");
	IS("\033[999999999999999;1~\033[1;99999999999A", "up");
	IS("\x80\xff\xc2\x85\xe2\x80\xae", "");
	IS("\033[1 q\033[\033[A", "up");
	IS("\033]0;cut", "");
	IS("\033[12;", "");
	IS("\033\033[A", "escape up");
}

static void test_answers(void)
{
	struct live_input in = {};
	struct text t = {};

	IS("\033[0n", "answer");
	IS("\033[3n\033]11;rgb:ffff/ffff/ffff\007", "answer answer");
	IS("\033]11;rgb:ffff/ffff\007\033]11;rgb:x/1/2\007\033]10;rgb:0/0/0\007\033[6n", "");
	(void)live_input_add(&in, sv("q\033]11;rgb:80/0/f\033\\j\033[0nk"), 1);
	CHECK(live_input_take_answers(&in) && in.n_answers == 1 && in.has_background);
	CHECK(in.background[0] == 0x8080 && in.background[1] == 0 && in.background[2] == 0xffff);
	CHECK(!live_input_take_answers(&in));
	take_all(&in, 1, &t);
	text_char(&t, '\0');
	CHECK_STR(t.p, "q j k");
	text_done(&t);
	live_input_done(&in);
}

/* More than is kept: told, and no more memory than that. */
static void test_bounds(void)
{
	static char much[LIVE_INPUT_MAX + 100];
	struct live_input in = {};
	struct live_event ev = {};
	size_t events = 0;

	memset(much, 'x', sizeof(much));
	(void)live_input_add(&in, sv("\033[200~"), 1);
	CHECK(!live_input_next(&in, 1, &ev));
	for (size_t n = 0; n < 2 * LIVE_PASTE_MAX; n += LIVE_INPUT_MAX) {
		CHECK(live_input_add(&in, sv_n(much, sizeof(much)), 1) == LIVE_INPUT_MAX - in.len ||
		      in.len == LIVE_INPUT_MAX);
		CHECK(!live_input_next(&in, 1, &ev));
	}
	(void)live_input_add(&in, sv("\033[201~"), 1);
	CHECK(live_input_next(&in, 1, &ev) && ev.kind == LIVE_PASTE && ev.is_cut &&
	      ev.text.len == LIVE_PASTE_MAX);
	CHECK(in.paste.cap <= 4 * LIVE_PASTE_MAX);
	memcpy(much, "\033]11;", 5); /* an answer without end */
	CHECK(live_input_add(&in, sv_n(much, sizeof(much)), 1) == LIVE_INPUT_MAX);
	while (live_input_next(&in, 1, &ev))
		events++;
	CHECK(in.len < LIVE_INPUT_MAX && events == 0);
	live_input_done(&in);
}

/* Any bytes: nothing is read outside, no event has a control character, and all come to an end. */
static void test_random(void)
{
	static const char *const parts[] = { "\033", "[",    "200~", "201~", "\033[", "O",    "]11;rgb:",
					     "<",    ";",    "M",    "1",    "\xe2",  "\x82", "\xff",
					     "A",    "\007", "\\",   "n",    "\r",    "P" };
	struct live_input in = {};
	struct live_event ev;
	int64_t now = 1;

	for (int i = 0; i < 200000; i++) {
		char byte = (char)pick(256);
		struct sv s = pick(4) ? sv(parts[pick(ARRAY_SIZE(parts))]) : sv_n(&byte, 1);

		(void)live_input_add(&in, s, now);
		if (pick(3))
			continue;
		now += pick(100000);
		while (live_input_next(&in, now, &ev)) {
			CHECK(ev.kind == LIVE_KEY || ev.kind == LIVE_PASTE || ev.kind == LIVE_MOUSE ||
			      ev.kind == LIVE_ANSWER);
			CHECK(ev.kind != LIVE_KEY || ev.key || !utf8_is_control(ev.c));
			for (struct sv rest = ev.text; rest.len;) {
				uint32_t c;

				rest = sv_from(rest, utf8_next(rest, &c));
				CHECK(c != UTF8_BAD && !utf8_is_control(c));
			}
		}
	}
	live_input_done(&in);
}

int main(void)
{
	test_keys();
	test_mouse();
	test_paste();
	test_passed_over();
	test_answers();
	test_bounds();
	test_random();
	return 0;
}
