/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "source/proc_protocols.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

/* The next word of a line, taken off its front. */
static struct sv next_word(struct sv *line)
{
	size_t n = 0;
	struct sv word;

	while (line->len && line->p[0] == ' ')
		*line = sv_from(*line, 1);
	while (n < line->len && line->p[n] != ' ')
		n++;
	word = sv_first(*line, n);
	*line = sv_from(*line, n);
	return word;
}

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
		ptrdiff_t end = sv_find(rest, '\n');
		struct sv line = end < 0 ? rest : sv_first(rest, (size_t)end);
		uint64_t v;

		rest = sv_from(rest, line.len + 1);
		if (!sv_is(next_word(&line), name))
			continue;
		(void)next_word(&line); /* size of one */
		if (num_read(next_word(&line), 10, INT32_MAX, &v))
			ret = (int64_t)v;
	}
	text_done(&t);
	return ret;
}
