/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "fleet/roll.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Of each kind so many are named; of notes so many are kept. */
enum { NAMED_MAX = 8, TOLD_MAX = 64, SAID_MAX = 120 };

/* Answers that are so much older or newer than most are late, or of a clock that is wrong. */
enum { SKEW_US = 60 * 1000000 };

struct roll_note {
	char *text;
	enum note kind;
	size_t n; /* hosts that say so */
	const struct fleet_host *first, *last;
};

struct key {
	struct sv name, boot;
};

void roll_done(struct roll *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i]->name);
		free(r->v[i]->boot);
		free(r->v[i]->start);
		free(r->v[i]->said);
		free(r->v[i]);
	}
	for (size_t i = 0; i < r->n_told; i++)
		free(r->told[i].text);
	free(r->told);
	free(r->v);
	free(r->noise);
	hash_done(&r->by_key);
	*r = (struct roll){};
}

static uint64_t hash_of(const struct key *k)
{
	return hash_u64(hash_bytes(k->name) ^ hash_bytes(k->boot));
}

static bool is_host(const void *item, const void *key)
{
	const struct fleet_host *h = item;
	const struct key *k = key;

	return sv_eq(sv(h->name), k->name) && sv_eq(sv(h->boot), k->boot);
}

static struct fleet_host *add(struct roll *r, const struct key *k)
{
	size_t cap = r->cap ? 2 * r->cap : 64;
	struct fleet_host *h = calloc(1, sizeof(*h)), **v;

	if (!h)
		return NULL;
	h->name = strndup(k->name.p, k->name.len);
	h->boot = strndup(k->boot.len ? k->boot.p : "", k->boot.len);
	v = r->n < r->cap ? r->v : reallocarray(r->v, cap, sizeof(struct fleet_host *));
	if (v) {
		r->cap = r->n < r->cap ? r->cap : cap;
		r->v = v;
	}
	if (!v || !h->name || !h->boot || hash_put(&r->by_key, hash_of(k), h) < 0) {
		free(h->name);
		free(h->boot);
		free(h);
		return NULL;
	}
	h->state = HOST_ASKED;
	r->v[r->n++] = h;
	h->number = (uint32_t)r->n;
	return h;
}

struct fleet_host *roll_find(struct roll *r, struct sv name, struct sv boot)
{
	const struct key k = { name, boot };
	struct fleet_host *h = hash_find(&r->by_key, hash_of(&k), is_host, &k);

	return h ? h : add(r, &k);
}

struct fleet_host *roll_known(const struct roll *r, struct sv name)
{
	const struct key k = { name, sv("") };

	return hash_find(&r->by_key, hash_of(&k), is_host, &k);
}

static int keep_first(char **to, struct sv line)
{
	if (*to)
		return 0;
	*to = strndup(line.len ? line.p : "", line.len < SAID_MAX ? line.len : SAID_MAX);
	return *to ? 0 : -ENOMEM;
}

int roll_say(struct fleet_host *host, struct sv line)
{
	return keep_first(&host->said, line);
}

int roll_noise(struct roll *r, struct sv line)
{
	if (!sv_trim(line).len)
		return 0;
	r->n_noise++;
	return keep_first(&r->noise, line);
}

int roll_drop_guesses(struct roll *r)
{
	int ret = 0;

	for (size_t i = 0; i < r->n && ret == 0; i++) {
		struct fleet_host *h = r->v[i];
		struct text line = {};

		if (!h->is_guess)
			continue;
		h->is_guess = false;
		if (h->state != HOST_ASKED)
			continue;
		h->state = HOST_NOBODY;
		text_printf(&line, "%s: %s", h->name, h->said ? h->said : "");
		ret = line.failed ? -ENOMEM : roll_noise(r, sv_n(line.p, line.len));
		text_done(&line);
	}
	return ret;
}

int roll_tell(struct roll *r, const struct fleet_host *host, enum note kind, struct sv text)
{
	struct roll_note *told;

	for (size_t i = 0; i < r->n_told; i++) {
		if (r->told[i].kind != kind || !sv_eq(sv(r->told[i].text), text))
			continue;
		r->told[i].n += r->told[i].last != host;
		r->told[i].last = host;
		return 0;
	}
	if (r->n_told == TOLD_MAX)
		return 0;
	told = reallocarray(r->told, r->n_told + 1, sizeof(*told));
	if (!told)
		return -ENOMEM;
	r->told = told;
	told[r->n_told] =
		(struct roll_note){ strndup(text.len ? text.p : "", text.len), kind, 1, host, host };
	if (!told[r->n_told].text)
		return -ENOMEM;
	r->n_told++;
	return 0;
}

static bool has_answer(const struct fleet_host *h)
{
	return h->state == HOST_WHOLE || h->state == HOST_CUT || h->state == HOST_DAMAGED;
}

size_t roll_answered(const struct roll *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += has_answer(r->v[i]);
	return n;
}

static size_t all_hosts(const struct roll *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i]->state != HOST_NOBODY;
	return n;
}

/* Names of hosts, and how many there were. */
struct names {
	struct text text;
	size_t n;
};

static void add_name(struct names *t, const char *name)
{
	if (t->n < NAMED_MAX) {
		text_str(&t->text, t->n ? ", " : "");
		text_str(&t->text, name);
	}
	t->n++;
}

/* Ends the list; returns its text. */
static const char *end_names(struct names *t)
{
	if (t->n > NAMED_MAX)
		text_printf(&t->text, " and %zu more", t->n - NAMED_MAX);
	text_char(&t->text, '\0');
	return t->text.failed ? "?" : t->text.p;
}

typedef bool is_meant(const struct fleet_host *h);

static bool is_missing(const struct fleet_host *h)
{
	return h->state == HOST_ASKED && !h->said;
}

static bool has_failed(const struct fleet_host *h)
{
	return h->state == HOST_ASKED && h->said;
}

static bool is_cut(const struct fleet_host *h)
{
	return h->state == HOST_CUT;
}

static bool is_damaged(const struct fleet_host *h)
{
	return h->state == HOST_DAMAGED || (h->state == HOST_WHOLE && h->n_bad);
}

static bool is_other(const struct fleet_host *h)
{
	return h->state == HOST_OTHER;
}

static bool is_of_version(const struct fleet_host *h)
{
	return h->state == HOST_VERSION;
}

static bool is_doubled(const struct fleet_host *h)
{
	return h->is_doubled;
}

static bool is_incomplete(const struct fleet_host *h)
{
	return h->is_partial && has_answer(h);
}

static const struct {
	is_meant *is;
	const char *text; /* behind a number of them all */
} kinds[] = {
	{ is_missing, "no answer of" },
	{ has_failed, "no answer, but something else, of" },
	{ is_cut, "cut short, and taken as far as it came:" },
	{ is_damaged, "damaged, and taken where it could be read:" },
	{ is_other, "left out, as other sockets were asked for, or other groups of them:" },
	{ is_of_version, "left out, as another version of ss wrote it:" },
	{ is_doubled, "more than one answer, of which the first is taken, of" },
	{ is_incomplete, "not whole, as the host itself says:" },
};

static int note_kinds(const struct roll *r, struct notes *notes)
{
	size_t all = all_hosts(r);
	int ret = 0;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct names t = {};
		const char *said = NULL;

		for (size_t i = 0; i < r->n; i++) {
			if (!kinds[k].is(r->v[i]))
				continue;
			add_name(&t, r->v[i]->name);
			said = kinds[k].is == has_failed && !said ? r->v[i]->said : said;
		}
		if (t.n && said)
			notes_add(notes, NOTE_ERROR, "%zu of %zu hosts: %s %s: \"%s\"", t.n, all,
				  kinds[k].text, end_names(&t), said);
		else if (t.n)
			notes_add(notes, NOTE_ERROR, "%zu of %zu hosts: %s %s", t.n, all, kinds[k].text,
				  end_names(&t));
		ret = t.text.failed ? -ENOMEM : ret;
		text_done(&t.text);
	}
	return ret;
}

static int compare_times(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void put_seconds(struct text *t, uint64_t us)
{
	text_u64(t, us / 1000000);
	text_str(t, " s");
}

/* Those whose answer is of another time than that of most. */
static int note_times(const struct roll *r, struct notes *notes)
{
	_cleanup_free_ uint64_t *all = calloc(r->n + 1, sizeof(*all));
	uint64_t middle, most = 0;
	struct names t = {};
	struct text by = {};
	size_t n = 0;
	int ret;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		if (has_answer(r->v[i]) && r->v[i]->time_us)
			all[n++] = r->v[i]->time_us;
	qsort(all, n, sizeof(*all), compare_times);
	middle = n ? all[(n - 1) / 2] : 0;
	for (size_t i = 0; i < r->n; i++) {
		uint64_t at = r->v[i]->time_us, off = at > middle ? at - middle : middle - at;

		if (!has_answer(r->v[i]) || !at || off <= SKEW_US)
			continue;
		add_name(&t, r->v[i]->name);
		most = off > most ? off : most;
	}
	put_seconds(&by, most);
	text_char(&by, '\0');
	if (t.n && !by.failed)
		notes_add(notes, NOTE_ERROR,
			  "%zu of %zu hosts: of another time than most, by up to %s, late or with another "
			  "clock: %s",
			  t.n, all_hosts(r), by.p, end_names(&t));
	ret = t.text.failed || by.failed ? -ENOMEM : 0;
	text_done(&t.text);
	text_done(&by);
	return ret;
}

static int compare_boots(const void *a, const void *b)
{
	const struct fleet_host *const *x = a, *const *y = b;

	return strcmp((*x)->start, (*y)->start);
}

/* Those that are one machine, by names that are several. */
static int note_boots(struct fleet_host **v, size_t n, struct notes *notes)
{
	int ret = 0;

	qsort(v, n, sizeof(struct fleet_host *), compare_boots);
	for (size_t i = 0, end; i < n; i = end) {
		struct names t = {};

		for (end = i; end < n && !strcmp(v[end]->start, v[i]->start); end++)
			add_name(&t, v[end]->name);
		if (end - i > 1)
			notes_add(notes, NOTE_WARNING,
				  "counted for each name, though it is one start of one machine: %s",
				  end_names(&t));
		ret = t.text.failed ? -ENOMEM : ret;
		text_done(&t.text);
	}
	return ret;
}

static int note_machines(const struct roll *r, struct notes *notes)
{
	_cleanup_free_ struct fleet_host **v = calloc(r->n + 1, sizeof(struct fleet_host *));
	size_t n = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		if (has_answer(r->v[i]) && r->v[i]->start && r->v[i]->start[0])
			v[n++] = r->v[i];
	return note_boots(v, n, notes);
}

int roll_note(const struct roll *r, struct notes *notes)
{
	int ret = note_kinds(r, notes);

	if (ret == 0)
		ret = note_times(r, notes);
	if (ret == 0)
		ret = note_machines(r, notes);
	for (size_t i = 0; i < r->n_told; i++) {
		const struct roll_note *t = &r->told[i];

		if (t->n > 1)
			notes_add(notes, t->kind, "%zu hosts, as %s: %s", t->n, t->first->name, t->text);
		else
			notes_add(notes, t->kind, "%s: %s", t->first->name, t->text);
	}
	if (r->n_noise)
		notes_add(notes, NOTE_WARNING, "%" PRIu64 " lines are of no answer, as: \"%s\"", r->n_noise,
			  r->noise);
	return ret;
}
