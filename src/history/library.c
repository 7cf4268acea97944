/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/library.h"

#include <dlfcn.h>
#include <errno.h>

int library_load(const struct library *l, struct err *e)
{
	void *handle = dlopen(l->soname, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return err_say(e, -ENOSYS,
			       "%s need the library %s, which is not installed: it is in the package %s",
			       l->purpose, l->soname, l->package);
	for (size_t i = 0; i < l->n; i++) {
		*l->function[i].ret = dlsym(handle, l->function[i].name);
		if (!*l->function[i].ret)
			return err_say(e, -ENOSYS, "%s need a newer library %s: it lacks %s", l->purpose,
				       l->soname, l->function[i].name);
	}
	return 0;
}
