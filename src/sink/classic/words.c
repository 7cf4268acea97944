/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/classic/words.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

enum { FIELDS_MAX = 10 };

/* clang-format off */
static const struct {
	const char *text; /* with what stands around the word */
	uint16_t field;
} tokens[] = {
#define TOK(section, need, prefix, put, field, cond, arg) { prefix, F_##field },
#include "sink/classic/classic.def"
};

static const struct {
	const char *word;
	uint16_t fields[FIELDS_MAX]; /* F_MAX ends them */
} words[] = {
#define WORD(word, ...) { word, { __VA_ARGS__, F_MAX } },
#include "sink/classic/words.def"
};
/* clang-format on */

/* The word in a prefix such as " rto:", " tcp-ulp-" or " reason:0x". */
static struct sv word_in(const char *text)
{
	size_t n;

	text += strspn(text, " ");
	n = strcspn(text, ": ");
	while (n && text[n - 1] == '-')
		n--;
	return sv_n(text, n);
}

bool classic_word_is(const char *word, enum field_id f)
{
	size_t len = strlen(word);

	if (!len)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		struct sv in = word_in(tokens[i].text);

		if (tokens[i].field == f && in.len == len && !strncasecmp(in.p, word, len))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (size_t k = 0; words[i].fields[k] != F_MAX; k++)
			if (words[i].fields[k] == f && !strcasecmp(words[i].word, word))
				return true;
	return false;
}
