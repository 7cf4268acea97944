/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is given up cannot be done any more, and what a page is made of can. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "metrics/confine.h"

enum { CONFINED = 0, CANNOT = 77 };

static bool is_refused(long r)
{
	return r < 0 && errno == EPERM;
}

static void *nothing(void *arg)
{
	return arg;
}

static bool can_have_threads(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0;
}

static bool is_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c;
	bool is_good = fd >= 0 && read(fd, &c, 1) == 1;

	if (fd >= 0)
		(void)close(fd);
	return is_good;
}

static void check_starting(void)
{
	char word[] = "true", *const argv[] = { word, NULL };

	CHECK(is_refused(execv("/bin/true", argv)));
	CHECK(is_refused(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0)));
	CHECK(is_refused(fork()));
	CHECK(is_refused(kill(getppid(), 0)) && is_refused(setuid(1)));
}

static void check_writing(const char *path)
{
	static const char none[] = "/tmp/no-such-file";

	CHECK(is_refused(open(path, O_WRONLY | O_CLOEXEC)) && is_refused(open(path, O_RDWR | O_CLOEXEC)));
	CHECK(is_refused(openat(AT_FDCWD, path, O_RDONLY | O_TRUNC | O_CLOEXEC)));
	CHECK(is_refused(openat(AT_FDCWD, none, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)));
	CHECK(is_refused(rename(path, none)) && is_refused(link(path, none)));
	CHECK(is_refused(chmod(path, 0777)) && is_refused(mkdir(none, 0700)));
}

static void check_what_is_needed(void)
{
	CHECK(access("/bin/true", F_OK) == 0 && is_read("/proc/self/stat") && is_read("/proc/net/netlink"));
	CHECK(can_have_threads());
	CHECK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 4) >= 0);
}

static int look(const char *path, bool has_path)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX };
	const struct confine_opts o = { .has_path = has_path };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err e;

	if (confine(&o, &e) < 0)
		return CANNOT;
	CHECK(fd >= 0 && is_refused(connect(fd, (const struct sockaddr *)&to, sizeof(to))));
	check_starting();
	check_writing(path);
	check_what_is_needed();
	CHECK(has_path ? unlink(path) == 0 : is_refused(unlink(path)));
	return CONFINED;
}

static bool try(bool has_path)
{
	char path[] = "/tmp/test-confine-XXXXXX";
	int fd = mkstemp(path), status;
	pid_t child = fd < 0 ? -1 : fork();

	CHECK(child >= 0);
	if (child == 0)
		_exit(look(path, has_path));
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	(void)close(fd);
	(void)unlink(path);
	CHECK(WEXITSTATUS(status) == CONFINED || WEXITSTATUS(status) == CANNOT);
	return WEXITSTATUS(status) == CONFINED;
}

int main(void)
{
	if (try(false) && try(true))
		return 0;
	printf("this kernel, or what this runs in, has no seccomp\n");
	return CANNOT;
}
