/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/refusal.h"

#include <errno.h>

enum refusal refusal_of(int k, const struct dump *d, bool is_answer)
{
	if (k == -EPERM && d->ask & ASK_STORAGE)
		return REFUSAL_STORAGE;
	switch (-k) {
	case ENOTRECOVERABLE: return REFUSAL_LOST;
	case EBUSY:
	case ENOBUFS:
	case ENOMEM:
	case EAGAIN: return REFUSAL_BUSY;
	case EINVAL:
	case EPERM:
	case E2BIG: return d->bytecode ? REFUSAL_FILTER : REFUSAL_OTHER;
	case ENOENT:
	case EOPNOTSUPP:
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT: return is_answer ? REFUSAL_TABLE : REFUSAL_OTHER;
	default: return REFUSAL_OTHER;
	}
}
