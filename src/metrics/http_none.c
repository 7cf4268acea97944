/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>

#include "metrics/http.h"

int http_new(const struct http_ops *, struct http **ret, struct err *e)
{
	*ret = NULL;
	return err_say(e, -ENOSYS,
		       "this program was built without serving metrics: that takes the package "
		       "libmicrohttpd-dev");
}

struct http *http_free(struct http *h)
{
	return h;
}

void http_take(struct http *, int, const struct sockaddr *, socklen_t)
{
}

int http_fd(const struct http *)
{
	return -1;
}

int http_run(struct http *)
{
	return -1;
}
