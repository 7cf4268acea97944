/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * -K: sockets are destroyed, and those that were are listed; with --explain nothing is but told.
 */

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "cli/listing.h"
#include "cli/modes.h"
#include "cli/tell.h"

/* Reads a line of standard input byte by byte: what follows is not ours. */
static bool read_yes(void)
{
	char line[8];
	size_t n = 0;
	char c;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		if (c == '\n')
			break;
		if (n < sizeof(line))
			line[n++] = c;
	}
	return (n == 1 && !strncasecmp(line, "y", n)) || (n == 3 && !strncasecmp(line, "yes", n));
}

/*
 * Without a filter, where @has_words tells that there were words of one: whether that is meant. Asks on a
 * terminal. Returns 0 to go on, or the exit status.
 */
static int agree(const struct cli *c, bool has_words)
{
	bool is_narrowed = c->q.select.has_mask && (c->q.select.mask & STATES_ALL) != STATES_ALL;
	struct err e;

	if (is_narrowed)
		return 0;
	if (has_words) {
		(void)err_say(&e, 0,
			      "nothing was destroyed: the filter is empty, which would be every socket; "
			      "leave it out "
			      "if that is meant");
		return tell_failure(c, EXIT_USAGE, &e);
	}
	if (request_has(&c->q, FEATURE_DRY_RUN) || request_has(&c->q, FEATURE_YES) ||
	    request_has(&c->q, FEATURE_EXPLAIN) || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return 0;
	(void)fprintf(stderr,
		      "%s: no filter and no state: this destroys every socket that would be listed, and the "
		      "connection you may be working over is among them.\nGo on? [y/N] ",
		      c->prog);
	if (read_yes())
		return 0;
	(void)fprintf(stderr, "%s: nothing was destroyed\n", c->prog);
	return EXIT_FILTER;
}

/* Whether what is listed can be destroyed; detail in @e when not. */
static bool can_kill(const struct host *h, const struct plan_opts *o, struct err *e)
{
	bool is_tcp_file = o->is_tcp_recorded && o->select.tables >> TABLE_TCP & 1;

	if (!h->is_live) {
		(void)err_say(e, 0, "-K: what was recorded cannot be destroyed");
		return false;
	}
	if (!is_tcp_file && !(o->text_tables & o->select.tables))
		return true;
	(void)err_say(e, 0,
		      "nothing was destroyed: the environment says to read sockets from files (%s), and what "
		      "a file "
		      "names cannot be destroyed",
		      is_tcp_file ? "TCPDIAG_FILE" : "PROC_*");
	return false;
}

static int destroy(struct cli *c, const struct chosen *x)
{
	const struct killer_opts ko = { .is_dry_run = request_has(&c->q, FEATURE_DRY_RUN),
					.has_limit = c->q.tabulate.has_limit,
					.limit = c->q.tabulate.limit };
	_cleanup_(killer_freep) struct killer *killer = NULL;
	struct listing_opts o = { .is_explained = request_has(&c->q, FEATURE_EXPLAIN) };
	struct plan_opts po;
	struct err e;
	int r;

	listing_plan(c, x, &po);
	if (!can_kill(c->host, &po, &e))
		return tell_failure(c, EXIT_FAILED, &e);
	r = killer_new(&ko, &killer);
	if (r < 0)
		return tell_output(c, r);
	o.killer = killer;
	return listing_run(c, &po, &o);
}

int mode_kill(struct cli *c, const struct sv *words, size_t n_words)
{
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, true, &x, &status)) {
		status = x.filter ? 0 : agree(c, x.has_words);
		chosen_settle(c, &x);
		status = status ? status : destroy(c, &x);
	}
	chosen_done(&x);
	return status;
}
