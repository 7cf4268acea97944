/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Bytes as JSON. Walking it value by value and skipping it as a whole must agree on whether it is. */

#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Goes through one value; @depth bounds our own stack. */
static void walk(struct json *j, struct text *t, char next, int depth)
{
	t->len = 0;
	if (depth && next == '{') {
		if (json_enter(j, '{'))
			while (json_key(j, t))
				walk(j, t, j->rest.len ? j->rest.p[0] : 0, depth - 1);
	} else if (depth && next == '[') {
		if (json_enter(j, '['))
			while (json_item(j))
				walk(j, t, j->rest.len ? j->rest.p[0] : 0, depth - 1);
	} else {
		(void)json_text(j, t);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json whole = json_of((struct sv){ (const char *)data, size });
	struct json parts = whole;
	struct text t = {};

	json_skip(&whole);
	walk(&parts, &t, size ? (char)data[0] : 0, 2 * JSON_DEPTH);
	if (json_end(&whole) != json_end(&parts))
		abort();
	text_done(&t);
	return 0;
}
