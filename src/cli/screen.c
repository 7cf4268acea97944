/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/screen.h"

#include <errno.h>
#include <unistd.h>

#include "base/environ.h"
#include "base/terminal.h"
#include "base/utf8.h"
#include "cli/interrupt.h"
#include "cli/tell.h"

/* ECMA-48, and DEC's private modes as xterm has them: 1049 second screen, 25 cursor, 2026 drawn at once. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define DRAW "\033[?2026h\033[H"
#define DRAWN "\033[0m\033[J\033[?2026l"
#define END_LINE "\033[0m\033[K"

static struct text last;

void screen_begin(void)
{
	const struct terminal_opts o = {
		.in = STDIN_FILENO, .out = STDOUT_FILENO, .enter = sv(ENTER), .leave = sv(LEAVE)
	};

	interrupt_last = terminal_give_back;
	terminal_take(&o);
}

/* The escape sequence that sets colours at the start of @s; 0: there is none. */
static size_t colour_len(struct sv s)
{
	size_t i = 2;

	if (s.len < 3 || s.p[0] != '\033' || s.p[1] != '[')
		return 0;
	while (i < s.len && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == ';'))
		i++;
	return i < s.len && s.p[i] == 'm' ? i + 1 : 0;
}

/* As much of @line as fits @width cells. */
static void put_clipped(struct text *t, struct sv line, size_t width)
{
	size_t used = 0;

	while (line.len) {
		size_t n = colour_len(line);
		size_t w = 0;
		uint32_t c;

		if (!n) {
			n = utf8_next(line, &c);
			w = c == '\t' ? 8 - used % 8 : utf8_width(sv_first(line, n));
		}
		if (used + w > width)
			return;
		used += w;
		text_sv(t, sv_first(line, n));
		line = sv_from(line, n);
	}
}

static struct sv take_line(struct sv *rest)
{
	ptrdiff_t end = sv_find(*rest, '\n');
	struct sv line = sv_first(*rest, end < 0 ? rest->len : (size_t)end);

	*rest = sv_from(*rest, line.len + (end >= 0));
	return line;
}

int screen_again(void)
{
	struct sv rest = sv_n(last.p, last.len);
	bool is_terminal;
	unsigned int width = environ_screen(&is_terminal), lines = environ_lines();
	struct text t = {};
	int r;

	text_str(&t, DRAW);
	for (unsigned int i = 0; rest.len && i < (lines ? lines : 24); i++) {
		text_str(&t, i ? "\r\n" : "");
		put_clipped(&t, take_line(&rest), width ? width : 80);
		text_str(&t, END_LINE);
	}
	text_str(&t, DRAWN);
	r = tell_answer(&t);
	text_done(&t);
	return r;
}

int screen_show(struct sv frame)
{
	last.len = 0;
	text_sv(&last, frame);
	return last.failed ? -ENOMEM : screen_again();
}

int screen_end(void)
{
	int r;

	interrupt_last = NULL;
	terminal_give_back();
	r = tell_answer(&last);
	text_done(&last);
	return r;
}
