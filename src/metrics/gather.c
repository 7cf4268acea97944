/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/gather.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "metrics/label.h"
#include "metrics/tally.h"
#include "ops/columns.h"

enum {
	READ_SHARE = 350, /* of a thousand series, those that the kernel's counters may have */
	ALWAYS_MAX = 2 * RULE_MAX + 2 * (BOUNDS_MAX + 3) + 8 /* findings, histograms, about the page */
};

_Static_assert((int)ALWAYS_MAX + 100 < (int)GATHER_CAP_MIN, "there is room for more");

struct gather {
	struct gather_opts o;
	struct tally_opts of_tallies;
	char ports[32];
	struct tallies *tallies;
	struct doctor_also also;
	struct doctor *doctor;
	struct text labels;
};

static int add_lists(void *ctx, struct branch *b, const struct plan_opts *plan, struct err *e)
{
	struct gather *g = ctx;

	return tallies_add(g->tallies, b, plan, e);
}

struct gather *gather_free(struct gather *g)
{
	if (!g)
		return NULL;
	(void)doctor_free(g->doctor);
	(void)tallies_free(g->tallies);
	text_done(&g->labels);
	free(g);
	return NULL;
}

/* The range as filters have it. */
static int read_ports(struct gather *g)
{
	struct readings here = {};
	double first, last;
	int r = readings_take(&here, g->o.doctor.host, NULL);

	if (r >= 0 && reading_number(&here.v[0], sv("net.ipv4.ip_local_port_range[0]"), &first) &&
	    reading_number(&here.v[0], sv("net.ipv4.ip_local_port_range[1]"), &last) && first >= 0 &&
	    first <= last && last <= UINT16_MAX) {
		(void)snprintf(g->ports, sizeof(g->ports), "%.0f-%.0f", first, last);
		g->of_tallies.ports = sv(g->ports);
	}
	readings_done(&here);
	return r;
}

static int check_by(const char *by, struct err *e)
{
	if (!by || !strchr(by, '('))
		return 0;
	return err_say(e, -EINVAL, "--by: labels of --metrics are fields, and \"%s\" has an aggregate", by);
}

int gather_new(const struct gather_opts *o, struct gather **ret, struct err *e)
{
	_cleanup_(gather_freep) struct gather *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return err_sys(e, -ENOMEM, "metrics");
	r = check_by(o->by, e);
	if (r < 0)
		return r;
	g->o = *o;
	g->o.cap = o->cap ? o->cap : GATHER_CAP;
	g->of_tallies = (struct tally_opts){ .by = o->by,
					     .is_everywhere = o->doctor.is_everywhere,
					     .cap = g->o.cap - ALWAYS_MAX };
	r = read_ports(g);
	if (r < 0)
		return err_sys(e, r, "the kernel's counters");
	g->also = (struct doctor_also){ .add = add_lists, .ctx = g };
	g->o.doctor.also = &g->also;
	if (o->by) /* what they hide is told */
		columns_named(sv(o->by), &g->o.doctor.plan.keys);
	r = tallies_new(&g->of_tallies, &g->tallies);
	r = r < 0 ? err_sys(e, r, "metrics") : doctor_new(&g->o.doctor, &g->doctor, e);
	if (r < 0)
		return r;
	*ret = take_ptr(g);
	return 0;
}

static struct sv labels_of(const struct gather *g)
{
	return sv_n(g->labels.p ? g->labels.p : "", g->labels.len);
}

/* What the kernel says of @r, of which the network namespace is told when there are others. */
static void put_reading(struct gather *g, const struct reading *r, struct page *to)
{
	double page = (double)sysconf(_SC_PAGESIZE), v;

	for (enum metric_id i = 0; i < METRIC_MAX; i++) {
		const struct metric *m = &metrics[i];

		if (!m->reading || (m->is_of_host && !r->is_home) || !reading_number(r, sv(m->reading), &v))
			continue;
		g->labels.len = 0;
		if (g->o.doctor.is_everywhere && !m->is_of_host)
			label_put(&g->labels, fields[F_NETNS].name, sv(r->name));
		page_add(to, i, labels_of(g), SAMPLE_VALUE, m->is_in_pages ? v * page : v);
	}
}

/* Files that every kernel has: without one of them families are missing that are there otherwise. */
static void note_unread(const struct gather *g, const struct reading *r, struct notes *notes)
{
	static const char *const files[] = { "net/snmp", "net/netstat", "net/sockstat",
					     "sys/net/ipv4/ip_local_port_range" };

	for (size_t i = 0; i < ARRAY_SIZE(files) && g->o.doctor.host->is_live; i++)
		if (!reading_file(r, sv(files[i])).p)
			notes_add(
				notes, NOTE_ERROR,
				"the kernel's counters: /proc/%s could not be read, and metrics are missing",
				files[i]);
	if (r->unread)
		notes_add(notes, NOTE_ERROR,
			  "the kernel's settings: /proc/%s could not be read, and metrics may be missing",
			  r->unread);
}

/* Returns how many series had no room: counters cannot be added up, since what is added may go away. */
static uint64_t put_readings(struct gather *g, struct page *to, struct notes *notes)
{
	const struct readings *all = doctor_readings(g->doctor);
	size_t room = g->of_tallies.cap * READ_SHARE / SHARES, before = to->n_series, each = 0, n = 0;

	if (g->o.doctor.plan.filter) /* the kernel counts all */
		return 0;
	for (enum metric_id i = 0; i < METRIC_MAX; i++)
		each += metrics[i].reading && !metrics[i].is_of_host;
	for (; n < all->n && (n == 0 || to->n_series - before + each <= room); n++) {
		note_unread(g, &all->v[n], notes);
		put_reading(g, &all->v[n], to);
	}
	return (all->n - n) * each;
}

struct verdicts {
	uint64_t found[RULE_MAX];
	enum severity worst[RULE_MAX];
	bool was_skipped[RULE_MAX];
};

static void put_findings(struct gather *g, const struct diagnosis *d, struct page *to)
{
	struct verdicts all = {};

	for (size_t i = 0; i < d->n_skipped; i++)
		all.was_skipped[d->skipped[i].rule] = true;
	for (size_t i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i];

		if (f->text[FINDING_SUPPRESSED])
			continue;
		all.found[f->rule]++;
		if (f->severity > all.worst[f->rule])
			all.worst[f->rule] = f->severity;
	}
	for (enum rule_id i = 0; i < RULE_MAX; i++) {
		if (!g->o.doctor.wanted[i] || all.was_skipped[i])
			continue;
		g->labels.len = 0;
		label_put(&g->labels, "rule", sv(rules[i].id));
		page_add(to, METRIC_FINDINGS, labels_of(g), SAMPLE_VALUE,
			 (double)(all.found[i] + d->n_more[i]));
		page_add(to, METRIC_SEVERITY, labels_of(g), SAMPLE_VALUE, all.worst[i]);
	}
}

/* States without sockets are told of each network namespace. */
static int end_tallies(struct gather *g)
{
	const struct readings *all = doctor_readings(g->doctor);
	const char **names = NULL;

	if (g->o.doctor.is_everywhere && !(names = calloc(all->n + 1, sizeof(*names))))
		return -ENOMEM;
	for (size_t i = 0; i < all->n && names; i++)
		names[i] = all->v[i].name;
	tallies_end(g->tallies, names, all->n);
	free(names);
	return 0;
}

int gather_page(struct gather *g, struct page *ret, struct notes *notes, struct err *e)
{
	int64_t start = clock_monotonic_us();
	struct diagnosis d = {};
	uint64_t n_folded;
	int r;

	*ret = (struct page){};
	tallies_begin(g->tallies, ret);
	r = doctor_examine(g->doctor, &d, notes, e);
	if (r >= 0 && g->o.known)
		r = suppressions_apply(g->o.known, &d, notes);
	if (r >= 0) {
		n_folded = put_readings(g, ret, notes);
		put_findings(g, &d, ret);
		r = end_tallies(g);
		n_folded += tallies_folded(g->tallies);
		if (g->o.by)
			page_add(ret, METRIC_UNATTRIBUTED, sv(""), SAMPLE_VALUE,
				 (double)tallies_unattributed(g->tallies));
		page_add(ret, METRIC_FOLDED, sv(""), SAMPLE_VALUE, (double)n_folded);
		page_add(ret, METRIC_COMPLETE, sv(""), SAMPLE_VALUE, notes_is_whole(notes));
		page_add(ret, METRIC_DURATION, sv(""), SAMPLE_VALUE,
			 (double)(clock_monotonic_us() - start) / 1e6);
	}
	ret->has_failed |= g->labels.failed;
	diagnosis_done(&d);
	if (r >= 0 && ret->has_failed)
		r = -ENOMEM;
	return r < 0 && !e->text[0] ? err_sys(e, r, "metrics") : r;
}
