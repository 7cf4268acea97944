/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --merge: what hosts have answered, as one answer.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/merged.h"
#include "cli/modes.h"
#include "fleet/feed.h"

/* Returns 0 or a negative errno, but for a file that cannot be read, which is told. */
static int take_file(struct cli *c, struct merge *m, struct feed *f, const char *name, struct err *e)
{
	bool is_standard = !strcmp(name, "-"), is_end = false;
	int fd = is_standard ? STDIN_FILENO : file_open_at(AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r = fd < 0 ? -EIO : 0;

	if (fd < 0)
		(void)err_sys(e, fd, "cannot be opened");
	else
		merge_begin(m);
	while (r == 0 && !is_end)
		r = feed_some(f, m, fd, &is_end, e);
	if (!is_standard && fd >= 0)
		(void)close(fd);
	if (r != -EIO)
		return r;
	notes_add(&c->notes, NOTE_ERROR, "%s: %s", is_standard ? "standard input" : name, e->text);
	e->text[0] = '\0';
	return 0;
}

struct words {
	const struct sv *v;
	size_t n;
};

static int take_words(struct cli *c, struct merge *m, void *ctx, struct err *e)
{
	const struct words *words = ctx;
	struct feed f = {};
	int r = merged_expect(c, m, e);

	if (r == 0 && !words->n)
		r = take_file(c, m, &f, "-", e);
	for (size_t i = 0; i < words->n && r == 0; i++)
		r = take_file(c, m, &f, words->v[i].p, e);
	feed_done(&f);
	return r;
}

int mode_merge(struct cli *c, const struct sv *words, size_t n_words)
{
	struct words w = { words, n_words };

	return merged_tell(c, take_words, &w);
}
