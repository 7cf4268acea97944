/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/action.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/tell.h"
#include "run/follow.h"
#include "run/session.h"
#include "sink/recording.h"

static volatile sig_atomic_t is_over;

static void end(int)
{
	is_over = 1;
}

static int record(struct cli *c, const struct selection *sel, const struct filter *filter, struct out *out)
{
	const struct session_opts so = { .is_kernel_only = true };
	struct plan_opts po = { .select = *sel,
				.filter = filter,
				.is_tcp_recorded = c->host->files.tcp_recording,
				.want_storage = c->q.show & SHOW_STORAGE,
				.map_fds = c->map_fd,
				.n_map_fds = c->n_map_fds };
	_cleanup_(session_freep) struct session *session = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct sink *sink = NULL;
	struct err e;
	int r;

	/* What the listing with these options would read, without what is not in the kernel's messages. */
	classic_fields(c->q.show & ~(uint32_t)SHOW_PROCESS, &po.fields);
	/* What replaces it has come with Linux 2.6.37, and readers of recordings that know only this are
	 * about. */
	if (c->q.show & SHOW_MEM)
		po.also_ask = ASK_INET(K_INET_DIAG_MEMINFO);
	po.select.tables = 1u << TABLE_TCP;
	select_filter(filter, &po.select);
	r = plan_new(&po, &plan);
	if (r >= 0)
		r = session_new(c->host, &so, &session);
	if (r >= 0)
		r = recording_new(out, &sink);
	if (r >= 0)
		r = session_run(session, plan, sink, &c->notes, &e);
	(void)recording_free(sink);
	return r;
}

int action_record(struct cli *c, const struct selection *sel, const struct filter *filter)
{
	bool is_stdout = c->q.dump_file[0] == '-';
	const char *name = is_stdout ? "standard output" : c->q.dump_file;
	int fd = STDOUT_FILENO, r;
	struct out out;
	struct err e;

	if (!(sel->tables >> TABLE_TCP & 1)) {
		(void)err_say(&e, 0, "tcpdiag dump requested and no tcp in filter.");
		return tell_failure(c, 0, &e);
	}
	if (!is_stdout)
		fd = open(c->q.dump_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		(void)err_sys(&e, -errno, "cannot write the dump file %s", name);
		return tell_failure(c, EXIT_USAGE, &e);
	}
	r = out_init(&out, fd);
	if (r >= 0) {
		int end;

		r = record(c, sel, filter, &out);
		end = out_done(&out);
		r = r < 0 ? r : end;
	}
	/* Some file systems tell only now that it does not fit. */
	if (!is_stdout && close(fd) < 0 && r >= 0)
		r = -errno;
	if (r >= 0)
		return 0;
	(void)err_sys(&e, r, "cannot write the dump to %s", name);
	return r == -EPIPE ? EXIT_FAILED : tell_failure(c, EXIT_FAILED, &e);
}

static void tell_lost(void *ctx, uint64_t n)
{
	const struct cli *c = ctx;

	(void)fprintf(stderr, "%s: events came faster than they could be shown: %llu lost so far\n", c->prog,
		      (unsigned long long)n);
}

static int follow_into(struct cli *c, const struct follow_opts *o, struct out *out)
{
	_cleanup_(output_done) struct output output = {};
	struct err e = {};
	int r = output_open(c, &o->select, out, &output, &e), end;

	if (r >= 0) {
		r = follow(o, output.sink, &c->notes, &e);
		c->notes.has_error |= r < 0;
		end = output_end(&output, &c->notes);
		r = r < 0 ? r : end;
	}
	if (r < 0 && !out->error && r != -EPIPE && r != -ENOMEM)
		return tell_failure(c, EXIT_USAGE, &e);
	return tell_output(c, r);
}

/* From now on the signals that end it come only with the mask @ret; one that is ignored stays so. */
static void catch_end(sigset_t *ret)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction sa = { .sa_handler = end };
	sigset_t ends;

	(void)sigemptyset(&ends);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;

		if (sigaction(signals[i], NULL, &old) < 0 || old.sa_handler == SIG_IGN)
			continue;
		(void)sigaddset(&ends, signals[i]);
		(void)sigaction(signals[i], &sa, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &ends, ret);
}

/* At once: nobody is to wait for what cannot come. */
static void note_untold(struct cli *c, const struct filter *filter)
{
	enum field_id f = follow_untold(filter);

	if (f == F_MAX)
		return;
	c->notes.is_partial = true;
	notes_add(&c->notes, NOTE_WARNING,
		  "the kernel does not tell %s of a socket that has ended, and the answer depends on it",
		  fields[f].name);
}

int action_follow(struct cli *c, const struct selection *sel, const struct filter *filter)
{
	struct follow_opts o = { .select = *sel,
				 .filter = filter,
				 .host = c->host,
				 .fd = STDOUT_FILENO,
				 .is_over = &is_over,
				 .lost = tell_lost,
				 .ctx = c };
	sigset_t old;
	struct out out;
	struct err e;
	int r;

	select_filter(filter, &o.select);
	if (!follow_has(&o.select)) {
		(void)err_say(&e, 0, "nothing to follow: only TCP and UDP sockets are announced");
		return tell_failure(c, EXIT_USAGE, &e);
	}
	note_untold(c, filter);
	notes_add(&c->notes, NOTE_HINT,
		  "while this runs, the end of every TCP and UDP socket costs the host more");
	catch_end(&old);
	(void)tell_notes(&c->notes, c->prog);
	o.wait_mask = &old;
	r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	r = follow_into(c, &o, &out);
	(void)out_done(&out);
	return r;
}

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

int action_agree(const struct cli *c, bool has_words)
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
	if (c->q.is_dry_run || c->q.is_sure || c->q.want_explanation || !isatty(STDIN_FILENO) ||
	    !isatty(STDERR_FILENO))
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

bool action_can_kill(const struct plan_opts *o, enum source_kind source, struct err *e)
{
	bool is_tcp_file = o->is_tcp_recorded && o->select.tables >> TABLE_TCP & 1;

	if (!is_tcp_file && !(o->text_tables & o->select.tables))
		return true;
	if (!is_tcp_file && source == SOURCE_PROC)
		(void)err_say(
			e, 0,
			"nothing was destroyed: --source=proc reads sockets from /proc/net, and what a file "
			"names cannot be destroyed");
	else
		(void)err_say(
			e, 0,
			"nothing was destroyed: the environment says to read sockets from files (%s), and "
			"what a file names cannot be destroyed",
			is_tcp_file ? "TCPDIAG_FILE" : "PROC_*");
	return false;
}
