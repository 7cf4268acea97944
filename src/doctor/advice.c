/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/advice.h"

#include <errno.h>

#include "base/num.h"
#include "doctor/condition.h"

static void end_line(struct text *t)
{
	if (t->len && t->p[t->len - 1] != '\n')
		text_char(t, '\n');
}

/* Whether the setting that is said in brackets has the value that is said there. */
static bool is_so(const struct scope *s, struct sv name, struct sv wanted, bool is_least, struct text *ret)
{
	struct text filled = {};
	struct sv setting = reading_setting(s->now, name), word;
	uint64_t is, least;
	bool r;

	scope_fill(s, wanted, &filled);
	word = sv_n(filled.p, filled.len);
	r = is_least ? num_read(sv_trim(setting), 10, UINT64_MAX, &is) &&
			       num_read(word, 10, UINT64_MAX, &least) && is >= least
		     : word.len && sv_eq(setting, word);
	if (filled.failed)
		text_fail(ret);
	text_done(&filled);
	return r;
}

/* "[name>=value] text" */
static void put_line(const struct scope *s, struct sv line, struct text *ret)
{
	struct sv rest = sv_from(line, 1), head, value;
	ptrdiff_t sign;
	bool is_least;

	if (!line.len || line.p[0] != '[') {
		end_line(ret);
		scope_fill(s, line, ret);
		return;
	}
	head = sv_take(&rest, ']');
	sign = sv_find(head, '=');
	value = sign < 0 ? (struct sv){} : sv_from(head, (size_t)sign + 1);
	is_least = sign > 0 && head.p[sign - 1] == '>';
	head = sign < 0 ? head : sv_first(head, (size_t)sign - is_least);
	if (!reading_setting(s->now, head).p)
		return;
	end_line(ret);
	if (value.p && is_so(s, head, value, is_least, ret)) {
		text_printf(ret, "already so: %.*s = %.*s", SV_ARG(head),
			    SV_ARG(reading_setting(s->now, head)));
		return;
	}
	scope_fill(s, sv_trim(rest), ret);
}

int advice_put(const struct scope *s, const char *dos, struct text *ret)
{
	struct sv line;

	while ((line = rule_line(&dos)).p)
		put_line(s, line, ret);
	return ret->failed ? -ENOMEM : 0;
}

void advice_put_quoted(struct text *t, struct sv word)
{
	bool is_plain = word.len;

	for (size_t i = 0; i < word.len && is_plain; i++)
		is_plain = !strchr(" \t\n\"'\\$`|&;<>()*?[]{}!#~", word.p[i]);
	if (is_plain) {
		text_sv(t, word);
		return;
	}
	text_char(t, '\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] == '\'')
			text_str(t, "'\\''");
		else
			text_char(t, word.p[i]);
	}
	text_char(t, '\'');
}

/* What a condition names is collected as the arguments of commands. */
struct numbers {
	struct text counters, settings;
};

static void add_word(struct text *t, struct sv word)
{
	struct sv rest = sv_n(t->p, t->len), w;

	for (w = sv_word(&rest); w.len; w = sv_word(&rest))
		if (sv_eq(w, word))
			return;
	text_char(t, ' ');
	text_sv(t, word);
}

/* "Tcp.RetransSegs" is TcpRetransSegs to nstat. */
static void add_counter(struct text *t, struct sv name)
{
	char word[96];
	size_t n = 0;

	for (size_t i = 0; i < name.len && n < sizeof(word); i++)
		if (name.p[i] != '.')
			word[n++] = name.p[i];
	add_word(t, sv_n(word, n));
}

static int note_name(void *ctx, const struct scope *s, struct sv name)
{
	struct numbers *n = ctx;
	ptrdiff_t open = sv_find(name, '(');

	for (size_t i = 0; i < s->n; i++)
		if (sv_is(name, s->columns[i].name))
			return 0;
	if (open > 0) /* delta() and rate() */
		name = sv_n(name.p + open + 1, name.len - (size_t)open - 2);
	if (sv_find(name, '.') <= 0 || name.p[0] == '$')
		return 0;
	if (!reading_is_counter(name)) {
		ptrdiff_t at = sv_find(name, '[');

		add_word(&n->settings, at < 0 ? name : sv_first(name, (size_t)at));
	} else if (name.p[0] >= 'A' && name.p[0] <= 'Z') {
		add_counter(&n->counters, name);
	} else {
		add_word(&n->counters, name);
	}
	return 0;
}

/* Without what compares samples, as there will be one. */
static void put_by(struct sv list, struct text *ret)
{
	while (list.p) {
		struct sv word = sv_take(&list, ',');

		if (sv_is(sv_first(word, 6), "delta("))
			continue;
		text_str(ret, ret->len ? "," : "");
		text_sv(ret, word);
	}
}

/* The sockets, as the rule counts them. */
static void put_groups(const struct scope *s, struct text *ret)
{
	struct text filter = {}, by = {};

	limits_put(s->limits, s->rule, sv(s->rule->filter), &filter);
	text_str(ret, s->now->is_home ? "ss -a " : "ss -aN ");
	if (!s->now->is_home) {
		advice_put_quoted(ret, sv(s->now->name));
		text_char(ret, ' ');
	}
	advice_put_quoted(ret, sv_n(filter.p ? filter.p : "", filter.len));
	put_by(sv(s->rule->by), &by);
	text_str(ret, " --by=");
	advice_put_quoted(ret, sv_n(by.p ? by.p : "", by.len));
	if (filter.failed || by.failed)
		text_fail(ret);
	text_done(&by);
	text_done(&filter);
}

/* Those that nstat has. */
static void put_counters(struct sv names, struct text *ret)
{
	struct text plain = {};
	struct sv rest = names, w;

	for (w = sv_word(&rest); w.len; w = sv_word(&rest))
		if (w.p[0] >= 'A' && w.p[0] <= 'Z')
			text_printf(&plain, " %.*s", SV_ARG(w));
	if (plain.len) {
		end_line(ret);
		text_printf(ret, "nstat -az%.*s", (int)plain.len, plain.p);
	}
	if (plain.failed)
		text_fail(ret);
	text_done(&plain);
}

/* The files of the others. */
static void put_files(struct sv names, struct text *ret)
{
	static const struct {
		const char *begin, *command;
	} files[] = { { "sockstat", "cat /proc/net/sockstat" },
		      { "softnet", "cat /proc/net/softnet_stat" },
		      { "conntrack", "cat /proc/net/stat/nf_conntrack" } };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct sv rest = names, w;

		for (w = sv_word(&rest); w.len; w = sv_word(&rest)) {
			if (!sv_is(sv_first(w, strlen(files[i].begin)), files[i].begin))
				continue;
			end_line(ret);
			text_str(ret, files[i].command);
			break;
		}
	}
}

void advice_put_command(const struct scope *s, struct text *ret)
{
	const char *conditions[] = { s->rule->info, s->rule->warning, s->rule->critical };
	struct numbers n = {};
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		(void)condition_names(conditions[i], s, note_name, &n, &e);
	if (s->rule->filter)
		put_groups(s, ret);
	put_counters(sv_n(n.counters.p, n.counters.len), ret);
	put_files(sv_n(n.counters.p, n.counters.len), ret);
	if (n.settings.len) {
		end_line(ret);
		text_printf(ret, "sysctl%.*s", (int)n.settings.len, n.settings.p);
	}
	if (n.counters.failed || n.settings.failed)
		text_fail(ret);
	text_done(&n.counters);
	text_done(&n.settings);
}
