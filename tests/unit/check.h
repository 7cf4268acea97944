/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a unit test needs: CHECK() aborts with the place and the text of the
 * condition that does not hold. A test program is a list of such checks; it
 * exits 0 when all held and 77 when it could not run, after saying why.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(cond)                                                                               \
	do {                                                                                      \
		if (!(cond)) {                                                                    \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                                  \
		}                                                                                 \
	} while (0)

#define CHECK_STR(a, b)                                                                                  \
	do {                                                                                             \
		const char *_a = (a), *_b = (b);                                                         \
		if (strcmp(_a, _b) != 0) {                                                               \
			fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #a, _a, \
				_b);                                                                     \
			abort();                                                                         \
		}                                                                                        \
	} while (0)
