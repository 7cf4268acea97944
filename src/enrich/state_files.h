/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Reading files in which others keep their state: a runtime its containers, systemd its machines. They are
 * hostile, or in trouble: what is no regular file is not opened, nothing is read beyond a limit, symbolic
 * links stay below the tree, those of a user are not followed at all, and where a file system does not
 * answer, all that one source keeps is given up after STATE_WAIT_MS, once.
 */

#include "base/cleanup.h"
#include "base/text.h"

enum { STATE_WAIT_MS = 50, STATE_LIST_MAX = 4 << 20 };

/* Whose files; each is given up for itself. */
enum state_source {
	STATE_DOCKER,
	STATE_CONTAINERD,
	STATE_STORAGE, /* of podman and CRI-O */
	STATE_NERDCTL,
	STATE_LOGS, /* of Kubernetes */
	STATE_LXC,
	STATE_MACHINES,
	STATE_CONF, /* /etc */
	STATE_SOURCES
};

struct state_ask {
	enum state_source source;
	enum {
		STATE_FILE, /* what is in the file */
		STATE_DIR,  /* the names in the directory, each with its NUL, in no order */
		STATE_LINK, /* where the symbolic link leads */
		STATE_IS,   /* nothing: whether it exists */
	} what;
	const char *path;
	size_t max;      /* bytes of a file */
	bool is_of_user; /* it lies where a user may put what he likes */
};

struct state_files;

/* Reads below the directory @tree, NULL for "/". Returns 0 or a negative errno. */
int state_files_new(const char *tree, struct state_files **ret);
struct state_files *state_files_free(struct state_files *s);

DEFINE_CLEANUP(struct state_files, state_files_free)

/*
 * Appends the answer to @ret. Returns 0; -ENOENT when there is none; -EACCES or -EPERM when it is not for us;
 * -EFBIG for more than .max; -ETIMEDOUT when the source does not answer, or has not before; or another
 * negative errno. @ret has nothing new then.
 */
int state_files_ask(struct state_files *s, const struct state_ask *ask, struct text *ret);
