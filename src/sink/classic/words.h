/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which fields the words of the classic text show: for who knows the words and looks for the fields.
 */

#include "model/field.h"

/*
 * Whether @word, in upper or lower case and without the colon behind it, is one that @f is shown by, or a
 * part of one: "skmem", "lastsnd", "Recv-Q", "sport".
 */
bool classic_word_is(const char *word, enum field_id f);
