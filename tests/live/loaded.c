/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * loaded FD
 *
 * The program that is tested, loaded once and run often: each message that comes over the socket FD makes
 * a child that calls its main(), with the standard descriptors that come along. A message is strings, each
 * with its end: "1" to look for leaks or "0", PID, HOW, UID as into.h has them ("" for PID: where we are), a
 * number of variables, these, and the words of the command line. Two numbers are answered: the child's
 * process number at once, and when it has ended what wait() says.
 *
 * Loading a program takes longer than what most tests ask of it; with sanitizers, ten times as long.
 */

#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "into.h"

enum { WORDS_MAX = 4096, BYTES_MAX = 1 << 17, FDS = 3 };

int program_main(int argc, char **argv);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void); /* the sanitizer asks it at the end */

#define main program_main
#include PROGRAM
#undef main

static struct {
	char bytes[BYTES_MAX];
	char *word[WORDS_MAX + 1];
	int n;
	int fds[FDS];
} asked;

static int may_leak;

int __lsan_is_turned_off(void)
{
	return may_leak;
}

static void split(size_t len)
{
	asked.n = 0;
	for (size_t at = 0; at < len; at += strlen(asked.bytes + at) + 1) {
		if (asked.n == WORDS_MAX)
			errx(125, "too many words");
		asked.word[asked.n++] = asked.bytes + at;
	}
	asked.word[asked.n] = NULL;
}

/* False at the end. */
static bool take(int from)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(asked.fds))];
	} control;
	struct iovec part = { .iov_base = asked.bytes, .iov_len = sizeof(asked.bytes) - 1 };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);

	if (n <= 0)
		return false;
	if (m.msg_controllen < sizeof(control) || m.msg_flags & MSG_TRUNC)
		errx(125, "no descriptors, or too long a message");
	memcpy(asked.fds, CMSG_DATA(&control.head), sizeof(asked.fds));
	asked.bytes[n] = 0;
	split((size_t)n);
	if (asked.n < 6)
		errx(125, "too short a message");
	return true;
}

/* The child. */
static int run(void)
{
	char **word = asked.word, **variables = word + 5;
	int n = (int)strtol(word[4], NULL, 10);
	static char *environment[WORDS_MAX + 1];

	for (int i = 0; i < FDS; i++) {
		if (dup2(asked.fds[i], i) < 0)
			err(125, "dup2");
		(void)close(asked.fds[i]);
	}
	if (n < 0 || n + 6 > asked.n)
		errx(125, "there are not so many variables");
	memcpy(environment, variables, (size_t)n * sizeof(*variables));
	environ = environment;
	may_leak = word[0][0] == '0';
	if (*word[1])
		enter_namespaces(word[1], word[2], word[3]);
	/* As if it had just been executed. */
	(void)prctl(PR_SET_DUMPABLE, 1);
	return program_main(asked.n - 5 - n, variables + n);
}

int main(int argc, char **argv)
{
	int from;

	if (argc != 2)
		errx(125, "usage: loaded FD");
	from = (int)strtol(argv[1], NULL, 10);
	while (take(from)) {
		int32_t told[1];
		int status = 0;
		pid_t child = fork();

		if (child < 0)
			err(125, "fork");
		if (!child) {
			(void)close(from);
			exit(run());
		}
		for (int i = 0; i < FDS; i++)
			(void)close(asked.fds[i]);
		told[0] = child;
		(void)!send(from, told, sizeof(told), MSG_NOSIGNAL);
		if (waitpid(child, &status, 0) < 0)
			err(125, "waitpid");
		told[0] = status;
		(void)!send(from, told, sizeof(told), MSG_NOSIGNAL);
	}
	return 0;
}
