/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/zstd.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "history/library.h"

LIBRARY_NOTE("recordings", "reading and writing recordings", "suggested", "libzstd.so.1")

enum { LEVEL = 3, ROOM = 128 << 10 };

struct zstd {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	struct text *to;
};

#define FUNCTIONS(f)                                                                               \
	f(ZSTD_createCCtx) f(ZSTD_freeCCtx) f(ZSTD_CCtx_setParameter) f(ZSTD_CCtx_reset)           \
		f(ZSTD_compressStream2) f(ZSTD_createDCtx) f(ZSTD_freeDCtx) f(ZSTD_decompressDCtx) \
			f(ZSTD_isError)

#define DECLARE(name) static __typeof__(name) *lib_##name;
#define NAME(name) { #name, (void **)(void *)&lib_##name },
FUNCTIONS(DECLARE)

static const struct library_function functions[] = { FUNCTIONS(NAME) };

static const struct library library = { .soname = "libzstd.so.1",
					.package = "libzstd1",
					.purpose = "recordings",
					.function = functions,
					.n = sizeof(functions) / sizeof(functions[0]) };

int zstd_new(struct zstd **ret, struct err *e)
{
	struct zstd *z;
	int r = library_load(&library, e);

	if (r < 0)
		return r;
	z = calloc(1, sizeof(*z));
	if (!z)
		return err_sys(e, -ENOMEM, "%s", library.purpose);
	*ret = z;
	return 0;
}

struct zstd *zstd_free(struct zstd *z)
{
	if (z->pack)
		(void)lib_ZSTD_freeCCtx(z->pack);
	if (z->unpack)
		(void)lib_ZSTD_freeDCtx(z->unpack);
	free(z);
	return NULL;
}

int zstd_begin(struct zstd *z, struct text *to)
{
	if (!z->pack)
		z->pack = lib_ZSTD_createCCtx();
	if (!z->pack)
		return -ENOMEM;
	z->to = to;
	(void)lib_ZSTD_CCtx_reset(z->pack, ZSTD_reset_session_only);
	return lib_ZSTD_isError(lib_ZSTD_CCtx_setParameter(z->pack, ZSTD_c_compressionLevel, LEVEL)) ? -EIO
												     : 0;
}

static int add(struct zstd *z, ZSTD_inBuffer in, ZSTD_EndDirective how)
{
	size_t left = 1;

	while (how == ZSTD_e_end ? left > 0 : in.pos < in.size) {
		char *room = text_room(z->to, ROOM);
		ZSTD_outBuffer out = { room, ROOM, 0 };

		if (!room)
			return -ENOMEM;
		left = lib_ZSTD_compressStream2(z->pack, &out, &in, how);
		if (lib_ZSTD_isError(left))
			return -ENOMEM; /* there is nothing else that can fail */
		z->to->len += out.pos;
	}
	return 0;
}

int zstd_add(struct zstd *z, const void *p, size_t n)
{
	return add(z, (ZSTD_inBuffer){ p, n, 0 }, ZSTD_e_continue);
}

int zstd_end(struct zstd *z)
{
	return add(z, (ZSTD_inBuffer){ NULL, 0, 0 }, ZSTD_e_end);
}

int zstd_unpack(struct zstd *z, const void *frame, size_t n, void *to, size_t len)
{
	if (!z->unpack)
		z->unpack = lib_ZSTD_createDCtx();
	if (!z->unpack)
		return -ENOMEM;
	return lib_ZSTD_decompressDCtx(z->unpack, to, len, frame, n) == len ? 0 : -EBADMSG;
}
