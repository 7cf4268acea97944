/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Who writes a recording. Inner to history/. */

#include "history/disk.h"
#include "history/group.h"
#include "history/store.h"

struct store_writer {
	struct disk disk;
	struct group group;
	struct zstd *zstd;
	struct store_opts o;
	struct store_time at, last; /* of the sample that is collected, and of the one before */
	size_t n_own;               /* samples taken since it was opened */
	bool is_in_sample;
};
