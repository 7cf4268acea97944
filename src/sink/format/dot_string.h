/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Strings in the language of Graphviz.
 */

#include "base/text.h"

/*
 * Appends @s as a string that is a label. Besides the language's own quotation marks and backslashes a label
 * has entities of HTML: none of it means anything in @s, of which what is long is cut.
 */
void dot_put_string(struct text *t, struct sv s);
