/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: programs allowed|not
 *
 * Lists its own socket with its owner while it has so many files open that BPF programs are the quicker way.
 * What libbpf prints with has to be the same before and after.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sockeye.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MANY = 4000 };

typedef int print_fn(int level, const char *format, va_list ap);
typedef print_fn *set_print_fn(print_fn *fn);

static int print(int level, const char *format, va_list ap)
{
	(void)level;
	(void)vfprintf(stderr, format, ap);
	return 0;
}

static int count(const sockeye_row *row, void *arg)
{
	char text[64];
	sockeye_field pid;

	if (sockeye_field_find("process.pid", &pid) < 0 ||
	    sockeye_format(row, pid, SOCKEYE_PLAIN, text, sizeof(text)) < 0)
		return 0;
	*(int *)arg += strtol(text, NULL, 10) == getpid();
	return 0;
}

/* Files of their own, and not copies of a descriptor: those count as one. */
static int open_many(void)
{
	struct rlimit many = { MANY + 100, MANY + 100 };

	if (setrlimit(RLIMIT_NOFILE, &many) < 0)
		return -1;
	for (int i = 0; i < MANY; i++)
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			return -1;
	return 0;
}

static int run(int is_allowed)
{
	sockeye *s = sockeye_new();
	sockeye_query *q = NULL;
	sockeye_field pid;
	int found = 0, r = -1;

	if (!s)
		return -1;
	sockeye_allow_bpf(s, is_allowed);
	if (sockeye_field_find("process.pid", &pid) == 0 &&
	    sockeye_query_new(s, "tcp state listening", NULL, &q) == 0 && sockeye_query_want(q, pid) == 0)
		r = sockeye_run(q, count, &found);
	if (r < 0 || found != 1)
		fprintf(stderr, "%d sockets of ours: %s\n", found, sockeye_errmsg(s));
	sockeye_query_free(q);
	(void)sockeye_free(s);
	return r < 0 || found != 1 ? -1 : 0;
}

int main(int argc, char **argv)
{
	int is_allowed = argc > 1 && !strcmp(argv[1], "allowed");
	set_print_fn *set_print = NULL;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;
	void *symbol = dlsym(RTLD_DEFAULT, "libbpf_set_print");

	memcpy(&set_print, &symbol, sizeof(symbol));
	(void)fcntl(0, F_GETFD); /* from here on calls are told: tests/faults/inject.c */
	if (fd < 0 || listen(fd, 1) < 0 || open_many() < 0) {
		perror("programs");
		return 2;
	}
	if (set_print)
		(void)set_print(print);
	r = run(is_allowed);
	if (set_print && set_print(NULL) != print) {
		fprintf(stderr, "libbpf does not print as it did\n");
		return 1;
	}
	return r < 0;
}
