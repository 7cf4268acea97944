/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/notes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* Instead of all of them, where memory was missing for one. */
static const char lost[] = "out of memory: what is to be known about the answer was lost";

void notes_add(struct notes *n, enum note kind, const char *fmt, ...)
{
	const char *old = NULL;
	enum note old_kind;
	char buf[1400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	n->has_error |= kind == NOTE_ERROR;
	while ((old = notes_next(n, old, &old_kind))) {
		if (strcmp(old, buf) != 0)
			continue;
		if (kind > old_kind)
			n->text.p[old - n->text.p - 1] = (char)kind;
		return;
	}
	text_char(&n->text, (char)kind);
	text_put(&n->text, buf, strlen(buf) + 1);
	n->has_error |= n->text.failed;
}

const char *notes_next(const struct notes *n, const char *at, enum note *kind)
{
	const char *next = at ? at + strlen(at) + 1 : n->text.p;

	if (n->text.failed) {
		*kind = NOTE_ERROR;
		return at ? NULL : lost;
	}
	if (!next || next >= n->text.p + n->text.len)
		return NULL;
	*kind = (enum note)next[0];
	return next + 1;
}

void notes_clear(struct notes *n)
{
	n->text.len = n->told = 0;
}

void notes_done(struct notes *n)
{
	text_done(&n->text);
	n->told = 0;
}

void notes_join(const struct notes *from, struct notes *to)
{
	const char *note = NULL;
	enum note kind;

	while ((note = notes_next(from, note, &kind)))
		notes_add(to, kind, "%s", note);
	to->has_error |= from->has_error;
	to->is_partial |= from->is_partial;
}

struct notes notes_of_end(const struct notes *n, int r)
{
	struct notes all = n ? *n : (struct notes){};

	all.has_error |= r < 0 && r != -ECANCELED;
	return all;
}
