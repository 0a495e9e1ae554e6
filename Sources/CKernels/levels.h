// Instruction-set levels: what a file of kernels is compiled for, and the choice at run time.
#pragma once

#define CAT2(a, b) a##b
#define CAT(a, b) CAT2(a, b)

#define TARGET_V3 __attribute__((target("arch=x86-64-v3")))
// Features by name: the level name would keep vectors at 256 bits.
#define TARGET_V4                                                                        \
  __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2," \
                        "f16c,lzcnt,movbe,popcnt")))

#if defined(__x86_64__)
#define DISPATCH(name, ...)                     \
  switch (gf_level()) {                         \
    case 4: CAT(name, _v4)(__VA_ARGS__); break; \
    case 3: CAT(name, _v3)(__VA_ARGS__); break; \
    default: CAT(name, _base)(__VA_ARGS__);     \
  }
#else
#define DISPATCH(name, ...) CAT(name, _base)(__VA_ARGS__);
#endif

// By what the CPU has alone, whatever level was set: for quadratures, whose fused multiply-adds make
// other bits at other levels.
#if defined(__x86_64__)
#define DISPATCH_BY_CPU(name, ...)                    \
  do {                                                \
    __builtin_cpu_init();                             \
    if (__builtin_cpu_supports("x86-64-v4")) {        \
      CAT(name, _v4)(__VA_ARGS__);                    \
    } else if (__builtin_cpu_supports("x86-64-v3")) { \
      CAT(name, _v3)(__VA_ARGS__);                    \
    } else {                                          \
      CAT(name, _base)(__VA_ARGS__);                  \
    }                                                 \
  } while (0);
#else
#define DISPATCH_BY_CPU(name, ...) CAT(name, _base)(__VA_ARGS__);
#endif

// BODIES(level, target) for each of the levels that these choose from: functions whose names end in
// _##level, from bodies that are inlined. Files of kernels go through each_level.inc instead.
#if defined(__x86_64__)
#define AT_EACH_LEVEL(BODIES) BODIES(base, ) BODIES(v3, TARGET_V3) BODIES(v4, TARGET_V4)
#else
#define AT_EACH_LEVEL(BODIES) BODIES(base, )
#endif
