/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/server.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "base/clock.h"
#include "metrics/http.h"

enum {
	FRESH_US = 1000000, /* how old a page may be that somebody else asked for */
	TAKEN_AT_ONCE = 16, /* connections, before those that there are go on */
	PAUSE_MS = 100      /* where no more can be accepted */
};

struct server {
	const struct server_opts *o;
	struct http_ops ops;
	struct http *http;
	struct page page;
	struct text forms[2]; /* empty until somebody asks for it */
	int64_t made_us;
	bool has_page;
};

static void forget(struct server *s)
{
	page_done(&s->page);
	for (size_t i = 0; i < ARRAY_SIZE(s->forms); i++)
		text_done(&s->forms[i]);
	s->has_page = false;
}

static int make_page(struct server *s)
{
	struct notes notes = {};
	struct err e = {};
	int r;

	forget(s);
	r = gather_page(s->o->gather, &s->page, &notes, &e);
	s->made_us = clock_monotonic_us();
	s->has_page = r >= 0;
	s->o->tell(s->o->ctx, &notes, r < 0 ? &e : NULL);
	notes_done(&notes);
	return r;
}

static int give_page(void *ctx, enum page_form form, struct sv *ret)
{
	struct server *s = ctx;
	struct text *t = &s->forms[form];
	int r = 0;

	if (!s->has_page || clock_monotonic_us() - s->made_us >= FRESH_US)
		r = make_page(s);
	if (r < 0)
		return r;
	if (!t->len)
		page_put(&s->page, form, t);
	if (t->failed) {
		forget(s);
		return -ENOMEM;
	}
	*ret = sv_n(t->p, t->len);
	return 0;
}

struct server *server_free(struct server *s)
{
	if (!s)
		return NULL;
	(void)http_free(s->http);
	forget(s);
	free(s);
	return NULL;
}

int server_new(const struct server_opts *o, struct server **ret, struct err *e)
{
	_cleanup_(server_freep) struct server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_sys(e, -ENOMEM, "metrics");
	s->o = o;
	s->ops = (struct http_ops){ .page = give_page, .ctx = s };
	r = http_new(&s->ops, &s->http, e);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

/* Returns whether there may be more; false also where there is no descriptor for one. */
static bool take_one(const struct server *s, int listener)
{
	struct sockaddr_storage from = {};
	socklen_t len = sizeof(from);
	int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	http_take(s->http, fd, (struct sockaddr *)&from, len);
	return true;
}

static int wait_for(const struct server *s, int wait_ms)
{
	struct pollfd p[ENDPOINT_FDS_MAX + 1] = { { .fd = http_fd(s->http), .events = POLLIN } };
	struct timespec ts = { .tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000L };
	bool is_stuck = false;
	int r;

	for (size_t i = 0; i < s->o->at->n; i++)
		p[i + 1] = (struct pollfd){ .fd = s->o->at->fds[i], .events = POLLIN };
	r = ppoll(p, s->o->at->n + 1, wait_ms < 0 ? NULL : &ts, s->o->mask);
	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	for (size_t i = 1; i <= s->o->at->n; i++) {
		if (p[i].revents & (POLLERR | POLLNVAL))
			return -EIO;
		for (int n = 0; p[i].revents && n < TAKEN_AT_ONCE; n++)
			if (!take_one(s, p[i].fd)) {
				is_stuck |= errno == EMFILE || errno == ENFILE || errno == ENOMEM;
				break;
			}
	}
	if (is_stuck) {
		ts = (struct timespec){ .tv_nsec = PAUSE_MS * 1000000L };
		(void)ppoll(NULL, 0, &ts, s->o->mask);
	}
	return 0;
}

int server_run(struct server *s, struct err *e)
{
	int r = 0;

	while (r >= 0 && !*s->o->over)
		r = wait_for(s, http_run(s->http));
	return r < 0 ? err_sys(e, r, "metrics") : 0;
}
