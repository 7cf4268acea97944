/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * enter PID HOW UID PROGRAM [ARG]...
 *
 * Runs a program in the network and mount namespaces of process PID. HOW is "-" or
 * letters: "u" enters its user namespace first, "p" makes the program the first process
 * of a PID namespace. UID is "-", or that of the user who runs it.
 *
 * nsenter, unshare and setpriv do the same, one after the other. The tests do it some
 * ten thousand times, and starting each of the three takes as long as what is tested.
 */

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
		exit(WEXITSTATUS(status));
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)raise(WTERMSIG(status));
	exit(128 + WTERMSIG(status));
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		err(125, "becoming user %u", (unsigned int)uid);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		errx(125, "usage: enter PID HOW UID PROGRAM [ARG]...");
	enter(argv[1], strchr(argv[2], 'u'));
	if (strchr(argv[2], 'p'))
		be_first_process();
	if (strcmp(argv[3], "-") != 0)
		become((uid_t)strtoul(argv[3], NULL, 10));
	(void)execvp(argv[4], argv + 4);
	err(127, "%s", argv[4]);
}
