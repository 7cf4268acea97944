/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/classic.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/features.h"
#include "cli/modes.h"
#include "cli/options.h"
#include "cli/past.h"
#include "cli/prepare.h"
#include "cli/tell.h"
#include "host/faked.h"
#include "host/names.h"

/* What is missing goes on being told to the same notes. */
static int look_below(struct cli *c, struct err *e)
{
	int r = host_look_below(c->host, c->q.root, e);

	if (r < 0)
		return err_context(e, -EBADF, "--root");
	names_tell(c->host->names, &c->notes);
	return 0;
}

/* Returns 0 with the words in @a, or the exit status. */
static int read_request(struct cli *c, struct argv *a)
{
	struct err e;
	int r = options_read(&c->q, a, &e);
	bool is_final = mode_of(&c->q)->is_final;

	if (r == 0 && !is_final)
		r = modes_check(&c->q, &e);
	if (r == 0 && c->q.from && !is_final)
		r = past_open(c, &e);
	if (r == 0 && c->q.diff && !is_final)
		r = past_open_base(c, &e);
	if (r == 0 && c->q.root && !is_final)
		r = look_below(c, &e);
	if (r == 0)
		r = prepare(c, a->argc, a->argv, a->words, &e);
	if (r == 0 && !is_final)
		r = modes_check(&c->q, &e); /* -N may have come to mean another thing */
	if (r == 0)
		return 0;
	if (r == -EINVAL)
		return tell_usage(c, &e);
	return tell_failure(c, r == -EBADF ? EXIT_USAGE : EXIT_FAILED, &e);
}

static int run(struct cli *c, int argc, char **argv)
{
	_cleanup_free_ struct sv *words = calloc((size_t)argc + 1, sizeof(*words));
	struct argv a;
	int status;

	if (!words)
		return tell_output(c, -ENOMEM);
	c->q.argc = argc;
	c->q.argv = argv;
	argv_init(&a, argc, argv, words);
	status = read_request(c, &a);
	if (status)
		return status;
	if (c->base)
		past_tell(c, c->base);
	if (c->past)
		past_tell(c, c->past);
	return mode_of(&c->q)->run(c, words, a.n_words);
}

int classic_main(int argc, char **argv)
{
	_cleanup_(host_freep) struct host *host = NULL;
	const struct cli c = { .prog = argc && argv[0] ? argv[0] : "ss" };
	struct host_files files;
	int r;

	faked_files(&files);
	r = host_live_new(&files, &host);
	return r < 0 ? tell_output(&c, r) : classic_main_on(host, argc, argv);
}

int classic_main_on(struct host *h, int argc, char **argv)
{
	struct cli c = { .host = h };
	struct text prog = {}; /* whoever calls it chooses what it is called */
	int status;
	bool is_whole;

	utf8_put_safe(&prog, sv(argc && argv[0] ? argv[0] : "ss"), "");
	text_char(&prog, '\0');
	c.prog = prog.failed ? "ss" : prog.p;
	names_tell(h->names, &c.notes);
	status = run(&c, argc, argv);
	is_whole = !tell_notes(&c.notes, c.prog);
	if (!status && request_is_new(&c.q))
		status = notes_is_whole(&c.notes) ? 0 : EXIT_NEW_INCOMPLETE;
	else if (!status)
		status = is_whole ? 0 : EXIT_FAILED;
	(void)past_free(c.base);
	(void)past_free(c.past);
	(void)reverse_free(c.reverse);
	notes_done(&c.notes);
	text_done(&prog);
	return status;
}
