/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The rules themselves, for who wants to know what the doctor looks for. */

#include "base/text.h"
#include "doctor/rule.h"

/* The rules @wanted: a line each, or with @is_long all about them, in lines of @screen cells. */
void listed_put(const bool *wanted, bool is_long, unsigned int screen, struct text *ret);

/* The same, always all about them, as one JSON object, and as one a line. */
void listed_put_json(const bool *wanted, bool is_long, unsigned int screen, struct text *ret);
void listed_put_ndjson(const bool *wanted, bool is_long, unsigned int screen, struct text *ret);
