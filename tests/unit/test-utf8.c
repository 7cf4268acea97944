/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Texts that somebody else chose: what may reach a terminal, and how wide it is there. */

#include "base/utf8.h"
#include "check.h"

static void check_safe(const char *in, const char *escape, const char *want)
{
	struct text t = {};

	utf8_put_safe(&t, sv(in), escape);
	text_char(&t, '\0');
	CHECK_STR(t.p, want);
	if (!*escape) { /* the same where it lies, and what is in front is left alone */
		t.len = 0;
		text_str(&t, "\x1b");
		text_str(&t, in);
		utf8_make_safe_from(&t, 1);
		text_char(&t, '\0');
		CHECK(t.p[0] == 0x1b);
		CHECK_STR(t.p + 1, want);
	}
	text_done(&t);
}

/* No byte of the result is a control character, whatever went in. */
static void check_any(void)
{
	struct text t = {};

	for (unsigned int a = 0; a < 256; a++) {
		for (unsigned int b = 0; b < 256; b++) {
			const char in[] = { (char)a, (char)b, (char)0x9b };
			struct sv rest;
			uint32_t c;

			t.len = 0;
			utf8_put_safe(&t, sv_n(in, sizeof(in)), "\"\\");
			text_put(&t, in, sizeof(in));
			utf8_make_safe_from(&t, t.len - sizeof(in));
			rest = sv_n(t.p, t.len);
			while (rest.len) {
				rest = sv_from(rest, utf8_next(rest, &c));
				CHECK(c >= 0x20 && c != 0x7f && (c < 0x80 || c >= 0xa0) && c != UTF8_BAD);
			}
		}
	}
	text_done(&t);
}

int main(void)
{
	check_safe("nginx: worker (1)", "\"\\", "nginx: worker (1)");
	check_safe("a\"b\\c", "\"\\", "a\\\"b\\\\c");
	check_safe("a\"b\\c", "", "a\"b\\c");
	check_safe("caf\xc3\xa9", "", "caf\xc3\xa9");
	check_safe("\x1b[31mred\n\t\x7f", "", ".[31mred...");
	check_safe("\xc2\x9b"
		   "2J",
		   "", ".2J"); /* CSI as a C1 control */
	check_safe("\xe2\x80\xae"
		   "exe.txt",
		   "", ".exe.txt"); /* right-to-left override */
	/* all that change the direction: ALM, LRM, RLM, LRE to RLO, LRI to PDI */
	check_safe("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "", "...");
	check_safe("\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae", "", ".....");
	check_safe("\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9", "", "....");
	check_safe("\xd8\x9b\xe2\x80\x8d\xe2\x80\x90", "",
		   "\xd8\x9b\xe2\x80\x8d\xe2\x80\x90"); /* what lies beside them: joiners join */
	check_safe("\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80", "", "??????????"); /* never valid */
	check_safe("\xe2\x82", "", "??");                                         /* cut */
	CHECK(utf8_width(sv("abc")) == 3);
	CHECK(utf8_width(sv("caf\xc3\xa9")) == 4);
	CHECK(utf8_width(sv("e\xcc\x81")) == 1);
	CHECK(utf8_width(sv("\xe6\x97\xa5\xe6\x9c\xac")) == 4);
	CHECK(utf8_width(sv("\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d\xe0\xa4\xa6\xe0\xa5\x80")) ==
	      5);                                               /* hindi */
	CHECK(utf8_width(sv("\xd7\xa9\xd6\xbc\xd7\x81")) == 1); /* shin with dagesh and dot */
	CHECK(utf8_width(sv("\xed\x95\x9c")) == 2 &&
	      utf8_width(sv("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab")) == 2); /* han, also as its letters */
	CHECK(utf8_width(sv("\xff")) == 1);
	check_any();
	return 0;
}
