/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/tell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/out.h"
#include "base/utf8.h"
#include "cli/features.h"

/* There may be names in a note that others chose. */
static void put_note(const char *note, const char *prog, struct text *t)
{
	text_str(t, prog);
	text_str(t, ": ");
	utf8_put_safe(t, sv(note), "");
	text_char(t, '\n');
}

void tell_put_notes(struct notes *n, const char *prog, struct text *t)
{
	const char *note = NULL;
	enum note kind;

	while ((note = notes_next(n, note, &kind)))
		put_note(note, prog, t);
	n->told = n->text.len;
}

bool tell_notes(struct notes *n, const char *prog)
{
	const char *note = NULL;
	struct text line = {};
	enum note kind;

	while ((note = notes_next(n, note, &kind))) {
		if (!n->text.failed && (size_t)(note - n->text.p) < n->told)
			continue;
		if (kind == NOTE_HINT && !isatty(STDERR_FILENO))
			continue;
		line.len = 0;
		put_note(note, prog, &line);
		if (line.failed)
			(void)fprintf(stderr, "%s: out of memory\n", prog);
		else
			(void)fprintf(stderr, "%.*s", (int)line.len, line.p);
	}
	text_done(&line);
	n->told = n->text.len;
	return n->has_error;
}

int tell_status(const struct cli *c, int status)
{
	if (!request_is_new(&c->q))
		return status;
	return status == EXIT_USAGE ? EXIT_NEW_USAGE : status == EXIT_FAILED ? EXIT_NEW_FAILED : status;
}

int tell_failure(const struct cli *c, int status, const struct err *e)
{
	/* A text of several lines points at places in the first: it begins its own line. */
	(void)fprintf(stderr, "%s:%c%s\n", c->prog, strchr(e->text, '\n') ? '\n' : ' ', e->text);
	return tell_status(c, status);
}

int tell_usage(const struct cli *c, const struct err *e)
{
	(void)fprintf(stderr, "%s: %s\nTry '%s --help'.\n", c->prog, e->text, c->prog);
	return tell_status(c, EXIT_USAGE);
}

int tell_answer(const struct text *t)
{
	struct out out;
	int r = t->failed ? -ENOMEM : out_init(&out, STDOUT_FILENO);

	if (r < 0)
		return r;
	out_write(&out, t->p, t->len);
	return out_done(&out);
}

int tell_output(const struct cli *c, int r)
{
	struct err e;

	if (r == 0)
		return 0;
	if (r == -EPIPE)
		return tell_status(c, EXIT_FAILED);
	if (r == -ENOMEM)
		(void)err_say(&e, r, "out of memory");
	else
		(void)err_sys(&e, r, "cannot write to standard output");
	return tell_failure(c, EXIT_FAILED, &e);
}

int tell_text(const struct cli *c, struct text *t)
{
	int r = tell_answer(t);

	text_done(t);
	return tell_output(c, r);
}
