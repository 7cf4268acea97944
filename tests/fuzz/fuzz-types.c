/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The kernel's types cut down. Cutting what is left in the same way must leave it as it is. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/kernel_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int cut(const void *p, size_t len, struct kernel_types *ret)
{
	static const char *const names[] = { "sock", "sock_common", "__sk_common", "skc_family", "state",
					     "list", "u32",         "mode",        "flags",      "call" };
	struct kernel_names s = {};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !r; i++)
		r = kernel_names_add(&s, names[i]);
	if (!r)
		r = kernel_types_cut(p, len, &s, ret);
	kernel_names_done(&s);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_types once = {}, twice = {};
	int r = cut(data, size, &once);

	if (r < 0) {
		if (r != -EBADMSG)
			abort();
		return 0;
	}
	if (cut(once.bytes.p, once.bytes.len, &twice) < 0)
		abort();
	if (!once.bytes.p || !twice.bytes.p || once.bytes.len != twice.bytes.len ||
	    memcmp(once.bytes.p, twice.bytes.p, once.bytes.len) != 0)
		abort();
	kernel_types_done(&once);
	kernel_types_done(&twice);
	return 0;
}
