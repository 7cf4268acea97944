/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Answering requests with libmicrohttpd, which is looked for when it is needed. A connection has one request,
 * and a time by which it has to be over, whatever comes meanwhile.
 */

#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "metrics/page.h"

struct http_ops {
	/* The page as of now into @ret, valid until the next call. Returns 0, or a negative errno: there is
	 * none. */
	int (*page)(void *ctx, enum page_form form, struct sv *ret);
	void *ctx;
};

struct http;

/* @ops is borrowed. Returns 0, -ENOSYS with what to install, or -ENOMEM. */
int http_new(const struct http_ops *ops, struct http **ret, struct err *e);
struct http *http_free(struct http *h);

DEFINE_CLEANUP(struct http, http_free)

/* A connection, with the address @from of @len bytes: @fd becomes ours. Where there are too many, the oldest
 * ends. */
void http_take(struct http *h, int fd, const struct sockaddr *from, socklen_t len);

/* Becomes readable when there is something to do for http_run(). */
int http_fd(const struct http *h);

/* Does it; ends connections that took too long. Returns after how many milliseconds it has to be called
 * again, -1: not before http_fd() says so. */
int http_run(struct http *h);

/* The form that the header Accept asks for; NULL: there is none. */
enum page_form http_form(const char *accept);
