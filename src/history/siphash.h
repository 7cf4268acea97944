/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * SipHash-2-4, the keyed hash of Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012): without
 * the key nothing is known of what was hashed, however short it is.
 */

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY = 16 }; /* bytes */

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const void *p, size_t n);
