/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * SARIF 2.1.0 (OASIS): all rules are declared, also those that found nothing, so that what is over can be
 * told from what was not asked; a rule that could not be asked is "notApplicable", and what is suppressed
 * stays.
 */

#include <stdio.h>

#include "doctor/form.h"
#include "sink/format/json_text.h"

static const char *level_of(enum severity s)
{
	return s == SEVERITY_CRITICAL ? "error" : s == SEVERITY_WARNING ? "warning" : "note";
}

static void put_text(struct text *t, const char *key, const char *s)
{
	text_printf(t, "\"%s\":{\"text\":", key);
	json_put_string(t, sv(s));
	text_char(t, '}');
}

static void put_rules(struct text *t)
{
	for (enum rule_id i = 0; i < RULE_MAX; i++) {
		text_printf(t, "%s{\"id\":\"%s\",", i ? ",\n" : "\n", rules[i].id);
		put_text(t, "shortDescription", rules[i].name);
		text_char(t, ',');
		put_text(t, "fullDescription", rules[i].meaning ? rules[i].meaning : rules[i].id);
		text_str(t, ",\"defaultConfiguration\":{\"level\":\"");
		text_str(t, rules[i].warning ? "warning" : rules[i].critical ? "error" : "note");
		text_str(t, "\"}}");
	}
}

/* What, why, and what to do, in one message. */
static void put_message(struct text *t, const struct finding *f)
{
	struct text m = {};
	const char *dos = f->text[FINDING_DO];
	struct sv line;

	text_printf(&m, "%s.", f->text[FINDING_TITLE]);
	if (f->text[FINDING_CAUSE])
		text_printf(&m, " %s", f->text[FINDING_CAUSE]);
	while ((line = rule_line(&dos)).p)
		text_printf(&m, " %.*s.", SV_ARG(line));
	text_char(&m, '\0');
	if (m.failed)
		text_fail(t);
	else
		put_text(t, "message", m.p);
	text_done(&m);
}

static void put_place(struct text *t, const struct finding *f)
{
	struct text name = {};

	text_str(&name, f->text[FINDING_NETNS] ? f->text[FINDING_NETNS] : "host");
	if (f->text[FINDING_PROCESS])
		text_printf(&name, "/%s", f->text[FINDING_PROCESS]);
	text_str(t, ",\"locations\":[{\"logicalLocations\":[{\"fullyQualifiedName\":");
	json_put_string(t, sv_n(name.p ? name.p : "", name.len));
	text_str(t, ",\"kind\":\"resource\"}]}]");
	if (name.failed)
		text_fail(t);
	text_done(&name);
}

static void put_result(struct text *t, const struct finding *f)
{
	char hex[20];

	(void)snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)f->fingerprint);
	text_printf(t, "{\"ruleId\":\"%s\",\"ruleIndex\":%d,\"level\":\"%s\",", rules[f->rule].id,
		    (int)f->rule, level_of(f->severity));
	put_message(t, f);
	put_place(t, f);
	text_printf(t, ",\"partialFingerprints\":{\"sockeye/v1\":\"%s\"}", hex);
	if (f->text[FINDING_SUPPRESSED]) {
		text_str(t, ",\"suppressions\":[{\"kind\":\"external\",\"justification\":");
		json_put_string(t, sv(f->text[FINDING_SUPPRESSED]));
		text_str(t, "}]");
	}
	if (f->explained_by != RULE_MAX)
		text_printf(t, ",\"properties\":{\"explainedBy\":\"%s\"}", rules[f->explained_by].id);
	text_char(t, '}');
}

static void put_skipped(struct text *t, const struct verdict *v)
{
	text_printf(t, "{\"ruleId\":\"%s\",\"ruleIndex\":%d,\"kind\":\"notApplicable\",\"level\":\"none\",",
		    rules[v->rule].id, (int)v->rule);
	put_text(t, "message", v->why[0] ? v->why : "it could not be asked");
	text_char(t, '}');
}

/* Of what is to be known about the answer. */
static void put_notifications(struct text *t, const struct notes *notes)
{
	const char *note = NULL;
	bool is_first = true;
	enum note kind;

	while (notes && (note = notes_next(notes, note, &kind))) {
		if (kind == NOTE_HINT)
			continue;
		text_str(t, is_first ? "" : ",");
		is_first = false;
		text_printf(t, "{\"level\":\"%s\",", kind == NOTE_ERROR ? "error" : "warning");
		put_text(t, "message", note);
		text_char(t, '}');
	}
}

void form_put_sarif(const struct diagnosis *d, const struct form_opts *o, struct text *ret)
{
	text_str(ret, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
		      "\"runs\":[{\"tool\":{\"driver\":{\"name\":\"sockeye\",\"version\":");
	json_put_string(ret, sv(o->version));
	text_str(ret, ",\"rules\":[");
	put_rules(ret);
	text_printf(ret, "\n]}},\"invocations\":[{\"executionSuccessful\":%s,\"endTimeUtc\":\"",
		    !o->notes || notes_is_whole(o->notes) ? "true" : "false");
	text_time(ret, d->at_us);
	text_str(ret, "\",\"toolExecutionNotifications\":[");
	put_notifications(ret, o->notes);
	text_str(ret, "]}],\"results\":[");
	for (size_t i = 0; i < d->n; i++) {
		text_str(ret, i ? ",\n" : "\n");
		put_result(ret, &d->v[i]);
	}
	for (size_t i = 0; i < d->n_skipped; i++) {
		text_str(ret, i || d->n ? ",\n" : "\n");
		put_skipped(ret, &d->skipped[i]);
	}
	text_str(ret, "\n]}]}\n");
}
