/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"
#include "base/sv.h"

enum { FIRST_PASSED = 3, WAITING_MAX = 1024, OTHERS = 0117 /* who may not: a mask of permissions */ };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
};

/* Reads an address in @s, and its port. */
static bool read_address(struct sv s, uint64_t port, union address *ret, socklen_t *ret_len)
{
	char text[INET6_ADDRSTRLEN];

	*ret = (union address){};
	if (s.len >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", SV_ARG(s));
	if (inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons((uint16_t)port);
		*ret_len = sizeof(ret->v4);
		return true;
	}
	*ret = (union address){};
	if (inet_pton(AF_INET6, text, &ret->v6.sin6_addr) != 1)
		return false;
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons((uint16_t)port);
	*ret_len = sizeof(ret->v6);
	return true;
}

/* "PORT", "ADDR:PORT" or "[ADDR]:PORT". Nobody is asked for names. */
static bool read_where(const char *where, union address *ret, socklen_t *ret_len)
{
	struct sv s = sv(where), host = sv("127.0.0.1");
	ptrdiff_t colon = sv_rfind(s, ':');
	uint64_t port;

	if (!num_read(sv_from(s, (size_t)(colon + 1)), 10, UINT16_MAX, &port) || !port)
		return false;
	if (colon < 0)
		return read_address(host, port, ret, ret_len);
	host = sv_first(s, (size_t)colon);
	if (host.len > 2 && host.p[0] == '[' && host.p[host.len - 1] == ']')
		host = sv_n(host.p + 1, host.len - 2);
	else if (sv_find(host, ':') >= 0)
		return false;
	return read_address(host, port, ret, ret_len);
}

/* Whether @a is left over from somebody who is gone. */
static bool is_left_over(const union address *a, socklen_t len)
{
	struct stat st;
	int fd, r;

	if (lstat(a->path.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	r = connect(fd, &a->any, len) < 0 ? errno : 0;
	(void)close(fd);
	return r == ECONNREFUSED;
}

static int bind_path(int fd, const union address *a, socklen_t len)
{
	mode_t mask = umask(OTHERS);
	int r = bind(fd, &a->any, len) < 0 ? -errno : 0;

	if (r == -EADDRINUSE && is_left_over(a, len) && unlink(a->path.sun_path) == 0)
		r = bind(fd, &a->any, len) < 0 ? -errno : 0;
	(void)umask(mask);
	return r;
}

static int open_one(struct endpoint *ep, const char *where, const union address *a, socklen_t len,
		    struct err *e)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1, r;

	if (fd < 0)
		return err_sys(e, -errno, "--metrics=%s", where);
	if (a->any.sa_family == AF_UNIX) {
		r = bind_path(fd, a, len);
	} else {
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		r = bind(fd, &a->any, len) < 0 ? -errno : 0;
	}
	if (r == 0 && a->any.sa_family == AF_UNIX)
		ep->path = where;
	if (r == 0 && listen(fd, WAITING_MAX) < 0)
		r = -errno;
	if (r < 0) {
		(void)close(fd);
		endpoint_done(ep);
		return err_sys(e, r, "--metrics=%s", where);
	}
	ep->fds[ep->n++] = fd;
	return 0;
}

/* What was handed over has to be what it is said to be. */
static int take_passed(struct endpoint *ep, int n, struct err *e)
{
	if (n < 1 || n > ENDPOINT_FDS_MAX)
		return err_say(e, -EBADF, "--metrics=systemd: %s",
			       n < 1 ? "no sockets were handed over (LISTEN_FDS): is there a .socket unit?"
				     : "more sockets were handed over than can be served");
	for (int fd = FIRST_PASSED; fd < FIRST_PASSED + n; fd++) {
		int listens = 0, type = 0, flags = fcntl(fd, F_GETFL);
		socklen_t len = sizeof(int);

		if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || !listens ||
		    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_STREAM)
			return err_say(e, -EBADF,
				       "--metrics=systemd: descriptor %d is no stream socket that listens",
				       fd);
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		ep->fds[ep->n++] = fd;
	}
	return 0;
}

int endpoint_open(struct endpoint *ep, const char *where, int n_passed, struct err *e)
{
	union address a = { .path.sun_family = AF_UNIX };
	socklen_t len = sizeof(a.path);

	*ep = (struct endpoint){};
	if (!strcmp(where, "systemd"))
		return take_passed(ep, n_passed, e);
	if (where[0] == '/' && strlen(where) < sizeof(a.path.sun_path))
		(void)snprintf(a.path.sun_path, sizeof(a.path.sun_path), "%s", where);
	else if (where[0] == '/')
		return err_say(e, -EINVAL, "--metrics: \"%s\" is too long for the path of a socket", where);
	else if (!read_where(where, &a, &len))
		return err_say(e, -EINVAL,
			       "--metrics: \"%s\" is no place to serve at, such as 9101, 10.0.0.1:9101, "
			       "[::1]:9101, /run/ss.sock or systemd",
			       where);
	return open_one(ep, where, &a, len, e);
}

void endpoint_done(struct endpoint *ep)
{
	for (size_t i = 0; i < ep->n; i++)
		(void)close(ep->fds[i]);
	if (ep->path)
		(void)unlink(ep->path);
	*ep = (struct endpoint){};
}
