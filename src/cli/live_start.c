/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/live_start.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "base/utf8.h"
#include "cli/features.h"
#include "cli/past.h"

enum { EVERY_US = 1000000 };

#define TCP_BIT (1u << TABLE_TCP)

/* Options that the view itself stands for, and says as they are now. */
static bool is_changed_there(enum option id)
{
	switch (id) {
	case OPTION_LIVE:
	case OPTION_EVERY:
	case OPTION_BY:
	case OPTION_COLUMNS:
	case OPTION_SORT:
	case OPTION_FILTER: return true;
	default: return false;
	}
}

/* A word that a shell reads as it is. */
static void put_word(struct text *t, struct sv s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:/-+=";
	size_t n = 0;

	while (n < s.len && memchr(plain, s.p[n], sizeof(plain) - 1))
		n++;
	if (n == s.len && n) {
		text_sv(t, s);
		return;
	}
	text_char(t, '\'');
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\'')
			text_str(t, "'\\''");
		else
			text_char(t, s.p[i]);
	text_char(t, '\'');
}

/* The options as they were said, but for those of the view. */
static int put_options(const struct cli *c, struct text *t)
{
	_cleanup_free_ struct sv *words = calloc((size_t)c->q.argc + 1, sizeof(*words));
	struct argv_option o;
	struct argv a;
	struct err e;

	if (!words)
		return -ENOMEM;
	argv_init(&a, c->q.argc, c->q.argv, words);
	while (argv_next(&a, &o, &e) > 0) {
		if (is_changed_there(o.id))
			continue;
		if (o.is_letter)
			text_printf(t, " -%c", o.def->letter);
		else
			text_printf(t, " --%s", o.def->name);
		if (o.arg) {
			text_char(t, o.is_letter ? ' ' : '=');
			put_word(t, sv(o.arg));
		}
	}
	return 0;
}

/* What is shown of sockets where nobody says: those that come first are the last to be left out. */
static void put_columns(const struct cli *c, const struct selection *sel, struct text *t)
{
	static const struct {
		uint32_t show;
		const char *columns;
	} more[] = {
		{ SHOW_MEM, ",mem.rmem,mem.rcvbuf,mem.wmem,mem.sndbuf,mem.drops" },
		{ SHOW_INFO, ",tcp.cong,tcp.cwnd,tcp.ssthresh,tcp.rto,tcp.mss,tcp.unacked" },
		{ SHOW_CGROUP, ",unit,cgroup" },
		{ SHOW_PEER, ",peer.process" },
		{ SHOW_DETAIL, ",user,inode,cookie" },
	};

	if (c->q.want_all_netns)
		text_str(t, "netns,");
	if (sel->tables & (sel->tables - 1))
		text_str(t, "netid,");
	text_str(t, "state,local,peer,process");
	if (sel->tables & TCP_BIT)
		text_str(t, ",tcp.bytes_sent_rate,tcp.bytes_received_rate,tcp.rtt,tcp.total_retrans");
	text_str(t, ",recvq,sendq");
	if (sel->families >> AF_UNIX & 1)
		text_str(t, ",unix.name");
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		if ((c->q.show & more[i].show) == more[i].show)
			text_str(t, more[i].columns);
	text_char(t, '\0');
}

static void put_subject(struct cli *c, struct text *t)
{
	if (c->past) {
		text_str(t, "recording ");
		utf8_put_safe(t, sv(past_file(c->past)), "");
	} else {
		utf8_put_safe(t, host_about(c->host, HOST_NAME), "");
	}
	text_char(t, '\0');
}

/* The words in front of the filter, which select states. */
static int put_states(const struct cli *c, const struct sv *words, size_t n_words, struct text *t)
{
	struct select unused = c->q.select;
	struct err e;
	int n = select_words(&unused, words, n_words, &e);

	for (int i = 0; i < n; i++) {
		text_char(t, ' ');
		put_word(t, words[i]);
	}
	text_char(t, '\0');
	return n < 0 ? n : 0;
}

static int copy_text(char **to, const char *from)
{
	*to = from && *from ? strdup(from) : NULL;
	return from && *from && !*to ? -ENOMEM : 0;
}

static int read_ask(struct cli *c, const struct chosen *chosen, struct live_start *s)
{
	const struct tabulate_opts *t = &c->q.tabulate;
	struct live_ask *a = &s->ask;
	struct text filter = {};
	int r;

	if (chosen->filter)
		filter_print(chosen->filter, &filter);
	text_char(&filter, '\0');
	a->every_us = c->past ? 0 : c->q.every_us ? c->q.every_us : EVERY_US;
	r = filter.failed ? -ENOMEM : copy_text(&a->filter, filter.p);
	text_done(&filter);
	if (r == 0)
		r = copy_text(&a->by, t->by);
	if (r == 0)
		r = copy_text(&a->columns, t->columns ? t->columns : s->columns.p);
	if (r == 0)
		r = copy_text(&a->sort, t->sort ? t->sort : t->by ? NULL : s->about.sort);
	return r;
}

int live_start_read(struct cli *c, const struct sv *words, size_t n_words, const struct chosen *chosen,
		    struct live_start *ret)
{
	bool has_tcp = chosen->sel.tables & TCP_BIT;
	int r;

	*ret = (struct live_start){};
	text_str(&ret->command, "ss");
	r = put_options(c, &ret->command);
	if (r == 0)
		r = put_states(c, words, n_words, &ret->command);
	put_columns(c, &chosen->sel, &ret->columns);
	put_subject(c, &ret->subject);
	if (r < 0 || ret->command.failed || ret->columns.failed || ret->subject.failed)
		return r < 0 ? r : -ENOMEM;
	ret->about =
		(struct live_about){ .command = ret->command.p,
				     .subject = ret->subject.p,
				     .sort = has_tcp ? "tcp.bytes_sent_rate,tcp.bytes_received_rate" : NULL,
				     .is_recording = c->past,
				     .can_kill = c->host->is_live && !c->q.want_all_netns &&
						 c->q.source != SOURCE_PROC,
				     .has_tcp = has_tcp,
				     .is_utf8 = environ_is_utf8() };
	return read_ask(c, chosen, ret);
}

void live_start_done(struct live_start *s)
{
	text_done(&s->command);
	text_done(&s->subject);
	text_done(&s->columns);
	live_ask_done(&s->ask);
}
