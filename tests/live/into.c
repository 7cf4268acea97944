/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "into.h"

enum { NS_USER, NS_NET, NS_MNT, NS_MAX };

static const char *const names[NS_MAX] = { "user", "net", "mnt" };

static void enter(const char *pid, bool with_user)
{
	int fds[NS_MAX];

	/* All are opened first: in the other mount namespace there may be no /proc. */
	for (int i = with_user ? NS_USER : NS_NET; i < NS_MAX; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, names[i]);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			err(125, "%s", path);
	}
	for (int i = with_user ? NS_USER : NS_NET; i < NS_MAX; i++) {
		if (setns(fds[i], 0) < 0)
			err(125, "entering the %s namespace of %s", names[i], pid);
		(void)close(fds[i]);
	}
}

/* Returns in the child; the parent ends as the child did. */
static void be_first_process(void)
{
	int status;
	pid_t child;

	if (unshare(CLONE_NEWPID) < 0)
		err(125, "a PID namespace");
	child = fork();
	if (child < 0)
		err(125, "fork");
	if (child == 0)
		return;
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	if (waitpid(child, &status, 0) < 0)
		err(125, "waitpid");
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)raise(WTERMSIG(status));
	_exit(128 + WTERMSIG(status));
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		err(125, "becoming user %u", (unsigned int)uid);
}

void enter_namespaces(const char *pid, const char *how, const char *uid)
{
	enter(pid, strchr(how, 'u'));
	if (strchr(how, 'p'))
		be_first_process();
	if (strcmp(uid, "-") != 0)
		become((uid_t)strtoul(uid, NULL, 10));
}
