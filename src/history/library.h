/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A library that is used where it is installed. What may be looked for is told in the program itself, by a
 * note as the UAPI group's specification of ELF dlopen metadata has it, so that packages can depend on it.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct library_function {
	const char *name;
	void **ret;
};

struct library {
	const char *soname;
	const char *package; /* Debian's name for it */
	const char *purpose; /* "recordings" */
	const struct library_function *function;
	size_t n;
};

/* Sets all functions, or none. The library stays loaded. Returns 0, or -ENOSYS with what to install. */
int library_load(const struct library *l, struct err *e);

/* The note is a header of three words, the owner "FDO", and an array in JSON. */
#define LIBRARY_NOTE(feature, description, priority, soname)                                                \
	static const struct {                                                                               \
		uint32_t owner_len, text_len, type;                                                         \
		char owner[4];                                                                              \
		char text[(sizeof(LIBRARY_JSON(feature, description, priority, soname)) + 3) & ~(size_t)3]; \
	} library_note __attribute__((used, section(".note.dlopen"), aligned(4))) = {                       \
		.owner_len = 4,                                                                             \
		.text_len = sizeof(LIBRARY_JSON(feature, description, priority, soname)),                   \
		.type = 0x407c0c0a,                                                                         \
		.owner = "FDO",                                                                             \
		.text = LIBRARY_JSON(feature, description, priority, soname),                               \
	};
#define LIBRARY_JSON(feature, description, priority, soname)                                         \
	"[{\"feature\":\"" feature "\",\"description\":\"" description "\",\"priority\":\"" priority \
	"\",\"soname\":[\"" soname "\"]}]"
