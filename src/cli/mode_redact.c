/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --from --record --redact: samples of a recording for another one, without what is nobody else's business.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/interrupt.h"
#include "cli/modes.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "history/redact.h"

/* Takes the samples that are asked for. Sets *ret_n to how many there were. */
static int copy_samples(struct cli *c, struct store_writer *to, uint64_t *ret_n, struct err *e)
{
	_cleanup_(redact_freep) struct redact *redact = NULL;
	int r = redact_new(&redact, e);

	*ret_n = 0;
	while (r >= 0 && !interrupt_came) {
		const struct store_time at = { .wall_us = host_now_us(c->host),
					       .monotonic_us = host_monotonic_us(c->host) };

		r = redact_sample(redact, &at, past_reader(c->past), to, e);
		if (r < 0)
			break;
		++*ret_n;
		if (c->q.at || *ret_n == c->q.count)
			break;
		do {
			r = past_next(c, e);
			if (r == -EBADMSG) /* the samples behind it may be whole */
				notes_add(&c->notes, NOTE_ERROR, "a sample is left out: %s", e->text);
		} while (r == -EBADMSG);
		if (!r)
			break;
	}
	return r;
}

/* Samples of two keys in one file would have two names for each. */
static int check_new(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "%s", path);
	if (!st.st_size)
		return 0;
	return err_say(e, -EEXIST,
		       "%s is there already: names are replaced by others in each run, so that each needs "
		       "a file of its own",
		       path);
}

static int copy(struct cli *c, struct err *e)
{
	const char *path = c->q.capture_file;
	const struct store_opts so = { .sync_us = UINT64_MAX, .notes = &c->notes };
	struct store_writer *writer;
	struct err of_end;
	uint64_t n;
	int r = check_new(path, e), end;

	if (r >= 0)
		r = store_write(path, &so, &writer, e);
	if (r < 0)
		return r;
	interrupt_catch();
	r = copy_samples(c, writer, &n, e);
	end = store_close(writer, r < 0 ? &of_end : e);
	if (r >= 0 && interrupt_came)
		return err_say(e, -EINTR, "%s has the first %llu samples only", path, (unsigned long long)n);
	return r < 0 ? r : end;
}

int mode_redact(struct cli *c, const struct sv *, size_t n_words)
{
	struct err e = {};

	if (n_words) {
		(void)err_say(&e, 0, "--redact copies samples as they are: leave the filter out");
		return tell_usage(c, &e);
	}
	return copy(c, &e) < 0 ? tell_failure(c, EXIT_FAILED, &e) : 0;
}
