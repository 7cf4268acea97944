/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "cli/classic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/action.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "host/faked.h"
#include "host/names.h"
#include "report/summary.h"
#include "run/session.h"

static int print_summary(struct classic_cli *c)
{
	struct text text = {};
	int r = summary_render(c->host, &text, &c->notes);

	if (r >= 0)
		r = tell_answer(&text);
	text_done(&text);
	return tell_output(c, r);
}

static int parse_filter(struct classic_cli *c, const struct selection *sel, const struct sv *words,
			size_t n_words, struct filter **ret)
{
	struct filter_env env;
	struct text file = {};
	struct err e;
	int r = 0;

	select_filter_env(&c->select, sel, &env);
	names_for_filter(c->host->names, &env);
	env.is_everywhere = c->want_all_netns;
	if (c->filter_file)
		r = filter_file_read(c->filter_file, &file, &e);
	if (r < 0) {
		text_done(&file);
		return tell_failure(c, EXIT_USAGE, &e);
	}
	env.file = sv_n(file.p, file.len);
	env.file_name = c->filter_file;
	r = filter_parse(&env, words, n_words, ret, &e);
	text_done(&file);
	if (r == 0)
		return 0;
	return tell_failure(c,
			    r == -EBADMSG                ? EXIT_FILTER
			    : r == -EDOM || r == -ENOMEM ? EXIT_FAILED
							 : EXIT_USAGE,
			    &e);
}

static void note_filter(struct classic_cli *c, const struct filter *f)
{
	if (filter_is_mixed(f))
		notes_add(&c->notes, NOTE_HINT,
			  "\"and\" and \"or\" bind equally, from the left, in this filter: parentheses make "
			  "it plain");
	if (filter_guesses_auto(f))
		notes_add(&c->notes, NOTE_ERROR,
			  "autobound: the range of automatic ports (net.ipv4.ip_local_port_range) cannot be "
			  "read; %s are taken for it",
			  c->host->is_live ? "1024 to 4999" : "32768 to 60999");
}

static int tell_plan(struct classic_cli *c, struct session *s, const struct plan *plan,
		     const struct sink *sink, struct err *e)
{
	struct text t = {};
	int r = session_explain(s, plan, sink, c->tabulate.by || c->tabulate.sort, &t, &c->notes, e);

	if (r >= 0)
		r = tell_answer(&t);
	text_done(&t);
	return r;
}

/* Runs @po into the output that the options ask for. */
static int list_into(struct classic_cli *c, struct plan_opts *po, struct session *s,
		     const struct killer *killer, struct out *out, struct err *e)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_(output_done) struct output output = {};
	int r = output_open(c, &po->select, out, &output, e), end;

	if (r < 0)
		return r;
	if (!po->select.states)
		po->select.tables = 0;
	output.sink->ops->fields(output.sink, &po->fields);
	output_needs(&output, &c->tabulate, po);
	if (c->want_kill) /* tells a subflow of MPTCP */
		fieldset_add(&po->fields, F_ULP);
	r = plan_new(po, &plan);
	if (r >= 0)
		r = c->want_explanation ? tell_plan(c, s, plan, output.sink, e)
					: session_run(s, plan, output.sink, &c->notes, e);
	if (killer && !c->want_explanation) /* groups do not say how many there were */
		killer_report(killer, c->tabulate.by ? NOTE_WARNING : NOTE_HINT, &c->notes);
	/* What ended by a failure, told elsewhere, must not call itself complete. */
	c->notes.has_error |= r < 0;
	end = c->want_explanation ? 0 : output_end(&output, &c->notes);
	return r < 0 ? r : end;
}

/* Of this machine, for @po; with --source=proc its kernel is not asked for sockets. */
static void use_files(const struct classic_cli *c, struct plan_opts *po)
{
	struct host_files files = c->host->files;

	if (c->source == SOURCE_PROC)
		faked_only_text(&files);
	po->text_tables = files.text_tables;
	po->absent_tables = files.absent_tables;
	po->is_tcp_recorded = files.tcp_recording;
}

static int list_with(struct classic_cli *c, struct plan_opts *po, struct killer *killer, struct err *e)
{
	const struct session_opts so = { .source = c->source,
					 .is_everywhere = c->want_all_netns,
					 .want_threads = c->show & SHOW_THREAD,
					 .is_kernel_only = c->want_kill || c->source == SOURCE_NETLINK,
					 .killer = killer };
	_cleanup_(session_freep) struct session *session = NULL;
	struct out out;
	int r = session_new(c->host, &so, &session);

	if (r >= 0)
		r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	r = list_into(c, po, session, killer, &out, e);
	if (r == -EINVAL || r == -E2BIG) {
		(void)out_done(&out);
		return tell_failure(c, EXIT_USAGE, e);
	}
	if (r >= 0)
		r = out_done(&out);
	else
		(void)out_done(&out);
	if (r < 0 && killer &&
	    !c->want_explanation) /* who was destroyed did not come out: at least how many */
		killer_report(killer, NOTE_WARNING, &c->notes);
	return r < 0 && e->text[0] ? tell_failure(c, EXIT_FAILED, e) : tell_output(c, r);
}

/* What -K needs of itself, once what is to be listed is known. Returns 0, or the exit status. */
static int prepare_kill(struct classic_cli *c, const struct plan_opts *po, struct killer **ret)
{
	const struct killer_opts ko = { .is_dry_run = c->is_dry_run,
					.has_limit = c->tabulate.has_limit,
					.limit = c->tabulate.limit };
	struct err e;

	if (!c->host->is_live) {
		(void)err_say(&e, 0, "-K: what was recorded cannot be destroyed");
		return tell_failure(c, EXIT_FAILED, &e);
	}
	if (!action_can_kill(po, c->source, &e))
		return tell_failure(c, EXIT_FAILED, &e);
	return tell_output(c, killer_new(&ko, ret));
}

/* Lists what @sel and @filter select. */
static int list(struct classic_cli *c, const struct selection *sel, const struct filter *filter)
{
	struct plan_opts po = { .select = *sel,
				.filter = filter,
				.want_storage = c->show & SHOW_STORAGE,
				.map_fds = c->map_fd,
				.n_map_fds = c->n_map_fds };
	_cleanup_(killer_freep) struct killer *killer = NULL;
	struct err e = {};
	int r;

	use_files(c, &po);
	if (c->want_all_netns && (c->host->files.tcp_recording || c->host->files.text_tables)) {
		(void)err_say(
			&e, 0,
			"the environment says to read sockets from files (TCPDIAG_FILE, PROC_*): they are of "
			"one network namespace");
		return tell_failure(c, EXIT_FAILED, &e);
	}
	select_filter(filter, &po.select);
	r = c->want_kill ? prepare_kill(c, &po, &killer) : 0;
	return r ? r : list_with(c, &po, killer, &e);
}

/* Whether there is nothing to list, and no names of columns to show for it; tells what is missing. */
static bool is_nothing(const struct classic_cli *c, const struct selection *sel)
{
	struct err e;

	if (sel->tables && sel->families && sel->states)
		return false;
	(void)err_say(&e, 0, "no %s to show with such filter.",
		      !sel->tables     ? "socket tables"
		      : !sel->families ? "families"
				       : "socket states");
	(void)tell_failure(c, 0, &e);
	return !sel->tables || !sel->families || c->want_kill || c->want_events || c->dump_file;
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

static int list_words(struct classic_cli *c, const struct sv *words, size_t n_words)
{
	struct filter *filter = NULL;
	struct selection sel;
	struct err e;
	int r = select_words(&c->select, words, n_words, &e);

	if (r < 0)
		return tell_failure(c, EXIT_USAGE, &e);
	if (c->want_all_netns)
		allow_many_files();
	words += r;
	n_words -= (size_t)r;
	if (c->tabulate.is_overview && !c->select.has_mask)
		select_states(&c->select, STATES_ALL);
	select_complete(&c->select, &sel);
	if (is_nothing(c, &sel))
		return 0;
	if (c->show & SHOW_RESOLVE && !(c->show & SHOW_NUMERIC))
		names_want_programs(c->host->names);
	r = parse_filter(c, &sel, words, n_words, &filter);
	if (r == 0 && c->want_kill && !filter)
		r = action_agree(c, n_words || c->filter_file);
	if (r == 0) {
		note_filter(c, filter);
		if (filter_has_states(filter) && !c->select.has_mask)
			sel.states = STATES_ALL; /* those that the filter takes */
		r = c->dump_file     ? action_record(c, &sel, filter)
		    : c->want_events ? action_follow(c, &sel, filter)
				     : list(c, &sel, filter);
	}
	(void)filter_free(filter);
	return r;
}

static int usage_error(const struct classic_cli *c, const struct err *e)
{
	(void)fprintf(stderr, "%s: %s\nTry '%s --help'.\n", c->prog, e->text, c->prog);
	return tell_status(c, EXIT_USAGE);
}

static int run(struct classic_cli *c, int argc, char **argv)
{
	_cleanup_free_ struct sv *words = calloc((size_t)argc + 1, sizeof(*words));
	struct argv a;
	struct err e;
	int r;

	if (!words)
		return tell_output(c, -ENOMEM);
	argv_init(&a, argc, argv, words);
	r = options_read(c, &a, &e);
	if (r == -EINVAL)
		return usage_error(c, &e);
	if (r == -EIO)
		return EXIT_FAILED;
	if (r < 0)
		return tell_failure(c, r == -EBADF ? EXIT_USAGE : EXIT_FAILED, &e);
	if (r > 0)
		return 0;
	if (c->tabulate.fields)
		return tabulate_fields(c);
	if (c->want_summary) {
		r = print_summary(c);
		if (r || (!a.n_words && !c->select.tables && !c->select.families))
			return r;
	}
	return list_words(c, words, a.n_words);
}

int classic_main(int argc, char **argv)
{
	_cleanup_(host_freep) struct host *host = NULL;
	const struct classic_cli c = { .prog = argc && argv[0] ? argv[0] : "ss" };
	struct host_files files;
	int r;

	faked_files(&files);
	r = host_live_new(&files, &host);
	return r < 0 ? tell_output(&c, r) : classic_main_on(host, argc, argv);
}

int classic_main_on(struct host *h, int argc, char **argv)
{
	struct classic_cli c = { .host = h };
	struct text prog = {}; /* whoever calls it chooses what it is called */
	int status;
	bool is_whole;

	utf8_put_safe(&prog, sv(argc && argv[0] ? argv[0] : "ss"), "");
	text_char(&prog, '\0');
	c.prog = prog.failed ? "ss" : prog.p;
	status = run(&c, argc, argv);
	is_whole = !tell_notes(&c.notes, c.prog);
	if (!status && tabulate_is_wanted(&c.tabulate))
		status = notes_is_whole(&c.notes) ? 0 : EXIT_NEW_INCOMPLETE;
	else if (!status)
		status = is_whole ? 0 : EXIT_FAILED;
	notes_done(&c.notes);
	text_done(&prog);
	return status;
}
