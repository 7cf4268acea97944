/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* JSON, one object a line. */

#include "sink/format/formats.h"
#include "sink/format/json.h"

int ndjson_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	return json_make(o, out, true, ret);
}
