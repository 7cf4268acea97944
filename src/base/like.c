/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/like.h"

enum { LEN_MAX = 48 };

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Letters to put in, leave out, replace, or exchange with the next, to make @b of @a, upper and lower case
 * alike; in halves, since to double a letter counts only half.
 */
static unsigned int distance(struct sv a, struct sv b)
{
	unsigned int rows[3][LEN_MAX + 1];

	if (a.len > LEN_MAX || b.len > LEN_MAX)
		return 2 * LEN_MAX;
	for (unsigned int j = 0; j <= b.len; j++)
		rows[0][j] = 2 * j;
	for (unsigned int i = 1; i <= a.len; i++) {
		const unsigned int *before = rows[(i + 1) % 3], *up = rows[(i - 1) % 3];
		unsigned int *row = rows[i % 3];
		char c = lower(a.p[i - 1]), last = i > 1 ? lower(a.p[i - 2]) : '\0';

		row[0] = 2 * i;
		for (unsigned int j = 1; j <= b.len; j++) {
			bool is_double = j > 1 && b.p[j - 1] == b.p[j - 2];

			row[j] = least(up[j - 1] + (c == b.p[j - 1] ? 0 : 2),
				       least(up[j] + 2, row[j - 1] + (is_double ? 1 : 2)));
			if (i > 1 && j > 1 && c == b.p[j - 2] && last == b.p[j - 1])
				row[j] = least(row[j], before[j - 2] + 2);
		}
	}
	return rows[a.len % 3][b.len];
}

struct like like_init(struct sv word)
{
	return (struct like){ .word = word, .best = least(4, 2 * (unsigned int)word.len / 3) + 2 };
}

/* What the lengths alone come to: most words need no closer look. */
static unsigned int least_distance(size_t a, size_t b)
{
	return (unsigned int)(a > b ? 2 * (a - b) : b - a);
}

/* @more: how much less likely @part, the end of @known, is than all of it. */
static void look(struct like *l, const char *known, const char *part, unsigned int more)
{
	unsigned int unlikeness = least_distance(l->word.len, strlen(part)) + more;

	if (unlikeness < l->best)
		unlikeness = distance(l->word, sv(part)) + more;
	if (unlikeness >= l->best)
		return;
	l->best = unlikeness;
	l->found = known;
}

void like_look(struct like *l, const char *known)
{
	look(l, known, known, 0);
}

void like_look_dotted(struct like *l, const char *known)
{
	const char *dot = strrchr(known, '.');

	look(l, known, known, 0);
	if (dot)
		look(l, known, dot + 1, 1);
}
