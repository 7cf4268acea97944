/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a word of a command line can become. The shells ask for it
 * (completions/), so that they know what this program knows and no list is
 * kept twice: all of it comes from the registries.
 */

#include "base/text.h"
#include "host/offered.h"

/* Appends names of @kind to @ret, each with a NUL at its end. */
typedef void complete_lister(enum offered kind, struct text *ret);

/*
 * Appends to @ret a line for each word that the last one of @argv can become:
 * the word and, when there is something to say about it, a TAB and that.
 * argv[0] is the program's name; without more words the last one is empty. A
 * line that begins with a TAB is for the shell: "files" leaves it to offer
 * files, "list" says that more may follow without a blank. @list may be NULL.
 */
void complete(int argc, char **argv, complete_lister *list, struct text *ret);
