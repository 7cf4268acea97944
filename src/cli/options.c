/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/options.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/like.h"
#include "base/num.h"
#include "cli/features.h"
#include "cli/modes.h"
#include "cli/when.h"
#include "doctor/form.h"
#include "model/event.h"
#include "query/quantity.h"

struct meaning {
	enum option id;
	enum feature feature;
	uint32_t show, tables;
	sa_family_t family;
	bool is_once;
};

/* clang-format off */
static const struct meaning meanings[] = {
#define IS(f) .feature = FEATURE_##f
#define ONCE(f) .feature = FEATURE_##f, .is_once = true
#define SHOWS(bits) .feature = FEATURE_SHOWN, .show = (bits)
#define SHOWS_AS(f, bits) .feature = FEATURE_##f, .show = (bits)
#define TABLE(t) .feature = FEATURE_SELECTED, .tables = 1u << TABLE_##t
#define OF(f) .feature = FEATURE_SELECTED, .family = (f)
#define OPTION(id_, c, name, arg, means, help) { .id = OPTION_##id_, means },
#define OURS OPTION
#include "cli/options.def"
};
/* clang-format on */

static const struct meaning *find_meaning(enum option id)
{
	const struct meaning *m = meanings;

	while (m->id != id)
		m++;
	return m;
}

static int note_limit(struct tabulate_opts *t, const char *arg, struct err *e)
{
	t->has_limit = true;
	if (num_read(sv(arg), 10, UINT32_MAX, &t->limit))
		return 0;
	return err_say(e, -EINVAL, "--limit: \"%s\" is no number of lines", arg);
}

static int note_format(struct tabulate_opts *t, const char *arg, struct err *e)
{
	const struct form *form = form_find(sv(arg));
	struct like like = like_init(sv(arg));
	struct text known = {};

	t->format = arg;
	if (format_find(sv(arg)) || (form && form->is_ours))
		return 0;
	formats_put_names(&known, ", ");
	for (const struct format *f = formats; f->name; f++)
		like_look(&like, f->name);
	text_str(&known, ", nor with --doctor");
	for (const struct form *f = forms; f->name; f++) {
		if (!f->is_ours)
			continue;
		like_look(&like, f->name);
		text_printf(&known, " %s", f->name);
	}
	(void)err_say(e, -EINVAL, "--format: \"%s\" is none of %.*s" LIKE_FMT, arg, (int)known.len, known.p,
		      LIKE_ARG(like.found));
	text_done(&known);
	return -EINVAL;
}

static int refuse_source(const char *arg, struct err *e)
{
	struct like like = like_init(sv(arg));

	for (enum source_kind s = SOURCE_AUTO; s < SOURCE_BPF_COUNTS; s++)
		like_look(&like, choose_name(s));
	return err_say(e, -EBADF, "--source is auto, netlink, bpf or proc, not \"%s\"" LIKE_FMT, arg,
		       LIKE_ARG(like.found));
}

/* A year: more is a mistake. */
enum { DAYS_MAX = 366 };

/* Reads @arg, "1", "0.5s" or "5m", as microseconds. */
static bool read_time(const char *arg, uint64_t *ret)
{
	struct quantity t;
	int r = quantity_read(T_USEC, sv(arg), sv("1s"), &t);

	*ret = t.n;
	return r >= 0 && t.is_exact && t.n && t.n <= UINT64_C(86400000000) * DAYS_MAX;
}

static int note_every(struct request *q, const char *arg, struct err *e)
{
	if (read_time(arg, &q->every_us))
		return 0;
	return err_say(e, -EINVAL, "--every: \"%s\" is no time between samples, such as 1, 0.5s, 200ms or 5m",
		       arg);
}

static int note_watch(struct request *q, enum watch_kind kind, const struct argv_option *o, struct err *e)
{
	q->watch = kind;
	if (!o->arg || read_time(o->arg, &q->watch_us))
		return 0;
	return err_say(e, -EINVAL, "--%s: \"%s\" is no time to wait, such as 1, 0.5s, 200ms or 5m",
		       o->def->name, o->arg);
}

static int note_live(struct request *q, const char *arg, struct err *e)
{
	q->is_live_plain = arg && !strcmp(arg, "plain");
	if (!arg || q->is_live_plain)
		return 0;
	return err_say(e, -EINVAL, "--live is for itself or --live=plain, not \"%s\"", arg);
}

static int note_count(struct request *q, const char *arg, struct err *e)
{
	if (num_read(sv(arg), 10, UINT32_MAX, &q->count) && q->count)
		return 0;
	return err_say(e, -EINVAL, "--count: \"%s\" is no number of samples", arg);
}

/* A number with a unit that @type has. */
static bool read_limit(enum type type, struct sv s, uint64_t *ret)
{
	struct quantity v;
	uint64_t bare;

	if (num_read(s, 10, UINT64_MAX, &bare) || quantity_read(type, s, sv(""), &v) < 0 || !v.n)
		return false;
	*ret = v.n;
	return true;
}

/* "14d,1GiB": how old, and how large, in either order. */
static int note_keep(struct request *q, const char *arg, struct err *e)
{
	for (struct sv rest = sv(arg), word; rest.p;) {
		word = sv_take(&rest, ',');
		if (!read_limit(T_BYTES, word, &q->keep_bytes) && !read_limit(T_USEC, word, &q->keep_us))
			return err_say(e, -EINVAL,
				       "--keep: \"%.*s\" is neither an age nor a size, such as 14d or 1GiB",
				       SV_ARG(word));
	}
	return 0;
}

static int note_sync(struct request *q, const char *arg, struct err *e)
{
	if (read_time(arg, &q->sync_us))
		return 0;
	return err_say(e, -EINVAL, "--sync: \"%s\" is no time, such as 5s or 1m", arg);
}

static int note_flight(struct request *q, const char *arg, struct err *e)
{
	if (read_time(arg, &q->flight_us))
		return 0;
	return err_say(e, -EINVAL, "--flight: \"%s\" is no time, such as 10m or 90s", arg);
}

static int note_with(struct request *q, const char *arg, struct err *e)
{
	q->wants_cmdline = !strcmp(arg, "cmdline");
	if (q->wants_cmdline || !strcmp(arg, "none"))
		return 0;
	return err_say(e, -EINVAL, "--with is none or cmdline, not \"%s\"", arg);
}

static int note_time(const char *name, const char *arg, const char **to, struct err *e)
{
	struct when unused;
	int r = when_read(sv(arg), &unused, e);

	*to = arg;
	return r < 0 ? err_context(e, r, "--%s", name) : 0;
}

static int note_fail_on(struct request *q, const char *arg, struct err *e)
{
	q->fail_on = severity_find(sv(arg));
	if (q->fail_on != SEVERITY_NONE || !strcmp(arg, "never"))
		return 0;
	return err_say(e, -EINVAL, "--fail-on is info, warning, critical or never, not \"%s\"", arg);
}

static int note_color(struct request *q, const char *arg, struct err *e)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(arg, words[i]) != 0)
			continue;
		q->color = (enum color)i;
		return 0;
	}
	q->is_new_refused = true;
	return err_say(e, -EINVAL, "--color is auto, always or never, not \"%s\"", arg);
}

/* As with -D, any name that begins so is the standard stream. */
static int note_filter(struct request *q, const char *arg, struct err *e)
{
	if (q->filter_file)
		return err_say(e, -EBADF, "-F: there is one file of a filter already");
	q->filter_file = arg[0] == '-' ? "-" : arg;
	return 0;
}

/* What @o says about which sockets, beyond options.def. */
static int note_selected(struct select *s, enum option id, const char *arg, struct err *e)
{
	switch (id) {
	case OPTION_ALL: select_states(s, STATES_ALL); break;
	case OPTION_LISTENING: select_states(s, STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE)); break;
	case OPTION_BOUND:
		select_states(s, STATE(K_TCP_BOUND_INACTIVE));
		s->wants_bound = true;
		break;
	case OPTION_FAMILY: return strcmp(arg, "help") ? select_family_name(s, arg, e) : 0;
	case OPTION_QUERY: return select_query(s, arg, e);
	default: break;
	}
	return 0;
}

/* Elsewhere - is standard output. */
static int note_capture(struct request *q, const char *arg, struct err *e)
{
	q->capture_file = arg;
	if (strcmp(arg, "-") != 0)
		return 0;
	return err_say(
		e, -EINVAL,
		"--record=-: a recording is a file, which samples are added to, and no stream; name the "
		"file, or say --record=./- for one of that name. To print samples: --every with "
		"--format=ndjson");
}

/* @arg: NULL for none. */
static int note_partial(struct request *q, const char *arg, struct err *e)
{
	q->wants_rounds = arg;
	if (arg && strcmp(arg, "rounds") != 0)
		return err_say(e, -EINVAL, "--partial is for itself or --partial=rounds, not \"%s\"", arg);
	return 0;
}

/* What @o says beyond options.def. */
static int note_option(struct request *q, const struct argv_option *o, struct err *e)
{
	const char *arg = o->arg ? o->arg : "";
	struct tabulate_opts *t = &q->tabulate;

	switch (o->id) {
	case OPTION_SUMMARY:
		if (o->arg && strcmp(arg, "full") != 0)
			return err_say(e, -EINVAL, "--summary is for itself or --summary=full, not \"%s\"",
				       arg);
		break;
	case OPTION_SOURCE:
		if (!choose_parse(arg, &q->source))
			return refuse_source(arg, e);
		break;
	case OPTION_FILTER: return note_filter(q, arg, e);
	case OPTION_EVENTS:
		if (o->arg) {
			q->is_new_refused = true;
			return event_parse(arg, &q->events, e);
		}
		break;
	case OPTION_ALL_NETNS: q->want_all_netns = true; break;
	case OPTION_DIAG: q->dump_file = arg; break;
	case OPTION_ROOT: q->root = arg; break;
	case OPTION_FIELDS: q->fields = arg; break;
	case OPTION_JSON:
	case OPTION_NDJSON:
	case OPTION_CSV: t->format = o->def->name; break;
	case OPTION_CHART: t->format = format_of_chart(sv(arg ? arg : "")); break;
	case OPTION_COLOR: return note_color(q, arg, e);
	case OPTION_FORMAT: return note_format(t, arg, e);
	case OPTION_COLUMNS: t->columns = arg; break;
	case OPTION_SORT: t->sort = arg; break;
	case OPTION_BY: t->by = arg; break;
	case OPTION_HAVING: t->having = arg; break;
	case OPTION_ZERO: t->has_zero = true; break;
	case OPTION_EXISTS: return note_watch(q, WATCH_EXISTS, o, e);
	case OPTION_WAIT: return note_watch(q, WATCH_WAIT, o, e);
	case OPTION_GONE: return note_watch(q, WATCH_GONE, o, e);
	case OPTION_EVERY: return note_every(q, arg, e);
	case OPTION_LIVE: return note_live(q, o->arg, e);
	case OPTION_COUNT: return note_count(q, arg, e);
	case OPTION_CAPTURE: return note_capture(q, arg, e);
	case OPTION_SYNC: return note_sync(q, arg, e);
	case OPTION_KEEP: return note_keep(q, arg, e);
	case OPTION_FLIGHT: return note_flight(q, arg, e);
	case OPTION_WITH: return note_with(q, arg, e);
	case OPTION_FROM: q->from = arg; break;
	case OPTION_AT: return note_time("at", arg, &q->at, e);
	case OPTION_SINCE: return note_time("since", arg, &q->since, e);
	case OPTION_UNTIL: return note_time("until", arg, &q->until, e);
	case OPTION_DIFF: q->diff = arg; break;
	case OPTION_DOCTOR: q->doctor = arg; break;
	case OPTION_METRICS: q->metrics = o->arg; break;
	case OPTION_HOSTS: q->hosts = arg; break;
	case OPTION_PARTIAL: return note_partial(q, o->arg, e);
	case OPTION_RULES: q->rules = arg; break;
	case OPTION_SKIP: q->skip = arg; break;
	case OPTION_THRESHOLDS: q->thresholds = arg; break;
	case OPTION_SUPPRESS: q->suppress = arg; break;
	case OPTION_FAIL_ON: return note_fail_on(q, arg, e);
	case OPTION_TIMESTAMP: q->want_time = true; break;
	case OPTION_LIMIT: return note_limit(t, arg, e);
	default: return note_selected(&q->select, o->id, arg, e);
	}
	return 0;
}

/* An argument may make another feature of an option. */
static enum feature feature_of(const struct meaning *m, const struct argv_option *o)
{
	const char *arg = o->arg ? o->arg : "";

	if (o->id == OPTION_SUMMARY && !strcmp(arg, "full"))
		return FEATURE_OVERVIEW;
	if (o->id == OPTION_EVENTS && o->arg)
		return FEATURE_TRACE;
	if (o->id == OPTION_FAMILY && !strcmp(arg, "help"))
		return FEATURE_HELP;
	/* Whether that is the name of one is found out when it is entered: see cli/prepare.c. */
	if (o->id == OPTION_NET && !strcmp(arg, "all"))
		return FEATURE_NONE;
	return m->feature;
}

static int refuse_second(struct request *q, const struct said *first, const struct argv_option *o,
			 struct err *e)
{
	const struct said second = { .def = o->def, .arg = o->arg, .is_letter = o->is_letter };
	struct text t = {};

	said_put(first, true, &t);
	text_str(&t, " and ");
	said_put(&second, true, &t);
	text_str(&t, " do not go together: say ");
	if (o->def->arg && !strcmp(o->def->arg, "FIELDS"))
		text_printf(&t, "--%s=%s,%s", o->def->name, first->arg, o->arg);
	else
		text_str(&t, "one");
	q->is_new_refused |= o->def->is_ours;
	(void)err_say(e, 0, "%.*s", (int)t.len, t.p);
	text_done(&t);
	return -EINVAL;
}

/* What an option says, so that another one may say the same: a format that has an option is called as that.
 */
static const char *word_of(const struct option_def *def, const char *arg)
{
	return arg ? arg : def->name;
}

static bool says_same(const struct said *s, const struct argv_option *o)
{
	if (s->arg && o->arg && strcmp(s->def->name, o->def->name) != 0)
		return false;
	return !strcmp(word_of(s->def, s->arg), word_of(o->def, o->arg));
}

/* "--columns=state, rtt": the shell makes two words of it, and the second would be a filter. */
static int check_list(struct request *q, const struct argv_option *o, struct err *e)
{
	size_t len = o->arg && o->def->arg && !strcmp(o->def->arg, "FIELDS") ? strlen(o->arg) : 0;

	if (!len || o->arg[len - 1] != ',')
		return 0;
	q->is_new_refused = true;
	return err_say(
		e, -EINVAL,
		"--%s: a field has to follow the comma; a list with blanks in it stands between quotation "
		"marks: --%s='%s ...'",
		o->def->name, o->def->name, o->arg);
}

static int note(struct request *q, const struct argv_option *o, struct err *e)
{
	const struct meaning *m = find_meaning(o->id);
	enum feature f = feature_of(m, o);
	struct said *s = &q->said[f];

	if (m->is_once && s->def && !says_same(s, o))
		return refuse_second(q, s, o, e);
	if (!s->def && f != FEATURE_NONE)
		*s = (struct said){ .def = o->def, .arg = o->arg, .is_letter = o->is_letter };
	if (check_list(q, o, e) < 0)
		return -EINVAL;
	q->show |= m->show;
	if (m->tables)
		select_table(&q->select, m->tables);
	else if (m->family)
		select_family(&q->select, m->family);
	return note_option(q, o, e);
}

int options_read(struct request *q, struct argv *a, struct err *e)
{
	struct argv_option o;
	int r;

	while ((r = argv_next(a, &o, e)) > 0) {
		r = note(q, &o, e);
		if (r < 0)
			return r;
		q->n_options++;
		if (mode_of(q)->is_final) {
			q->typed = a->argv + a->at - 1;
			q->n_typed = a->argc - a->at + 1;
			return 0;
		}
	}
	return r;
}
