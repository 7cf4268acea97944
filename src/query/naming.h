/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Fields by the names that people type: those of the registry, and a few short
 * ones. Also what the name most likely was that is none.
 */

#include "model/field.h"

/* How many bytes at the start of @s can be the name of a field. */
size_t naming_len(struct sv s);

/* The field called @name, or F_MAX. */
enum field_id naming_find(struct sv name);

/* The name most like @name, or NULL when none is. */
const char *naming_near(struct sv name);

/* Bits 1 << AF_*: the families of which a row can have the field. */
uint64_t naming_families(enum field_id f);
