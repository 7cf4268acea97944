/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/state_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/thread.h"

enum {
	STARVED_MAX = 100, /* times STATE_WAIT_MS that who has no processor is waited for */
	TRIES = 8,
};

/*
 * Who reads for us, so that we need not wait. What it has is its own, and who stops waiting leaves it
 * everything: it frees itself when it is done, if ever.
 */
struct helper {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	pid_t tid;
	int root;
	struct state_ask ask;
	char path[PATH_MAX];
	enum { IDLE, ASKED, ANSWERED } stage;
	bool is_over; /* nothing more is asked */
	bool is_left; /* nor does anybody wait for an answer */
	int r;
	struct text answer;
};

struct state_files {
	int root;
	struct helper *helper;
	uint32_t hung; /* bits 1 << enum state_source */
};

/* openat() that stays below @root, whatever links there are. */
static int open_below(int root, const struct state_ask *ask, int flags)
{
	const struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve =
			RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (ask->is_of_user ? RESOLVE_NO_SYMLINKS : 0),
	};
	const char *path = ask->path;
	int fd, tries = 0;

	do /* EAGAIN: something was moved meanwhile */
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN) && ++tries < TRIES);
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd < 0 ? -errno : fd;
	/* Linux before 5.6, or whoever made this container does not know the call. */
	while (*path == '/')
		path++;
	return file_open_at(root, path, flags | O_CLOEXEC | (ask->is_of_user ? O_NOFOLLOW : 0));
}

static int read_file(int root, const struct state_ask *ask, struct text *ret)
{
	_cleanup_close_ int look = open_below(root, ask, O_PATH), fd = -1;
	struct stat st;
	size_t got = 0;

	if (look < 0)
		return look;
	if (fstat(look, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode)) /* to open one may hang, or do something */
		return S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
	if (st.st_size > (off_t)ask->max)
		return -EFBIG;
	fd = open_below(root, ask, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -EINVAL;
	for (;;) {
		char *d = text_room(ret, 4096);
		ssize_t n = d ? file_read_some(fd, d, 4096) : -ENOMEM;

		if (n <= 0)
			return (int)n;
		got += (size_t)n;
		if (got > ask->max)
			return -EFBIG;
		ret->len += (size_t)n;
	}
}

static int read_dir(int root, const struct state_ask *ask, struct text *ret)
{
	int fd = open_below(root, ask, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	int r = 0;

	if (fd < 0)
		return fd;
	if (!dir) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		text_put(ret, d->d_name, strlen(d->d_name) + 1);
		r = ret->len > STATE_LIST_MAX ? -EFBIG : 0;
	}
	r = r == 0 ? -errno : r;
	(void)closedir(dir);
	return r;
}

static int read_link(int root, const struct state_ask *ask, struct text *ret)
{
	_cleanup_close_ int fd = open_below(root, ask, O_PATH | O_NOFOLLOW);
	char *d = text_room(ret, PATH_MAX);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = d ? readlinkat(fd, "", d, PATH_MAX) : -1;
	if (n < 0)
		return d ? -errno : -ENOMEM;
	ret->len += (size_t)n;
	return 0;
}

/* Whether it may be looked for is all that is told of what cannot be opened. */
static int see(int root, const struct state_ask *ask)
{
	_cleanup_close_ int fd = open_below(root, ask, O_PATH | O_NOFOLLOW);

	return fd < 0 ? fd : 0;
}

static int answer(int root, const struct state_ask *ask, struct text *ret)
{
	int r = -EINVAL;

	switch (ask->what) {
	case STATE_FILE: r = read_file(root, ask, ret); break;
	case STATE_DIR: r = read_dir(root, ask, ret); break;
	case STATE_LINK: r = read_link(root, ask, ret); break;
	case STATE_IS: r = see(root, ask); break;
	}
	return r == 0 && ret->failed ? -ENOMEM : r;
}

static void helper_free(struct helper *h)
{
	text_done(&h->answer);
	closep(&h->root);
	(void)pthread_cond_destroy(&h->changed);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

static void *help(void *arg)
{
	struct helper *h = arg;
	bool is_left;

	(void)pthread_mutex_lock(&h->lock);
	h->tid = (pid_t)syscall(SYS_gettid);
	while (!h->is_over) {
		if (h->stage != ASKED) {
			(void)pthread_cond_wait(&h->changed, &h->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&h->lock);
		h->r = answer(h->root, &h->ask, &h->answer);
		(void)pthread_mutex_lock(&h->lock);
		h->stage = ANSWERED;
		(void)pthread_cond_broadcast(&h->changed);
	}
	is_left = h->is_left;
	(void)pthread_mutex_unlock(&h->lock);
	if (is_left)
		helper_free(h);
	return NULL;
}

static struct helper *helper_new(int root)
{
	struct helper *h = calloc(1, sizeof(*h));
	pthread_condattr_t attr;

	if (!h)
		return NULL;
	h->root = fcntl(root, F_DUPFD_CLOEXEC, 0);
	(void)pthread_mutex_init(&h->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&h->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (h->root >= 0 && thread_start(&h->thread, help, h) == 0)
		return h;
	helper_free(h);
	return NULL;
}

/* Whether thread @tid of ours waits for something; else it wants a processor, or that is not to be known. */
static bool is_waiting(pid_t tid)
{
	char path[64], buf[256];
	_cleanup_close_ int fd = -1;
	ptrdiff_t end;
	struct sv s;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	fd = file_open_at(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? fd : file_read_some(fd, buf, sizeof(buf));
	s = sv_n(buf, n > 0 ? (size_t)n : 0);
	end = sv_rfind(s, ')');
	return end < 0 || !sv_is(sv_first(sv_from(s, (size_t)end + 1), 2), " R");
}

/* Waits for the answer. With the lock. Returns whether it came. */
static bool await_answer(struct helper *h)
{
	for (int i = 0; i < STARVED_MAX; i++) {
		int64_t end_us = clock_monotonic_us() + STATE_WAIT_MS * 1000;
		const struct timespec until = { .tv_sec = end_us / 1000000,
						.tv_nsec = end_us % 1000000 * 1000 };
		int k = 0;

		while (h->stage == ASKED && k == 0)
			k = pthread_cond_timedwait(&h->changed, &h->lock, &until);
		if (h->stage != ASKED)
			return true;
		/* On a host under load who reads may not have had its turn, and no file is to blame. */
		if (h->tid && is_waiting(h->tid))
			return h->stage != ASKED;
	}
	return false;
}

/* Nothing more is asked of @h; it may still be at work. With the lock, which it gives back. */
static struct helper *leave(struct helper *h, bool is_hung)
{
	pthread_t thread = h->thread;

	h->is_over = true;
	h->is_left = is_hung;
	if (is_hung)
		(void)pthread_detach(thread);
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->lock);
	if (!is_hung) {
		(void)pthread_join(thread, NULL);
		helper_free(h);
	}
	return NULL;
}

/* Has the helper answer. */
static int ask_helper(struct state_files *s, const struct state_ask *ask, struct text *ret)
{
	struct helper *h = s->helper;
	int r;

	if (strlen(ask->path) >= sizeof(h->path))
		return -ENAMETOOLONG;
	(void)pthread_mutex_lock(&h->lock);
	h->ask = *ask;
	h->ask.path = strcpy(h->path, ask->path);
	h->answer.len = 0;
	h->stage = ASKED;
	(void)pthread_cond_broadcast(&h->changed);
	if (!await_answer(h)) {
		s->hung |= 1u << ask->source;
		s->helper = leave(h, true);
		return -ETIMEDOUT;
	}
	h->stage = IDLE;
	r = h->r;
	if (r >= 0)
		text_put(ret, h->answer.p, h->answer.len);
	(void)pthread_mutex_unlock(&h->lock);
	return r >= 0 && ret->failed ? -ENOMEM : r;
}

int state_files_ask(struct state_files *s, const struct state_ask *ask, struct text *ret)
{
	size_t before = ret->len;
	int r;

	if (s->hung >> ask->source & 1)
		return -ETIMEDOUT;
	if (!s->helper)
		s->helper = helper_new(s->root);
	if (s->helper)
		return ask_helper(s, ask, ret);
	r = answer(s->root, ask, ret);
	if (r < 0)
		ret->len = before;
	return r;
}

int state_files_new(const char *tree, struct state_files **ret)
{
	_cleanup_free_ struct state_files *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->root = file_open_at(AT_FDCWD, tree ? tree : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0)
		return s->root;
	*ret = take_ptr(s);
	return 0;
}

struct state_files *state_files_free(struct state_files *s)
{
	if (!s)
		return NULL;
	if (s->helper) {
		(void)pthread_mutex_lock(&s->helper->lock);
		(void)leave(s->helper, false);
	}
	closep(&s->root);
	free(s);
	return NULL;
}
