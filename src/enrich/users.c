/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/users.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>

#include "base/file.h"
#include "base/num.h"
#include "enrich/namemap.h"

enum { ENTRY_FIRST = 1024, ENTRY_MAX = 1 << 20, PASSWD_MAX = 16 << 20 };

struct users {
	struct namemap names;
	const char *tree;
};

struct users *users_new(const char *tree)
{
	struct users *u = calloc(1, sizeof(*u));

	if (u)
		u->tree = tree;
	return u;
}

/* The entry NAME:PASSWORD:UID:... of the file below @tree with @uid, or else with @name. */
static bool find_entry(const char *tree, const uint32_t *uid, struct sv name, struct text *ret_name,
		       uint64_t *ret_uid)
{
	struct text path = {}, file = {};
	bool is_found = false;
	struct sv rest;

	text_str(&path, tree);
	text_put(&path, "/etc/passwd", sizeof("/etc/passwd"));
	if (!path.failed)
		(void)file_read(path.p, PASSWD_MAX, &file);
	for (rest = sv_n(file.p, file.len); rest.len && !is_found;) {
		struct sv line = sv_take(&rest, '\n'), who = sv_take(&line, ':');
		uint64_t n;

		(void)sv_take(&line, ':');
		if (!who.len || !num_read(sv_take(&line, ':'), 10, UINT32_MAX, &n))
			continue;
		is_found = uid ? n == *uid : sv_eq(who, name);
		if (is_found && ret_name)
			text_sv(ret_name, who);
		*ret_uid = is_found ? n : *ret_uid;
	}
	text_done(&path);
	text_done(&file);
	return is_found;
}

/* The same as look_up() of the users below .tree. */
static int look_up_below(struct users *u, uint32_t uid, struct sv *ret)
{
	struct text name = {};
	uint64_t n = 0;
	int r;

	if (!find_entry(u->tree, &uid, (struct sv){}, &name, &n))
		text_u64(&name, uid);
	r = name.failed
		    ? -ENOMEM
		    : namemap_add(&u->names, (struct namemap_key){ .lo = uid }, sv_n(name.p, name.len), ret);
	text_done(&name);
	return r;
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

	if (u->tree)
		return look_up_below(u, uid, ret);
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

int users_number(const struct users *u, struct sv name, uint64_t *ret)
{
	_cleanup_free_ char *text = strndup(name.p, name.len), *buf = NULL;
	struct passwd entry, *found = NULL;
	int r = ERANGE;

	if (!text)
		return -ENOMEM;
	if (u->tree)
		return find_entry(u->tree, NULL, name, NULL, ret) ? 0 : -ENOENT;
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
