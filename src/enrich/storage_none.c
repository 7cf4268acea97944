/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* For a build without libbpf. */

#include <errno.h>
#include <stddef.h>

#include "enrich/storage.h"

int storages_new(struct storages **, struct err *e)
{
	return err_say(e, -EOPNOTSUPP, "built without libbpf");
}

struct storages *storages_free(struct storages *)
{
	return NULL;
}

int storages_open(struct storages *, uint32_t, struct err *e)
{
	return err_say(e, -EOPNOTSUPP, "built without libbpf");
}

int storages_put(struct storages *, struct text *, uint32_t, struct sv, bool)
{
	return -ENOENT;
}
