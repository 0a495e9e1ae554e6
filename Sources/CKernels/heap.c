#include "heap.h"

#include <limits.h>

#if defined(__GLIBC__)
#include <malloc.h>
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
