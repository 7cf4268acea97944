/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --hosts: the same asked on many hosts over ClusterShell, as one answer. The first groups are asked for in
 * rounds over one connection a host, so that all of them are of the same moment of it, and few are sent.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/features.h"
#include "cli/merged.h"
#include "cli/modes.h"
#include "fleet/feed.h"
#include "fleet/question.h"

/* So many hosts are asked at once in rounds, and each round is over after so long, whoever is late. */
enum { HOSTS_MAX = 2048, ROUND_US = 60 * 1000000 };

struct asked {
	const struct sv *words;
	size_t n_words;
	bool has_rounds;
	struct child child;
	struct feed feed;
	struct text errors; /* a line of them that has no end yet */
	int64_t until_us;   /* of this round */
};

/* What this run does with the answer, and the hosts need not know. */
static bool is_ours(const struct cli *c, const struct asked *a, enum option id)
{
	switch (id) {
	case OPTION_HOSTS:
	case OPTION_JSON:
	case OPTION_NDJSON:
	case OPTION_CSV:
	case OPTION_FORMAT:
	case OPTION_HAVING:
	case OPTION_COLOR: return true;
	case OPTION_LIMIT:
	case OPTION_SORT: return c->q.tabulate.by && !a->has_rounds; /* of the whole */
	default: return false;
	}
}

/* As a word of the shell on the hosts, whatever is in it. */
static void put_quoted(struct text *t, struct sv word)
{
	bool is_plain = word.len;

	for (size_t i = 0; i < word.len && is_plain; i++)
		is_plain = (word.p[i] >= 'a' && word.p[i] <= 'z') || (word.p[i] >= 'A' && word.p[i] <= 'Z') ||
			   (word.p[i] >= '0' && word.p[i] <= '9') ||
			   (word.p[i] && strchr("_./:,@+-", word.p[i])) || (word.p[i] == '=' && i);
	text_char(t, ' ');
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

static void put_option(struct text *t, const struct argv_option *o)
{
	_cleanup_(text_done) struct text word = {};

	if (o->is_letter) {
		text_printf(&word, "-%c", o->def->letter);
		put_quoted(t, sv_n(word.p, word.len));
		if (o->arg)
			put_quoted(t, sv(o->arg));
		return;
	}
	text_printf(&word, "--%s", o->def->name);
	if (o->arg) {
		text_char(&word, '=');
		text_str(&word, o->arg);
	}
	if (word.failed)
		text_fail(t);
	else
		put_quoted(t, sv_n(word.p, word.len));
}

/* The command line that each host gets. */
static int put_command(const struct cli *c, const struct asked *a, struct text *ret, struct err *e)
{
	_cleanup_free_ struct sv *words = calloc((size_t)c->q.argc + 1, sizeof(*words));
	struct argv_option o;
	struct argv argv;
	int r;

	if (!words)
		return err_sys(e, -ENOMEM, "--hosts");
	text_str(ret, "ss");
	argv_init(&argv, c->q.argc, c->q.argv, words);
	while ((r = argv_next(&argv, &o, e)) > 0)
		if (!is_ours(c, a, o.id))
			put_option(ret, &o);
	text_str(ret, a->has_rounds ? " --partial=rounds" : " --partial");
	text_str(ret, a->n_words ? " --" : "");
	for (size_t i = 0; i < a->n_words; i++)
		put_quoted(ret, a->words[i]);
	text_char(ret, '\0');
	return r < 0 ? r : ret->failed ? err_sys(e, -ENOMEM, "--hosts") : 0;
}

/* Whether the first groups can be found in rounds; what makes no sense is found before a host is asked. */
static int choose_rounds(const struct cli *c, size_t n_hosts, bool *ret, struct err *e)
{
	_cleanup_(question_freep) struct question *q = calloc(1, sizeof(*q));
	const struct tabulate_opts *t = &c->q.tabulate;
	int r;

	*ret = false;
	if (!t->by || !q)
		return q ? 0 : err_sys(e, -ENOMEM, "--hosts");
	text_printf(&q->by, "%s%s%s", t->by, t->columns ? "," : "", t->columns ? t->columns : "");
	text_str(&q->sort, t->sort ? t->sort : "");
	r = question_settle(q, e);
	*ret = r == 0 && q->rank.is_sum && t->has_limit && t->limit && !t->having && n_hosts <= HOSTS_MAX;
	return r;
}

/* Says what is run, as somebody could type it. */
static void tell_command(const struct cli *c, char *const *argv)
{
	struct text t = {};

	for (size_t i = 0; argv[i]; i++)
		put_quoted(&t, sv(argv[i]));
	text_char(&t, '\0');
	if (!t.failed)
		(void)fprintf(stderr, "%s:%s\n", c->prog, t.p);
	text_done(&t);
}

static int start(const struct cli *c, struct asked *a, size_t n_hosts, struct err *e)
{
	char program[] = "clush", where[] = "-w", many[] = "-f", plain[] = "--color=never", still[] = "-n",
	     fanout[16];
	_cleanup_(text_done) struct text command = {};
	_cleanup_free_ char *nodes = strdup(c->q.hosts);
	char *argv[10] = { program, where, nodes, plain };
	const struct child_opts o = { .has_input = a->has_rounds, .has_errors = true, .is_live = true };
	size_t n = 4;
	int r = nodes ? put_command(c, a, &command, e) : -ENOMEM;

	if (r < 0)
		return r;
	(void)snprintf(fanout, sizeof(fanout), "%zu", n_hosts);
	if (a->has_rounds) {
		argv[n++] = many; /* all of them wait for each other */
		argv[n++] = fanout;
	} else {
		argv[n++] = still;
	}
	argv[n] = command.p;
	tell_command(c, argv);
	r = child_start(argv, &o, &a->child);
	if (r == -ENOENT)
		return err_say(e, r, "--hosts runs clush of ClusterShell: install clustershell");
	return r < 0 ? err_sys(e, r, "clush") : 0;
}

/* A pipe that nobody reads any more has nobody to ask. */
static int ask(struct asked *a, struct merge *m)
{
	struct text t = {};
	int r = merge_ask(m, &t);

	for (size_t at = 0; r > 0 && at < t.len;) {
		ssize_t n = write(a->child.in, t.p + at, t.len - at);

		if (n < 0 && errno != EINTR)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	text_done(&t);
	if (r <= 0 || merge_is_asked(m)) {
		(void)close(a->child.in);
		a->child.in = -1;
	}
	a->until_us = clock_monotonic_us() + ROUND_US;
	return r < 0 ? r : 0;
}

/* "clush: web3: exited with exit code 255": of that host nothing comes any more. Else its own words. */
static int take_error(struct merge *m, struct sv line)
{
	static const char mine[] = "clush: ";
	struct fleet_host *h;
	bool is_end = sv_is(sv_first(line, sizeof(mine) - 1), mine);
	struct sv name = is_end ? sv_from(line, sizeof(mine) - 1) : line;
	const char *at = memmem(name.p, name.len, ": ", 2);

	if (!at)
		return 0;
	line = sv_from(name, (size_t)(at - name.p) + 2);
	name.len = (size_t)(at - name.p);
	h = roll_known(merge_roll(m), name);
	if (!h)
		return 0;
	h->is_gone |= is_end;
	return is_end || h->state != HOST_ASKED ? 0 : roll_say(h, line);
}

/* What comes on its standard error goes to ours, too. Returns 0 or a negative errno. */
static int take_errors(struct asked *a, struct merge *m)
{
	char *room = text_room(&a->errors, 4096);
	ssize_t got = room ? file_read_some(a->child.err, room, 4096) : -ENOMEM;
	int r = got < 0 ? (int)got : 0;
	ptrdiff_t n;

	if (got <= 0) {
		(void)close(a->child.err);
		a->child.err = -1;
		return r;
	}
	(void)fwrite(room, 1, (size_t)got, stderr);
	a->errors.len += (size_t)got;
	while (r == 0 && (n = sv_find(sv_n(a->errors.p, a->errors.len), '\n')) >= 0) {
		r = take_error(m, sv_n(a->errors.p, (size_t)n));
		a->errors.len -= (size_t)n + 1;
		memmove(a->errors.p, a->errors.p + n + 1, a->errors.len);
	}
	return r;
}

/* Waits for more, a round long at most. Sets whether there is, of either. */
static void wait_for_more(const struct asked *a, bool *ret_out, bool *ret_err)
{
	struct pollfd p[] = { { .fd = a->child.out, .events = POLLIN },
			      { .fd = a->child.err, .events = POLLIN } };
	int64_t left_us = a->until_us - clock_monotonic_us();
	int n = a->has_rounds && left_us <= 0 ? 0
					      : poll(p, 2, a->has_rounds ? (int)(left_us / 1000) + 1 : -1);

	*ret_out = n > 0 && p[0].revents;
	*ret_err = n > 0 && p[1].revents;
}

static int take_answers(struct asked *a, struct merge *m, struct err *e)
{
	bool is_end = false;
	int r = 0;

	merge_begin(m);
	a->until_us = clock_monotonic_us() + ROUND_US;
	while (r == 0 && !is_end) {
		bool has_out, has_err;

		wait_for_more(a, &has_out, &has_err);
		if (!has_out && !has_err && a->has_rounds && a->child.in < 0)
			break; /* who has not ended by now is cut short */
		if (has_err)
			r = take_errors(a, m);
		if (r == 0 && has_out)
			r = feed_some(&a->feed, m, a->child.out, &is_end, e);
		if (r == 0 && a->child.in >= 0 && ((!has_out && !has_err) || merge_is_waiting(m)))
			r = ask(a, m);
	}
	while (is_end && a->child.err >= 0 && r == 0)
		r = take_errors(a, m);
	if (!is_end)
		merge_end(m);
	(void)child_end(&a->child, !is_end);
	return r;
}

static int take_hosts(struct cli *c, struct merge *m, void *ctx, struct err *e)
{
	struct asked *a = ctx;
	int r = merged_expect(c, m, e);

	if (r == 0)
		r = choose_rounds(c, merged_expected(m), &a->has_rounds, e);
	if (r == 0)
		r = start(c, a, merged_expected(m), e);
	if (r == 0)
		r = take_answers(a, m, e);
	feed_done(&a->feed);
	text_done(&a->errors);
	return r;
}

int mode_hosts(struct cli *c, const struct sv *words, size_t n_words)
{
	struct asked a = { .words = words, .n_words = n_words };

	return merged_tell(c, take_hosts, &a);
}
