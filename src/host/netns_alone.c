/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/netns_alone.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

/* The initial PID namespace has had this number since Linux 3.8. */
static const ino_t initial_pid_ns = 0xeffffffc;

DEFINE_CLEANUP(DIR, closedir)

/*
 * The files of a network namespace have inode numbers of their own, and unlike
 * the link ns/net they may be looked at in anyone's process. False when @pid
 * has ended or shows nothing.
 */
static bool read_netns_mark(int proc, const char *pid, ino_t *ret)
{
	char path[300];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%.200s/net/sockstat", pid);
	if (fstatat(proc, path, &st, 0) < 0)
		return false;
	*ret = st.st_ino;
	return true;
}

static bool has_foreign_process(DIR *proc, ino_t own)
{
	const struct dirent *d;

	while ((d = readdir(proc))) {
		uint64_t pid;
		ino_t mark;

		if (num_read(sv(d->d_name), 10, INT32_MAX, &pid) &&
		    read_netns_mark(dirfd(proc), d->d_name, &mark) && mark != own)
			return true;
	}
	return false;
}

/* Such a mount has the root "net:[N]", the fourth field of its line. */
static bool has_netns_mount(void)
{
	struct text t = {};
	bool found = true;

	if (file_read("/proc/self/mountinfo", FILE_PROC_MAX, &t) == 0) {
		text_char(&t, '\0');
		found = t.failed || strstr(t.p, " net:[");
	}
	text_done(&t);
	return found;
}

bool netns_is_alone(void)
{
	_cleanup_(closedirp) DIR *proc = NULL;
	ino_t own, init;
	struct stat st;

	/* Only the initial namespace has this sysctl. */
	if (stat("/proc/sys/net/ipv4/tcp_max_orphans", &st) < 0)
		return false;
	if (stat("/proc/self/ns/pid", &st) < 0 || st.st_ino != initial_pid_ns)
		return false;
	proc = opendir("/proc");
	if (!proc || !read_netns_mark(dirfd(proc), "self", &own) || !read_netns_mark(dirfd(proc), "1", &init))
		return false;
	if (init != own || has_foreign_process(proc, own))
		return false;
	return !has_netns_mount();
}
