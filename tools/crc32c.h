/* SPDX-License-Identifier: MIT */
#ifndef ASC_CRC32C_H
#define ASC_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli) of some bytes; @crc is 0, or the CRC of the bytes before. */
uint32_t crc32c(uint32_t crc, const void *data, size_t bytes);

#endif
