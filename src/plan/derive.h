/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What has to be read for fields that no message has: who holds a socket, and what its numbers are called.
 */

#include "model/field.h"

/* Adds the fields that those in @set are made from. */
void derive_needs(struct fieldset *set);

/* Adds fields by which more of those in @set can be told, and some without. */
void derive_helps(struct fieldset *set);

/* Whether @set has anything that is not in a message. */
bool derive_has(const struct fieldset *set);
