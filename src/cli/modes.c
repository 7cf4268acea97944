/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/modes.h"

/* clang-format off */
static const struct mode modes[] = {
#define MODE(id, f, ...) { .feature = FEATURE_##f, .run = mode_##id },
#define FINAL(id, f) { .feature = FEATURE_##f, .run = mode_##id, .is_final = true },
#include "cli/modes.def"
};
/* clang-format on */

const struct mode *mode_of(const struct request *q)
{
	const struct mode *m = &modes[0];

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (modes[i].feature == FEATURE_NONE || request_has(q, modes[i].feature))
			m = &modes[i];
	return m;
}
