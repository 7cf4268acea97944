/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/enter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "enrich/netns.h"

DEFINE_CLEANUP(DIR, closedir)

enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

/* Names that are no file of their folder. */
static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Opens DIR/NAME; a path that does not fit names nothing. */
static int open_in(const char *dir, const char *name, const char *rest)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s%s", dir, name, rest), fd;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, OPEN_FLAGS);
	return fd < 0 ? -errno : fd;
}

static int open_named(const char *name)
{
	int fd;

	if (!*name || is_dots(name))
		return -ENOENT;
	fd = open_in("/run/netns", name, "");
	return fd == -ENOENT ? open_in("/var/run/netns", name, "") : fd;
}

/* The namespace that lists of all of them call @name, or that links to it in /proc do. */
static int open_listed(const char *name)
{
	_cleanup_(netns_list_freep) struct netns_list *l = NULL;
	struct err why;
	int r = netns_list_new(NULL, &l, &why), fd;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		char link[32];

		(void)snprintf(link, sizeof(link), "net:[%u]", l->v[i].ino);
		if (strcmp(l->v[i].name, name) != 0 && strcmp(link, name) != 0)
			continue;
		fd = l->v[i].fd < 0 ? l->v[i].fd : fcntl(l->v[i].fd, F_DUPFD_CLOEXEC, 0);
		return fd < 0 && l->v[i].fd >= 0 ? -errno : fd;
	}
	return r == -ENOMEM ? r : -ENOENT;
}

static int open_process(const char *pid, struct err *e)
{
	int fd = open_in("/proc", pid, "/ns/net");

	if (fd == -EACCES)
		return err_say(
			e, fd,
			"network namespace \"%s\": the process is not yours, which needs CAP_SYS_PTRACE",
			pid);
	if (fd == -ENOENT)
		return err_say(
			e, fd,
			"network namespace \"%s\": no name under /run/netns, and no process; --netns=all "
			"tells which there are",
			pid);
	return fd < 0 ? err_sys(e, fd, "network namespace \"%s\"", pid) : fd;
}

/* The namespace @where; sets *@ret_is_name when it is one of those with a name. */
static int open_netns(const char *where, bool *ret_is_name, struct err *e)
{
	uint64_t pid;
	int fd;

	*ret_is_name = false;
	if (strchr(where, '/')) {
		fd = open(where, OPEN_FLAGS);
		return fd < 0 ? err_sys(e, -errno, "network namespace \"%s\"", where) : fd;
	}
	fd = open_named(where);
	*ret_is_name = fd >= 0;
	if (fd == -ENOENT && num_read(sv(where), 10, INT_MAX, &pid))
		return open_process(where, e);
	if (fd == -ENOENT && strcmp(where, "all") != 0)
		fd = open_listed(where);
	if (fd == -ENOENT)
		return err_say(
			e, fd,
			"network namespace \"%s\": no name under /run/netns, nor one that --netns=all shows",
			where);
	return fd < 0 ? err_sys(e, fd, "network namespace \"%s\"", where) : fd;
}

/* Puts each file of the folder @from over the one of the same name in /etc. */
static void cover_etc(DIR *from, const char *folder, struct notes *notes)
{
	const struct dirent *d;

	while ((d = readdir(from))) {
		char source[PATH_MAX], target[PATH_MAX];

		if (is_dots(d->d_name))
			continue;
		(void)snprintf(source, sizeof(source), "%s/%s", folder, d->d_name);
		(void)snprintf(target, sizeof(target), "/etc/%s", d->d_name);
		if (mount(source, target, "none", MS_BIND, NULL) < 0)
			notes_add(notes, NOTE_WARNING, "%s does not take the place of %s: %s", source, target,
				  strerror(errno));
	}
}

static void use_own_etc(const char *name, struct notes *notes)
{
	_cleanup_(closedirp) DIR *from = NULL;
	char folder[PATH_MAX / 2];
	int n = snprintf(folder, sizeof(folder), "/etc/netns/%s", name);

	if (n < 0 || (size_t)n >= sizeof(folder))
		return;
	from = opendir(folder);
	if (!from)
		return;
	/* A mount namespace of our own, from which nothing goes back. */
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		notes_add(notes, NOTE_WARNING, "the files in %s are not used: %s", folder, strerror(errno));
	else
		cover_etc(from, folder, notes);
}

int netns_enter(const char *where, struct notes *notes, struct err *e)
{
	bool is_name;
	_cleanup_close_ int fd = open_netns(where, &is_name, e);

	if (fd < 0)
		return fd;
	if (setns(fd, CLONE_NEWNET) < 0) {
		int r = -errno;

		if (r == -EPERM)
			return err_say(
				e, r,
				"network namespace \"%s\": going there needs CAP_SYS_ADMIN, here and in "
				"the user namespace that it belongs to",
				where);
		if (r == -EINVAL)
			return err_say(e, r, "network namespace \"%s\": it is none", where);
		return err_sys(e, r, "going into the network namespace \"%s\"", where);
	}
	if (is_name)
		use_own_etc(where, notes);
	return 0;
}
