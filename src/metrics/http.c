/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"
#include "history/library.h"

LIBRARY_NOTE("metrics", "serving metrics", "suggested", "libmicrohttpd.so.12")

enum {
	CONNECTIONS_MAX = 64, /* at once; the library has room for those that are about to end, too */
	ROOM = 2 * CONNECTIONS_MAX,
	BYTES_MAX = 32 << 10, /* of a connection: its request, and the head of its answer */
	DEADLINE_US = 10000000
};

#define FUNCTIONS(f)                                                                                        \
	f(MHD_start_daemon) f(MHD_stop_daemon) f(MHD_add_connection) f(MHD_run) f(MHD_get_timeout)          \
		f(MHD_get_daemon_info) f(MHD_get_connection_info) f(MHD_lookup_connection_value)            \
			f(MHD_create_response_from_buffer) f(MHD_add_response_header) f(MHD_queue_response) \
				f(MHD_destroy_response)

#define DECLARE(name) static __typeof__(name) *lib_##name;
#define NAME(name) { #name, (void **)(void *)&lib_##name },
FUNCTIONS(DECLARE)

static const struct library_function functions[] = { FUNCTIONS(NAME) };

static const struct library library = { .soname = "libmicrohttpd.so.12",
					.package = "libmicrohttpd12",
					.purpose = "metrics that are served",
					.function = functions,
					.n = sizeof(functions) / sizeof(functions[0]) };

struct connection {
	struct MHD_Connection *id;
	int fd;
	int64_t since_us;
	bool is_ending;
};

struct http {
	const struct http_ops *ops;
	struct MHD_Daemon *daemon;
	int fd;
	struct connection v[ROOM]; /* the oldest first */
	size_t n;
};

static void note_connection(void *ctx, struct MHD_Connection *id, void **,
			    enum MHD_ConnectionNotificationCode what)
{
	struct http *h = ctx;
	const union MHD_ConnectionInfo *info;
	size_t i = 0;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		info = lib_MHD_get_connection_info(id, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info && h->n < ROOM)
			h->v[h->n++] = (struct connection){ .id = id,
							    .fd = info->connect_fd,
							    .since_us = clock_monotonic_us() };
		return;
	}
	while (i < h->n && h->v[i].id != id)
		i++;
	if (i == h->n)
		return;
	h->n--;
	memmove(&h->v[i], &h->v[i + 1], (h->n - i) * sizeof(*h->v));
}

static enum MHD_Result reply(struct MHD_Connection *id, unsigned int status, const char *type, struct sv body)
{
	struct MHD_Response *r = lib_MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.p,
								     MHD_RESPMEM_MUST_COPY);
	enum MHD_Result ok;

	if (!r)
		return MHD_NO;
	(void)lib_MHD_add_response_header(r, "Content-Type", type);
	(void)lib_MHD_add_response_header(r, "Connection", "close");
	(void)lib_MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)lib_MHD_add_response_header(r, "Allow", "GET");
	if (status == MHD_HTTP_OK)
		(void)lib_MHD_add_response_header(r, "Vary", "Accept");
	ok = lib_MHD_queue_response(id, status, r);
	lib_MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result reply_page(const struct http *h, struct MHD_Connection *id)
{
	enum page_form form = http_form(lib_MHD_lookup_connection_value(id, MHD_HEADER_KIND, "Accept"));
	struct sv page;

	if (h->ops->page(h->ops->ctx, form, &page) < 0)
		return reply(id, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
			     sv("there is no page: standard error says why\n"));
	return reply(id, MHD_HTTP_OK, page_media_type(form), page);
}

/* Called once for the head of a request, and again for what follows it; bodies are not read. The library says
 * what is passed. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result answer(void *ctx, struct MHD_Connection *id, const char *url, const char *method,
			      const char *, const char *, size_t *size, void **)
{
	const struct http *h = ctx;

	*size = 0;
	if (strcmp(method, "GET") != 0)
		return reply(id, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", sv("GET only\n"));
	if (!strcmp(url, "/"))
		return reply(id, MHD_HTTP_OK, "text/html; charset=utf-8",
			     sv("<!DOCTYPE html><title>ss --metrics</title><a "
				"href=\"/metrics\">/metrics</a>\n"));
	if (strcmp(url, "/metrics") != 0)
		return reply(id, MHD_HTTP_NOT_FOUND, "text/plain", sv("/metrics\n"));
	return reply_page(h, id);
}

struct http *http_free(struct http *h)
{
	if (!h)
		return NULL;
	if (h->daemon)
		lib_MHD_stop_daemon(h->daemon);
	free(h);
	return NULL;
}

int http_new(const struct http_ops *ops, struct http **ret, struct err *e)
{
	_cleanup_(http_freep) struct http *h = NULL;
	const union MHD_DaemonInfo *info;
	int r = library_load(&library, e);

	if (r < 0)
		return r;
	h = calloc(1, sizeof(*h));
	if (!h)
		return err_sys(e, -ENOMEM, "%s", library.purpose);
	h->ops = ops;
	h->daemon = lib_MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, answer, h,
					 MHD_OPTION_CONNECTION_LIMIT, (unsigned int)ROOM,
					 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)BYTES_MAX,
					 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)(DEADLINE_US / 1000000),
					 MHD_OPTION_NOTIFY_CONNECTION, note_connection, h, MHD_OPTION_END);
	info = h->daemon ? lib_MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info)
		return err_say(e, -EIO, "%s: libmicrohttpd does not start", library.purpose);
	h->fd = info->epoll_fd;
	*ret = take_ptr(h);
	return 0;
}

/* The library finds it closed by the other end. */
static void end_connection(struct connection *c)
{
	(void)shutdown(c->fd, SHUT_RDWR);
	c->is_ending = true;
}

/* As many as are too many, those that wait longest. */
static void make_room(struct http *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += !h->v[i].is_ending;
	for (size_t i = 0; i < h->n && n >= CONNECTIONS_MAX; i++) {
		if (h->v[i].is_ending)
			continue;
		end_connection(&h->v[i]);
		n--;
	}
	if (h->n == ROOM)
		(void)lib_MHD_run(h->daemon);
}

void http_take(struct http *h, int fd, const struct sockaddr *from, socklen_t len)
{
	make_room(h);
	if (h->n == ROOM)
		(void)close(fd);
	else
		(void)lib_MHD_add_connection(h->daemon, fd, from, len); /* which closes it when it fails */
}

int http_fd(const struct http *h)
{
	return h->fd;
}

int http_run(struct http *h)
{
	int64_t now = clock_monotonic_us();
	MHD_UNSIGNED_LONG_LONG wait_ms;
	int64_t wait = -1;

	for (size_t i = 0; i < h->n; i++)
		if (!h->v[i].is_ending && now - h->v[i].since_us >= DEADLINE_US)
			end_connection(&h->v[i]);
	(void)lib_MHD_run(h->daemon);
	for (size_t i = 0; i < h->n; i++) {
		int64_t left = h->v[i].is_ending ? 0 : (h->v[i].since_us + DEADLINE_US - now) / 1000 + 1;

		if (wait < 0 || left < wait)
			wait = left;
	}
	if (lib_MHD_get_timeout(h->daemon, &wait_ms) == MHD_YES && (wait < 0 || (int64_t)wait_ms < wait))
		wait = (int64_t)wait_ms;
	return (int)wait;
}
