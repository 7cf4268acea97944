/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the counters of each socket were in the sample before: by how much they grew is their rate.
 *
 * A socket is known by its cookie, or, where nothing tells one, by its ends and its inode. One whose counter
 * fell is another socket, and has no rate in this sample.
 */

#include "base/cleanup.h"
#include "model/field.h"

struct sampler;

/*
 * Begins a sample, at @now_us microseconds of a clock that nobody sets, of the counters whose rates are in
 * @set. *@ret is made when it is NULL; it forgets what it knows when @set has other rates than before.
 * Returns 0 or -ENOMEM.
 */
int sampler_begin(struct sampler **ret, const struct fieldset *set, int64_t now_us);

struct sampler *sampler_free(struct sampler *s);

/*
 * Notes the counters of @row, and adds the rates of those that were noted in the sample before. They are
 * valid until the next row. Returns 0 or -ENOMEM.
 */
int sampler_add(struct sampler *s, struct row *row);
