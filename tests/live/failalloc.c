/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * To be preloaded: the allocation of number $FAIL_ALLOC that the program or libsockeye
 * asks for, counted from 1, finds no memory. What other libraries allocate for themselves
 * is not counted. The exit status tells nothing of it; when the program asked
 * for fewer, the file $FAIL_UNREACHED is made.
 */

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static atomic_ulong count;
static unsigned long which;
static struct {
	uintptr_t from, to;
} code[2]; /* the program's and the library's */

/* The program is the first object. */
static int find_code(struct dl_phdr_info *info, size_t, void *arg)
{
	size_t *n_objects = arg, n = (*n_objects)++ ? 1 : 0;

	if (n && !strstr(info->dlpi_name, "/libsockeye.so"))
		return 0;
	for (unsigned int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X))
			continue;
		code[n].from = info->dlpi_addr + ph->p_vaddr;
		code[n].to = code[n].from + ph->p_memsz;
	}
	return 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("FAIL_ALLOC");

	size_t n_objects = 0;

	(void)dl_iterate_phdr(find_code, &n_objects);
	which = number ? strtoul(number, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAIL_UNREACHED");
	unsigned long n = atomic_load(&count);
	int fd = path && n < which ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;

	if (fd < 0)
		return;
	(void)dprintf(fd, "%lu", n);
	(void)close(fd);
}

static bool fails(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;
	bool is_ours = false;

	for (size_t i = 0; i < sizeof(code) / sizeof(*code); i++)
		is_ours |= at >= code[i].from && at < code[i].to;
	if (!is_ours || atomic_fetch_add(&count, 1) + 1 != which)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all) || fails(__builtin_return_address(0))) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(p, all);
}

char *strndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *p = fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n + 1);

	if (p) {
		memcpy(p, s, n);
		p[n] = '\0';
	}
	return p;
}

char *strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);

	return p ? memcpy(p, s, n) : NULL;
}
