/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>

#include "history/zstd.h"

int zstd_new(struct zstd **ret, struct err *e)
{
	*ret = NULL;
	return err_say(e, -ENOSYS,
		       "this program was built without recordings: that takes the package libzstd-dev");
}

struct zstd *zstd_free(struct zstd *z)
{
	return z;
}

int zstd_begin(struct zstd *, struct text *)
{
	return -ENOSYS;
}

int zstd_add(struct zstd *, const void *, size_t)
{
	return -ENOSYS;
}

int zstd_end(struct zstd *)
{
	return -ENOSYS;
}

int zstd_unpack(struct zstd *, const void *, size_t, void *, size_t)
{
	return -ENOSYS;
}
