/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Sockets with security contexts, in the machine that runs with the policy of
 * policy.conf.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mkrare.h"

static void set_context(const char *path, const char *context)
{
	int fd = must(open(path, O_WRONLY | O_CLOEXEC), path);

	must((int)write(fd, context, strlen(context)), context);
	(void)close(fd);
}

static void listener(uint16_t port, const char *context)
{
	int fd = rare_listener("contexts", "127.0.0.1", port, SOCK_STREAM, 0);

	made("LISTEN 127.0.0.1:%u "
	     "users:((\"mkrare\",pid=%d,proc_ctx=all_u:all_r:server_t,fd=%d,sock_ctx=all_u:all_r:%s))",
	     port, (int)getpid(), fd, context);
}

void make_contexts(void)
{
	if (access("/sys/fs/selinux/enforce", F_OK) < 0) {
		(void)printf("skip contexts: this kernel has no SELinux\n");
		return;
	}
	listener(9800, "kernel_t");
	set_context("/proc/self/attr/current", "all_u:all_r:server_t");
	listener(9801, "server_t");
	set_context("/proc/self/attr/sockcreate", "all_u:all_r:socket_t");
	listener(9802, "socket_t");
}
