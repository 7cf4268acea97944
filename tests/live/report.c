/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What the factory says: one JSON object a line, written whole, so that the
 * lines of several processes do not mix. A byte above 0x7e or below a blank is
 * written as \u00XX: a reader gets the bytes back by encoding as Latin-1.
 */

#include "mksock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct line {
	char buf[4096];
	size_t len;
};

static void line_add(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->len, sizeof(l->buf) - l->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(l->buf) - l->len)
		die("a report is too long");
	l->len += (size_t)n;
}

static void line_key(struct line *l, const char *key)
{
	line_add(l, "%s\"%s\":", l->len == 1 ? "" : ",", key);
}

static void line_bytes(struct line *l, const char *key, const char *value, size_t len)
{
	line_key(l, key);
	line_add(l, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c == '"' || c == '\\')
			line_add(l, "\\%c", c);
		else if (c < ' ' || c > '~')
			line_add(l, "\\u%04x", c);
		else
			line_add(l, "%c", c);
	}
	line_add(l, "\"");
}

static void line_string(struct line *l, const char *key, const char *value)
{
	if (value)
		line_bytes(l, key, value, strlen(value));
}

static void line_number(struct line *l, const char *key, long long value)
{
	if (value < 0)
		return;
	line_key(l, key);
	line_add(l, "%lld", value);
}

static void line_end(struct line *l)
{
	line_add(l, "}\n");
	if (write(STDOUT_FILENO, l->buf, l->len) != (ssize_t)l->len)
		die("cannot write to stdout");
}

/* "addr" and "port" under names beginning with @which; nothing for other families */
static void line_address(struct line *l, const char *which, const struct sockaddr *sa)
{
	char text[INET6_ADDRSTRLEN] = "", key[32];
	const void *addr;
	uint16_t port;

	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		addr = &in->sin_addr;
		port = ntohs(in->sin_port);
	} else if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		addr = &in6->sin6_addr;
		port = ntohs(in6->sin6_port);
	} else {
		return;
	}
	if (!inet_ntop(sa->sa_family, addr, text, sizeof(text)))
		die("an address cannot be printed");
	line_string(l, which, text);
	(void)snprintf(key, sizeof(key), "%s_port", which);
	line_number(l, key, port);
}

static void line_socket(struct line *l, const struct made *m)
{
	struct sockaddr_storage ss = {};
	socklen_t len = sizeof(ss);
	struct stat st;

	must(fstat(m->fd, &st), "fstat");
	line_number(l, "fd", m->fd);
	line_number(l, "inode", (long long)st.st_ino);
	if (getsockname(m->fd, (struct sockaddr *)&ss, &len) == 0) {
		line_number(l, "family", ss.ss_family);
		if (!m->local)
			line_address(l, "local", (struct sockaddr *)&ss);
	}
	len = sizeof(ss);
	if (!m->peer && getpeername(m->fd, (struct sockaddr *)&ss, &len) == 0)
		line_address(l, "peer", (struct sockaddr *)&ss);
}

void report(const struct made *m)
{
	struct line l = { .buf = "{", .len = 1 };

	line_string(&l, "kind", m->kind);
	line_string(&l, "table", m->table);
	line_string(&l, "state", m->state);
	line_number(&l, "pid", getpid());
	if (m->fd >= 0)
		line_socket(&l, m);
	if (m->local)
		line_address(&l, "local", m->local);
	if (m->peer)
		line_address(&l, "peer", m->peer);
	line_number(&l, "rq", m->rq);
	line_number(&l, "sq", m->sq);
	line_string(&l, "comm", m->comm);
	line_string(&l, "note", m->note);
	if (m->name)
		line_bytes(&l, "name", m->name, m->name_len);
	line_end(&l);
}

void report_fd(const char *kind, const char *table, const char *state, int fd)
{
	report(&(struct made){ .kind = kind, .table = table, .state = state, .fd = fd, .rq = -1, .sq = -1 });
}

void skip(const char *kind, const char *fmt, ...)
{
	struct line l = { .buf = "{", .len = 1 };
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	line_string(&l, "skip", kind);
	line_string(&l, "why", why);
	line_end(&l);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fputs("mksock: ", stderr);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputs("\n", stderr);
	va_end(ap);
	_exit(1);
}
