/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/every.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/environ.h"
#include "cli/features.h"
#include "cli/interrupt.h"
#include "cli/past.h"
#include "cli/screen.h"
#include "cli/tell.h"

enum { NOTES_MAX = 64 * 1024 }; /* bytes of notes that are kept for the end of an answer without end */

struct every {
	struct cli *c;
	const struct every_ops *ops;
	void *ctx;
	enum every_form form;
	struct out out; /* of an answer of its own */
	off_t start;    /* of it in the file */
	uint64_t n;     /* samples so far */
};

/* A file that may be written over from its start. */
static bool is_file(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flags >= 0 && !(flags & O_APPEND);
}

enum every_form every_form(const struct cli *c)
{
	if (c->past)
		return EVERY_STREAM;
	if (isatty(STDOUT_FILENO) && environ_has_screen())
		return EVERY_SCREEN;
	return c->q.said[FEATURE_AT_END].def && is_file(STDOUT_FILENO) ? EVERY_FILE : EVERY_STREAM;
}

/* From @start on the file becomes @s, and is never empty meanwhile. */
static int replace_file(off_t start, struct sv s)
{
	struct out out;
	int r;

	if (lseek(STDOUT_FILENO, start, SEEK_SET) < 0)
		return -errno;
	r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return r;
	out_write(&out, s.p, s.len);
	r = out_done(&out);
	if (r < 0)
		return r;
	return ftruncate(STDOUT_FILENO, start + (off_t)s.len) < 0 ? -errno : 0;
}

/* What is to be known about an answer stands below it. */
static void put_notes(struct every *w)
{
	struct text t = {};

	tell_put_notes(&w->c->notes, w->c->prog, &t);
	out_write(&w->out, t.p, t.len);
	if (t.failed)
		w->out.error = -ENOMEM;
	text_done(&t);
}

static int one_answer(struct every *w, struct err *e)
{
	int r;

	out_clear(&w->out);
	notes_clear(&w->c->notes);
	r = w->ops->answer(w->ctx, &w->out, e);
	if (r < 0)
		return r;
	if (w->form == EVERY_FILE) {
		(void)tell_notes(&w->c->notes, w->c->prog);
		return w->out.error ? w->out.error : replace_file(w->start, sv_n(w->out.buf, w->out.len));
	}
	put_notes(w);
	return w->out.error ? w->out.error : screen_show(sv_n(w->out.buf, w->out.len));
}

static int one_sample(struct every *w, struct err *e)
{
	int r;

	if (w->form != EVERY_STREAM)
		return one_answer(w, e);
	r = w->ops->sample(w->ctx, e);
	(void)tell_notes(&w->c->notes, w->c->prog);
	if (w->c->notes.text.len > NOTES_MAX)
		notes_clear(&w->c->notes);
	return r;
}

/* Waits for the first moment of the clock's that is still to come. */
static int wait_for_next(struct every *w, int64_t start)
{
	int64_t step = (int64_t)w->c->q.every_us, now = clock_monotonic_us(), next = start;
	int r;

	next += (now - start + step) / step * step;
	if (next < start + (int64_t)w->n * step)
		next += step; /* not twice in the same */
	do {
		r = interrupt_wait(next, STDOUT_FILENO, -1);
		if (r == -EAGAIN && w->form == EVERY_SCREEN && screen_again() < 0)
			return -EPIPE;
	} while (r == -EAGAIN);
	return r;
}

static int repeat(struct every *w, struct err *e)
{
	const struct request *q = &w->c->q;
	int64_t start = clock_monotonic_us();
	int r;

	for (;;) {
		int64_t at = clock_monotonic_us();

		r = one_sample(w, e);
		w->n++;
		if (r < 0 || (q->count && w->n == q->count))
			return r;
		if (w->c->past) {
			r = past_next(w->c, e);
			if (r <= 0)
				return r;
			continue;
		}
		if (clock_monotonic_us() - at > (int64_t)q->every_us)
			notes_add(&w->c->notes, NOTE_WARNING,
				  "listing takes longer than --every says: samples are left out");
		r = wait_for_next(w, start);
		if (r < 0)
			return r == -EINTR || r == -EPIPE ? 0 : r;
	}
}

int every_check(const struct cli *c, enum every_form form, struct err *e)
{
	if (form != EVERY_STREAM || !request_has(&c->q, FEATURE_AT_END) ||
	    request_has(&c->q, FEATURE_OF_TIME))
		return 0;
	if (c->past)
		return err_say(
			e, -EINVAL,
			"--format=%s is a page that ends once, and there are many times: say which one with "
			"--at, or --format=ndjson",
			c->q.tabulate.format);
	return err_say(
		e, -EINVAL,
		"--format=%s is a page that ends once, and --every gives many: write to a file, which each "
		"sample replaces, or say --format=ndjson",
		c->q.tabulate.format);
}

int every_run(struct cli *c, enum every_form form, const struct every_ops *ops, void *ctx, struct err *e)
{
	struct every w = { .c = c, .ops = ops, .ctx = ctx, .form = form };
	int r, end = 0;

	r = out_init_memory(&w.out);
	if (r < 0)
		return r;
	w.start = form == EVERY_FILE ? lseek(STDOUT_FILENO, 0, SEEK_CUR) : 0;
	interrupt_catch();
	if (form == EVERY_SCREEN)
		screen_begin();
	r = repeat(&w, e);
	if (form == EVERY_SCREEN)
		end = screen_end();
	(void)out_done(&w.out);
	return r < 0 ? r : end;
}
