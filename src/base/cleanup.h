/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Scope-bound ownership: a variable declared with one of the _cleanup_ words
 * owns its object until the scope ends or take_ptr()/take_fd() moves it out.
 */

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))

/* Makes NAMEp(), the form that _cleanup_() wants, of a NAME() that frees an object. */
#define DEFINE_CLEANUP(type, fn)           \
	static inline void fn##p(type **p) \
	{                                  \
		if (*p)                    \
			fn(*p);            \
	}

/* Hands the pointer over; the local variable stops owning it. */
#define take_ptr(p)                         \
	({                                  \
		__typeof__(p) *_src = &(p); \
		__typeof__(p) _val = *_src; \
		*_src = NULL;               \
		_val;                       \
	})

/* Hands the file descriptor over; the local variable stops owning it. */
static inline int take_fd(int *fd)
{
	int val = *fd;

	*fd = -1;
	return val;
}

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
