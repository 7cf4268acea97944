/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/past.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "cli/features.h"
#include "cli/when.h"
#include "host/names.h"
#include "host/recorded.h"

enum { DAMAGES_TOLD = 8, TRIES = 5, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

struct past {
	struct store_reader *reader;
	struct host *host;
	char *file;
	const char *at;   /* a time of it, borrowed; NULL: none */
	bool is_base;     /* of --diff, else of --from */
	size_t sample;    /* that is shown */
	size_t last;      /* that may be */
	uint64_t at_us;   /* the time asked for that it is shown for */
	uint64_t step_us; /* between those; 0: each sample */
	uint64_t until_us;
	bool has_begin;   /* --since */
	bool has_end;     /* --at or --until: what is damaged behind it is not in the way */
	bool is_narrowed; /* nobody named kinds of sockets, and it does not have all that are asked for then
			   */
	size_t n_told;    /* damages that were told */
};

static uint64_t time_of(const struct past *p, size_t i)
{
	return store_time_of(p->reader, i).wall_us;
}

static void put_time(struct text *t, uint64_t us)
{
	struct tm tm;
	time_t s = (time_t)(us / 1000000);
	char word[64];

	if (!localtime_r(&s, &tm) || !strftime(word, sizeof(word), "%Y-%m-%d %H:%M:%S %Z", &tm))
		word[0] = '\0';
	text_str(t, word);
}

/* There is no sample at @us, or before. */
static int refuse_time(const struct past *p, const char *name, uint64_t us, struct err *e)
{
	_cleanup_(text_done) struct text t = {};

	put_time(&t, us);
	text_str(&t, ": the recording begins at ");
	put_time(&t, time_of(p, 0));
	text_char(&t, '\0');
	return err_say(e, -EINVAL, "%s %s", name, t.failed ? "out of memory" : t.p);
}

/* Reads the argument of --@name. */
static int find_time(const struct past *p, const char *name, const char *arg, uint64_t *ret, struct err *e)
{
	const struct when_base base = { .now_us = clock_realtime_us(),
					.first_us = time_of(p, 0),
					.last_us = time_of(p, store_n_samples(p->reader) - 1) };
	struct when w;
	int r = when_read(sv(arg), &w, e);

	if (r >= 0)
		r = when_find(&w, sv(arg), &base, ret, e);
	return r < 0 ? err_context(e, r, "--%s", name) : 0;
}

/* Reads --since and --until, and finds the last sample. */
static int find_span(struct past *p, const struct request *q, struct err *e)
{
	size_t n = store_n_samples(p->reader);
	int r;

	p->at_us = time_of(p, 0);
	p->until_us = time_of(p, n - 1);
	p->last = n - 1;
	p->has_begin = q->since;
	p->has_end = q->until;
	r = q->since ? find_time(p, "since", q->since, &p->at_us, e) : 0;
	if (r >= 0 && q->until)
		r = find_time(p, "until", q->until, &p->until_us, e);
	if (r < 0)
		return r;
	if (q->until)
		p->last = store_find_at(p->reader, p->until_us);
	if (p->last == n)
		return refuse_time(p, "--until", p->until_us, e);
	if (q->until && p->until_us < p->at_us)
		return err_say(e, -EINVAL, "--until is before --since");
	return 0;
}

/* Events are asked for of all times in between. */
static bool is_of_events(const struct request *q)
{
	return request_has(q, FEATURE_TRACE);
}

/* The sample that the first step shows, or the first one since then. */
static int find_first(struct past *p, const struct request *q, size_t *ret, struct err *e)
{
	size_t first;
	int r = find_span(p, q, e);

	if (r < 0)
		return r;
	first = store_find_since(p->reader, p->at_us);
	if (first == store_n_samples(p->reader))
		return err_say(e, -EINVAL, "--since: the recording %s ends before", p->file);
	if (is_of_events(q) && p->last + 1 < store_n_samples(p->reader))
		p->last++; /* it has those that came behind the last one */
	p->step_us = request_has(q, FEATURE_EVERY) && !is_of_events(q) ? q->every_us : 0;
	if (p->step_us) {
		if (first && time_of(p, first) > p->at_us)
			first--;
		else
			first = store_step(p->reader, first, p->last, p->step_us, &p->at_us);
	}
	if (first > p->last || (p->step_us && q->until && p->at_us > p->until_us))
		return err_say(e, -EINVAL, "the recording %s has no sample between --since and --until",
			       p->file);
	*ret = first;
	return 0;
}

static int find_sample(struct past *p, struct request *q, size_t *ret, struct err *e)
{
	size_t n = store_n_samples(p->reader);
	int r;

	if (is_of_events(q))
		return find_first(p, q, ret, e);
	if ((request_has(q, FEATURE_COPY) && !q->at) || request_has(q, FEATURE_EVERY) ||
	    request_has(q, FEATURE_SINCE) || request_has(q, FEATURE_UNTIL)) {
		r = find_first(p, q, ret, e);
		q->every_us = q->every_us ? q->every_us : 1;
		return r;
	}
	p->at_us = time_of(p, n - 1);
	p->has_end = p->at;
	r = p->at ? find_time(p, p->is_base ? "diff" : "at", p->at, &p->at_us, e) : 0;
	if (r < 0)
		return r;
	*ret = p->at ? store_find_at(p->reader, p->at_us) : n - 1;
	return *ret < n ? 0 : refuse_time(p, p->is_base ? "--diff" : "--at", p->at_us, e);
}

/* Whether it may have had a sample that would be shown. */
static bool is_in_the_way(const struct past *p, const struct store_damage *d, bool is_repeated)
{
	uint64_t end = is_repeated ? p->until_us : p->at_us;

	if (!d->from_us || !d->until_us)
		return is_repeated;
	return d->until_us >= time_of(p, p->sample) && (!p->has_end || d->from_us <= end);
}

static void tell_damage(struct cli *c, const struct past *p, const struct store_damage *d)
{
	struct text t = {};

	if (d->from_us) {
		text_str(&t, " from ");
		put_time(&t, d->from_us);
		text_str(&t, " to ");
		put_time(&t, d->until_us);
	}
	text_char(&t, '\0');
	notes_add(&c->notes, NOTE_WARNING, "the recording %s is damaged%s (%llu bytes at %llu): %s", p->file,
		  t.failed ? "" : t.p, (unsigned long long)d->length, (unsigned long long)d->offset, d->why);
	text_done(&t);
}

/* Those that were found since it was called last. */
static void tell_damages(struct cli *c, struct past *p)
{
	size_t n = store_n_damages(p->reader), first = p->n_told;

	for (size_t i = first; i < n; i++) {
		const struct store_damage *d = store_damage_of(p->reader, i);

		c->notes.is_partial |= is_in_the_way(p, d, request_is_repeated(&c->q) || is_of_events(&c->q));
		if (i < DAMAGES_TOLD)
			tell_damage(c, p, d);
	}
	if (n > DAMAGES_TOLD && first <= DAMAGES_TOLD && first < n)
		notes_add(&c->notes, NOTE_WARNING, "the recording %s is damaged in %zu more places", p->file,
			  n - DAMAGES_TOLD);
	p->n_told = n;
}

/*
 * Goes to the sample *@i, or where that is damaged to the next one that is whole: of many the one behind, of
 * one the one before. Returns -EBADMSG when there is none.
 */
static int seek_whole(struct cli *c, struct past *p, size_t *i, struct err *e)
{
	bool is_repeated = request_is_repeated(&c->q) || is_of_events(&c->q);
	int r;

	while ((r = store_seek(p->reader, *i, e)) == -EBADMSG) {
		c->notes.is_partial = true;
		if (is_repeated ? *i >= p->last : !*i)
			return r;
		*i += is_repeated ? 1 : (size_t)-1;
	}
	return r;
}

static int find_whole(struct cli *c, struct past *p, struct err *e)
{
	int r;

	if (!store_n_samples(p->reader))
		return err_say(e, -ENODATA, "the recording %s has no sample", p->file);
	r = find_sample(p, &c->q, &p->sample, e);
	return r < 0 ? r : seek_whole(c, p, &p->sample, e);
}

/* Finds the first sample; anew where a recorder has written over it in between. */
static int open_reader(struct cli *c, struct past *p, struct err *e)
{
	int r = store_open(p->file, &p->reader, e);

	if (r < 0)
		return r;
	r = find_whole(c, p, e);
	for (int i = 1; i < TRIES && (r == -ESTALE || r == -ENODATA); i++) {
		c->notes.is_partial = false;
		r = store_refresh(p->reader, e);
		r = r < 0 ? r : find_whole(c, p, e);
	}
	return r;
}

/* Takes the @n bytes at @file for its name. */
static int open_past(struct cli *c, struct past *p, const char *file, size_t n, struct err *e)
{
	int r;

	p->file = strndup(file, n);
	if (!p->file)
		return err_sys(e, -ENOMEM, "%s", file);
	if (c->q.show & SHOW_THREAD)
		return err_say(e, -EINVAL,
			       "--%s: a recording does not tell which threads hold a socket; leave "
			       "-T out",
			       p->is_base ? "diff" : "from");
	if (c->q.show & SHOW_SET_OPTIONS)
		return err_say(e, -EINVAL,
			       "--%s: a recording has no options of sockets; leave --sockopts out",
			       p->is_base ? "diff" : "from");
	r = open_reader(c, p, e);
	if (r >= 0)
		r = recorded_new(p->reader, p->file, p->sample, &p->host, e);
	if (r < 0)
		return r;
	names_tell(p->host->names, &c->notes);
	tell_damages(c, p);
	return 0;
}

int past_open(struct cli *c, struct err *e)
{
	int r;

	c->past = calloc(1, sizeof(*c->past));
	if (!c->past)
		return err_sys(e, -ENOMEM, "%s", c->q.from);
	c->past->at = c->q.at;
	r = open_past(c, c->past, c->q.from, strlen(c->q.from), e);
	if (r >= 0)
		c->host = c->past->host;
	return r;
}

/* A name may have an @, too: what is behind the last one counts when it is a time. */
static const char *find_base_time(const char *base)
{
	const char *at = strrchr(base, '@');
	struct when unused;
	struct err e;

	return at && when_read(sv(at + 1), &unused, &e) >= 0 ? at + 1 : NULL;
}

void past_span(const struct past *p, uint64_t *ret_since_us, uint64_t *ret_until_us)
{
	*ret_since_us = p->has_begin ? p->at_us : 0;
	*ret_until_us = p->has_end ? p->until_us : UINT64_MAX;
}

const char *past_file(const struct past *p)
{
	return p->file;
}

int past_open_base(struct cli *c, struct err *e)
{
	const char *base = c->q.diff, *at = find_base_time(base);
	size_t n = at ? (size_t)(at - 1 - base) : strlen(base);

	if (!n && !c->q.from)
		return err_say(e, -EINVAL,
			       "--diff=%s: say of which recording: --diff=FILE%s, or --from=FILE besides",
			       base, base);
	c->base = calloc(1, sizeof(*c->base));
	if (!c->base)
		return err_sys(e, -ENOMEM, "%s", base);
	c->base->is_base = true;
	c->base->at = at;
	return n ? open_past(c, c->base, base, n, e) : open_past(c, c->base, c->q.from, strlen(c->q.from), e);
}

struct host *past_host(const struct past *p)
{
	return p->host;
}

struct store_reader *past_reader(const struct past *p)
{
	return p->reader;
}

struct past *past_free(struct past *p)
{
	if (!p)
		return NULL;
	(void)host_free(p->host);
	if (p->reader)
		(void)store_reader_free(p->reader);
	free(p->file);
	free(p);
	return NULL;
}

/* In the largest unit that leaves a number. */
static void put_ago(struct text *t, uint64_t us)
{
	unsigned long long s = us / 1000000;

	if (s < 2 * MINUTE_S)
		text_printf(t, "%llu s", s);
	else if (s < 2 * HOUR_S)
		text_printf(t, "%llu min", s / MINUTE_S);
	else if (s < 2 * DAY_S)
		text_printf(t, "%llu h %llu min", s / HOUR_S, s % HOUR_S / MINUTE_S);
	else
		text_printf(t, "%llu days", s / DAY_S);
	text_str(t, " ago");
}

void past_tell(const struct cli *c, const struct past *p)
{
	uint64_t now = clock_realtime_us(), at = host_now_us(p->host);
	struct text t = {}, safe = {};
	struct sv host = host_about(p->host, HOST_NAME);

	if (!isatty(STDERR_FILENO))
		return;
	text_str(&t, p->is_base ? "compared with " : "");
	text_sv(&t, host.len ? host : sv("a machine without a name"));
	text_str(&t, " at ");
	put_time(&t, at);
	if (now >= at) {
		text_str(&t, ", ");
		put_ago(&t, now - at);
	}
	utf8_put_safe(&safe, sv_n(t.p, t.len), "");
	if (!t.failed && !safe.failed)
		(void)fprintf(stderr, "%s: %.*s\n", c->prog, (int)safe.len, safe.p);
	text_done(&t);
	text_done(&safe);
}

/*
 * The samples anew, where a recorder has written over what was to be read. They are known by their numbers;
 * those that were dropped meanwhile are told. Returns 1, 0 when nothing is left, or a negative errno.
 */
static int refresh(struct cli *c, struct past *p, size_t *next, struct err *e)
{
	uint64_t number = store_number_of(p->reader, *next), last = store_number_of(p->reader, p->last);
	int r = store_refresh(p->reader, e);
	size_t n;

	if (r < 0)
		return r;
	p->n_told = 0;
	n = store_n_samples(p->reader);
	*next = store_find_number(p->reader, number);
	p->last = store_find_number(p->reader, last + 1);
	if (p->last)
		p->last--;
	if (*next < n && store_number_of(p->reader, *next) == number)
		return 1;
	c->notes.is_partial = true;
	notes_add(&c->notes, NOTE_WARNING, "samples of the recording %s were dropped while it was read",
		  p->file);
	return *next < n && *next <= p->last;
}

/* As seek_whole(), while a recorder writes to it. */
static int seek_beside(struct cli *c, struct past *p, size_t *next, struct err *e)
{
	int r = seek_whole(c, p, next, e), k;

	for (int i = 1; i < TRIES && r == -ESTALE; i++) {
		k = refresh(c, p, next, e);
		if (k <= 0)
			return k < 0 ? k : -EBADMSG;
		r = seek_whole(c, p, next, e);
	}
	return r;
}

int past_next(struct cli *c, struct err *e)
{
	struct past *p = c->past;
	size_t next = p->sample + 1;
	int r;

	if (next > p->last)
		return 0;
	if (p->step_us) { /* a step without a sample of its own is left out */
		next = store_step(p->reader, next, p->last, p->step_us, &p->at_us);
		if (next == p->last && p->at_us > p->until_us)
			return 0;
	}
	r = seek_beside(c, p, &next, e);
	tell_damages(c, p);
	if (r == -EBADMSG)
		return 0;
	if (r < 0)
		return r;
	p->sample = next;
	r = recorded_seek(p->host, next, e);
	return r < 0 ? r : 1;
}

int past_back(struct cli *c, struct err *e)
{
	struct past *p = c->past;
	size_t i = p->sample;
	int r = -EBADMSG;

	while (i && r == -EBADMSG)
		r = store_seek(p->reader, --i, e);
	if (r == -EBADMSG)
		return 0;
	if (r >= 0)
		r = recorded_seek(p->host, i, e);
	return r < 0 ? r : 1;
}

size_t past_n(const struct past *p)
{
	return store_n_samples(p->reader);
}

size_t past_at(const struct past *p)
{
	return p->sample;
}

size_t past_find(const struct past *p, uint64_t us)
{
	size_t i = store_find_at(p->reader, us);

	return i < past_n(p) ? i : 0;
}

int past_go(struct cli *c, size_t i, struct err *e)
{
	struct past *p = c->past;
	size_t n = past_n(p), k = i;
	int r = -EBADMSG;

	for (; k < n && r == -EBADMSG; k += r == -EBADMSG)
		r = store_seek(p->reader, k, e);
	for (k = r == -EBADMSG ? i : k; k && r == -EBADMSG;)
		r = store_seek(p->reader, --k, e);
	tell_damages(c, p);
	if (r < 0)
		return r;
	p->sample = k;
	return recorded_seek(p->host, k, e);
}

int past_return(struct cli *c, struct err *e)
{
	return recorded_seek(c->past->host, c->past->sample, e);
}

static uint32_t tables_of(const struct past *p)
{
	struct sv rest = recorded_making(p->host, "tables");
	uint32_t tables = 0;

	while (rest.p) {
		struct sv word = sv_take(&rest, ',');

		for (enum table t = 0; t < TABLE_MAX; t++)
			if (sv_is(sv_trim(word), table_names[t]))
				tables |= 1u << t;
	}
	return tables;
}

bool past_has_unbound(const struct past *p)
{
	return tables_of(p) >> TABLE_UNBOUND & 1;
}

void past_narrow(struct past *p, struct selection *sel)
{
	uint32_t both = sel->tables & tables_of(p);

	if (!both)
		return;
	p->is_narrowed |= both != sel->tables;
	sel->tables = both;
}

/*
 * That nobody named kinds of sockets, and those that were not recorded are left out. Who asks what there is
 * gets what there is in the recording; who asks for a port, or whether there is a socket, means all of them.
 */
static void tell_narrowed(struct cli *c)
{
	if (!c->past->is_narrowed)
		return;
	c->notes.is_partial |= request_has(&c->q, FEATURE_PORTS) || c->q.watch != WATCH_NOTHING;
	notes_add(&c->notes, NOTE_WARNING,
		  "the recording %s was made of %.*s: it does not tell of other sockets", c->past->file,
		  SV_ARG(recorded_making(c->host, "tables")));
}

/* Tables of one question, of which one was recorded without the other. */
static void check_types(struct cli *c, const struct selection *sel)
{
	const uint32_t typed = 1u << TABLE_PACKET_DGRAM | 1u << TABLE_PACKET_RAW | 1u << TABLE_UNIX_STREAM |
			       1u << TABLE_UNIX_DGRAM | 1u << TABLE_UNIX_SEQPACKET |
			       1u << TABLE_VSOCK_STREAM | 1u << TABLE_VSOCK_DGRAM;
	uint32_t lacks = sel->tables & ~tables_of(c->past) & typed;

	for (enum table t = 0; t < TABLE_MAX; t++)
		if (lacks >> t & 1)
			notes_add(&c->notes, NOTE_ERROR, "the recording %s has no %s sockets", c->past->file,
				  table_names[t]);
	if (sel->tables >> TABLE_UNBOUND & 1 && !past_has_unbound(c->past))
		notes_add(&c->notes, NOTE_ERROR,
			  "the recording %s does not have which sockets were in no table: it was made "
			  "without --unbound",
			  c->past->file);
}

void past_check(struct cli *c, const struct selection *sel, const struct filter *filter)
{
	struct sv recorded = recorded_making(c->host, "filter");
	_cleanup_(text_done) struct text asked = {};

	check_types(c, sel);
	tell_narrowed(c);
	recorded_tell(c->host, &c->notes);
	filter_print(filter, &asked);
	if (recorded.len && !asked.failed && sv_eq(recorded, sv_n(asked.p, asked.len)))
		return;
	c->notes.is_partial |= filter_has_auto(filter);
	if (filter_has_auto(filter))
		notes_add(&c->notes, NOTE_WARNING,
			  "autobound: a recording does not tell whether the kernel chose a port; each in its "
			  "range "
			  "is taken for one");
	if (!recorded.len)
		return;
	c->notes.is_partial = true;
	notes_add(&c->notes, NOTE_WARNING, "the recording %s has only sockets that fit: %.*s", c->past->file,
		  SV_ARG(recorded));
}
