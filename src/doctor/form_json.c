/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * A diagnosis as JSON, whose keys are promised in docs/doctor.md.
 */

#include <stdio.h>

#include "doctor/form.h"
#include "doctor/members.h"
#include "sink/format/json_text.h"

static void put_evidence(struct text *t, const struct finding *f, bool *is_first)
{
	const char *lines = f->text[FINDING_EVIDENCE];
	bool is_first_line = true;
	struct sv line;

	members_put_key(t, "evidence", is_first);
	text_char(t, '[');
	while ((line = rule_line(&lines)).p) {
		bool is_first_key = true;

		text_str(t, is_first_line ? "{" : ",{");
		is_first_line = false;
		members_put_key(t, "text", &is_first_key);
		json_put_string(t, line);
		text_char(t, '}');
	}
	text_char(t, ']');
}

static void put_owner(struct text *t, const struct finding *f, bool *is_first)
{
	static const struct {
		const char *key;
		enum finding_text what;
	} keys[] = { { "process", FINDING_PROCESS },
		     { "unit", FINDING_UNIT },
		     { "container", FINDING_CONTAINER },
		     { "user", FINDING_USER } };
	bool is_first_key = true;

	members_put_key(t, "owner", is_first);
	text_char(t, '{');
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		members_put_string(t, keys[i].key, f->text[keys[i].what], &is_first_key);
	if (f->text[FINDING_PID]) {
		members_put_key(t, "pid", &is_first_key);
		text_str(t, f->text[FINDING_PID]);
	}
	text_char(t, '}');
}

static void put_members(struct text *t, const struct finding *f, bool *is_first)
{
	const struct rule *r = &rules[f->rule];
	char hex[20];

	members_put_string(t, "id", r->id, is_first);
	members_put_string(t, "severity", severity_name(f->severity), is_first);
	members_put_string(t, "title", f->text[FINDING_TITLE], is_first);
	put_evidence(t, f, is_first);
	members_put_strings(t, "commands", f->text[FINDING_COMMAND], is_first);
	put_owner(t, f, is_first);
	members_put_string(t, "namespace", f->text[FINDING_NETNS], is_first);
	members_put_string(t, "cause", f->text[FINDING_CAUSE], is_first);
	members_put_strings(t, "do", f->text[FINDING_DO], is_first);
	members_put_strings(t, "dont", f->text[FINDING_DONT], is_first);
	members_put_string(t, "next", f->text[FINDING_NEXT], is_first);
	members_put_string(t, "normal", f->text[FINDING_NORMAL], is_first);
	members_put_string(t, "confidence", r->is_certain ? "certain" : "likely", is_first);
	(void)snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)f->fingerprint);
	members_put_string(t, "fingerprint", hex, is_first);
	if (f->explained_by != RULE_MAX)
		members_put_string(t, "explained_by", rules[f->explained_by].id, is_first);
	members_put_string(t, "suppressed", f->text[FINDING_SUPPRESSED], is_first);
	members_put_string(t, "new", f->text[FINDING_SINCE], is_first);
	if (f->is_carried) {
		members_put_key(t, "ended", is_first);
		text_str(t, "true");
	}
}

static void put_verdict(struct text *t, const struct verdict *v, const char *key, bool *is_first)
{
	members_put_string(t, "id", rules[v->rule].id, is_first);
	members_put_string(t, key, v->why, is_first);
}

static void put_verdicts(struct text *t, const char *name, const char *key, const struct verdict *v, size_t n)
{
	text_printf(t, ",\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		bool is_first = true;

		text_str(t, i ? ",\n{" : "\n{");
		put_verdict(t, &v[i], key, &is_first);
		text_char(t, '}');
	}
	text_str(t, n ? "\n]" : "]");
}

static const char *level_of(enum note kind)
{
	return kind == NOTE_WARNING ? "warning" : "error";
}

static void put_note(struct text *t, enum note kind, const char *note)
{
	text_printf(t, "{\"level\":\"%s\",\"text\":", level_of(kind));
	json_put_string(t, sv(note));
	text_char(t, '}');
}

static void put_about(struct text *t, const struct diagnosis *d, const struct form_opts *o, bool *is_first)
{
	if (o->has_time) {
		members_put_key(t, "time", is_first);
		text_char(t, '"');
		text_time(t, d->at_us);
		text_char(t, '"');
	}
	members_put_string(t, "host", d->host, is_first);
	members_put_string(t, "kernel", d->kernel, is_first);
	if (d->seconds > 0) {
		members_put_key(t, "seconds", is_first);
		text_printf(t, "%.3f", d->seconds);
	}
}

void form_put_json(const struct diagnosis *d, const struct form_opts *o, struct text *ret)
{
	const char *note = NULL;
	bool is_first = true, is_first_note = true;
	enum note kind;

	text_char(ret, '{');
	put_about(ret, d, o, &is_first);
	members_put_key(ret, "findings", &is_first);
	text_char(ret, '[');
	for (size_t i = 0; i < d->n; i++) {
		bool is_first_key = true;

		text_str(ret, i ? ",\n{" : "\n{");
		put_members(ret, &d->v[i], &is_first_key);
		text_char(ret, '}');
	}
	text_str(ret, d->n ? "\n]" : "]");
	put_verdicts(ret, "skipped", "why", d->skipped, d->n_skipped);
	if (o->wants_all)
		put_verdicts(ret, "fine", "normal", d->fine, d->n_fine);
	text_str(ret, ",\"notes\":[");
	while (o->notes && (note = notes_next(o->notes, note, &kind))) {
		if (kind == NOTE_HINT)
			continue;
		text_str(ret, is_first_note ? "" : ",");
		is_first_note = false;
		put_note(ret, kind, note);
	}
	text_printf(ret, "],\"complete\":%s}\n", !o->notes || notes_is_whole(o->notes) ? "true" : "false");
}

static void begin_line(struct text *t, const char *list, const struct diagnosis *d, const struct form_opts *o)
{
	text_printf(t, "{\"list\":\"%s\"", list);
	if (o->has_time) {
		text_str(t, ",\"time\":\"");
		text_time(t, d->at_us);
		text_char(t, '"');
	}
}

void form_put_ndjson(const struct diagnosis *d, const struct form_opts *o, struct text *ret)
{
	const char *note = NULL;
	bool is_first = false;
	enum note kind;

	for (size_t i = 0; i < d->n; i++) {
		begin_line(ret, "findings", d, o);
		put_members(ret, &d->v[i], &is_first);
		text_str(ret, "}\n");
	}
	for (size_t i = 0; i < d->n_skipped; i++) {
		begin_line(ret, "skipped", d, o);
		put_verdict(ret, &d->skipped[i], "why", &is_first);
		text_str(ret, "}\n");
	}
	for (size_t i = 0; i < d->n_fine && o->wants_all; i++) {
		begin_line(ret, "fine", d, o);
		put_verdict(ret, &d->fine[i], "normal", &is_first);
		text_str(ret, "}\n");
	}
	while (o->notes && (note = notes_next(o->notes, note, &kind))) {
		if (kind == NOTE_HINT)
			continue;
		text_str(ret, "{\"note\":");
		put_note(ret, kind, note);
		text_str(ret, "}\n");
	}
}
