/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/proc_protocols.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

int64_t proc_protocol_sockets(const char *root, const char *name)
{
	struct text t = {};
	struct sv rest;
	int64_t ret = -1;

	if (file_read_proc(root, "net/protocols", NULL, &t) < 0) {
		text_done(&t);
		return -1;
	}
	rest = sv_n(t.p, t.len);
	while (rest.len) {
		struct sv line = sv_take(&rest, '\n');
		uint64_t v;

		if (!sv_is(sv_word(&line), name))
			continue;
		(void)sv_word(&line); /* size of one */
		if (num_read(sv_word(&line), 10, INT32_MAX, &v))
			ret = (int64_t)v;
	}
	text_done(&t);
	return ret;
}
