/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>

#include "base/cleanup.h"

enum {
	MESSAGE_MAX = 65536, /* what one attribute could fill; the kernel's datagrams are half of it */
	TYPE_MIN = 18,       /* TCPDIAG_GETSOCK, before sock_diag */
	TYPE_MAX = 20,       /* SOCK_DIAG_BY_FAMILY */
};

struct file {
	struct source source;
	int fd;
	char *name;
	bool is_open;    /* a dump has begun that no NLMSG_DONE has ended */
	uint64_t offset; /* in the file, of .buf[.pos] */
	size_t pos, len; /* of .buf: next message, filled up to */
	uint8_t buf[MESSAGE_MAX] __attribute__((aligned(8)));
};

/* Reads until there are @n bytes at .pos, or to the end of the file. */
static int fill(struct file *f, size_t n, struct err *e)
{
	if (f->len - f->pos >= n)
		return 0;
	f->len -= f->pos;
	memmove(f->buf, f->buf + f->pos, f->len);
	f->pos = 0;
	while (f->len < n) {
		ssize_t got = read(f->fd, f->buf + f->len, sizeof(f->buf) - f->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, -errno, "reading %s", f->name);
		if (!got)
			break;
		f->len += (size_t)got;
	}
	return 0;
}

static int bad(const struct file *f, struct err *e, const char *what)
{
	return err_say(e, -EBADMSG, "%s: offset %llu: %s", f->name, (unsigned long long)f->offset, what);
}

/* What the kernel answered to whoever recorded this. */
static int kernel_error(const struct file *f, const struct nlmsghdr *nlh, struct err *e)
{
	int number;

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(number)))
		return bad(f, e, "an error message is cut");
	memcpy(&number, (const uint8_t *)nlh + NLMSG_HDRLEN, sizeof(number));
	if (number >= 0 || number < -4095)
		return bad(f, e, "this is no answer to a dump");
	(void)err_sys(e, number, "%s: offset %llu: the kernel's answer was not sockets", f->name,
		      (unsigned long long)f->offset);
	return -EBADMSG; /* not that number: this kernel did not answer anything */
}

static const struct nlmsghdr *message(const struct file *f)
{
	return (const struct nlmsghdr *)(const void *)(f->buf + f->pos);
}

/* Brings all of the message at .pos into memory. Returns 1, 0 at the end of the file, or an error. */
static int read_message(struct file *f, struct err *e)
{
	int r = fill(f, NLMSG_HDRLEN, e);

	if (r < 0)
		return r;
	if (f->len == f->pos)
		return f->is_open ? bad(f, e, "the recording is cut: its last dump has no end") : 0;
	if (f->len - f->pos < NLMSG_HDRLEN)
		return bad(f, e, "the recording is cut");
	if (message(f)->nlmsg_len < NLMSG_HDRLEN || message(f)->nlmsg_len > MESSAGE_MAX)
		return bad(f, e, "this is not a netlink message");
	r = fill(f, NLMSG_ALIGN(message(f)->nlmsg_len), e);
	if (r < 0)
		return r;
	if (f->len - f->pos < message(f)->nlmsg_len)
		return bad(f, e, "the recording is cut");
	return 1;
}

static void skip_message(struct file *f, const struct nlmsghdr *nlh)
{
	size_t n = NLMSG_ALIGN(nlh->nlmsg_len);

	if (n > f->len - f->pos) /* the file ends without the padding */
		n = f->len - f->pos;
	f->pos += n;
	f->offset += n;
}

static int next(struct source *s, const struct nlmsghdr **ret, struct err *e)
{
	struct file *f = (struct file *)s;
	int r;

	while ((r = read_message(f, e)) > 0) {
		const struct nlmsghdr *nlh = message(f);

		switch (nlh->nlmsg_type) {
		case NLMSG_DONE: f->is_open = false; break;
		case NLMSG_NOOP: break;
		case NLMSG_ERROR: return kernel_error(f, nlh, e);
		case NLMSG_OVERRUN: return bad(f, e, "messages were lost while it was recorded");
		default:
			if (nlh->nlmsg_type < TYPE_MIN || nlh->nlmsg_type > TYPE_MAX)
				return bad(f, e, "this is not a message about a socket");
			f->is_open = true;
			*ret = nlh;
			skip_message(f, nlh);
			return 1;
		}
		skip_message(f, nlh);
	}
	return r;
}

static void close_source(struct source *s)
{
	struct file *f = (struct file *)s;

	(void)close(f->fd);
	free(f->name);
	free(f);
}

static const struct source_ops ops = { .next = next, .close = close_source };

int file_open_fd(int fd, const char *name, struct source **ret, struct err *e)
{
	struct file *f = calloc(1, sizeof(*f));

	if (f)
		f->name = strdup(name);
	if (!f || !f->name) {
		free(f);
		(void)close(fd);
		return err_sys(e, -ENOMEM, "%s", name);
	}
	f->source.ops = &ops;
	f->fd = fd;
	f->is_open = true; /* an empty file is no recording */
	*ret = &f->source;
	return 0;
}

int file_open(const char *path, struct source **ret, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	return file_open_fd(fd, path, ret, e);
}
