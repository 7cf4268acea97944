/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/environ.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"

enum { PAGE_DEFAULT = 80, PAGE_MAX = 100 };

unsigned int environ_screen(bool *ret_is_terminal)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	struct sv digits;
	uint64_t width;
	size_t n = 0;

	*ret_is_terminal = isatty(STDOUT_FILENO);
	if (*ret_is_terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	digits = sv(columns ? columns : "");
	while (n < digits.len && digits.p[n] >= '0' && digits.p[n] <= '9')
		n++;
	return num_read(sv_first(digits, n), 10, 1 << 20, &width) ? (unsigned int)width : 0;
}

unsigned int environ_lines(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_row;
}

const char *environ_terminal(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0 && strcmp(term, "unknown") != 0 ? term : NULL;
}

bool environ_has_screen(void)
{
	return environ_terminal() != NULL;
}

bool environ_has_true_color(void)
{
	const char *color = getenv("COLORTERM");

	return color && (!strcmp(color, "truecolor") || !strcmp(color, "24bit"));
}

/* "15;0", or "15;default;0" */
int environ_background(void)
{
	const char *colors = getenv("COLORFGBG"), *last = colors ? strrchr(colors, ';') : NULL;
	uint64_t n;

	return last && num_read(sv(last + 1), 10, 255, &n) ? (int)n : -1;
}

/* The C library's rule: the first of these that says anything. */
bool environ_is_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(variables) && !(locale && *locale); i++)
		locale = getenv(variables[i]);
	return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

/* The console of Linux itself has a font of 512 characters. */
bool environ_has_braille(void)
{
	const char *term = getenv("TERM");

	return environ_is_utf8() && !(term && !strcmp(term, "linux"));
}

/* https://no-color.org: any text but an empty one says no. */
bool environ_wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && !(term && !strcmp(term, "dumb"));
}

static uint64_t read_number(const char *name, uint64_t max)
{
	const char *s = getenv(name);
	uint64_t v;

	return s && num_read(sv(s), 10, max, &v) ? v : 0;
}

int environ_sockets(void)
{
	if (read_number("LISTEN_PID", INT32_MAX) != (uint64_t)getpid())
		return 0;
	return (int)read_number("LISTEN_FDS", INT16_MAX);
}

bool environ_is_posix(void)
{
	return getenv("POSIXLY_CORRECT") != NULL;
}

unsigned int environ_page(void)
{
	bool is_terminal;
	unsigned int screen = environ_screen(&is_terminal);

	return !screen || screen > PAGE_MAX ? PAGE_DEFAULT : screen;
}
