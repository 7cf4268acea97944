/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/release.h"

#include <sys/utsname.h>

#include "base/num.h"

uint16_t release_read(struct sv text)
{
	ptrdiff_t dot = sv_find(text, '.');
	uint64_t major, minor;
	struct sv rest;
	size_t n = 0;

	if (dot < 0)
		return 0;
	rest = sv_from(text, (size_t)dot + 1);
	while (n < rest.len && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	if (!num_read(sv_first(text, (size_t)dot), 10, UINT8_MAX, &major) ||
	    !num_read(sv_first(rest, n), 10, UINT8_MAX, &minor))
		return 0;
	return (uint16_t)(major << 8 | minor);
}

uint16_t release_running(void)
{
	struct utsname u;

	return uname(&u) ? 0 : release_read(sv(u.release));
}
