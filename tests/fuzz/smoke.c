/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Stands in for libFuzzer in the ordinary builds: runs a fuzz target on every
 * seed, and on the same few hundred mutations of it each time.
 */

#undef NDEBUG
#include <assert.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MAX_SEED = 1 << 20 };

/* Without a sanitizer only what ends the program shows. */
#ifdef __SANITIZE_ADDRESS__
enum { MUTATIONS = 300 };
#else
enum { MUTATIONS = 100 };
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 1;

static uint32_t next(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

/* In a buffer of its own size, so that the sanitizer sees one byte too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	assert(copy);
	if (size)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void mutate(uint8_t *data, size_t *size)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, '\n', ' ' };

	for (uint32_t n = 1 + next() % 4; n && *size; n--) {
		size_t at = next() % *size, k = 1 + next() % (*size - at);

		switch (next() % 5) {
		case 0: data[at] ^= (uint8_t)(1u << next() % 8); break;
		case 1: data[at] = odd[next() % sizeof(odd)]; break;
		case 2: *size = at; break;
		case 3: memmove(data + at, data + *size - k, k); break;
		default: data[at] = (uint8_t)next(); break;
		}
	}
}

static size_t run_seed(const char *path)
{
	static uint8_t seed[SIZE_MAX_SEED], data[SIZE_MAX_SEED];
	FILE *f = fopen(path, "re");
	size_t size;

	if (!f)
		return 0;
	size = fread(seed, 1, sizeof(seed), f);
	fclose(f);
	run(seed, size);
	for (int i = 0; i < MUTATIONS; i++) {
		size_t len = size;

		memcpy(data, seed, size);
		mutate(data, &len);
		run(data, len);
	}
	return 1;
}

int main(void)
{
	struct dirent *entry;
	size_t n = 0;
	DIR *dir = opendir(SEEDS);

	assert(dir);
	while ((entry = readdir(dir))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		assert(snprintf(path, sizeof(path), "%s/%s", SEEDS, entry->d_name) < (int)sizeof(path));
		n += run_seed(path);
	}
	closedir(dir);
	assert(n > 0);
	return 0;
}
