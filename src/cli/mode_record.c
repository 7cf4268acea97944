/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * -D: what the kernel says about TCP sockets is written as it is.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/chosen.h"
#include "cli/modes.h"
#include "cli/tell.h"
#include "run/session.h"
#include "sink/recording.h"

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

static int record_into_file(struct cli *c, const struct selection *sel, const struct filter *filter)
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

int mode_record(struct cli *c, const struct sv *words, size_t n_words)
{
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, true, &x, &status)) {
		chosen_settle(c, &x);
		status = record_into_file(c, &x.sel, x.filter);
	}
	chosen_done(&x);
	return status;
}
