/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/form.h"

#include "doctor/listed.h"

const struct form forms[] = {
	{ .name = "text", .help = "for people", .put = form_put_text, .put_rules = listed_put },
	{ .name = "json",
	  .help = "one JSON object",
	  .put = form_put_json,
	  .put_rules = listed_put_json,
	  .before = "{\"samples\":[\n",
	  .between = ",\n",
	  .behind = "]}\n" },
	{ .name = "ndjson",
	  .help = "one JSON object a line",
	  .put = form_put_ndjson,
	  .put_rules = listed_put_ndjson },
	{ .name = "sarif",
	  .help = "SARIF 2.1.0, for tools that collect findings",
	  .put = form_put_sarif,
	  .is_ours = true },
	{ .name = "monitoring",
	  .help = "one line with performance data, for Nagios and its like",
	  .put = form_put_monitoring,
	  .is_ours = true,
	  .has_own_status = true },
	{},
};

const struct form *form_find(struct sv name)
{
	for (const struct form *f = forms; f->name; f++)
		if (sv_is(name, f->name))
			return f;
	return NULL;
}
