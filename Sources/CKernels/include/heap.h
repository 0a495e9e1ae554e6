#pragma once

#include <stddef.h>

// Has the heap serve blocks of up to `largest` bytes itself and keep up to `kept` bytes that were
// freed. Sizes below 2^31; does nothing where the C library has no such switch.
void gf_keep_large_blocks(size_t largest, size_t kept);

// Asks for huge pages within a block that is yet to be written; does nothing where blocks are small or
// the system has none.
void gf_prefer_huge_pages(void *block, size_t bytes);
