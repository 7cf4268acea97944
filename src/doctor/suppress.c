/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/suppress.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "base/num.h"

enum { FILE_MAX = 1 << 20, CONDITIONS_MAX = 8, DAY_S = 86400 };

struct suppression {
	enum rule_id rule;
	struct {
		enum finding_text what; /* FINDING_TEXTS: the fingerprint */
		struct sv value;
	} conditions[CONDITIONS_MAX];
	size_t n;
	struct sv day, reason;
	uint64_t until_us; /* the end of that day, in UTC */
};

static const struct {
	const char *key;
	enum finding_text what;
} keys[] = {
	{ "process", FINDING_PROCESS }, { "unit", FINDING_UNIT },       { "container", FINDING_CONTAINER },
	{ "user", FINDING_USER },       { "namespace", FINDING_NETNS }, { "fingerprint", FINDING_TEXTS },
};

void suppressions_done(struct suppressions *s)
{
	free(s->v);
	free(s->file);
	*s = (struct suppressions){};
}

static int refuse(const char *path, size_t line, struct sv what, const char *why, struct err *e)
{
	return err_say(e, -EINVAL, "%s, line %zu: \"%.*s\" %s", path, line, SV_ARG(what), why);
}

/* "2027-01-31" */
static bool read_day(struct sv s, uint64_t *ret_us)
{
	struct sv rest = s, year = sv_take(&rest, '-'), month = sv_take(&rest, '-');
	uint64_t y, m, d;
	struct tm tm = {};
	time_t t;

	if (!rest.p || !num_read(year, 10, 9999, &y) || !num_read(month, 10, 12, &m) ||
	    !num_read(rest, 10, 31, &d) || y < 1970 || !m || !d)
		return false;
	tm.tm_year = (int)y - 1900;
	tm.tm_mon = (int)m - 1;
	tm.tm_mday = (int)d;
	t = timegm(&tm);
	*ret_us = ((uint64_t)t + DAY_S) * 1000000;
	return t >= 0 && tm.tm_mday == (int)d; /* else it was no day of that month */
}

/* Reads "key=value". Returns 1, 0 when @word is none, or -EINVAL. */
static int read_condition(struct suppression *s, const char *path, size_t n, struct sv word, struct err *e)
{
	struct sv value = word, key = sv_take(&value, '=');

	if (!value.p)
		return 0;
	if (sv_is(key, "until")) {
		s->day = value;
		return read_day(value, &s->until_us) ? 1
						     : refuse(path, n, value, "is no day like 2027-01-31", e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys) && s->n < CONDITIONS_MAX; i++) {
		if (!sv_is(key, keys[i].key))
			continue;
		s->conditions[s->n].what = keys[i].what;
		s->conditions[s->n++].value = value;
		return 1;
	}
	return refuse(path, n, key,
		      "is none of process, unit, container, user, namespace, fingerprint, until", e);
}

static int read_line(struct suppressions *all, const char *path, size_t n, struct sv line, struct err *e)
{
	struct sv rest = line, id = sv_word(&rest), word;
	struct suppression s = { .rule = rule_find(id) }, *v;
	int r = 1;

	if (s.rule == RULE_MAX)
		return refuse(path, n, id, "is no rule; ss --rules lists them", e);
	s.reason = sv_trim(rest);
	while (r > 0 && (word = sv_word(&rest)).len) {
		r = read_condition(&s, path, n, word, e);
		if (r > 0)
			s.reason = sv_trim(rest);
	}
	if (r < 0)
		return r;
	if (!s.until_us)
		return refuse(path, n, line, "says not until when: until=2027-01-31", e);
	if (!s.reason.len)
		return refuse(path, n, line, "gives no reason, which stands at its end", e);
	v = reallocarray(all->v, all->n + 1, sizeof(*v));
	if (!v)
		return err_sys(e, -ENOMEM, "%s", path);
	all->v = v;
	all->v[all->n++] = s;
	return 0;
}

int suppressions_read(struct suppressions *s, const char *path, struct err *e)
{
	struct text t = {};
	struct sv rest;
	int r = file_read(path, FILE_MAX, &t);

	s->file = t.p;
	if (r < 0)
		return err_sys(e, r, "%s", path);
	rest = sv_n(t.p, t.len);
	for (size_t n = 1; rest.len && r == 0; n++) {
		struct sv line = sv_trim(sv_take(&rest, '\n'));

		if (line.len && line.p[0] != '#')
			r = read_line(s, path, n, line, e);
	}
	return r;
}

static bool fits(const struct suppression *s, const struct finding *f)
{
	char hex[20];

	if (s->rule != f->rule)
		return false;
	(void)snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)f->fingerprint);
	for (size_t i = 0; i < s->n; i++) {
		enum finding_text what = s->conditions[i].what;
		const char *is = what == FINDING_TEXTS ? hex : f->text[what];

		if (!is || !sv_is(s->conditions[i].value, is))
			return false;
	}
	return true;
}

/* Marks @f when @of fits it, and has not expired. Returns 0 or -ENOMEM. */
static int apply(const struct suppression *of, struct finding *f, uint64_t at_us, struct notes *notes)
{
	if (!fits(of, f))
		return 0;
	if (at_us >= of->until_us) {
		notes_add(notes, NOTE_WARNING, "the suppression of %s ended on %.*s: %.*s", rules[f->rule].id,
			  SV_ARG(of->day), SV_ARG(of->reason));
		return 0;
	}
	if (asprintf(&f->text[FINDING_SUPPRESSED], "until %.*s: %.*s", SV_ARG(of->day), SV_ARG(of->reason)) <
	    0) {
		f->text[FINDING_SUPPRESSED] = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* The suppressed cause of @f, where all findings that may be its cause are. */
static const struct finding *quiet_cause(const struct diagnosis *d, const struct finding *f)
{
	const struct finding *cause = NULL;

	for (size_t i = 0; i < d->n; i++) {
		const struct finding *of = &d->v[i];

		if (of->rule != f->explained_by || of->netns != f->netns)
			continue;
		if (!of->text[FINDING_SUPPRESSED])
			return NULL;
		cause = of;
	}
	return cause;
}

int suppressions_apply(const struct suppressions *s, struct diagnosis *d, struct notes *notes)
{
	int r = 0;

	for (size_t i = 0; i < d->n && r == 0; i++)
		for (size_t k = 0; k < s->n && r == 0 && !d->v[i].text[FINDING_SUPPRESSED]; k++)
			r = apply(&s->v[k], &d->v[i], d->at_us, notes);
	for (size_t i = 0; i < d->n && r == 0; i++) {
		struct finding *f = &d->v[i];
		const struct finding *cause = f->text[FINDING_SUPPRESSED] ? NULL : quiet_cause(d, f);

		if (cause && asprintf(&f->text[FINDING_SUPPRESSED], "as %s, from which it follows: %s",
				      rules[cause->rule].id, cause->text[FINDING_SUPPRESSED]) < 0) {
			f->text[FINDING_SUPPRESSED] = NULL;
			r = -ENOMEM;
		}
	}
	return r;
}
