/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "cli/classic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/action.h"
#include "cli/environ.h"
#include "cli/options.h"
#include "cli/tell.h"
#include "engine/run.h"
#include "engine/summary.h"

static int print_summary(struct classic_cli *c)
{
	const struct summary_opts o = { .paths = { .proc_root = getenv("PROC_ROOT"),
						   .sockstat = getenv("PROC_NET_SOCKSTAT"),
						   .sockstat6 = getenv("PROC_NET_SOCKSTAT6"),
						   .snmp = getenv("PROC_NET_SNMP") } };
	struct text text = {}, notes = {};
	int r = summary_render(&o, &text, &notes);

	if (r >= 0)
		r = tell_answer(&text);
	if (notes.len)
		(void)fwrite(notes.p, 1, notes.len, stderr);
	text_done(&text);
	text_done(&notes);
	return tell_output(c, r);
}

static int parse_filter(struct classic_cli *c, const struct selection *sel, const struct sv *words,
			size_t n_words, struct filter **ret)
{
	const uint64_t both = UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6;
	struct filter_env env = {
		.preferred = (c->select.chosen & both) == both ? AF_UNSPEC : c->select.preferred,
		.selected = sel->families,
		.want_tcp = sel->tables >> TABLE_TCP & 1,
		.want_udp = sel->tables >> TABLE_UDP & 1,
		.push = FILTER_PUSH_AUTO | FILTER_PUSH_DEV | FILTER_PUSH_MARK | FILTER_PUSH_CGROUP,
	};
	struct text file = {};
	struct err e;
	int r = 0;

	names_for_filter(c->names, &env);
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
	return tell_failure(c, r == -EDOM || r == -ENOMEM ? EXIT_FAILED : EXIT_USAGE, &e);
}

static void note_filter(struct classic_cli *c, const struct filter *f)
{
	if (filter_is_mixed(f))
		notes_add(&c->notes, NOTE_HINT,
			  "\"and\" and \"or\" bind equally, from the left, in this filter: parentheses make "
			  "it plain");
}

/* Lists what @words and the options select. */
static int list(struct classic_cli *c, const struct selection *sel, const struct filter *filter)
{
	struct plan_opts po = { .select = *sel,
				.filter = filter,
				.want_storage = c->show & SHOW_STORAGE,
				.map_fds = c->map_fd,
				.n_map_fds = c->n_map_fds };
	struct run_opts ro = { .proc_root = getenv("PROC_ROOT"),
			       .want_threads = c->show & SHOW_THREAD,
			       .is_kernel_only = c->want_kill,
			       .source = c->source,
			       .env = c->env };
	struct classic_opts so = { .show = c->show,
				   .names = c->env ? c->env->names : names_for_output(c->names) };
	_cleanup_(killer_freep) struct killer *killer = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct sink *sink = NULL;
	struct out out;
	struct err e;
	int r;

	if (sel->tables & (sel->tables - 1))
		so.show |= SHOW_NETID;
	if (sel->states & (sel->states - 1))
		so.show |= SHOW_STATE;
	so.screen = environ_screen(&so.is_terminal);
	environ_files(&po);
	if (filter_named(filter))
		po.select.families = filter_named(filter);
	po.select.families &= filter_families(filter);
	if (c->want_kill && !action_can_kill(&po, &e))
		return tell_failure(c, EXIT_FAILED, &e);
	r = c->want_kill ? killer_new(c->is_dry_run, &killer) : 0;
	if (r >= 0)
		r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	ro.killer = killer;
	r = classic_new(&so, &out, &sink);
	if (r >= 0) {
		sink->ops->fields(sink, &po.fields);
		filter_fields(filter, &po.fields);
		r = plan_new(&po, &plan);
	}
	if (r >= 0)
		r = run_plan(plan, &ro, sink, &c->notes, &e);
	(void)classic_free(sink);
	if (r >= 0)
		r = out_done(&out);
	else
		(void)out_done(&out);
	return tell_output(c, r);
}

static int list_words(struct classic_cli *c, const struct sv *words, size_t n_words)
{
	struct filter *filter = NULL;
	struct selection sel;
	struct err e;
	int r = select_words(&c->select, words, n_words, &e);

	if (r < 0)
		return tell_failure(c, EXIT_USAGE, &e);
	words += r;
	n_words -= (size_t)r;
	select_complete(&c->select, &sel);
	if (!sel.tables || !sel.families || !sel.states) {
		(void)err_say(&e, 0, "no %s to show with such filter.",
			      !sel.tables     ? "socket tables"
			      : !sel.families ? "families"
					      : "socket states");
		return tell_failure(c, 0, &e);
	}
	r = parse_filter(c, &sel, words, n_words, &filter);
	if (r == 0) {
		note_filter(c, filter);
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
	return EXIT_USAGE;
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
	struct classic_cli c = { .prog = argc && argv[0] ? argv[0] : "ss", .env = env };
	const struct name_opts no = { .proc_root = getenv("PROC_ROOT"),
				      .port_range = getenv("PROC_IP_LOCAL_PORT_RANGE"),
				      .notes = &c.notes };
	int status = names_new(&no, &c.names);

	status = status < 0 ? tell_output(&c, status) : run(&c, argc, argv);
	if (tell_notes(&c.notes, c.prog) && !status)
		status = EXIT_FAILED;
	(void)names_free(c.names);
	notes_done(&c.notes);
	return status;
}
