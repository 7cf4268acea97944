/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/listing.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/empty.h"
#include "cli/every.h"
#include "cli/output.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "cli/ticker.h"
#include "host/faked.h"
#include "ops/changes.h"
#include "ops/delta.h"
#include "run/session.h"
#include "sink/format/series.h"

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

void listing_allow_many_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

/* A listing under way. */
struct listing_run {
	struct cli *c;
	struct plan_opts *po; /* borrowed */
	const struct listing_opts *o;
	struct session *session;
	struct output output;
	struct plan *plan;
	bool has_record; /* of the last answer, where somebody waits for one */
};

/* The name of one that is in @set. */
static const char *first_rate(const struct fieldset *set)
{
	enum rate r = 0;

	while (!fieldset_has(set, counter_rates[r].rate))
		r++;
	return fields[counter_rates[r].rate].name;
}

/* Opens the output that the options ask for on @out, and plans for it. */
static int begin(struct listing_run *l, struct out *out, struct err *e)
{
	struct plan_opts *po = l->po;
	int r = output_open(l->c, &po->select, out, &l->output, e);

	if (r < 0)
		return r;
	if (!po->select.states)
		po->select.tables = 0;
	l->output.sink->ops->fields(l->output.sink, &po->fields);
	output_needs(&l->output, po);
	if (l->o->killer) /* tells a subflow of MPTCP */
		fieldset_add(&po->fields, F_ULP);
	r = plan_new(po, &l->plan);
	if (r >= 0 && !l->c->q.every_us && l->c->q.watch <= WATCH_EXISTS &&
	    fieldset_has_rates(&l->plan->fields))
		r = err_say(e, -EBADMSG,
			    l->c->q.watch ? "%s is what changes from one sample to the next: say --wait=TIME"
					  : "%s is what changes from one sample to the next: say how often "
					    "with --every",
			    first_rate(&l->plan->fields));
	if (r >= 0 && (l->c->q.want_all_netns || fieldset_has_peers(&l->plan->fields)))
		listing_allow_many_files();
	return r;
}

static int run_once(struct listing_run *l, struct err *e)
{
	struct cli *c = l->c;
	int r;

	if (l->o->is_explained)
		return tell_plan(c, l->session, l->plan, l->output.sink, e);
	session_tell_time(l->session, c->q.want_time || c->q.every_us ? host_now_us(c->host) : 0);
	if (c->past)
		past_check(c, &l->po->select, l->po->filter);
	r = session_run(l->session, l->plan, l->output.sink, &c->notes, e);
	if (r >= 0 && !l->o->killer && output_shows_nothing(&l->output))
		empty_tell(c, &l->po->select, l->po->filter);
	return r;
}

/* Ends the output of what came to @r. */
static int end(struct listing_run *l, int r)
{
	struct cli *c = l->c;
	int of_output;

	if (l->o->killer && !l->o->is_explained) /* groups do not say how many there were */
		killer_report(l->o->killer, c->q.tabulate.by ? NOTE_WARNING : NOTE_HINT, &c->notes);
	/* What ended by a failure, told elsewhere, must not call itself complete. */
	c->notes.has_error |= r < 0;
	of_output = l->o->is_explained || !l->output.sink ? 0 : output_end(&l->output, &c->notes);
	if (l->o->ret_ports && l->output.ports)
		*l->o->ret_ports = ports_found(l->output.ports);
	return r < 0 ? r : of_output;
}

static void done(struct listing_run *l)
{
	output_done(&l->output);
	l->output = (struct output){};
	l->plan = plan_free(l->plan);
}

static int sample(void *ctx, struct err *e)
{
	struct listing_run *l = ctx;
	int r = run_once(l, e);

	return r < 0 ? r : l->output.sink->ops->flush(l->output.sink);
}

static int answer(void *ctx, struct out *out, struct err *e)
{
	struct listing_run *l = ctx;
	int r = begin(l, out, e);

	if (r >= 0)
		r = end(l, run_once(l, e));
	l->has_record = output_has_record(&l->output);
	done(l);
	return r;
}

static int ask(void *ctx, struct out *out, bool *ret_is_there, struct err *e)
{
	struct listing_run *l = ctx;
	int r = answer(l, out, e);

	*ret_is_there = l->has_record;
	return r;
}

/* Each time an answer of its own; on a screen what changes is marked. A chart has what was before, too. */
static int list_anew(struct listing_run *l, enum every_form form, const struct every_ops *ops, struct err *e)
{
	_cleanup_(changes_freep) struct changes *changes = form == EVERY_SCREEN ? changes_new() : NULL;
	_cleanup_(series_freep) struct series_set *series = NULL;
	int r = form == EVERY_SCREEN && !changes ? -ENOMEM : 0;

	if (r >= 0 && request_has(&l->c->q, FEATURE_OF_TIME))
		r = series_new(&series);
	l->c->series = series;
	l->c->changes = changes;
	if (r >= 0)
		r = every_run(l->c, form, ops, l, e);
	l->c->changes = NULL;
	l->c->series = NULL;
	return r;
}

/* Runs what is asked for into @out, or again and again. */
static int list_as_often(struct listing_run *l, struct out *out, struct err *e)
{
	bool is_told = l->c->host->is_live && !l->c->q.want_all_netns && l->c->q.source != SOURCE_PROC;
	const struct watch_ops watched = { .ask = ask, .told = is_told ? &l->po->select : NULL };
	static const struct every_ops ops = { .sample = sample, .answer = answer };
	enum every_form form;
	int r;

	if (l->o->ret_watch)
		return watch_run(l->c, &watched, l, l->o->ret_watch, e);
	if (!l->c->q.every_us)
		return answer(l, out, e);
	form = every_form(l->c);
	r = every_check(l->c, form, e);
	if (r < 0)
		return r;
	if (form != EVERY_STREAM)
		return list_anew(l, form, &ops, e);
	r = begin(l, out, e);
	if (r >= 0)
		r = end(l, every_run(l->c, form, &ops, l, e));
	done(l);
	return r;
}

static int list_into(struct listing_run *l, struct out *out, struct err *e)
{
	struct cli *c = l->c;
	bool is_repeated = c->q.every_us || c->q.watch > WATCH_EXISTS;
	_cleanup_(deltas_freep) struct deltas *deltas = is_repeated ? deltas_new() : NULL;
	int r = is_repeated && !deltas ? -ENOMEM : 0;

	c->deltas = deltas;
	if (r >= 0)
		r = list_as_often(l, out, e);
	c->deltas = NULL;
	return r;
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

/* What options of ours show was asked for, as a field that is named: iproute2 has neither. */
static void name_shown(const struct cli *c, struct fieldset *ret)
{
	if (c->q.tabulate.by || request_has(&c->q, FEATURE_PORTS))
		return;
	if (c->q.show & SHOW_PEER)
		fieldset_add(ret, F_PEER_OWNERS);
	for (enum field_id f = F_OPT_NODELAY; c->q.show & SHOW_SET_OPTIONS && f <= F_OPT_CONGESTION; f++)
		fieldset_add(ret, f);
}

void listing_plan(const struct cli *c, const struct chosen *x, struct plan_opts *ret)
{
	*ret = (struct plan_opts){ .select = x->sel,
				   .filter = x->filter,
				   .want_storage = c->q.show & SHOW_STORAGE,
				   .map_fds = c->map_fd,
				   .n_map_fds = c->n_map_fds };
	use_files(c, ret);
	name_shown(c, &ret->named);
	ret->is_unbound_only = request_has(&c->q, FEATURE_UNBOUND) && !request_has(&c->q, FEATURE_CAPTURE);
	if (!(x->sel.tables >> TABLE_UNBOUND & 1))
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
	struct listing_run l = { .c = c, .po = po, .o = o };
	bool is_single;
	struct out out;
	int r = session_new(c->host, &so, &session);

	if (r >= 0)
		r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	l.session = session;
	is_single = !c->q.every_us && c->q.watch == WATCH_NOTHING && !o->is_explained;
	if (is_single)
		ticker_begin();
	r = list_into(&l, &out, e);
	if (is_single)
		ticker_end();
	if (r == -EINVAL || r == -E2BIG || r == -EBADMSG) {
		(void)out_done(&out);
		return tell_failure(c, r == -EBADMSG ? EXIT_FILTER : EXIT_USAGE, e);
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

	if (c->q.want_all_netns && (c->host->files.tcp_recording || c->host->files.text_tables)) {
		(void)err_say(
			&e, 0,
			"the environment says to read sockets from files (TCPDIAG_FILE, PROC_*): they are of "
			"one network namespace");
		return tell_failure(c, EXIT_FAILED, &e);
	}
	return run(c, po, o, &e);
}

int listing_of_words(struct cli *c, const struct sv *words, size_t n_words, const struct listing_opts *o)
{
	struct plan_opts po;
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, false, &x, &status)) {
		chosen_settle(c, &x);
		listing_plan(c, &x, &po);
		status = listing_run(c, &po, o);
	}
	chosen_done(&x);
	return status;
}
