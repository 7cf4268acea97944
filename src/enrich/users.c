/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/users.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>

#include "enrich/namemap.h"

enum { ENTRY_FIRST = 1024, ENTRY_MAX = 1 << 20 };

struct users {
	struct namemap names;
};

struct users *users_new(void)
{
	return calloc(1, sizeof(struct users));
}

struct users *users_free(struct users *u)
{
	if (!u)
		return NULL;
	namemap_done(&u->names);
	free(u);
	return NULL;
}

/* Remembers the name that the services have, or the number. */
static int look_up(struct users *u, uint32_t uid, struct sv *ret)
{
	_cleanup_free_ char *buf = NULL;
	struct passwd entry, *found = NULL;
	char number[16];
	int r = ERANGE;

	for (size_t cap = ENTRY_FIRST; r == ERANGE && cap <= ENTRY_MAX; cap *= 4) {
		free(buf);
		buf = malloc(cap);
		if (!buf)
			return -ENOMEM;
		r = getpwuid_r(uid, &entry, buf, cap, &found);
	}
	if (found && found->pw_name[0])
		return namemap_add(&u->names, (struct namemap_key){ .lo = uid }, sv(found->pw_name), ret);
	(void)snprintf(number, sizeof(number), "%u", uid);
	return namemap_add(&u->names, (struct namemap_key){ .lo = uid }, sv(number), ret);
}

struct sv users_name(struct users *u, uint32_t uid)
{
	struct sv name = {};

	if (!namemap_find(&u->names, (struct namemap_key){ .lo = uid }, &name) && look_up(u, uid, &name) < 0)
		return sv_n(NULL, 0);
	return name;
}

int users_number(struct sv name, uint64_t *ret)
{
	_cleanup_free_ char *text = strndup(name.p, name.len), *buf = NULL;
	struct passwd entry, *found = NULL;
	int r = ERANGE;

	if (!text)
		return -ENOMEM;
	for (size_t cap = ENTRY_FIRST; r == ERANGE && cap <= ENTRY_MAX; cap *= 4) {
		free(buf);
		buf = malloc(cap);
		if (!buf)
			return -ENOMEM;
		r = getpwnam_r(text, &entry, buf, cap, &found);
	}
	if (!found || strlen(text) != name.len)
		return -ENOENT;
	*ret = found->pw_uid;
	return 0;
}
