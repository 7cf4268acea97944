/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

/* The ends of pipes that the program gets. */
struct ends {
	int in, out, err, tell; /* .tell: why it is none */
};

static void become(char *const *argv, const struct ends *e, bool is_live)
{
	int error;

	if (dup2(e->in, STDIN_FILENO) < 0 || dup2(e->out, STDOUT_FILENO) < 0 ||
	    (e->err >= 0 && dup2(e->err, STDERR_FILENO) < 0) ||
	    (is_live && setenv("PYTHONUNBUFFERED", "1", 1) < 0))
		_exit(127);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)execvp(argv[0], argv);
	error = errno;
	(void)!write(e->tell, &error, sizeof(error));
	_exit(127);
}

static int make_pipe(int *ret_read, int *ret_write)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = fd[0];
	*ret_write = fd[1];
	return 0;
}

int child_start(char *const *argv, const struct child_opts *o, struct child *ret)
{
	_cleanup_close_ int in = -1, out = -1, err = -1, told = -1, tell = -1, to = -1, from = -1,
			    from_err = -1;
	int r, error;

	r = o->has_input ? make_pipe(&in, &to) : file_open_at(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);
	if (!o->has_input && r >= 0)
		in = r;
	if (r >= 0)
		r = make_pipe(&from, &out);
	if (r >= 0 && o->has_errors)
		r = make_pipe(&from_err, &err);
	if (r >= 0)
		r = make_pipe(&told, &tell);
	if (r < 0)
		return r;
	*ret = (struct child){ .pid = fork() };
	if (ret->pid < 0)
		return -errno;
	if (!ret->pid)
		become(argv, &(struct ends){ in, out, err, tell }, o->is_live);
	(void)close(take_fd(&tell));
	ret->in = take_fd(&to);
	ret->out = take_fd(&from);
	ret->err = take_fd(&from_err);
	if (file_read_some(told, &error, sizeof(error)) != sizeof(error))
		return 0;
	(void)child_end(ret, false);
	return -error;
}

int child_end(struct child *c, bool is_stopped)
{
	int status = 0;

	if (c->in >= 0)
		(void)close(take_fd(&c->in));
	if (c->out >= 0)
		(void)close(take_fd(&c->out));
	if (c->err >= 0)
		(void)close(take_fd(&c->err));
	if (is_stopped)
		(void)kill(c->pid, SIGTERM);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
