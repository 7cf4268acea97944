/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* What was formatted may have names in it that others chose. */
static void make_safe(struct err *e)
{
	e->text[utf8_make_safe(e->text, strlen(e->text))] = '\0';
}

/* Returns the length of the text. */
__attribute__((format(printf, 2, 0))) static size_t say(struct err *e, const char *fmt, va_list ap)
{
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	make_safe(e);
	return strlen(e->text);
}

int err_sys(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	if (!e)
		return r;
	va_start(ap, fmt);
	n = say(e, fmt, ap);
	va_end(ap);
	if (r < 0)
		(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(-r));
	make_safe(e);
	return r;
}

int err_say(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return r;
	va_start(ap, fmt);
	(void)say(e, fmt, ap);
	va_end(ap);
	return r;
}

int err_context(struct err *e, int r, const char *fmt, ...)
{
	char old[sizeof(e->text)];
	va_list ap;
	size_t n;

	if (!e)
		return r;
	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	n = say(e, fmt, ap);
	va_end(ap);
	(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s", old);
	return r;
}

int err_lines(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return r;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return r;
}
