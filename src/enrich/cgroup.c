/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/file.h"
#include "base/text.h"
#include "enrich/namemap.h"

enum { HANDLE_LEN = 8, HANDLE_KERNFS = 0xfe, TREE_ROOT = 1 };

struct handle {
	struct file_handle h;
	uint64_t id; /* lies where h.f_handle begins */
};

_Static_assert(offsetof(struct handle, id) == offsetof(struct file_handle, f_handle), "no gap before the id");

struct cgroups {
	int mount_fd;
	bool is_own;        /* the mount is one of our mount namespace */
	struct text prefix; /* what /proc/self/fd says for .mount_fd, "" for a root */
	struct namemap paths;
	bool is_walked; /* handles cannot be opened; .paths knows all */
	bool is_cut;    /* but for what there was no memory for */
	int error;      /* why the first path that was not found was not, but for cgroups that are gone */
};

static bool is_cgroup2(int fd)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC;
}

/* Where the file descriptor leads, without a terminating NUL. */
static int read_fd_link(int fd, struct text *ret)
{
	char name[sizeof("/proc/self/fd/") + 11];
	char *d = text_room(ret, PATH_MAX);
	ssize_t n;

	if (!d)
		return -ENOMEM;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, d, PATH_MAX);
	if (n < 0)
		return -errno;
	if (n == PATH_MAX) /* cut */
		return -ENAMETOOLONG;
	ret->len += (size_t)n;
	return 0;
}

/*
 * Opens the first usable cgroup2 mount of the mount table in the file @mounts,
 * whose paths are below @root. Returns a file descriptor, -ENODEV or another error.
 */
static int open_mount(const char *mounts, const char *root)
{
	struct text table = {}, path = {};
	struct sv rest;
	int fd = -1, r;

	r = file_read(mounts, FILE_PROC_MAX, &table);
	rest = sv_n(table.p, r < 0 ? 0 : table.len);
	while (rest.len && fd < 0) {
		struct sv line = sv_take(&rest, '\n'), place;

		(void)sv_take(&line, ' ');
		place = sv_take(&line, ' ');
		if (!sv_is(sv_take(&line, ' '), "cgroup2"))
			continue;
		path.len = 0;
		text_str(&path, root);
		file_put_mount_path(&path, place);
		text_char(&path, '\0');
		if (path.failed) {
			r = -ENOMEM;
			break;
		}
		fd = file_open_at(AT_FDCWD, path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0) {
			r = fd;
		} else if (!is_cgroup2(fd)) { /* something else lies over it */
			(void)close(fd);
			fd = -1;
		}
	}
	text_done(&table);
	text_done(&path);
	if (fd >= 0)
		return fd;
	return r < 0 && r != -ENOENT ? r : -ENODEV;
}

/* The same in the mount namespace of process @pid. */
static int open_mount_of(pid_t pid)
{
	char mounts[40], root[40];

	(void)snprintf(mounts, sizeof(mounts), "/proc/%d/mounts", (int)pid);
	(void)snprintf(root, sizeof(root), "/proc/%d/root", (int)pid);
	return open_mount(mounts, root);
}

/* Whether the kernel tells of version 2 although none is mounted here. */
static bool is_in_use(void)
{
	struct text t = {};
	struct sv rest;
	bool is = false;

	(void)file_read("/proc/self/cgroup", FILE_PROC_MAX, &t);
	for (rest = sv_n(t.p, t.len); rest.len && !is;)
		is = sv_is(sv_first(sv_take(&rest, '\n'), 3), "0::");
	text_done(&t);
	return is;
}

/*
 * A mount of our own that nobody else sees, and that ends with its descriptor. Where version 2 is not in use,
 * the first mount of it would change what /proc/PID/cgroup shows to everybody.
 */
static int open_private(void)
{
	_cleanup_close_ int fs = -1, mnt = -1;

	if (!is_in_use())
		return -ENODEV;
	fs = (int)syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC);
	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	mnt = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	return mnt < 0 ? -errno : file_open_at(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* In mount namespaces but ours. */
static int open_elsewhere(void)
{
	int fd = open_mount_of(getppid());

	if (fd < 0)
		fd = open_mount_of(1);
	return fd < 0 ? open_private() : fd;
}

/* Where systemd mounts it, below @tree. */
static int open_below(const char *tree)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct text path = {};
	int fd = -ENODEV;

	for (size_t i = 0; i < ARRAY_SIZE(places) && fd < 0; i++) {
		path.len = 0;
		text_str(&path, tree);
		text_put(&path, places[i], strlen(places[i]) + 1);
		fd = path.failed ? -ENOMEM
				 : file_open_at(AT_FDCWD, path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || is_cgroup2(fd))
			continue;
		(void)close(fd);
		fd = -ENODEV;
	}
	text_done(&path);
	return fd;
}

int cgroups_open(const char *mounts, const char *tree, struct cgroups **ret, struct err *e)
{
	int fd = tree ? open_below(tree) : open_mount(mounts ? mounts : "/proc/self/mounts", "");
	int fd_other = -1, r;
	struct cgroups *c;
	bool is_own;

	if (fd < 0 && fd != -ENOMEM && !mounts)
		fd_other = open_elsewhere();
	is_own = fd >= 0;
	if (fd_other >= 0)
		fd = fd_other;
	if (fd == -ENODEV)
		return err_say(e, fd, "Failed to find cgroup2 mount");
	if (fd < 0)
		return err_sys(e, fd, "opening the cgroup2 mount");
	c = calloc(1, sizeof(*c));
	if (!c) {
		(void)close(fd);
		return err_sys(e, -ENOMEM, "opening the cgroup2 mount");
	}
	c->mount_fd = fd;
	c->is_own = is_own;
	r = read_fd_link(fd, &c->prefix);
	if (r < 0) {
		(void)cgroups_free(c);
		return err_sys(e, r, "reading where the cgroup2 mount lies");
	}
	if (c->prefix.len == 1)
		c->prefix.len = 0;
	*ret = c;
	return 0;
}

bool cgroups_is_own(const struct cgroups *c)
{
	return c->is_own;
}

bool cgroups_is_whole(const struct cgroups *c)
{
	struct stat st;

	return fstat(c->mount_fd, &st) == 0 && st.st_ino == TREE_ROOT;
}

struct cgroups *cgroups_free(struct cgroups *c)
{
	if (!c)
		return NULL;
	(void)close(c->mount_fd);
	text_done(&c->prefix);
	namemap_done(&c->paths);
	free(c);
	return NULL;
}

/* True when the cgroup at @path ("/" at its beginning) is the one called @id. */
static bool is_at(const struct cgroups *c, struct sv path, uint64_t id)
{
	_cleanup_free_ char *rel = strndup(path.p + 1, path.len - 1);
	struct stat st;

	return rel && fstatat(c->mount_fd, rel, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == id;
}

/* Appends the path below the mount of the directory @fd, which is cgroup @id. */
static int put_path(const struct cgroups *c, int fd, uint64_t id, struct text *ret)
{
	struct sv link, below, gone = sv(" (deleted)");
	int r = read_fd_link(fd, ret);

	if (r < 0)
		return r;
	link = sv_n(ret->p, ret->len);
	below = sv_from(link, c->prefix.len);
	if (!sv_eq(sv_first(link, c->prefix.len), sv_n(c->prefix.p, c->prefix.len)))
		return -EXDEV; /* outside the part of the tree that is mounted */
	if (below.len && below.p[0] != '/')
		return -EXDEV;
	if (below.len > gone.len && sv_eq(sv_from(below, below.len - gone.len), gone) && !is_at(c, below, id))
		return -ESTALE;
	memmove(ret->p, below.p, below.len);
	ret->len = below.len;
	if (!below.len)
		text_char(ret, '/');
	return ret->failed ? -ENOMEM : 0;
}

/* Appends the path of cgroup @id, asking the kernel. -EPERM and -EOPNOTSUPP: it will not say. */
static int open_by_id(const struct cgroups *c, uint64_t id, struct text *ret)
{
	struct handle h = { .h = { .handle_bytes = HANDLE_LEN, .handle_type = HANDLE_KERNFS }, .id = id };
	int fd = open_by_handle_at(c->mount_fd, &h.h, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return errno == ENOSYS ? -EOPNOTSUPP : -errno;
	r = put_path(c, fd, id, ret);
	(void)close(fd);
	return r;
}

/* Notes the cgroups in directory @dir, whose path is @path, and appends their paths, each with its NUL, to
 * @queue. */
static void read_dir(struct cgroups *c, DIR *dir, struct sv path, struct text *queue)
{
	const struct dirent *d;
	struct text t = {};
	struct sv kept;

	while ((errno = 0, d = readdir(dir))) {
		struct namemap_key key = { .lo = d->d_ino };

		if (d->d_type != DT_DIR || strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		t.len = 0;
		text_sv(&t, path);
		text_char(&t, '/');
		text_put(&t, d->d_name, strlen(d->d_name) + 1);
		if (t.failed)
			break;
		if (namemap_find(&c->paths, key, &kept))
			continue;
		if (namemap_add(&c->paths, key, sv_n(t.p, t.len - 1), &kept) < 0)
			text_fail(&t);
		text_put(queue, t.p, t.len);
	}
	if (!d && errno && !c->error)
		c->error = errno;
	c->is_cut |= t.failed || queue->failed;
	text_done(&t);
}

/* Reads the whole tree. What cannot be read is left out. */
static void walk(struct cgroups *c)
{
	struct text queue = {};
	struct stat st;
	size_t at = 0;
	struct sv kept;

	c->is_walked = true;
	if (fstat(c->mount_fd, &st) < 0 ||
	    namemap_add(&c->paths, (struct namemap_key){ .lo = st.st_ino }, sv("/"), &kept) < 0)
		return;
	text_char(&queue, '\0');
	while (!queue.failed && at < queue.len) {
		struct sv path = sv(queue.p + at);
		_cleanup_free_ char *own = strndup(path.p, path.len); /* the queue moves as it grows */
		const char *rel = own && *own ? own + 1 : ".";
		int fd = own ? openat(c->mount_fd, rel, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
		DIR *dir = fd >= 0 && is_cgroup2(fd) ? fdopendir(fd) : NULL;

		at += path.len + 1;
		c->is_cut |= !own;
		if (own && !dir && fd < 0 && errno != ENOENT && !c->error)
			c->error = errno;
		if (dir) {
			read_dir(c, dir, sv(own), &queue);
			(void)closedir(dir);
		} else if (fd >= 0) {
			(void)close(fd);
		}
	}
	text_done(&queue);
}

struct sv cgroups_path(struct cgroups *c, uint64_t id)
{
	struct namemap_key key = { .lo = id };
	struct sv path = {};
	struct text t = {};
	int r = -ESTALE;

	if (namemap_find(&c->paths, key, &path))
		return path;
	if (!c->is_walked) {
		r = open_by_id(c, id, &t);
		if (r == -EPERM || r == -EOPNOTSUPP) {
			walk(c);
			if (namemap_find(&c->paths, key, &path)) {
				text_done(&t);
				return path;
			}
		}
	}
	if (r == -ENOMEM || c->is_cut) {
		text_done(&t);
		return path;
	}
	if (r < 0) {
		/* Gone, or outside the part of the tree that is mounted. */
		if (r != -ESTALE && r != -EXDEV && r != -EPERM && r != -EOPNOTSUPP && !c->error)
			c->error = -r;
		t.len = 0;
		text_str(&t, "unreachable:");
		text_hex(&t, id);
	}
	if (!t.failed)
		(void)namemap_add(&c->paths, key, sv_n(t.p, t.len), &path);
	text_done(&t);
	return path;
}

int cgroups_error(const struct cgroups *c)
{
	return c->error;
}

/* The number of the cgroup that @path, starting at directory @at, leads to. */
static int read_id(int at, const char *path, uint64_t *ret)
{
	_cleanup_close_ int fd = openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct handle h = { .h = { .handle_bytes = HANDLE_LEN } };
	int mount_id;

	if (fd < 0)
		return -errno;
	if (!is_cgroup2(fd))
		return -ENODEV;
	if (name_to_handle_at(fd, "", &h.h, &mount_id, AT_EMPTY_PATH) < 0)
		return -errno;
	if (h.h.handle_bytes != HANDLE_LEN)
		return -EPROTO;
	*ret = h.id;
	return 0;
}

int cgroups_id(const struct cgroups *c, struct sv path, uint64_t *ret, struct err *e)
{
	_cleanup_free_ char *zpath = strndup(path.p ? path.p : "", path.len);
	const char *rel = zpath;
	int r, r_fs;

	if (!zpath)
		return err_sys(e, -ENOMEM, "Failed to get cgroup2 ID");
	while (rel && *rel == '/')
		rel++;
	r = *rel || *zpath ? read_id(c->mount_fd, *rel ? rel : ".", ret) : -ENOENT;
	if (r < 0) {
		r_fs = *zpath ? read_id(AT_FDCWD, zpath, ret) : -ENOENT;
		if (r_fs >= 0)
			return 0;
		if (r_fs == -ENODEV)
			return err_say(e, r_fs, "Failed to get cgroup2 ID: it is not a cgroup");
		return err_sys(e, r, "Failed to get cgroup2 ID");
	}
	return 0;
}
