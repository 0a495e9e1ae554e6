#include "heap.h"

#include <limits.h>
#include <stdint.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

void gf_keep_large_blocks(size_t largest, size_t kept) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, (int)largest);
  mallopt(M_TRIM_THRESHOLD, (int)kept);
#else
  (void)largest;
  (void)kept;
#endif
}

void gf_prefer_huge_pages(void *block, size_t bytes) {
#if defined(__linux__)
  const uintptr_t page = 2 << 20;
  const uintptr_t first = ((uintptr_t)block + page - 1) / page * page;
  const uintptr_t end = ((uintptr_t)block + bytes) / page * page;
  if (block && first < end) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
  (void)block;
  (void)bytes;
#endif
}
