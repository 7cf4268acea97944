/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --rules: what the doctor looks for, all of them in a line each, or all about some.
 */

#include "base/cleanup.h"
#include "base/environ.h"
#include "cli/features.h"
#include "cli/modes.h"
#include "cli/rule_words.h"
#include "cli/tell.h"
#include "doctor/form.h"

int mode_rules(struct cli *c, const struct sv *words, size_t n_words)
{
	const char *list = n_words ? words[0].p : c->q.rules;
	bool wanted[RULE_MAX] = {};
	const struct form *form = c->q.tabulate.format ? form_find(sv(c->q.tabulate.format)) : &forms[0];
	struct text t = {};
	struct err e;

	if (n_words > (c->q.rules[0] ? 0 : 1)) {
		(void)err_say(&e, 0, "--rules takes one list, and \"%.*s\" is another",
			      SV_ARG(words[c->q.rules[0] ? 0 : 1]));
		return tell_usage(c, &e);
	}
	if (rule_words_read(list, "rules", wanted, &e) < 0)
		return tell_failure(c, EXIT_USAGE, &e);
	form->put_rules(wanted, list[0] && strcmp(list, "all") != 0, environ_page(), &t);
	return tell_text(c, &t);
}
