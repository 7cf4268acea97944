/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Any text as a filter. The first byte chooses the options, the rest up to a
 * NUL is words, what follows a file. Whatever is accepted must compile to a
 * program that the kernel accepts, and print as what is read the same again.
 */

#include <stdio.h>
#include <stdlib.h>

#include "../unit/filter-bc.h"
#include "../unit/filter-rows.h"

#define MUST(cond)               \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static const struct sample samples[] = {
	{ .af = AF_INET,
	  .src = "127.0.0.1",
	  .dst = "10.0.0.9",
	  .sport = 40000,
	  .dport = 22,
	  .mark = 5,
	  .rtt = 1500,
	  .cong = "cubic",
	  .inode = 7,
	  .uid = 33,
	  .comm = { "ssh", "a b" },
	  .cgroup = 7001 },
	{ .af = AF_INET6,
	  .src = "::1",
	  .dst = "::ffff:10.0.0.9",
	  .sport = 80,
	  .dport = 1,
	  .mark = -1,
	  .state = K_TCP_LISTEN },
	{ .af = AF_UNIX, .path = "/tmp/U.sock" },
	{ .af = AF_UNIX, .path = "@abs@name" },
	{ .af = AF_PACKET, .proto = 3, .dev = 1 },
	{ .af = AF_NETLINK, .proto = 16, .id = 777 },
};

static uint32_t verdicts(const struct filter *f)
{
	struct sample_row row;
	uint32_t v = 0;

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		bool match;

		sample_make(&samples[i], &row);
		match = filter_match(f, &row.row);
		MUST(!match || filter_families(f) >> samples[i].af & 1);
		v |= (uint32_t)match << i;
	}
	return v;
}

static void check_programs(const struct filter *f)
{
	static const uint8_t afs[] = { AF_UNSPEC, AF_INET, AF_INET6 };

	for (size_t i = 0; i < ARRAY_SIZE(afs); i++) {
		struct text code = {};

		MUST(filter_bytecode(f, afs[i], &code) >= 0);
		MUST(!code.len || bc_audit((const uint8_t *)code.p, code.len));
		text_done(&code);
	}
}

static void check_again(struct filter_env *env, const struct filter *f)
{
	struct text one = {}, two = {};
	struct filter *again = NULL;
	struct err e;
	struct sv word;

	env->file.len = 0;
	filter_print(f, &one);
	word = sv_n(one.p, one.len);
	MUST(filter_parse(env, &word, 1, &again, &e) == 0);
	filter_print(again, &two);
	MUST(sv_eq(word, sv_n(two.p, two.len)));
	MUST(verdicts(f) == verdicts(again));
	text_done(&one);
	text_done(&two);
	filter_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const sa_family_t preferred[] = { AF_UNSPEC, AF_INET,    AF_INET6,   AF_UNIX,
						 AF_PACKET, AF_NETLINK, K_AF_VSOCK, K_AF_XDP };
	struct filter_env env = { .names = &sample_names };
	struct sv words;
	struct filter *f = NULL;
	ptrdiff_t nul;
	struct err e;
	int r;

	if (!size)
		return 0;
	env.file_name = "file";
	env.preferred = preferred[data[0] & 7];
	env.want_tcp = data[0] >> 3 & 1;
	env.push = data[0] & 16 ? 15 : data[0] & 32 ? 1 : 0;
	words = sv_n(data + 1, size - 1);
	nul = sv_find(words, '\0');
	if (nul >= 0) {
		env.file = sv_from(words, (size_t)nul + 1);
		words = sv_first(words, (size_t)nul);
	}
	r = filter_parse(&env, &words, 1, &f, &e);
	if (r) {
		MUST(!f && e.text[0]);
		return 0;
	}
	(void)verdicts(f);
	if (f)
		check_programs(f);
	if (env.preferred == AF_UNSPEC && f)
		check_again(&env, f);
	filter_free(f);
	return 0;
}
