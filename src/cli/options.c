/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "cli/options.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "cli/complete.h"
#include "cli/tabulate.h"
#include "cli/tell.h"
#include "config.h"
#include "host/enter.h"
#include "host/names.h"
#include "sink/schema.h"

#define BIT(t) (1u << TABLE_##t)

/* Options that only say what to show. */
static const struct {
	enum option id;
	uint32_t show;
} shows[] = {
	{ OPTION_NUMERIC, SHOW_NUMERIC },     { OPTION_RESOLVE, SHOW_RESOLVE },
	{ OPTION_OPTIONS, SHOW_TIMER },       { OPTION_EXTENDED, SHOW_DETAIL | SHOW_TIMER },
	{ OPTION_MEMORY, SHOW_MEM },          { OPTION_PROCESSES, SHOW_PROCESS },
	{ OPTION_THREADS, SHOW_THREAD },      { OPTION_INFO, SHOW_INFO },
	{ OPTION_TIPCINFO, SHOW_TIPCINFO },   { OPTION_TOS, SHOW_TOS },
	{ OPTION_CGROUP, SHOW_CGROUP },       { OPTION_BPF, SHOW_BPF | SHOW_TIMER },
	{ OPTION_CONTEXT, SHOW_CONTEXT },     { OPTION_CONTEXTS, SHOW_CONTEXT | SHOW_SOCKET_CONTEXT },
	{ OPTION_NO_HEADER, SHOW_NO_HEADER }, { OPTION_NO_QUEUES, SHOW_NO_QUEUES },
	{ OPTION_ONELINE, SHOW_ONELINE },     { OPTION_SOCKOPT, SHOW_SOCKOPT },
	{ OPTION_BPF_MAPS, SHOW_STORAGE },    { OPTION_BPF_MAP_ID, SHOW_STORAGE },
};

static const struct {
	enum option id;
	uint32_t tables;
	sa_family_t family;
} selects[] = {
	{ OPTION_TCP, BIT(TCP), 0 }, { OPTION_MPTCP, BIT(MPTCP), 0 }, { OPTION_SCTP, BIT(SCTP), 0 },
	{ OPTION_UDP, BIT(UDP), 0 }, { OPTION_DCCP, BIT(DCCP), 0 },   { OPTION_RAW, BIT(RAW), 0 },
	{ OPTION_IPV4, 0, AF_INET }, { OPTION_IPV6, 0, AF_INET6 },    { OPTION_PACKET, 0, AF_PACKET },
	{ OPTION_UNIX, 0, AF_UNIX }, { OPTION_TIPC, 0, AF_TIPC },     { OPTION_VSOCK, 0, AF_VSOCK },
	{ OPTION_XDP, 0, K_AF_XDP }, { OPTION_SMC, 0, K_AF_SMC },
};

/* Ends the run with @t, which it frees, as the answer. */
static int print(const struct classic_cli *c, struct text *t)
{
	int status = tell_output(c, tell_answer(t));

	text_done(t);
	return status ? -EIO : 1;
}

static int print_help(const struct classic_cli *c)
{
	struct text t = {};

	text_str(&t, "Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n");
	argv_help(&t);
	text_str(&t,
		 "       FILTER := [ state STATE ]... [ exclude STATE ]... [ EXPRESSION ]\n"
		 "       STATE := {all|connected|synchronized|bucket|big|TCP-STATE}\n"
		 "         TCP-STATE := "
		 "{established|syn-sent|syn-recv|fin-wait-1|fin-wait-2|time-wait|closed|\n"
		 "                       close-wait|last-ack|listening|closing|bound-inactive}\n"
		 "         connected := all but closed and listening\n"
		 "         synchronized := connected but syn-sent\n"
		 "         bucket := syn-recv and time-wait, which take little memory\n"
		 "         big := all but bucket\n"
		 "       EXPRESSION := terms such as src ADDRESS, dst ADDRESS[:PORT], sport = PORT, dport >= "
		 "PORT,\n"
		 "         dev NAME, fwmark MARK[/MASK], cgroup PATH, autobound, with and, or, not, ( )\n");
	return print(c, &t);
}

static int print_version(const struct classic_cli *c)
{
	struct text t = {};

	text_printf(&t, "ss utility, sockeye-%s, in the format of iproute2-7.3.0 (%s)\n", SOCKEYE_VERSION,
		    SOCKEYE_FEATURES);
	return print(c, &t);
}

/* The words that @a has not looked at yet are a command line, typed so far. */
static int print_completion(const struct classic_cli *c, const struct argv *a)
{
	struct text t = {};

	complete(a->argc - a->at + 1, a->argv + a->at - 1, complete_system, &t);
	return print(c, &t);
}

static int print_schema(const struct classic_cli *c)
{
	struct text t = {};

	if (schema_put(&t) < 0)
		text_fail(&t);
	return print(c, &t);
}

static int one_value(const char **to, const char *arg, const char *what, struct err *e)
{
	if (*to)
		return err_say(e, -EBADF, "More than one %s", what);
	*to = arg;
	return 0;
}

/* --bpf-maps, or with @id --bpf-map-id. */
static int want_storage(struct classic_cli *c, const char *id, struct err *e)
{
	static const char both[] = "--bpf-maps and --bpf-map-id cannot be used together";
	uint64_t number;
	int r = names_want_storage(c->host->names, e);

	if (r < 0)
		return r == -EOPNOTSUPP ? err_context(e, -EBADF, "%s", id ? "--bpf-map-id" : "--bpf-maps")
					: r;
	if (!id && c->n_map_fds)
		return err_say(e, -EBADF, both);
	if (id && c->has_all_maps)
		return err_say(e, -EEXIST, both);
	if (!id) {
		c->has_all_maps = true;
		return 0;
	}
	if (!num_read(sv(id), 0, UINT32_MAX, &number) || !number)
		return err_say(e, -ENOENT, "invalid BPF map ID %s", id);
	r = names_open_map(c->host->names, (uint32_t)number, e);
	if (r < 0)
		return r == -EINVAL || r == -EBADF ? -ENOENT : r;
	for (size_t i = 0; i < c->n_map_fds; i++) /* the kernel refuses to be told twice */
		if (c->map_fd[i] == (uint32_t)r)
			return 0;
	if (c->n_map_fds == MAP_IDS_MAX)
		notes_add(&c->notes, NOTE_WARNING, "more than %d BPF maps: map ID %s is left out",
			  MAP_IDS_MAX, id);
	else
		c->map_fd[c->n_map_fds++] = (uint32_t)r;
	return 0;
}

/* A namespace may be called "all", too. */
static int enter_netns(struct classic_cli *c, const char *where, struct err *e)
{
	int r;

	if (!c->host->is_live && strcmp(where, "all") != 0)
		return err_say(e, -ENODEV, "-N %s: a recording is of one network namespace", where);
	r = c->host->is_live ? netns_enter(where, &c->notes, e) : -ENOENT;
	if (r != -ENOENT || strcmp(where, "all") != 0)
		return r < 0 ? -ENODEV : 0;
	c->want_all_netns = true;
	return 0;
}

/* What has to be asked or done as soon as @o comes. Returns as options_read(). */
static int do_option(struct classic_cli *c, const struct argv *a, const struct argv_option *o, struct err *e)
{
	int r;

	switch (o->id) {
	case OPTION_HELP: return print_help(c);
	case OPTION_VERSION: return print_version(c);
	case OPTION_COMPLETE: return print_completion(c, a);
	case OPTION_SCHEMA: return print_schema(c);
	case OPTION_FAMILY: return strcmp(o->arg, "help") ? 0 : print_help(c);
	/* Whatever it failed with: the command line is understood. */
	case OPTION_NET: return enter_netns(c, o->arg, e);
	case OPTION_CONTEXT:
	case OPTION_CONTEXTS:
		r = names_has_contexts(c->host->names, e);
		return r ? r : err_say(e, -ENODEV, "SELinux is not enabled.");
	case OPTION_BPF_MAPS:
	case OPTION_BPF_MAP_ID: return want_storage(c, o->arg, e);
	default: return 0;
	}
}

static int note_limit(struct tabulate_opts *t, const char *arg, struct err *e)
{
	t->has_limit = true;
	if (num_read(sv(arg), 10, UINT32_MAX, &t->limit))
		return 0;
	return err_say(e, -EINVAL, "--limit: \"%s\" is no number of lines", arg);
}

/* What @o says about records. */
static int note_tabulate(struct tabulate_opts *t, const struct argv_option *o, struct err *e)
{
	switch (o->id) {
	case OPTION_JSON: t->format = "json"; break;
	case OPTION_FORMAT: t->format = o->arg; break;
	case OPTION_COLUMNS: t->columns = o->arg; break;
	case OPTION_SORT: t->sort = o->arg; break;
	case OPTION_BY: t->by = o->arg; break;
	case OPTION_FIELDS: t->fields = o->arg ? o->arg : ""; break;
	case OPTION_LIMIT: return note_limit(t, o->arg, e);
	default: break;
	}
	return 0;
}

/* What @o says beyond the tables above. */
static int note_option(struct classic_cli *c, const struct argv_option *o, struct err *e)
{
	struct select *s = &c->select;

	switch (o->id) {
	case OPTION_ALL: select_states(s, STATES_ALL); break;
	case OPTION_LISTENING: select_states(s, STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE)); break;
	case OPTION_BOUND:
		select_states(s, STATE(K_TCP_BOUND_INACTIVE));
		s->wants_bound = true;
		break;
	case OPTION_FAMILY: return select_family_name(s, o->arg, e);
	case OPTION_QUERY: return select_query(s, o->arg, e);
	case OPTION_SUMMARY:
		if (o->arg && strcmp(o->arg, "full") != 0)
			return err_say(e, -EINVAL, "--summary is for itself or --summary=full, not \"%s\"",
				       o->arg);
		c->want_summary |= !o->arg;
		c->tabulate.is_overview |= o->arg != NULL;
		break;
	case OPTION_FILTER: /* as with -D, any name that begins so is the standard stream */
		return one_value(&c->filter_file, o->arg[0] == '-' ? "-" : o->arg, "filter file", e);
	case OPTION_KILL: c->want_kill = true; break;
	case OPTION_DRY_RUN: c->is_dry_run = true; break;
	case OPTION_YES: c->is_sure = true; break;
	case OPTION_EXPLAIN: c->want_explanation = true; break;
	case OPTION_SOURCE:
		if (!choose_parse(o->arg, &c->source))
			return err_say(e, -EBADF, "--source is auto, netlink, bpf or proc, not \"%s\"",
				       o->arg);
		break;
	case OPTION_EVENTS: c->want_events = true; break;
	case OPTION_ALL_NETNS: c->want_all_netns = true; break;
	case OPTION_DIAG: c->dump_file = o->arg; break;
	default: return note_tabulate(&c->tabulate, o, e);
	}
	return 0;
}

int options_note(struct classic_cli *c, const struct argv_option *o, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(shows); i++)
		if (shows[i].id == o->id)
			c->show |= shows[i].show;
	for (size_t i = 0; i < ARRAY_SIZE(selects); i++) {
		if (selects[i].id != o->id)
			continue;
		if (selects[i].tables)
			select_table(&c->select, selects[i].tables);
		else
			select_family(&c->select, selects[i].family);
	}
	return note_option(c, o, e);
}

/* What cannot be asked of all network namespaces at once. */
static int check_all_netns(const struct classic_cli *c, struct err *e)
{
	const char *what = c->want_kill      ? "-K destroys"
			   : c->want_events  ? "-E watches"
			   : c->dump_file    ? "-D records"
			   : c->want_summary ? "-s counts"
					     : NULL;

	if (!c->want_all_netns || !what)
		return 0;
	return err_say(e, -EINVAL, "%s the sockets of one network namespace: name it with -N", what);
}

/* What would make -K destroy other sockets than those it lists. */
static int check_kill(const struct classic_cli *c, struct err *e)
{
	const struct tabulate_opts *t = &c->tabulate;

	if (!c->want_kill && (c->is_dry_run || c->is_sure))
		return err_say(e, -EINVAL, "%s is for -K", c->is_dry_run ? "--dry-run" : "--yes");
	if (!c->want_kill || !t->has_limit)
		return 0;
	if (t->by)
		return err_say(
			e, -EINVAL,
			"-K with --by and --limit: which groups are shown is known only when all sockets "
			"are counted; say in the filter what is to be destroyed");
	if (t->sort)
		return err_say(
			e, -EINVAL,
			"-K with --sort and --limit: which sockets come first is known only when all are "
			"listed; say in the filter what is to be destroyed");
	return 0;
}

int options_check(const struct classic_cli *c, struct err *e)
{
	if (check_all_netns(c, e) < 0)
		return -EINVAL;
	if (c->want_kill && c->want_events)
		return err_say(e, -EINVAL,
			       "-K and -E do not go together: what has ended cannot be destroyed");
	if (c->want_kill && c->dump_file)
		return err_say(e, -EINVAL, "-K and -D do not go together");
	if (c->want_events && c->dump_file)
		return err_say(e, -EINVAL, "-E and -D do not go together");
	if (check_kill(c, e) < 0)
		return -EINVAL;
	if (c->dump_file && tabulate_is_wanted(&c->tabulate))
		return err_say(e, -EINVAL,
			       "-D writes what the kernel says as it is: it has no columns or formats");
	if (c->want_events && (c->tabulate.by || c->tabulate.sort))
		return err_say(e, -EINVAL, "-E has no end, so that %s has no answer",
			       c->tabulate.by ? "--by" : "--sort");
	if (c->tabulate.is_overview && (c->want_events || c->want_kill))
		return err_say(e, -EINVAL, "--summary=full is about what there is: not with -E or -K");
	return tabulate_check(&c->tabulate, e);
}

int options_read(struct classic_cli *c, struct argv *a, struct err *e)
{
	struct argv_option o;
	int r;

	while ((r = argv_next(a, &o, e)) > 0) {
		r = do_option(c, a, &o, e);
		if (r == 0)
			r = options_note(c, &o, e);
		if (r)
			return r;
	}
	return r < 0 ? r : options_check(c, e);
}
