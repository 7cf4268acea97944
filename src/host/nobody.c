/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/nobody.h"

#include "base/file.h"
#include "base/num.h"

static uint64_t read_number(const char *path, uint64_t otherwise)
{
	struct text t = {};
	uint64_t n = otherwise;

	if (file_read(path, 64, &t) == 0) {
		struct sv s = sv_n(t.p, t.len);

		if (!num_read(sv_take(&s, '\n'), 10, UINT32_MAX, &n))
			n = otherwise;
	}
	text_done(&t);
	return n;
}

/* How many user ids of the system are one here. */
static uint64_t mapped_users(void)
{
	struct text t = {};
	uint64_t sum = 0, n;
	struct sv rest, line;

	if (file_read("/proc/self/uid_map", 1 << 16, &t) < 0)
		sum = UINT32_MAX; /* there are no user namespaces */
	for (rest = sv_n(t.p, t.len); rest.len;) {
		line = sv_take(&rest, '\n');
		(void)sv_word(&line);
		(void)sv_word(&line);
		if (num_read(sv_word(&line), 10, UINT32_MAX, &n))
			sum += n;
	}
	text_done(&t);
	return sum;
}

uint64_t nobody_here(void)
{
	return mapped_users() < UINT32_MAX ? read_number("/proc/sys/kernel/overflowuid", 65534) : UINT64_MAX;
}
