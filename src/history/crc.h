/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * CRC-32C, the sum of iSCSI, ext4 and others (RFC 3720): finds each damage of up to 32 bits in a row.
 */

#include <stddef.h>
#include <stdint.h>

/* The sum of @n bytes at @p behind those whose sum is @crc; 0 before the first. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);
