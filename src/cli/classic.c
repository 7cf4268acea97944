/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "cli/classic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/action.h"
#include "cli/environ.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "engine/explain.h"
#include "engine/run.h"
#include "engine/summary.h"

static int print_summary(struct classic_cli *c)
{
	const struct summary_opts o = { .paths = { .proc_root = getenv("PROC_ROOT"),
						   .sockstat = getenv("PROC_NET_SOCKSTAT"),
						   .sockstat6 = getenv("PROC_NET_SOCKSTAT6"),
						   .snmp = getenv("PROC_NET_SNMP") } };
	struct text text = {};
	int r = summary_render(&o, &text, &c->notes);

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
	names_for_filter(c->names, &env);
	env.is_everywhere = c->everywhere;
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
			  "read; 1024 to 4999 are taken for it");
}

static int tell_plan(const struct classic_cli *c, const struct plan *plan, const struct sink *sink)
{
	const struct proc_counter_paths paths = { .proc_root = getenv("PROC_ROOT"),
						  .sockstat = getenv("PROC_NET_SOCKSTAT"),
						  .sockstat6 = getenv("PROC_NET_SOCKSTAT6"),
						  .snmp = getenv("PROC_NET_SNMP") };
	const struct explain_opts o = { .source = c->source,
					.counters = &paths,
					.proc_root = getenv("PROC_ROOT"),
					.is_kill = c->want_kill,
					.everywhere = c->everywhere,
					.sink = sink,
					.is_retained = c->tabulate.by || c->tabulate.sort };
	struct text t = {};
	int r;

	explain(plan, &o, &t);
	r = tell_answer(&t);
	text_done(&t);
	return r;
}

/* Runs @po into the output that the options ask for. */
static int list_into(struct classic_cli *c, struct plan_opts *po, const struct run_opts *ro, struct out *out,
		     struct err *e)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_(output_done) struct output output = {};
	int r = output_open(c, &po->select, ro->names, out, &output, e), end;

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
		r = c->want_explanation ? tell_plan(c, plan, output.sink)
					: run_plan(plan, ro, output.sink, &c->notes, e);
	if (ro->killer && !c->want_explanation) /* groups do not say how many there were */
		killer_report(ro->killer, c->tabulate.by ? NOTE_WARNING : NOTE_HINT, &c->notes);
	/* What ended by a failure, told elsewhere, must not call itself complete. */
	c->notes.has_error |= r < 0;
	end = c->want_explanation ? 0 : output_end(&output, &c->notes);
	return r < 0 ? r : end;
}

/* What -K needs of itself, once what is to be listed is known. Returns 0, or the exit status. */
static int prepare_kill(struct classic_cli *c, const struct plan_opts *po, struct killer **ret)
{
	const struct killer_opts ko = { .is_dry_run = c->is_dry_run,
					.has_limit = c->tabulate.has_limit,
					.limit = c->tabulate.limit };
	struct err e;

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
	struct run_opts ro = { .everywhere = c->everywhere,
			       .proc_root = getenv("PROC_ROOT"),
			       .want_threads = c->show & SHOW_THREAD,
			       .is_kernel_only = c->want_kill || c->source == SOURCE_NETLINK,
			       .names = c->env ? c->env->names : names_for_output(c->names),
			       .source = c->source,
			       .env = c->env };
	_cleanup_(killer_freep) struct killer *killer = NULL;
	struct out out;
	struct err e = {};
	int r;

	environ_files(&po);
	if (c->everywhere && (po.tcp_file || po.proc_tables)) {
		(void)err_say(
			&e, 0,
			"the environment says to read sockets from files (TCPDIAG_FILE, PROC_*): they are of "
			"one network namespace");
		return tell_failure(c, EXIT_FAILED, &e);
	}
	if (c->source == SOURCE_PROC)
		environ_only_proc(&po);
	select_filter(filter, &po.select);
	r = c->want_kill ? prepare_kill(c, &po, &killer) : 0;
	if (r)
		return r;
	r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	ro.killer = killer;
	r = list_into(c, &po, &ro, &out, &e);
	if (r == -EINVAL || r == -E2BIG) {
		(void)out_done(&out);
		return tell_failure(c, EXIT_USAGE, &e);
	}
	if (r >= 0)
		r = out_done(&out);
	else
		(void)out_done(&out);
	if (r < 0 && killer &&
	    !c->want_explanation) /* who was destroyed did not come out: at least how many */
		killer_report(killer, NOTE_WARNING, &c->notes);
	return tell_output(c, r);
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

static int find_netns(struct classic_cli *c, struct err *e)
{
	const struct netns_list *list;
	struct rlimit files;
	int r;

	/* One is open for each. */
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	r = names_find_netns(c->names, &list, e);
	return r < 0 ? r : everywhere_new(list, &c->notes, &c->everywhere, e);
}

static int list_words(struct classic_cli *c, const struct sv *words, size_t n_words)
{
	struct filter *filter = NULL;
	struct selection sel;
	struct err e;
	int r = select_words(&c->select, words, n_words, &e);

	if (r < 0)
		return tell_failure(c, EXIT_USAGE, &e);
	if (c->want_all_netns && find_netns(c, &e) < 0)
		return tell_failure(c, EXIT_FAILED, &e);
	words += r;
	n_words -= (size_t)r;
	if (c->tabulate.is_overview && !c->select.has_mask)
		select_states(&c->select, STATES_ALL);
	select_complete(&c->select, &sel);
	if (is_nothing(c, &sel))
		return 0;
	if (c->show & SHOW_RESOLVE && !(c->show & SHOW_NUMERIC))
		names_want_programs(c->names);
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
	return classic_main_on(NULL, argc, argv);
}

int classic_main_on(const struct run_env *env, int argc, char **argv)
{
	struct classic_cli c = { .env = env };
	const struct name_opts no = { .proc_root = getenv("PROC_ROOT"),
				      .port_range = getenv("PROC_IP_LOCAL_PORT_RANGE"),
				      .notes = &c.notes };
	struct text prog = {}; /* whoever calls it chooses what it is called */
	int status;
	bool is_whole;

	utf8_put_safe(&prog, sv(argc && argv[0] ? argv[0] : "ss"), "");
	text_char(&prog, '\0');
	c.prog = prog.failed ? "ss" : prog.p;
	status = names_new(&no, &c.names);
	status = status < 0 ? tell_output(&c, status) : run(&c, argc, argv);
	is_whole = !tell_notes(&c.notes, c.prog);
	if (!status && tabulate_is_wanted(&c.tabulate))
		status = notes_is_whole(&c.notes) ? 0 : EXIT_NEW_INCOMPLETE;
	else if (!status)
		status = is_whole ? 0 : EXIT_FAILED;
	(void)everywhere_free(c.everywhere);
	(void)names_free(c.names);
	notes_done(&c.notes);
	text_done(&prog);
	return status;
}
