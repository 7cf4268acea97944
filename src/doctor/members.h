/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Members of JSON objects: @is_first is that of the object, and becomes false. */

#include "base/text.h"

/* A key, behind which its value has to come. */
void members_put_key(struct text *t, const char *key, bool *is_first);

/* A string; nothing for NULL and "". */
void members_put_string(struct text *t, const char *key, const char *s, bool *is_first);

/* The lines of @s, NULL for none, as a list of strings. */
void members_put_strings(struct text *t, const char *key, const char *s, bool *is_first);
