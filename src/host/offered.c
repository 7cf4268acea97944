/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/offered.h"

#include <dirent.h>
#include <fts.h>
#include <limits.h>
#include <net/if.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

enum {
	NAMES_MAX = 4096,
	ENTRY_MAX = 4096, /* bytes of a line of /etc/passwd */
	CGROUP2_MAGIC = 0x63677270,
};

DEFINE_CLEANUP(DIR, closedir)
DEFINE_CLEANUP(FILE, fclose)

static bool is_there(const struct text *t, const char *name)
{
	for (size_t at = 0; at < t->len; at += strlen(t->p + at) + 1)
		if (!strcmp(t->p + at, name))
			return true;
	return false;
}

/* Returns false when there is no room for more. */
static bool add(struct text *t, const char *name, size_t *n)
{
	if (t->failed || *n == NAMES_MAX)
		return false;
	if (*name && !is_there(t, name)) {
		text_put(t, name, strlen(name) + 1);
		++*n;
	}
	return true;
}

static void list_netns(struct text *ret)
{
	_cleanup_(closedirp) DIR *dir = opendir("/run/netns");
	const struct dirent *d;
	size_t n = 0;

	while (dir && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 && !add(ret, d->d_name, &n))
			return;
}

static void list_devices(struct text *ret)
{
	struct if_nameindex *all = if_nameindex();
	size_t n = 0;

	for (const struct if_nameindex *i = all; i && i->if_index; i++)
		if (!add(ret, i->if_name, &n))
			break;
	if (all)
		if_freenameindex(all);
}

static void list_users(struct text *ret)
{
	_cleanup_(fclosep) FILE *f = fopen("/etc/passwd", "re");
	struct passwd entry, *found;
	char buf[ENTRY_MAX];
	size_t n = 0;

	while (f && fgetpwent_r(f, &entry, buf, sizeof(buf), &found) == 0)
		if (!add(ret, found->pw_name, &n))
			return;
}

static bool is_pid(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/* Whether the process @pid has a command line; the kernel's own, which hold no sockets, have none. */
static bool has_cmdline(const char *pid)
{
	char path[sizeof("/proc//cmdline") + NAME_MAX];
	FILE *f;
	bool has;

	(void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	f = fopen(path, "re");
	has = f && fgetc(f) != EOF;
	if (f)
		(void)fclose(f);
	return has;
}

static void list_processes(struct text *ret)
{
	_cleanup_(closedirp) DIR *dir = opendir("/proc");
	const struct dirent *d;
	size_t n = 0;

	while (dir && (d = readdir(dir))) {
		char path[sizeof("/proc//comm") + sizeof(d->d_name)], name[64] = "";
		FILE *f;

		if (!is_pid(d->d_name) || !has_cmdline(d->d_name))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%s/comm", d->d_name);
		f = fopen(path, "re");
		if (f && fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		if (f)
			(void)fclose(f);
		if (!add(ret, name, &n))
			return;
	}
}

static bool is_cgroup2(const char *path)
{
	struct statfs s;

	return statfs(path, &s) == 0 && s.f_type == CGROUP2_MAGIC;
}

static void list_cgroups(struct text *ret)
{
	static char whole[] = "/sys/fs/cgroup", part[] = "/sys/fs/cgroup/unified";
	char *root[] = { is_cgroup2(whole) ? whole : part, NULL };
	FTS *tree =
		is_cgroup2(root[0]) ? fts_open(root, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL) : NULL;
	const FTSENT *e;
	size_t n = 0;

	while (tree && (e = fts_read(tree))) {
		const char *path = e->fts_path + strlen(root[0]);

		if (e->fts_info == FTS_D && !add(ret, *path ? path : "/", &n))
			break;
	}
	if (tree)
		(void)fts_close(tree);
}

void offered_names(enum offered kind, struct text *ret)
{
	static void (*const list[])(struct text *) = {
		[OFFERED_DEVICES] = list_devices, [OFFERED_NETNS] = list_netns,
		[OFFERED_USERS] = list_users,     [OFFERED_PROCESSES] = list_processes,
		[OFFERED_CGROUPS] = list_cgroups,
	};

	list[kind](ret);
}
