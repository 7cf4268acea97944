/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/listing.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "host/faked.h"
#include "run/session.h"

static int tell_plan(struct cli *c, struct session *s, const struct plan *plan, const struct sink *sink,
		     struct err *e)
{
	struct text t = {};
	int r = session_explain(s, plan, sink, &t, &c->notes, e);

	if (r >= 0)
		r = tell_answer(&t);
	text_done(&t);
	return r;
}

/* Runs @po into the output that the options ask for. */
static int list_into(struct cli *c, struct plan_opts *po, struct session *s, const struct listing_opts *o,
		     struct out *out, struct err *e)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_(output_done) struct output output = {};
	int r = output_open(c, &po->select, out, &output, e), end;

	if (r < 0)
		return r;
	if (!po->select.states)
		po->select.tables = 0;
	output.sink->ops->fields(output.sink, &po->fields);
	output_needs(&output, po);
	if (o->killer) /* tells a subflow of MPTCP */
		fieldset_add(&po->fields, F_ULP);
	r = plan_new(po, &plan);
	if (r >= 0)
		r = o->is_explained ? tell_plan(c, s, plan, output.sink, e)
				    : session_run(s, plan, output.sink, &c->notes, e);
	if (o->killer && !o->is_explained) /* groups do not say how many there were */
		killer_report(o->killer, c->q.tabulate.by ? NOTE_WARNING : NOTE_HINT, &c->notes);
	/* What ended by a failure, told elsewhere, must not call itself complete. */
	c->notes.has_error |= r < 0;
	end = o->is_explained ? 0 : output_end(&output, &c->notes);
	return r < 0 ? r : end;
}

/* One is open for each network namespace. */
static void allow_many_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

/* Of this machine, for @po; with --source=proc its kernel is not asked for sockets. */
static void use_files(const struct cli *c, struct plan_opts *po)
{
	struct host_files files = c->host->files;

	if (c->q.source == SOURCE_PROC)
		faked_only_text(&files);
	po->text_tables = files.text_tables;
	po->absent_tables = files.absent_tables;
	po->is_tcp_recorded = files.tcp_recording;
}

void listing_plan(const struct cli *c, const struct chosen *x, struct plan_opts *ret)
{
	*ret = (struct plan_opts){ .select = x->sel,
				   .filter = x->filter,
				   .want_storage = c->q.show & SHOW_STORAGE,
				   .map_fds = c->map_fd,
				   .n_map_fds = c->n_map_fds };
	use_files(c, ret);
	select_filter(x->filter, &ret->select);
}

static int run(struct cli *c, struct plan_opts *po, const struct listing_opts *o, struct err *e)
{
	const struct session_opts so = { .source = c->q.source,
					 .is_everywhere = c->q.want_all_netns,
					 .want_threads = c->q.show & SHOW_THREAD,
					 .is_kernel_only = o->killer || c->q.source == SOURCE_NETLINK,
					 .killer = o->killer };
	_cleanup_(session_freep) struct session *session = NULL;
	struct out out;
	int r = session_new(c->host, &so, &session);

	if (r >= 0)
		r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	r = list_into(c, po, session, o, &out, e);
	if (r == -EINVAL || r == -E2BIG) {
		(void)out_done(&out);
		return tell_failure(c, EXIT_USAGE, e);
	}
	if (r >= 0)
		r = out_done(&out);
	else
		(void)out_done(&out);
	if (r < 0 && o->killer &&
	    !o->is_explained) /* who was destroyed did not come out: at least how many */
		killer_report(o->killer, NOTE_WARNING, &c->notes);
	return r < 0 && e->text[0] ? tell_failure(c, EXIT_FAILED, e) : tell_output(c, r);
}

int listing_run(struct cli *c, struct plan_opts *po, const struct listing_opts *o)
{
	struct err e = {};

	if (c->q.want_all_netns)
		allow_many_files();
	if (c->q.want_all_netns && (c->host->files.tcp_recording || c->host->files.text_tables)) {
		(void)err_say(
			&e, 0,
			"the environment says to read sockets from files (TCPDIAG_FILE, PROC_*): they are of "
			"one network namespace");
		return tell_failure(c, EXIT_FAILED, &e);
	}
	return run(c, po, o, &e);
}
