/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "source/proc_line.h"

/* The thread's own: /proc/net is that of the process, another network namespace than a thread may be in. */
static const char default_dir[] = "/proc/thread-self/net";

/* A file under /proc/net. */
struct format {
	const char *name;
	const char *path;
	int (*convert)(struct proc *p, struct sv line); /* NULL: unix */
};

/* False when no file holds the table of @d. */
static bool choose(const struct proc_paths *paths, const struct dump *d, struct format *ret)
{
	bool is_v6 = d->af == AF_INET6;

	switch (d->af) {
	case AF_UNIX: *ret = (struct format){ "unix", paths->unix_, NULL }; return true;
	case AF_PACKET: *ret = (struct format){ "packet", paths->packet, proc_packet }; return true;
	case AF_NETLINK: *ret = (struct format){ "netlink", paths->netlink, proc_netlink }; return true;
	case AF_INET:
	case AF_INET6: break;
	default: return false;
	}
	switch (d->origin.protocol) {
	case IPPROTO_TCP:
		*ret = is_v6 ? (struct format){ "tcp6", paths->tcp6, proc_tcp }
			     : (struct format){ "tcp", paths->tcp, proc_tcp };
		return true;
	case IPPROTO_UDP:
		*ret = is_v6 ? (struct format){ "udp6", paths->udp6, proc_udp }
			     : (struct format){ "udp", paths->udp, proc_udp };
		return true;
	case IPPROTO_RAW:
		*ret = is_v6 ? (struct format){ "raw6", paths->raw6, proc_raw }
			     : (struct format){ "raw", paths->raw, proc_raw };
		return true;
	case IPPROTO_UDPLITE:
		*ret = (struct format){ is_v6 ? "udplite6" : "udplite", NULL, proc_udp };
		return true;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6: *ret = (struct format){ is_v6 ? "icmp6" : "icmp", NULL, proc_udp }; return true;
	default: return false;
	}
}

static int next_line(struct proc *p, struct err *e)
{
	struct sv line;
	int r;

	if (p->unix_)
		return proc_unix_next(p, e);
	while ((r = proc_lines_next(&p->lines, &line, e)) > 0) {
		r = p->convert(p, line);
		if (r > 0)
			return r;
		p->lines.skipped += r < 0;
	}
	return r;
}

static int next(struct source *s, const struct nlmsghdr **ret, struct err *e)
{
	struct proc *p = (struct proc *)s;
	int r = next_line(p, e);

	*ret = &p->msg.nlh;
	s->n_skipped = p->lines.skipped;
	return r;
}

static void close_source(struct source *s)
{
	struct proc *p = (struct proc *)s;

	(void)close(p->lines.fd);
	free(p->lines.name);
	free(p->unix_);
	free(p);
}

static const struct source_ops ops = { .next = next, .close = close_source };

static struct proc *proc_free(struct proc *p)
{
	close_source(&p->source);
	return NULL;
}
DEFINE_CLEANUP(struct proc, proc_free)

int proc_open_fd(int fd, const char *name, const struct dump *d, struct source **ret, struct err *e)
{
	_cleanup_close_ int file = fd;
	_cleanup_(proc_freep) struct proc *p = NULL;
	struct format format;
	struct sv heading;
	long hz = sysconf(_SC_CLK_TCK);
	int r;

	if (!choose(&(struct proc_paths){}, d, &format))
		return err_sys(e, -EOPNOTSUPP, "%s", name);
	p = calloc(1, sizeof(*p));
	if (!p)
		return err_sys(e, -ENOMEM, "%s", name);
	p->source.ops = &ops;
	p->lines.fd = take_fd(&file);
	p->convert = format.convert;
	p->af = d->af;
	p->states = d->states;
	p->hz = hz > 0 ? (uint64_t)hz : 100;
	p->lines.name = strdup(name);
	if (!format.convert)
		p->unix_ = proc_unix_new();
	if (!p->lines.name || (!format.convert && !p->unix_))
		return err_sys(e, -ENOMEM, "%s", name);
	r = proc_lines_next(&p->lines, &heading, e);
	if (r < 0)
		return r;
	if (r > 0 && p->unix_)
		proc_unix_heading(p->unix_, heading);
	*ret = &take_ptr(p)->source;
	return 0;
}

/* Why there is no file @name where the kernel has them. */
static int is_missing(const char *name, struct err *e)
{
	if (access(default_dir, F_OK) < 0)
		return err_say(e, -ENOENT, "%s is not there: is /proc mounted?", default_dir);
	return err_say(e, -ENODATA, "this kernel has no /proc/net/%s", name);
}

int proc_open(const struct proc_paths *paths, const struct dump *d, struct source **ret, struct err *e)
{
	_cleanup_free_ char *made = NULL;
	struct format format;
	const char *path;
	int fd;

	if (!choose(paths, d, &format))
		return err_say(e, -EOPNOTSUPP, "/proc/net has no such table");
	path = format.path;
	if (!path) {
		int n = paths->root ? asprintf(&made, "%s/net/%s", paths->root, format.name)
				    : asprintf(&made, "%s/%s", default_dir, format.name);

		if (n < 0) {
			made = NULL;
			return err_sys(e, -ENOMEM, "/proc/net/%s", format.name);
		}
		path = made;
	}
	fd = file_open_at(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -ENOENT && path == made && !paths->root)
		return is_missing(format.name, e);
	if (fd < 0)
		return err_sys(e, fd, "%s", path);
	return proc_open_fd(fd, path, d, ret, e);
}
