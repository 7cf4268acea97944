/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --merge: what hosts have answered, as one answer.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/modes.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "fleet/merge.h"
#include "fleet/partial.h"

enum { EXIT_FOUND = 1, BUFFER = 2 * PARTIAL_LINE_MAX };

/* All that comes from @fd. Returns 0, 1 when it could not be read to its end, with the error in @e, or a
 * negative errno. */
static int take_all(struct merge *m, int fd, char *buf, struct err *e)
{
	size_t n = 0;
	bool is_end = false;

	merge_begin(m);
	while (!is_end) {
		ssize_t got = file_read_some(fd, buf + n, BUFFER - n), taken;

		is_end = got <= 0;
		n += got > 0 ? (size_t)got : 0;
		taken = merge_bytes(m, sv_n(buf, n), is_end, e);
		if (taken < 0)
			return (int)taken;
		n -= (size_t)taken;
		memmove(buf, buf + taken, n);
		if (got < 0) {
			merge_end(m);
			(void)err_sys(e, (int)got, "cannot be read");
			return 1;
		}
	}
	merge_end(m);
	return 0;
}

static int take_file(struct cli *c, struct merge *m, const char *name, char *buf, struct err *e)
{
	bool is_standard = !strcmp(name, "-");
	int fd = is_standard ? STDIN_FILENO : file_open_at(AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r = fd;

	if (fd < 0) {
		(void)err_sys(e, fd, "cannot be opened");
		r = 1;
	} else {
		r = take_all(m, fd, buf, e);
	}
	if (!is_standard && fd >= 0)
		(void)close(fd);
	if (r > 0)
		notes_add(&c->notes, NOTE_ERROR, "%s: %s", is_standard ? "standard input" : name, e->text);
	return r < 0 ? r : 0;
}

static int take_words(struct cli *c, struct merge *m, const struct sv *words, size_t n_words, struct err *e)
{
	_cleanup_free_ char *buf = malloc(BUFFER);
	int r = buf ? 0 : -ENOMEM;

	if (r == 0 && !n_words)
		r = take_file(c, m, "-", buf, e);
	for (size_t i = 0; i < n_words && r == 0; i++)
		r = take_file(c, m, words[i].p, buf, e);
	return r;
}

static int answer(struct cli *c, const struct sv *words, size_t n_words, struct out *out, struct err *e)
{
	const struct tabulate_opts *t = &c->q.tabulate;
	struct merge_opts mo = { .by = t->by,
				 .having = t->having,
				 .sort = t->sort,
				 .limit = t->limit,
				 .has_limit = t->has_limit,
				 .is_for_people = !t->format || !strcmp(t->format, FORMAT_DEFAULT),
				 .notes = &c->notes };
	_cleanup_(tabular_freep) struct tabular *format = NULL;
	_cleanup_(merge_freep) struct merge *m = NULL;
	int r = output_open_format(c, false, out, &format), end = 0;

	mo.to = format;
	if (r >= 0)
		r = merge_new(&mo, &m);
	if (r >= 0)
		r = take_words(c, m, words, n_words, e);
	if (r >= 0)
		r = merge_answer(m, e);
	if (r >= 0)
		end = format->ops->end(format, &c->notes);
	if (r < 0 || end < 0)
		return r < 0 ? r : end;
	return merge_has_findings(m) ? EXIT_FOUND : 0;
}

int mode_merge(struct cli *c, const struct sv *words, size_t n_words)
{
	struct err e = {};
	struct out out;
	int r = out_init(&out, STDOUT_FILENO), end;

	if (r < 0)
		return tell_output(c, r);
	r = answer(c, words, n_words, &out, &e);
	end = out_done(&out);
	if (r == -EINVAL || r == -E2BIG)
		return tell_failure(c, EXIT_USAGE, &e);
	if (r < 0 && e.text[0])
		return tell_failure(c, EXIT_FAILED, &e);
	if (r < 0 || end < 0)
		return tell_output(c, r < 0 ? r : end);
	return r && !notes_is_whole(&c->notes) ? EXIT_NEW_INCOMPLETE : r;
}
