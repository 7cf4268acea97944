/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/partly.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "cli/features.h"
#include "config.h"
#include "fleet/partial.h"
#include "ops/order.h"

struct partly {
	struct partial_opts o;
	struct text asked, by, columns; /* those that end with a NUL are .o's */
	char *host, *boot;
	struct partial *partial;
};

struct partly *partly_free(struct partly *p)
{
	if (!p)
		return NULL;
	text_done(&p->asked);
	text_done(&p->by);
	text_done(&p->columns);
	free(p->host);
	free(p->boot);
	free(p);
	return NULL;
}

/* Which sockets, so that the same is said of the same, be it of a machine or of a recording. */
static void put_asked(const struct cli *c, struct text *t)
{
	struct select s = c->q.select;
	struct selection sel;

	select_complete(&s, &sel);
	text_printf(t, "tables=%" PRIx32 " families=%" PRIx64 " states=%" PRIx32, sel.tables, sel.families,
		    sel.states);
	if (c->q.want_all_netns)
		text_str(t, " all-netns");
	if (!c->filter)
		return;
	text_str(t, " filter ");
	filter_print(c->filter, t);
}

/* The columns that were named, and those that records are in order by, which --merge needs, too. */
static void put_columns(const struct tabulate_opts *o, struct text *t)
{
	struct sv list = o->sort ? sv(o->sort) : (struct sv){};

	text_str(t, o->columns);
	while (list.p) {
		struct sv name = order_name(sv_trim(sv_take(&list, ','))), all = sv(o->columns);
		bool has = false;

		while (all.p && !has)
			has = sv_eq(sv_trim(sv_take(&all, ',')), name);
		if (!has) {
			text_char(t, ',');
			text_sv(t, name);
		}
	}
}

static int describe(struct partly *p, struct cli *c)
{
	const struct tabulate_opts *t = &c->q.tabulate;
	struct sv host = host_about(c->host, HOST_NAME), boot;

	p->host = strndup(host.len ? host.p : "", host.len);
	boot = host_about(c->host, HOST_BOOT);
	p->boot = strndup(boot.len ? boot.p : "", boot.len);
	if (!p->host || !p->boot)
		return -ENOMEM;
	if (!p->host[0] || !p->boot[0])
		notes_add(
			&c->notes, NOTE_WARNING,
			"the %s is not known: only a name in front of each line tells this host from others",
			p->host[0] ? "number of this host's start" : "name of this host");
	put_asked(c, &p->asked);
	if (t->by) {
		text_str(&p->by, t->by);
		text_str(&p->by, t->columns ? "," : "");
		text_str(&p->by, t->columns ? t->columns : "");
		text_char(&p->by, '\0');
	} else if (t->columns) {
		put_columns(t, &p->columns);
		text_char(&p->columns, '\0');
	}
	if (p->asked.failed || p->by.failed || p->columns.failed)
		return -ENOMEM;
	p->o = (struct partial_opts){ .host = sv(p->host),
				      .boot = sv(p->boot),
				      .time_us = host_now_us(c->host),
				      .version = SOCKEYE_VERSION,
				      .asked = sv_n(p->asked.p, p->asked.len),
				      .by = p->by.p,
				      .columns = p->columns.p,
				      .sort = t->sort,
				      .limit = t->limit,
				      .has_limit = t->has_limit,
				      .has_rounds = c->q.wants_rounds,
				      .asks = STDIN_FILENO };
	if (getrandom(&p->o.id, sizeof(p->o.id), GRND_NONBLOCK) < 0)
		p->o.id = p->o.time_us;
	return 0;
}

int partly_open(struct cli *c, struct out *out, struct partly **ret)
{
	_cleanup_(partly_freep) struct partly *p = calloc(1, sizeof(*p));
	int r = p ? describe(p, c) : -ENOMEM;

	if (r == 0)
		r = partial_new(&p->o, out, &p->partial);
	if (r == 0)
		*ret = take_ptr(p);
	return r;
}

struct tabular *partly_tabular(struct partly *p)
{
	return partial_tabular(p->partial);
}

void partly_choose(struct partly *p, struct chain_opts *co)
{
	co->is_full = true;
	co->is_for_people = false;
	if (co->by) {
		co->take = partial_take;
		co->take_ctx = p->partial;
	} else if (co->columns) {
		co->columns = p->columns.p;
	}
}

/* Those that people are shown come first. */
static const struct {
	const char *name;
	enum finding_text what;
} texts[] = {
	{ "title", FINDING_TITLE },
	{ "process", FINDING_PROCESS },
	{ "unit", FINDING_UNIT },
	{ "container", FINDING_CONTAINER },
	{ "namespace", FINDING_NETNS },
	{ "evidence", FINDING_EVIDENCE },
	{ "cause", FINDING_CAUSE },
	{ "do", FINDING_DO },
	{ "dont", FINDING_DONT },
	{ "next", FINDING_NEXT },
	{ "command", FINDING_COMMAND },
	{ "normal", FINDING_NORMAL },
	{ "pid", FINDING_PID },
	{ "user", FINDING_USER },
	{ "suppressed", FINDING_SUPPRESSED },
	{ "new", FINDING_SINCE },
};

_Static_assert(ARRAY_SIZE(texts) == FINDING_TEXTS, "each text of a finding is told");

enum { FINDING_COLUMNS = FINDING_TEXTS + 3 };

static struct cell text_cell(const char *s)
{
	return (struct cell){ .is_there = s, .val = { VAL_STR, .s = s ? sv(s) : sv("") } };
}

static int put_finding(struct tabular *t, const struct finding *f)
{
	struct cell cells[FINDING_COLUMNS] = { text_cell(severity_name(f->severity)),
					       text_cell(rules[f->rule].id) };
	char fingerprint[20];

	(void)snprintf(fingerprint, sizeof(fingerprint), "%016llx", (unsigned long long)f->fingerprint);
	for (size_t i = 0; i < FINDING_TEXTS; i++)
		cells[2 + i] = text_cell(f->text[texts[i].what]);
	cells[FINDING_COLUMNS - 1] = text_cell(fingerprint);
	return t->ops->record(t, cells);
}

int partly_put_findings(struct cli *c, const struct diagnosis *d, struct out *out)
{
	struct column columns[FINDING_COLUMNS];
	const struct listing l = { .name = "findings", .columns = columns, .n = FINDING_COLUMNS };
	struct partly *p = NULL;
	struct tabular *t;
	int r = partly_open(c, out, &p);

	if (r < 0)
		return r;
	for (size_t i = 0; i < FINDING_COLUMNS; i++)
		columns[i] = (struct column){ .field = F_MAX, .type = T_STR };
	columns[0].name = "severity";
	columns[1].name = "id";
	for (size_t i = 0; i < FINDING_TEXTS; i++)
		columns[2 + i].name = texts[i].name;
	columns[FINDING_COLUMNS - 1].name = "fingerprint";
	t = partly_tabular(p);
	r = t->ops->list(t, &l);
	for (size_t i = 0; i < d->n && r == 0; i++)
		r = put_finding(t, &d->v[i]);
	if (r == 0)
		r = t->ops->end(t, &c->notes);
	(void)tabular_free(t);
	(void)partly_free(p);
	return r;
}
